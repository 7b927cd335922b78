/*
 * The history of prices, promotions and subscriptions. See history.h.
 */
#include "history.h"

#include <stdio.h>
#include <string.h>

#include "civil.h"
#include "clock.h"
#include "history_ends.h"
#include "history_own.h"
#include "screen.h"
#include "view.h"

#define LINE_BYTES   4194304
#define LAST_DEFAULT 20

struct show {
	const struct ctl *ctl;
	bool prices;
	char currency[4];
	struct table *table;
	struct buf line;
	json_t *all;		/* [key, event], the oldest first */
	struct history_own own; /* of this box; so many of them were shown */
	size_t own_shown;
	struct history_ends ends; /* of the catalog's */
};

bool history_last(const struct ctl *ctl, int64_t *last)
{
	long long count = LAST_DEFAULT;
	bool fine = ctl_count(ctl, "last", &count);

	*last = count;
	return fine;
}

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

/* Where a price is from: its list and volume break, or the override. */
static const char *price_source(const json_t *event, char *out, size_t size)
{
	const json_t *p = json_object_get(event, "payload");

	if (json_object_get(p, "overrideId"))
		snprintf(out, size, "by hand, %s", text_of(p, "overrideId"));
	else if (json_object_get(p, "fromQuantity"))
		snprintf(out, size, "%s, from %s", text_of(event, "list"), text_of(p, "fromQuantity"));
	else
		snprintf(out, size, "%s", text_of(event, "list"));
	return out;
}

/* What waits for approval, or was decided: of an article, or of a currency's rate. */
static void say_change(const json_t *p, const char *what, const char *before, const char *after, char *out,
		       size_t size)
{
	const char *by = text_of(p, "decidedBy");
	bool rate = json_object_get(p, "newRate") != NULL;

	if (rate && !*before)
		before = text_of(p, *text_of(p, "oldRate") ? "oldRate" : "previousRate");
	snprintf(out, size, "%s %s to %s%s%s (%s)", rate ? "exchange rate" : what, or_dash(before),
		 or_dash(rate ? text_of(p, "newRate") : after), *by ? ", by " : "", by,
		 text_of(p, "approvalId"));
}

typedef void say_one_fn(const json_t *one, char *out, size_t size);

/* "10: 5 %" */
static void say_grid_step(const json_t *step, char *out, size_t size)
{
	snprintf(out, size, "%s: %s %%", text_of(step, "fromQuantity"), text_of(step, "discountPct"));
}

static void say_name(const json_t *name, char *out, size_t size)
{
	snprintf(out, size, "%s", json_string_value(name));
}

/* A comma between them; "-": there are none. */
static void say_list(const json_t *list, say_one_fn *say_one, char *out, size_t size)
{
	size_t i, used = 0;
	json_t *one;

	snprintf(out, size, "-");
	json_array_foreach (list, i, one) {
		char text[64];

		say_one(one, text, sizeof(text));
		if (used < size)
			used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", text);
	}
}

static void say_lists(const json_t *before, const json_t *after, say_one_fn *say_one, char *out, size_t size)
{
	char was[150], is[150];

	say_list(before, say_one, was, sizeof(was));
	say_list(after, say_one, is, sizeof(is));
	snprintf(out, size, "%s to %s", was, is);
}

static void say_rule(const json_t *p, char *out, size_t size)
{
	size_t n = json_array_size(json_object_get(p, "affectedProductIds"));

	if (n > 0)
		snprintf(out, size, "%s, articles: %zu", text_of(p, "ruleType"), n);
	else
		snprintf(out, size, "%s, on every article", text_of(p, "ruleType"));
}

/* What happened, in a few words. */
static void say(const json_t *event, char *out, size_t size)
{
	const json_t *p = json_object_get(event, "payload");
	const char *name = text_of(event, "event");
	char source[200];

	if (strcmp(name, "PriceChanged") == 0)
		snprintf(out, size, "%s to %s (%s)", or_dash(text_of(p, "oldPrice")),
			 or_dash(text_of(p, "newPrice")), price_source(event, source, sizeof(source)));
	else if (strcmp(name, "ImportCostUpdated") == 0)
		snprintf(out, size, "cost %s to %s", or_dash(text_of(p, "previousCost")),
			 text_of(p, "newCost"));
	else if (strncmp(name, "Promotion", 9) == 0)
		snprintf(out, size, "%s: %s", text_of(p, "type"), text_of(p, "discount"));
	else if (strcmp(name, "PriceRuleActivated") == 0)
		say_rule(p, out, size);
	else if (strncmp(name, "Approval", 8) == 0)
		say_change(p, text_of(p, "subject"), text_of(p, "oldValue"), text_of(p, "newValue"), out,
			   size);
	else if (strcmp(name, "CostAnomalyDetected") == 0)
		say_change(p, "cost", text_of(p, "previousCost"), text_of(p, "newCost"), out, size);
	else if (strcmp(name, "PriceGridChanged") == 0)
		say_lists(json_object_get(p, "oldGrid"), json_object_get(p, "newGrid"), say_grid_step, out,
			  size);
	else if (strcmp(name, "CustomerSegmentsChanged") == 0)
		say_lists(json_object_get(p, "oldSegments"), json_object_get(p, "newSegments"), say_name, out,
			  size);
	else
		snprintf(out, size, "%s to %s", or_dash(text_of(p, "fromPlan")),
			 or_dash(text_of(p, "toPlan")));
}

static void add_row(struct show *s, const char *key, const json_t *event)
{
	const json_t *p = json_object_get(event, "payload");
	char when[32], what[400];

	table_cell(s->table, view_time(text_of(event, "at"), when));
	if (s->prices) {
		table_cell(s->table, price_source(event, what, sizeof(what)));
		table_cell(s->table, or_dash(text_of(p, "oldPrice")));
		table_cell(s->table, or_dash(text_of(p, "newPrice")));
		table_cell(s->table, or_dash(text_of(p, "marginImpact")));
		table_cell(s->table, or_dash(text_of(p, "userId")));
		table_cell(s->table, or_dash(text_of(p, "changeReason")));
		return;
	}
	say(event, what, sizeof(what));
	table_cell(s->table, text_of(event, "event"));
	table_cell(s->table, key);
	table_cell(s->table, what);
}

static enum err show_one(struct show *s, const struct shop_event *e, struct why *why)
{
	struct jsonw w;
	json_t *json;

	buf_cut(&s->line, 0);
	jsonw_begin(&w, &s->line);
	jsonw_object(&w, NULL);
	shop_event_to_json(e, s->currency, &w);
	jsonw_close(&w);
	if (jsonw_end(&w) != ERR_OK)
		return fail(why, ERR_LIMIT, "the event is too large");
	json = json_loadb((const char *)buf_front(&s->line), buf_length(&s->line), 0, NULL);
	json_array_append_new(s->all, json_pack("[s, o]", e->key, json));
	return ERR_OK;
}

/* The newest of all; what is of the catalog and what is of the box were so many each. */
static void print_newest(struct show *s, size_t last)
{
	size_t count = json_array_size(s->all);

	for (size_t i = count > last ? count - last : 0; i < count; i++) {
		const json_t *one = json_array_get(s->all, i);
		json_t *event = json_array_get(one, 1);

		if (s->ctl->json)
			ctl_print(json_incref(event));
		else
			add_row(s, json_string_value(json_array_get(one, 0)), event);
	}
}

/* The box's own up to that moment. */
static enum err show_own(struct show *s, int64_t at_s, struct why *why)
{
	enum err e = ERR_OK;

	while (!e && s->own_shown < s->own.count && s->own.at[s->own_shown].at_s <= at_s)
		e = show_one(s, &s->own.at[s->own_shown++], why);
	return e;
}

/* Everything else that was before that moment. */
static enum err show_until(struct show *s, int64_t at_s, struct why *why)
{
	struct shop_event end;
	enum err e = ERR_OK;

	while (!e && history_ends_next(&s->ends, at_s, &end)) {
		e = show_own(s, end.at_s, why);
		if (!e)
			e = show_one(s, &end, why);
	}
	return e ? e : show_own(s, at_s, why);
}

static enum err show_event(int64_t id, const struct shop_event *e, void *arg, struct why *why)
{
	struct show *s = arg;
	enum err error = show_until(s, e->at_s, why);

	(void)id;
	if (!error)
		error = history_ends_note(&s->ends, e);
	return error ? error : show_one(s, e, why);
}

static enum err take_currency(const struct record *r, void *arg, struct why *why)
{
	struct show *s = arg;

	(void)why;
	snprintf(s->currency, sizeof(s->currency), "%s", r->as.book.currency);
	return ERR_OK;
}

static enum err show_all(struct show *s, const char *path, const struct event_query *q, struct why *why)
{
	struct catalog_store *store;
	enum err e = catalog_store_open_reader(path, &store, why);

	if (e)
		return e;
	e = catalog_store_each(store, RECORD_BOOK, take_currency, s, why);
	if (!e)
		e = catalog_store_events(store, q, show_event, s, why);
	if (!e)
		e = show_until(s, clock_utc_ms(&clock_system) / 1000 + 1, why);
	if (!e)
		e = show_own(s, INT64_MAX, why);
	catalog_store_close(store);
	return e;
}

/* The newest of an article, as many as are asked for. */
static enum ctl_exit read_own(struct ctl *ctl, const struct event_query *q, struct show *s)
{
	enum ctl_exit e = CTL_DONE;

	if (!q->key || (q->type && q->type != SHOP_PRICE_CHANGED))
		return e;
	e = history_own_read(ctl, q->key, &s->own);
	if (s->own.count > (size_t)q->last)
		s->own_shown = s->own.count - (size_t)q->last;
	return e;
}

enum ctl_exit history_show(struct ctl *ctl, const struct event_query *q, bool prices)
{
	static const char *const of_prices[] = {"<TIME",   "<LIST", ">FROM",  ">TO",
						">MARGIN", "<BY",   "~REASON"};
	static const char *const of_all[] = {"<TIME", "<EVENT", "<OF", "~WHAT"};
	const char *path = ctl_database(ctl, "catalog.db");
	struct show s = {.ctl = ctl, .prices = prices, .ends.arena = ARENA_EMPTY};
	struct why why = {0};
	enum ctl_exit exit;
	enum err e;
	bool any;

	if (!path)
		return CTL_USAGE;
	exit = read_own(ctl, q, &s);
	if (exit != CTL_DONE)
		return exit;
	buf_init(&s.line, LINE_BYTES);
	s.all = json_array();
	s.table = prices ? table_new(of_prices, 7) : table_new(of_all, 4);
	e = show_all(&s, path, q, &why);
	buf_free(&s.line);
	history_own_free(&s.own);
	history_ends_free(&s.ends);
	any = json_array_size(s.all) > 0;
	if (!e)
		print_newest(&s, (size_t)q->last);
	json_decref(s.all);
	if (e || ctl->json || !any)
		table_free(s.table);
	else
		table_print(s.table);
	if (!e && !any && !ctl->json)
		puts("Nothing is known to have changed.");
	return e ? ctl_fail(CTL_FAILED, "%s", why.text) : CTL_DONE;
}
