/*
 * The log's topics, and reading it. See event_log.h.
 */
#include "event_log_parts.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "log_row.h"
#include "text.h"

extern const struct db_migration hub_log_migrations[];

const struct log_topic_row log_topics[LOG_TOPICS] = {
	[TOPIC_SALES_EVENTS] = {"sales_events", 8, "ledger events as boxes sent them, by box"},
	[TOPIC_SALE_LINES] = {"sale_lines", 8, "what was sold of an article, by SKU"},
	[TOPIC_INVENTORY_EVENTS] = {"inventory_events", 8, "stock, by SKU"},
	[TOPIC_VENDOR_COST_UPDATES] = {"vendor_cost_updates", 8, "landed costs, by SKU"},
	[TOPIC_COMPETITOR_PRICES] = {"competitor_prices", 8, "competitors' prices, by SKU"},
	[TOPIC_PROMO_RULES] = {"promo_rules", 8, "promotions and coupons, by id"},
	[TOPIC_PRICE_UPDATES] = {"price_updates", 8, "prices and what makes them, by SKU or id"},
	[TOPIC_PRODUCT_EVENTS] = {"product_events", 8, "articles and what they lean on, by SKU or id"},
	[TOPIC_EXCHANGE_RATES] = {"exchange_rates", 1, "exchange rates, by currency"},
	[TOPIC_SUBSCRIPTION_EVENTS] = {"subscription_events", 8, "customers and plans, by id"},
	[TOPIC_PUBLICATIONS] = {"publications", 1, "that a set of records is in force"},
	[TOPIC_BOXES] = {"boxes", 1, "boxes added, enrolled, revoked, by box"},
	[TOPIC_LEASES] = {"leases", 1, "grants, by promotion"},
	[TOPIC_REDEMPTIONS] = {"redemptions", 8, "uses of promotions, by promotion"},
	[TOPIC_DECISIONS] = {"decisions", 8, "prices decided, by SKU"},
	[TOPIC_ALERTS] = {"alerts", 1, "for operators, by what they are about"},
};

static const char *const statements[LOG_STMT_COUNT] = {
	[LOG_STMT_PUT] = "INSERT INTO record (id, count, at_ms, value) VALUES (?, ?, ?, ?)",
	[LOG_STMT_COMMIT] = ("INSERT INTO committed (consumers, partition, next) VALUES (?, ?, ?) "
			     "ON CONFLICT (consumers, partition) DO UPDATE SET next = excluded.next"),
	[LOG_STMT_LAST] = "SELECT id + count FROM record WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1",
	[LOG_STMT_READ] = ("SELECT id, at_ms, value FROM record WHERE id BETWEEN "
			   "ifnull((SELECT max(id) FROM record WHERE id BETWEEN ?1 AND ?2), ?2) AND ?3 "
			   "ORDER BY id"),
	[LOG_STMT_COMMITTED] = "SELECT next FROM committed WHERE consumers = ? AND partition = ?",
};

const struct db_kind hub_log_kind = {
	.what = "log",
	.way_out = "restore it from a backup (docs/operations.md)",
	.application_id = 0x54696c45, /* "TilE" */
	.migrations = hub_log_migrations,
	.statements = statements,
	.statement_count = LOG_STMT_COUNT,
};

enum err log_topic_named(const char *name, enum log_topic *out, struct why *why)
{
	const char *known[LOG_TOPICS], *near;

	for (int i = 0; i < LOG_TOPICS; i++) {
		known[i] = log_topics[i].name;
		if (strcmp(name, known[i]) == 0) {
			*out = (enum log_topic)i;
			return ERR_OK;
		}
	}
	near = nearest_name(name, known, LOG_TOPICS);
	if (near)
		return fail(why, ERR_NOT_FOUND, "there is no topic '%s'; did you mean '%s'?", name, near);
	return fail(why, ERR_NOT_FOUND, "there is no topic '%s'", name);
}

/* FNV-1a, 64 bits: stored places depend on it, so it never changes. */
unsigned log_partition_of(enum log_topic topic, const char *key)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (const char *at = key; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 0x100000001b3;
	return (unsigned)((hash ^ hash >> 32) % log_topics[topic].partitions);
}

enum err log_find_end(struct db *db, enum log_topic topic, unsigned partition, int64_t *next, struct why *why)
{
	sqlite3_stmt *s = db_statement(db, LOG_STMT_LAST);
	enum err e;

	db_bind_int(s, 1, log_id(topic, partition, 0));
	db_bind_int(s, 2, log_id_last(topic, partition));
	*next = 0;
	e = db_row(db, s, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	*next = log_offset_of(sqlite3_column_int64(s, 0));
	sqlite3_reset(s);
	return ERR_OK;
}

struct log_reader {
	struct db db;
};

enum err log_reader_open(const char *path, struct log_reader **out, struct why *why)
{
	struct log_reader *r = calloc(1, sizeof(*r));
	enum err e;

	if (!r)
		return fail(why, ERR_MEMORY, "out of memory");
	e = db_open(path, &hub_log_kind, DB_READER, &r->db, why);
	if (e) {
		free(r);
		return e;
	}
	*out = r;
	return ERR_OK;
}

void log_reader_close(struct log_reader *r)
{
	if (!r)
		return;
	db_close(&r->db);
	free(r);
}

enum err log_end(struct log_reader *r, enum log_topic topic, unsigned partition, int64_t *next,
		 struct why *why)
{
	return log_find_end(&r->db, topic, partition, next, why);
}

enum err log_committed(struct log_reader *r, const char *group, struct log_position *at, struct why *why)
{
	sqlite3_stmt *s = db_statement(&r->db, LOG_STMT_COMMITTED);
	enum err e;

	db_bind_text(s, 1, group);
	db_bind_int(s, 2, log_id(at->topic, at->partition, 0));
	at->next = 0;
	e = db_row(&r->db, s, why);
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	if (e)
		return e;
	at->next = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	return ERR_OK;
}

/* What is read of a partition. */
struct reading {
	struct db *db;
	struct log_position from;
	size_t left; /* records that may be read yet */
	log_record_fn *fn;
	void *arg;
	int64_t *next;
};

/* The records of the current row from from.next on. */
static enum err read_row(struct reading *g, sqlite3_stmt *s, struct why *why)
{
	struct log_record record = {.topic = g->from.topic, .partition = g->from.partition};
	char key[LOG_KEY_MAX + 1];
	struct cborr r;
	size_t n;
	enum err e = ERR_OK;

	record.offset = log_offset_of(sqlite3_column_int64(s, 0));
	record.at_ms = sqlite3_column_int64(s, 1);
	record.key = key;
	r.at = db_bytes(s, 2, &n);
	for (r.end = r.at + n; !e && g->left > 0 && r.at < r.end; record.offset++) {
		if (log_row_next(&r, key, &record.value))
			return fail(why, ERR_CORRUPT, "%s: record %lld of %s %u cannot be read; %s",
				    g->db->path, (long long)record.offset, log_topics[record.topic].name,
				    record.partition, hub_log_kind.way_out);
		if (record.offset < g->from.next)
			continue;
		e = g->fn(&record, g->arg, why);
		if (!e) {
			*g->next = record.offset + 1;
			g->left--;
		}
	}
	return e;
}

static enum err read_rows(struct reading *g, struct why *why)
{
	sqlite3_stmt *s = db_statement(g->db, LOG_STMT_READ);
	const struct log_position *from = &g->from;
	enum err e = ERR_OK;

	db_bind_int(s, 1, log_id(from->topic, from->partition, 0));
	db_bind_int(s, 2, log_id(from->topic, from->partition, from->next));
	db_bind_int(s, 3, log_id_last(from->topic, from->partition));
	while (g->left > 0 && !e) {
		e = db_row(g->db, s, why);
		if (!e)
			e = read_row(g, s, why);
	}
	sqlite3_reset(s);
	return e == ERR_NOT_FOUND || e == ERR_CLOSED ? ERR_OK : e;
}

/* A transaction of its own: rows one by one without one cost five times as much. */
enum err log_read(struct log_reader *r, struct log_position from, size_t max, log_record_fn *fn, void *arg,
		  int64_t *next, struct why *why)
{
	struct reading g = {.db = &r->db, .from = from, .left = max, .fn = fn, .arg = arg, .next = next};
	enum err e = db_begin(&r->db, why);

	*next = from.next;
	if (e)
		return e;
	e = read_rows(&g, why);
	db_rollback(&r->db);
	return e;
}
