/*
 * What promotions give that is no discount of goods: off the shipping, a gift, points, and money for later.
 * It goes to the result's list of rewards, if it is worth anything. Money counts towards the promotion's
 * maximum and budget.
 */
#include "engine_work.h"

static struct money at_most(struct money amount, struct money limit)
{
	return limit.minor != AMOUNT_NONE && limit.minor < amount.minor ? limit : amount;
}

static enum err shipping_of(struct work *w, const struct give *g, struct reward *out)
{
	if (w->cart->context.shipping.method && names_admit(&g->methods, w->cart->context.shipping.method))
		out->amount.minor = piece_off(w, g, w->shipping.minor);
	return ERR_OK;
}

static enum err gift_of(struct work *w, const struct give *g, struct reward *out)
{
	(void)w;
	out->count = g->count;
	return ERR_OK;
}

static enum err points_of(struct work *w, const struct give *g, struct reward *out)
{
	int64_t times = g->amount.minor > 0 ? sum_of_running(w).minor / g->amount.minor : 1;

	return __builtin_mul_overflow(g->count, times, &out->count) ? ERR_RANGE : ERR_OK;
}

static enum err money_of(struct work *w, const struct give *g, struct reward *out)
{
	struct money running = sum_of_running(w);

	out->amount = g->off == OFF_RATE ? rate_at_most(w, running, g->rate, running) : g->amount;
	return ERR_OK;
}

static const struct {
	enum err (*of)(struct work *w, const struct give *g, struct reward *out);
	enum reward_kind kind;
} rewards[GIVE_KINDS] = {
	[GIVE_SHIPPING] = {shipping_of, REWARD_SHIPPING}, [GIVE_GIFT] = {gift_of, REWARD_GIFT},
	[GIVE_POINTS] = {points_of, REWARD_POINTS},	  [GIVE_CASHBACK] = {money_of, REWARD_CASHBACK},
	[GIVE_CREDIT] = {money_of, REWARD_CREDIT},
};

enum err give_reward(struct work *w, struct verdict *v, uint32_t give)
{
	const struct give *g = &w->catalog->promotions[v->promotion].gives[give];
	struct reward r = {.promotion = v->promotion, .give = give, .kind = rewards[g->kind].kind};
	enum err e;

	if (!select_goods(w, v->promotion, &g->on)->count)
		return ERR_OK;
	e = rewards[g->kind].of(w, g, &r);
	if (e)
		return e;
	r.amount = at_most(r.amount, give_left(w, v));
	if (!r.amount.minor && !r.count)
		return ERR_OK;
	if (w->reward_count == ENGINE_REWARDS_MAX)
		return ERR_LIMIT;
	if (r.kind == REWARD_SHIPPING)
		w->shipping.minor -= r.amount.minor;
	w->rewards[w->reward_count++] = r;
	v->rewards++;
	v->extra.minor += r.amount.minor;
	return ERR_OK;
}
