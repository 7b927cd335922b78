/*
 * What becomes of prices, as events: those of lists, with their volume breaks, and those that people set in
 * their place. See catalog_events.h.
 */
#include <assert.h>
#include <string.h>

#include "catalog_events.h"

static struct stamp now_of(const struct catalog_store *s)
{
	return (struct stamp){.seconds = s->note.now_s};
}

/* What the margin of an article is reckoned with. */
struct goods {
	struct money cost, logistics;
	bool known, contains_tax;
	struct record_tax tax;
};

static enum err read_goods(struct catalog_store *s, const char *sku, struct arena *a, struct goods *out,
			   struct why *why)
{
	struct record item, r;
	struct landed landed;
	enum err e = catalog_store_find(s, RECORD_ITEM, sku, a, &item, why);

	*out = (struct goods){.cost = MONEY_NONE};
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	out->cost = item.as.item.cost;
	out->logistics.minor = item.as.item.logistics.minor == AMOUNT_NONE ? 0 : item.as.item.logistics.minor;
	e = catalog_store_find(s, RECORD_LANDED_COST, sku, a, &r, why);
	if (!e && events_landed(s, false, &r.as.landed_cost, a, &landed, why) == ERR_OK)
		out->cost = landed.landed;
	out->known = out->cost.minor != AMOUNT_NONE;
	if (!out->known || !item.as.item.tax)
		return ERR_OK;
	e = catalog_store_find(s, RECORD_BOOK, "book", a, &r, why);
	if (e || r.as.book.tax != TAX_INCLUSIVE)
		return e;
	e = catalog_store_find(s, RECORD_TAX, item.as.item.tax, a, &r, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	out->contains_tax = true;
	out->tax = r.as.tax;
	return ERR_OK;
}

/* Parts per million, rounded half away; false: it is beyond any number, or there is none of nothing. */
static bool margin_at(const struct goods *g, struct money price, struct rate *out)
{
	struct money left = price, tax = MONEY_ZERO;

	if (!g->known || price.minor == AMOUNT_NONE || price.minor == 0)
		return false;
	if (g->contains_tax && g->tax.rate.ppm == AMOUNT_NONE)
		tax = g->tax.amount;
	else if (g->contains_tax && muldiv(price.minor, g->tax.rate.ppm, RATE_ONE.ppm + g->tax.rate.ppm,
					   ROUND_HALF_AWAY, &tax.minor))
		return false;
	return !money_sub(left, g->cost, &left) && !money_sub(left, g->logistics, &left) &&
	       !money_sub(left, tax, &left) &&
	       !muldiv(left.minor, RATE_ONE.ppm, price.minor, ROUND_HALF_AWAY, &out->ppm);
}

/* A list that is not in force yet. */
static struct stamp effective(struct catalog_store *s, const char *list, struct arena *a)
{
	struct record r;
	struct why why;

	if (catalog_store_find(s, RECORD_PRICE_LIST, list, a, &r, &why) == ERR_OK &&
	    r.as.price_list.from.seconds != AMOUNT_NONE && r.as.price_list.from.seconds > s->note.now_s)
		return r.as.price_list.from;
	return now_of(s);
}

static bool same_price(struct money a, struct money b)
{
	return a.minor == b.minor;
}

/* Writes the event, with its margins, unless nothing changed. */
static enum err tell(struct catalog_store *s, struct shop_event *e, const struct goods *goods,
		     struct why *why)
{
	struct price_changed *p = &e->as.price_changed;
	struct rate before, after;

	if (same_price(p->before, p->after))
		return ERR_OK;
	p->product = e->key;
	p->margin_impact.ppm = AMOUNT_NONE;
	if (margin_at(goods, p->before, &before) && margin_at(goods, p->after, &after))
		p->margin_impact.ppm = after.ppm - before.ppm;
	return events_add(s, e, why);
}

/* Of a unit, from so many in the cart on; AMOUNT_NONE: of one. */
static struct money price_at(const struct record_price *p, struct qty from)
{
	struct money price = p ? p->price : MONEY_NONE;

	for (size_t i = 0; p && from.micro != AMOUNT_NONE && i < p->breaks.count; i++) {
		const struct record_break *at = (const struct record_break *)p->breaks.at + i;

		if (at->from.micro <= from.micro)
			price = at->price;
	}
	return price;
}

static bool has_break(const struct record_price *p, struct qty from)
{
	for (size_t i = 0; p && i < p->breaks.count; i++)
		if (((const struct record_break *)p->breaks.at)[i].from.micro == from.micro)
			return true;
	return false;
}

/* What a unit costs from each of these breaks on, before and now; those of `but` were told. */
static enum err tell_breaks(struct catalog_store *s, struct shop_event *e, const struct goods *goods,
			    const struct became *b, const struct record_price *of,
			    const struct record_price *but, struct why *why)
{
	const struct record_break *at = of ? of->breaks.at : NULL;
	enum err error = ERR_OK;

	for (size_t i = 0; of && i < of->breaks.count && !error; i++) {
		struct price_changed *p = &e->as.price_changed;

		if (has_break(but, at[i].from))
			continue;
		p->from = at[i].from;
		p->before = price_at(b->before ? &b->before->as.price : NULL, p->from);
		p->after = price_at(b->after ? &b->after->as.price : NULL, p->from);
		error = tell(s, e, goods, why);
	}
	return error;
}

enum err events_of_price(struct catalog_store *s, const struct became *b, struct why *why)
{
	const struct record_price *was = b->before ? &b->before->as.price : NULL;
	const struct record_price *is = b->after ? &b->after->as.price : NULL;
	const struct record_price *any = is ? is : was;
	struct shop_event e = {.type = SHOP_PRICE_CHANGED};
	struct goods goods;
	enum err error;

	assert(any); /* it was or is there */
	error = read_goods(s, any->sku, b->arena, &goods, why);
	if (error)
		return error;
	e.key = any->sku;
	e.list = any->list;
	e.as.price_changed = (struct price_changed){
		.before = was ? was->price : MONEY_NONE,
		.after = is ? is->price : MONEY_NONE,
		.effective = effective(s, any->list, b->arena),
		.reason = s->note.reason,
		.user = s->note.user,
		.from = {AMOUNT_NONE},
		.until = {.seconds = AMOUNT_NONE},
	};
	error = tell(s, &e, &goods, why);
	if (!error)
		error = tell_breaks(s, &e, &goods, b, was, NULL, why);
	return error ? error : tell_breaks(s, &e, &goods, b, is, was, why);
}

/* The list of highest rank that everybody buys by now and that has the article. */
struct shelf {
	struct catalog_store *store;
	const char *sku;
	struct arena *arena;
	int64_t rank;
	struct money price; /* AMOUNT_NONE: there is none */
};

static bool for_everybody(const struct record_price_list *l, int64_t now_s)
{
	return l->segments.count + l->channels.count + l->stores.count + l->zones.count == 0 &&
	       (l->from.seconds == AMOUNT_NONE || l->from.seconds <= now_s) &&
	       (l->to.seconds == AMOUNT_NONE || l->to.seconds >= now_s);
}

/* Lists come by id: of equal ranks the first counts. */
static enum err look_in(const struct record *r, void *arg, struct why *why)
{
	struct shelf *shelf = arg;
	const struct record_price_list *l = &r->as.price_list;
	struct record price = {.type = RECORD_PRICE, .as.price = {.list = l->id, .sku = shelf->sku}};
	const char *key;
	enum err e;

	if (!for_everybody(l, shelf->store->note.now_s) ||
	    (shelf->price.minor != AMOUNT_NONE && l->rank <= shelf->rank))
		return ERR_OK;
	key = record_key(&price, shelf->arena);
	if (!key)
		return fail(why, ERR_MEMORY, "out of memory");
	e = catalog_store_find(shelf->store, RECORD_PRICE, key, shelf->arena, &price, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	shelf->price = price.as.price.price;
	shelf->rank = l->rank;
	return ERR_OK;
}

static enum err set_by_hand(struct catalog_store *s, const char *sku, const struct became *b,
			    const struct record_override *was, const struct record_override *is,
			    struct why *why)
{
	const struct record_override *any = is ? is : was;
	struct shelf shelf = {.store = s, .sku = sku, .arena = b->arena, .price = MONEY_NONE};
	struct shop_event e = {.type = SHOP_PRICE_CHANGED, .key = sku};
	struct goods goods;
	enum err error = read_goods(s, sku, b->arena, &goods, why);

	if (!error && !(was && is))
		error = catalog_store_each(s, RECORD_PRICE_LIST, look_in, &shelf, why);
	if (error)
		return error;
	e.as.price_changed = (struct price_changed){
		.before = was ? was->price : shelf.price,
		.after = is ? is->price : shelf.price,
		.effective = is && is->from.seconds != AMOUNT_NONE && is->from.seconds > s->note.now_s
				     ? is->from
				     : now_of(s),
		.reason = is ? is->reason : s->note.reason,
		.user = is ? is->by : s->note.user,
		.override = any->id,
		.from = {AMOUNT_NONE},
		.until = is ? is->to : (struct stamp){.seconds = AMOUNT_NONE},
	};
	return tell(s, &e, &goods, why);
}

/* The articles of one override, all at once or by its selector. */
static enum err articles_of(struct catalog_store *s, const struct record_override *o, struct arena *a,
			    struct list *out, struct why *why)
{
	const char **one;

	if (!o->sku)
		return events_affected(s, o->select, a, out, why);
	one = arena_get(a, sizeof(*one));
	if (!one)
		return fail(why, ERR_MEMORY, "out of memory");
	*one = o->sku;
	*out = (struct list){one, 1};
	return ERR_OK;
}

static bool is_on(const struct record *r)
{
	return r && r->as.override.status == 0;
}

/* Of one that says something else of other articles only those it is about now are told. */
enum err events_of_override(struct catalog_store *s, const struct became *b, struct why *why)
{
	const struct record_override *was = is_on(b->before) ? &b->before->as.override : NULL;
	const struct record_override *is = is_on(b->after) ? &b->after->as.override : NULL;
	struct list articles = {0};
	enum err e;

	if (!was && !is)
		return ERR_OK;
	e = articles_of(s, is ? is : was, b->arena, &articles, why);
	for (size_t i = 0; i < articles.count && !e; i++)
		e = set_by_hand(s, ((const char *const *)articles.at)[i], b, was, is, why);
	return e;
}
