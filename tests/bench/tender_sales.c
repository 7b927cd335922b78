/*
 * Real sales. See tender_sales.h.
 */
#include "tender_sales.h"

#include <stdio.h>

#include "goods.h"
#include "lane_parts.h"
#include "measure.h"
#include "snapshot.h"

#define CUSTOMERS  500
#define WHOLE_CART 3   /* coupons that make_book --limits has for the whole cart, before any others */
#define CODES	   500 /* of each */

static void scan_some(struct lane *l, const struct goods *goods, unsigned most, uint64_t *random)
{
	uint64_t n = 1 + measure_random(random) % most;
	struct answer a;

	while (n-- > 0) {
		lane_add_sku(l, goods->at[(measure_random(random) >> 8) % goods->count].sku, QTY_ONE, &a);
		if (a.refusal != REFUSED_NOT)
			measure_fail("an article is refused: %s", a.why.text);
	}
}

/* The nth promotion that wants a coupon. */
static uint32_t coupon_promotion(const struct catalog *c, uint64_t n)
{
	for (uint32_t i = 0; i < c->promotion_count; i++)
		if (c->promotions[i].coupon && n-- == 0)
			return i;
	measure_fail("the book has too few promotions by coupon: make_book --limits");
}

/* As the lane does when its loader has found them. */
static void spend_some(struct lane *l, uint64_t *random)
{
	struct cart *c = l->cart;
	char id[32], code[72];
	struct found_customer who = {.record = {.id = id}};
	struct coupon_claim claim = {0};
	struct answer a = {0};
	uint32_t promotion;

	snprintf(id, sizeof(id), "9520001%05u", (unsigned)(measure_random(random) % CUSTOMERS));
	promotion = coupon_promotion(c->catalog, measure_random(random) % WHOLE_CART);
	snprintf(code, sizeof(code), "SAVE%s-%03u", c->catalog->promotions[promotion].id + 1,
		 (unsigned)(measure_random(random) % CODES));
	claim.use = uses_coupon(l->shop->uses, code);
	if (!claim.use || !lane_end_change(l, c, cart_take_customer(c, &who, &a), &a) ||
	    !lane_end_change(l, c, cart_take_coupon(c, code, promotion, &claim, &a), &a))
		measure_fail("customer or coupon is refused: %s", a.why.text);
}

static void make_one(struct lane *l, struct arena *arena, struct tender_sale *out)
{
	const struct tender cash = {"cash", MONEY_NONE};
	const struct cart *c = l->cart;
	struct payment paid;
	struct answer a = {0};

	if (!payment_settle(c->catalog, c->now.result.totals.total, &cash, 1, &paid, &a) ||
	    sale_build(l, c, c->id, NULL, &paid, arena, &out->sale, &out->whole))
		measure_fail("a cart cannot be paid: %s", a.why.text);
	out->whole.sale = &out->sale;
}

static size_t count_coupons(const struct event_sale *s)
{
	const struct sale_promotion *p = s->promotions.at;
	size_t n = 0;

	for (size_t i = 0; i < s->promotions.count; i++)
		n += p[i].coupon != NULL;
	return n;
}

void tender_sales_make(struct loop *loop, struct ledger_worker *worker, const char *book, size_t count,
		       unsigned most_scans, struct tender_sales *out)
{
	static const struct shop_config config = {.box = "bench", .store = "S1"};
	static struct arena arena;
	uint64_t random = 8;
	struct snapshot *snapshot;
	struct goods goods;
	struct why why = {0};
	struct answer a;
	struct shop *shop;
	struct lane *lane;

	goods_load(book, &goods);
	if (book_load(book, &snapshot, &why) || shop_new(loop, &config, 1, &shop) ||
	    lane_new(shop, "1", "store", &lane))
		measure_fail("%s: %s", book, why.text);
	shop_attach(shop, NULL, worker);
	shop_take_catalog(shop, snapshot);
	*out = (struct tender_sales){
		.at = measure_memory(count, sizeof(*out->at)), .count = count, .shop = shop};
	for (size_t i = 0; i < count; i++) {
		scan_some(lane, &goods, most_scans, &random);
		if (worker)
			spend_some(lane, &random);
		make_one(lane, &arena, &out->at[i]);
		out->lines += (double)lane->cart->now.count / (double)count;
		out->applied += (double)lane->cart->now.result.applied_count / (double)count;
		out->coupons += (double)count_coupons(&out->at[i].sale) / (double)count;
		lane_void_cart(lane, &a);
	}
	goods_free(&goods);
}
