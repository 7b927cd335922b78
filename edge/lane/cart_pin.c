/*
 * What a cart is pinned to. An open cart holds the catalog it was opened with. One that is put aside, or paid
 * and only looked at, holds its own extract instead: the few records that its prices are made of, as a
 * catalog of their own. So at most one catalog a lane is held besides the one in force, however many carts
 * are put aside and however often the catalog changes.
 *
 * A cart that comes back is pinned anew, and is never dearer: each line is locked at the unit price that was
 * shown; if the cart would still cost more, since a promotion ended, at what was paid for a unit after
 * discounts; and if it cannot be had even so (an article is gone), it stays on its extract, where it costs
 * what it did.
 */
#include "lane_parts.h"

#include <stdlib.h>
#include <string.h>

#include "zone.h"

/* Where a cart goes. */
struct pin {
	struct shop *shop;
	struct snapshot *snapshot;
	int64_t now_s;
	int32_t utc_offset_s;
	bool clock_uncertain;
	const struct money *locked; /* a line each; NULL: as they are */
	bool same;		    /* what is left of limits is what it was, whoever let go of some since */
};

static bool carry_lines(const struct cart *from, const struct pin *p, struct cart *to)
{
	struct basket *b = &to->next;

	if (!basket_reserve(b, to->catalog, from->now.count))
		return false;
	b->count = from->now.count;
	for (uint32_t i = 0; i < b->count; i++) {
		const char *sku = catalog_sku(from->catalog, from->now.lines[i].item);

		b->lines[i] = from->now.lines[i];
		if (catalog_find_sku(to->catalog, sku, &b->lines[i].item))
			return false;
		if (p->locked)
			b->lines[i].locked = p->locked[i];
	}
	return true;
}

static bool carry_customer(const struct cart *from, struct cart *to)
{
	const struct customer *who = from->now.customer;

	if (!who)
		return true;
	to->customer = customer_copy(to->catalog, &(struct record_customer){.id = who->id,
									    .name = who->name,
									    .plan = who->plan,
									    .segments = who->segments});
	to->next.customer = to->customer;
	if (!to->customer)
		return false;
	to->customer->credit = who->credit;
	to->customer->credit_to = who->credit_to;
	return true;
}

static bool carry_coupons(const struct cart *from, struct cart *to)
{
	for (uint32_t i = 0; i < from->now.coupons; i++) {
		const char *id = from->catalog->promotions[from->coupon_of[i]].id, *code = from->coupon[i];
		uint32_t promotion = catalog_promotion(to->catalog, id);

		if (promotion == CATALOG_NONE || !cart_note_coupon(to, code, promotion, &from->claim[i]))
			return false;
	}
	return true;
}

/* The other one is not wanted: all is as it was. */
static void drop(struct cart *other, struct cart *c)
{
	cart_free(other);
	limits_hold(c);
}

/* Promotions that the other catalog does not have are not judged there. */
static void carry_counters(const struct cart *from, struct cart *to)
{
	for (uint32_t i = 0; i < from->limits->count; i++) {
		const struct counter *c = &from->now.counters[i];
		uint32_t promotion =
			catalog_promotion(to->catalog, from->catalog->promotions[c->promotion].id);
		const struct limited *at = limits_find(to->limits, promotion);

		if (!at)
			continue;
		to->next.counters[at - to->limits->at] = *c;
		to->next.counters[at - to->limits->at].promotion = promotion;
	}
	to->next.order_number = from->now.order_number;
}

static bool carry_limits(const struct cart *from, const struct pin *p, struct cart *to)
{
	if (!limits_take_customer(to, &to->next))
		return false;
	limits_fill(to, &to->next);
	if (p->same)
		carry_counters(from, to);
	return true;
}

/*
 * The same cart pinned elsewhere, priced; NULL: it cannot be had there. What the one holds the other takes;
 * whoever drops the other lets the first hold it again.
 */
static struct cart *carry(struct cart *from, const struct pin *p)
{
	struct cart *to = calloc(1, sizeof(*to));
	struct answer a = {0};

	if (!to)
		return NULL;
	limits_let_go(from);
	to->loose = p->same && from->loose;
	to->snapshot = snapshot_ref(p->snapshot);
	to->catalog = snapshot_catalog(to->snapshot);
	to->now_s = p->now_s;
	to->utc_offset_s = p->utc_offset_s;
	to->clock_uncertain = p->clock_uncertain;
	to->store = catalog_id(&to->catalog->stores, p->shop->config->store);
	to->channel = catalog_id(&to->catalog->channels, from->channel_name);
	if (shop_give_limits(p->shop, to) && carry_lines(from, p, to) && carry_customer(from, to) &&
	    carry_coupons(from, to) && carry_limits(from, p, to) && cart_take_draft(to, &a))
		return to;
	drop(to, from);
	return NULL;
}

/* Puts what `by` is pinned to, and all that hangs on it, into the cart; by is gone. */
static void replace(struct cart *c, struct cart *by)
{
	struct cart before = *c;

	*c = *by;
	c->next_suspended = before.next_suspended;
	c->serial = before.serial;
	memcpy(c->id, before.id, sizeof(c->id));
	c->state = before.state;
	c->lane_name = before.lane_name;
	c->channel_name = before.channel_name;
	c->suspended_s = before.suspended_s;
	c->note = before.note;
	*by = before;
	cart_free(by);
}

static struct money total(const struct cart *c)
{
	return c->now.result.totals.total;
}

bool cart_let_go(struct cart *c, struct shop *s)
{
	struct pin p = {.shop = s,
			.now_s = c->now_s,
			.utc_offset_s = c->utc_offset_s,
			.clock_uncertain = c->clock_uncertain,
			.same = true};
	struct engine_cart view = cart_view(c, &c->now);
	struct arena arena = ARENA_EMPTY;
	struct extract extract;
	struct cart *moved = NULL;
	struct why why;

	if (c->apart)
		return true;
	if (!extract_take(c->catalog, &view, &c->now.result, s->memo, &arena, &extract) &&
	    !extract_open(&extract, &p.snapshot, &why))
		moved = carry(c, &p);
	if (moved) {
		moved->apart = true;
		replace(c, moved);
	}
	snapshot_unref(p.snapshot);
	arena_free(&arena);
	return moved;
}

/* The most that a unit may cost for the line to cost no more than it did, discounts included. */
static struct money net_of_unit(const struct cart *c, uint32_t line)
{
	enum rounding rounding = c->catalog->settings.rounding;
	struct money net = c->now.result.lines[line].net, unit, again;
	struct qty quantity = c->now.lines[line].quantity;

	if (muldiv(net.minor, QTY_ONE.micro, quantity.micro, rounding, &unit.minor))
		return c->now.result.lines[line].unit_price;
	while (unit.minor > 0 &&
	       (money_times_qty(unit, quantity, rounding, &again) || again.minor > net.minor))
		unit.minor--; /* once, if it was rounded up */
	return unit;
}

static void lock_at_unit(const struct cart *c, struct money *locked)
{
	for (uint32_t i = 0; i < c->now.count; i++)
		locked[i] = c->now.result.lines[i].unit_price;
}

/* Lines that did not become dearer keep the lock they have, so that promotions that still run apply to them.
 */
static void lock_at_net(const struct cart *c, const struct cart *dearer, struct money *locked)
{
	for (uint32_t i = 0; i < c->now.count; i++)
		if (dearer->now.result.lines[i].net.minor > c->now.result.lines[i].net.minor)
			locked[i] = net_of_unit(c, i);
}

/* A lock that changed nothing is no lock: the line takes more pieces at its price. */
static void drop_idle_locks(struct cart *c)
{
	for (uint32_t i = 0; i < c->now.count; i++) {
		if (!c->now.result.lines[i].locked)
			c->now.lines[i].locked = MONEY_NONE;
	}
}

/* Pinned as p says, with the locks that keep it from being dearer; NULL: there are none that do. */
static struct cart *carry_not_dearer(struct cart *c, struct pin *p, struct money *locked)
{
	struct cart *moved, *again;

	p->locked = locked;
	lock_at_unit(c, locked);
	moved = carry(c, p);
	if (!moved || total(moved).minor <= total(c).minor)
		return moved;
	lock_at_net(c, moved, locked);
	drop(moved, c);
	again = carry(c, p);
	if (!again || total(again).minor <= total(c).minor)
		return again;
	drop(again, c);
	return NULL;
}

bool cart_renew(struct cart *c, struct shop *s)
{
	struct pin p = {.shop = s,
			.snapshot = s->snapshot,
			.now_s = c->now_s,
			.utc_offset_s = c->utc_offset_s,
			.clock_uncertain = c->clock_uncertain};
	struct money *locked;
	struct cart *moved = NULL;

	if (!s->snapshot || strcmp(shop_catalog(s)->settings.currency, c->catalog->settings.currency) != 0)
		return false;
	if (shop_now_s(s) - c->now_s >= s->config->repin_after_s) {
		p.now_s = shop_now_s(s);
		p.utc_offset_s = zone_offset_s(p.now_s);
		p.clock_uncertain = s->time.uncertain;
	}
	locked = calloc(c->now.count + 1u, sizeof(*locked));
	if (locked)
		moved = carry_not_dearer(c, &p, locked);
	free(locked);
	if (!moved)
		return false;
	drop_idle_locks(moved);
	replace(c, moved);
	return true;
}
