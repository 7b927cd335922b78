/*
 * Publishing a price book, or changes: read and checked as on a box, appended to the catalog's topics, put in
 * force by one record behind them all. See desk.h.
 */
#include <stdlib.h>
#include <string.h>

#include "desk_parts.h"

#define CHUNK 4096 /* records of one append */

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
		e = publishing_read(p, why);
	if (!e)
		e = publishing_check_stores(p, why);
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
