/*
 * Promotions compiled: names to ids, defaults filled in, selectors resolved. Sorted by id.
 */
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "jsonw.h"
#include "reason_facts.h"

#define SHOWN_MAX (16UL * RECORD_TEXT_MAX) /* id and text, every byte escaped */

/* Units of measures are those of articles without the first, each. */
uint8_t compile_unit(int64_t measure)
{
	return (uint8_t)(measure == AMOUNT_NONE ? UNIT_KG : UNIT_KG + measure);
}

static struct need make_need(const struct record_need *r)
{
	struct need n = {
		.unit = compile_unit(r->unit),
		.above = r->above == 1,
		.none = r->none == 1,
		.alone = r->per == 1,
		.threshold = r->threshold == AMOUNT_NONE
				     ? NEED_AS_BOOK
				     : (enum need_threshold)(NEED_ORIGINAL + r->threshold),
		.tax = r->tax == AMOUNT_NONE ? NEED_TAX_AS_BOOK
					     : (enum need_tax)(NEED_TAX_AS_PRICED + r->tax),
	};

	if (r->amount.minor != AMOUNT_NONE) {
		n.kind = NEED_AMOUNT;
		n.least = r->amount.minor;
	} else if (r->measure.micro != AMOUNT_NONE) {
		n.kind = NEED_MEASURE;
		n.least = r->measure.micro;
	} else {
		n.kind = NEED_QUANTITY;
		n.least = n.none ? 0 : r->quantity;
	}
	return n;
}

static enum err make_needs(const struct compile *c, struct promotion *out)
{
	const struct record_need *from = c->record->needs.at;
	size_t count = c->record->needs.count;
	struct need *needs = count ? arena_get(c->arena, count * sizeof(*needs)) : NULL;
	enum err e = ERR_OK;

	if (count && !needs)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < count && !e; i++) {
		needs[i] = make_need(&from[i]);
		e = compile_selector(c, from[i].select, "select", &needs[i].of);
		if (e && e != ERR_MEMORY)
			why_prefix(c->why, "needs[%zu].", i);
	}
	out->needs = needs;
	out->need_count = (uint32_t)count;
	return e;
}

static uint8_t weekday_mask(const struct list *weekdays)
{
	const char *const *at = weekdays->at;
	unsigned mask = 0;

	for (size_t i = 0; i < weekdays->count; i++)
		mask |= 1u << record_weekday(at[i]);
	return (uint8_t)mask;
}

static enum err make_when(const struct compile *c, struct promotion *out)
{
	const struct record_when *r = c->record->when;
	const struct stamp open = {.seconds = AMOUNT_NONE};

	out->window = r ? builder_window(r->from, r->to) : builder_window(open, open);
	if (!r)
		return ERR_OK;
	out->weekdays = weekday_mask(&r->weekdays);
	out->sure_clock = r->uncertain_clock == 1;
	if (r->hours.count == 0)
		return ERR_OK;
	const struct record_hours *from = r->hours.at;
	struct hours *hours = arena_get(c->arena, r->hours.count * sizeof(*hours));
	if (!hours)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < r->hours.count; i++) {
		int64_t to = from[i].to < 86400 ? from[i].to : 86399; /* 24:00 is the end of the day */
		hours[i] = (struct hours){.from = (int32_t)from[i].from, .to = (int32_t)to};
	}
	out->hours = hours;
	out->hours_count = (uint32_t)r->hours.count;
	return ERR_OK;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum err compile_texts(const struct compile *c, const struct list *texts, struct names *out)
{
	const char *const *from = texts->at;
	const char **all = texts->count ? arena_get(c->arena, texts->count * sizeof(*all)) : NULL;

	*out = (struct names){.at = all, .count = (uint32_t)texts->count};
	if (texts->count == 0)
		return ERR_OK;
	if (!all)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < texts->count; i++) {
		all[i] = arena_text(c->arena, from[i], strlen(from[i]));
		if (!all[i])
			return builder_no_memory(c->why);
	}
	qsort(all, texts->count, sizeof(*all), by_text);
	return ERR_OK;
}

static int64_t or_zero(int64_t number)
{
	return number == AMOUNT_NONE ? 0 : number;
}

static enum err make_who(const struct compile *c, const struct record_who *who, struct promotion *out)
{
	enum err e = compile_ids(c, &c->catalog->segments, &who->segments, "who.segments", &out->segments);

	if (!e)
		e = compile_texts(c, &who->customers, &out->customers);
	if (!e)
		e = compile_texts(c, &who->plans, &out->plans);
	if (!e && who->orders)
		out->orders = (struct order_numbers){.from = or_zero(who->orders->from),
						     .to = or_zero(who->orders->to),
						     .every = or_zero(who->orders->every)};
	return e;
}

static enum err make_scope(const struct compile *c, struct promotion *out)
{
	const struct record_who *who = c->record->who;
	const struct record_where *where = c->record->where;
	const struct catalog *catalog = c->catalog;
	enum err e = ERR_OK;

	if (who)
		e = make_who(c, who, out);
	if (where && !e)
		e = compile_ids(c, &catalog->channels, &where->channels, "where.channels", &out->channels);
	if (where && !e)
		e = compile_ids(c, &catalog->stores, &where->stores, "where.stores", &out->stores);
	return e;
}

static const char *copy(const struct compile *c, const char *text)
{
	return arena_text(c->arena, text, strlen(text));
}

/* The engine's sense: lower goes first. */
static int64_t priority_of(const struct compile *c, const struct record_stacking *stacking)
{
	int64_t priority = stacking ? stacking->priority : 100;

	return c->catalog->settings.higher_first ? -priority : priority;
}

/* A lane shows promotions with every scan, so what it shows of them is written once. */
static enum err make_shown(const struct compile *c, const char *id, const char *text, const char **shown,
			   size_t *length)
{
	static const char head[] = "{", tail[] = "}\n";
	const size_t around = sizeof(head) - 1 + sizeof(tail) - 1;
	struct buf out;
	struct jsonw w;
	enum err e;

	buf_init(&out, SHOWN_MAX);
	jsonw_begin(&w, &out);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "promotion", id);
	jsonw_text(&w, "text", text);
	jsonw_close(&w);
	e = jsonw_end(&w);
	if (!e) {
		*length = buf_length(&out) - around;
		*shown = arena_text(c->arena, (const char *)buf_front(&out) + sizeof(head) - 1, *length);
	}
	buf_free(&out);
	return !e && *shown ? ERR_OK : builder_no_memory(c->why);
}

static enum err make_labels(const struct compile *c, struct promotion *out)
{
	const struct keyed_text *texts = c->record->texts.at;
	size_t count = c->record->texts.count;
	struct label *labels = count ? arena_get(c->arena, count * sizeof(*labels)) : NULL;
	enum err e = ERR_OK;

	if (count && !labels)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < count && !e; i++) {
		labels[i] = (struct label){.language = copy(c, texts[i].key), .text = copy(c, texts[i].text)};
		if (!labels[i].language || !labels[i].text)
			return builder_no_memory(c->why);
		e = make_shown(c, out->id, labels[i].text, &labels[i].shown, &labels[i].shown_length);
	}
	out->labels = labels;
	out->label_count = (uint32_t)count;
	return e;
}

/* What the customer reads if nobody asks for another language. */
static enum err make_text(const struct compile *c, struct promotion *out)
{
	enum err e = make_labels(c, out);

	if (e)
		return e;
	out->text = promotion_text(out, c->catalog->settings.language);
	return make_shown(c, out->id, out->text, &out->shown, &out->shown_length);
}

static void make_limits(const struct compile *c, struct promotion *out)
{
	const struct record_limits *r = c->record->limits;
	const struct settings *book = &c->catalog->settings;

	out->first = book->units_first;
	if (r) {
		out->times = r->times;
		out->max_discount = r->max_discount;
		out->units = or_zero(r->units);
		out->uses = or_zero(r->uses);
		out->customer_uses = or_zero(r->customer_uses);
		out->budget.minor = or_zero(r->budget.minor);
		if (r->first != AMOUNT_NONE)
			out->first = (enum piece_order)r->first;
	}
	if (out->times == AMOUNT_NONE && book->repeats == REPEATS_ONCE)
		out->times = 1;
}

static enum err make_head(const struct compile *c, const struct kept *k, struct promotion *out)
{
	const struct record_promotion *r = c->record;
	const struct record_stacking *stacking = r->stacking;
	uint8_t *body = arena_get(c->arena, k->length);

	*out = (struct promotion){
		.id = copy(c, r->id),
		.name = copy(c, r->name),
		.text = copy(c, r->text ? r->text : r->name),
		.status = (enum promotion_status)r->status,
		.coupon = r->coupon == 1,
		.times = AMOUNT_NONE,
		.max_discount = MONEY_NONE,
		.stackable = !stacking || stacking->stackable == 1,
		.priority = priority_of(c, stacking),
		.group_name = stacking && stacking->group ? copy(c, stacking->group) : NULL,
		.base = stacking ? (enum promotion_base)stacking->base : BASE_RUNNING,
		.margin_floor = r->margin && r->margin->floor.ppm > 0 ? r->margin->floor : (struct rate){0},
		.on_breach = r->margin ? (enum on_breach)r->margin->on_breach : BREACH_REDUCE,
		.uplift = r->margin && r->margin->uplift.micro > 0 ? r->margin->uplift.micro : QTY_ONE.micro,
		.hard_floor =
			r->margin && r->margin->hard_floor.ppm > 0 ? r->margin->hard_floor : (struct rate){0},
		.body = body,
		.body_length = k->length,
	};
	if (!body || !out->id || !out->name || !out->text ||
	    (stacking && stacking->group && !out->group_name))
		return builder_no_memory(c->why);
	memcpy(body, k->body, k->length);
	make_limits(c, out);
	return make_text(c, out);
}

static enum err check_margin(const struct compile *c, const struct promotion *p)
{
	enum err e = c->partial ? ERR_OK : builder_check_floor(c->catalog, p->margin_floor, c->why);

	if (e)
		why_prefix(c->why, "margin.floor: ");
	if (e || c->partial)
		return e;
	e = builder_check_floor(c->catalog, p->hard_floor, c->why);
	if (e)
		why_prefix(c->why, "margin.hard_floor: ");
	return e;
}

/* c->record lies in the record, which is decoded anew. */
static enum err compile(const struct compile *c, const struct kept *k, struct arena *scratch,
			struct record *record, struct promotion *out)
{
	enum err e = builder_decode(k, RECORD_PROMOTION, scratch, record, c->why);

	if (!e)
		e = make_head(c, k, out);
	if (!e)
		e = make_when(c, out);
	if (!e)
		e = make_scope(c, out);
	if (!e)
		e = make_needs(c, out);
	if (!e)
		e = compile_gives(c, out);
	if (!e)
		e = check_margin(c, out);
	if (!e)
		promotion_settle(out);
	if (!e && !c->partial)
		e = promotion_check_sense(c->catalog, out, c->why);
	if (e && e != ERR_MEMORY)
		return builder_blame(c->why, e, k->line, RECORD_PROMOTION, c->record->id);
	return e;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct promotion *)a)->id, ((const struct promotion *)b)->id);
}

static int by_group(const void *a, const void *b)
{
	const struct promotion *const *x = a, *const *y = b;

	return strcmp((*x)->group_name, (*y)->group_name);
}

/* Which numbers groups get does not matter: the engine only asks whether two are the same. */
static enum err number_groups(struct promotion *all, uint32_t count, struct arena *scratch, struct why *why)
{
	struct promotion **grouped = arena_get(scratch, (count + 1) * sizeof(struct promotion *));
	uint32_t n = 0, number = 0;

	if (!grouped)
		return builder_no_memory(why);
	for (uint32_t i = 0; i < count; i++)
		if (all[i].group_name)
			grouped[n++] = &all[i];
	qsort(grouped, n, sizeof(struct promotion *), by_group);
	for (uint32_t i = 0; i < n; i++) {
		number += i == 0 || by_group(&grouped[i - 1], &grouped[i]) != 0;
		grouped[i]->group = number;
	}
	return ERR_OK;
}

static enum err order_turns(const struct settings *s, struct promotion *all, uint32_t count,
			    struct arena *scratch, struct why *why)
{
	uint32_t *order = arena_get(scratch, (2 * (size_t)count + 1) * sizeof(*order));

	if (!order)
		return builder_no_memory(why);
	promotions_order(s, all, count, order, order + count);
	return ERR_OK;
}

enum err promotions_make(struct catalog *c, const struct kept *from, uint32_t count, bool partial,
			 struct arena *a, struct why *why)
{
	struct promotion *all = arena_get(a, (count + 1) * sizeof(*all));
	struct record record;
	const struct compile each = {
		.catalog = c, .partial = partial, .arena = a, .record = &record.as.promotion, .why = why};
	struct arena scratch = ARENA_EMPTY;
	enum err e = ERR_OK;

	if (!all)
		return builder_no_memory(why);
	for (uint32_t i = 0; i < count && !e; i++) {
		arena_reset(&scratch);
		e = compile(&each, &from[i], &scratch, &record, &all[i]);
	}
	qsort(all, e ? 0 : count, sizeof(*all), by_id);
	if (!e)
		e = number_groups(all, count, &scratch, why);
	if (!e)
		e = order_turns(&c->settings, all, count, &scratch, why);
	arena_free(&scratch);
	if (e)
		return e;
	c->promotions = all;
	c->promotion_count = count;
	return ERR_OK;
}
