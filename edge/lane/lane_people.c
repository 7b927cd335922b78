/*
 * Customers and coupons: they are in the database, so the loader is asked, and by the time it answers the
 * cart may have been paid, put aside or voided.
 */
#include "lane_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_SHOWN 80 /* bytes of a code in a sentence */

/* A look-up under way. */
struct lookup {
	struct lane *lane;
	int64_t serial;	    /* of the cart it is for; 0: the lane had none */
	lane_done_fn *done; /* NULL: scanned by a device, the listener is told */
	void *arg;
	size_t length;
	char text[GS1_TEXT_MAX + 1];  /* code or id */
	char token[USE_TEXT_MAX + 1]; /* "": none */
};

/* A code as it is written on a coupon or a card: without what a scanner puts before it. */
static size_t written_code(const char *text, size_t n, char out[GS1_TEXT_MAX + 1])
{
	struct gs1_scan scan;

	if (gs1_parse(text, n, NULL, 0, &scan, NULL) || scan.kind != GS1_TEXT) {
		n = n < GS1_TEXT_MAX ? n : GS1_TEXT_MAX;
		memcpy(out, text, n);
	} else {
		n = strlen(scan.text);
		memcpy(out, scan.text, n);
	}
	out[n] = '\0';
	return n;
}

static struct lookup *lookup_new(struct lane *l, const char *text, size_t n, lane_done_fn *done, void *arg)
{
	struct lookup *k = malloc(sizeof(*k));

	if (!k)
		return NULL;
	*k = (struct lookup){.lane = l, .done = done, .arg = arg};
	k->serial = lane_open_cart(l) ? l->cart->serial : 0;
	k->length = written_code(text, n, k->text);
	return k;
}

static void finish(struct lookup *k, struct answer *a)
{
	if (k->done)
		k->done(k->lane, a, k->arg);
	else if (a->refusal)
		lane_tell_refused(k->lane, a, k->text, k->length);
	free(k);
}

/* The cart that the answer is for: the one it was asked for, or if there was none, the lane's next. */
static struct cart *cart_of(const struct lookup *k, struct answer *a)
{
	struct cart *c = k->lane->cart;

	if (!k->serial)
		return lane_cart_for_change(k->lane, a);
	if (c && c->serial == k->serial && c->state != LANE_CLOSED)
		return lane_need_cart(k->lane, a);
	refuse(a, REFUSED_NO_CART, "the cart left lane %s before %.*s was found", k->lane->name, CODE_SHOWN,
	       k->text);
	return NULL;
}

static void refuse_lookup(struct answer *a, enum err e, enum refusal unknown, const char *what,
			  const char *text)
{
	if (e == ERR_NOT_FOUND)
		refuse(a, unknown, "%.*s is not a %s that this shop knows", CODE_SHOWN, text, what);
	else if (e == ERR_LIMIT)
		refuse(a, REFUSED_LANE_BUSY, "too many customers and coupons are being looked up: try again");
	else
		refuse(a, REFUSED_NO_CATALOG, "the %s could not be looked up in the catalog: %s", what,
		       err_name(e));
}

static void customer_found(enum err e, const struct found_customer *f, void *arg)
{
	struct lookup *k = arg;
	struct answer a = {0};
	struct cart *c = NULL;

	if (e)
		refuse_lookup(&a, e, REFUSED_UNKNOWN_CUSTOMER, "customer", k->text);
	else
		c = cart_of(k, &a);
	if (c && lane_end_change(k->lane, c, cart_take_customer(c, f, &a), &a))
		lane_tell(k->lane, LANE_CART);
	finish(k, &a);
}

static void remove_customer(struct lane *l, struct answer *a)
{
	struct cart *c = lane_need_cart(l, a);

	if (c && lane_end_change(l, c, cart_take_customer(c, NULL, a), a))
		lane_tell(l, LANE_CART);
}

void lane_customer(struct lane *l, const char *customer, lane_done_fn *done, void *arg)
{
	struct answer a = {0};
	struct lookup *k;
	enum err e;

	if (!customer || !*customer) {
		remove_customer(l, &a);
		done(l, &a, arg);
		return;
	}
	k = lane_takes_goods(l, &a) ? lookup_new(l, customer, strlen(customer), done, arg) : NULL;
	if (!k) {
		if (!a.refusal)
			refuse_memory(&a);
		done(l, &a, arg);
		return;
	}
	e = l->shop->loader ? loader_find_customer(l->shop->loader, k->text, customer_found, k) : ERR_CLOSED;
	if (e)
		customer_found(e, NULL, k);
}

/* The instant of a moment on the store's clock is compared as that clock would show the cart's now. */
static int64_t clock_for(const struct cart *c, const struct stamp *t)
{
	return t->local ? c->now_s + c->utc_offset_s : c->now_s;
}

static bool take_coupon(const struct shop *s, struct cart *c, const struct record_coupon *r,
			const char *token, struct answer *a)
{
	uint32_t promotion = catalog_promotion(c->catalog, r->promotion);
	const struct coupon_claim claim = {.use = uses_coupon(s->uses, r->code),
					   .uses = r->uses > 0 ? r->uses : 0,
					   .token = *token ? token : NULL};

	if (cart_has_coupon(c, r->code))
		return true; /* it is accepted already */
	if (!claim.use)
		return refuse_memory(a);
	if (promotion == CATALOG_NONE)
		return refuse(a, REFUSED_UNKNOWN_COUPON,
			      "%.*s is for promotion %s, which this cart's catalog does not have", CODE_SHOWN,
			      r->code, r->promotion);
	if (r->from.seconds != AMOUNT_NONE && clock_for(c, &r->from) < r->from.seconds)
		return refuse(a, REFUSED_COUPON_EXPIRED, "%.*s is not valid yet", CODE_SHOWN, r->code);
	if (r->to.seconds != AMOUNT_NONE && clock_for(c, &r->to) > r->to.seconds)
		return refuse(a, REFUSED_COUPON_EXPIRED, "%.*s is no longer valid", CODE_SHOWN, r->code);
	return coupon_may_be_taken(s, claim.use, claim.uses, claim.token, a) &&
	       cart_take_coupon(c, r->code, promotion, &claim, a);
}

static void coupon_found(enum err e, const struct record_coupon *r, void *arg)
{
	struct lookup *k = arg;
	struct answer a = {0};
	struct cart *c = NULL;

	if (!e) {
		lane_renew_cart(k->lane);
		c = cart_of(k, &a);
	} else if (!k->done) { /* what a device scanned might have been anything */
		refuse_lookup(&a, e, REFUSED_UNKNOWN_CODE, "code", k->text);
	} else {
		refuse_lookup(&a, e, REFUSED_UNKNOWN_COUPON, "coupon", k->text);
	}
	if (c && lane_end_change(k->lane, c, take_coupon(k->lane->shop, c, r, k->token, &a), &a))
		lane_tell(k->lane, LANE_CART);
	finish(k, &a);
}

static void find_coupon(struct lookup *k)
{
	struct loader *loader = k->lane->shop->loader;
	enum err e = loader ? loader_find_coupon(loader, k->text, coupon_found, k) : ERR_CLOSED;

	if (e)
		coupon_found(e, NULL, k);
}

void lane_coupon(struct lane *l, const char *code, const char *token, lane_done_fn *done, void *arg)
{
	struct answer a = {0};
	struct lookup *k = NULL;

	if (token && strlen(token) > USE_TEXT_MAX)
		refuse(&a, REFUSED_COUPON_RESERVED, "a token has %d bytes at most", USE_TEXT_MAX);
	else if (lane_takes_goods(l, &a))
		k = lookup_new(l, code, strlen(code), done, arg);
	if (k) {
		snprintf(k->token, sizeof(k->token), "%s", token ? token : "");
		find_coupon(k);
		return;
	}
	if (!a.refusal)
		refuse_memory(&a);
	done(l, &a, arg);
}

void lane_scanned_coupon(struct lane *l, const char *text, size_t n)
{
	struct answer a = {0};
	struct lookup *k = lookup_new(l, text, n, NULL, NULL);

	if (k) {
		find_coupon(k);
		return;
	}
	refuse_memory(&a);
	lane_tell_refused(l, &a, text, n);
}
