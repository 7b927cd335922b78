/*
 * The body of a sale: its table's encoding, less the amounts of a line that repeat another one. See event.h.
 */
#include <string.h>

#include "event.h"

static bool same(struct money a, struct money b)
{
	return a.minor == b.minor;
}

/* The lines without what event_sale_decode can put back. */
static struct sale_line *terse(const struct list *lines, struct arena *a)
{
	const struct sale_line *from = lines->at;
	struct sale_line *to = arena_get(a, lines->count * sizeof(*to) + 1);

	for (size_t i = 0; to && i < lines->count; i++) {
		to[i] = from[i];
		if (same(from[i].net, from[i].list))
			to[i].net = MONEY_NONE;
		if (same(from[i].list, from[i].unit_price))
			to[i].list = MONEY_NONE;
	}
	return to;
}

enum err event_sale_encode(const struct event_sale *s, struct arena *a, struct buf *out, struct why *why)
{
	struct event_sale copy = *s;
	struct cborw w;
	enum err e;

	copy.lines.at = terse(&s->lines, a);
	if (!copy.lines.at)
		return fail(why, ERR_MEMORY, "out of memory");
	cborw_begin(&w, out);
	e = record_put(&event_sale_schema, &copy, &w, why);
	return cborw_end(&w) ? e : ERR_OK;
}

/* The arena's own lines, made full in place. */
static enum err fill(struct event_sale *s, struct arena *a)
{
	struct sale_line *lines;

	if (s->lines.count == 0)
		return ERR_OK;
	lines = arena_get(a, s->lines.count * sizeof(*lines));
	if (!lines)
		return ERR_MEMORY;
	memcpy(lines, s->lines.at, s->lines.count * sizeof(*lines));
	for (size_t i = 0; i < s->lines.count; i++) {
		if (lines[i].list.minor == AMOUNT_NONE)
			lines[i].list = lines[i].unit_price;
		if (lines[i].net.minor == AMOUNT_NONE)
			lines[i].net = lines[i].list;
	}
	s->lines.at = lines;
	return ERR_OK;
}

enum err event_sale_decode(struct bytes body, struct arena *a, struct event_sale *out, struct why *why)
{
	struct cborr r = cborr_over(body.at, body.length);
	enum err e = record_from_cbor(&event_sale_schema, &r, a, out, why);

	if (e)
		return e;
	if (r.at != r.end)
		return fail(why, ERR_INVALID, "bytes behind the sale's end");
	if (fill(out, a))
		return fail(why, ERR_MEMORY, "out of memory");
	return ERR_OK;
}

enum err event_sale_of(const struct event_envelope *e, struct arena *a, struct event_sale *out,
		       struct why *why)
{
	enum err error = event_sale_decode(e->body, a, out, why);

	if (!error)
		out->bodies = e->bodies;
	return error;
}
