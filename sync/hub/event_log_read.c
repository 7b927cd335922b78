/*
 * The log's topics, and reading it. See event_log.h.
 */
#include "event_log_parts.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
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
	[LOG_STMT_PUT] = "INSERT INTO record (id, key, at_ms, value) VALUES (?, ?, ?, ?)",
	[LOG_STMT_COMMIT] = ("INSERT INTO committed (consumers, partition, next) VALUES (?, ?, ?) "
			     "ON CONFLICT (consumers, partition) DO UPDATE SET next = excluded.next"),
	[LOG_STMT_LAST] = "SELECT max(id) FROM record WHERE id BETWEEN ? AND ?",
	[LOG_STMT_READ] = "SELECT id, key, at_ms, value FROM record WHERE id BETWEEN ? AND ? ORDER BY id",
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
	e = db_row(db, s, why);
	if (e)
		return e;
	*next = sqlite3_column_type(s, 0) == SQLITE_NULL ? 0 : log_offset_of(sqlite3_column_int64(s, 0)) + 1;
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

static enum err read_rows(struct db *db, struct log_position from, size_t max, log_record_fn *fn, void *arg,
			  int64_t *next, struct why *why)
{
	sqlite3_stmt *s = db_statement(db, LOG_STMT_READ);
	enum err e = ERR_OK;

	db_bind_int(s, 1, log_id(from.topic, from.partition, from.next));
	db_bind_int(s, 2, log_id_last(from.topic, from.partition));
	for (; max > 0 && !e; max--) {
		struct log_record row = {.topic = from.topic, .partition = from.partition};

		e = db_row(db, s, why);
		if (e)
			break;
		row.offset = log_offset_of(sqlite3_column_int64(s, 0));
		row.key = (const char *)sqlite3_column_text(s, 1);
		row.at_ms = sqlite3_column_int64(s, 2);
		row.value.at = db_bytes(s, 3, &row.value.length);
		e = fn(&row, arg, why);
		if (!e)
			*next = row.offset + 1;
	}
	sqlite3_reset(s);
	return e == ERR_NOT_FOUND || e == ERR_CLOSED ? ERR_OK : e;
}

/* A transaction of its own: rows one by one without one cost five times as much. */
enum err log_read(struct log_reader *r, struct log_position from, size_t max, log_record_fn *fn, void *arg,
		  int64_t *next, struct why *why)
{
	enum err e = db_begin(&r->db, why);

	*next = from.next;
	if (e)
		return e;
	e = read_rows(&r->db, from, max, fn, arg, next, why);
	db_rollback(&r->db);
	return e;
}
