/*
 * A group of jobs into the log's file: one transaction, in which records of a partition share rows. See
 * event_log_parts.h.
 */
#include "event_log_parts.h"

#include <string.h>

enum err log_writer_begin(struct log_writer *w, struct why *why)
{
	for (int t = 0; t < LOG_TOPICS; t++) {
		for (unsigned p = 0; p < log_topics[t].partitions; p++) {
			enum err e = log_find_end(&w->db, (enum log_topic)t, p, &w->next[t][p], why);

			if (e)
				return e;
			log_row_init(&w->rows[t][p]);
		}
	}
	return ERR_OK;
}

void log_writer_end(struct log_writer *w)
{
	for (int t = 0; t < LOG_TOPICS; t++)
		for (unsigned p = 0; p < log_topics[t].partitions; p++)
			log_row_free(&w->rows[t][p]);
}

static enum err put_row(struct log_writer *w, enum log_topic topic, unsigned partition, int64_t now_ms,
			struct why *why)
{
	sqlite3_stmt *s = db_statement(&w->db, LOG_STMT_PUT);
	struct log_row *row = &w->rows[topic][partition];
	enum err e;

	db_bind_int(s, 1, log_id(topic, partition, row->first));
	db_bind_int(s, 2, row->count);
	db_bind_int(s, 3, now_ms);
	db_bind_bytes(s, 4, buf_front(&row->bytes), buf_length(&row->bytes));
	e = db_run(&w->db, s, why);
	log_row_clear(row);
	return e;
}

static enum err put_rows(struct log_writer *w, int64_t now_ms, struct why *why)
{
	enum err e = ERR_OK;

	for (int t = 0; t < LOG_TOPICS; t++)
		for (unsigned p = 0; p < log_topics[t].partitions && !e; p++)
			if (w->rows[t][p].count)
				e = put_row(w, (enum log_topic)t, p, now_ms, why);
	return e;
}

static void forget_rows(struct log_writer *w)
{
	for (int t = 0; t < LOG_TOPICS; t++)
		for (unsigned p = 0; p < log_topics[t].partitions; p++)
			log_row_clear(&w->rows[t][p]);
}

static enum err put_entry(struct log_writer *w, struct log_entry *entry, int64_t now_ms, struct why *why)
{
	struct log_row *row;

	entry->partition = log_partition_of(entry->topic, entry->key);
	entry->offset = w->next[entry->topic][entry->partition]++;
	row = &w->rows[entry->topic][entry->partition];
	if (log_row_add(row, entry))
		return fail(why, ERR_MEMORY, "out of memory");
	return buf_length(&row->bytes) < LOG_ROW_BYTES
		       ? ERR_OK
		       : put_row(w, entry->topic, entry->partition, now_ms, why);
}

static enum err put_position(struct log_writer *w, const char *group, const struct log_position *p,
			     struct why *why)
{
	sqlite3_stmt *s = db_statement(&w->db, LOG_STMT_COMMIT);

	db_bind_text(s, 1, group);
	db_bind_int(s, 2, log_id(p->topic, p->partition, 0));
	db_bind_int(s, 3, p->next);
	return db_run(&w->db, s, why);
}

static enum err put_job(struct log_writer *w, struct log_job *job, uint64_t epoch, int64_t now_ms,
			struct why *why)
{
	enum err e = ERR_OK;

	job->result = ERR_OK;
	if (job->fence && job->fence != epoch) {
		job->result = fail(&job->why, ERR_BUSY, "what came before it was not written");
		return ERR_OK;
	}
	for (size_t i = 0; i < job->count && !e; i++)
		e = put_entry(w, &job->entries[i], now_ms, why);
	for (size_t i = 0; job->group && i < job->position_count && !e; i++)
		e = put_position(w, job->group, &job->positions[i], why);
	return e;
}

static enum err put_jobs(struct log_writer *w, struct log_job *group, uint64_t epoch, struct why *why)
{
	int64_t now_ms = clock_utc_ms(w->clock);
	enum err e = db_begin(&w->db, why);

	if (e)
		return e;
	for (struct log_job *job = group; job && !e; job = job->next)
		e = put_job(w, job, epoch, now_ms, why);
	if (!e)
		e = put_rows(w, now_ms, why);
	if (!e)
		return db_commit(&w->db, why);
	forget_rows(w);
	db_rollback(&w->db);
	return e;
}

/* Offsets that were given out to what did not become durable are given out again. */
enum err log_writer_put(struct log_writer *w, struct log_job *group, uint64_t epoch, struct why *why)
{
	int64_t before[LOG_TOPICS][LOG_PARTITIONS_MAX];
	enum err e;

	memcpy(before, w->next, sizeof(before));
	e = put_jobs(w, group, epoch, why);
	if (e)
		memcpy(w->next, before, sizeof(before));
	for (struct log_job *job = group; job && e; job = job->next) {
		job->result = e;
		job->why = *why;
	}
	return e;
}
