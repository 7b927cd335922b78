/*
 * Promotions compiled: names to ids, defaults filled in, selectors resolved. Sorted by id.
 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "jsonw.h"

#define SHOWN_MAX (16UL * RECORD_TEXT_MAX) /* id and text, every byte escaped */

/* Compiling one. */
struct compile {
	const struct catalog *catalog; /* all of it but the promotions */
	bool partial;		       /* an extract's */
	struct arena *arena;
	const struct record_promotion *record;
	struct why *why;
};

/* Puts the path of the field before the reason, then the line. Nothing to do without an error. */
static enum err in_field(const struct compile *c, enum err e, const char *list, size_t i)
{
	if (e && e != ERR_MEMORY)
		why_prefix(c->why, "%s[%zu].select.", list, i);
	return e;
}

/*
 * An article or category that the records do not hold. In an extract the term stays, with an id that no
 * article of it has: without it, a selector might be left without terms, and mean everything.
 */
static enum err unknown(const struct compile *c, const char *field, const char *what, const char *name)
{
	if (c->partial)
		return ERR_OK;
	return fail(c->why, ERR_NOT_FOUND, "%s: there is no %s '%s'", field, what, name);
}

/* The terms a list of texts makes, behind those that are there already. */
struct term_source {
	const struct list *texts;
	enum term_kind kind;
	const struct names *names; /* NULL: articles and categories have tables of their own */
	const char *field, *what;  /* for errors */
};

static uint32_t find_term(const struct compile *c, const struct term_source *s, const char *name)
{
	uint32_t item;

	if (s->names)
		return find_name(s->names, name);
	if (s->kind == TERM_CATEGORY)
		return find_category(c->catalog, name);
	return catalog_find_sku(c->catalog, name, &item) ? CATALOG_NONE : item;
}

static enum err add_terms(const struct compile *c, const struct term_source *s, struct term *out,
			  uint32_t *count)
{
	const char *const *names = s->texts->at;

	for (size_t i = 0; i < s->texts->count; i++) {
		uint32_t id = find_term(c, s, names[i]);
		enum err e = id == CATALOG_NONE ? unknown(c, s->field, s->what, names[i]) : ERR_OK;
		if (e)
			return e;
		out[(*count)++] = (struct term){.kind = s->kind, .id = id};
	}
	return ERR_OK;
}

static enum err make_terms(const struct compile *c, const struct list *skus, const struct list *categories,
			   const struct list *brands, const struct list *tags, const struct list *suppliers,
			   const struct term **out, uint32_t *count)
{
	const struct catalog *catalog = c->catalog;
	const struct term_source sources[] = {
		{skus, TERM_ITEM, NULL, "skus", "article"},
		{categories, TERM_CATEGORY, NULL, "categories", "category"},
		{brands, TERM_BRAND, &catalog->brands, "brands", "brand"},
		{tags, TERM_TAG, &catalog->tags, "tags", "tag"},
		{suppliers, TERM_SUPPLIER, &catalog->suppliers, "suppliers", "supplier"},
	};
	size_t all = skus->count + categories->count + brands->count + tags->count + suppliers->count;
	struct term *terms = all ? arena_get(c->arena, all * sizeof(*terms)) : NULL;

	*out = terms;
	*count = 0;
	if (all && !terms)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]) && terms; i++) {
		enum err e = add_terms(c, &sources[i], terms, count);
		if (e)
			return e;
	}
	return ERR_OK;
}

static enum err make_selector(const struct compile *c, const struct record_selector *r, struct selector *out)
{
	*out = (struct selector){0};
	if (!r)
		return ERR_OK;
	enum err e = make_terms(c, &r->skus, &r->categories, &r->brands, &r->tags, &r->suppliers,
				&out->include, &out->includes);
	if (e || !r->except)
		return e;
	const struct record_terms *x = r->except;
	e = make_terms(c, &x->skus, &x->categories, &x->brands, &x->tags, &x->suppliers, &out->exclude,
		       &out->excludes);
	if (e && e != ERR_MEMORY)
		why_prefix(c->why, "except.");
	return e;
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
		bool pieces = from[i].quantity != AMOUNT_NONE;
		needs[i].kind = pieces ? NEED_QUANTITY : NEED_AMOUNT;
		needs[i].least = pieces ? from[i].quantity : from[i].amount.minor;
		e = in_field(c, make_selector(c, from[i].select, &needs[i].of), "needs", i);
	}
	out->needs = needs;
	out->need_count = (uint32_t)count;
	return e;
}

static struct give make_give(const struct record_give *r)
{
	return (struct give){
		.kind = (enum give_kind)r->kind,
		.rate = r->percent.ppm == AMOUNT_NONE ? RATE_ONE : r->percent,
		.amount = r->amount,
		.per = r->per == AMOUNT_NONE ? PER_ONCE : (enum amount_per)r->per,
		.buy = r->buy,
		.get = r->get,
	};
}

static enum err make_gives(const struct compile *c, struct promotion *out)
{
	const struct record_give *from = c->record->gives.at;
	size_t count = c->record->gives.count;
	struct give *gives = arena_get(c->arena, count * sizeof(*gives));
	enum err e = ERR_OK;

	if (!gives)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < count && !e; i++) {
		gives[i] = make_give(&from[i]);
		if (from[i].select)
			e = in_field(c, make_selector(c, from[i].select, &gives[i].on), "gives", i);
		else if (out->need_count > 0)
			gives[i].on = out->needs[0].of;
	}
	out->gives = gives;
	out->give_count = (uint32_t)count;
	return e;
}

static uint8_t weekday_mask(const struct list *weekdays)
{
	static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	const char *const *at = weekdays->at;
	unsigned mask = 0;

	for (size_t i = 0; i < weekdays->count; i++) {
		for (unsigned day = 0; day < 7; day++)
			mask |= (unsigned)(strcmp(at[i], names[day]) == 0) << day;
	}
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

/* Free words that a list of texts names, as ids. */
static enum err make_ids(const struct compile *c, const struct names *names, const struct list *texts,
			 const char *field, struct ids *out)
{
	enum err e = find_ids(names, texts, c->arena, out, c->why);

	if (e && e != ERR_MEMORY)
		why_prefix(c->why, "%s: ", field);
	return e;
}

static enum err make_scope(const struct compile *c, struct promotion *out)
{
	const struct record_who *who = c->record->who;
	const struct record_where *where = c->record->where;
	const struct catalog *catalog = c->catalog;
	enum err e = ERR_OK;

	if (who)
		e = make_ids(c, &catalog->segments, &who->segments, "who.segments", &out->segments);
	if (where && !e)
		e = make_ids(c, &catalog->channels, &where->channels, "where.channels", &out->channels);
	if (where && !e)
		e = make_ids(c, &catalog->stores, &where->stores, "where.stores", &out->stores);
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
static enum err make_shown(const struct compile *c, struct promotion *out)
{
	static const char head[] = "{", tail[] = "}\n";
	const size_t around = sizeof(head) - 1 + sizeof(tail) - 1;
	struct buf text;
	struct jsonw w;
	enum err e;

	buf_init(&text, SHOWN_MAX);
	jsonw_begin(&w, &text);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "promotion", out->id);
	jsonw_text(&w, "text", out->text);
	jsonw_close(&w);
	e = jsonw_end(&w);
	if (!e) {
		out->shown_length = buf_length(&text) - around;
		out->shown = arena_text(c->arena, (const char *)buf_front(&text) + sizeof(head) - 1,
					out->shown_length);
	}
	buf_free(&text);
	return out->shown ? ERR_OK : builder_no_memory(c->why);
}

static enum err make_head(const struct compile *c, const struct kept *k, struct promotion *out)
{
	const struct record_promotion *r = c->record;
	const struct record_limits *limits = r->limits;
	const struct record_stacking *stacking = r->stacking;
	uint8_t *body = arena_get(c->arena, k->length);

	*out = (struct promotion){
		.id = copy(c, r->id),
		.name = copy(c, r->name),
		.text = copy(c, r->text ? r->text : r->name),
		.status = (enum promotion_status)r->status,
		.coupon = r->coupon == 1,
		.times = limits ? limits->times : AMOUNT_NONE,
		.max_discount = limits ? limits->max_discount : MONEY_NONE,
		.stackable = !stacking || stacking->stackable == 1,
		.priority = priority_of(c, stacking),
		.group_name = stacking && stacking->group ? copy(c, stacking->group) : NULL,
		.base = stacking ? (enum promotion_base)stacking->base : BASE_RUNNING,
		.margin_floor = r->margin && r->margin->floor.ppm > 0 ? r->margin->floor : (struct rate){0},
		.on_breach = r->margin ? (enum on_breach)r->margin->on_breach : BREACH_REDUCE,
		.body = body,
		.body_length = k->length,
	};
	if (!body || !out->id || !out->name || !out->text ||
	    (stacking && stacking->group && !out->group_name))
		return builder_no_memory(c->why);
	memcpy(body, k->body, k->length);
	return make_shown(c, out);
}

static enum err check_margin(const struct compile *c, const struct promotion *p)
{
	enum err e = c->partial ? ERR_OK : builder_check_floor(c->catalog, p->margin_floor, c->why);

	if (e)
		why_prefix(c->why, "margin.floor: ");
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
		e = make_gives(c, out);
	if (!e)
		e = check_margin(c, out);
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
	arena_free(&scratch);
	if (e)
		return e;
	c->promotions = all;
	c->promotion_count = count;
	return ERR_OK;
}
