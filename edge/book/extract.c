/*
 * Taking an extract: records made again from a catalog's arrays, but for promotions, whose bodies the catalog
 * keeps.
 *
 * Records are written type by type, each type in the order of its keys. Categories, articles and promotions
 * stand in the catalog in that order already; lists, which stand by rank, are sorted here.
 */
#include "extract_parts.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"

#define BODY_MAX (1U << 20) /* of a record that is made again: an article's or a list's few fields */

void body_hash(enum record_type t, const void *cbor, size_t n, uint8_t out[BODY_HASH_SIZE])
{
	struct digest inner, outer;
	uint8_t typed[1 + DIGEST_SIZE] = {(uint8_t)t};

	digest_of(cbor, n, &inner);
	memcpy(typed + 1, inner.bytes, DIGEST_SIZE);
	digest_of(typed, sizeof(typed), &outer);
	memcpy(out, outer.bytes, BODY_HASH_SIZE);
}

static enum err add_body(struct taking *t, enum record_type type, const void *cbor, size_t n)
{
	struct body *body = &t->bodies[t->count];
	uint8_t *copy = arena_get(t->arena, n);

	if (!copy)
		return ERR_MEMORY;
	memcpy(copy, cbor, n);
	*body = (struct body){.type = type, .cbor = copy, .length = n};
	body_memo_hash(t->memo, type, copy, n, body->hash);
	t->count++;
	return ERR_OK;
}

enum err extract_add(struct taking *t, const struct record *r)
{
	buf_cut(&t->encoded, 0);
	enum err e = record_encode(r, &t->encoded);
	return e ? e : add_body(t, r->type, buf_front(&t->encoded), buf_length(&t->encoded));
}

const char *extract_name(const struct names *names, uint32_t id)
{
	return id == CATALOG_NONE ? NULL : names->at[id];
}

/* Ids as texts again, in the arena. False: no memory. */
bool extract_texts(struct taking *t, const struct names *names, const struct ids *ids, struct list *out)
{
	const char **texts = ids->count ? arena_get(t->arena, ids->count * sizeof(*texts)) : NULL;

	if (ids->count && !texts)
		return false;
	for (uint32_t i = 0; i < ids->count; i++)
		texts[i] = names->at[ids->at[i]];
	*out = (struct list){.at = texts, .count = ids->count};
	return true;
}

static bool has_segment(const struct taking *t, uint32_t segment)
{
	const struct ids *segments = &t->cart->context.segments;

	for (uint32_t i = 0; i < segments->count; i++) {
		if (segments->at[i] == segment)
			return true;
	}
	return false;
}

static enum err take_book(struct taking *t)
{
	const struct settings *s = &t->catalog->settings;
	const struct record_guard margin = {
		.guard = !s->guard, .floor = s->margin_floor, .alert = s->margin_alert};
	const struct record r = {
		.type = RECORD_BOOK,
		.as.book =
			{
				.id = s->id,
				.currency = s->currency,
				.semantics = s->semantics,
				.rounding = s->rounding,
				.tax = s->tax,
				.policy = s->policy,
				.threshold = s->threshold,
				.priority = s->higher_first,
				.exclusive = s->exclusive,
				.percents = s->percents,
				.zone = s->zone,
				.margin = s->guard && s->margin_floor.ppm == MARGIN_FLOOR_DEFAULT &&
							  s->margin_alert.ppm == MARGIN_ALERT_DEFAULT
						  ? NULL
						  : &margin,
				.remainder = s->remainder,
				.percent_rounding = s->percent,
				.fixed_amount = s->fixed_amount,
				.free_unit = s->free_unit,
				.units_first = s->units_first,
				.repeats = s->repeats,
				.threshold_tax = s->threshold_tax,
				.budget_overrun = s->overrun,
				.tax_per = s->tax_per,
				.cancelled_use = s->cancelled,
				.prices = s->prices,
				.position = {s->position.ppm},
			},
	};

	return extract_add(t, &r);
}

static enum err take_taxes(struct taking *t)
{
	enum err e = ERR_OK;

	for (uint32_t i = 1; i < t->catalog->tax_count && !e; i++) { /* 0 is "no tax" */
		const struct tax *tax = &t->catalog->taxes[i];
		const struct record r = {
			.type = RECORD_TAX,
			.as.tax = {.id = tax->id,
				   .rate = tax->rate,
				   .amount = tax->rate.ppm == AMOUNT_NONE ? tax->amount : MONEY_NONE}};
		if (t->taxes[i])
			e = extract_add(t, &r);
	}
	return e;
}

static enum err take_categories(struct taking *t)
{
	const struct category *all = t->catalog->categories;
	enum err e = ERR_OK;

	for (uint32_t i = 0; i < t->catalog->category_count && !e; i++) {
		const struct record r = {
			.type = RECORD_CATEGORY,
			.as.category = {.id = all[i].id,
					.name = all[i].name,
					.parent =
						all[i].parent == CATALOG_NONE ? NULL : all[all[i].parent].id},
		};
		if (t->categories[i])
			e = extract_add(t, &r);
	}
	return e;
}

/* Those that may be of the articles and the customer. */
static enum err take_floors(struct taking *t)
{
	const struct catalog *c = t->catalog;
	enum err e = ERR_OK;

	for (uint32_t i = 0; i < c->margin_floor_count && !e; i++) {
		const struct margin_floor *f = &c->margin_floors[i];
		const struct record r = {
			.type = RECORD_FLOOR,
			.as.floor = {.id = f->id,
				     .category = f->category == CATALOG_NONE ? NULL
									     : c->categories[f->category].id,
				     .segment = extract_name(&c->segments, f->segment),
				     .margin = f->margin},
		};
		if (f->category != CATALOG_NONE && !t->categories[f->category])
			continue;
		if (f->segment == CATALOG_NONE || has_segment(t, f->segment))
			e = extract_add(t, &r);
	}
	return e;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static enum err take_promotions(struct taking *t)
{
	uint32_t count = t->result->verdict_count, *order = arena_get(t->arena, (count + 1) * sizeof(*order));
	enum err e = order ? ERR_OK : ERR_MEMORY;

	for (uint32_t i = 0; i < count && !e; i++)
		order[i] = t->result->verdicts[i].promotion;
	if (!e)
		qsort(order, count, sizeof(*order), by_number);
	for (uint32_t i = 0; i < count && !e; i++) {
		const struct promotion *p = &t->catalog->promotions[order[i]];
		e = add_body(t, RECORD_PROMOTION, p->body, p->body_length);
	}
	return e;
}

/* The zones that the cart's store is in, as zones of that store alone. */
static enum err take_zones(struct taking *t)
{
	const struct catalog *c = t->catalog;
	uint32_t store = t->cart->context.store;
	const char *name = store == CATALOG_NONE ? NULL : c->stores.at[store];
	enum err e = ERR_OK;

	for (uint32_t i = 0; c->zones_of && name && i < c->zones_of[store].count && !e; i++) {
		const struct record r = {.type = RECORD_ZONE,
					 .as.zone = {.id = c->zones.at[c->zones_of[store].at[i]],
						     .stores = {.at = &name, .count = 1}}};
		e = extract_add(t, &r);
	}
	return e;
}

static int by_rule_id(const void *a, const void *b, void *taking)
{
	const struct price_rule *rules = ((const struct taking *)taking)->catalog->rules;

	return strcmp(rules[*(const uint32_t *)a].id, rules[*(const uint32_t *)b].id);
}

static enum err add_rules(struct taking *t, enum record_type type)
{
	enum err e = ERR_OK;

	for (uint32_t i = 0; i < t->rule_count && !e; i++) {
		const struct price_rule *r = &t->catalog->rules[t->rules[i]];
		if ((type == RECORD_OVERRIDE) == (r->kind == RULE_OVERRIDE))
			e = add_body(t, type, r->body, r->body_length);
	}
	return e;
}

static enum err take_rules(struct taking *t)
{
	enum err e;

	qsort_r(t->rules, t->rule_count, sizeof(*t->rules), by_rule_id, t);
	e = add_rules(t, RECORD_PRICE_RULE);
	return e ? e : add_rules(t, RECORD_OVERRIDE);
}

static void need(struct taking *t, uint32_t item)
{
	const struct item *i = catalog_item(t->catalog, item);
	const struct price_row *rows = catalog_page(t->catalog, item)->prices + i->first_price;

	t->taxes[i->tax] = true;
	for (uint32_t k = 0; k < i->prices; k++)
		t->lists[rows[k].list] = true;
	if (i->category == CATALOG_NONE)
		return;
	const struct ids *up = &t->catalog->categories[i->category].up;
	for (uint32_t k = 0; k < up->count; k++)
		t->categories[up->at[k]] = true;
}

/* Which articles, and with them which taxes, lists and categories. */
static enum err look(struct taking *t)
{
	const struct catalog *c = t->catalog;

	t->items = arena_get(t->arena, (t->cart->count + 1) * sizeof(*t->items));
	t->taxes = arena_get(t->arena, c->tax_count + 1);
	t->lists = arena_get(t->arena, c->list_count + 1);
	t->categories = arena_get(t->arena, c->category_count + 1);
	if (!t->items || !t->taxes || !t->lists || !t->categories)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < t->cart->count; i++)
		t->items[i] = t->cart->lines[i].item;
	qsort(t->items, t->cart->count, sizeof(*t->items), by_number);
	for (uint32_t i = 0; i < t->cart->count; i++) {
		if (t->item_count > 0 && t->items[t->item_count - 1] == t->items[i])
			continue;
		t->items[t->item_count++] = t->items[i];
		need(t, t->items[i]);
	}
	return ERR_OK;
}

/* Every rule that may move the price of one of the articles. */
static enum err look_at_rules(struct taking *t)
{
	uint32_t all = 0, used = 0;

	for (uint32_t i = 0; i < t->item_count; i++)
		all += engine_rules_of(t->catalog, t->items[i], NULL, 0);
	t->rules = arena_get(t->arena, (all + 1) * sizeof(*t->rules));
	if (!t->rules)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < t->item_count; i++)
		used += engine_rules_of(t->catalog, t->items[i], t->rules + used, all - used);
	qsort(t->rules, used, sizeof(*t->rules), by_number);
	for (uint32_t i = 0; i < used; i++) {
		if (t->rule_count == 0 || t->rules[t->rule_count - 1] != t->rules[i])
			t->rules[t->rule_count++] = t->rules[i];
	}
	return ERR_OK;
}

static enum err open_bodies(struct taking *t)
{
	const struct catalog *c = t->catalog;

	t->size = 1 + (size_t)c->margin_floor_count + (size_t)c->tax_count + t->result->verdict_count +
		  c->list_count + c->category_count + t->rule_count + t->item_count + c->zones.count;
	for (uint32_t i = 0; i < t->item_count; i++)
		t->size += 1u + catalog_item(c, t->items[i])->prices;
	t->bodies = arena_get(t->arena, t->size * sizeof(*t->bodies));
	return t->bodies ? ERR_OK : ERR_MEMORY;
}

enum err extract_take(const struct catalog *c, const struct engine_cart *cart, const struct engine_result *r,
		      struct body_memo *memo, struct arena *a, struct extract *out)
{
	static enum err (*const parts[])(struct taking *) = {
		look,		look_at_rules,	 open_bodies, take_book,  take_taxes,	   take_categories,
		extract_priced, take_promotions, take_floors, take_zones, extract_signals, take_rules};
	struct taking t = {.catalog = c, .cart = cart, .result = r, .memo = memo, .arena = a};
	enum err e = ERR_OK;

	buf_init(&t.encoded, BODY_MAX);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !e; i++)
		e = parts[i](&t);
	buf_free(&t.encoded);
	*out = (struct extract){.bodies = t.bodies, .count = t.count, .version = c->version};
	return e;
}
