/*
 * Publishing a price book, or changes: read and checked as on a box, appended to the catalog's topics, put in
 * force by one record behind them all. See desk.h.
 *
 * What would come out is tried on the state before anything is appended, in every scope that it would reach:
 * a book that is not valid for some store's exceptions is refused whole.
 */
#include <stdlib.h>
#include <string.h>

#include "book_features.h"
#include "desk_parts.h"

#define CHUNK		  4096 /* records of one append */
#define CHAIN_CHANGES_MAX 5000 /* more are checked by a whole build */

enum err publishing_no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

static enum err make_room(struct publishing *p, struct why *why)
{
	size_t size = p->size ? p->size * 2 : 256;
	struct state_put *puts;

	if (p->count < p->size)
		return ERR_OK;
	puts = realloc(p->puts, size * sizeof(*puts));
	if (!puts)
		return publishing_no_memory(why);
	p->puts = puts;
	p->size = size;
	return ERR_OK;
}

enum err publishing_encode(struct publishing *p, const struct record *r, struct bytes *out, struct why *why)
{
	enum err e;

	buf_cut(&p->buf, 0);
	e = record_encode(r, &p->buf);
	if (e)
		return fail(why, e, "the record cannot be encoded");
	out->length = buf_length(&p->buf);
	out->at = (const uint8_t *)arena_text(&p->arena, (const char *)buf_front(&p->buf), out->length);
	return out->at ? ERR_OK : publishing_no_memory(why);
}

enum err publishing_add(struct publishing *p, const struct record *r, bool removed, struct why *why)
{
	struct state_put *put;
	enum err e = make_room(p, why);

	if (e)
		return e;
	put = &p->puts[p->count];
	*put = (struct state_put){.type = r->type, .key = record_key(r, &p->arena)};
	if (!put->key)
		return publishing_no_memory(why);
	if (!removed) {
		p->features |= record_features(r);
		e = publishing_encode(p, r, &put->cbor, why);
	}
	p->count += !e;
	return e;
}

/* Whole books go through the builder as they are read, so that what is wrong is told with its line. */
struct reading {
	struct publishing *p;
	struct builder *builder;
};

static enum err take_record(const struct record *r, uint32_t line, void *arg, struct why *why)
{
	struct reading *in = arg;
	enum err e = builder_add(in->builder, r, line, why);

	if (!e && r->type == RECORD_BOOK)
		memcpy(in->p->currency, r->as.book.currency, 3);
	return e ? e : publishing_add(in->p, r, false, why);
}

static enum err read_book(struct publishing *p, struct why *why)
{
	struct reading in = {.p = p};
	struct snapshot *made = NULL;
	enum err e = builder_new(false, &in.builder);

	if (e)
		return publishing_no_memory(why);
	e = book_read(p->in->path, take_record, NULL, &in, why);
	if (!e) {
		e = builder_finish(in.builder, 1, &made, why);
		if (e)
			book_blame(p->in->path, why);
	}
	builder_free(in.builder);
	if (!e && p->in->store_count == 0)
		p->next = made;
	else
		snapshot_unref(made);
	return e;
}

static enum err take_change(const struct change *c, uint32_t line, void *arg, struct why *why)
{
	struct publishing *p = arg;

	(void)line;
	if (!c->removed && c->record.type == RECORD_BOOK &&
	    strcmp(c->record.as.book.currency, p->currency) != 0)
		return fail(why, ERR_INVALID,
			    "currency: the book is in %s, and a change cannot turn its prices into %s",
			    p->currency, c->record.as.book.currency);
	return publishing_add(p, &c->record, c->removed, why);
}

static enum err read_changes(struct publishing *p, struct why *why)
{
	const char *store = p->in->store_count > 0 ? p->in->stores[0] : "";
	struct state_catalog catalog;
	unsigned exponent = 0;
	enum err e = state_catalog(p->d->state, store, &catalog, why);

	if (e)
		return e;
	if (catalog.version == 0 || currency_exponent(catalog.currency, &exponent))
		return fail(why, ERR_NOT_FOUND,
			    "there is no book yet that could be changed: tillhub publish FILE publishes one");
	memcpy(p->currency, catalog.currency, sizeof(p->currency));
	return book_read_changes(p->in->path, exponent, take_change, NULL, p, why);
}

/* All stores of one publication of changes have one currency: amounts were read in it. */
static enum err check_stores(struct publishing *p, struct why *why)
{
	for (size_t i = 0; i < p->in->store_count; i++) {
		const char *store = p->in->stores[i];
		struct state_catalog c;
		enum err e;

		if (!wire_name_ok(store))
			return fail(
				why, ERR_INVALID,
				"store '%s': 1 to %d letters, digits, '-', '_' and '.', the first none of "
				"'-' and '.'",
				store, WIRE_NAME_MAX);
		e = state_catalog(p->d->state, store, &c, why);
		if (e)
			return e;
		if (p->in->changes && strcmp(c.currency, p->currency) != 0)
			return fail(why, ERR_INVALID, "store %s: its book is in %s, that of %s in %s", store,
				    c.currency[0] ? c.currency : "no currency", p->in->stores[0],
				    p->currency);
	}
	return ERR_OK;
}

struct checking {
	struct builder *builder;
	struct arena arena;
};

static enum err check_row(const struct state_row *r, void *arg, struct why *why)
{
	struct checking *c = arg;
	struct record record;
	enum err e;

	if (r->type >= RECORD_TYPES)
		return ERR_OK; /* of a newer hub */
	arena_reset(&c->arena);
	e = record_decode((enum record_type)r->type, r->cbor.at, r->cbor.length, &c->arena, &record, why);
	return e ? e : builder_add(c->builder, &record, 0, why);
}

/* That what a store has by the state as it stands makes a catalog. */
static enum err check_scope(struct desk *d, const char *store, struct snapshot **made, struct why *why)
{
	struct checking c = {0};
	struct snapshot *s = NULL;
	enum err e = builder_new(false, &c.builder);

	if (e)
		return publishing_no_memory(why);
	e = state_records(d->state, store, check_row, &c, why);
	if (!e)
		e = builder_finish(c.builder, 1, &s, why);
	builder_free(c.builder);
	arena_free(&c.arena);
	if (e && store[0] != '\0')
		why_prefix(why, "store %s: ", store);
	if (made)
		*made = s;
	else
		snapshot_unref(s);
	return e;
}

static enum err check_other(const char *name, bool own, void *arg, struct why *why)
{
	return own ? ERR_OK : check_scope(arg, name, NULL, why);
}

static enum err any_other(const char *name, bool own, void *arg, struct why *why)
{
	(void)name, (void)why;
	*(bool *)arg |= !own;
	return ERR_OK;
}

/* The chain, and every store that leans on it. */
static enum err check_chain(struct publishing *p, struct why *why)
{
	enum err e = p->next ? ERR_OK : check_scope(p->d, "", &p->next, why);

	return e ? e : state_scopes(p->d->state, check_other, p->d, why);
}

static enum err check_tried(struct publishing *p, struct why *why)
{
	enum err e = ERR_OK;

	if (p->in->store_count == 0)
		return check_chain(p, why);
	for (size_t i = 0; i < p->in->store_count && !e; i++)
		e = check_scope(p->d, p->in->stores[i], NULL, why);
	return e;
}

/* The records as changes again, for snapshot_change; what waits changes nothing. */
static enum err as_changes(struct publishing *p, size_t *count, struct why *why)
{
	*count = 0;
	p->changes = arena_get(&p->arena, (p->count + 1) * sizeof(*p->changes));
	if (!p->changes)
		return publishing_no_memory(why);
	for (size_t i = 0; i < p->count; i++) {
		const struct state_put *put = &p->puts[i];
		struct change *c = &p->changes[*count];
		enum err e;

		if (!put->cbor.at && put->held.at)
			continue;
		c->removed = !put->cbor.at;
		if (c->removed)
			e = record_of_key(put->type, put->key, &p->arena, &c->record, why);
		else
			e = record_decode(put->type, put->cbor.at, put->cbor.length, &p->arena, &c->record,
					  why);
		if (e)
			return e;
		++*count;
	}
	return ERR_OK;
}

/*
 * A few changes of the chain, with no store that leans on it and has records besides: the catalog that the
 * last publication left here is brought up to them, as tilld does it. ERR_STATE: it needs a whole look.
 */
static enum err check_quickly(struct publishing *p, struct why *why)
{
	struct desk *d = p->d;
	struct state_catalog c;
	bool others = false;
	size_t count;
	enum err e;

	if (!p->in->changes || p->in->store_count > 0 || p->count > CHAIN_CHANGES_MAX || !d->chain)
		return ERR_STATE;
	e = state_catalog(d->state, "", &c, why);
	if (!e)
		e = state_scopes(d->state, any_other, &others, why);
	if (!e && (others || c.version != d->chain_version))
		e = ERR_STATE;
	if (!e)
		e = as_changes(p, &count, why);
	return e ? e : snapshot_change(d->chain, p->changes, count, 1, &p->next, why);
}

enum err publishing_check(struct publishing *p, struct why *why)
{
	enum err e;

	if (p->held || p->refused) { /* what the book's own reading made is not what comes out */
		snapshot_unref(p->next);
		p->next = NULL;
	}
	e = check_quickly(p, why);

	if (e != ERR_STATE)
		return e;
	e = state_try(p->d->state, &p->marker, p->puts, p->count, why);
	if (e)
		return e;
	e = check_tried(p, why);
	state_try_end(p->d->state);
	return e;
}

enum err publishing_next(struct publishing *p, const char *scope, struct snapshot **out, struct why *why)
{
	enum err e;

	if (scope[0] == '\0' && p->next) {
		*out = snapshot_ref(p->next);
		return ERR_OK;
	}
	e = state_try(p->d->state, &p->marker, p->puts, p->count, why);
	if (e)
		return e;
	e = check_scope(p->d, scope, out, why);
	state_try_end(p->d->state);
	return e;
}

static enum err encode_record(struct publishing *p, const struct state_put *put, struct log_entry *out,
			      struct why *why)
{
	size_t at = buf_length(&p->buf);
	struct topic_record r;
	enum err e;

	*out = (struct log_entry){.topic = topic_of_record(put->type), .key = put->key};
	topic_init(out->topic, &r);
	r.publication = p->marker.publication;
	r.type = put->type;
	r.key = put->key;
	r.record = put->cbor;
	r.held = put->held;
	r.currency = p->currency;
	/* By SKU, whatever list a price is in: who decides on an article has all of it in one partition. */
	if (put->type == RECORD_PRICE && strchr(put->key, '\x1f'))
		out->key = strchr(put->key, '\x1f') + 1;
	e = topic_encode(out->topic, &r, &p->buf, why);
	out->value.length = buf_length(&p->buf) - at;
	return e;
}

/* The buffer may move while it grows: places are filled in at the end. */
static void place_values(struct publishing *p, struct log_entry *entries, size_t n)
{
	const uint8_t *at = buf_front(&p->buf);

	for (size_t i = 0; i < n; i++) {
		entries[i].value.at = at;
		at += entries[i].value.length;
	}
}

static void note_ends(struct publishing *p, const struct log_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p->ends[entries[i].topic][entries[i].partition] = entries[i].offset + 1;
}

static enum err append_chunk(struct publishing *p, const struct state_put *puts, size_t n,
			     struct log_entry *entries, struct why *why)
{
	struct log_job job = {.entries = entries, .count = n};
	enum err e = ERR_OK;

	buf_cut(&p->buf, 0);
	for (size_t i = 0; i < n && !e; i++)
		e = encode_record(p, &puts[i], &entries[i], why);
	if (e)
		return e;
	place_values(p, entries, n);
	e = event_log_append(p->d->log, &job, why);
	note_ends(p, entries, e ? 0 : n);
	return e;
}

static enum err append_records(struct publishing *p, struct why *why)
{
	struct log_entry *entries = calloc(CHUNK, sizeof(*entries));
	enum err e = ERR_OK;

	if (!entries)
		return publishing_no_memory(why);
	for (size_t i = 0; i < p->count && !e; i += CHUNK)
		e = append_chunk(p, p->puts + i, p->count - i < CHUNK ? p->count - i : CHUNK, entries, why);
	free(entries);
	return e;
}

static enum err append_marker(struct publishing *p, struct why *why)
{
	struct log_entry entry = {.topic = TOPIC_PUBLICATIONS, .key = "publication"};
	size_t n = 0;
	enum err e;

	for (unsigned t = 0; t < LOG_TOPICS; t++)
		for (unsigned q = 0; q < LOG_PARTITIONS_MAX; q++)
			if (p->ends[t][q] > 0)
				p->end_list[n++] = (struct topic_end){t, q, p->ends[t][q]};
	p->marker.ends = (struct list){p->end_list, n};
	buf_cut(&p->buf, 0);
	e = topic_encode(TOPIC_PUBLICATIONS, &p->marker, &p->buf, why);
	entry.value = (struct bytes){buf_front(&p->buf), buf_length(&p->buf)};
	return e ? e : desk_append(p->d, &entry, 1, why);
}

void publishing_begin(struct publishing *p)
{
	struct desk *d = p->d;
	int64_t now = clock_utc_ms(d->clock);

	d->last_publication = now > d->last_publication ? now : d->last_publication + 1;
	topic_init(TOPIC_PUBLICATIONS, &p->marker);
	p->marker.publication = d->last_publication;
	p->marker.scopes = (struct list){p->in->stores, p->in->store_count};
	p->marker.whole = !p->in->changes;
	p->marker.count = (int64_t)p->count;
	p->marker.above = p->in->above;
	p->marker.who = p->in->who;
	p->marker.note = p->in->note;
	p->marker.currency = p->currency;
}

/* What came out of it, and the chain's catalog for the next one. */
static enum err finish(struct publishing *p, int64_t before, struct desk_published *out, struct why *why)
{
	struct desk *d = p->d;
	struct state_counters c;
	struct state_catalog chain;
	enum err e = state_counters(d->state, &c, why);

	if (!e)
		e = state_catalog(d->state, "", &chain, why);
	if (e)
		return e;
	*out = (struct desk_published){.version = c.version,
				       .records = (int64_t)p->count,
				       .held = (int64_t)p->held,
				       .refused = (int64_t)p->refused,
				       .changed = c.version != before};
	if (p->in->store_count == 0 && p->next) {
		snapshot_unref(d->chain);
		d->chain = snapshot_ref(p->next);
		d->chain_version = chain.version;
	}
	return ERR_OK;
}

enum err publishing_append(struct publishing *p, struct why *why)
{
	enum err e = append_records(p, why);

	p->marker.count = (int64_t)p->count;
	return e ? e : append_marker(p, why);
}

enum err publishing_start(struct publishing *p, struct desk *d, const struct desk_publication *in,
			  struct why *why)
{
	struct state_counters c;
	enum err e = state_counters(d->state, &c, why);

	*p = (struct publishing){.d = d, .in = in};
	buf_init(&p->buf, LOG_QUEUE_BYTES_MAX);
	if (!e && d->last_publication < c.publication)
		d->last_publication = c.publication;
	return e;
}

void publishing_end(struct publishing *p)
{
	snapshot_unref(p->next);
	buf_free(&p->buf);
	free(p->puts);
	arena_free(&p->arena);
}

static enum err run(struct publishing *p, struct desk_published *out, struct why *why)
{
	struct state_counters c;
	enum err e = state_counters(p->d->state, &c, why);

	if (!e)
		e = p->in->changes ? read_changes(p, why) : read_book(p, why);
	if (!e)
		e = check_stores(p, why);
	if (e)
		return e;
	publishing_begin(p);
	e = publishing_check(p, why);
	if (!e)
		e = publishing_hold(p, why);
	if (!e)
		e = publishing_append(p, why);
	return e ? e : finish(p, c.version, out, why);
}

enum err desk_publish(struct desk *d, const struct desk_publication *in, struct desk_published *out,
		      struct why *why)
{
	struct publishing p;
	enum err e = publishing_start(&p, d, in, why);

	if (!e)
		e = run(&p, out, why);
	if (!e)
		e = desk_tell_lacking(d, in, p.features, out, why);
	publishing_end(&p);
	return e;
}
