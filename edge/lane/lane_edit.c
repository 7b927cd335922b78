/*
 * Changes to the lines of an open cart.
 */
#include "lane_parts.h"

#include <string.h>

/* The open cart and the line of it that a cashier means, counted from 1. */
static struct cart *need_line(struct lane *l, uint32_t line, struct answer *a)
{
	struct cart *c = lane_need_cart(l, a);

	if (!c || (line >= 1 && line <= c->now.count))
		return c;
	refuse(a, REFUSED_UNKNOWN_LINE, "the cart has no line %u: its lines are 1 to %u", line, c->now.count);
	return NULL;
}

void lane_quantity(struct lane *l, uint32_t line, struct qty quantity, struct answer *a)
{
	struct cart *c;

	*a = (struct answer){0};
	c = need_line(l, line, a);
	if (c && lane_end_change(l, c, cart_change(c, line - 1, quantity, a), a))
		shop_tell(l->shop, &(struct lane_news){.event = LANE_LINE, .lane = l, .line = line - 1});
}

void lane_void_line(struct lane *l, uint32_t line, struct answer *a)
{
	struct cart *c;

	*a = (struct answer){0};
	c = need_line(l, line, a);
	if (c && lane_end_change(l, c, cart_remove(c, line - 1, a), a))
		lane_tell(l, LANE_CART);
}

void lane_void_cart(struct lane *l, struct answer *a)
{
	struct cart *c;

	*a = (struct answer){0};
	c = lane_need_cart(l, a);
	if (!c)
		return;
	memcpy(a->cart, c->id, sizeof(a->cart));
	lane_enter_state(l, c, LANE_IDLE);
	lane_tell(l, LANE_CART);
}
