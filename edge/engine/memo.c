/*
 * The memo of a cart: the base of its last evaluation, kept for the next. A scan adds one line or raises one
 * quantity, and all else that depends on catalog, context and lines alone is known already; as is what most
 * promotions do (past.c).
 *
 * Nothing but time depends on a memo. It notes what its base was made of; whatever does not match that, or is
 * not one of the two simple steps, is evaluated from scratch.
 */
#include "past.h"

#include <string.h>

#define SEGMENTS_MAX 32 /* of a customer; with more nothing is kept */

struct engine_memo {
	const struct catalog *catalog;
	struct engine_context context; /* with the lists below */
	struct now now;
	uint32_t segments[SEGMENTS_MAX], coupons[ENGINE_COUPONS_MAX];
	uint32_t size, count; /* lines that there is room for; 0 lines: it holds nothing */
	struct engine_line *lines;
	struct base base;
	struct past *past;
};

/* What is in front of the base, rounded up so that the base is aligned. */
static size_t head_size(uint32_t lines)
{
	size_t size = sizeof(struct engine_memo) + lines * sizeof(struct engine_line);

	return (size + 63) & ~(size_t)63;
}

size_t engine_memo_size(const struct catalog *c, uint32_t lines)
{
	struct base base;
	size_t size = base_lay(&base, c, lines, NULL), before = head_size(lines) + sizeof(struct past);

	return size > SIZE_MAX - before ? SIZE_MAX : before + size;
}

struct engine_memo *engine_memo_make(void *memory, const struct catalog *c, uint32_t lines)
{
	struct engine_memo *m = memory;

	*m = (struct engine_memo){.catalog = c, .size = lines};
	m->lines = (struct engine_line *)(m + 1);
	m->past = (struct past *)(void *)((unsigned char *)memory + head_size(lines));
	m->past->holds = false;
	(void)base_lay(&m->base, c, lines, m->past + 1);
	m->base.kept = true;
	return m;
}

static bool same_ids(const struct ids *a, const struct ids *b)
{
	return a->count == b->count && (!a->count || !memcmp(a->at, b->at, a->count * sizeof(*a->at)));
}

static bool same_context(const struct engine_context *a, const struct engine_context *b)
{
	return a->now_s == b->now_s && a->utc_offset_s == b->utc_offset_s && a->store == b->store &&
	       a->channel == b->channel && a->every_reason == b->every_reason &&
	       a->clock_uncertain == b->clock_uncertain && same_ids(&a->segments, &b->segments) &&
	       same_ids(&a->coupons, &b->coupons);
}

static bool same_price(const struct engine_line *a, const struct engine_line *b)
{
	return a->item == b->item && a->given.minor == b->given.minor && a->locked.minor == b->locked.minor &&
	       a->expires == b->expires;
}

static bool same_line(const struct engine_line *a, const struct engine_line *b)
{
	return same_price(a, b) && a->quantity.micro == b->quantity.micro;
}

/* The first line that is not what it was; as many as both have if there is none. */
static uint32_t first_change(const struct engine_memo *m, const struct engine_cart *cart)
{
	uint32_t i = 0;

	while (i < m->count && i < cart->count && same_line(&m->lines[i], &cart->lines[i]))
		i++;
	return i;
}

static bool rest_is_same(const struct engine_memo *m, const struct engine_cart *cart, uint32_t from)
{
	for (uint32_t i = from; i < m->count; i++)
		if (!same_line(&m->lines[i], &cart->lines[i]))
			return false;
	return true;
}

/* The good of that article, if there is but one; good_count if there is none or several. */
static uint32_t only_good(const struct base *b, uint32_t item, uint32_t *goods)
{
	uint32_t found = b->good_count;

	*goods = 0;
	for (uint32_t i = 0; i < b->good_count; i++)
		if (b->goods[i].item == item) {
			found = i;
			++*goods;
		}
	return found;
}

static enum err add_line(struct work *w, uint32_t *good, uint32_t *bad_line)
{
	uint32_t line = w->cart->count - 1;
	struct line_result priced;
	enum err e = price_line(w, line, &priced);

	if (e) {
		*bad_line = line;
		return e;
	}
	e = goods_add(w, &priced, good);
	if (!e)
		candidates_add(w, *good);
	return e;
}

static enum err change_line(struct work *w, uint32_t line, uint32_t good, uint32_t *bad_line)
{
	struct line_result priced;
	enum err e = price_line(w, line, &priced);

	if (!e)
		return goods_change(w, line, &priced, good);
	*bad_line = line;
	return e;
}

/* True: the base is that of this cart now, *good the one that is new or changed, if any; or *e says why there
 * is none. */
static bool step(struct work *w, struct engine_memo *m, uint32_t *good, enum err *e, uint32_t *bad_line)
{
	const struct engine_cart *cart = w->cart;
	uint32_t at = first_change(m, cart), goods;

	*good = CATALOG_NONE;
	if (at == cart->count)
		return at == m->count;
	*good = only_good(&w->base, cart->lines[at].item, &goods);
	if (at == m->count && cart->count == m->count + 1 && !goods)
		*e = add_line(w, good, bad_line);
	else if (cart->count == m->count && rest_is_same(m, cart, at + 1) && goods == 1 &&
		 w->base.goods[*good].lines == 1 && same_price(&m->lines[at], &cart->lines[at]))
		*e = change_line(w, at, *good, bad_line);
	else
		return false;
	return true;
}

static enum err scratch(struct work *w, uint32_t *bad_line)
{
	enum err e;

	now_read(&w->now, &w->cart->context);
	floors_read(w);
	e = price_lines(w, bad_line);
	if (!e)
		e = goods_gather(w);
	if (!e)
		e = candidates_collect(w);
	return e;
}

static void note_context(struct engine_memo *m, const struct work *w)
{
	const struct engine_context *x = &w->cart->context;

	m->context = *x;
	m->now = w->now;
	if (x->segments.count)
		memcpy(m->segments, x->segments.at, x->segments.count * sizeof(m->segments[0]));
	if (x->coupons.count)
		memcpy(m->coupons, x->coupons.at, x->coupons.count * sizeof(m->coupons[0]));
	m->context.segments.at = m->segments;
	m->context.coupons.at = m->coupons;
}

static bool usable(const struct engine_memo *m, const struct work *w)
{
	return m && m->catalog == w->catalog && w->cart->count <= m->size &&
	       w->cart->context.segments.count <= SEGMENTS_MAX;
}

/* Some settings make promotions look at more than past.c knows of. */
static bool repeatable(const struct work *w)
{
	const struct settings *s = &w->catalog->settings;

	return s->policy == POLICY_PRECEDENCE && s->exclusive != EXCLUSIVE_BEST_TOTAL &&
	       s->percents != PERCENTS_BEST_ONLY && !w->cart->context.ranked;
}

/* What promotions did before, if that is still to be had; what they do now is to be kept. */
static void look_back(struct work *w, struct engine_memo *m, bool stepped, uint32_t good)
{
	if (!repeatable(w)) {
		m->past->holds = false;
		return;
	}
	w->past = m->past;
	w->repeats = stepped && m->past->holds;
	m->past->holds = false;
	if (w->repeats)
		past_begin(w, good);
}

enum err memo_base(struct work *w, struct engine_memo *m, uint32_t *bad_line)
{
	enum err e = ERR_OK;
	uint32_t good = CATALOG_NONE;
	bool stepped;

	if (!usable(m, w))
		return scratch(w, bad_line);
	w->base = m->base;
	w->now = m->now;
	w->now.context = &w->cart->context;
	floors_read(w);
	stepped = m->count && same_context(&m->context, &w->cart->context) && step(w, m, &good, &e, bad_line);
	m->count = 0; /* until it is known to hold */
	if (!stepped) {
		price_fetch(w->catalog, w->cart);
		e = scratch(w, bad_line);
		note_context(m, w);
	}
	if (e)
		return e;
	m->base = w->base;
	m->count = w->cart->count;
	look_back(w, m, stepped, good);
	memcpy(m->lines, w->cart->lines, m->count * sizeof(*m->lines));
	return ERR_OK;
}
