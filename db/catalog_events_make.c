/*
 * What becomes of a record, as events: promotions, costs, subscriptions. See catalog_events.h.
 */
#include <stdlib.h>
#include <string.h>

#include "catalog_events.h"

static struct stamp now_of(const struct catalog_store *s)
{
	return (struct stamp){.seconds = s->note.now_s};
}

/* A rate that is not known makes no cost. */
enum err events_landed(struct catalog_store *s, bool before, const struct record_landed_cost *c,
		       struct arena *a, struct landed *out, struct why *why)
{
	struct settings settings = {0};
	struct record book, rate;
	struct rates rates = {0};
	enum err e = catalog_store_find(s, RECORD_BOOK, "book", a, &book, why);

	if (e)
		return e;
	settings.rounding = (enum rounding)book.as.book.rounding;
	settings.exponent = (uint8_t)book_exponent(&book.as.book);
	memcpy(settings.currency, book.as.book.currency, sizeof(settings.currency));
	if (c->currency) {
		e = before ? events_before(s, RECORD_EXCHANGE_RATE, c->currency, a, &rate, why)
			   : catalog_store_find(s, RECORD_EXCHANGE_RATE, c->currency, a, &rate, why);
		if (e && e != ERR_NOT_FOUND)
			return e;
		if (!e)
			rates = (struct rates){&rate.as.exchange_rate, 1};
	}
	return landed_cost(c, &rates, &settings, out, why);
}

enum err events_of_promotion(struct catalog_store *s, const struct became *b, struct why *why)
{
	bool was = b->before && b->before->as.promotion.status == PROMOTION_ACTIVE;
	bool is = b->after && b->after->as.promotion.status == PROMOTION_ACTIVE;
	const struct record_promotion *told = is ? &b->after->as.promotion : NULL;
	struct shop_event e = {.type = !is   ? SHOP_PROMOTION_ENDED
				       : was ? SHOP_PROMOTION_UPDATED
					     : SHOP_PROMOTION_ACTIVATED};
	struct record book;
	enum err error;

	if (!was && !is)
		return ERR_OK;
	if (!told)
		told = &b->before->as.promotion;
	error = catalog_store_find(s, RECORD_BOOK, "book", b->arena, &book, why);
	if (error)
		return error;
	e.key = told->id;
	if (promotion_event_of(told, book_exponent(&book.as.book), b->arena, &e.as.promotion))
		return fail(why, ERR_MEMORY, "out of memory");
	return events_add(s, &e, why);
}

static enum err cost_event(struct catalog_store *s, const struct landed *was, const struct landed *is,
			   const struct record_landed_cost *c, struct arena *a, struct why *why)
{
	const struct record_cost_component *from = c->components.at;
	struct cost_component *parts = arena_get(a, (c->components.count + 1) * sizeof(*parts));
	struct shop_event e = {.type = SHOP_IMPORT_COST_UPDATED, .key = c->sku};

	if (!parts)
		return fail(why, ERR_MEMORY, "out of memory");
	parts[0] = (struct cost_component){"fob", is->fob};
	for (size_t i = 0; i < c->components.count; i++) {
		parts[i + 1] = (struct cost_component){from[i].name, from[i].amount};
		if (from[i].amount.minor == AMOUNT_NONE &&
		    money_times_rate(is->fob, from[i].percent, ROUND_HALF_AWAY, &parts[i + 1].amount))
			return fail(why, ERR_RANGE, "the cost is too large");
	}
	e.as.import_cost = (struct import_cost_updated){
		.product = c->sku,
		.before = was ? was->landed : MONEY_NONE,
		.after = is->landed,
		.components = {parts, c->components.count + 1},
		.effective = c->from.seconds == AMOUNT_NONE ? now_of(s) : c->from,
	};
	return events_add(s, &e, why);
}

/* A landed cost that went makes no event: nothing is known of what comes. */
enum err events_of_cost(struct catalog_store *s, const struct became *b, struct why *why)
{
	struct landed was, is;
	bool known;
	enum err e;

	if (!b->after)
		return ERR_OK;
	e = events_landed(s, false, &b->after->as.landed_cost, b->arena, &is, why);
	if (e)
		return e;
	known = b->before &&
		events_landed(s, true, &b->before->as.landed_cost, b->arena, &was, why) == ERR_OK;
	if (known && was.landed.minor == is.landed.minor)
		return ERR_OK;
	return cost_event(s, known ? &was : NULL, &is, &b->after->as.landed_cost, b->arena, why);
}

struct rating {
	const char *currency;
	struct arena *arena;
	const char **at;
	uint32_t count, size;
};

static enum err note_sku(const struct record *r, void *arg, struct why *why)
{
	struct rating *g = arg;
	const char *currency = r->as.landed_cost.currency;

	if (!currency || strcmp(currency, g->currency) != 0)
		return ERR_OK;
	if (g->count == g->size) {
		const char **grown =
			reallocarray(g->at, g->size = g->size ? g->size * 2 : 64, sizeof(*grown));

		if (!grown)
			return fail(why, ERR_MEMORY, "out of memory");
		g->at = grown;
	}
	g->at[g->count] = arena_text(g->arena, r->as.landed_cost.sku, strlen(r->as.landed_cost.sku));
	return g->at[g->count++] ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

/* One that did not change itself, and costs something else now. */
static enum err rated(struct catalog_store *s, const char *sku, struct arena *a, struct why *why)
{
	struct record was, is;
	struct landed before, after;
	enum err e = catalog_store_find(s, RECORD_LANDED_COST, sku, a, &is, why);

	if (!e)
		e = events_before(s, RECORD_LANDED_COST, sku, a, &was, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	if (events_landed(s, true, &was.as.landed_cost, a, &before, why) ||
	    events_landed(s, false, &is.as.landed_cost, a, &after, why) ||
	    before.landed.minor == after.landed.minor)
		return ERR_OK;
	return cost_event(s, &before, &after, &is.as.landed_cost, a, why);
}

enum err events_of_rate(struct catalog_store *s, const struct became *b, struct why *why)
{
	struct rating g = {.arena = b->arena};
	enum err e;

	if (!b->before || !b->after)
		return ERR_OK; /* no landed cost could be of it */
	g.currency = b->after->as.exchange_rate.currency;
	e = catalog_store_each(s, RECORD_LANDED_COST, note_sku, &g, why);
	for (uint32_t i = 0; i < g.count && !e; i++)
		e = rated(s, g.at[i], b->arena, why);
	free(g.at);
	return e;
}

/* What it costs to buy, where no landed cost stands for that. */
enum err events_of_item(struct catalog_store *s, const struct became *b, struct why *why)
{
	const struct record_item *is = b->after ? &b->after->as.item : NULL;
	struct money was = b->before ? b->before->as.item.cost : MONEY_NONE;
	struct shop_event e = {.type = SHOP_IMPORT_COST_UPDATED};
	struct cost_component *parts;
	struct record r;
	enum err error;

	if (!is || is->cost.minor == AMOUNT_NONE || is->cost.minor == was.minor)
		return ERR_OK;
	error = catalog_store_find(s, RECORD_LANDED_COST, is->sku, b->arena, &r, why);
	if (error != ERR_NOT_FOUND)
		return error;
	parts = arena_get(b->arena, sizeof(*parts));
	if (!parts)
		return fail(why, ERR_MEMORY, "out of memory");
	parts[0] = (struct cost_component){"cost", is->cost};
	e.key = is->sku;
	e.as.import_cost = (struct import_cost_updated){.product = is->sku,
							.before = was,
							.after = is->cost,
							.components = {parts, 1},
							.effective = now_of(s)};
	return events_add(s, &e, why);
}

static enum err level_of(struct catalog_store *s, const char *plan, struct arena *a, int64_t *out,
			 struct why *why)
{
	struct record r;
	enum err e = plan ? catalog_store_find(s, RECORD_PLAN, plan, a, &r, why) : ERR_NOT_FOUND;

	*out = e ? -1 : r.as.plan.level;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_period(const struct record_customer *a, const struct record_customer *b)
{
	return a->plan_from.seconds == b->plan_from.seconds && a->plan_to.seconds == b->plan_to.seconds;
}

static enum err subscription_event(struct catalog_store *s, const char *customer, const char *from,
				   const char *to, struct stamp effective_at, struct arena *a,
				   struct why *why)
{
	struct shop_event e = {.type = SHOP_SUBSCRIPTION_CHANGED, .key = customer};
	int64_t before, after;
	enum err error = level_of(s, from, a, &before, why);

	if (!error)
		error = level_of(s, to, a, &after, why);
	if (error)
		return error;
	if (from && to && after > before)
		e.type = SHOP_SUBSCRIPTION_UPGRADED;
	e.as.subscription = (struct subscription_event){customer, from, to, effective_at, s->note.user};
	return events_add(s, &e, why);
}

/* The plan that runs, the one that follows, and the segments, each for itself. */
enum err events_of_customer(struct catalog_store *s, const struct became *b, struct why *why)
{
	static const struct record_customer nobody;
	const struct record_customer *was = b->before ? &b->before->as.customer : &nobody;
	const struct record_customer *is = b->after ? &b->after->as.customer : &nobody;
	const char *id = b->after ? is->id : was->id;
	const struct record_next_plan *before = was->next, *after = is->next;
	enum err e = ERR_OK;

	if (!same_text(was->plan, is->plan) ||
	    (is->plan && b->before && !after && !before && !same_period(was, is)))
		e = subscription_event(s, id, was->plan, is->plan, now_of(s), b->arena, why);
	if (!e)
		e = events_of_segments(s, b, why);
	if (e || !after ||
	    (before && same_text(before->plan, after->plan) && before->from.seconds == after->from.seconds &&
	     before->to.seconds == after->to.seconds))
		return e;
	return subscription_event(s, id, is->plan, after->plan, after->from, b->arena, why);
}
