/*
 * Refunds: what goes back over any sequence of returns. docs/returns.md says what must hold; here it is held
 * against random books, carts and sequences. TILL_REFUND_STEPS: how many returns, default 100000.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "refund.h"
#include "small_book.h"
#include "sold.h"

#define BOOKS 18
#define LINES 6
#define NOON  INT64_C(1795255200) /* Saturday 2026-11-21T10:00:00Z */

/* clang-format off */
static const char *const goods[] = {
	"{\"type\":\"tax\",\"id\":\"high\",\"rate\":\"19\"}",
	"{\"type\":\"tax\",\"id\":\"low\",\"rate\":\"7\"}",
	"{\"type\":\"price_list\",\"id\":\"base\"}",
	"{\"type\":\"item\",\"sku\":\"A\",\"name\":\"A\",\"tax\":\"high\",\"cost\":\"4.00\"}",
	"{\"type\":\"item\",\"sku\":\"B\",\"name\":\"B\",\"tax\":\"low\"}",
	"{\"type\":\"item\",\"sku\":\"C\",\"name\":\"C\",\"tax\":\"high\"}",
	"{\"type\":\"item\",\"sku\":\"D\",\"name\":\"D\"}",
	"{\"type\":\"item\",\"sku\":\"KG\",\"name\":\"By the kilo\",\"unit\":\"kg\",\"tax\":\"low\"}",
	"{\"type\":\"item\",\"sku\":\"BIG\",\"name\":\"Big\",\"tax\":\"high\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"A\",\"price\":\"9.99\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"B\",\"price\":\"0.35\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"C\",\"price\":\"23.90\",\"breaks\":[{\"from\":\"5\",\"price\":\"21.50\"}]}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"D\",\"price\":\"1.00\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"KG\",\"price\":\"12.49\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"BIG\",\"price\":\"149.00\"}",
};

/* Each takes part in every second book. Those from LIMITED on have a limit beyond the order, or a coupon. */
static const char *const offers[] = {
	"{\"type\":\"promotion\",\"id\":\"p01\",\"name\":\"x\",\"gives\":[{\"kind\":\"percent\",\"percent\":\"25\",\"select\":{\"skus\":[\"C\"]}}]}",
	"{\"type\":\"promotion\",\"id\":\"p02\",\"name\":\"x\",\"gives\":[{\"kind\":\"amount\",\"amount\":\"10.00\"}]}",
	"{\"type\":\"promotion\",\"id\":\"p03\",\"name\":\"x\",\"needs\":[{\"amount\":\"60.00\"}],\"gives\":[{\"kind\":\"amount\",\"amount\":\"50.00\"}],\"stacking\":{\"priority\":5}}",
	"{\"type\":\"promotion\",\"id\":\"p04\",\"name\":\"x\",\"needs\":[{\"select\":{\"skus\":[\"A\"]},\"quantity\":2}],\"gives\":[{\"kind\":\"units\",\"buy\":1,\"get\":1}],\"stacking\":{\"stackable\":false,\"priority\":1}}",
	"{\"type\":\"promotion\",\"id\":\"p05\",\"name\":\"x\",\"gives\":[{\"kind\":\"units\",\"buy\":2,\"get\":1,\"percent\":\"50\",\"select\":{\"skus\":[\"A\",\"B\",\"C\"]}}],\"stacking\":{\"stackable\":false,\"priority\":2}}",
	"{\"type\":\"promotion\",\"id\":\"p06\",\"name\":\"x\",\"needs\":[{\"select\":{\"skus\":[\"B\"]},\"none\":true}],\"gives\":[{\"kind\":\"percent\",\"percent\":\"7\"}]}",
	"{\"type\":\"promotion\",\"id\":\"p07\",\"name\":\"x\",\"gives\":[{\"kind\":\"percent\",\"tiers\":[{\"from_amount\":\"20.00\",\"percent\":\"3\"},{\"from_amount\":\"80.00\",\"percent\":\"9\"}]}]}",
	"{\"type\":\"promotion\",\"id\":\"p08\",\"name\":\"x\",\"gives\":[{\"kind\":\"points\",\"points\":5,\"every\":\"2.00\"}]}",
	"{\"type\":\"promotion\",\"id\":\"p09\",\"name\":\"x\",\"needs\":[{\"amount\":\"30.00\"}],\"gives\":[{\"kind\":\"gift\",\"sku\":\"D\",\"count\":2}]}",
	"{\"type\":\"promotion\",\"id\":\"p10\",\"name\":\"x\",\"gives\":[{\"kind\":\"cashback\",\"percent\":\"2\"},{\"kind\":\"amount\",\"amount\":\"0.50\",\"per\":\"unit\",\"select\":{\"skus\":[\"KG\",\"D\"]}}]}",
#define LIMITED 10
	"{\"type\":\"promotion\",\"id\":\"q01\",\"name\":\"x\",\"gives\":[{\"kind\":\"percent\",\"percent\":\"15\"}],\"limits\":{\"budget\":\"4.00\"}}",
	"{\"type\":\"promotion\",\"id\":\"q02\",\"name\":\"x\",\"needs\":[{\"amount\":\"25.00\"}],\"gives\":[{\"kind\":\"amount\",\"amount\":\"3.33\"},{\"kind\":\"credit\",\"amount\":\"1.00\"}],\"limits\":{\"uses\":10,\"customer_uses\":1}}",
	"{\"type\":\"promotion\",\"id\":\"q03\",\"name\":\"x\",\"coupon\":true,\"gives\":[{\"kind\":\"percent\",\"percent\":\"10\"}],\"limits\":{\"max_discount\":\"5.00\"}}",
	"{\"type\":\"promotion\",\"id\":\"q04\",\"name\":\"x\",\"coupon\":true,\"needs\":[{\"select\":{\"skus\":[\"BIG\"]},\"quantity\":1}],\"gives\":[{\"kind\":\"amount\",\"amount\":\"20.00\"}],\"limits\":{\"budget\":\"30.00\"}}",
};

static const char *const books[] = {
	"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"tax\":\"inclusive\",\"policy\":\"precedence\"}",
	"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"tax\":\"exclusive\",\"policy\":\"best_deal\"}",
	"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"tax\":\"inclusive\",\"policy\":\"one_per_order\"}",
	"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"policy\":\"precedence\",\"exclusive\":\"best_total\",\"margin\":{\"guard\":\"off\"}}",
	"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"tax\":\"inclusive\",\"policy\":\"best_deal\",\"margin\":{\"guard\":\"off\"}}",
	"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"tax\":\"exclusive\",\"policy\":\"precedence\",\"percents\":\"additive\"}",
};
/* clang-format on */

/* One sale and what comes back of it. */
struct trial {
	uint64_t *seed;
	const struct catalog *catalog;
	bool limited; /* some promotion of the book has a limit beyond the order, or a coupon */
	struct arena arena;
	struct decision_room room, other;
	struct engine_cart cart;
	struct event_sale sale;
	struct refund_state state;
	struct money refunded, tax_back;
};

static uint64_t below(struct trial *t, uint64_t n)
{
	return seed_next(t->seed) % n;
}

static struct snapshot *random_book(uint64_t *seed, size_t kind, bool *limited)
{
	const char *lines[COUNT(goods) + COUNT(offers) + 2] = {books[kind % COUNT(books)]};
	struct snapshot *s = NULL;
	struct why why;
	size_t n = 1;

	*limited = false;
	for (size_t i = 0; i < COUNT(goods); i++)
		lines[n++] = goods[i];
	for (size_t i = 0; i < COUNT(offers); i++) {
		if (seed_next(seed) % 2)
			continue;
		lines[n++] = offers[i];
		*limited |= i >= LIMITED;
	}
	if (book_of(lines, &s, &why))
		fail_msg("%s", why.text);
	return s;
}

static void random_cart(struct trial *t)
{
	static const char *const skus[] = {"A", "B", "C", "D", "KG", "BIG", "A", "C"};
	uint32_t n = 1 + (uint32_t)below(t, LINES);
	struct engine_line *lines = arena_get(&t->arena, n * sizeof(*lines));
	uint32_t *coupons = arena_get(&t->arena, 2 * sizeof(*coupons)), unlocked = 0;

	for (uint32_t i = 0; i < n; i++) {
		const char *sku = skus[below(t, COUNT(skus))];
		bool weighed = strcmp(sku, "KG") == 0;

		lines[i] = (struct engine_line){
			.quantity.micro = weighed ? 1000 * (1 + (int64_t)below(t, 3000))
						  : QTY_ONE.micro * (1 + (int64_t)below(t, 7)),
			.given = MONEY_NONE,
			.locked = below(t, 9) ? MONEY_NONE : (struct money){80},
		};
		assert_int_equal(catalog_find_sku(t->catalog, sku, &lines[i].item), ERR_OK);
		if (weighed && below(t, 2)) { /* a label with its price: a piece */
			lines[i].given.minor = 1 + (int64_t)below(t, 2000);
			lines[i].quantity = QTY_ONE;
		}
	}
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t p = catalog_promotion(t->catalog, i ? "q04" : "q03");

		if (p != CATALOG_NONE && below(t, 2))
			coupons[unlocked++] = p;
	}
	t->cart = (struct engine_cart){
		.lines = lines,
		.count = n,
		.context = {.now_s = NOON,
			    .store = CATALOG_NONE,
			    .channel = CATALOG_NONE,
			    .coupons = {coupons, unlocked}},
	};
}

static void sell(struct trial *t)
{
	struct engine_result r;
	struct why why;

	arena_reset(&t->arena);
	random_cart(t);
	if (decision_evaluate(t->catalog, &t->cart, &t->room, &r, &why))
		fail_msg("%s", why.text);
	sold_make(t->catalog, &t->cart, &r, &t->arena, &t->sale);
	assert_int_equal(refund_begin(&t->state, &t->sale, &t->arena, &why), ERR_OK);
	t->refunded = t->tax_back = MONEY_ZERO;
}

/* Some of some lines; now and then all there is. */
static void random_wish(struct trial *t, struct return_line *lines, struct refund_wish *out)
{
	*out = (struct refund_wish){.lines = lines};
	if (below(t, 12) == 0)
		return;
	for (size_t i = 0; i < t->sale.lines.count; i++) {
		const struct sale_line *l = (const struct sale_line *)t->sale.lines.at + i;
		int64_t kept = t->state.lines[i].kept.micro, unit = QTY_ONE.micro;
		bool weighed = strcmp(l->sku, "KG") == 0 && l->given.minor == AMOUNT_NONE;

		if (kept == 0 || below(t, 3) == 0)
			continue;
		if (weighed)
			unit = kept > 1000 ? 1000 : kept;
		lines[out->count++] = (struct return_line){
			.line = (int64_t)i,
			.quantity.micro =
				below(t, 3) ? unit * (1 + (int64_t)below(t, (uint64_t)(kept / unit))) : kept};
	}
}

/* What the goods that are kept cost if only they had been bought, by an evaluation of its own. */
static struct money price_of_kept(struct trial *t)
{
	struct engine_line *lines = arena_get(&t->arena, t->cart.count * sizeof(*lines));
	struct engine_cart kept = t->cart;
	struct engine_result r;
	struct why why;

	kept.lines = lines;
	kept.count = 0;
	for (uint32_t i = 0; i < t->cart.count; i++) {
		lines[kept.count] = t->cart.lines[i];
		lines[kept.count].quantity = t->state.lines[i].kept;
		kept.count += t->state.lines[i].kept.micro > 0;
	}
	if (kept.count == 0)
		return MONEY_ZERO;
	assert_int_equal(decision_evaluate(t->catalog, &kept, &t->other, &r, &why), ERR_OK);
	return r.totals.total;
}

static void check_nothing_is_earned(const struct trial *t)
{
	for (size_t i = 0; i < t->sale.promotions.count; i++) {
		assert_true(t->state.promotions[i].amount.minor >= 0);
		assert_true(t->state.promotions[i].times >= 0);
	}
	for (size_t i = 0; i < t->state.reward_count; i++) {
		assert_true(t->state.rewards[i].amount.minor >= 0);
		assert_true(t->state.rewards[i].count >= 0);
	}
	assert_true(t->state.tenders[0].left.minor >= 0);
}

/* Uses, budget, points, gifts: none of it is left where nothing is kept. */
static void check_all_is_back(const struct trial *t)
{
	assert_int_equal(t->state.left.minor, 0);
	assert_int_equal(t->refunded.minor, t->sale.total.minor);
	assert_int_equal(t->state.tax.minor, 0);
	assert_int_equal(t->state.tenders[0].left.minor, 0);
	for (size_t i = 0; i < t->sale.promotions.count; i++) {
		assert_false(t->state.promotions[i].held);
		assert_int_equal(t->state.promotions[i].amount.minor, 0);
		assert_int_equal(t->state.promotions[i].times, 0);
	}
	for (size_t i = 0; i < t->state.reward_count; i++) {
		assert_int_equal(t->state.rewards[i].amount.minor, 0);
		assert_int_equal(t->state.rewards[i].count, 0);
	}
}

static void take_back(struct trial *t)
{
	struct return_line lines[LINES];
	struct event_return r = {.id = "r", .order = "o-1"};
	struct money before = t->state.left;
	struct refund_wish wish;
	struct why why = {0};

	random_wish(t, lines, &wish);
	if (refund_work_out(&t->state, &wish, t->catalog, &t->room, &t->arena, &r, &why))
		fail_msg("%s", why.text);
	if (refund_fold(&t->state, &r, false, &why))
		fail_msg("%s", why.text);
	t->refunded.minor += r.refund.minor;
	t->tax_back.minor += r.tax.minor;
	assert_true(r.refund.minor >= 0);
	assert_int_equal(t->refunded.minor + r.left.minor, t->sale.total.minor);
	assert_int_equal(r.left.minor, r.price.minor < before.minor ? r.price.minor : before.minor);
	assert_int_equal(r.whole, !refund_keeps(&t->state));
	if (!t->limited) /* else what was not used then is not used now, and the price may be another */
		assert_int_equal(r.price.minor, price_of_kept(t).minor);
	check_nothing_is_earned(t);
	if (!refund_keeps(&t->state))
		check_all_is_back(t);
}

static long steps_wanted(void)
{
	const char *text = getenv("TILL_REFUND_STEPS");

	return text ? strtol(text, NULL, 10) : 100000;
}

static void what_is_refunded_and_what_is_left_are_what_was_paid(void **state)
{
	uint64_t seed = seed_start("test_refund");
	long steps = steps_wanted(), done = 0, sales = 0;

	(void)state;
	for (size_t book = 0; book < BOOKS; book++) {
		struct trial t = {.seed = &seed};
		struct snapshot *s = random_book(&seed, book, &t.limited);

		t.catalog = snapshot_catalog(s);
		for (long end = steps * (long)(book + 1) / BOOKS; done < end; sales++)
			for (sell(&t); refund_keeps(&t.state); done++)
				take_back(&t);
		decision_room_free(&t.room);
		decision_room_free(&t.other);
		arena_free(&t.arena);
		snapshot_unref(s);
	}
	printf("%ld returns of %ld sales\n", done, sales);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_refunded_and_what_is_left_are_what_was_paid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
