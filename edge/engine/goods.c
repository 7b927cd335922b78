/*
 * Lines to goods and back. Like lines become one good and goods stand in canonical order, so that nothing
 * later depends on how and in which order things were scanned; what goods got is shared among their lines
 * at the end. docs/engine.md, "Goods".
 */
#include "engine_work.h"

#include <string.h>

/* The first 8 bytes as a number that compares as strcmp does; zeros behind a shorter text. */
static uint64_t start_of(const char *text)
{
	uint64_t start = 0;
	unsigned i = 0;

	for (; i < 8 && text[i]; i++)
		start = start << 8 | (unsigned char)text[i];
	return i ? start << (8 * (8 - i)) : 0;
}

static int compare_sku(const struct good *a, const struct good *b)
{
	if (a->item == b->item)
		return 0;
	if (a->sku_start != b->sku_start)
		return a->sku_start < b->sku_start ? -1 : 1;
	return strcmp(a->sku, b->sku);
}

/* Like lines side by side: first those that join, in scan order, since the sort is stable. */
static bool line_before(const void *of, uint32_t a, uint32_t b)
{
	const struct good *x = (const struct good *)of + a, *y = (const struct good *)of + b;
	int sku = compare_sku(x, y);

	if (sku)
		return sku < 0;
	if (x->unit_price.minor != y->unit_price.minor)
		return x->unit_price.minor < y->unit_price.minor;
	return !x->priced && y->priced;
}

/* The canonical order. Goods are compared in the order of their first scan, and the sort is stable. */
static bool good_before(const void *of, uint32_t a, uint32_t b)
{
	const struct good *x = (const struct good *)of + a, *y = (const struct good *)of + b;
	int sku = compare_sku(x, y);

	if (sku)
		return sku < 0;
	if (x->unit_price.minor != y->unit_price.minor)
		return x->unit_price.minor < y->unit_price.minor;
	if (x->list.minor != y->list.minor)
		return x->list.minor < y->list.minor;
	if (x->quantity.micro != y->quantity.micro)
		return x->quantity.micro < y->quantity.micro;
	return a < b;
}

static void fill(const struct work *w, uint32_t i, const struct line_result *priced, struct good *g)
{
	const struct engine_line *line = &w->cart->lines[i];
	const struct item *article = catalog_item(w->catalog, line->item);
	bool labelled = line->given.minor != AMOUNT_NONE;
	bool whole = labelled || article->unit == UNIT_EACH;

	*g = (struct good){
		.article = article,
		.tags = catalog_tags(w->catalog, line->item),
		.sku = catalog_sku(w->catalog, line->item),
		.item = line->item,
		.lines = 1,
		.priced = labelled,
		.pieces = whole ? line->quantity.micro / QTY_ONE.micro : 0,
		.quantity = line->quantity,
		.unit_price = priced->unit_price,
		.list = priced->list,
		.running = priced->list,
		.percent_by = CATALOG_NONE,
	};
	g->sku_start = start_of(g->sku);
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

enum err goods_gather(struct work *w)
{
	struct base *b = &w->base;
	uint32_t n = w->cart->count, count = 0;
	enum err e = add_up(w);

	if (e)
		return e;
	for (uint32_t i = 0; i < n; i++) {
		fill(w, i, &b->lines[i], &w->each[i]);
		b->order[i] = i;
	}
	sort_indices(b->order, w->spare, n, line_before, w->each);
	for (uint32_t i = 0; i < n; i++) {
		struct good *line = &w->each[b->order[i]];

		if (count && joins(&w->each[w->heads[count - 1]], line)) {
			join(&w->each[w->heads[count - 1]], line);
			continue;
		}
		line->first = i;
		w->heads[count++] = b->order[i];
	}
	sort_indices(w->heads, w->spare, count, good_before, w->each);
	for (uint32_t i = 0; i < count; i++) {
		b->goods[i] = w->each[w->heads[i]];
		guard_good(w, &b->goods[i]);
	}
	b->good_count = count;
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
	while (i > 0 && compare_sku(&new, &b->goods[i - 1]) < 0)
		i--;
	memmove(&b->goods[i + 1], &b->goods[i], (b->good_count - i) * sizeof(*b->goods));
	b->goods[i] = new;
	b->good_count++;
	b->lines[line] = *priced;
	b->order[line] = line;
	guard_good(w, &b->goods[i]);
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
	guard_good(w, &b->goods[at]);
	b->lines[line] = *priced;
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

/* The lowest legal amount of a line. Of several, each is some pieces of the good. */
static struct money least_of(const struct work *w, const struct good *g, uint32_t line)
{
	int64_t pieces = w->cart->lines[line].quantity.micro / QTY_ONE.micro;

	return (struct money){g->lines == 1 ? g->least.minor : g->unit_least.minor * pieces};
}

/* Lines share down to their own lowest amounts: those add up to the good's, so there is room for all. */
static enum err share_among_lines(struct work *w, const struct good *g, uint32_t promotion)
{
	const uint32_t *lines = w->base.order + g->first;
	enum err e;

	if (g->lines == 1)
		return give_line(w, lines[0], promotion, g->taken);
	for (uint32_t i = 0; i < g->lines; i++) {
		w->weight[i] = w->lines[lines[i]].net;
		w->part[i].minor = w->weight[i].minor - least_of(w, g, lines[i]).minor; /* the cap */
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

enum err goods_share_tax(struct work *w, const struct good *g, struct money tax)
{
	const uint32_t *lines = w->base.order + g->first;
	enum err e;

	if (g->lines == 1) {
		w->lines[lines[0]].tax = tax;
		return ERR_OK;
	}
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

void goods_share_least(struct work *w, const struct good *g)
{
	for (uint32_t i = 0; i < g->lines; i++) {
		uint32_t line = w->base.order[g->first + i];

		w->lines[line].floor = g->floor;
		w->lines[line].least = g->lines == 1 ? g->least : least_of(w, g, line);
	}
}
