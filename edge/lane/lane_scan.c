/*
 * From a scanned text to a line: what it names (gs1), which article that is (catalog), how much of it.
 */
#include "lane_parts.h"

#include <string.h>

#include "civil.h"
#include "records.h"

#define CODE_SHOWN 80 /* bytes of a code in a sentence */
#define DAY_S	   86400

/* Adds an article to the candidates, in the order of SKUs, once; those past the last place are left out. */
static void add_candidate(struct answer *a, uint32_t item)
{
	uint32_t at = 0, last;

	while (at < a->candidate_count &&
	       strcmp(catalog_sku(a->catalog, a->candidates[at]), catalog_sku(a->catalog, item)) < 0)
		at++;
	if (at == CANDIDATES_MAX || (at < a->candidate_count && a->candidates[at] == item))
		return;
	last = a->candidate_count < CANDIDATES_MAX ? a->candidate_count++ : CANDIDATES_MAX - 1;
	memmove(&a->candidates[at + 1], &a->candidates[at], (last - at) * sizeof(a->candidates[0]));
	a->candidates[at] = item;
}

/* What a code is not found in may be the extract of the cart alone. */
static bool refuse_unknown(const struct lane *l, const char *code, struct answer *a)
{
	const struct cart *c = lane_open_cart(l);

	if (c && c->apart)
		return refuse(
			a, REFUSED_UNKNOWN_CODE,
			"cart %s keeps prices of a catalog that is gone: pay it, and scan %.*s after it",
			c->id, CODE_SHOWN, code);
	return refuse(a, REFUSED_UNKNOWN_CODE, "%.*s is not an article of this shop", CODE_SHOWN, code);
}

static const struct catalog *catalog_of(const struct lane *l)
{
	const struct cart *c = lane_open_cart(l);

	return c ? c->catalog : shop_catalog(l->shop);
}

/* Of an article that nobody asked for of late all is far away: what is needed next is sent for at once. */
static void fetch_article(const struct catalog *c, uint32_t item)
{
	__builtin_prefetch(catalog_sku(c, item));
	__builtin_prefetch(catalog_prices(c, item));
	__builtin_prefetch(catalog_tags(c, item));
}

/* The article that a scan names in any of its readings. */
static bool find_article(const struct lane *l, const struct gs1_scan *scan, uint32_t *item, struct answer *a)
{
	const struct catalog *c = catalog_of(l);
	uint32_t found[CANDIDATES_MAX], count;

	a->catalog = c;
	for (uint8_t i = 0; i < scan->gtins; i++) {
		if (catalog_find_gtin(c, scan->gtin[i], found, CANDIDATES_MAX, &count) == ERR_NOT_FOUND)
			continue;
		for (uint32_t k = 0; k < count && k < CANDIDATES_MAX; k++)
			add_candidate(a, found[k]);
	}
	if (a->candidate_count == 0)
		return refuse_unknown(l, scan->text, a);
	if (a->candidate_count > 1)
		return refuse(a, REFUSED_AMBIGUOUS_CODE, "%.*s is more than one article: choose by SKU",
			      CODE_SHOWN, scan->text);
	*item = a->candidates[0];
	a->candidate_count = 0;
	fetch_article(c, *item);
	return true;
}

/*
 * What the code counts, in the unit the article is sold by. Only conversions that are exact: a kilogram is
 * 1000 g, but no whole number of millionths of a pound.
 */
static bool convert(const struct gs1_scan *scan, enum unit unit, struct qty *out)
{
	*out = scan->quantity;
	switch (scan->unit) {
	case GS1_UNIT_ARTICLE:
		return unit != UNIT_EACH;
	case GS1_UNIT_PIECE:
		return unit == UNIT_EACH;
	case GS1_UNIT_LB:
		return unit == UNIT_LB;
	case GS1_UNIT_KG:
		break;
	}
	if (unit == UNIT_G)
		return !__builtin_mul_overflow(out->micro, 1000, &out->micro);
	return unit == UNIT_KG;
}

static bool read_quantity(const struct catalog *c, const struct gs1_scan *scan, struct qty asked,
			  struct engine_line *line, struct answer *a)
{
	const char *sku = catalog_sku(c, line->item);
	enum unit unit = catalog_item(c, line->item)->unit;
	bool told = scan && scan->quantity.micro != AMOUNT_NONE && line->given.minor == AMOUNT_NONE;

	line->quantity = asked.micro ? asked : QTY_ONE;
	if (told && asked.micro)
		return refuse(a, REFUSED_BAD_QUANTITY,
			      "the code of %s says how much it is: scan it without a quantity", sku);
	if (told && !convert(scan, unit, &line->quantity))
		return refuse(a, REFUSED_BAD_QUANTITY,
			      "%s is sold by %s, and the code counts in another unit", sku,
			      record_units[unit]);
	if (!told && !asked.micro && unit != UNIT_EACH && line->given.minor == AMOUNT_NONE)
		return refuse(a, REFUSED_BAD_QUANTITY, "%s is sold by %s: give a quantity", sku,
			      record_units[unit]);
	return item_takes_quantity(c, line, a);
}

/* The last day of the unit, from the code; 0: it does not say. */
static void read_expiry(const struct gs1_scan *scan, struct engine_line *line)
{
	const struct civil day = {.year = scan->expiry / 10000,
				  .month = (uint8_t)(scan->expiry / 100 % 100),
				  .day = (uint8_t)(scan->expiry % 100)};

	line->expires = scan->expiry ? (int32_t)(civil_to_seconds(&day) / DAY_S) : 0;
}

/* A price on a label holds for the one piece it is stuck on, whatever else the code says. */
static bool read_price(const struct catalog *c, const struct gs1_scan *scan, struct engine_line *line,
		       struct answer *a)
{
	enum err e = gs1_price(scan, c->settings.exponent, &line->given);

	if (e == ERR_NOT_FOUND)
		line->given = MONEY_NONE;
	else if (e)
		return refuse(a, REFUSED_MALFORMED_CODE, "the price in %.*s is no amount of %s", CODE_SHOWN,
			      scan->text, c->settings.currency);
	return true;
}

void lane_note_shown(struct lane *l, const struct catalog *c, const struct engine_line *line,
		     const struct engine_result *r, uint32_t i)
{
	if (l->shop->config->price_lock_s)
		shown_note(&l->shown, c, line, r, i, shop_now_s(l->shop));
}

struct money lane_lowest_shown(const struct lane *l, const struct catalog *c, uint32_t item)
{
	int64_t lock_s = l->shop->config->price_lock_s;

	if (!lock_s)
		return MONEY_NONE;
	return shown_lowest(&l->shown, catalog_sku(c, item), shop_now_s(l->shop) - lock_s);
}

static void add_line(struct lane *l, struct engine_line *line, struct answer *a)
{
	struct cart *c = lane_cart_for_change(l, a);

	if (!c)
		return;
	line->locked = MONEY_NONE;
	if (line->given.minor == AMOUNT_NONE)
		line->locked = lane_lowest_shown(l, c->catalog, line->item);
	if (!lane_end_change(l, c, cart_add(c, line, a), a))
		return;
	shop_tell(l->shop, &(struct lane_news){.event = LANE_LINE, .lane = l, .line = a->line});
	lane_note_shown(l, c->catalog, &c->now.lines[a->line], &c->now.result,
			a->line); /* who waits has it */
}

static bool read_code(const struct lane *l, const char *text, size_t n, struct gs1_scan *scan,
		      struct answer *a)
{
	const struct shop_config *config = l->shop->config;
	struct why why = {0};

	if (gs1_parse(text, n, config->templates, config->template_count, scan, &why))
		return refuse(a, REFUSED_MALFORMED_CODE, "%s", why.text);
	if (scan->kind == GS1_GTIN)
		return true;
	a->no_gtin = true;
	return refuse_unknown(l, scan->text, a);
}

/* Article and label price, by code or SKU; scan is that of a code. */
static bool read_article(const struct lane *l, const char *text, size_t n, struct gs1_scan *scan,
			 struct engine_line *line, struct answer *a)
{
	if (!read_code(l, text, n, scan, a) || !find_article(l, scan, &line->item, a))
		return false;
	read_expiry(scan, line);
	return read_price(catalog_of(l), scan, line, a);
}

static bool find_sku(const struct lane *l, const char *sku, struct engine_line *line, struct answer *a)
{
	line->given = MONEY_NONE;
	line->expires = 0;
	if (catalog_find_sku(catalog_of(l), sku, &line->item))
		return refuse_unknown(l, sku, a);
	return true;
}

void lane_scan(struct lane *l, const char *text, size_t n, struct qty quantity, struct answer *a)
{
	struct engine_line line;
	struct gs1_scan scan;

	*a = (struct answer){0};
	lane_renew_cart(l);
	if (lane_takes_goods(l, a) && read_article(l, text, n, &scan, &line, a) &&
	    read_quantity(catalog_of(l), &scan, quantity, &line, a))
		add_line(l, &line, a);
}

void lane_add_sku(struct lane *l, const char *sku, struct qty quantity, struct answer *a)
{
	struct engine_line line;

	*a = (struct answer){0};
	lane_renew_cart(l);
	if (lane_takes_goods(l, a) && find_sku(l, sku, &line, a) &&
	    read_quantity(catalog_of(l), NULL, quantity, &line, a))
		add_line(l, &line, a);
}

bool lane_find_article(const struct lane *l, const char *code_or_sku, bool is_sku, struct engine_line *line,
		       struct answer *a)
{
	struct gs1_scan scan;

	if (!catalog_of(l))
		return refuse_no_catalog(a);
	if (is_sku)
		return find_sku(l, code_or_sku, line, a);
	return read_article(l, code_or_sku, strlen(code_or_sku), &scan, line, a);
}
