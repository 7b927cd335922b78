/*
 * Codes of coupons in carts. See coupons.h.
 */
#include "coupons.h"

#include <string.h>

#include "civil.h"
#include "lane_parts.h"

#define CODE_SHOWN 80 /* bytes of a code in a sentence */

static bool is_token_of(const struct coupon_use *use, const char *token)
{
	return token && strcmp(token, use->token) == 0;
}

/* What somebody's token keeps from a cart with another one, or with none. */
static int64_t kept_by_token(const struct coupon_use *use, const char *token, int64_t now_ms)
{
	if (use->claimed || is_token_of(use, token))
		return 0;
	return coupon_token_held(use, now_ms);
}

int64_t coupon_free(const struct coupon_use *use, int64_t uses, const char *token, int64_t now_ms)
{
	if (!uses)
		return INT64_MAX;
	return uses - use->use.uses - use->use.held - kept_by_token(use, token, now_ms);
}

static bool has_code(const struct cart *c, const struct coupon_use *use)
{
	for (uint32_t i = 0; c && i < c->coupons_held; i++)
		if (c->claim[i].use == use)
			return true;
	return false;
}

const struct cart *coupon_holder(const struct shop *s, const struct coupon_use *use)
{
	for (uint32_t i = 0; i < s->lane_count; i++)
		if (has_code(s->lanes[i]->cart, use))
			return s->lanes[i]->cart;
	for (const struct cart *c = s->suspended; c; c = c->next_suspended)
		if (has_code(c, use))
			return c;
	return NULL;
}

static bool refuse_held(const struct shop *s, const struct coupon_use *use, struct answer *a)
{
	const struct cart *c = coupon_holder(s, use);
	char until[CIVIL_TEXT_MAX];

	if (c)
		return refuse(a, REFUSED_COUPON_RESERVED,
			      "%.*s is in cart %s (lane %s): it is free when that cart is voided", CODE_SHOWN,
			      use->use.key, c->id, c->lane_name);
	civil_format(use->until_ms / 1000, true, until);
	return refuse(a, REFUSED_COUPON_RESERVED, "%.*s is reserved until %s: give the token", CODE_SHOWN,
		      use->use.key, until);
}

bool coupon_may_be_taken(const struct shop *s, const struct coupon_use *use, int64_t uses, const char *token,
			 struct answer *a)
{
	int64_t now_ms = shop_now_s(s) * 1000;

	if (use->expired)
		return refuse(a, REFUSED_COUPON_EXPIRED, "%.*s was ended: nobody may use it any more",
			      CODE_SHOWN, use->use.key);
	if (uses && use->use.uses >= uses)
		return refuse(a, REFUSED_COUPON_USED, "%.*s has been used, last in order %s", CODE_SHOWN,
			      use->use.key, use->order);
	if (token && (!is_token_of(use, token) || !coupon_token_held(use, now_ms)))
		return refuse(a, REFUSED_COUPON_RESERVED,
			      "%.*s is not reserved with that token, or not any more", CODE_SHOWN,
			      use->use.key);
	return coupon_free(use, uses, token, now_ms) >= 1 || refuse_held(s, use, a);
}

void coupons_let_go(struct cart *c)
{
	for (uint32_t i = 0; i < c->coupons_held; i++) {
		struct coupon_claim *claim = &c->claim[i];

		claim->use->use.held--;
		if (is_token_of(claim->use, claim->token))
			claim->use->claimed = false;
	}
	c->coupons_held = 0;
}

void coupons_hold(struct cart *c)
{
	coupons_let_go(c);
	for (; c->coupons_held < c->now.coupons; c->coupons_held++) {
		struct coupon_claim *claim = &c->claim[c->coupons_held];

		claim->use->use.held++;
		if (is_token_of(claim->use, claim->token))
			claim->use->claimed = true;
	}
}

static void take_out(struct cart *c, uint32_t at)
{
	uint32_t behind = c->now.coupons - at - 1;

	memmove(&c->coupon[at], &c->coupon[at + 1], behind * sizeof(c->coupon[0]));
	memmove(&c->coupon_of[at], &c->coupon_of[at + 1], behind * sizeof(c->coupon_of[0]));
	memmove(&c->claim[at], &c->claim[at + 1], behind * sizeof(c->claim[0]));
	c->now.coupons--;
}

bool coupons_drop_gone(struct cart *c, int64_t now_ms)
{
	uint32_t before = c->now.coupons;

	coupons_let_go(c);
	for (uint32_t i = before; i > 0; i--) {
		const struct coupon_claim *claim = &c->claim[i - 1];

		if (claim->use->expired || coupon_free(claim->use, claim->uses, claim->token, now_ms) < 1)
			take_out(c, i - 1);
	}
	if (c->now.coupons == before)
		return false;
	c->now.unlocked = 0;
	for (uint32_t i = 0; i < c->now.coupons; i++)
		cart_unlock(c, &c->now, c->coupon_of[i]);
	return true;
}

const char *coupon_state(const struct coupon_use *use, int64_t uses, bool over, int64_t now_ms)
{
	if (use->expired || over)
		return "expired";
	if (uses && use->use.uses >= uses)
		return "redeemed";
	if (coupon_free(use, uses, NULL, now_ms) < 1 || coupon_token_held(use, now_ms))
		return "reserved";
	return use->returned && !use->use.uses ? "returned" : "unused";
}
