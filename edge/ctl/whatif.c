/*
 * Sums over carts as they were and as they would be. See whatif.h.
 */
#include "whatif.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S 86400

/* One cart on one side. */
struct priced {
	const struct catalog *catalog;
	struct engine_cart cart;
	struct engine_result result;
};

void whatif_free(struct whatif *w)
{
	for (size_t i = 0; i < w->promotion_count; i++)
		free(w->promotions[i].id);
	for (size_t i = 0; i < w->missing_count; i++)
		free(w->missing[i].sku);
	free(w->promotions);
	free(w->missing);
	decision_room_free(&w->rooms[0]);
	decision_room_free(&w->rooms[1]);
}

/* Makes room for one more at that place of an array that is kept in order. NULL: memory is short. */
static void *insert(void **array, size_t *count, size_t *size, size_t width, size_t at)
{
	size_t wanted = *size ? *size * 2 : 32;
	char *grown = *array;

	if (*count == *size) {
		grown = reallocarray(*array, wanted, width);
		if (!grown)
			return NULL;
		*array = grown;
		*size = wanted;
	}
	memmove(grown + (at + 1) * width, grown + at * width, (*count - at) * width);
	memset(grown + at * width, 0, width);
	(*count)++;
	return grown + at * width;
}

static struct whatif_promotion *promotion_of(struct whatif *w, const char *id)
{
	size_t from = 0, to = w->promotion_count;
	struct whatif_promotion *p;

	while (from < to) {
		size_t middle = (from + to) / 2;
		int order = strcmp(w->promotions[middle].id, id);

		if (order == 0)
			return &w->promotions[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	p = insert((void **)&w->promotions, &w->promotion_count, &w->promotion_size, sizeof(*p), from);
	if (p)
		p->id = strdup(id);
	return p && p->id ? p : NULL;
}

static struct whatif_missing *missing_of(struct whatif *w, const char *sku)
{
	struct whatif_missing *m;
	size_t i = 0;

	while (i < w->missing_count && strcmp(w->missing[i].sku, sku) < 0)
		i++;
	if (i < w->missing_count && strcmp(w->missing[i].sku, sku) == 0)
		return &w->missing[i];
	m = insert((void **)&w->missing, &w->missing_count, &w->missing_size, sizeof(*m), i);
	if (m)
		m->sku = strdup(sku);
	return m && m->sku ? m : NULL;
}

static enum err leave_out(struct whatif *w, const char *sku, bool unpriced, struct why *why)
{
	struct whatif_missing *m = missing_of(w, sku);

	if (!m)
		return fail(why, ERR_MEMORY, "out of memory");
	m->carts++;
	m->unpriced = unpriced;
	w->left_out++;
	return ERR_OK;
}

/* Cost and logistics of a line; AMOUNT_NONE: not known. A label's price stands for a weight that nobody
 * knows. */
static int64_t cost_of(const struct catalog *c, const struct engine_line *line)
{
	const struct item *item = catalog_item(c, line->item);
	struct money cost, logistics = MONEY_ZERO;
	bool weighed = item->unit != UNIT_EACH && line->given.minor != AMOUNT_NONE;

	if (weighed || item->cost.minor == AMOUNT_NONE ||
	    money_times_qty(item->cost, line->quantity, c->settings.rounding, &cost))
		return AMOUNT_NONE;
	if (item->logistics.minor != AMOUNT_NONE &&
	    money_times_qty(item->logistics, line->quantity, c->settings.rounding, &logistics))
		return AMOUNT_NONE;
	return cost.minor + logistics.minor;
}

static void add_side(struct whatif_side *side, const struct priced *p)
{
	const struct totals *t = &p->result.totals;
	bool within = p->catalog->settings.tax == TAX_INCLUSIVE;

	side->paid.minor += t->total.minor;
	side->savings.minor += t->discount.minor + t->shipping_discount.minor;
	for (uint32_t i = 0; i < p->cart.count; i++) {
		const struct line_result *line = &p->result.lines[i];
		int64_t revenue = line->net.minor - (within ? line->tax.minor : 0);
		int64_t cost = cost_of(p->catalog, &p->cart.lines[i]);

		side->revenue.minor += revenue;
		if (cost == AMOUNT_NONE)
			continue;
		side->costed.minor += revenue;
		side->margin.minor += revenue - cost;
	}
}

static int64_t given(const struct priced *p, const char *id, bool *applies)
{
	for (uint32_t i = 0; i < p->result.applied_count; i++) {
		const struct verdict *v = &p->result.verdicts[i];

		*applies = strcmp(p->catalog->promotions[v->promotion].id, id) == 0;
		if (*applies)
			return v->amount.minor + v->extra.minor;
	}
	*applies = false;
	return 0;
}

/* Every promotion that applies on either side, once. */
static enum err add_promotions(struct whatif *w, const struct priced p[2], struct why *why)
{
	for (int side = 0; side < 2; side++) {
		for (uint32_t i = 0; i < p[side].result.applied_count; i++) {
			const struct verdict *v = &p[side].result.verdicts[i];
			const char *id = p[side].catalog->promotions[v->promotion].id;
			struct whatif_promotion *at = promotion_of(w, id);
			int64_t mine = v->amount.minor + v->extra.minor, other;
			bool applies;

			if (!at)
				return fail(why, ERR_MEMORY, "out of memory");
			other = given(&p[!side], id, &applies);
			at->carts[side]++;
			at->amount[side].minor += mine;
			at->changed += (side == 0 || !applies) && (mine != other || !applies);
		}
	}
	return ERR_OK;
}

/* The cart at its moment, or so much later, and nobody was shown a price before. */
static void move(const struct whatif *w, struct engine_cart *cart, struct engine_line *lines)
{
	cart->context.now_s += w->shift_s;
	for (uint32_t i = 0; i < cart->count; i++) {
		lines[i] = cart->lines[i];
		lines[i].locked = MONEY_NONE;
		if (lines[i].expires)
			lines[i].expires += (int32_t)(w->shift_s / DAY_S);
	}
	cart->lines = lines;
}

static enum err price_as_it_was(struct whatif *w, const struct event_sale *sale, struct arena *a,
				struct priced *p, struct why *why)
{
	size_t missing;

	if (decision_cart(sale, p->catalog, a, &p->cart, &missing))
		return fail(why, ERR_CORRUPT, "its extract lacks the article of line %zu", missing + 1);
	return decision_evaluate(p->catalog, &p->cart, &w->rooms[0], &p->result, why);
}

/* *out_of is what cannot be had by the book, or NULL. */
static enum err price_as_it_would_be(struct whatif *w, const struct event_sale *sale, struct arena *a,
				     struct priced *p, const char **out_of, bool *unpriced, struct why *why)
{
	const struct sale_line *sold = sale->lines.at;
	struct engine_line *lines = arena_get(a, sale->lines.count * sizeof(*lines) + 1);
	size_t missing;
	enum err e = lines ? decision_cart(sale, p->catalog, a, &p->cart, &missing) : ERR_MEMORY;

	*out_of = NULL;
	*unpriced = false;
	if (e == ERR_NOT_FOUND)
		*out_of = sold[missing].sku;
	if (e)
		return *out_of ? ERR_OK : fail(why, e, "out of memory");
	move(w, &p->cart, lines);
	e = decision_evaluate(p->catalog, &p->cart, &w->rooms[1], &p->result, why);
	for (size_t i = 0; e == ERR_NOT_FOUND && i < sale->lines.count; i++) {
		struct engine_cart alone = p->cart;
		struct why none;

		alone.lines = &lines[i];
		alone.count = 1;
		if (decision_evaluate(p->catalog, &alone, &w->rooms[1], &p->result, &none) == ERR_OK)
			continue;
		*out_of = sold[i].sku;
		*unpriced = true;
		return ERR_OK;
	}
	return e;
}

static enum err compare(struct whatif *w, const struct event_sale *sale, struct arena *a, struct priced p[2],
			struct why *why)
{
	const char *out_of;
	bool unpriced;
	enum err e = price_as_it_was(w, sale, a, &p[0], why);

	if (!e)
		e = price_as_it_would_be(w, sale, a, &p[1], &out_of, &unpriced, why);
	if (e)
		return e;
	if (out_of)
		return leave_out(w, out_of, unpriced, why);
	w->carts++;
	w->cheaper += p[1].result.totals.total.minor < p[0].result.totals.total.minor;
	w->dearer += p[1].result.totals.total.minor > p[0].result.totals.total.minor;
	add_side(&w->sides[0], &p[0]);
	add_side(&w->sides[1], &p[1]);
	return add_promotions(w, p, why);
}

enum err whatif_take(struct whatif *w, const struct event_sale *sale, const struct extract *extract,
		     struct arena *a, struct why *why)
{
	struct priced p[2] = {{.catalog = NULL}, {.catalog = w->catalog}};
	struct snapshot *snapshot;
	enum err e;

	if (strcmp(sale->currency, w->catalog->settings.currency) != 0)
		return fail(why, ERR_INVALID, "it is of %s, and the book of %s", sale->currency,
			    w->catalog->settings.currency);
	e = decision_open(sale, extract, &snapshot, why);
	if (e)
		return e;
	p[0].catalog = snapshot_catalog(snapshot);
	e = compare(w, sale, a, p, why);
	snapshot_unref(snapshot);
	return e;
}
