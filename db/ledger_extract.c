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

/* The content of a price record that says nothing but these three; its keys are 1, 2 and 3. */
struct plain_price {
	struct cbor_item list, sku, price;
};

static bool read_member(struct cborr *r, int key, enum cbor_kind kind, struct cbor_item *out)
{
	return cborr_short(r, CBOR_MAJOR_UINT) == key && !cborr_expect(r, kind, out);
}

/*
 * False: it says something else, or is no price record. There is one encoding of three such values, so what
 * compose makes of them is the very record.
 */
static bool read_plain(const struct body *b, struct plain_price *out)
{
	struct cborr r = cborr_over(b->cbor, b->length);

	return cborr_short(&r, CBOR_MAJOR_MAP) == 3 && read_member(&r, 1, CBOR_KIND_TEXT, &out->list) &&
	       read_member(&r, 2, CBOR_KIND_TEXT, &out->sku) &&
	       read_member(&r, 3, CBOR_KIND_INT, &out->price) && r.at == r.end;
}

static bool is_text(const char *text, const struct cbor_item *item)
{
	return strncmp(text, item->at, item->length) == 0 && text[item->length] == '\0';
}

/* The first line of the article, or the number of lines. */
static size_t line_of(const struct event_sale *sale, const struct cbor_item *sku)
{
	const struct sale_line *lines = sale->lines.at;
	size_t i = 0;

	while (i < sale->lines.count && !is_text(lines[i].sku, sku))
		i++;
	return i;
}

/* The place of a list among those seen so far, or how many these are. */
static size_t list_of(const struct event_sale *sale, const char *const *lists, const struct cbor_item *id)
{
	size_t i = 0;

	while (i < sale->price_lists.count && !is_text(lists[i], id))
		i++;
	return i;
}

/* What packing needs: the sale with room in its lists, and memory. */
struct packing {
	struct event_sale *sale;
	struct sale_price *prices;
	const char **lists;
	struct arena *arena;
};

/* As line, list and price. False: it cannot be said so. */
static bool pack_plain(struct packing *p, const struct body *b, struct sale_price *out, enum err *e)
{
	struct list *known = &p->sale->price_lists;
	struct plain_price plain;
	size_t line, list;

	if (!read_plain(b, &plain))
		return false;
	line = line_of(p->sale, &plain.sku);
	if (line == p->sale->lines.count)
		return false;
	list = list_of(p->sale, p->lists, &plain.list);
	if (list == known->count) {
		p->lists[list] = arena_text(p->arena, plain.list.at, plain.list.length);
		if (!p->lists[list])
			*e = ERR_MEMORY;
		known->count++;
	}
	*out = (struct sale_price){(int64_t)line, (int64_t)list, {plain.price.value}, {0}};
	return true;
}

static enum err pack_price(struct packing *p, const struct body *b, struct why *why)
{
	struct sale_price *out = &p->prices[p->sale->prices.count++];
	struct record r;
	enum err e = ERR_OK;

	if (pack_plain(p, b, out, &e))
		return e ? fail(why, e, "out of memory") : e;
	*out = (struct sale_price){.price = MONEY_NONE, .cbor = {b->cbor, b->length}};
	e = record_decode(RECORD_PRICE, b->cbor, b->length, p->arena, &r, why);
	if (e)
		why_prefix(why, "extract: price: ");
	return e;
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
	enum err e = ERR_OK;

	if (!p.prices || !p.lists)
		return fail(why, ERR_MEMORY, "out of memory");
	sale->bodies = (struct list){0};
	sale->prices = (struct list){p.prices, 0};
	sale->price_lists = (struct list){p.lists, 0};
	for (size_t i = 0; i < count && !e; i++)
		if (bodies[i].type == RECORD_PRICE)
			e = pack_price(&p, &bodies[i], why);
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
