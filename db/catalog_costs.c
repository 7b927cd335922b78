/*
 * Prices of cost-plus lists, made of landed costs and exchange rates when these are imported, and stored like
 * any other: so the log of changes tells them. See catalog_parts.h; docs/engine.md, "Cost plus".
 */
#include <stdlib.h>
#include <string.h>

#include "catalog_parts.h"
#include "landed.h"

/* A cost-plus list. */
struct plus {
	const char *id;
	struct rate markup;
	bool fob;
};

struct costing {
	struct catalog_store *store;
	struct arena arena; /* of all that follows */
	struct settings settings;
	struct rates rates;
	struct plus *lists;
	size_t list_count;
	struct record_landed_cost *costs;
	size_t cost_count;
};

static enum err no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

struct all {
	union record_any *at;
	size_t count, size;
};

static enum err add_row(struct costing *c, enum record_type t, sqlite3_stmt *row, struct all *all,
			struct why *why)
{
	size_t n;
	const uint8_t *body = db_bytes(row, 0, &n);
	char *copy = arena_text(&c->arena, (const char *)body, n);
	struct record r;
	enum err e;

	if (all->count == all->size) {
		size_t size = all->size ? all->size * 2 : 64;
		union record_any *grown = arena_get(&c->arena, size * sizeof(*grown));

		if (!grown)
			return no_memory(why);
		if (all->at)
			memcpy(grown, all->at, all->count * sizeof(*grown));
		all->at = grown;
		all->size = size;
	}
	e = copy ? record_decode(t, copy, n, &c->arena, &r, why) : no_memory(why);
	if (!e)
		all->at[all->count++] = r.as;
	return e;
}

/* All records of a type, into the arena. */
static enum err read_all(struct costing *c, enum record_type t, struct all *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&c->store->db, CATALOG_SQL_KIND);
	enum err e;

	*out = (struct all){0};
	db_bind_int(row, 1, t);
	while ((e = db_row(&c->store->db, row, why)) == ERR_OK) {
		e = add_row(c, t, row, out, why);
		if (e) {
			sqlite3_reset(row);
			return e;
		}
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err read_lists(struct costing *c, struct why *why)
{
	struct all all;
	enum err e = read_all(c, RECORD_PRICE_LIST, &all, why);

	if (e)
		return e;
	c->lists = arena_get(&c->arena, (all.count + 1) * sizeof(*c->lists));
	if (!c->lists)
		return no_memory(why);
	for (size_t i = 0; i < all.count; i++) {
		const struct record_price_list *l = &all.at[i].price_list;

		if (l->markup.ppm != AMOUNT_NONE)
			c->lists[c->list_count++] =
				(struct plus){.id = l->id, .markup = l->markup, .fob = l->basis == 1};
	}
	return ERR_OK;
}

static enum err read_rates(struct costing *c, struct why *why)
{
	struct record_exchange_rate *to;
	struct all all;
	enum err e = read_all(c, RECORD_EXCHANGE_RATE, &all, why);

	if (e)
		return e;
	to = arena_get(&c->arena, (all.count + 1) * sizeof(*to));
	if (!to)
		return no_memory(why);
	for (size_t i = 0; i < all.count; i++)
		to[i] = all.at[i].exchange_rate;
	c->rates = (struct rates){.at = to, .count = all.count};
	return ERR_OK;
}

static enum err read_costs(struct costing *c, struct why *why)
{
	struct all all;
	enum err e = read_all(c, RECORD_LANDED_COST, &all, why);

	if (e)
		return e;
	c->costs = arena_get(&c->arena, (all.count + 1) * sizeof(*c->costs));
	if (!c->costs)
		return no_memory(why);
	for (size_t i = 0; i < all.count; i++)
		c->costs[i] = all.at[i].landed_cost;
	c->cost_count = all.count;
	return ERR_OK;
}

static enum err read_settings(struct costing *c, struct why *why)
{
	struct record book;
	enum err e = catalog_store_find(c->store, RECORD_BOOK, "book", &c->arena, &book, why);

	if (e)
		return e;
	c->settings.rounding = (enum rounding)book.as.book.rounding;
	c->settings.exponent = (uint8_t)book_exponent(&book.as.book);
	memcpy(c->settings.currency, book.as.book.currency, sizeof(c->settings.currency));
	return ERR_OK;
}

static enum err put_prices(struct costing *c, const struct record_landed_cost *cost, struct why *why)
{
	struct landed costs;
	enum err e = landed_cost(cost, &c->rates, &c->settings, &costs, why);

	for (size_t i = 0; i < c->list_count && !e; i++) {
		const struct plus *list = &c->lists[i];
		struct record r = {.type = RECORD_PRICE, .as.price = {.list = list->id, .sku = cost->sku}};

		e = landed_price(list->fob ? costs.fob : costs.landed, list->markup, c->settings.rounding,
				 &r.as.price.price);
		if (e)
			return fail(why, e, "landed_cost '%s': the price in list '%s' is too large",
				    cost->sku, list->id);
		e = catalog_store_put(c->store, &r, why);
	}
	if (e)
		why_prefix(why, "landed_cost '%s': ", cost->sku);
	return e;
}

static int by_sku(const void *sku, const void *cost)
{
	return strcmp(sku, ((const struct record_landed_cost *)cost)->sku);
}

/* Prices that a cost-plus list has of articles that no longer have a landed cost. */
static enum err drop_prices(struct costing *c, const struct plus *list, struct why *why)
{
	sqlite3_stmt *row = db_statement(&c->store->db, CATALOG_SQL_LIST_KEYS);
	size_t prefix = strlen(list->id) + 1;
	const char **keys = NULL;
	size_t count = 0, size = 0;
	enum err e;

	db_bind_int(row, 1, RECORD_PRICE);
	db_bind_text(row, 2, list->id);
	while ((e = db_row(&c->store->db, row, why)) == ERR_OK) {
		const char *key = (const char *)sqlite3_column_text(row, 0);

		if (c->cost_count &&
		    bsearch(key + prefix, c->costs, c->cost_count, sizeof(*c->costs), by_sku))
			continue;
		if (count == size) {
			const char **grown = reallocarray(keys, size = size ? size * 2 : 16, sizeof(*keys));
			if (!grown)
				break;
			keys = grown;
		}
		keys[count] = arena_text(&c->arena, key, strlen(key));
		if (!keys[count++])
			break;
	}
	sqlite3_reset(row);
	e = e == ERR_NOT_FOUND ? ERR_OK : e ? e : no_memory(why);
	for (size_t i = 0; i < count && !e; i++)
		e = catalog_store_remove(c->store, RECORD_PRICE, keys[i], why);
	free(keys);
	return e;
}

enum err catalog_make_costs(struct catalog_store *s, struct why *why)
{
	struct costing c = {.store = s};
	enum err e = read_settings(&c, why);

	if (!e)
		e = read_lists(&c, why);
	if (!e && c.list_count)
		e = read_rates(&c, why);
	if (!e && c.list_count)
		e = read_costs(&c, why);
	for (size_t i = 0; i < c.cost_count && !e; i++)
		e = put_prices(&c, &c.costs[i], why);
	for (size_t i = 0; i < c.list_count && !e; i++)
		e = drop_prices(&c, &c.lists[i], why);
	arena_free(&c.arena);
	return e;
}
