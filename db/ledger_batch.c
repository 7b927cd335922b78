/*
 * Rows that wait. See ledger_batch.h.
 *
 * SQLite reads them as two tables, pending_event and pending_sale, that are there on this connection only: an
 * eponymous virtual table each (sqlite.org/vtab.html, 2.1.2). INSERT ... SELECT then keeps its cursor at the
 * end of the table instead of looking for it at each row, and passes no values through bindings.
 */
#include "ledger_batch.h"

#include <assert.h>
#include <stdlib.h>

struct event_row {
	int64_t id, digest;
	size_t from, length; /* in the buffer, whose memory may move */
};

struct sale_row {
	int64_t id;
	uint64_t order_key;
};

struct ledger_batch {
	struct db *db;
	sqlite3_stmt *put_events, *put_sales;
	struct buf bytes;
	size_t event_count, sale_count;
	struct event_row events[LEDGER_BATCH_ROWS];
	struct sale_row sales[LEDGER_BATCH_ROWS];
};

struct pending_table {
	sqlite3_vtab vtab; /* first: SQLite gives it back */
	const struct ledger_batch *batch;
};

struct pending_cursor {
	sqlite3_vtab_cursor cursor; /* first */
	size_t at;
};

static const struct ledger_batch *batch_of(const sqlite3_vtab_cursor *c)
{
	return ((const struct pending_table *)c->pVtab)->batch;
}

static size_t place_of(const sqlite3_vtab_cursor *c)
{
	return ((const struct pending_cursor *)c)->at;
}

static int connect_as(sqlite3 *handle, const char *columns, void *batch, sqlite3_vtab **out)
{
	struct pending_table *t = sqlite3_malloc(sizeof(*t));

	if (!t)
		return SQLITE_NOMEM;
	*t = (struct pending_table){.batch = batch};
	*out = &t->vtab;
	return sqlite3_declare_vtab(handle, columns);
}

static int connect_events(sqlite3 *handle, void *batch, int argc, const char *const *argv, sqlite3_vtab **out,
			  char **message)
{
	(void)argc;
	(void)argv;
	(void)message;
	return connect_as(handle, "CREATE TABLE pending_event (id, bytes, digest)", batch, out);
}

static int connect_sales(sqlite3 *handle, void *batch, int argc, const char *const *argv, sqlite3_vtab **out,
			 char **message)
{
	(void)argc;
	(void)argv;
	(void)message;
	return connect_as(handle, "CREATE TABLE pending_sale (event, order_key)", batch, out);
}

static int disconnect(sqlite3_vtab *t)
{
	sqlite3_free(t);
	return SQLITE_OK;
}

/* There is one way to read it: all of it, in order. */
static int best_index(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	(void)info;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	struct pending_cursor *c = sqlite3_malloc(sizeof(*c));

	(void)t;
	if (!c)
		return SQLITE_NOMEM;
	*c = (struct pending_cursor){0};
	*out = &c->cursor;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *c)
{
	sqlite3_free(c);
	return SQLITE_OK;
}

static int rewind_cursor(sqlite3_vtab_cursor *c, int number, const char *text, int argc, sqlite3_value **argv)
{
	(void)number;
	(void)text;
	(void)argc;
	(void)argv;
	((struct pending_cursor *)c)->at = 0;
	return SQLITE_OK;
}

static int next_row(sqlite3_vtab_cursor *c)
{
	((struct pending_cursor *)c)->at++;
	return SQLITE_OK;
}

static int row_number(sqlite3_vtab_cursor *c, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)place_of(c);
	return SQLITE_OK;
}

static int events_end(sqlite3_vtab_cursor *c)
{
	return place_of(c) >= batch_of(c)->event_count;
}

static int sales_end(sqlite3_vtab_cursor *c)
{
	return place_of(c) >= batch_of(c)->sale_count;
}

static int event_column(sqlite3_vtab_cursor *c, sqlite3_context *out, int column)
{
	const struct ledger_batch *b = batch_of(c);
	const struct event_row *row = &b->events[place_of(c)];

	if (column == 0)
		sqlite3_result_int64(out, row->id);
	else if (column == 1)
		sqlite3_result_blob64(out, buf_front(&b->bytes) + row->from, row->length, SQLITE_STATIC);
	else
		sqlite3_result_int64(out, row->digest);
	return SQLITE_OK;
}

static int sale_column(sqlite3_vtab_cursor *c, sqlite3_context *out, int column)
{
	const struct sale_row *row = &batch_of(c)->sales[place_of(c)];

	sqlite3_result_int64(out, column == 0 ? row->id : (int64_t)row->order_key);
	return SQLITE_OK;
}

#define PENDING(connect, end, column_of)                                                                   \
	{                                                                                                  \
		.xConnect = (connect), .xDisconnect = disconnect, .xBestIndex = best_index,                \
		.xOpen = open_cursor, .xClose = close_cursor, .xFilter = rewind_cursor, .xNext = next_row, \
		.xEof = (end), .xColumn = (column_of), .xRowid = row_number,                               \
	}
static const sqlite3_module events_module = PENDING(connect_events, events_end, event_column);
static const sqlite3_module sales_module = PENDING(connect_sales, sales_end, sale_column);

static int declare(struct ledger_batch *b, const sqlite3_module *module, const char *name, const char *sql,
		   sqlite3_stmt **out)
{
	int rc = sqlite3_create_module_v2(b->db->handle, name, module, b, NULL);

	if (rc != SQLITE_OK)
		return rc;
	return sqlite3_prepare_v3(b->db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
}

enum err ledger_batch_new(struct db *db, size_t event_max, struct ledger_batch **out, struct why *why)
{
	struct ledger_batch *b = calloc(1, sizeof(*b));
	int rc;

	if (!b)
		return fail(why, ERR_MEMORY, "%s: out of memory", db->path);
	b->db = db;
	buf_init(&b->bytes, LEDGER_BATCH_BYTES + event_max);
	*out = b;
	rc = declare(b, &events_module, "pending_event",
		     "INSERT INTO event (id, bytes, digest) SELECT id, bytes, digest FROM pending_event",
		     &b->put_events);
	if (rc == SQLITE_OK)
		rc = declare(b, &sales_module, "pending_sale",
			     "INSERT INTO sale (event, order_key) SELECT event, order_key FROM pending_sale",
			     &b->put_sales);
	return rc == SQLITE_OK ? ERR_OK : db_failed(db, rc, "opening", why);
}

void ledger_batch_free(struct ledger_batch *b)
{
	if (!b)
		return;
	sqlite3_finalize(b->put_events);
	sqlite3_finalize(b->put_sales);
	buf_free(&b->bytes);
	free(b);
}

bool ledger_batch_full(const struct ledger_batch *b)
{
	return b->event_count == LEDGER_BATCH_ROWS || buf_length(&b->bytes) > LEDGER_BATCH_BYTES;
}

struct buf *ledger_batch_buf(struct ledger_batch *b)
{
	return &b->bytes;
}

void ledger_batch_event(struct ledger_batch *b, int64_t id, size_t from, int64_t digest)
{
	assert(b->event_count < LEDGER_BATCH_ROWS);
	b->events[b->event_count++] = (struct event_row){id, digest, from, buf_length(&b->bytes) - from};
}

void ledger_batch_sale(struct ledger_batch *b, int64_t id, uint64_t order_key)
{
	assert(b->sale_count < LEDGER_BATCH_ROWS);
	b->sales[b->sale_count++] = (struct sale_row){id, order_key};
}

enum err ledger_batch_write(struct ledger_batch *b, struct why *why)
{
	enum err e = ERR_OK;

	if (b->event_count)
		e = db_run(b->db, b->put_events, why);
	if (!e && b->sale_count)
		e = db_run(b->db, b->put_sales, why);
	if (e == ERR_EXISTS) /* which no job may take for an order that was paid before */
		e = fail(why, ERR_CORRUPT, "%s: what comes behind event %lld is there already; %s",
			 b->db->path, (long long)b->events[0].id - 1, b->db->kind->way_out);
	ledger_batch_drop(b);
	return e;
}

void ledger_batch_drop(struct ledger_batch *b)
{
	buf_cut(&b->bytes, 0);
	b->event_count = b->sale_count = 0;
}
