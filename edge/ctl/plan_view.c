/*
 * Plans, what a customer has, and quotes, for people and for programs. See plan_view.h.
 */
#include "plan_view.h"

#include <stdio.h>
#include <string.h>

#include "civil.h"
#include "screen.h"
#include "zone.h"

#define LINE_MAX_BYTES 1048576
#define DAY_S	       INT64_C(86400)

static const char *amount(const struct plans *plans, struct money m, char out[DECIMAL_TEXT_MAX])
{
	unsigned exponent = book_exponent(&plans->book);

	if (m.minor == AMOUNT_NONE)
		return "-";
	decimal_format(m.minor, exponent, exponent, out);
	return out;
}

/* "6: 5 %, 12: 10 %" */
static void durations_text(const struct record_plan *p, char *out, size_t size)
{
	const struct record_duration *at = p->durations.at;
	size_t n = 0;

	snprintf(out, size, "-");
	for (size_t i = 0; i < p->durations.count && n < size; i++) {
		char percent[DECIMAL_TEXT_MAX];

		decimal_format(at[i].percent.ppm, RATE_PERCENT_EXPONENT, 0, percent);
		n += (size_t)snprintf(out + n, size - n, "%s%lld: %s %%", i ? ", " : "",
				      (long long)at[i].months, percent);
	}
}

static void texts_text(const struct list *texts, char *out, size_t size)
{
	const char *const *at = texts->at;
	size_t n = 0;

	snprintf(out, size, "-");
	for (size_t i = 0; i < texts->count && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s", i ? ", " : "", at[i]);
}

void plan_print_list(const struct plans *plans)
{
	static const char *const headers[] = {"<PLAN",	 "~NAME",  ">LEVEL",   ">FEE",	">CREDIT",
					      "<MONTHS", "<UP TO", "<DOWN TO", "~PERKS"};
	struct table *t = table_new(headers, 9);
	char text[512];

	for (size_t i = 0; i < plans->count; i++) {
		const struct record_plan *p = &plans->at[i];
		char decimal[DECIMAL_TEXT_MAX];

		table_cell(t, p->id);
		table_cell(t, p->name ? p->name : p->id);
		table_cell_int(t, p->level);
		table_cell(t, amount(plans, p->fee, decimal));
		table_cell(t, amount(plans, p->credit, decimal));
		durations_text(p, text, sizeof(text));
		table_cell(t, text);
		texts_text(&p->upgrades, text, sizeof(text));
		table_cell(t, text);
		texts_text(&p->downgrades, text, sizeof(text));
		table_cell(t, text);
		texts_text(&p->perks, text, sizeof(text));
		table_cell(t, text);
	}
	table_print(t);
}

/* An object with "ok", to which fn adds its members, as a line on standard output. */
static enum ctl_exit print_json(const struct plans *plans,
				void (*fn)(const struct plans *plans, const void *of, struct jsonw *w),
				const void *of)
{
	struct jsonw w;
	struct buf line;
	enum err e;

	buf_init(&line, LINE_MAX_BYTES);
	jsonw_begin(&w, &line);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "ok", true);
	fn(plans, of, &w);
	jsonw_close(&w);
	e = jsonw_end(&w);
	if (!e)
		fwrite(buf_front(&line), 1, buf_length(&line), stdout);
	buf_free(&line);
	return e ? ctl_fail(CTL_FAILED, "the answer is too large") : CTL_DONE;
}

static struct record_context context_of(const struct plans *plans)
{
	return (struct record_context){.exponent = book_exponent(&plans->book)};
}

static void list_members(const struct plans *plans, const void *of, struct jsonw *w)
{
	const struct record_context c = context_of(plans);

	(void)of;
	jsonw_text(w, "currency", plans->book.currency);
	jsonw_array(w, "plans");
	for (size_t i = 0; i < plans->count; i++) {
		jsonw_object(w, NULL);
		record_to_json(record_schema(RECORD_PLAN), &plans->at[i], &c, w);
		jsonw_close(w);
	}
	jsonw_close(w);
}

void plan_read_standing(const struct plans *plans, const struct store_day *today, struct standing *s)
{
	struct why why;

	*s = (struct standing){0};
	subscribed_on(&plans->customer, today, &s->now);
	s->plan = plans_find(plans, s->now.plan);
	s->credit = s->plan && subscribed_credit(&plans->customer, s->plan, today, &s->month, &why) == ERR_OK;
}

static int64_t credit_left(const struct standing *s)
{
	int64_t left = s->month.granted.minor - s->spent.minor;

	return left > 0 ? left : 0;
}

static void day_member(struct jsonw *w, const char *name, int32_t day)
{
	char text[CIVIL_TEXT_MAX];

	civil_format(day * DAY_S, false, text);
	jsonw_text_n(w, name, text, 10);
}

static void show_members(const struct plans *plans, const void *of, struct jsonw *w)
{
	const struct record_customer *c = &plans->customer;
	const struct standing *s = of;
	const struct record_context context = context_of(plans);
	unsigned exponent = context.exponent;

	jsonw_text(w, "currency", plans->book.currency);
	jsonw_text(w, "plan", s->now.plan);
	if (s->credit) {
		jsonw_decimal(w, "credit", s->month.granted.minor, exponent, exponent);
		jsonw_decimal(w, "credit_spent", s->spent.minor, exponent, exponent);
		jsonw_decimal(w, "credit_left", credit_left(s), exponent, exponent);
		day_member(w, "credit_from", s->month.first);
		day_member(w, "credit_to", s->month.last);
	}
	jsonw_array(w, "perks");
	for (size_t i = 0; s->plan && i < s->plan->perks.count; i++)
		jsonw_text(w, NULL, ((const char *const *)s->plan->perks.at)[i]);
	jsonw_close(w);
	jsonw_object(w, "customer");
	record_to_json(record_schema(RECORD_CUSTOMER), c, &context, w);
	jsonw_close(w);
}

static const char *stamp_text(struct stamp t, char out[CIVIL_TEXT_MAX])
{
	int64_t s = t.local == 1 ? t.seconds : t.seconds + zone_offset_s(t.seconds);

	if (t.seconds == AMOUNT_NONE)
		return "-";
	civil_format(s, false, out);
	out[10] = '\0';
	return out;
}

void plan_print_standing(const struct plans *plans, const struct standing *s)
{
	const struct record_customer *c = &plans->customer;
	char from[CIVIL_TEXT_MAX], to[CIVIL_TEXT_MAX], text[512], decimal[DECIMAL_TEXT_MAX];

	screen_text(c->id);
	printf("  ");
	screen_text(c->name ? c->name : "");
	if (!s->now.plan) {
		puts("\nhas no plan today");
		return;
	}
	printf("\nplan %s, paid from %s to %s\n", s->now.plan, stamp_text(s->now.from, from),
	       stamp_text(s->now.to, to));
	if (s->credit) {
		civil_format(s->month.last * DAY_S, false, to);
		printf("basket credit %s %s, until %.10s", amount(plans, s->month.granted, decimal),
		       plans->book.currency, to);
		if (s->spent.minor > 0)
			printf(": %s spent", amount(plans, s->spent, decimal));
		if (s->spent.minor > 0)
			printf(", %s left", amount(plans, (struct money){credit_left(s)}, decimal));
		putchar('\n');
	}
	if (s->plan && s->plan->perks.count) {
		texts_text(&s->plan->perks, text, sizeof(text));
		fputs("perks: ", stdout);
		screen_text(text);
		putchar('\n');
	}
	if (c->next && s->now.plan != c->next->plan)
		printf("then plan %s, paid from %s to %s\n", c->next->plan, stamp_text(c->next->from, from),
		       stamp_text(c->next->to, to));
}

static void offer_members(const struct plans *plans, const void *of, struct jsonw *w)
{
	const struct record_context c = context_of(plans);

	record_to_json(&plan_offer_schema, of, &c, w);
}

void plan_print_offer(const struct plans *plans, const struct plan_offer *o)
{
	char fees[DECIMAL_TEXT_MAX], discount[DECIMAL_TEXT_MAX], due[DECIMAL_TEXT_MAX],
		credit[DECIMAL_TEXT_MAX], text[512];

	printf("%s for ", o->to_plan);
	screen_text(o->customer);
	printf(" (%s), %s to %s\n", plan_offer_change(o), o->from, o->to);
	printf("%lld month%s: %s", (long long)o->months, o->months == 1 ? "" : "s",
	       amount(plans, o->fees, fees));
	if (o->discount.minor)
		printf(" less %s", amount(plans, o->discount, discount));
	if (o->left != AMOUNT_NONE)
		printf("; at once, %lld of %lld days are left", (long long)o->left, (long long)o->days);
	else if (o->when)
		printf("; with the period that follows");
	printf("\n%s %s %s\n", o->refund.minor ? "to be given back" : "to be paid",
	       amount(plans, o->refund.minor ? o->refund : o->due, due), o->currency);
	printf("basket credit %s %s, %s to %s\n", amount(plans, o->credit, credit), o->currency,
	       o->credit_from, o->credit_to);
	texts_text(&o->perks, text, sizeof(text));
	if (o->perks.count) {
		fputs("perks: ", stdout);
		screen_text(text);
		putchar('\n');
	}
}

enum ctl_exit plan_print_list_json(const struct plans *plans)
{
	return print_json(plans, list_members, NULL);
}

enum ctl_exit plan_print_standing_json(const struct plans *plans, const struct standing *s)
{
	return print_json(plans, show_members, s);
}

enum ctl_exit plan_print_offer_json(const struct plans *plans, const struct plan_offer *o)
{
	return print_json(plans, offer_members, o);
}
