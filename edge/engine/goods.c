/*
 * Lines to goods and back. Like lines become one good and goods stand in canonical order, so that nothing
 * later depends on how and in which order things were scanned; what goods got is shared among their lines
 * at the end. docs/engine.md, "Goods".
 */
#include "engine_work.h"

#include <string.h>

/* Articles stand in the catalog by SKU, so their indices compare as SKUs do. */
static uint64_t by_sku(const struct work *w, uint32_t line)
{
	return (uint64_t)w->cart->lines[line].item << 32 | line;
}

static bool priced(const struct work *w, uint32_t line)
{
	return w->cart->lines[line].given.minor != AMOUNT_NONE;
}

/* Lines of one article, like ones side by side: those that join first, in scan order, since the sort is
 * stable. */
static bool line_before(const void *of, uint32_t a, uint32_t b)
{
	const struct work *w = of;
	int64_t x = w->base.lines[a].unit_price.minor, y = w->base.lines[b].unit_price.minor;

	return x != y ? x < y : !priced(w, a) && priced(w, b);
}

/* The canonical order of goods of one article. */
static bool good_before(const void *of, uint32_t a, uint32_t b)
{
	const struct base *base = of;
	const struct good *x = &base->goods[a], *y = &base->goods[b];

	if (x->unit_price.minor != y->unit_price.minor)
		return x->unit_price.minor < y->unit_price.minor;
	if (x->list.minor != y->list.minor)
		return x->list.minor < y->list.minor;
	if (x->quantity.micro != y->quantity.micro)
		return x->quantity.micro < y->quantity.micro;
	return base->order[x->first] < base->order[y->first];
}

static void fill(const struct work *w, uint32_t i, const struct line_result *priced, struct good *g)
{
	const struct engine_line *line = &w->cart->lines[i];
	const struct item_page *page = catalog_page(w->catalog, line->item);
	const struct item *article = &page->items[line->item & (ITEM_PAGE_ITEMS - 1)];
	bool labelled = line->given.minor != AMOUNT_NONE;
	bool whole = labelled || article->unit == UNIT_EACH;

	*g = (struct good){
		.article = article,
		.tags = article->tags ? page->tags + article->first_tag : NULL,
		.item = line->item,
		.lines = 1,
		.priced = labelled,
		.pieces = whole ? line->quantity.micro / QTY_ONE.micro : 0,
		.quantity = line->quantity,
		.unit_price = priced->unit_price,
		.list = priced->list,
		.running = priced->list,
		.percent_by = CATALOG_NONE,
		.taxed = MONEY_NONE,
	};
}

static bool joins(const struct good *a, const struct good *b)
{
	return a->item == b->item && a->pieces && b->pieces && !a->priced && !b->priced &&
	       a->unit_price.minor == b->unit_price.minor;
}

/* Cannot overflow: the sum of all lists is known to fit, and so do 1,024 lines of ENGINE_QUANTITY_MAX. */
static void join(struct good *to, const struct good *from)
{
	to->lines++;
	to->pieces += from->pieces;
	to->quantity.micro += from->quantity.micro;
	to->list.minor += from->list.minor;
	to->running = to->list;
}

static enum err add_up(struct work *w)
{
	struct base *b = &w->base;
	enum err e = ERR_OK;

	b->list = MONEY_ZERO;
	for (uint32_t i = 0; i < w->cart->count && !e; i++)
		e = money_add(b->list, b->lines[i].list, &b->list);
	return e;
}

/* Lines by article, then as line_before says; lines of the same article are few. */
static void order_lines(struct work *w)
{
	uint32_t n = w->cart->count, *order = w->base.order;

	for (uint32_t i = 0; i < n; i++)
		w->numbers[i] = by_sku(w, i);
	sort_numbers(w->numbers, n);
	for (uint32_t i = 0; i < n; i++)
		order[i] = (uint32_t)w->numbers[i];
	for (uint32_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && w->numbers[to] >> 32 == w->numbers[from] >> 32;)
			to++;
		if (to - from > 1)
			sort_indices(order + from, w->spare, to - from, line_before, w);
	}
}

/* Goods of one article, from that one on, in canonical order; w->goods is free yet to put them aside. */
static void order_goods(struct work *w, uint32_t from)
{
	struct base *b = &w->base;
	uint32_t n = b->good_count - from;

	for (uint32_t i = 0; i < n; i++)
		w->heads[i] = from + i;
	sort_indices(w->heads, w->spare, n, good_before, b);
	for (uint32_t i = 0; i < n; i++)
		w->aside[i] = b->goods[w->heads[i]];
	memcpy(b->goods + from, w->aside, n * sizeof(*b->goods));
}

/* Lines in their order become goods; of each article they stand in canonical order then. */
static void join_lines(struct work *w)
{
	struct base *b = &w->base;
	uint32_t from = 0;

	b->good_count = 0;
	for (uint32_t i = 0; i < w->cart->count; i++) {
		uint32_t line = b->order[i];
		struct good *g = &b->goods[b->good_count];

		fill(w, line, &b->lines[line], g);
		g->first = i;
		if (b->good_count && joins(g - 1, g)) {
			join(g - 1, g);
			continue;
		}
		if (g->item != b->goods[from].item) {
			if (b->good_count - from > 1)
				order_goods(w, from);
			from = b->good_count;
		}
		b->good_count++;
	}
	if (b->good_count - from > 1)
		order_goods(w, from);
}

/* The lowest legal amount of a line. Of several, each is some pieces of the good. */
static struct money least_of(const struct work *w, const struct good *g, uint32_t line)
{
	struct money least;

	if (g->lines == 1)
		return g->least;
	if (__builtin_mul_overflow(g->unit_least.minor, w->cart->lines[line].quantity.micro / QTY_ONE.micro,
				   &least.minor))
		least.minor = AMOUNT_MAX;
	return least;
}

/* Its lines know what the margin guard says of them. */
static void guard_lines(struct work *w, struct good *g)
{
	guard_good(w, g);
	for (uint32_t i = 0; i < g->lines; i++) {
		uint32_t line = w->base.order[g->first + i];

		w->base.lines[line].floor = g->floor;
		w->base.lines[line].least = least_of(w, g, line);
	}
}

enum err goods_gather(struct work *w)
{
	enum err e = add_up(w);

	if (e)
		return e;
	order_lines(w);
	join_lines(w);
	for (uint32_t i = 0; i < w->base.good_count; i++)
		guard_lines(w, &w->base.goods[i]);
	return ERR_OK;
}

/* No other good has its SKU, so that alone decides where it stands; its line need not stand by good. */
enum err goods_add(struct work *w, const struct line_result *priced, uint32_t *at)
{
	struct base *b = &w->base;
	uint32_t line = w->cart->count - 1, i = b->good_count;
	enum err e = money_add(b->list, priced->list, &b->list);
	struct good new;

	if (e)
		return e;
	fill(w, line, priced, &new);
	new.first = line;
	while (i > 0 && new.item < b->goods[i - 1].item)
		i--;
	memmove(&b->goods[i + 1], &b->goods[i], (b->good_count - i) * sizeof(*b->goods));
	b->goods[i] = new;
	b->good_count++;
	b->lines[line] = *priced;
	b->order[line] = line;
	guard_lines(w, &b->goods[i]);
	*at = i;
	return ERR_OK;
}

enum err goods_change(struct work *w, uint32_t line, const struct line_result *priced, uint32_t at)
{
	struct base *b = &w->base;
	struct money others = {b->list.minor - b->goods[at].list.minor};
	uint32_t first = b->goods[at].first;
	enum err e = money_add(others, priced->list, &b->list);

	if (e)
		return e;
	fill(w, line, priced, &b->goods[at]);
	b->goods[at].first = first;
	b->lines[line] = *priced;
	guard_lines(w, &b->goods[at]);
	return ERR_OK;
}

static enum err give_line(struct work *w, uint32_t line, uint32_t promotion, struct money amount)
{
	if (!amount.minor)
		return ERR_OK;
	if (w->given_count == w->given_max)
		return ERR_LIMIT;
	w->given[w->given_count++] =
		(struct discount){.line = line, .promotion = promotion, .amount = amount};
	w->lines[line].net.minor -= amount.minor;
	w->lines[line].discounts++;
	return ERR_OK;
}

/*
 * What the promotion may take off a line: down to its own lowest amount, of which those of a good's lines add
 * up to the good's. One that compensates goes below that; and where one did, nothing is left, not less.
 */
static struct money cap_of(const struct work *w, uint32_t line, struct money unit_least)
{
	int64_t least = w->lines[line].least.minor, net = w->lines[line].net.minor, lower;

	if (unit_least.minor != AMOUNT_NONE &&
	    !__builtin_mul_overflow(unit_least.minor, w->cart->lines[line].quantity.micro / QTY_ONE.micro,
				    &lower))
		least = lower;
	return (struct money){net > least ? net - least : 0};
}

static enum err share_among_lines(struct work *w, const struct good *g, uint32_t promotion)
{
	const uint32_t *lines = w->base.order + g->first;
	struct money unit_least;
	enum err e;

	if (!g->taken.minor) /* nor need its lowest amounts be numbers then */
		return ERR_OK;
	if (g->lines == 1)
		return give_line(w, lines[0], promotion, g->taken);
	unit_least = guard_compensated(w, &w->catalog->promotions[promotion], g);
	for (uint32_t i = 0; i < g->lines; i++) {
		w->weight[i] = w->lines[lines[i]].net;
		w->part[i] = cap_of(w, lines[i], unit_least);
	}
	e = money_share(w->catalog->settings.remainder, g->taken, w->weight, w->part, g->lines, w->scratch,
			w->part);
	for (uint32_t i = 0; i < g->lines && !e; i++)
		e = give_line(w, lines[i], promotion, w->part[i]);
	return e;
}

enum err goods_share_discount(struct work *w, uint32_t promotion)
{
	for (uint32_t i = 0; i < w->good_words; i++) {
		for (; w->taken[i]; w->taken[i] &= w->taken[i] - 1) {
			struct good *g = &w->goods[i * 64 + (uint32_t)__builtin_ctzll(w->taken[i])];
			enum err e = share_among_lines(w, g, promotion);

			if (e)
				return e;
			g->taken = MONEY_ZERO;
		}
	}
	return ERR_OK;
}

void goods_put_back(struct work *w)
{
	for (uint32_t i = 0; i < w->good_words; i++) {
		for (; w->taken[i]; w->taken[i] &= w->taken[i] - 1) {
			struct good *g = &w->goods[i * 64 + (uint32_t)__builtin_ctzll(w->taken[i])];

			g->running.minor += g->taken.minor;
			g->taken = MONEY_ZERO;
		}
	}
}

static enum err share_tax(struct work *w, const struct good *g, struct money tax)
{
	const uint32_t *lines = w->base.order + g->first;
	enum err e;

	for (uint32_t i = 0; i < g->lines; i++) {
		w->weight[i] = w->lines[lines[i]].net;
		w->part[i] = tax; /* the cap: none, in effect */
	}
	e = money_share(w->catalog->settings.remainder, tax, w->weight, w->part, g->lines, w->scratch,
			w->part);
	for (uint32_t i = 0; i < g->lines && !e; i++)
		w->lines[lines[i]].tax = w->part[i];
	return e;
}

enum err goods_finish(struct work *w, const struct good *g, struct money tax)
{
	if (g->lines > 1)
		return share_tax(w, g, tax);
	w->lines[w->base.order[g->first]].tax = tax;
	return ERR_OK;
}
