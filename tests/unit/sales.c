/*
 * Sales for tests. See sales.h.
 */
#include "sales.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define PRICE ((struct money){249})

static const char *sku_of(struct sale_kit *k, unsigned article)
{
	char sku[16];
	int n = snprintf(sku, sizeof(sku), "%u", 10000 + article);

	return arena_text(&k->arena, sku, (size_t)n);
}

/* The body of a record that is given as a line of a price book. */
static struct body body_of(struct sale_kit *k, const char *line)
{
	struct record r;
	struct why why = {0};
	struct body b;
	struct buf buf;

	if (record_parse_line(line, strlen(line), 2, &k->arena, &r, &why))
		fail_msg("%s: %s", line, why.text);
	buf_init(&buf, 4096);
	assert_int_equal(record_encode(&r, &buf), ERR_OK);
	b.type = r.type;
	b.length = buf_length(&buf);
	b.cbor = (const uint8_t *)arena_text(&k->arena, (const char *)buf_front(&buf), b.length);
	body_hash(b.type, b.cbor, b.length, b.hash);
	buf_free(&buf);
	return b;
}

static struct body item_of(struct sale_kit *k, unsigned article)
{
	char line[200];

	snprintf(
		line, sizeof(line),
		"{\"type\":\"item\",\"sku\":\"%u\",\"name\":\"Article\",\"tax\":\"vat19\",\"cost\":\"1.10\"}",
		10000 + article);
	return body_of(k, line);
}

static struct body price_of(struct sale_kit *k, unsigned article)
{
	char line[200];

	snprintf(line, sizeof(line),
		 "{\"type\":\"price\",\"list\":\"regular\",\"sku\":\"%u\",\"price\":\"2.49\"}",
		 10000 + article);
	return body_of(k, line);
}

static void make_bodies(struct sale_kit *k, size_t lines, unsigned article)
{
	struct body *b = arena_get(&k->arena, (2 * lines + 4) * sizeof(*b));
	size_t n = 0;

	b[n++] = body_of(k, "{\"type\":\"book\",\"id\":\"shop\",\"currency\":\"EUR\"}");
	b[n++] = body_of(k, "{\"type\":\"tax\",\"id\":\"vat19\",\"rate\":\"19\"}");
	b[n++] = body_of(k, "{\"type\":\"price_list\",\"id\":\"regular\"}");
	for (unsigned i = 0; i < lines; i++)
		b[n++] = item_of(k, article + i);
	for (unsigned i = 0; i < lines; i++)
		b[n++] = price_of(k, article + i);
	b[n++] = body_of(k, "{\"type\":\"promotion\",\"id\":\"tenth\",\"name\":\"Ten per cent\","
			    "\"gives\":[{\"kind\":\"percent\",\"percent\":\"10\"}]}");
	k->ledger.bodies = b;
	k->ledger.body_count = n;
}

static void make_lines(struct sale_kit *k, size_t lines, unsigned article)
{
	struct sale_line *l = arena_get(&k->arena, lines * sizeof(*l));

	for (unsigned i = 0; i < lines; i++)
		l[i] = (struct sale_line){
			.sku = sku_of(k, article + i),
			.quantity = QTY_ONE,
			.given = MONEY_NONE,
			.locked = MONEY_NONE,
			.unit_price = PRICE,
			.list = PRICE,
			.net = PRICE,
			.tax = {40}, /* 2.49 * 19 / 119 */
		};
	k->sale.lines = (struct list){l, lines};
}

/* The first line gives 0.25. */
static void make_promotion(struct sale_kit *k)
{
	static const struct sale_discount discount = {0, {25}};
	static const struct sale_promotion promotion = {.id = "tenth", .amount = {25}, .times = 1};
	struct sale_line *l = arena_get(&k->arena, k->sale.lines.count * sizeof(*l));

	memcpy(l, k->sale.lines.at, k->sale.lines.count * sizeof(*l));
	l[0].discounts = (struct list){&discount, 1};
	l[0].net.minor -= 25;
	k->sale.lines.at = l;
	k->sale.promotions = (struct list){&promotion, 1};
}

void sale_kit_make(struct sale_kit *k, const char *order, size_t lines, unsigned article)
{
	static const struct sale_tender cash = {"cash", {5000}};
	static const uint8_t result[DIGEST_SIZE] = {0xab};
	int64_t list = (int64_t)lines * PRICE.minor;

	*k = (struct sale_kit){.ledger = {.sale = &k->sale}};
	k->sale = (struct event_sale){
		.order = arena_text(&k->arena, order, strlen(order)),
		.lane = "1",
		.store = "s12",
		.channel = "store",
		.currency = "EUR",
		.opened_ms = 1795255200000, /* 2026-11-21T10:00:00Z */
		.utc_offset_s = 3600,
		.catalog = 7,
		.semantics = 1,
		.list = {list},
		.discount = {25},
		.net = {list - 25},
		.tax = {(int64_t)lines * 40},
		.total = {list - 25},
		.change = {5000 - list + 25},
		.tenders = {&cash, 1},
		.result = {result, sizeof(result)},
	};
	make_lines(k, lines, article);
	make_promotion(k);
	make_bodies(k, lines, article);
}

void sale_kit_free(struct sale_kit *k)
{
	arena_free(&k->arena);
}
