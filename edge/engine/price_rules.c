/*
 * Pricing rules: which of them count for an article, and the order in which they move its price.
 * docs/engine.md, "Pricing rules". What one kind does is in price_kinds.c and price_markdown.c.
 */
#include "engine_work.h"

static rule_fn *const kinds[RULE_KINDS] = {
	[RULE_SURGE] = rule_surge,   [RULE_OVERSTOCK] = rule_overstock,	  [RULE_STOCK] = rule_stock,
	[RULE_DEMAND] = rule_demand, [RULE_COMPETITOR] = rule_competitor, [RULE_SEASON] = rule_season,
	[RULE_AGE] = rule_age,	     [RULE_EXPIRY] = rule_expiry,
};

/* The places of the index that name an article: its terms, and what means every article. */
typedef void visit_fn(uint32_t rule, void *arg);

static void visit_ids(const uint32_t *at, uint32_t count, visit_fn *visit, void *arg)
{
	for (uint32_t i = 0; i < count; i++)
		visit(at[i], arg);
}

static void visit_term(const struct catalog *c, enum term_kind kind, uint32_t id, visit_fn *visit, void *arg)
{
	const struct term_index *index = &c->rule_touch[kind];

	if (id < index->ids) /* not CATALOG_NONE, then */
		visit_ids(index->promotions + index->first[id], index->first[id + 1] - index->first[id],
			  visit, arg);
}

static void visit_rules(const struct catalog *c, uint32_t item, visit_fn *visit, void *arg)
{
	const struct item *article = catalog_item(c, item);
	const uint32_t *tags = catalog_tags(c, item);

	visit_term(c, TERM_ITEM, item, visit, arg);
	visit_term(c, TERM_CATEGORY, article->category, visit, arg);
	visit_term(c, TERM_BRAND, article->brand, visit, arg);
	visit_term(c, TERM_SUPPLIER, article->supplier, visit, arg);
	for (uint32_t i = 0; i < article->tags; i++)
		visit_term(c, TERM_TAG, tags[i], visit, arg);
	visit_ids(c->rule_touch_all.at, c->rule_touch_all.count, visit, arg);
}

struct finding {
	const struct work *work;
	uint32_t item, list;
	uint32_t *found;
};

static bool in_scope(const struct finding *f, const struct rule_scope *s)
{
	const struct now *now = &f->work->now;

	return !s || (now_started(now, &s->window) && !now_ended(now, &s->window) &&
		      ids_admit(&s->lists, f->list) && ids_admit(&s->channels, now->context->channel) &&
		      ids_admit_any(&s->segments, &now->context->segments) &&
		      ids_meet(f->work->catalog, &s->stores, &s->zones, now->context->store));
}

/* Rules are sorted by what goes first, so the lowest place of a kind wins. */
static void consider(uint32_t rule, void *arg)
{
	const struct finding *f = arg;
	const struct price_rule *r = &f->work->catalog->rules[rule];

	if (r->off || rule >= f->found[r->kind] || !in_scope(f, r->scope))
		return;
	if (r->on.excludes && !engine_selects(f->work->catalog, &r->on, f->item))
		return;
	f->found[r->kind] = rule;
}

void rules_find(const struct work *w, uint32_t item, uint32_t list, uint32_t found[RULE_KINDS])
{
	struct finding f = {.work = w, .item = item, .list = list, .found = found};

	for (unsigned kind = 0; kind < RULE_KINDS; kind++)
		found[kind] = CATALOG_NONE;
	if (w->catalog->rule_count)
		visit_rules(w->catalog, item, consider, &f);
}

struct listing {
	uint32_t *rules;
	uint32_t size, count;
};

/* Inserted, since they are few; once each. */
static void list_rule(uint32_t rule, void *arg)
{
	struct listing *l = arg;
	uint32_t kept = l->count < l->size ? l->count : l->size, at = kept;

	for (uint32_t i = 0; i < kept; i++)
		if (l->rules[i] == rule)
			return;
	if (l->count++ >= l->size)
		return;
	for (; at > 0 && l->rules[at - 1] > rule; at--)
		l->rules[at] = l->rules[at - 1];
	l->rules[at] = rule;
}

static void count_rule(uint32_t rule, void *arg)
{
	struct listing *l = arg;

	(void)rule;
	l->count++;
}

uint32_t engine_rules_of(const struct catalog *c, uint32_t item, uint32_t *rules, uint32_t size)
{
	struct listing l = {.size = size};

	l.rules = rules;
	if (c->rule_count)
		visit_rules(c, item, rules ? list_rule : count_rule, &l);
	return l.count;
}

void price_step(struct unit_price *p, enum step_kind kind, uint32_t rule, struct money amount)
{
	if (amount.minor)
		p->step[p->steps++] = (struct price_step){.kind = kind, .rule = rule, .amount = amount};
}

static int64_t clamp(int64_t v, int64_t least, int64_t most)
{
	return v < least ? least : v > most ? most : v;
}

/* At most the rule's own share of the price, up or down. */
static enum err bound_rule(const struct rule_view *v, const struct price_rule *r, struct money *amount)
{
	enum rounding how = v->work->catalog->settings.rounding;
	struct money most = {INT64_MAX}, least = {-v->price.minor};
	enum err e = ERR_OK;

	if (r->up.ppm != AMOUNT_NONE)
		e = money_times_rate(v->price, r->up, how, &most);
	if (!e && r->down.ppm != AMOUNT_NONE) {
		e = money_times_rate(v->price, r->down, how, &least);
		least.minor = -least.minor;
	}
	amount->minor = clamp(amount->minor, least.minor, most.minor);
	return e;
}

/* What a rule adds to v->price; nothing if there is none. */
static enum err amount_of(const struct rule_view *v, uint32_t rule, struct money *amount)
{
	const struct price_rule *r;
	enum err e;

	*amount = MONEY_ZERO;
	if (rule == CATALOG_NONE)
		return ERR_OK;
	r = &v->work->catalog->rules[rule];
	e = kinds[r->kind](v, r, amount);
	return e ? e : bound_rule(v, r, amount);
}

/*
 * Back within the article's bounds, and not below nothing. A base outside of the bounds is one itself: rules
 * do not move the price further out.
 */
static void bound_price(const struct signal *s, struct unit_price *p)
{
	int64_t least = 0, most = INT64_MAX, bounded;

	if (s && s->least.minor != AMOUNT_NONE)
		least = s->least.minor < p->base.minor ? s->least.minor : p->base.minor;
	if (s && s->most.minor != AMOUNT_NONE)
		most = s->most.minor > p->base.minor ? s->most.minor : p->base.minor;
	bounded = clamp(p->price.minor, least, most);
	price_step(p, STEP_BOUNDS, CATALOG_NONE, (struct money){bounded - p->price.minor});
	p->price.minor = bounded;
}

/* Each of them on the base, and their sum: base + surge - overstock ... */
static enum err adjust(struct rule_view *v, const uint32_t rules[RULE_KINDS], struct unit_price *p)
{
	enum err e = ERR_OK;

	v->price = p->base;
	for (unsigned kind = RULE_SURGE; kind < RULE_AGE && !e; kind++) {
		struct money amount;

		e = amount_of(v, rules[kind], &amount);
		if (!e)
			e = money_add(p->price, amount, &p->price);
		if (!e)
			price_step(p, STEP_RULE, rules[kind], amount);
	}
	return e;
}

/* The deeper of the two markdowns, of the price as it is by now; of equal ones that by age. */
static enum err mark_down(struct rule_view *v, const uint32_t rules[RULE_KINDS], struct unit_price *p)
{
	struct money age, expiry;
	uint32_t rule = rules[RULE_AGE];
	enum err e;

	v->price = p->price;
	e = amount_of(v, rules[RULE_AGE], &age);
	if (!e)
		e = amount_of(v, rules[RULE_EXPIRY], &expiry);
	if (e)
		return e;
	if (expiry.minor < age.minor) {
		age = expiry;
		rule = rules[RULE_EXPIRY];
	}
	price_step(p, STEP_RULE, rule, age);
	return money_add(p->price, age, &p->price);
}

/* Rules do not take a price below the lowest legal one; a base below it they leave there. */
static void guard_price(const struct work *w, uint32_t item, struct unit_price *p)
{
	int64_t least = guard_unit(w, item);

	if (least > p->base.minor)
		least = p->base.minor;
	if (p->price.minor >= least)
		return;
	price_step(p, STEP_MARGIN, CATALOG_NONE, (struct money){least - p->price.minor});
	p->price.minor = least;
}

enum err rules_apply(const struct work *w, const struct engine_line *line, const uint32_t found[RULE_KINDS],
		     struct unit_price *p)
{
	struct rule_view v = {.work = w, .line = line, .signal = catalog_signal(w->catalog, line->item)};
	uint32_t moves[RULE_KINDS];
	bool any = false, held = p->override != CATALOG_NONE && w->catalog->rules[p->override].hold;
	enum err e;

	for (unsigned kind = 0; kind < RULE_KINDS; kind++) {
		moves[kind] = held && kind != RULE_EXPIRY ? CATALOG_NONE : found[kind];
		any |= kind != RULE_OVERRIDE && moves[kind] != CATALOG_NONE;
	}
	if (!any)
		return ERR_OK;
	e = adjust(&v, moves, p);
	if (e)
		return e;
	bound_price(v.signal, p);
	e = mark_down(&v, moves, p);
	if (e)
		return e;
	bound_price(v.signal, p);
	guard_price(w, line->item, p);
	return ERR_OK;
}
