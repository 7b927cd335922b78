/*
 * What is known of articles besides their own record: signals, and costs with the prices made of them.
 *
 * A cost-plus list has a price for every article with a landed cost. Where the importer has stored it, that
 * is the one; a book that is read from a file gets them here.
 */
#include <string.h>

#include "builder.h"

static struct moment moment_of(struct stamp s)
{
	return (struct moment){.seconds = s.seconds, .local = s.local == 1};
}

bool signal_make(const struct record_signal *r, struct money least, struct money most, struct signal *out)
{
	static const struct record_signal unknown = {
		.stock = {AMOUNT_NONE},
		.sold = {AMOUNT_NONE},
		.expected = {AMOUNT_NONE},
		.received = {.seconds = AMOUNT_NONE},
		.until = {.seconds = AMOUNT_NONE},
		.at = {.seconds = AMOUNT_NONE},
		.views = AMOUNT_NONE,
		.carts = AMOUNT_NONE,
		.purchases = AMOUNT_NONE,
		.competitor = {AMOUNT_NONE},
	};
	const struct record_signal *from = r ? r : &unknown;

	*out = (struct signal){
		.stock = from->stock,
		.sold = from->sold,
		.expected = from->expected,
		.received = moment_of(from->received),
		.until = moment_of(from->until),
		.counted = moment_of(from->at),
		.views = from->views,
		.carts = from->carts,
		.purchases = from->purchases,
		.competitor = from->competitor,
		.least = least,
		.most = most,
	};
	return r || least.minor != AMOUNT_NONE || most.minor != AMOUNT_NONE;
}

/* The same for those who ask how old they are. */
static enum err make_exchanges(struct builder *b, struct arena *a, struct why *why)
{
	const struct rates *rates = &b->made->rates;
	struct exchange *at = arena_get(a, (rates->count + 1) * sizeof(*at));

	if (!at)
		return builder_no_memory(why);
	if (rates->count > EXCHANGES_MAX)
		return fail(why, ERR_LIMIT, "there are more than %d exchange rates", EXCHANGES_MAX);
	for (size_t i = 0; i < rates->count; i++)
		at[i] = (struct exchange){.currency = rates->at[i].currency,
					  .at = moment_of(rates->at[i].at)};
	b->exchanges = at;
	b->made->catalog.exchanges = at;
	b->made->catalog.exchange_count = (uint32_t)rates->count;
	return ERR_OK;
}

static enum err make_rates(struct builder *b, struct why *why)
{
	const struct kept_list *kept = &b->kept[RECORD_EXCHANGE_RATE];
	struct arena *a = &b->made->base->arena;
	struct record_exchange_rate *rates = arena_get(a, (kept->count + 1) * sizeof(*rates));

	if (!rates)
		return builder_no_memory(why);
	for (uint32_t i = 0; i < kept->count; i++) {
		struct record r;
		enum err e = builder_decode(&kept->at[i], RECORD_EXCHANGE_RATE, a, &r, why);

		if (!e && strcmp(r.as.exchange_rate.currency, b->made->catalog.settings.currency) == 0) {
			e = fail(why, ERR_INVALID, "currency: '%s' is the book's own",
				 r.as.exchange_rate.currency);
			return builder_blame(why, e, kept->at[i].line, RECORD_EXCHANGE_RATE,
					     r.as.exchange_rate.currency);
		}
		if (e)
			return e;
		rates[i] = r.as.exchange_rate;
	}
	b->made->rates = (struct rates){.at = rates, .count = kept->count};
	return make_exchanges(b, a, why);
}

uint8_t builder_exchange(struct builder *b, const char *currency)
{
	for (uint32_t i = 0; currency && i < b->made->catalog.exchange_count; i++) {
		if (strcmp(b->exchanges[i].currency, currency) != 0)
			continue;
		b->exchanges[i].used = true;
		return (uint8_t)(i + 1);
	}
	return 0;
}

static enum err add_price(struct builder *b, const struct raw_markup *m, uint32_t sku,
			  const struct landed *costs, uint32_t line, struct why *why)
{
	struct raw_price price = {.list = m->list, .sku = sku, .line = line, .derived = true};
	enum err e = landed_price(m->fob ? costs->fob : costs->landed, m->markup,
				  b->made->catalog.settings.rounding, &price.price);

	if (e)
		return fail(why, e, "fob: the price with its mark-up is more than an amount can hold");
	if (!array_room(&b->prices, &b->price_size, b->price_count, sizeof(price)))
		return builder_no_memory(why);
	b->prices[b->price_count++] = price;
	return ERR_OK;
}

static enum err add_prices(struct builder *b, const struct record_landed_cost *r, uint32_t line,
			   struct why *why)
{
	uint32_t sku = intern_find(&b->skus, r->sku);
	struct landed costs;
	enum err e = landed_cost(r, &b->made->rates, &b->made->catalog.settings, &costs, why);

	if (!e && (sku == CATALOG_NONE || b->skus.values[sku] == CATALOG_NONE))
		e = fail(why, ERR_NOT_FOUND, "sku: there is no article '%s'", r->sku);
	for (uint32_t i = 0; i < b->markup_count && !e; i++)
		e = add_price(b, &b->markups[i], sku, &costs, line, why);
	return e && e != ERR_MEMORY ? builder_blame(why, e, line, RECORD_LANDED_COST, r->sku) : e;
}

/* Signals are looked up article by article: those without one would go unnoticed. */
static enum err check_signals(const struct builder *b, struct why *why)
{
	const struct kept_list *kept = &b->kept[RECORD_SIGNAL];

	for (uint32_t i = 0; i < kept->keys.count; i++) {
		uint32_t sku = intern_find(&b->skus, kept->keys.names[i]);
		enum err e;

		if (sku != CATALOG_NONE && b->skus.values[sku] != CATALOG_NONE)
			continue;
		e = fail(why, ERR_NOT_FOUND, "sku: there is no article '%s'", kept->keys.names[i]);
		return builder_blame(why, e, kept->at[kept->keys.values[i]].line, RECORD_SIGNAL,
				     kept->keys.names[i]);
	}
	return ERR_OK;
}

enum err builder_make_costs(struct builder *b, struct why *why)
{
	const struct kept_list *kept = &b->kept[RECORD_LANDED_COST];
	enum err e = make_rates(b, why);

	if (!e)
		e = check_signals(b, why);
	for (uint32_t i = 0; i < kept->count && !e; i++) {
		struct record r;

		e = builder_decode(&kept->at[i], RECORD_LANDED_COST, &b->arena, &r, why);
		if (!e)
			e = add_prices(b, &r.as.landed_cost, kept->at[i].line, why);
	}
	return e;
}
