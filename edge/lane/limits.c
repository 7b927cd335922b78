/*
 * What is left of limits, and who holds it. See limits.h.
 */
#include "limits.h"

#include <stdlib.h>
#include <string.h>

#include "lane_parts.h"

static bool is_limited(const struct promotion *p)
{
	return p->uses || p->budget.minor || p->customer_uses;
}

static uint32_t count_limited(const struct catalog *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->promotion_count; i++)
		n += is_limited(&c->promotions[i]);
	return n;
}

struct limits *limits_new(struct uses *fold, const struct catalog *c)
{
	uint32_t n = count_limited(c);
	struct limits *l = calloc(1, sizeof(*l) + n * sizeof(l->at[0]));

	if (!l)
		return NULL;
	l->refs = 1;
	l->fold = fold;
	for (uint32_t i = 0; i < c->promotion_count; i++) {
		const struct promotion *p = &c->promotions[i];
		struct limited *at = &l->at[l->count];

		if (!is_limited(p))
			continue;
		*at = (struct limited){.promotion = i,
				       .uses = p->uses,
				       .budget = p->budget.minor,
				       .customer = p->customer_uses,
				       .use = uses_promotion(fold, p->id)};
		l->count++;
		if (at->use)
			continue;
		free(l);
		return NULL;
	}
	return l;
}

struct limits *limits_ref(struct limits *l)
{
	l->refs++;
	return l;
}

void limits_unref(struct limits *l)
{
	if (l && --l->refs == 0)
		free(l);
}

static bool basket_attach(struct basket *b, uint32_t count)
{
	b->counters = calloc(count + 1u, sizeof(*b->counters));
	b->mine = calloc(count + 1u, sizeof(*b->mine));
	return b->counters && b->mine;
}

bool limits_attach(struct cart *c, struct limits *l)
{
	c->limits = limits_ref(l);
	c->holds = calloc(l->count + 1u, sizeof(*c->holds));
	if (!c->holds || !basket_attach(&c->now, l->count) || !basket_attach(&c->next, l->count))
		return false;
	limits_fill(c, &c->now);
	return true;
}

static void basket_detach(struct basket *b)
{
	free(b->counters);
	free(b->mine);
	b->counters = NULL;
	b->mine = NULL;
}

void limits_detach(struct cart *c)
{
	if (c->holds)
		limits_let_go(c);
	free(c->holds);
	c->holds = NULL;
	basket_detach(&c->now);
	basket_detach(&c->next);
	limits_unref(c->limits);
	c->limits = NULL;
}

bool limits_take_customer(struct cart *c, struct basket *b)
{
	const struct customer *who = b->customer;
	const struct limits *l = c->limits;

	memset(b->mine, 0, l->count * sizeof(*b->mine));
	b->orders = (struct mine){0};
	if (!who)
		return true;
	b->orders.use = uses_get(l->fold, USE_CUSTOMER, who->id, NULL);
	for (uint32_t i = 0; b->orders.use && i < l->count; i++) {
		if (!l->at[i].customer)
			continue;
		b->mine[i].use = uses_get(l->fold, USE_BY_CUSTOMER, l->at[i].use->use.key, who->id);
		if (!b->mine[i].use)
			return false;
	}
	return b->orders.use;
}

void limits_same_customer(const struct cart *c, const struct basket *from, struct basket *to)
{
	memcpy(to->mine, from->mine, c->limits->count * sizeof(*to->mine));
	to->orders = from->orders;
}

static int64_t not_below_0(int64_t n)
{
	return n > 0 ? n : 0;
}

/*
 * What flows back of that promotion in the moment in which this cart is paid, and so is there for it, and for
 * no other before that is durable. All zero: nothing.
 */
static struct return_promotion flows_back(const struct cart *c, const struct limited *l)
{
	const struct return_promotion *at = c->back ? c->back->promotions.at : NULL;
	const char *id = c->catalog->promotions[l->promotion].id;

	for (size_t i = 0; c->back && i < c->back->promotions.count; i++)
		if (strcmp(at[i].id, id) == 0)
			return at[i];
	return (struct return_promotion){0};
}

/* Whether that is of the basket's own customer. */
static bool is_his(const struct cart *c, const struct basket *b)
{
	return c->back && c->back->customer && b->customer && strcmp(c->back->customer, b->customer->id) == 0;
}

static int64_t uses_left(const struct limited *l, const struct hold *own, int64_t back)
{
	const struct promotion_use *p = l->use;

	return not_below_0(p->granted_uses - p->use.uses - (p->use.held - own->uses) + back);
}

static struct money budget_left(const struct limited *l, const struct hold *own, struct money back)
{
	const struct promotion_use *p = l->use;
	int64_t held = p->held_amount.minor - own->amount.minor;

	return (struct money){not_below_0(p->granted_amount.minor - p->amount.minor - held + back.minor)};
}

static int64_t customer_uses(const struct mine *m, const struct hold *own, int64_t back)
{
	if (!m->use)
		return 0;
	return m->elsewhere + not_below_0(m->use->uses - back) + m->use->held - (own->mine == m->use);
}

void limits_fill(const struct cart *c, struct basket *b)
{
	const struct limits *l = c->limits;
	bool his = is_his(c, b);

	for (uint32_t i = 0; i < l->count; i++) {
		const struct limited *at = &l->at[i];
		struct return_promotion back = flows_back(c, at);

		b->counters[i] = (struct counter){
			.promotion = at->promotion,
			.uses_left = at->uses ? uses_left(at, &c->holds[i], back.uses) : AMOUNT_NONE,
			.budget_left = at->budget ? budget_left(at, &c->holds[i], back.amount) : MONEY_NONE,
			.customer_uses = customer_uses(&b->mine[i], &c->holds[i], his ? back.counted : 0),
		};
	}
	b->order_number = b->orders.use ? not_below_0(b->orders.use->uses - (his && c->back->whole)) +
						  b->orders.elsewhere + 1
					: 0;
}

const struct limited *limits_find(const struct limits *l, uint32_t promotion)
{
	uint32_t from = 0, to = l->count;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (l->at[middle].promotion == promotion)
			return &l->at[middle];
		if (l->at[middle].promotion < promotion)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

static void let_go(const struct limited *l, struct hold *h)
{
	l->use->use.held -= h->uses;
	l->use->held_amount.minor -= h->amount.minor;
	if (h->mine)
		h->mine->held--;
	*h = (struct hold){0};
}

void limits_let_go(struct cart *c)
{
	coupons_let_go(c);
	for (uint32_t i = 0; i < c->limits->count; i++)
		if (c->holds[i].uses)
			let_go(&c->limits->at[i], &c->holds[i]);
}

static void hold(const struct limited *l, const struct verdict *v, struct use *mine, struct hold *h)
{
	*h = (struct hold){.uses = 1, .amount = {v->amount.minor + v->extra.minor}, .mine = mine};
	l->use->use.held++;
	l->use->held_amount.minor += h->amount.minor;
	if (mine)
		mine->held++;
}

void limits_hold(struct cart *c)
{
	const struct engine_result *r = &c->now.result;

	if (c->loose)
		return;
	limits_let_go(c);
	coupons_hold(c);
	for (uint32_t i = 0; c->limits->count && i < r->applied_count; i++) {
		const struct limited *l = limits_find(c->limits, r->verdicts[i].promotion);
		size_t at = l ? (size_t)(l - c->limits->at) : 0;

		if (l)
			hold(l, &r->verdicts[i], c->now.mine[at].use, &c->holds[at]);
	}
}

bool limits_any_held(const struct cart *c)
{
	if (c->coupons_held)
		return true;
	for (uint32_t i = 0; i < c->limits->count; i++)
		if (c->holds[i].uses)
			return true;
	return false;
}

bool limits_suffice(const struct cart *c)
{
	for (uint32_t i = 0; i < c->limits->count; i++) {
		const struct limited *l = &c->limits->at[i];
		const struct promotion *p = &c->catalog->promotions[l->promotion];
		const struct hold *h = &c->holds[i];

		if (!h->uses)
			continue;
		if ((l->uses && uses_left(l, h, 0) < 1) ||
		    (l->budget && budget_left(l, h, MONEY_ZERO).minor < h->amount.minor) ||
		    (l->customer && customer_uses(&c->now.mine[i], h, 0) >= p->customer_uses))
			return false;
	}
	return true;
}

/* Verdicts come in another order than counters. */
static void insert(struct counter *out, uint32_t n, const struct counter *c)
{
	for (; n > 0 && out[n - 1].promotion > c->promotion; n--)
		out[n] = out[n - 1];
	out[n] = *c;
}

uint32_t limits_judged(const struct cart *c, const struct basket *b, struct counter *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; c->limits->count && i < b->result.verdict_count; i++) {
		const struct limited *l = limits_find(c->limits, b->result.verdicts[i].promotion);

		if (l)
			insert(out, n++, &b->counters[l - c->limits->at]);
	}
	return n;
}
