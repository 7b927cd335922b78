/*
 * An evaluation, step by step: each step is a file of its own and leaves its arrays in the work for the next.
 */
#include "engine_work.h"

static policy_fn *const policies[] = {
	[POLICY_PRECEDENCE] = precedence_apply,
	[POLICY_ONE_PER_ORDER] = one_per_order_apply,
};

static enum err prepare(struct work *w, void *room, size_t room_size)
{
	size_t needed;

	if (w->cart->count > ENGINE_LINES_MAX || w->cart->context.coupons.count > ENGINE_COUPONS_MAX)
		return ERR_LIMIT;
	needed = engine_room_size(w->catalog, w->cart->count);
	if (needed == SIZE_MAX || needed > room_size)
		return ERR_LIMIT;
	room_lay(w, w->catalog, w->cart->count, room);
	now_read(&w->now, &w->cart->context);
	return ERR_OK;
}

enum err engine_evaluate(const struct catalog *c, const struct engine_cart *cart, void *room,
			 size_t room_size, struct engine_result *out, uint32_t *bad_line)
{
	struct work w = {.catalog = c, .cart = cart};
	enum err e;

	*bad_line = CATALOG_NONE;
	e = prepare(&w, room, room_size);
	if (!e)
		e = price_lines(&w, bad_line);
	if (!e)
		e = goods_gather(&w);
	if (!e)
		e = candidates_collect(&w);
	if (e)
		return e;
	candidates_judge(&w);
	e = policies[c->settings.policy](&w);
	if (e)
		return e;
	return result_write(&w, out);
}
