/*
 * Real sales. See tender_sales.h.
 */
#include "tender_sales.h"

#include "goods.h"
#include "lane_parts.h"
#include "measure.h"
#include "snapshot.h"

#define CART_MAX 15

static void scan_some(struct lane *l, const struct goods *goods, uint64_t *random)
{
	uint64_t n = 1 + measure_random(random) % CART_MAX;
	struct answer a;

	while (n-- > 0) {
		lane_add_sku(l, goods->at[(measure_random(random) >> 8) % goods->count].sku, QTY_ONE, &a);
		if (a.refusal != REFUSED_NOT)
			measure_fail("an article is refused: %s", a.why.text);
	}
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

void tender_sales_make(struct loop *loop, const char *book, size_t count, struct tender_sales *out)
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
	shop_take_catalog(shop, snapshot);
	*out = (struct tender_sales){.at = measure_memory(count, sizeof(*out->at)), .count = count};
	for (size_t i = 0; i < count; i++) {
		scan_some(lane, &goods, &random);
		make_one(lane, &arena, &out->at[i]);
		out->lines += (double)lane->cart->now.count / (double)count;
		out->applied += (double)lane->cart->now.result.applied_count / (double)count;
		lane_void_cart(lane, &a);
	}
	goods_free(&goods);
}
