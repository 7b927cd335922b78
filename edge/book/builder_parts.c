/*
 * The small parts of a catalog: settings, dictionaries, taxes.
 */
#include "builder.h"

#include <stdlib.h>
#include <string.h>

#define TAXES_MAX 65535 /* struct item counts them in 16 bits */

const char *builder_text(struct builder *b, const char *text)
{
	return text ? arena_text(&b->made->base->arena, text, strlen(text)) : NULL;
}

struct window builder_window(struct stamp from, struct stamp to)
{
	return (struct window){
		.from = {.seconds = from.seconds, .local = from.local == 1},
		.to = {.seconds = to.seconds, .local = to.local == 1},
	};
}

enum err builder_make_settings(struct builder *b, struct why *why)
{
	struct settings *s = &b->made->catalog.settings;
	struct record record;

	if (b->kept[RECORD_BOOK].count == 0)
		return fail(why, ERR_STATE, "there is no record of type 'book'");
	enum err e = builder_decode(&b->kept[RECORD_BOOK].at[0], RECORD_BOOK, &b->arena, &record, why);
	if (e)
		return e;
	const struct record_book *r = &record.as.book;
	*s = (struct settings){
		.id = builder_text(b, r->id),
		.exponent = (uint8_t)book_exponent(r),
		/* A body without a version was written before there were two. */
		.semantics = r->semantics == AMOUNT_NONE ? 1 : (uint8_t)r->semantics,
		.rounding = (enum rounding)r->rounding,
		.tax = (enum tax_mode)r->tax,
		.policy = (enum policy)r->policy,
		.threshold = (enum threshold)r->threshold,
		.higher_first = r->priority == 1,
		.exclusive = (enum exclusive)r->exclusive,
		.percents = (enum percents)r->percents,
		.prices = (enum prices)r->prices,
		.position = {r->position.micro},
		.zone = builder_text(b, r->zone ? r->zone : "UTC"),
		.language = builder_text(b, r->language),
		.guard = !r->margin || r->margin->guard == 0,
		.margin_alert = r->margin ? r->margin->alert : (struct rate){MARGIN_ALERT_DEFAULT},
		.margin_floor = r->margin ? r->margin->floor : (struct rate){MARGIN_FLOOR_DEFAULT},
		.threshold_tax = (enum threshold_tax)r->threshold_tax,
		.remainder = (enum remainder)r->remainder,
		.percent = (enum percent_rounding)r->percent_rounding,
		.fixed_amount = (enum amount_per)r->fixed_amount,
		.free_unit = (enum piece_order)r->free_unit,
		.units_first = (enum piece_order)r->units_first,
		.repeats = (enum repeats)r->repeats,
		.overrun = (enum overrun)r->budget_overrun,
		.tax_per = (enum tax_per)r->tax_per,
		.cancelled = (enum cancelled_use)r->cancelled_use,
	};
	memcpy(s->currency, r->currency, sizeof(s->currency));
	return s->id && s->zone && (s->language || !r->language) ? ERR_OK : builder_no_memory(why);
}

static enum err make_guests(struct builder *b, struct why *why)
{
	struct catalog *c = &b->made->catalog;
	uint32_t *id = arena_get(&b->made->base->arena, sizeof(*id));

	if (!id)
		return builder_no_memory(why);
	*id = catalog_id(&c->segments, CATALOG_GUEST);
	c->guests = (struct ids){id, *id != CATALOG_NONE};
	return ERR_OK;
}

enum err builder_make_names(struct builder *b, struct why *why)
{
	struct catalog *c = &b->made->catalog;
	struct {
		struct intern *from;
		struct names *to;
	} const dictionaries[] = {
		{&b->brands, &c->brands},     {&b->tags, &c->tags},	    {&b->suppliers, &c->suppliers},
		{&b->segments, &c->segments}, {&b->channels, &c->channels}, {&b->stores, &c->stores},
		{&b->zones, &c->zones},
	};

	for (size_t i = 0; i < sizeof(dictionaries) / sizeof(dictionaries[0]); i++) {
		if (intern_sort(dictionaries[i].from, &b->made->base->arena, dictionaries[i].to))
			return builder_no_memory(why);
	}
	return make_guests(b, why);
}

static int by_tax_id(const void *a, const void *b)
{
	return strcmp(((const struct tax *)a)->id, ((const struct tax *)b)->id);
}

/* Place 0 is "no tax", so that an article's index is always one. */
enum err builder_make_taxes(struct builder *b, struct why *why)
{
	struct kept_list *kept = &b->kept[RECORD_TAX];
	struct tax *taxes = arena_get(&b->made->base->arena, (kept->count + 1) * sizeof(*taxes));

	if (kept->count > TAXES_MAX - 1)
		return fail(why, ERR_LIMIT, "more than %d taxes", TAXES_MAX - 1);
	if (!taxes)
		return builder_no_memory(why);
	taxes[0].id = "";
	for (uint32_t i = 0; i < kept->count; i++) {
		struct record record;
		enum err e = builder_decode(&kept->at[i], RECORD_TAX, &b->made->base->arena, &record, why);
		if (e)
			return e;
		taxes[i + 1] = (struct tax){
			.id = record.as.tax.id, .rate = record.as.tax.rate, .amount = record.as.tax.amount};
	}
	qsort(taxes + 1, kept->count, sizeof(*taxes), by_tax_id);
	for (uint32_t i = 1; i <= kept->count; i++)
		kept->keys.values[intern_find(&kept->keys, taxes[i].id)] = i;
	b->made->catalog.taxes = taxes;
	b->made->catalog.tax_count = kept->count + 1;
	return ERR_OK;
}
