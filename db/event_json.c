/*
 * One event as JSON for people: the envelope, then the body under the name of its kind. See event.h.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "civil.h"
#include "event.h"
#include "event_alert.h"
#include "event_forms.h"
#include "event_limit.h"
#include "event_override.h"
#include "event_price.h"
#include "event_return.h"

/* The moment in words; a clock outside years 1 to 9999 shows as the nearest moment inside them. */
static void write_time(int64_t ms, struct jsonw *w)
{
	char text[CIVIL_TEXT_MAX];
	int64_t seconds = ms / 1000 - (ms % 1000 < 0);

	civil_format(seconds, true, text);
	jsonw_text(w, "at", text);
}

static struct record_context context_of(const char *currency)
{
	struct record_context c = {.exponent = 0};

	if (currency_exponent(currency, &c.exponent))
		c.exponent = 0; /* a currency of later: whole minor units */
	return c;
}

static enum err write_start(struct bytes body, struct arena *a, struct jsonw *w, struct why *why)
{
	struct cborr r = cborr_over(body.at, body.length);
	struct event_start s;
	const struct record_context none = {0};
	enum err e = record_from_cbor(&event_start_schema, &r, a, &s, why);

	if (e)
		return e;
	jsonw_object(w, "start");
	record_to_json(&event_start_schema, &s, &none, w);
	jsonw_close(w);
	return ERR_OK;
}

/* The record under the name of its type; one of a type that is not known here as its bytes. */
static enum err write_body(struct bytes body, struct arena *a, struct jsonw *w, struct why *why)
{
	struct cborr r = cborr_over(body.at, body.length);
	struct event_body b;
	struct record_context c;
	struct record record;
	enum err e = record_from_cbor(&event_body_schema, &r, a, &b, why);

	if (e)
		return e;
	jsonw_object(w, "body");
	jsonw_int(w, "number", b.number);
	if (b.type < RECORD_TYPES) {
		c = context_of(b.currency);
		e = record_decode((enum record_type)b.type, b.cbor.at, b.cbor.length, a, &record, why);
		if (e)
			return e;
		jsonw_object(w, record_schema(record.type)->name);
		record_to_json(record_schema(record.type), &record.as, &c, w);
		jsonw_close(w);
	} else {
		jsonw_int(w, "type", b.type);
		jsonw_hex(w, "cbor", b.cbor.at, b.cbor.length);
	}
	jsonw_close(w);
	return ERR_OK;
}

static enum err write_sale(struct bytes body, struct arena *a, struct jsonw *w, struct why *why)
{
	struct event_sale s;
	struct record_context c;
	enum err e = event_sale_decode(body, a, &s, why);

	if (e)
		return e;
	c = context_of(s.currency);
	jsonw_object(w, "sale");
	record_to_json(&event_sale_schema, &s, &c, w);
	jsonw_close(w);
	return ERR_OK;
}

const struct event_form event_forms[EVENT_FORMS] = {
	{EVENT_START, &event_start_schema, SIZE_MAX},
	{EVENT_BODY, &event_body_schema, SIZE_MAX},
	{EVENT_SALE, &event_sale_schema, offsetof(struct event_sale, currency)},
	{EVENT_RETURN, &event_return_schema, offsetof(struct event_return, currency)},
	{EVENT_VOID, &event_void_schema, offsetof(struct event_return, currency)},
	{EVENT_COUPON, &event_coupon_schema, SIZE_MAX},
	{EVENT_GRANT, &event_grant_schema, offsetof(struct event_grant, currency)},
	{EVENT_OVERRIDE, &event_override_schema, offsetof(struct event_override, currency)},
	{EVENT_APPROVAL, &event_approval_schema, offsetof(struct event_approval, currency)},
	{EVENT_ALERT, &event_alert_schema, offsetof(struct event_alert, currency)},
	{EVENT_PRICE, &event_price_schema, offsetof(struct event_price, currency)},
};

#define NOTE_SIZE_MAX 512 /* of the struct of any */

static enum err write_note(const struct event_form *form, struct bytes body, struct arena *a, struct jsonw *w,
			   struct why *why)
{
	struct cborr r = cborr_over(body.at, body.length);
	struct record_context c = {0};
	_Alignas(max_align_t) unsigned char note[NOTE_SIZE_MAX];
	const char *currency;
	enum err e;

	assert(form->schema->size <= sizeof(note));
	e = record_from_cbor(form->schema, &r, a, note, why);
	if (e)
		return e;
	if (form->currency != SIZE_MAX) {
		memcpy(&currency, note + form->currency, sizeof(currency));
		c = currency ? context_of(currency) : c; /* without one it has no money */
	}
	jsonw_object(w, form->schema->name);
	record_to_json(form->schema, note, &c, w);
	jsonw_close(w);
	return ERR_OK;
}

static enum err write_kind(const struct event_envelope *event, struct arena *a, struct jsonw *w,
			   struct why *why)
{
	if (event->kind == EVENT_START)
		return write_start(event->body, a, w, why);
	if (event->kind == EVENT_BODY)
		return write_body(event->body, a, w, why);
	if (event->kind == EVENT_SALE)
		return write_sale(event->body, a, w, why);
	for (size_t i = 0; i < EVENT_FORMS; i++)
		if (event_forms[i].kind == event->kind)
			return write_note(&event_forms[i], event->body, a, w, why);
	jsonw_hex(w, "body", event->body.at, event->body.length);
	return ERR_OK;
}

static void write_envelope(const struct event_envelope *event, struct jsonw *w)
{
	const char *name = event_kind_name(event->kind);

	jsonw_text(w, "box", event->box);
	jsonw_int(w, "segment", event->segment);
	jsonw_int(w, "sequence", event->sequence);
	if (name)
		jsonw_text(w, "kind", name);
	else
		jsonw_int(w, "kind", event->kind);
	write_time(event->at_ms, w);
	jsonw_hex(w, "previous", event->previous.at, event->previous.length);
}

/* What the event refers to. */
static void write_bodies(const struct event_envelope *event, struct jsonw *w)
{
	const int64_t *numbers = event->bodies.at;

	if (event->bodies.count == 0)
		return;
	jsonw_array(w, "bodies");
	for (size_t i = 0; i < event->bodies.count; i++)
		jsonw_int(w, NULL, numbers[i]);
	jsonw_close(w);
}

enum err event_to_json(const void *event, size_t n, struct jsonw *w, struct why *why)
{
	struct arena a = ARENA_EMPTY;
	struct event_envelope envelope;
	struct digest hash;
	enum err e = event_decode(event, n, &a, &envelope, why);

	if (!e) {
		event_hash(event, n, &hash);
		jsonw_object(w, NULL);
		write_envelope(&envelope, w);
		jsonw_hex(w, "hash", hash.bytes, sizeof(hash.bytes));
		e = write_kind(&envelope, &a, w, why);
		write_bodies(&envelope, w);
		jsonw_close(w);
	}
	arena_free(&a);
	return e;
}
