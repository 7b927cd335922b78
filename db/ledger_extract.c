/*
 * The extract of a sale: bodies by number, price rows by line and list; and back. See event.h.
 *
 * A price record that says more than article, list and price (which a later version of the catalog may write)
 * is kept whole: what comes out must be the very bytes that went in.
 */
#include "ledger_parts.h"

#include <string.h>

#define PRICE_BYTES_MAX 4096

/* The sale's record of a price row, as a price record. */
static enum err compose(const struct event_sale *sale, const struct sale_price *p, struct record *out)
{
	const struct sale_line *lines = sale->lines.at;
	const char *const *lists = sale->price_lists.at;

	if ((uint64_t)p->line >= sale->lines.count || (uint64_t)p->list >= sale->price_lists.count)
		return ERR_INVALID;
	*out = (struct record){.type = RECORD_PRICE};
	out->as.price.list = lists[p->list];
	out->as.price.sku = lines[p->line].sku;
	out->as.price.price = p->price;
	return ERR_OK;
}

static bool says_the_same(const struct event_sale *sale, const struct sale_price *p, const struct body *b,
			  struct buf *buf)
{
	struct record r;

	buf_take(buf, buf_length(buf));
	return !compose(sale, p, &r) && !record_encode(&r, buf) && buf_length(buf) == b->length &&
	       memcmp(buf_front(buf), b->cbor, b->length) == 0;
}

/* The first line of the article, or the number of lines. */
static size_t line_of(const struct event_sale *sale, const char *sku)
{
	const struct sale_line *lines = sale->lines.at;
	size_t i = 0;

	while (i < sale->lines.count && strcmp(lines[i].sku, sku) != 0)
		i++;
	return i;
}

/* The place of a list among those seen so far, of which it becomes one. lists has room. */
static size_t list_of(struct event_sale *sale, const char **lists, const char *id)
{
	size_t i = 0;

	while (i < sale->price_lists.count && strcmp(lists[i], id) != 0)
		i++;
	if (i == sale->price_lists.count) {
		lists[i] = id;
		sale->price_lists.count++;
	}
	return i;
}

/* What packing needs: the sale with room in its lists, and memory. */
struct packing {
	struct event_sale *sale;
	struct sale_price *prices;
	const char **lists;
	struct arena *arena;
	struct buf buf; /* of the row at hand */
};

static enum err pack_price(struct packing *p, const struct body *b, struct why *why)
{
	struct event_sale *sale = p->sale;
	struct sale_price *out = &p->prices[sale->prices.count++];
	size_t known = sale->price_lists.count;
	struct record r;
	enum err e = record_decode(RECORD_PRICE, b->cbor, b->length, p->arena, &r, why);

	if (e) {
		why_prefix(why, "extract: price: ");
		return e;
	}
	*out = (struct sale_price){
		.line = (int64_t)line_of(sale, r.as.price.sku),
		.list = (int64_t)list_of(sale, p->lists, r.as.price.list),
		.price = r.as.price.price,
	};
	if (says_the_same(sale, out, b, &p->buf))
		return ERR_OK;
	sale->price_lists.count = known;
	*out = (struct sale_price){.price = MONEY_NONE, .cbor = {b->cbor, b->length}};
	return ERR_OK;
}

enum err ledger_pack_prices(const struct body *bodies, size_t count, struct arena *a, struct event_sale *sale,
			    struct why *why)
{
	struct packing p = {
		.sale = sale,
		.prices = arena_get(a, count * sizeof(*p.prices) + 1),
		.lists = arena_get(a, count * sizeof(*p.lists) + 1),
		.arena = a,
	};
	enum err e = p.prices && p.lists ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");

	buf_init(&p.buf, PRICE_BYTES_MAX);
	sale->bodies = (struct list){0};
	sale->prices = (struct list){p.prices, 0};
	sale->price_lists = (struct list){p.lists, 0};
	for (size_t i = 0; i < count && !e; i++)
		if (bodies[i].type == RECORD_PRICE)
			e = pack_price(&p, &bodies[i], why);
	buf_free(&p.buf);
	return e;
}

enum err ledger_unpack_price(const struct event_sale *sale, const struct sale_price *p, struct arena *a,
			     struct body *out, struct why *why)
{
	struct bytes cbor = p->cbor;
	struct record r;
	struct buf buf;

	if (!cbor.at) {
		if (compose(sale, p, &r))
			return fail(why, ERR_INVALID, "order '%s': a price of no line or list", sale->order);
		buf_init(&buf, PRICE_BYTES_MAX);
		if (!record_encode(&r, &buf))
			cbor.at = (const uint8_t *)arena_text(a, (const char *)buf_front(&buf),
							      buf_length(&buf));
		cbor.length = buf_length(&buf);
		buf_free(&buf);
		if (!cbor.at)
			return fail(why, ERR_MEMORY, "out of memory");
	}
	*out = (struct body){.type = RECORD_PRICE, .cbor = cbor.at, .length = cbor.length};
	body_hash(RECORD_PRICE, cbor.at, cbor.length, out->hash);
	return ERR_OK;
}
