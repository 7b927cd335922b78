/*
 * A later version of a snapshot, made from it and what changed. Pages without a change are shared, and so is
 * all that articles and prices refer to; promotions are compiled anew, if one of them changed. What would
 * move an index of articles is left to a whole build.
 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "gtin.h"

#define BODY_MAX (4U << 20) /* CBOR of one record, as for the builder */

/* A change of an article or its prices, found its place. */
struct edit {
	uint32_t item;
	uint32_t order; /* among the changes */
	const struct change *change;
};

/* A promotion, rule or override of the new version. */
struct kept_named {
	const char *id;
	struct kept kept; /* body NULL: taken away */
};

/* Those of one type: as they were, and behind them what came since. */
struct kept_all {
	struct kept_named *at; /* NULL: none of them changed */
	uint32_t count;
};

struct changing {
	const struct catalog *old;
	struct snapshot *made;
	struct arena arena; /* working memory */
	struct edit *edits;
	uint32_t edit_count;
	struct kept_all promotions, rules, overrides;
	struct page_item *page; /* ITEM_PAGE_ITEMS of them: the page at hand */
	struct why *why;
};

static enum err rebuild(struct changing *g, const char *what, const char *name)
{
	return fail(g->why, ERR_STATE, "%s '%s' needs a whole build", what, name);
}

static bool has_gtin(const struct catalog *c, uint64_t gtin, uint32_t item)
{
	for (uint32_t i = catalog_hash_gtin(gtin) & c->gtin_mask; c->gtin_slots[i].gtin;
	     i = (i + 1) & c->gtin_mask) {
		if (c->gtin_slots[i].gtin == gtin && c->gtin_slots[i].item == item)
			return true;
	}
	return false;
}

/* The same codes as before, none of them twice (record_check): then the index stays as it is. */
static bool same_gtins(struct changing *g, const struct list *gtins, uint32_t item)
{
	const char *const *at = gtins->at;

	if (gtins->count != catalog_item(g->old, item)->gtins)
		return false;
	for (size_t i = 0; i < gtins->count; i++) {
		uint64_t gtin;
		if (gtin_parse(at[i], &gtin, g->why) || !has_gtin(g->old, gtin, item))
			return false;
	}
	return true;
}

/* A name that may be absent; false: the catalog does not speak of it. */
static bool refer(const struct names *names, const char *name, uint32_t *out)
{
	*out = name ? find_name(names, name) : CATALOG_NONE;
	return !name || *out != CATALOG_NONE;
}

static enum err read_tags(struct changing *g, const struct list *tags, struct page_item *out)
{
	uint32_t *ids = arena_get(&g->arena, tags->count * sizeof(*ids));

	if (!ids)
		return builder_no_memory(g->why);
	for (size_t i = 0; i < tags->count; i++) {
		const char *tag = ((const char *const *)tags->at)[i];
		if (!refer(&g->old->tags, tag, &ids[i]))
			return rebuild(g, "the new tag", tag);
	}
	out->tags = ids;
	out->item.tags = (uint16_t)tags->count;
	return ERR_OK;
}

static enum err put_item(struct changing *g, const struct record_item *r, uint32_t item,
			 struct page_item *out)
{
	const struct catalog *c = g->old;
	uint32_t category = r->category ? find_category(c, r->category) : CATALOG_NONE;
	uint32_t tax = r->tax ? find_tax(c, r->tax) : 0;

	if (!same_gtins(g, &r->gtins, item))
		return rebuild(g, "another code of article", r->sku);
	if ((r->discountable == 0) != catalog_item(c, item)->fixed) /* every give may have to know */
		return rebuild(g, "another 'discountable' of article", r->sku);
	if ((r->category && category == CATALOG_NONE) || tax == CATALOG_NONE ||
	    !refer(&c->brands, r->brand, &out->item.brand) ||
	    !refer(&c->suppliers, r->supplier, &out->item.supplier))
		return rebuild(g, "a new name on article", r->sku);
	out->name = r->name;
	out->item.category = category;
	out->item.tax = (uint16_t)tax;
	out->item.unit = (uint8_t)r->unit;
	if (!out->item.landed)
		out->item.cost = r->cost;
	out->item.logistics = r->logistics;
	return read_tags(g, &r->tags, out);
}

/* The breaks of an article's rows in memory of their own, with room for more behind them. */
static struct price_break *copy_breaks(struct changing *g, struct page_item *out, size_t more, uint32_t *used)
{
	size_t count = more;
	struct price_break *breaks;
	struct price_row *rows = arena_get(&g->arena, (out->item.prices + 1u) * sizeof(*rows));

	for (uint16_t i = 0; i < out->item.prices; i++)
		count += out->prices[i].breaks;
	breaks = arena_get(&g->arena, (count + 1) * sizeof(*breaks));
	if (!breaks || !rows)
		return NULL;
	*used = 0;
	for (uint16_t i = 0; i < out->item.prices; i++) {
		const struct price_row *from = &out->prices[i];

		rows[i] = *from;
		rows[i].first_break = *used;
		for (uint16_t k = 0; k < from->breaks; k++)
			breaks[(*used)++] = out->breaks[from->first_break + k];
	}
	out->prices = rows;
	out->breaks = breaks;
	return breaks;
}

/* The row of a price record; its breaks go behind those of the article. */
static enum err make_row(struct changing *g, const struct record_price *r, uint32_t list,
			 struct page_item *out, struct price_row *row)
{
	const struct record_break *from = r->breaks.at;
	struct price_break *breaks;
	uint32_t used;

	*row = (struct price_row){.list = (uint16_t)list, .price = r->price};
	if (r->breaks.count == 0)
		return ERR_OK;
	breaks = copy_breaks(g, out, r->breaks.count, &used);
	if (!breaks)
		return builder_no_memory(g->why);
	row->first_break = used;
	row->breaks = (uint16_t)r->breaks.count;
	for (size_t i = 0; i < r->breaks.count; i++)
		breaks[used + i] = (struct price_break){.from = from[i].from, .price = from[i].price};
	return ERR_OK;
}

/* Rows with one put in, replaced or taken out; they stand by the place of their list. */
static enum err edit_prices(struct changing *g, const struct change *change, struct page_item *out)
{
	const struct record_price *r = &change->record.as.price;
	uint32_t list = find_list(g->old, r->list), at = 0, count = out->item.prices;
	struct price_row *rows, row;
	enum err e;

	if (list == CATALOG_NONE)
		return change->removed ? ERR_OK : rebuild(g, "the price list", r->list);
	if (count == UINT16_MAX)
		return rebuild(g, "one more price of article", r->sku);
	e = change->removed ? ERR_OK : make_row(g, r, list, out, &row);
	rows = e ? NULL : arena_get(&g->arena, (count + 1u) * sizeof(*rows));
	if (!rows)
		return builder_no_memory(g->why);
	while (at < count && out->prices[at].list < list)
		at++;
	uint32_t behind = at < count && out->prices[at].list == list ? at + 1 : at;
	memcpy(rows, out->prices, at * sizeof(*rows));
	uint32_t next = at;
	if (!change->removed)
		rows[next++] = row;
	memcpy(rows + next, out->prices + behind, (count - behind) * sizeof(*rows));
	out->prices = rows;
	out->item.prices = (uint16_t)(next + count - behind);
	return ERR_OK;
}

/* The bounds are the article's, the rest the signal's: each is kept when the other changes. */
static enum err set_signal(struct changing *g, struct page_item *out, struct signal with)
{
	struct signal *signal = arena_get(&g->arena, sizeof(*signal));

	if (!signal)
		return builder_no_memory(g->why);
	*signal = with;
	out->signal = signal;
	return ERR_OK;
}

static enum err edit_signal(struct changing *g, const struct change *change, struct page_item *out)
{
	struct money least = out->signal ? out->signal->least : MONEY_NONE;
	struct money most = out->signal ? out->signal->most : MONEY_NONE;
	struct signal signal;

	if (signal_make(change->removed ? NULL : &change->record.as.signal, least, most, &signal))
		return set_signal(g, out, signal);
	out->signal = NULL;
	return ERR_OK;
}

static enum err edit_bounds(struct changing *g, const struct record_item *r, struct page_item *out)
{
	struct signal signal;

	if (!out->signal) {
		if (!signal_make(NULL, r->least, r->most, &signal))
			return ERR_OK;
		return set_signal(g, out, signal);
	}
	signal = *out->signal;
	signal.least = r->least;
	signal.most = r->most;
	return set_signal(g, out, signal);
}

static int by_place(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Takes the edits of one page, and returns how many they were. */
static uint32_t same_page(const struct changing *g, uint32_t from)
{
	uint32_t to = from;

	while (to < g->edit_count &&
	       g->edits[to].item / ITEM_PAGE_ITEMS == g->edits[from].item / ITEM_PAGE_ITEMS)
		to++;
	return to - from;
}

static enum err edit_article(struct changing *g, const struct edit *edit, struct page_item *at)
{
	const struct record *r = &edit->change->record;
	enum err e;

	if (r->type == RECORD_PRICE)
		return edit_prices(g, edit->change, at);
	if (r->type == RECORD_SIGNAL)
		return edit_signal(g, edit->change, at);
	e = put_item(g, &r->as.item, edit->item, at);
	return e ? e : edit_bounds(g, &r->as.item, at);
}

static enum err edit_page(struct changing *g, const struct edit *edits, uint32_t count)
{
	const struct item_page **slot = &g->made->pages[edits->item / ITEM_PAGE_ITEMS], *page = *slot;
	enum err e = ERR_OK;

	page_read(page, g->page);
	for (uint32_t i = 0; i < count && !e; i++)
		e = edit_article(g, &edits[i], &g->page[edits[i].item % ITEM_PAGE_ITEMS]);
	if (e)
		return e;
	*slot = page_new(g->page, page->count);
	if (!*slot) {
		*slot = page;
		return builder_no_memory(g->why);
	}
	page_unref(page);
	return ERR_OK;
}

static enum err edit_pages(struct changing *g)
{
	enum err e = ERR_OK;

	if (g->edit_count == 0)
		return ERR_OK;
	g->page = arena_get(&g->arena, ITEM_PAGE_ITEMS * sizeof(*g->page));
	if (!g->page)
		return builder_no_memory(g->why);
	qsort(g->edits, g->edit_count, sizeof(*g->edits), by_place);
	for (uint32_t i = 0, n; i < g->edit_count && !e; i += n) {
		n = same_page(g, i);
		e = edit_page(g, g->edits + i, n);
	}
	return e;
}

static bool keep_body(struct changing *g, struct kept_all *all, const char *id, const uint8_t *body,
		      size_t length)
{
	uint8_t *copy = arena_get(&g->arena, length);

	if (!copy)
		return false;
	memcpy(copy, body, length);
	all->at[all->count++] = (struct kept_named){id, {.body = copy, .length = length}};
	return true;
}

/* The promotions as they are, with room for as many more as there are changes. */
static bool open_promotions(struct changing *g, size_t changes)
{
	const struct catalog *c = g->old;
	struct kept_all *all = &g->promotions;

	if (all->at)
		return true;
	all->at = arena_get(&g->arena, (c->promotion_count + changes) * sizeof(*all->at));
	for (uint32_t i = 0; all->at && i < c->promotion_count; i++) {
		const struct promotion *p = &c->promotions[i];
		if (!keep_body(g, all, p->id, p->body, p->body_length))
			return false;
	}
	return all->at;
}

/* The same of rules and overrides, which lie in one array. */
static bool open_rules(struct changing *g, size_t changes)
{
	const struct catalog *c = g->old;

	if (g->rules.at)
		return true;
	g->rules.at = arena_get(&g->arena, (c->rule_count + changes) * sizeof(*g->rules.at));
	g->overrides.at = arena_get(&g->arena, (c->rule_count + changes) * sizeof(*g->overrides.at));
	if (!g->rules.at || !g->overrides.at)
		return false;
	for (uint32_t i = 0; i < c->rule_count; i++) {
		const struct price_rule *r = &c->rules[i];
		if (!keep_body(g, r->kind == RULE_OVERRIDE ? &g->overrides : &g->rules, r->id, r->body,
			       r->body_length))
			return false;
	}
	return true;
}

static uint32_t find_named(const struct kept_all *all, const char *id)
{
	uint32_t at = 0;

	while (at < all->count && strcmp(all->at[at].id, id) != 0)
		at++;
	return at;
}

/* Promotions of the old version stand by id; what came since is behind them. */
static uint32_t find_promotion(const struct changing *g, const char *id)
{
	uint32_t at = catalog_promotion(g->old, id);

	return at == CATALOG_NONE ? find_named(&g->promotions, id) : at;
}

static enum err encode(struct changing *g, const struct record *r, struct kept *out)
{
	struct buf encoded;
	enum err e;

	buf_init(&encoded, BODY_MAX);
	e = record_encode(r, &encoded);
	out->length = buf_length(&encoded);
	out->body = e ? NULL : arena_get(&g->arena, out->length);
	if (out->body)
		memcpy(out->body, buf_front(&encoded), out->length);
	buf_free(&encoded);
	return out->body ? ERR_OK : builder_no_memory(g->why);
}

static enum err edit_named(struct changing *g, const struct change *change, const char *id, uint32_t at,
			   struct kept_all *all)
{
	if (change->removed) {
		if (at < all->count)
			all->at[at].kept.body = NULL;
		return ERR_OK;
	}
	if (at == all->count)
		all->at[all->count++].id = id;
	return encode(g, &change->record, &all->at[at].kept);
}

static enum err edit_promotion(struct changing *g, const struct change *change, size_t changes)
{
	const char *id = change->record.as.promotion.id;

	if (!open_promotions(g, changes))
		return builder_no_memory(g->why);
	return edit_named(g, change, id, find_promotion(g, id), &g->promotions);
}

static enum err edit_rule(struct changing *g, const struct change *change, size_t changes)
{
	bool rule = change->record.type == RECORD_PRICE_RULE;
	const char *id = rule ? change->record.as.price_rule.id : change->record.as.override.id;
	struct kept_all *all = rule ? &g->rules : &g->overrides;

	if (!open_rules(g, changes))
		return builder_no_memory(g->why);
	return edit_named(g, change, id, find_named(all, id), all);
}

static const char *sku_of(const struct record *r)
{
	if (r->type == RECORD_PRICE)
		return r->as.price.sku;
	return r->type == RECORD_SIGNAL ? r->as.signal.sku : r->as.item.sku;
}

static enum err edit_item(struct changing *g, const struct change *change, uint32_t order)
{
	const char *sku = sku_of(&change->record);
	uint32_t item;

	if (catalog_find_sku(g->old, sku, &item))
		return change->removed ? ERR_OK : rebuild(g, "the new article", sku);
	if (change->removed && change->record.type == RECORD_ITEM)
		return rebuild(g, "taking away article", sku);
	g->edits[g->edit_count++] = (struct edit){.item = item, .order = order, .change = change};
	return ERR_OK;
}

static enum err sort_out(struct changing *g, const struct change *changes, size_t count)
{
	enum err e = ERR_OK;

	g->edits = arena_get(&g->arena, (count + 1) * sizeof(*g->edits));
	if (!g->edits)
		return builder_no_memory(g->why);
	for (size_t i = 0; i < count && !e; i++) {
		switch (changes[i].record.type) {
		case RECORD_ITEM:
		case RECORD_PRICE:
		case RECORD_SIGNAL:
			e = edit_item(g, &changes[i], (uint32_t)i);
			break;
		case RECORD_PROMOTION:
			e = edit_promotion(g, &changes[i], count);
			break;
		case RECORD_PRICE_RULE:
		case RECORD_OVERRIDE:
			e = edit_rule(g, &changes[i], count);
			break;
		case RECORD_COUPON:
		case RECORD_CUSTOMER:
		case RECORD_PLAN: /* in the database */
			break;
		case RECORD_BOOK:
		case RECORD_TAX:
		case RECORD_CATEGORY:
		case RECORD_PRICE_LIST:
		case RECORD_FLOOR:
		case RECORD_ZONE:
		case RECORD_EXCHANGE_RATE:
		case RECORD_LANDED_COST:
			e = rebuild(g, "a change of", record_schema(changes[i].record.type)->name);
			break;
		}
	}
	return e;
}

/* Those that were not taken away. */
static struct kept *left_of(struct changing *g, const struct kept_all *all, uint32_t *count)
{
	struct kept *kept = arena_get(&g->arena, (all->count + 1) * sizeof(*kept));

	*count = 0;
	for (uint32_t i = 0; kept && i < all->count; i++) {
		if (all->at[i].kept.body)
			kept[(*count)++] = all->at[i].kept;
	}
	return kept;
}

static enum err make_promotions(struct changing *g, struct part *old)
{
	struct kept *kept;
	struct arena *arena;
	uint32_t count;
	enum err e;

	if (!g->promotions.at) {
		g->made->promotions = part_ref(old);
		return ERR_OK;
	}
	g->made->promotions = part_new();
	kept = left_of(g, &g->promotions, &count);
	if (!kept || !g->made->promotions)
		return builder_no_memory(g->why);
	arena = &g->made->promotions->arena;
	e = promotions_make(&g->made->catalog, kept, count, false, arena, g->why);
	return e ? e : touch_make(&g->made->catalog, arena, g->why);
}

static enum err make_rules(struct changing *g, struct part *old)
{
	struct kept_rules kept;
	struct arena *arena;
	enum err e;

	if (!g->rules.at) {
		g->made->rules = part_ref(old);
		return ERR_OK;
	}
	g->made->rules = part_new();
	kept.rules = left_of(g, &g->rules, &kept.rule_count);
	kept.overrides = left_of(g, &g->overrides, &kept.override_count);
	if (!kept.rules || !kept.overrides || !g->made->rules)
		return builder_no_memory(g->why);
	arena = &g->made->rules->arena;
	e = rules_make(&g->made->catalog, &kept, false, arena, g->why);
	return e ? e : touch_make_rules(&g->made->catalog, arena, g->why);
}

/* Everything of base's, as a snapshot of its own, but for the promotions and rules. */
static enum err open_snapshot(struct changing *g, const struct snapshot *base, uint64_t version)
{
	const struct item_page **pages =
		calloc(base->catalog.page_count + 1u, sizeof(const struct item_page *));

	g->made = calloc(1, sizeof(*g->made));
	if (!g->made || !pages) {
		free(pages);
		return builder_no_memory(g->why);
	}
	atomic_init(&g->made->references, 1);
	for (uint32_t i = 0; i < base->catalog.page_count; i++)
		pages[i] = page_ref(base->pages[i]);
	g->made->catalog = base->catalog;
	g->made->catalog.version = version;
	g->made->catalog.pages = pages;
	g->made->pages = pages;
	g->made->base = part_ref(base->base);
	g->made->rates = base->rates;
	return ERR_OK;
}

enum err snapshot_change(struct snapshot *base, const struct change *changes, size_t count, uint64_t version,
			 struct snapshot **out, struct why *why)
{
	struct changing g = {.old = &base->catalog, .why = why};
	enum err e = open_snapshot(&g, base, version);

	if (!e)
		e = sort_out(&g, changes, count);
	if (!e)
		e = edit_pages(&g);
	if (!e)
		e = make_promotions(&g, base->promotions);
	if (!e)
		e = make_rules(&g, base->rules);
	arena_free(&g.arena);
	if (!e) {
		*out = g.made;
		return ERR_OK;
	}
	snapshot_unref(g.made);
	return e == ERR_MEMORY ? e : ERR_STATE;
}
