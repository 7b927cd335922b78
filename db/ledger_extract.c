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

/* Text that is borrowed. */
struct name {
	const char *at;
	size_t length;
};

/* The content of a price record that says nothing but these three; its keys are 1, 2 and 3. */
struct plain_price {
	struct name list, sku;
	int64_t price;
};

/* Not looked at for being UTF-8: an article's is that of a line, and a list's is judged when it is written.
 */
static bool read_name(struct cborr *r, int key, struct name *out)
{
	struct cbor_item item;
	int n;

	if (cborr_short(r, CBOR_MAJOR_UINT) != key)
		return false;
	n = cborr_short(r, CBOR_MAJOR_TEXT);
	if (n >= 0 && n <= r->end - r->at) {
		*out = (struct name){(const char *)r->at, (size_t)n};
		r->at += n;
		return true;
	}
	if (n >= 0 || cborr_expect(r, CBOR_KIND_TEXT, &item))
		return false;
	*out = (struct name){item.at, item.length};
	return true;
}

static bool read_price(struct cborr *r, int64_t *out)
{
	struct cbor_item item;

	if (cborr_short(r, CBOR_MAJOR_UINT) != 3 || cborr_expect(r, CBOR_KIND_INT, &item))
		return false;
	*out = item.value;
	return true;
}

/*
 * False: it says something else, or is no price record. There is one encoding of three such values, so what
 * compose makes of them is the very record.
 */
static bool read_plain(const struct body *b, struct plain_price *out)
{
	struct cborr r = cborr_over(b->cbor, b->length);

	return cborr_short(&r, CBOR_MAJOR_MAP) == 3 && read_name(&r, 1, &out->list) &&
	       read_name(&r, 2, &out->sku) && read_price(&r, &out->price) && r.at == r.end;
}

/* Names of one shop begin alike and end differently. */
static bool same(const struct name *a, const struct name *b)
{
	size_t n = a->length;

	return n == b->length && (n == 0 || (a->at[n - 1] == b->at[n - 1] && memcmp(a->at, b->at, n) == 0));
}

/* The place of a name among count of them, or count. */
static size_t place_of(const struct name *names, size_t count, const struct name *wanted)
{
	size_t i = 0;

	while (i < count && !same(&names[i], wanted))
		i++;
	return i;
}

/* What packing needs: the sale with room in its lists, its lines' articles, the lists' names, and memory. */
struct packing {
	struct event_sale *sale;
	struct sale_price *prices;
	const char **lists;
	struct name *skus, *list_names;
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
	line = place_of(p->skus, p->sale->lines.count, &plain.sku);
	if (line == p->sale->lines.count)
		return false;
	list = place_of(p->list_names, known->count, &plain.list);
	if (list == known->count) {
		p->lists[list] = arena_text(p->arena, plain.list.at, plain.list.length);
		if (!p->lists[list])
			*e = ERR_MEMORY;
		p->list_names[list] = plain.list;
		known->count++;
	}
	*out = (struct sale_price){(int64_t)line, (int64_t)list, {plain.price}, {0}};
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

static enum err begin_packing(struct packing *p, size_t count)
{
	const struct sale_line *lines = p->sale->lines.at;
	size_t n = p->sale->lines.count;

	p->prices = arena_get(p->arena, count * sizeof(*p->prices) + 1);
	p->lists = arena_get(p->arena, count * sizeof(*p->lists) + 1);
	p->skus = arena_get(p->arena, (n + count) * sizeof(*p->skus) + 1);
	if (!p->prices || !p->lists || !p->skus)
		return ERR_MEMORY;
	p->list_names = p->skus + n;
	for (size_t i = 0; i < n; i++)
		if (lines[i].sku) /* else the sale will not be written */
			p->skus[i] = (struct name){lines[i].sku, strlen(lines[i].sku)};
	return ERR_OK;
}

static size_t count_prices(const struct body *bodies, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += bodies[i].type == RECORD_PRICE;
	return n;
}

enum err ledger_pack_prices(const struct body *bodies, size_t count, struct arena *a, struct event_sale *sale,
			    struct why *why)
{
	struct packing p = {.sale = sale, .arena = a};
	enum err e = ERR_OK;

	if (begin_packing(&p, count_prices(bodies, count)))
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
