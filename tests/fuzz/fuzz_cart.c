/*
 * Carts from anybody, against a small shop: JSON, names to numbers, evaluation. What comes out must add up,
 * line by line and promotion by promotion, and be the same when the cart is evaluated again, in another
 * order of scanning, with every promotion judged, and against nothing but its own extract.
 */
#include "unit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "extract.h"
#include "fuzz.h"
#include "small_book.h"

#define NOON	  1792576800 /* 2026-10-21T10:00:00Z */
#define LINES_MAX 64	     /* the rest is more of the same */

/* Behind the small book: promotions that do not stack, that round, and that share amounts. */
static const char *const more[] = {
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"INK\",\"price\":\"3.33\"}",
	"{\"type\":\"promotion\",\"id\":\"third\",\"name\":\"A third off "
	"ink\",\"stacking\":{\"stackable\":false,"
	"\"priority\":5},\"gives\":[{\"kind\":\"percent\",\"percent\":\"33.3333\",\"select\":{\"brands\":["
	"\"ink\"]}}]}",
	"{\"type\":\"promotion\",\"id\":\"cent\",\"name\":\"A cent a piece\",\"gives\":[{\"kind\":\"amount\","
	"\"amount\":\"0.01\",\"per\":\"unit\",\"select\":{\"categories\":[\"office\"]}}]}",
	"{\"type\":\"promotion\",\"id\":\"whole\",\"name\":\"From 20.00\",\"needs\":[{\"amount\":\"20.00\"}],"
	"\"stacking\":{\"base\":\"list\"},\"gives\":[{\"kind\":\"percent\",\"percent\":\"7.5\"},{\"kind\":"
	"\"amount\","
	"\"amount\":\"1.00\"}],\"limits\":{\"max_discount\":\"2.00\"}}",
	"{\"type\":\"promotion\",\"id\":\"three\",\"name\":\"Third at half "
	"price\",\"gives\":[{\"kind\":\"units\","
	"\"buy\":2,\"get\":1,\"percent\":\"50\"}],\"limits\":{\"times\":2},\"when\":{\"hours\":[{\"from\":"
	"\"08:00\","
	"\"to\":\"20:00\"}]}}",
	"{\"type\":\"promotion\",\"id\":\"farm-a\",\"name\":\"60 % of the "
	"list\",\"stacking\":{\"base\":\"list\"},"
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"60\",\"select\":{\"suppliers\":[\"farm\"]}}]}",
	"{\"type\":\"promotion\",\"id\":\"farm-b\",\"name\":\"and again\",\"stacking\":{\"base\":\"list\"},"
	"\"who\":{\"segments\":[\"member\"]},"
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"60\",\"select\":{\"suppliers\":[\"farm\"]}}]}",
	NULL};

struct evaluated {
	void *room;
	struct engine_result result;
	struct buf cbor;
};

static struct snapshot *shop;

static void let_go(void)
{
	snapshot_unref(shop);
}

static void open_shop(void)
{
	const char *lines[64];
	struct why why;
	size_t n = 0;

	for (size_t i = 0; small_book[i]; i++)
		lines[n++] = small_book[i];
	for (size_t i = 0; more[i]; i++)
		lines[n++] = more[i];
	lines[n] = NULL;
	assert(n < COUNT(lines));
	if (book_of(lines, &shop, &why))
		fail_msg("%s", why.text);
	atexit(let_go);
}

/* The room is not a byte more than asked for, so that the sanitizer sees one that is written behind it. */
static enum err evaluate(const struct catalog *c, const struct engine_cart *cart, struct evaluated *out)
{
	size_t size = engine_room_size(c, cart->count);
	uint32_t bad_line = 0;
	enum err e;

	out->room = malloc(size);
	assert(out->room);
	memset(out->room, 0xa5, size);
	buf_init(&out->cbor, 4U << 20);
	e = engine_evaluate(c, cart, out->room, size, &out->result, &bad_line);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID)
		assert(bad_line < cart->count);
	else if (e) /* so few lines and promotions meet no other limit than that of amounts */
		assert(e == ERR_RANGE && (bad_line == CATALOG_NONE || bad_line < cart->count));
	else
		assert(evaluation_to_cbor(c, &out->result, &out->cbor) == ERR_OK);
	return e;
}

static void evaluated_free(struct evaluated *e)
{
	free(e->room);
	buf_free(&e->cbor);
}

static bool same(const struct evaluated *a, const struct evaluated *b)
{
	return buf_length(&a->cbor) == buf_length(&b->cbor) &&
	       memcmp(buf_front(&a->cbor), buf_front(&b->cbor), buf_length(&a->cbor)) == 0;
}

/* The label's, or a list's, or lower than that by the lock. */
static void check_unit_price(const struct catalog *c, const struct engine_line *in,
			     const struct line_result *l)
{
	bool locked = in->locked.minor != AMOUNT_NONE, given = in->given.minor != AMOUNT_NONE;
	int64_t price = l->unit_price.minor;

	assert(price >= 0 && (!locked || price <= in->locked.minor) && (!given || price <= in->given.minor));
	if (l->price_list == CATALOG_NONE)
		assert((given && price == in->given.minor) || (locked && price == in->locked.minor));
	else
		assert(l->price_list < c->list_count && !given);
}

static void check_line(const struct catalog *c, const struct engine_line *in, const struct engine_result *r,
		       uint32_t i)
{
	const struct line_result *l = &r->lines[i];
	struct money list;
	int64_t off = 0;

	assert(money_times_qty(l->unit_price, in->quantity, c->settings.rounding, &list) == ERR_OK);
	assert(l->list.minor == list.minor && l->net.minor >= 0 && l->tax.minor >= 0);
	assert(l->first_discount + l->discounts <= r->discount_count);
	for (uint32_t d = l->first_discount; d < l->first_discount + l->discounts; d++) {
		assert(r->discounts[d].line == i && r->discounts[d].amount.minor > 0);
		off += r->discounts[d].amount.minor;
	}
	assert(l->net.minor == l->list.minor - off);
	check_unit_price(c, in, l);
}

static void check_totals(const struct catalog *c, const struct engine_result *r)
{
	const struct totals *t = &r->totals;
	struct totals sum = {0};

	for (uint32_t i = 0; i < r->line_count; i++) {
		sum.list.minor += r->lines[i].list.minor;
		sum.net.minor += r->lines[i].net.minor;
		sum.tax.minor += r->lines[i].tax.minor;
	}
	for (uint32_t i = 0; i < r->discount_count; i++)
		sum.discount.minor += r->discounts[i].amount.minor;
	assert(t->list.minor == sum.list.minor && t->net.minor == sum.net.minor);
	assert(t->discount.minor == sum.discount.minor && t->tax.minor == sum.tax.minor);
	assert(t->net.minor == t->list.minor - t->discount.minor && t->net.minor >= 0);
	assert(c->settings.tax == TAX_INCLUSIVE && t->total.minor == t->net.minor);
	assert(t->tax.minor <= t->net.minor);
}

/* A promotion gave what its lines got, within its limits; one that was not applied gave nothing. */
static void check_verdict(const struct catalog *c, const struct engine_result *r, uint32_t i)
{
	const struct verdict *v = &r->verdicts[i];
	const struct promotion *p = &c->promotions[v->promotion];
	int64_t given = 0;

	for (uint32_t d = 0; d < r->discount_count; d++)
		if (r->discounts[d].promotion == v->promotion)
			given += r->discounts[d].amount.minor;
	assert((v->reason == REASON_APPLIED) == (i < r->applied_count));
	assert(v->amount.minor == given && (given > 0) == (v->reason == REASON_APPLIED));
	assert(p->max_discount.minor == AMOUNT_NONE || given <= p->max_discount.minor);
	for (uint32_t other = 0; other < i; other++)
		assert(r->verdicts[other].promotion != v->promotion);
}

static void check_json(const struct catalog *c, const struct engine_cart *cart, const struct engine_result *r)
{
	struct jsonw w;
	struct buf out;
	json_t *json;

	buf_init(&out, 4U << 20);
	jsonw_begin(&w, &out);
	jsonw_object(&w, NULL);
	evaluation_to_json(c, cart, r, NULL, &w);
	jsonw_close(&w);
	assert(jsonw_end(&w) == ERR_OK);
	json = json_loadb((const char *)buf_front(&out), buf_length(&out), JSON_REJECT_DUPLICATES, NULL);
	assert(json_array_size(json_object_get(json, "lines")) == cart->count);
	assert(json_array_size(json_object_get(json, "applied")) == r->applied_count);
	json_decref(json);
	buf_free(&out);
}

/* What could be evaluated once can be again. */
static void evaluate_again(const struct catalog *c, const struct engine_cart *cart, struct evaluated *out)
{
	enum err e = evaluate(c, cart, out);

	assert(e == ERR_OK);
}

static void check_again(const struct catalog *c, const struct engine_cart *cart,
			const struct evaluated *first)
{
	struct evaluated again;

	evaluate_again(c, cart, &again);
	assert(same(first, &again));
	evaluated_free(&again);
}

/* Totals do not depend on who was scanned first. */
static void check_backwards(const struct catalog *c, struct engine_cart cart, const struct evaluated *first)
{
	struct engine_line lines[LINES_MAX];
	struct evaluated again;

	for (uint32_t i = 0; i < cart.count; i++)
		lines[i] = cart.lines[cart.count - 1 - i];
	cart.lines = lines;
	evaluate_again(c, &cart, &again);
	assert(memcmp(&again.result.totals, &first->result.totals, sizeof(struct totals)) == 0);
	evaluated_free(&again);
}

static void check_every_reason(const struct catalog *c, struct engine_cart cart,
			       const struct evaluated *first)
{
	struct evaluated again;

	cart.context.every_reason = true;
	evaluate_again(c, &cart, &again);
	assert(memcmp(&again.result.totals, &first->result.totals, sizeof(struct totals)) == 0);
	assert(again.result.verdict_count == c->promotion_count);
	evaluated_free(&again);
}

static void check_extract(const struct catalog *c, const struct engine_cart *cart, struct evaluated *first,
			  struct arena *a)
{
	struct extract extract;
	struct engine_cart moved;
	struct evaluated again;
	struct snapshot *s;
	struct why why;

	assert(extract_take(c, cart, &first->result, NULL, a, &extract) == ERR_OK);
	assert(extract_open(&extract, &s, &why) == ERR_OK);
	assert(extract_cart(c, cart, snapshot_catalog(s), a, &moved) == ERR_OK);
	evaluate_again(snapshot_catalog(s), &moved, &again);
	assert(same(first, &again));
	evaluated_free(&again);
	snapshot_unref(s);
}

static void check_result(const struct catalog *c, const struct engine_cart *cart, struct evaluated *first,
			 struct arena *a)
{
	const struct engine_result *r = &first->result;

	assert(r->line_count == cart->count && r->applied_count <= r->verdict_count);
	for (uint32_t i = 0; i < cart->count; i++)
		check_line(c, &cart->lines[i], r, i);
	for (uint32_t i = 0; i < r->verdict_count; i++)
		check_verdict(c, r, i);
	check_totals(c, r);
	check_json(c, cart, r);
	check_again(c, cart, first);
	check_backwards(c, *cart, first);
	check_every_reason(c, *cart, first);
	check_extract(c, cart, first, a);
}

static void check_cart(const json_t *json, struct arena *a)
{
	const struct catalog *c = snapshot_catalog(shop);
	const struct record_context context = {.exponent = 2};
	struct cart_record record;
	struct engine_cart cart;
	struct evaluated first;
	struct why why = {""};

	if (record_from_json(&cart_schema, json, NULL, &context, a, &record, &why) ||
	    cart_resolve(shop, &record, NOON, a, &cart, &why)) {
		assert(why.text[0] != '\0');
		return;
	}
	if (cart.count > LINES_MAX)
		return;
	if (evaluate(c, &cart, &first) == ERR_OK)
		check_result(c, &cart, &first, a);
	evaluated_free(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena arena = ARENA_EMPTY;
	json_t *json = json_loadb((const char *)bytes, n, JSON_REJECT_DUPLICATES, NULL);

	if (!shop)
		open_shop();
	if (json_is_object(json))
		check_cart(json, &arena);
	json_decref(json);
	arena_free(&arena);
	return 0;
}
