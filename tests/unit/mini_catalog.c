/*
 * A catalog laid out by hand. See mini_catalog.h.
 */
#include "mini_catalog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more; it doubles at each power of two. */
static void *grow(void *at, size_t count, size_t size)
{
	void *grown = count & (count - 1) ? at : realloc(at, (count ? 2 * count : 1) * size);

	assert_non_null(grown);
	return grown;
}

static void *zeros(size_t count, size_t size)
{
	void *made = calloc(count ? count : 1, size);

	assert_non_null(made);
	return made;
}

struct mini *mini_new(void)
{
	struct mini *m = zeros(1, sizeof(*m));

	m->catalog.settings = (struct settings){.id = "mini",
						.currency = "EUR",
						.exponent = 2,
						.semantics = 1,
						.guard = true,
						.margin_floor = {300000}};
	mini_list(m, "everyone");
	mini_tax(m, 0);
	return m;
}

/* A catalog is read only but to who made it. */
static void release(const void *made)
{
	free((void *)(uintptr_t)made); /* NOLINT(performance-no-int-to-ptr) */
}

static void free_indexes(struct catalog *c)
{
	for (uint32_t i = 0; i < c->page_count; i++)
		release(c->pages[i]);
	release(c->pages);
	release(c->gtin_slots);
	release(c->sku_slots);
	for (unsigned i = 0; i < TERM_KINDS; i++) {
		release(c->touch[i].first);
		release(c->touch[i].promotions);
	}
	release(c->touch_all.at);
}

void mini_free(struct mini *m)
{
	free_indexes(&m->catalog);
	free(m->items);
	free(m->prices);
	free(m->tags);
	free(m->text);
	free(m->promotions);
	free(m->gtins);
	free(m->room);
	free(m);
}

static uint32_t add_text(struct mini *m, const char *text)
{
	size_t at = m->text_size, n = strlen(text) + 1;

	m->text = realloc(m->text, at + n);
	assert_non_null(m->text);
	memcpy(m->text + at, text, n);
	m->text_size += n;
	return (uint32_t)at;
}

struct item *mini_item(struct mini *m, const char *sku, int64_t price)
{
	struct item *item;

	m->items = grow(m->items, m->catalog.item_count, sizeof(*m->items));
	item = &m->items[m->catalog.item_count++];
	*item = (struct item){
		.sku = add_text(m, sku),
		.name = add_text(m, sku),
		.category = CATALOG_NONE,
		.brand = CATALOG_NONE,
		.supplier = CATALOG_NONE,
		.first_tag = (uint32_t)m->tag_count,
		.first_price = (uint32_t)m->price_count,
		.cost = MONEY_NONE,
		.logistics = MONEY_NONE,
	};
	if (price != AMOUNT_NONE)
		mini_price(m, 0, price);
	return item;
}

struct mini *mini_round_prices(void)
{
	struct mini *m = mini_new();

	mini_item(m, "A-TEN", 1000);
	mini_item(m, "B-TWENTY", 2000);
	mini_item(m, "C-HUNDRED", 10000);
	return m;
}

void mini_price(struct mini *m, uint32_t list, int64_t price)
{
	m->prices = grow(m->prices, m->price_count, sizeof(*m->prices));
	m->prices[m->price_count++] = (struct price_row){.list = (uint16_t)list, .price = {price}};
	m->items[m->catalog.item_count - 1].prices++;
}

struct signal *mini_signal(struct mini *m)
{
	const struct moment unknown = {.seconds = AMOUNT_NONE};
	struct signal *s = &m->signals[m->signal_count++];

	*s = (struct signal){.stock = {AMOUNT_NONE},
			     .sold = {AMOUNT_NONE},
			     .expected = {AMOUNT_NONE},
			     .received = unknown,
			     .until = unknown,
			     .counted = unknown,
			     .views = AMOUNT_NONE,
			     .carts = AMOUNT_NONE,
			     .purchases = AMOUNT_NONE,
			     .competitor = MONEY_NONE,
			     .least = MONEY_NONE,
			     .most = MONEY_NONE};
	m->items[m->catalog.item_count - 1].signal = m->signal_count;
	return s;
}

void mini_rule(struct mini *m, const struct price_rule *r)
{
	uint32_t n = m->catalog.rule_count++;

	m->rules[n] = *r;
	m->all_rules[n] = n;
	m->catalog.rules = m->rules;
	m->catalog.rule_touch_all = (struct ids){m->all_rules, n + 1};
}

void mini_tag(struct mini *m, uint32_t tag)
{
	m->tags = grow(m->tags, m->tag_count, sizeof(*m->tags));
	m->tags[m->tag_count++] = tag;
	m->items[m->catalog.item_count - 1].tags++;
}

struct price_list *mini_list(struct mini *m, const char *id)
{
	struct price_list *list = &m->lists[m->catalog.list_count++];

	*list = (struct price_list){.id = id, .window = OPEN};
	return list;
}

uint32_t mini_tax(struct mini *m, int64_t ppm)
{
	m->taxes[m->catalog.tax_count] = (struct tax){.id = "tax", .rate = {ppm}};
	return m->catalog.tax_count++;
}

uint32_t mini_category(struct mini *m, uint32_t parent)
{
	uint32_t id = m->catalog.category_count++, n = 0;

	for (uint32_t up = id; up != CATALOG_NONE; up = up == id ? parent : m->categories[up].parent)
		m->ups[id][n++] = up;
	m->categories[id] = (struct category){
		.id = "category", .parent = parent, .up = {m->ups[id], n}, .margin_floor = {AMOUNT_NONE}};
	return id;
}

void mini_floor(struct mini *m, uint32_t segment, uint32_t category, int64_t ppm)
{
	m->floors[m->catalog.margin_floor_count++] = (struct margin_floor){segment, category, {ppm}, "floor"};
}

void mini_gtin(struct mini *m, uint64_t gtin, uint32_t item)
{
	m->gtins = grow(m->gtins, m->gtin_count, sizeof(*m->gtins));
	m->gtins[m->gtin_count++] = (struct gtin_slot){gtin, item};
}

void mini_promotion(struct mini *m, const struct promotion *p)
{
	uint32_t n = m->catalog.promotion_count;

	assert_true(n == 0 || strcmp(m->promotions[n - 1].id, p->id) < 0);
	m->promotions = grow(m->promotions, n, sizeof(*m->promotions));
	m->promotions[n] = *p;
	promotion_settle(&m->promotions[n]);
	m->catalog.promotion_count++;
}

static void make_pages(struct mini *m)
{
	struct catalog *c = &m->catalog;
	const struct item_page **pages;

	c->page_count = (c->item_count + ITEM_PAGE_ITEMS - 1) / ITEM_PAGE_ITEMS;
	pages = zeros(c->page_count, sizeof(const struct item_page *));
	for (uint32_t i = 0; i < c->page_count; i++) {
		struct item_page *page = zeros(1, sizeof(*page));

		*page = (struct item_page){
			.items = m->items + (size_t)i * ITEM_PAGE_ITEMS,
			.prices = m->prices,
			.signals = m->signals,
			.tags = m->tags,
			.text = m->text,
			.count = ITEM_PAGE_ITEMS,
		};
		pages[i] = page;
	}
	c->pages = pages;
}

static uint32_t slots_for(uint32_t n)
{
	uint32_t slots = 4;

	while (slots < 2 * n)
		slots *= 2;
	return slots;
}

static void make_hashes(struct mini *m)
{
	struct catalog *c = &m->catalog;
	uint32_t slots = slots_for(c->item_count), gtin_slots = slots_for(m->gtin_count);
	uint32_t *skus = zeros(slots, sizeof(*skus));
	struct gtin_slot *gtins = zeros(gtin_slots, sizeof(*gtins));

	memset(skus, 0xff, slots * sizeof(*skus));
	for (uint32_t i = 0; i < c->item_count; i++) {
		uint32_t at = catalog_hash_text(m->text + m->items[i].sku) & (slots - 1);

		while (skus[at] != CATALOG_NONE)
			at = (at + 1) & (slots - 1);
		skus[at] = i;
	}
	for (uint32_t i = 0; i < m->gtin_count; i++) {
		uint32_t at = catalog_hash_gtin(m->gtins[i].gtin) & (gtin_slots - 1);

		while (gtins[at].gtin)
			at = (at + 1) & (gtin_slots - 1);
		gtins[at] = m->gtins[i];
	}
	c->sku_slots = skus;
	c->sku_mask = slots - 1;
	c->gtin_slots = gtins;
	c->gtin_mask = gtin_slots - 1;
}

static uint32_t ids_of(const struct catalog *c, enum term_kind kind)
{
	if (kind == TERM_ITEM)
		return c->item_count;
	return kind == TERM_CATEGORY ? c->category_count : MINI_IDS;
}

/* Counts (rows NULL) or writes, for a term, the promotion under every id that the term means. */
struct filling {
	uint32_t *counts, *last, *rows;
	const uint32_t *first;
};

static void fill_id(struct filling *f, uint32_t id, uint32_t promotion)
{
	if (f->last[id] == promotion)
		return;
	f->last[id] = promotion;
	if (f->rows)
		f->rows[f->first[id] + f->counts[id]] = promotion;
	f->counts[id]++;
}

static void fill_selector(struct filling *f, const struct catalog *c, enum term_kind kind,
			  const struct selector *s, uint32_t promotion)
{
	for (uint32_t i = 0; i < s->includes; i++) {
		if (s->include[i].kind != kind)
			continue;
		if (kind != TERM_CATEGORY) {
			fill_id(f, s->include[i].id, promotion);
			continue;
		}
		for (uint32_t id = 0; id < c->category_count; id++)
			for (uint32_t k = 0; k < c->categories[id].up.count; k++)
				if (c->categories[id].up.at[k] == s->include[i].id)
					fill_id(f, id, promotion);
	}
}

static void fill_give(struct filling *f, const struct catalog *c, enum term_kind kind, const struct give *g,
		      uint32_t promotion)
{
	fill_selector(f, c, kind, &g->on, promotion);
	for (uint32_t i = 0; i < g->part_count; i++)
		fill_selector(f, c, kind, &g->parts[i].of, promotion);
}

static void fill_all(struct filling *f, const struct catalog *c, enum term_kind kind)
{
	uint32_t ids = ids_of(c, kind);

	memset(f->counts, 0, (ids + 1) * sizeof(*f->counts));
	memset(f->last, 0xff, (ids + 1) * sizeof(*f->last));
	for (uint32_t i = 0; i < c->promotion_count; i++) {
		const struct promotion *p = &c->promotions[i];

		for (uint32_t k = 0; k < p->need_count; k++)
			fill_selector(f, c, kind, &p->needs[k].of, i);
		for (uint32_t k = 0; k < p->give_count; k++)
			fill_give(f, c, kind, &p->gives[k], i);
	}
}

static void make_touch(struct catalog *c, enum term_kind kind)
{
	uint32_t ids = ids_of(c, kind);
	uint32_t *first = zeros(ids + 1, sizeof(*first));
	struct filling f = {
		.counts = zeros(ids + 1, sizeof(*first)),
		.last = zeros(ids + 1, sizeof(*first)),
	};

	fill_all(&f, c, kind);
	for (uint32_t id = 0; id < ids; id++)
		first[id + 1] = first[id] + f.counts[id];
	f.first = first;
	f.rows = zeros(first[ids], sizeof(*f.rows));
	fill_all(&f, c, kind);
	c->touch[kind] = (struct term_index){.first = first, .promotions = f.rows, .ids = ids};
	free(f.counts);
	free(f.last);
}

static bool give_wants_all(const struct give *g)
{
	for (uint32_t i = 0; i < g->part_count; i++)
		if (!g->parts[i].of.includes)
			return true;
	return !g->on.includes;
}

static bool wants_all(const struct promotion *p)
{
	for (uint32_t i = 0; i < p->need_count; i++)
		if (!p->needs[i].of.includes)
			return true;
	for (uint32_t i = 0; i < p->give_count; i++)
		if (give_wants_all(&p->gives[i]))
			return true;
	return false;
}

/* The nearest of a category and those above it that has a floor for every segment. */
static void resolve_floors(struct mini *m)
{
	for (uint32_t i = 0; i < m->catalog.category_count; i++) {
		const struct ids *up = &m->categories[i].up;

		for (uint32_t k = up->count; k-- > 0;)
			for (uint32_t f = 0; f < m->catalog.margin_floor_count; f++)
				if (m->floors[f].segment == CATALOG_NONE &&
				    m->floors[f].category == up->at[k])
					m->categories[i].margin_floor = m->floors[f].margin;
	}
}

static void order_promotions(struct mini *m)
{
	uint32_t n = m->catalog.promotion_count, *order = zeros(2 * (size_t)n, sizeof(*order));

	promotions_order(&m->catalog.settings, m->promotions, n, order, order + n);
	free(order);
}

const struct catalog *mini_finish(struct mini *m)
{
	struct catalog *c = &m->catalog;
	uint32_t *all = zeros(c->promotion_count, sizeof(*all));

	free_indexes(c);
	make_pages(m);
	make_hashes(m);
	c->lists = m->lists;
	c->taxes = m->taxes;
	c->categories = m->categories;
	c->margin_floors = m->floors;
	resolve_floors(m);
	order_promotions(m);
	c->promotions = m->promotions;
	for (unsigned kind = 0; kind < TERM_KINDS; kind++)
		make_touch(c, (enum term_kind)kind);
	c->touch_all = (struct ids){all, 0};
	for (uint32_t i = 0; i < c->promotion_count; i++)
		if (wants_all(&c->promotions[i]))
			all[c->touch_all.count++] = i;
	return c;
}

enum err mini_evaluate(struct mini *m, const struct engine_cart *cart, struct engine_result *out,
		       uint32_t *bad_line)
{
	size_t size = engine_room_size(&m->catalog, cart->count);

	free(m->room);
	m->room = malloc(size ? size : 1);
	assert_non_null(m->room);
	memset(m->room, 0xa5, size);
	return engine_evaluate(&m->catalog, cart, m->room, size, out, bad_line);
}

uint32_t lines_count(const struct engine_line *lines, uint32_t most)
{
	uint32_t n = 0;

	while (n < most && lines[n].quantity.micro)
		n++;
	return n;
}

const char *nets_text(const struct engine_result *r, char out[TEXT_MAX])
{
	int at = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < r->line_count && at < TEXT_MAX; i++)
		at += snprintf(out + at, (size_t)(TEXT_MAX - at), "%s%" PRId64, i ? " " : "",
			       r->lines[i].net.minor);
	return out;
}

static int reason_text_of(const struct catalog *c, const struct verdict *v, char *out, size_t size)
{
	const char *id = c->promotions[v->promotion].id;

	if (!v->reason)
		return snprintf(out, size, "%s=%" PRId64 "x%" PRId64, id, v->amount.minor, v->times);
	if (v->reason == REASON_OUTRANKED)
		return snprintf(out, size, "%s=outranked<%s", id, c->promotions[v->by].id);
	if (v->lacking)
		return snprintf(out, size, "%s=%s-%" PRId64 "@%u", id, reason_code(v->reason), v->lacking,
				v->need);
	return snprintf(out, size, "%s=%s", id, reason_code(v->reason));
}

static int verdict_text(const struct catalog *c, const struct verdict *v, char *out, size_t size)
{
	int n = reason_text_of(c, v, out, size);

	if (v->cut.minor)
		n += snprintf(out + n, size - (size_t)n, "!%" PRId64, v->cut.minor);
	if (v->allowed.minor)
		n += snprintf(out + n, size - (size_t)n, "/%" PRId64, v->allowed.minor);
	return n;
}

const char *verdicts_text(const struct catalog *c, const struct engine_result *r, char out[TEXT_MAX])
{
	int at = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < r->verdict_count && at < TEXT_MAX - 1; i++) {
		if (i)
			out[at++] = ' ';
		at += verdict_text(c, &r->verdicts[i], out + at, (size_t)(TEXT_MAX - at));
	}
	return out;
}

static int64_t given_to_line(const struct engine_result *r, uint32_t line)
{
	const struct line_result *l = &r->lines[line];
	int64_t sum = 0;

	for (uint32_t i = 0; i < l->discounts; i++) {
		const struct discount *d = &r->discounts[l->first_discount + i];

		assert_int_equal(d->line, line);
		assert_true(d->amount.minor > 0);
		sum += d->amount.minor;
	}
	return sum;
}

static int64_t given_by(const struct engine_result *r, uint32_t promotion)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < r->discount_count; i++)
		sum += r->discounts[i].promotion == promotion ? r->discounts[i].amount.minor : 0;
	return sum;
}

void assert_adds_up(const struct catalog *c, const struct engine_cart *cart, const struct engine_result *r)
{
	int64_t list = 0, net = 0, tax = 0;
	uint32_t discounts = 0;

	assert_int_equal(r->line_count, cart->count);
	for (uint32_t i = 0; i < r->line_count; i++) {
		const struct line_result *l = &r->lines[i];

		assert_true(l->net.minor >= 0);
		assert_true(l->net.minor >=
			    (l->least.minor < l->list.minor ? l->least.minor : l->list.minor));
		assert_int_equal(l->list.minor - given_to_line(r, i), l->net.minor);
		list += l->list.minor;
		net += l->net.minor;
		tax += l->tax.minor;
		discounts += l->discounts;
	}
	assert_int_equal(discounts, r->discount_count);
	assert_int_equal(list, r->totals.list.minor);
	assert_int_equal(net, r->totals.net.minor);
	assert_int_equal(tax, r->totals.tax.minor);
	assert_int_equal(list - net, r->totals.discount.minor);
	assert_int_equal(net + (c->settings.tax == TAX_EXCLUSIVE ? tax : 0) +
				 (r->totals.shipping.minor - r->totals.shipping_discount.minor),
			 r->totals.total.minor);
	for (uint32_t i = 0; i < r->verdict_count; i++) {
		assert_int_equal(i < r->applied_count, r->verdicts[i].reason == REASON_APPLIED);
		assert_int_equal(r->verdicts[i].amount.minor, given_by(r, r->verdicts[i].promotion));
	}
}
