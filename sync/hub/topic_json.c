/*
 * Records of the log as JSON for people: tillhub log tail. See topic.h.
 */
#include <string.h>

#include "civil.h"
#include "event.h"
#include "held.h"
#include "topic.h"

static void write_time(int64_t ms, struct jsonw *w)
{
	char text[CIVIL_TEXT_MAX];

	civil_format(ms / 1000 - (ms % 1000 < 0), true, text);
	jsonw_text(w, "appended", text);
}

static struct record_context context_of(const char *currency)
{
	struct record_context c = {0};

	if (!currency || currency_exponent(currency, &c.exponent))
		c.exponent = 0;
	return c;
}

/* One event as it stands; its own line of JSON, less the newline. */
static enum err write_event(struct bytes event, struct jsonw *w, struct why *why)
{
	struct jsonw inner;
	struct buf line;
	enum err e;

	buf_init(&line, 16U << 20);
	jsonw_begin(&inner, &line);
	e = event_to_json(event.at, event.length, &inner, why);
	if (!e && jsonw_end(&inner))
		e = fail(why, ERR_LIMIT, "an event is too large to be shown");
	if (!e)
		jsonw_raw(w, NULL, (const char *)buf_front(&line), buf_length(&line) - 1);
	buf_free(&line);
	return e;
}

/* The batch's head as its table has it, and each event under "events" instead of their bytes. */
static enum err write_upload(struct bytes value, struct arena *a, struct jsonw *w, struct why *why)
{
	const struct record_context none = {0};
	struct topic_upload u;
	struct bytes events;
	struct cborr r;
	const uint8_t *at;
	size_t n;
	enum err e = topic_decode(TOPIC_SALES_EVENTS, value, a, &u, why);

	if (e)
		return e;
	events = u.events;
	u.events = (struct bytes){NULL, 0};
	record_to_json(&topic_upload_schema, &u, &none, w);
	if (!events.at)
		return ERR_OK;
	jsonw_array(w, "events");
	r = cborr_over(events.at, events.length);
	while (!e && r.at < r.end) {
		if (cborr_skip(&r, &at, &n))
			e = fail(why, ERR_INVALID, "events: what follows is no event");
		else
			e = write_event((struct bytes){at, n}, w, why);
	}
	jsonw_close(w);
	return e;
}

/* What waits, less the record that it would be. */
static enum err write_held(const struct topic_record *r, struct arena *a, struct jsonw *w, struct why *why)
{
	struct record_context c = context_of(r->currency);
	struct cborr in = cborr_over(r->held.at, r->held.length);
	struct held h;
	enum err e = record_from_cbor(&held_schema, &in, a, &h, why);

	if (e)
		return e;
	h.record = (struct bytes){0};
	jsonw_object(w, "held");
	record_to_json(&held_schema, &h, &c, w);
	jsonw_close(w);
	return ERR_OK;
}

static enum err write_record(enum log_topic t, struct bytes value, struct arena *a, struct jsonw *w,
			     struct why *why)
{
	struct topic_record r;
	struct record record;
	struct record_context c;
	enum err e = topic_decode(t, value, a, &r, why);

	if (e)
		return e;
	c = context_of(r.currency);
	jsonw_int(w, "publication", r.publication);
	if (r.type >= RECORD_TYPES) {
		jsonw_int(w, "type", r.type);
		return ERR_OK;
	}
	jsonw_text(w, "type", record_schema((enum record_type)r.type)->name);
	e = r.held.at ? write_held(&r, a, w, why) : ERR_OK;
	if (e)
		return e;
	if (!r.record.at) {
		if (!r.held.at)
			jsonw_bool(w, "removed", true);
		return ERR_OK;
	}
	e = record_decode((enum record_type)r.type, r.record.at, r.record.length, a, &record, why);
	if (e)
		return e;
	jsonw_object(w, "record");
	record_to_json(record_schema(record.type), &record.as, &c, w);
	jsonw_close(w);
	return ERR_OK;
}

/* Any of the others, by its table; money is of the currency that the record names. */
static enum err write_other(enum log_topic t, struct bytes value, struct arena *a, struct jsonw *w,
			    struct why *why)
{
	union {
		struct topic_box box;
		struct topic_publication publication;
		struct topic_grant grant;
		struct topic_lines lines;
		struct topic_alert alert;
	} as;
	struct record_context c = {0};
	enum err e = topic_decode(t, value, a, &as, why);

	if (e)
		return e;
	if (t == TOPIC_LEASES)
		c = context_of(as.grant.currency);
	else if (t == TOPIC_SALE_LINES)
		c = context_of(as.lines.currency);
	record_to_json(topic_schema(t), &as, &c, w);
	return ERR_OK;
}

static enum err write_value(const struct log_record *r, struct arena *a, struct jsonw *w, struct why *why)
{
	if (r->topic == TOPIC_SALES_EVENTS)
		return write_upload(r->value, a, w, why);
	if (topic_schema(r->topic) == &topic_record_schema)
		return write_record(r->topic, r->value, a, w, why);
	return write_other(r->topic, r->value, a, w, why);
}

enum err topic_to_json(const struct log_record *r, struct jsonw *w, struct why *why)
{
	struct arena a = ARENA_EMPTY;
	enum err e;

	jsonw_object(w, NULL);
	jsonw_text(w, "topic", log_topics[r->topic].name);
	jsonw_int(w, "partition", r->partition);
	jsonw_int(w, "offset", r->offset);
	write_time(r->at_ms, w);
	jsonw_text(w, "key", r->key);
	jsonw_object(w, "value");
	e = write_value(r, &a, w, why);
	jsonw_close(w);
	jsonw_close(w);
	arena_free(&a);
	return e;
}
