/*
 * The thread that owns the log's file: jobs in by a queue, group commits, answers back. See event_log.h.
 *
 * While a group is being written others queue up for the next one: that is all the batching there is, no job
 * waits for company. The lock guards the lists and the counts, never SQL.
 */
#include "event_log_parts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define GROUP_BYTES_MAX	 (8U << 20)
#define ENTRY_OVERHEAD	 64
#define CHECKPOINT_PAGES 8192 /* 32 MiB of WAL are moved into the file between two groups */

struct job_list {
	struct log_job *first, **end;
};

struct event_log {
	struct log_writer writer; /* the thread's */
	int wal_pages, checkpoint_at;
	struct loop_wake *wake; /* NULL: there is no loop */
	loop_fn *failed;
	void *arg;
	bool told;
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t changed;	 /* a job was queued, or it is time to stop */
	pthread_cond_t answered; /* a job without done is finished */
	struct job_list waiting, delivered;
	size_t waiting_bytes;
	bool stopping, dead;
	uint64_t epoch; /* the thread's to write */
	struct log_counts counts;
};

static void list_init(struct job_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void list_add(struct job_list *list, struct log_job *job)
{
	job->next = NULL;
	*list->end = job;
	list->end = &job->next;
}

static struct log_job *list_take(struct job_list *list, size_t max_bytes)
{
	struct log_job *first = list->first, **at = &list->first;

	for (size_t bytes = 0; *at && (bytes == 0 || bytes + (*at)->bytes <= max_bytes); at = &(*at)->next)
		bytes += (*at)->bytes;
	list->first = *at;
	if (!list->first)
		list->end = &list->first;
	*at = NULL;
	return first;
}

/* Room can be made, a lock let go; after anything else the file's state is unknown. */
static bool survivable(enum err e)
{
	return e == ERR_OK || e == ERR_LIMIT || e == ERR_BUSY || e == ERR_MEMORY;
}

/* Locked. */
static void die(struct event_log *l, const struct why *why)
{
	if (!l->dead)
		log_error("%s", why->text);
	l->dead = true;
	db_abandon(&l->writer.db);
}

static void count_group(struct event_log *l, const struct log_job *group)
{
	l->counts.commits++;
	for (; group; group = group->next) {
		if (group->result)
			continue;
		l->counts.records += group->count;
		l->counts.bytes += group->bytes;
	}
}

static void answer(struct event_log *l, struct log_job *group, enum err e, const struct why *why)
{
	struct log_job *next;
	bool wake;

	pthread_mutex_lock(&l->lock);
	wake = !l->delivered.first;
	if (!e)
		count_group(l, group);
	else
		l->epoch++;
	if (!survivable(e))
		die(l, why);
	for (; group; group = next) {
		next = group->next;
		l->waiting_bytes -= group->bytes;
		if (group->done)
			list_add(&l->delivered, group);
		else
			group->finished = true; /* from here on it is its owner's */
	}
	wake = l->wake && ((wake && l->delivered.first) || l->dead);
	pthread_cond_broadcast(&l->answered);
	pthread_mutex_unlock(&l->lock);
	if (wake)
		loop_wake_up(l->wake);
}

static int on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct event_log *l = arg;

	(void)handle, (void)name;
	if (pages < l->wal_pages)
		l->checkpoint_at = CHECKPOINT_PAGES; /* the WAL began anew */
	l->wal_pages = pages;
	return SQLITE_OK;
}

/* Between two groups, when no answer waits for it. A sync that fails there is as final as in a commit. */
static void checkpoint(struct event_log *l)
{
	struct why why = {0};
	int64_t left = 0;
	enum err e;

	if (l->wal_pages < l->checkpoint_at)
		return;
	e = db_move_wal(&l->writer.db, false, &left, &why);
	l->checkpoint_at = left > 0 ? l->wal_pages + CHECKPOINT_PAGES : CHECKPOINT_PAGES;
	if (left == 0)
		l->wal_pages = 0;
	if (survivable(e))
		return;
	pthread_mutex_lock(&l->lock);
	die(l, &why);
	pthread_mutex_unlock(&l->lock);
	if (l->wake)
		loop_wake_up(l->wake);
}

static struct log_job *next_group(struct event_log *l, bool *dead)
{
	struct log_job *group;

	pthread_mutex_lock(&l->lock);
	while (!l->waiting.first && !l->stopping)
		pthread_cond_wait(&l->changed, &l->lock);
	group = list_take(&l->waiting, GROUP_BYTES_MAX);
	*dead = l->dead;
	pthread_mutex_unlock(&l->lock);
	return group;
}

static void *work(void *arg)
{
	static const struct why ended = {"the log cannot be written any more"};
	struct event_log *l = arg;
	struct log_job *group;
	bool dead;

	pthread_setname_np(pthread_self(), "log");
	while ((group = next_group(l, &dead)) != NULL) {
		struct why why = {0};
		enum err e = ERR_IO;

		if (dead) {
			for (struct log_job *job = group; job; job = job->next) {
				job->result = ERR_IO;
				job->why = ended;
			}
		} else {
			e = log_writer_put(&l->writer, group, l->epoch, &why);
		}
		answer(l, group, e, dead ? &ended : &why);
		if (!dead && survivable(e))
			checkpoint(l);
	}
	return NULL;
}

static void deliver(void *arg)
{
	struct event_log *l = arg;
	struct log_job *job, *next;
	bool dead;

	pthread_mutex_lock(&l->lock);
	job = list_take(&l->delivered, SIZE_MAX / 2);
	dead = l->dead;
	pthread_mutex_unlock(&l->lock);
	for (; job; job = next) {
		next = job->next;
		job->done(job);
	}
	if (dead && !l->told && l->failed) {
		l->told = true;
		l->failed(l->arg);
	}
}

static enum err start(struct event_log *l, struct loop *loop, struct why *why)
{
	enum err e = log_writer_begin(&l->writer, why);

	if (e)
		return e;
	l->checkpoint_at = CHECKPOINT_PAGES;
	l->epoch = 1;
	sqlite3_wal_autocheckpoint(l->writer.db.handle, 0);
	sqlite3_wal_hook(l->writer.db.handle, on_commit, l);
	if (loop && loop_wake_new(loop, deliver, l, &l->wake))
		return fail(why, ERR_IO, "no more descriptors");
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->changed, NULL);
	pthread_cond_init(&l->answered, NULL);
	if (pthread_create(&l->thread, NULL, work, l) == 0)
		return ERR_OK;
	pthread_cond_destroy(&l->answered);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	if (l->wake)
		loop_wake_free(l->wake);
	return fail(why, ERR_LIMIT, "cannot start the log's thread");
}

enum err event_log_open(const struct disk *disk, const char *path, const struct clock *clock,
			struct loop *loop, loop_fn *failed, void *arg, struct event_log **out,
			struct why *why)
{
	struct event_log *l = calloc(1, sizeof(*l));
	enum err e;

	if (!l)
		return fail(why, ERR_MEMORY, "out of memory");
	l->writer.clock = clock;
	l->failed = failed;
	l->arg = arg;
	list_init(&l->waiting);
	list_init(&l->delivered);
	e = db_open_on(disk, path, &hub_log_kind, DB_WRITER_FULL, &l->writer.db, why);
	if (!e) {
		e = start(l, loop, why);
		if (e)
			db_close(&l->writer.db);
	}
	if (e)
		free(l);
	else
		*out = l;
	return e;
}

void event_log_close(struct event_log *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	if (l->wake) {
		deliver(l);
		loop_wake_free(l->wake);
	}
	pthread_cond_destroy(&l->answered);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	db_close(&l->writer.db);
	log_writer_end(&l->writer);
	free(l);
}

static size_t bytes_of(const struct log_job *job)
{
	size_t bytes = ENTRY_OVERHEAD;

	for (size_t i = 0; i < job->count; i++)
		bytes += job->entries[i].value.length + ENTRY_OVERHEAD;
	return bytes;
}

/* A job of any size is taken while nothing waits. */
static enum err admit(const struct event_log *l, const struct log_job *job)
{
	if (l->dead)
		return ERR_IO;
	if (l->stopping)
		return ERR_CLOSED;
	if (l->waiting_bytes > 0 && l->waiting_bytes + job->bytes > LOG_QUEUE_BYTES_MAX)
		return ERR_LIMIT;
	return ERR_OK;
}

enum err event_log_submit(struct event_log *l, struct log_job *job)
{
	enum err e;

	job->bytes = bytes_of(job);
	job->finished = false;
	pthread_mutex_lock(&l->lock);
	e = admit(l, job);
	if (!e) {
		list_add(&l->waiting, job);
		l->waiting_bytes += job->bytes;
		pthread_cond_signal(&l->changed);
	}
	pthread_mutex_unlock(&l->lock);
	return e;
}

enum err event_log_append(struct event_log *l, struct log_job *job, struct why *why)
{
	enum err e;

	job->done = NULL;
	e = event_log_submit(l, job);
	if (e)
		return fail(why, e, "the log takes nothing now: %s", err_name(e));
	pthread_mutex_lock(&l->lock);
	while (!job->finished)
		pthread_cond_wait(&l->answered, &l->lock);
	pthread_mutex_unlock(&l->lock);
	return job->result ? fail(why, job->result, "%s", job->why.text) : ERR_OK;
}

uint64_t event_log_epoch(struct event_log *l)
{
	uint64_t epoch;

	pthread_mutex_lock(&l->lock);
	epoch = l->epoch;
	pthread_mutex_unlock(&l->lock);
	return epoch;
}

void event_log_counts(struct event_log *l, struct log_counts *out)
{
	pthread_mutex_lock(&l->lock);
	*out = l->counts;
	pthread_mutex_unlock(&l->lock);
}
