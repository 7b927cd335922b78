/*
 * An evaluation, step by step: each step is a file of its own and leaves its arrays in the work for the next.
 */
#include "past.h"

#include <string.h>

static policy_fn *const policies[] = {
	[POLICY_PRECEDENCE] = precedence_apply,
	[POLICY_ONE_PER_ORDER] = one_per_order_apply,
	[POLICY_BEST_DEAL] = best_deal_apply,
};

static enum err prepare(struct work *w, void *room, size_t room_size)
{
	if (w->cart->count > ENGINE_LINES_MAX || w->cart->context.coupons.count > ENGINE_COUPONS_MAX)
		return ERR_LIMIT;
	if (room_lay(w, w->catalog, w->cart->count, room, room_size) == SIZE_MAX)
		return ERR_LIMIT;
	if (w->catalog->list_count)
		memset(w->usable, 0, w->catalog->list_count);
	if (w->good_words)
		memset(w->taken, 0, w->good_words * sizeof(*w->taken));
	if (!w->cart->context.shipping.method)
		return ERR_OK;
	w->shipping = w->cart->context.shipping.amount;
	return w->shipping.minor < 0 ? ERR_INVALID : ERR_OK;
}

/* What moved the prices, without the places that lines did not need. */
static void copy_steps(struct work *w)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < w->cart->count; i++) {
		struct line_result *line = &w->lines[i];

		if (line->steps)
			memcpy(w->steps + used, w->base.steps + line->first_step,
			       line->steps * sizeof(*w->steps));
		line->first_step = used;
		used += line->steps;
	}
}

/* Promotions take off from copies, so that a base that is kept stays what it is. */
static void copy_base(struct work *w)
{
	w->good_count = w->base.good_count;
	if (!w->base.kept) {
		w->lines = w->base.lines;
		w->goods = w->base.goods;
	} else if (w->cart->count) {
		memcpy(w->lines, w->base.lines, w->cart->count * sizeof(*w->lines));
		memcpy(w->goods, w->base.goods, w->good_count * sizeof(*w->goods));
	}
	copy_steps(w);
}

enum err engine_evaluate_next(const struct catalog *c, const struct engine_cart *cart,
			      struct engine_memo *memo, void *room, size_t room_size,
			      struct engine_result *out, uint32_t *bad_line)
{
	struct work w = {.catalog = c, .cart = cart};
	enum err e;

	*bad_line = CATALOG_NONE;
	if (!memo)
		price_fetch(c, cart);
	e = prepare(&w, room, room_size);
	if (!e)
		e = memo_base(&w, memo, bad_line);
	if (e)
		return e;
	copy_base(&w);
	candidates_judge(&w);
	e = policies[c->settings.policy](&w);
	if (!e)
		e = result_write(&w, out);
	if (!e && w.past)
		past_keep(&w);
	return e;
}

enum err engine_evaluate(const struct catalog *c, const struct engine_cart *cart, void *room,
			 size_t room_size, struct engine_result *out, uint32_t *bad_line)
{
	return engine_evaluate_next(c, cart, NULL, room, room_size, out, bad_line);
}
