/*
 * Paying: what is due, what is given back, what the ledger then holds.
 */
#include "mini_walk.h"

#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "extract.h"

static void check_text(const char *command, const json_t *j, const char *path, const char *text)
{
	if (strcmp(json_path(j, path), text) != 0)
		fail_msg("%s: %s is %s, not %s", command, path, json_path(j, path), text);
}

/* What 2.49 is paid with. */
static void payments(void **state)
{
	static const struct {
		const char *command;
		enum refusal refusal;
		const char *tendered, *change;
		int64_t due;
	} rows[] = {
		{"tender cash", REFUSED_NOT, "2.49", "0.00", 0},
		{"tender card", REFUSED_NOT, "2.49", "0.00", 0},
		{"tender cash=2.49", REFUSED_NOT, "2.49", "0.00", 0},
		{"tender cash=50", REFUSED_NOT, "50.00", "47.51", 0},
		{"tender card=2.00 cash=1.00", REFUSED_NOT, "3.00", "0.51", 0},
		{"tender cash=1.00 card", REFUSED_NOT, "2.49", "0.00", 0},
		{"tender cash=5.00 card", REFUSED_NOT, "5.00", "2.51", 0}, /* nothing is left for the card */
		{"tender card=2.49 cash=1.00", REFUSED_NOT, "3.49", "1.00", 0},
		{"tender gift-card-2=0.49 card=2.00", REFUSED_NOT, "2.49", "0.00", 0},
		{"tender", REFUSED_TENDER_SHORT, "", "", 249},
		{"tender cash=2.48", REFUSED_TENDER_SHORT, "", "", 1},
		{"tender cash=1.00 card=0.49", REFUSED_TENDER_SHORT, "", "", 100},
		{"tender card=2.50", REFUSED_TENDER_INVALID, "", "", 0}, /* no change from a card */
		{"tender card=2.50 cash=5.00", REFUSED_TENDER_INVALID, "", "", 0},
		{"tender cash=0", REFUSED_TENDER_INVALID, "", "", 0},
		{"tender cash=-1.00 card=3.49", REFUSED_TENDER_INVALID, "", "", 0},
		{"tender cash card", REFUSED_TENDER_INVALID, "", "", 0},
		{"tender Cash", REFUSED_TENDER_INVALID, "", "", 0},
		{"tender seventeen-letters", REFUSED_TENDER_INVALID, "", "", 0},
		{"tender a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1", REFUSED_TENDER_INVALID, "", "", 0},
		{"tender cash=92233720368547758.07 card=0.01", REFUSED_TENDER_INVALID, "", "",
		 0}, /* > 2^63 */
		{"tender order= cash", REFUSED_TENDER_INVALID, "", "", 0},
		{"tender order=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa cash", /* 65
													 */
		 REFUSED_TENDER_INVALID, "", "", 0},
		{"tender order=\xff cash", REFUSED_TENDER_INVALID, "", "", 0},
	};
	struct mini_shop *m = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct answer a;
		json_t *receipt;

		if (lane_state(shop_lane(m->shop, "1")) != LANE_OPEN)
			mini_shop_do(m, "sku PEN");
		a = mini_shop_do(m, rows[i].command);
		if (a.refusal != rows[i].refusal)
			fail_msg("%s: %s (%s)", rows[i].command, refusal_code(a.refusal), a.why.text);
		assert_int_equal(a.due.minor, rows[i].due);
		assert_int_equal(lane_state(m->lane), a.refusal ? LANE_OPEN : LANE_CLOSED);
		if (a.refusal)
			continue;
		receipt = mini_shop_json(m->lane, lane_receipt_json);
		check_text(rows[i].command, receipt, "total", "2.49");
		check_text(rows[i].command, receipt, "tendered", rows[i].tendered);
		check_text(rows[i].command, receipt, "change", rows[i].change);
		check_text(rows[i].command, receipt, "repeated", "false");
		json_decref(receipt);
	}
}

static void nothing_is_paid_with_nothing(void **state)
{
	static const char *const rows[] = {"tender", "tender cash", "tender cash=1.00"};
	struct mini_shop *m = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		mini_shop_do(m, "sku GIFT");
		assert_int_equal(mini_shop_do(m, rows[i]).refusal, REFUSED_NOT);
	}
	mini_shop_do(m, "sku GIFT");
	assert_int_equal(mini_shop_do(m, "tender card=1.00").refusal, REFUSED_TENDER_INVALID);
}

/* 2 bars for one, a pen and 10 % off: 1.00 + 2.49 = 3.49, less 0.35. */
static void what_the_receipt_shows(void **state)
{
	static const struct {
		const char *path, *text;
	} rows[] = {
		{"order", "b-1-1"},
		{"repeated", "false"},
		{"currency", "EUR"},
		{"total", "3.14"},
		{"segment", "1"},
		{"lines.0.sku", "BAR"},
		{"lines.0.quantity", "2"},
		{"lines.0.list", "2.00"},
		{"lines.0.discounts.0.promotion", "BOGO"},
		{"lines.0.discounts.0.amount", "1.00"},
		{"lines.0.discounts.1.promotion", "SAVE10"},
		{"lines.0.discounts.1.amount", "0.10"},
		{"lines.0.net", "0.90"},
		{"lines.1.net", "2.24"}, /* 0.349 off: 0.35, of it 0.10 and 0.25 */
		{"applied.0.promotion", "BOGO"},
		{"applied.1.promotion", "SAVE10"},
		{"applied.1.amount", "0.35"},
		{"applied.1.coupon", "TENOFF"},
		{"totals.list", "4.49"},
		{"totals.discount", "1.35"},
		{"totals.total", "3.14"},
	};
	struct mini_shop *m = *state;
	json_t *receipt;

	mini_shop_do(m, "sku BAR 2");
	mini_shop_do(m, "sku PEN");
	mini_shop_do(m, "coupon TENOFF");
	mini_shop_do(m, "tender cash=5.00");
	receipt = mini_shop_json(m->lane, lane_receipt_json);
	for (size_t i = 0; i < COUNT(rows); i++)
		check_text("tender", receipt, rows[i].path, rows[i].text);
	json_decref(receipt);
	assert_int_equal(m->news[LANE_TENDERED], 1);
}

/* The newest sale, by a reader of the file. */
static void read_sale(struct ledger_reader *r, struct arena *arena, struct event_sale *sale)
{
	struct ledger_event event;
	struct why why;
	int64_t id = 0;
	bool found = false;

	while (!ledger_reader_next(r, id, &event, &why)) {
		struct event_envelope envelope;
		uint8_t *bytes = arena_get(arena, event.length);

		memcpy(bytes, event.bytes, event.length);
		assert_int_equal(event_decode(bytes, event.length, arena, &envelope, &why), ERR_OK);
		id = event.id;
		if (envelope.kind != EVENT_SALE)
			continue;
		found = true;
		assert_int_equal(event_sale_of(&envelope, arena, sale, &why), ERR_OK);
	}
	assert_true(found);
}

/* The cart again, from nothing but the sale and the catalog of its extract. */
static void replay(const struct event_sale *sale, const struct catalog *c, struct digest *out)
{
	const struct sale_line *sold = sale->lines.at;
	struct engine_line lines[8];
	uint32_t segments[8], coupons[8], bad;
	struct engine_cart cart = {.lines = lines, .count = (uint32_t)sale->lines.count};
	struct engine_result r;
	size_t size = engine_room_size(c, cart.count);
	void *room = malloc(size);
	struct buf encoded;

	for (size_t i = 0; i < sale->lines.count; i++) {
		lines[i] = (struct engine_line){
			.quantity = sold[i].quantity, .given = sold[i].given, .locked = sold[i].locked};
		assert_int_equal(catalog_find_sku(c, sold[i].sku, &lines[i].item), ERR_OK);
	}
	cart.context = (struct engine_context){.now_s = sale->opened_ms / 1000,
					       .utc_offset_s = (int32_t)sale->utc_offset_s,
					       .store = catalog_id(&c->stores, sale->store),
					       .channel = catalog_id(&c->channels, sale->channel),
					       .segments = {segments, 0},
					       .coupons = {coupons, 0}};
	for (size_t i = 0; i < sale->segments.count; i++) {
		uint32_t id = catalog_id(&c->segments, ((const char *const *)sale->segments.at)[i]);

		if (id != CATALOG_NONE)
			segments[cart.context.segments.count++] = id;
	}
	for (size_t i = 0; i < sale->promotions.count; i++) {
		const struct sale_promotion *p = (const struct sale_promotion *)sale->promotions.at + i;

		if (p->coupon)
			coupons[cart.context.coupons.count++] = catalog_promotion(c, p->id);
	}
	assert_int_equal(engine_evaluate(c, &cart, room, size, &r, &bad), ERR_OK);
	buf_init(&encoded, 1 << 20);
	assert_int_equal(evaluation_to_cbor(c, &r, &encoded), ERR_OK);
	digest_of(buf_front(&encoded), buf_length(&encoded), out);
	buf_free(&encoded);
	free(room);
}

static void a_sale_can_be_replayed_from_the_ledger_alone(void **state)
{
	struct mini_shop *m = *state;
	struct arena arena = ARENA_EMPTY;
	struct ledger_reader *r;
	struct snapshot *snapshot;
	struct event_sale sale = {0};
	struct extract extract;
	struct digest again;
	struct why why;
	struct ledger_verdict verdict;

	mini_shop_do(m, "sku BAR 3");
	mini_shop_do(m, "scan 2212345003990");
	mini_shop_do(m, "scan 2312345012500");
	mini_shop_do(m, "customer ann");
	mini_shop_do(m, "sku PEN");
	mini_shop_do(m, "coupon TENOFF");
	assert_int_equal(mini_shop_do(m, "tender order=o-1 card=1.00 cash=50.00").refusal, REFUSED_NOT);
	assert_int_equal(ledger_reader_open(m->ledger_path, &r, &why), ERR_OK);
	assert_int_equal(ledger_verify(r, &verdict, &why), ERR_OK);
	read_sale(r, &arena, &sale);
	assert_string_equal(sale.order, "o-1");
	assert_string_equal(sale.lane, "1");
	assert_string_equal(sale.store, "S1");
	assert_string_equal(sale.channel, "store");
	assert_string_equal(sale.customer, "ann");
	assert_string_equal(sale.cashier, "carla");
	assert_int_equal(sale.opened_ms, MINI_NOON_MS);
	assert_int_equal(sale.utc_offset_s, 3600);
	assert_int_equal(sale.segments.count, 2);
	assert_int_equal(sale.tenders.count, 2);
	/* 2.00 + 3.99 + 15.00 + 1.99 = 22.98, less 2.30 = 20.68; 51.00 handed over */
	assert_int_equal(sale.total.minor, 2068);
	assert_int_equal(sale.change.minor, 3032);
	assert_int_equal(ledger_reader_extract(r, &sale, &arena, &extract, &why), ERR_OK);
	assert_int_equal(extract_open(&extract, &snapshot, &why), ERR_OK);
	replay(&sale, snapshot_catalog(snapshot), &again);
	assert_memory_equal(again.bytes, sale.result.at, DIGEST_SIZE);
	snapshot_unref(snapshot);
	ledger_reader_close(r);
	arena_free(&arena);
}

static void nothing_else_while_it_is_paid(void **state)
{
	static const char *const rows[] = {
		"scan 4006381333931", "sku PEN",     "qty 1 2",	     "void 1",
		"void cart",	      "suspend",     "customer",     "customer ann",
		"coupon TENOFF",      "tender cash", "resume b-1-1",
	};
	struct mini_shop *m = *state;

	mini_shop_do(m, "sku PEN");
	mini_shop_do(m, "suspend");
	mini_shop_do(m, "sku PEN");
	m->answered = 0;
	mini_shop_begin(m, "tender cash");
	assert_int_equal(lane_state(m->lane), LANE_TENDERING);
	for (size_t i = 0; i < COUNT(rows); i++) {
		mini_shop_begin(m, rows[i]);
		assert_int_equal(m->answered, i + 1); /* refused at once */
		if (m->answers[i].refusal != REFUSED_LANE_BUSY)
			fail_msg("%s: %s", rows[i], refusal_code(m->answers[i].refusal));
	}
	mini_shop_turn_until(m, &m->answered, COUNT(rows) + 1);
	assert_int_equal(m->answers[COUNT(rows)].refusal, REFUSED_NOT);
	assert_int_equal(lane_state(m->lane), LANE_CLOSED);
	assert_int_equal(mini_shop_do(m, "coupon TENOFF").refusal, REFUSED_NOT); /* for the next cart */
	assert_int_equal(lane_state(m->lane), LANE_OPEN);
}

static void without_a_ledger(void **state)
{
	struct mini_shop *m = *state;

	mini_shop_do(m, "sku PEN");
	shop_attach(m->shop, m->loader, NULL);
	assert_int_equal(mini_shop_do(m, "tender cash").refusal, REFUSED_LEDGER);
	assert_int_equal(mini_shop_do(m, "tender order=o-1").refusal, REFUSED_LEDGER); /* who knows? */
	assert_int_equal(lane_state(m->lane), LANE_OPEN);
	shop_attach(m->shop, m->loader, m->worker);
	assert_int_equal(mini_shop_do(m, "tender cash").refusal, REFUSED_NOT);
}

static void without_a_loader(void **state)
{
	struct mini_shop *m = *state;

	shop_attach(m->shop, NULL, m->worker);
	assert_int_equal(mini_shop_do(m, "customer ann").refusal, REFUSED_NO_CATALOG);
	assert_int_equal(mini_shop_do(m, "coupon TENOFF").refusal, REFUSED_NO_CATALOG);
	shop_attach(m->shop, m->loader, m->worker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MINI_TEST(payments),
		MINI_TEST(nothing_is_paid_with_nothing),
		MINI_TEST(what_the_receipt_shows),
		MINI_TEST(a_sale_can_be_replayed_from_the_ledger_alone),
		MINI_TEST(nothing_else_while_it_is_paid),
		MINI_TEST(without_a_ledger),
		MINI_TEST(without_a_loader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
