/*
 * Putting a cart aside, and taking it up again on any lane of the box. cart_pin.c says which prices it has
 * then.
 */
#include "cart_journal.h"

#include <string.h>

void lane_suspend(struct lane *l, struct answer *a)
{
	struct cart *c;

	*a = (struct answer){0};
	c = lane_need_cart(l, a);
	if (!c)
		return;
	if (!c->now.count) {
		refuse(a, REFUSED_EMPTY_CART, "cart %s has no lines: void it", c->id);
		return;
	}
	if (l->shop->suspended_count >= SHOP_SUSPENDED_MAX) {
		refuse(a, REFUSED_TOO_MANY_CARTS, "%d carts are put aside already: resume or void one",
		       SHOP_SUSPENDED_MAX);
		return;
	}
	if (!cart_let_go(c, l->shop)) {
		refuse_memory(a);
		return;
	}
	memcpy(a->cart, c->id, sizeof(a->cart));
	lane_enter_state(l, c, LANE_SUSPENDED);
	lane_tell(l, LANE_CART);
}

static struct cart **find_suspended(struct shop *s, const char *id)
{
	struct cart **at = &s->suspended;

	while (*at && strcmp((*at)->id, id) != 0)
		at = &(*at)->next_suspended;
	return at;
}

static bool has_room(const struct lane *l, struct answer *a)
{
	const struct cart *c = lane_open_cart(l);

	if (lane_state(l) == LANE_TENDERING || (c && c->now.count))
		return refuse(a, REFUSED_LANE_BUSY, "lane %s has cart %s: tender or suspend it first",
			      l->name, l->cart->id);
	return true;
}

/*
 * A cart that was put aside for too long holds nothing of limits any more: by its own catalog it is priced
 * with what is left of them now, and that is what it may not be dearer than.
 */
static bool take_what_is_left(struct cart *c, struct answer *a)
{
	if (!c->loose)
		return true;
	c->loose = false;
	(void)coupons_drop_gone(c, c->suspended_s * 1000); /* it is priced anew in any case */
	if (cart_reprice(c, a))
		return true;
	c->loose = true;
	return false;
}

void lane_resume(struct lane *l, const char *cart, struct answer *a)
{
	struct cart **at = find_suspended(l->shop, cart), *c = *at;

	*a = (struct answer){0};
	if (!c) {
		refuse(a, REFUSED_UNKNOWN_CART, "no cart %.*s is put aside at this box", ORDER_ID_MAX, cart);
		return;
	}
	if (!has_room(l, a) || !take_what_is_left(c, a))
		return;
	*at = c->next_suspended;
	l->shop->suspended_count--;
	(void)cart_renew(c, l->shop); /* else it is paid as it was put aside */
	memcpy(a->cart, c->id, sizeof(a->cart));
	lane_enter_state(l, c, LANE_OPEN);
	lane_tell(l, LANE_CART);
}

void lane_renew_cart(struct lane *l)
{
	struct cart *c = lane_open_cart(l);

	if (!c || !c->apart || !cart_renew(c, l->shop))
		return;
	journal_changed(l->shop, c);
	lane_tell(l, LANE_CART);
}
