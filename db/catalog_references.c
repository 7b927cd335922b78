/*
 * What a changed record refers to, looked up one by one. See catalog_changing.h.
 */
#include <string.h>

#include "catalog_changing.h"
#include "sense.h"

/* A record that another one names in that field; NULL: it names none. */
static enum err check_name(struct changing *in, enum record_type t, const char *field, const char *key,
			   struct why *why)
{
	struct record found;
	enum err e;

	if (!key)
		return ERR_OK;
	e = catalog_store_find(in->store, t, key, &in->arena, &found, why);
	if (e == ERR_NOT_FOUND)
		return fail(why, e, "%s: there is no %s '%s'", field, record_schema(t)->name, key);
	return e;
}

static enum err check_names(struct changing *in, enum record_type t, const char *field,
			    const struct list *keys, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < keys->count && !e; i++)
		e = check_name(in, t, field, ((const char *const *)keys->at)[i], why);
	return e;
}

static enum err check_terms(struct changing *in, const struct list *skus, const struct list *categories,
			    struct why *why)
{
	enum err e = check_names(in, RECORD_ITEM, "skus", skus, why);

	return e ? e : check_names(in, RECORD_CATEGORY, "categories", categories, why);
}

static enum err check_selector(struct changing *in, const struct record_selector *s, struct why *why)
{
	enum err e = s ? check_terms(in, &s->skus, &s->categories, why) : ERR_OK;

	if (e || !s || !s->except)
		return e;
	return check_terms(in, &s->except->skus, &s->except->categories, why);
}

static enum err check_selector_in(struct changing *in, const struct record_selector *s, const char *field,
				  struct why *why)
{
	enum err e = check_selector(in, s, why);

	if (e)
		why_prefix(why, "%s.", field);
	return e;
}

static enum err check_give(struct changing *in, const struct record_give *g, struct why *why)
{
	const struct record_set_part *parts = g->sets.at;
	enum err e = check_selector_in(in, g->select, "select", why);

	if (!e)
		e = check_selector_in(in, g->got, "got", why);
	for (size_t i = 0; i < g->sets.count && !e; i++) {
		e = check_selector_in(in, parts[i].select, "select", why);
		if (e)
			why_prefix(why, "sets[%zu].", i);
	}
	return e ? e : check_name(in, RECORD_ITEM, "sku", g->sku, why);
}

/* A need of pieces selects something that has them, or something else than articles. */
static enum err check_pieces(struct changing *in, const struct record_need *n, struct why *why)
{
	const struct record_selector *s = n->select;
	bool measured = s && n->quantity != AMOUNT_NONE && s->skus.count > 0 &&
			s->categories.count + s->brands.count + s->tags.count + s->suppliers.count == 0;

	for (size_t i = 0; measured && i < s->skus.count; i++) {
		const char *sku = ((const char *const *)s->skus.at)[i];
		struct record item;
		enum err e = catalog_store_find(in->store, RECORD_ITEM, sku, &in->arena, &item, why);

		if (e)
			return e;
		measured = item.as.item.unit != UNIT_EACH;
	}
	return measured ? need_without_pieces(why) : ERR_OK;
}

static enum err check_promotion(struct changing *in, const struct record_promotion *p, struct why *why)
{
	const struct record_need *needs = p->needs.at;
	const struct record_give *gives = p->gives.at;
	enum err e = ERR_OK;

	for (size_t i = 0; i < p->needs.count && !e; i++) {
		e = check_selector(in, needs[i].select, why);
		if (e) {
			why_prefix(why, "needs[%zu].select.", i);
			return e;
		}
		e = check_pieces(in, &needs[i], why);
		if (e)
			why_prefix(why, "needs[%zu].", i);
	}
	for (size_t i = 0; i < p->gives.count && !e; i++) {
		e = check_give(in, &gives[i], why);
		if (e)
			why_prefix(why, "gives[%zu].", i);
	}
	return e;
}

static enum err check_coupon(struct changing *in, const struct record_coupon *c, struct why *why)
{
	struct record promotion;
	enum err e = check_name(in, RECORD_PROMOTION, "promotion", c->promotion, why);

	if (e)
		return e;
	e = catalog_store_find(in->store, RECORD_PROMOTION, c->promotion, &in->arena, &promotion, why);
	if (e || promotion.as.promotion.coupon == 1)
		return e;
	return fail(why, ERR_INVALID, "promotion: '%s' does not ask for a coupon; give it \"coupon\": true",
		    c->promotion);
}

static enum err check_tax(struct changing *in, const struct record_price *p, struct why *why)
{
	struct record item, tax;
	enum err e = catalog_store_find(in->store, RECORD_ITEM, p->sku, &in->arena, &item, why);

	if (e || !in->taxed || !item.as.item.tax)
		return e;
	e = catalog_store_find(in->store, RECORD_TAX, item.as.item.tax, &in->arena, &tax, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e; /* taken away: the whole tells */
	return price_check_tax(p, &tax.as.tax, in->exponent, why);
}

/* A price is not said where it is made of a cost. */
static enum err check_price(struct changing *in, const struct record_price *p, struct why *why)
{
	struct record list;
	enum err e = check_name(in, RECORD_ITEM, "sku", p->sku, why);

	if (!e)
		e = check_name(in, RECORD_PRICE_LIST, "list", p->list, why);
	if (!e)
		e = catalog_store_find(in->store, RECORD_PRICE_LIST, p->list, &in->arena, &list, why);
	if (e)
		return e;
	if (list.as.price_list.markup.ppm == AMOUNT_NONE)
		return check_tax(in, p, why);
	return fail(why, ERR_INVALID,
		    "list: '%s' has a markup: its prices are made of landed costs; change '%s' there",
		    p->list, p->sku);
}

static enum err check_rule(struct changing *in, const struct record_price_rule *r, struct why *why)
{
	enum err e = check_selector(in, r->select, why);

	if (e) {
		why_prefix(why, "select.");
		return e;
	}
	e = check_names(in, RECORD_PRICE_LIST, "lists", &r->lists, why);
	return e ? e : check_names(in, RECORD_ZONE, "zones", &r->zones, why);
}

static enum err check_override(struct changing *in, const struct record_override *o, struct why *why)
{
	enum err e = check_selector(in, o->select, why);

	if (e)
		why_prefix(why, "select.");
	if (!e)
		e = check_name(in, RECORD_ITEM, "sku", o->sku, why);
	return e ? e : check_names(in, RECORD_ZONE, "zones", &o->zones, why);
}

static enum err check_plans(struct changing *in, const struct record_customer *c, struct why *why)
{
	enum err e = check_name(in, RECORD_PLAN, "plan", c->plan, why);

	return e || !c->next ? e : check_name(in, RECORD_PLAN, "next.plan", c->next->plan, why);
}

enum err changing_check_references(struct changing *in, const struct record *r, struct why *why)
{
	enum err e;

	switch (r->type) {
	case RECORD_ITEM:
		e = check_name(in, RECORD_CATEGORY, "category", r->as.item.category, why);
		return e ? e : check_name(in, RECORD_TAX, "tax", r->as.item.tax, why);
	case RECORD_PRICE:
		return check_price(in, &r->as.price, why);
	case RECORD_SIGNAL:
		return check_name(in, RECORD_ITEM, "sku", r->as.signal.sku, why);
	case RECORD_LANDED_COST:
		return check_name(in, RECORD_ITEM, "sku", r->as.landed_cost.sku, why);
	case RECORD_PRICE_RULE:
		return check_rule(in, &r->as.price_rule, why);
	case RECORD_OVERRIDE:
		return check_override(in, &r->as.override, why);
	case RECORD_CUSTOMER:
		return check_plans(in, &r->as.customer, why);
	case RECORD_PROMOTION:
		return check_promotion(in, &r->as.promotion, why);
	case RECORD_COUPON:
		return check_coupon(in, &r->as.coupon, why);
	case RECORD_BOOK:
	case RECORD_TAX:
	case RECORD_CATEGORY:	/* its parent: with the whole */
	case RECORD_PRICE_LIST: /* its zones: the same */
	case RECORD_FLOOR:	/* its category: the same */
	case RECORD_ZONE:
	case RECORD_EXCHANGE_RATE:
	case RECORD_PLAN:
		return ERR_OK;
	}
	return ERR_OK;
}
