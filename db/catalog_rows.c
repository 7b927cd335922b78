/*
 * Reading catalog.db ahead. See catalog_rows.h.
 *
 * Batches go round in a ring. The lock guards the two counts, never a batch: one that is not handed over yet
 * is the reader's, and then it is the caller's until he asks for the next.
 */
#include "catalog_rows.h"

#include <pthread.h>
#include <stdlib.h>

#define BATCHES	    4U
#define BATCH_ROWS  128
#define BATCH_BYTES (32U << 10) /* no further row is added to that many */

struct batch {
	enum record_type type;
	struct buf bytes; /* of the rows, one behind the other */
	size_t count, ends[BATCH_ROWS];
	bool decoded;
	struct record records[BATCH_ROWS]; /* once decoded; text in the arena */
	struct arena arena;
	enum err e; /* instead of records */
	struct why why;
};

struct rows {
	struct catalog_store *store;
	bool coupons;
	bool held; /* the caller's: he has the oldest batch */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint32_t read, done; /* batches so far: those from done on are in the ring */
	bool stopping;
	struct batch ring[BATCHES];
};

static void decode(const struct rows *r, struct batch *b)
{
	size_t from = 0;

	arena_reset(&b->arena);
	for (size_t i = 0; i < b->count && !b->e; i++) {
		b->e = record_decode(b->type, buf_front(&b->bytes) + from, b->ends[i] - from, &b->arena,
				     &b->records[i], &b->why);
		from = b->ends[i];
	}
	if (b->e && b->e != ERR_MEMORY)
		b->e = catalog_damaged(r->store, &b->why);
	b->decoded = true;
}

/* An empty batch, or NULL: the caller wants no more. */
static struct batch *open_batch(struct rows *r, enum record_type t)
{
	struct batch *b = NULL;

	pthread_mutex_lock(&r->lock);
	while (r->read - r->done == BATCHES && !r->stopping)
		pthread_cond_wait(&r->changed, &r->lock);
	if (!r->stopping)
		b = &r->ring[r->read % BATCHES];
	pthread_mutex_unlock(&r->lock);
	if (!b)
		return NULL;
	b->type = t;
	b->count = 0;
	b->decoded = false;
	b->e = ERR_OK;
	buf_cut(&b->bytes, 0);
	return b;
}

/* The caller has one to work on, and another one waits for him. */
static bool has_time(struct rows *r)
{
	bool yes;

	pthread_mutex_lock(&r->lock);
	yes = r->read - r->done >= 2;
	pthread_mutex_unlock(&r->lock);
	return yes;
}

static void hand_over(struct rows *r, struct batch *b)
{
	if (!b->e && has_time(r))
		decode(r, b);
	pthread_mutex_lock(&r->lock);
	r->read++;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

static enum err add_row(const struct rows *r, struct batch *b, sqlite3_stmt *row, struct why *why)
{
	size_t n;
	const uint8_t *body = db_bytes(row, 0, &n);

	if (n > CATALOG_RECORD_MAX) {
		fail(why, ERR_CORRUPT, "a record of %zu bytes", n);
		return catalog_damaged(r->store, why);
	}
	if (!buf_add(&b->bytes, body, n))
		return fail(why, ERR_MEMORY, "%s: out of memory", r->store->db.path);
	b->ends[b->count++] = buf_length(&b->bytes);
	return ERR_OK;
}

static bool is_full(const struct batch *b)
{
	return b->count == BATCH_ROWS || buf_length(&b->bytes) >= BATCH_BYTES;
}

/* ERR_CLOSED: the caller wants no more. */
static enum err read_rows(struct rows *r, enum record_type t, sqlite3_stmt *row, struct why *why)
{
	struct batch *b = NULL;
	enum err e;

	while ((e = db_row(&r->store->db, row, why)) == ERR_OK) {
		if (!b)
			b = open_batch(r, t);
		e = b ? add_row(r, b, row, why) : ERR_CLOSED;
		if (e)
			return e;
		if (is_full(b)) {
			hand_over(r, b);
			b = NULL;
		}
	}
	if (b && e == ERR_NOT_FOUND)
		hand_over(r, b);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err read_kind(struct rows *r, enum record_type t, struct why *why)
{
	sqlite3_stmt *row = db_statement(&r->store->db, CATALOG_SQL_KIND);
	enum err e;

	db_bind_int(row, 1, t);
	e = read_rows(r, t, row, why);
	sqlite3_reset(row);
	return e;
}

/* Customers refer to nothing, coupons to promotions: only a check wants them. */
static enum err read_kinds(struct rows *r, struct why *why)
{
	enum err e = ERR_OK;

	for (unsigned t = 0; t < RECORD_TYPES && !e; t++) {
		if (t != RECORD_CUSTOMER && (t != RECORD_COUPON || r->coupons))
			e = read_kind(r, (enum record_type)t, why);
	}
	return e;
}

static void *work(void *arg)
{
	struct rows *r = arg;
	struct why why = {0};
	enum err e = read_kinds(r, &why);
	struct batch *last = open_batch(r, RECORD_BOOK);

	if (!last)
		return NULL;
	last->e = e ? e : ERR_NOT_FOUND;
	last->why = why;
	hand_over(r, last);
	return NULL;
}

static void free_rows(struct rows *r)
{
	for (unsigned i = 0; i < BATCHES; i++) {
		buf_free(&r->ring[i].bytes);
		arena_free(&r->ring[i].arena);
	}
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

enum err rows_start(struct catalog_store *s, bool coupons, struct rows **out, struct why *why)
{
	struct rows *r = calloc(1, sizeof(*r));

	if (!r)
		return fail(why, ERR_MEMORY, "%s: out of memory", s->db.path);
	r->store = s;
	r->coupons = coupons;
	for (unsigned i = 0; i < BATCHES; i++)
		buf_init(&r->ring[i].bytes, BATCH_BYTES + CATALOG_RECORD_MAX);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	if (pthread_create(&r->thread, NULL, work, r) != 0) {
		free_rows(r);
		return fail(why, ERR_LIMIT, "%s: no thread to read it", s->db.path);
	}
	*out = r;
	return ERR_OK;
}

/* Gives back the batch that the caller had, and waits for the next. */
static struct batch *take(struct rows *r)
{
	struct batch *b;

	pthread_mutex_lock(&r->lock);
	if (r->held) {
		r->done++;
		pthread_cond_signal(&r->changed);
	}
	r->held = true;
	while (r->read == r->done)
		pthread_cond_wait(&r->changed, &r->lock);
	b = &r->ring[r->done % BATCHES];
	pthread_mutex_unlock(&r->lock);
	return b;
}

enum err rows_next(struct rows *r, const struct record **records, size_t *count, struct why *why)
{
	struct batch *b = take(r);

	if (!b->e && !b->decoded)
		decode(r, b);
	*records = b->records;
	*count = b->count;
	if (b->e && why)
		*why = b->why;
	return b->e;
}

void rows_stop(struct rows *r)
{
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	free_rows(r);
}
