/*
 * Checks of records that their tables cannot express: one function a type. A reason begins with the path of
 * the field, put together from the inside out: "gives[1].percent: ...".
 */
#include "records.h"

#include <string.h>

#include "civil.h"
#include "engine.h"
#include "gtin.h"
#include "records_parts.h"

#define DAY_S 86400

/* Control characters (C0, DEL, C1) have no place in a name, and could drive the terminal that shows it. */
static bool has_control(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0))
			return true;
	}
	return false;
}

static enum err control(struct why *why, const char *field)
{
	return fail(why, ERR_INVALID, "%s: has a control character", field);
}

static enum err check_list_texts(const struct field *f, const struct list *l, struct why *why)
{
	const char *const *texts = l->at;

	for (size_t i = 0; i < l->count; i++) {
		if (has_control(texts[i]))
			return fail(why, ERR_INVALID, "%s[%zu]: has a control character", f->name, i);
	}
	return ERR_OK;
}

static enum err check_words(const struct field *f, const struct list *l, struct why *why)
{
	const struct keyed_text *words = l->at;

	for (size_t i = 0; i < l->count; i++) {
		if (has_control(words[i].key))
			return control(why, f->name);
		if (has_control(words[i].text))
			return fail(why, ERR_INVALID, "%s.%s: has a control character", f->name,
				    words[i].key);
	}
	return ERR_OK;
}

enum err record_check_texts(const struct schema *s, const void *in, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < s->count && !e; i++) {
		const struct field *f = &s->fields[i];
		const void *at = (const char *)in + f->offset;

		if (f->kind == FIELD_TEXT) {
			const char *text = *(const char *const *)at;
			if (text && has_control(text))
				e = control(why, f->name);
		} else if (f->kind == FIELD_STRUCT) {
			const void *inner = *(const void *const *)at;
			if (inner && (e = record_check_texts(f->of, inner, why)))
				why_prefix(why, "%s.", f->name);
		} else if (f->kind == FIELD_WORDS) {
			e = check_words(f, at, why);
		} else if (f->kind == FIELD_LIST && !f->of) {
			e = check_list_texts(f, at, why);
		} else if (f->kind == FIELD_LIST) {
			const struct list *l = at;
			for (size_t n = 0; n < l->count && !e; n++) {
				e = record_check_texts(f->of, (const char *)l->at + n * f->of->size, why);
				if (e)
					why_prefix(why, "%s[%zu].", f->name, n);
			}
		}
	}
	return e;
}

enum err record_check_window(struct stamp from, struct stamp to, struct why *why)
{
	bool both = from.seconds != AMOUNT_NONE && to.seconds != AMOUNT_NONE;

	if (both && from.local == to.local && from.seconds > to.seconds)
		return fail(why, ERR_INVALID, "to: is before from");
	return ERR_OK;
}

/* Letters, digits and -+_ in parts between single slashes: what zone files are called, and no way out of
 * them. */
static bool is_zone(const char *zone)
{
	static const char part[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+_";

	for (;;) {
		size_t n = strspn(zone, part);
		if (n == 0)
			return false;
		if (!zone[n])
			return true;
		if (zone[n] != '/')
			return false;
		zone += n + 1;
	}
}

static enum err check_language(const char *tag, const char *field, struct why *why)
{
	if (text_is_language(tag))
		return ERR_OK;
	return fail(why, ERR_INVALID, "%s: '%s' is no tag of a language, such as fr or pt-BR", field, tag);
}

static enum err check_book(const union record_any *r, struct why *why)
{
	const struct record_book *b = &r->book;
	unsigned exponent;

	if (currency_exponent(b->currency, &exponent))
		return fail(why, ERR_INVALID, "currency: '%s' is not an ISO 4217 code, such as EUR",
			    b->currency);
	if (b->semantics > ENGINE_SEMANTICS)
		return fail(
			why, ERR_NEWER,
			"semantics: the book wants version %lld and this tilld knows %d: upgrade tilld first",
			(long long)b->semantics, ENGINE_SEMANTICS);
	if (b->zone && !is_zone(b->zone))
		return fail(why, ERR_INVALID, "zone: '%s' is not an IANA zone name, such as Europe/Berlin",
			    b->zone);
	return b->language ? check_language(b->language, "language", why) : ERR_OK;
}

static enum err check_tax(const union record_any *r, struct why *why)
{
	bool rate = r->tax.rate.ppm != AMOUNT_NONE, amount = r->tax.amount.minor != AMOUNT_NONE;

	if (rate && amount)
		return fail(why, ERR_INVALID, "amount: a tax has a rate or an amount, not both");
	if (!rate && !amount)
		return fail(why, ERR_INVALID, "rate: missing; a tax has a rate or an amount");
	return ERR_OK;
}

static enum err check_floor(const union record_any *r, struct why *why)
{
	if (!r->floor.category && !r->floor.segment)
		return fail(why, ERR_INVALID,
			    "category: missing; a floor is for a category, a segment or both (that of all is "
			    "margin.floor of the 'book')");
	return ERR_OK;
}

static enum err check_category(const union record_any *r, struct why *why)
{
	const struct record_category *c = &r->category;

	if (c->parent && strcmp(c->parent, c->id) == 0)
		return fail(why, ERR_INVALID, "parent: '%s' cannot be its own parent", c->id);
	return ERR_OK;
}

/* GTINs compare as numbers: 012345678905 and 12345678905 with a zero before it are one. */
static enum err check_item(const union record_any *r, struct why *why)
{
	const char *const *gtins = r->item.gtins.at;
	uint64_t seen[64]; /* the table's bound */

	for (size_t i = 0; i < r->item.gtins.count && i < sizeof(seen) / sizeof(seen[0]); i++) {
		enum err e = gtin_parse(gtins[i], &seen[i], why);
		if (e) {
			why_prefix(why, "gtins[%zu]: ", i);
			return e;
		}
		for (size_t k = 0; k < i; k++) {
			if (seen[k] == seen[i])
				return fail(why, ERR_INVALID, "gtins[%zu]: '%s' is there twice", i, gtins[i]);
		}
	}
	return record_check_item_bounds(r, why);
}

static enum err check_weekdays(const struct list *weekdays, struct why *why)
{
	const char *const *days = weekdays->at;
	unsigned seen = 0;

	for (size_t i = 0; i < weekdays->count; i++) {
		unsigned day = record_weekday(days[i]);

		if (day == 7)
			return fail(why, ERR_INVALID,
				    "weekdays[%zu]: '%s' is none of mon, tue, wed, thu, fri, sat, sun", i,
				    days[i]);
		if (seen >> day & 1)
			return fail(why, ERR_INVALID, "weekdays[%zu]: '%s' is there twice", i, days[i]);
		seen |= 1u << day;
	}
	return ERR_OK;
}

/* Hours that pass midnight belong to the day before. */
static bool passes_midnight(const struct list *hours)
{
	const struct record_hours *at = hours->at;
	bool passes = false;

	for (size_t i = 0; i < hours->count; i++)
		passes |= at[i].from > at[i].to;
	return passes;
}

/* On the store's clock alone: an instant is on another day here than there. */
static enum err check_days_come(const struct record_when *w, struct why *why)
{
	const char *const *days = w->weekdays.at;
	int64_t day = w->from.seconds, last = w->to.seconds;
	unsigned wanted = 0;

	if (w->weekdays.count == 0 || day == AMOUNT_NONE || last == AMOUNT_NONE || !w->from.local ||
	    !w->to.local)
		return ERR_OK;
	for (size_t i = 0; i < w->weekdays.count; i++)
		wanted |= 1u << record_weekday(days[i]);
	day -= passes_midnight(&w->hours) ? DAY_S : 0;
	for (unsigned n = 0; n < 8 && day / DAY_S <= last / DAY_S; n++, day += DAY_S)
		if (wanted >> (civil_from_seconds(day).weekday - 1) & 1)
			return ERR_OK;
	return fail(why, ERR_INVALID, "weekdays: none of them is between from and to");
}

static enum err check_when(const struct record_when *w, struct why *why)
{
	const struct record_hours *hours = w->hours.at;
	enum err e = record_check_window(w->from, w->to, why);

	for (size_t i = 0; i < w->hours.count && !e; i++) {
		if (hours[i].from == hours[i].to)
			e = fail(why, ERR_INVALID, "hours[%zu].to: is the same as from", i);
	}
	if (!e)
		e = check_weekdays(&w->weekdays, why);
	if (!e)
		e = check_days_come(w, why);
	if (e)
		why_prefix(why, "when.");
	return e;
}

static enum err check_orders(const struct record_orders *o, struct why *why)
{
	if (o->from != AMOUNT_NONE && o->to != AMOUNT_NONE && o->to < o->from)
		return fail(why, ERR_INVALID, "who.orders.to: is before from");
	if (o->from == AMOUNT_NONE && o->to == AMOUNT_NONE && o->every == AMOUNT_NONE)
		return fail(why, ERR_INVALID, "who.orders: says nothing; give it from, to or every");
	return ERR_OK;
}

static enum err check_limits(const struct record_limits *l, struct why *why)
{
	if (l->first != AMOUNT_NONE && l->units == AMOUNT_NONE)
		return fail(why, ERR_INVALID, "limits.first: means nothing without units; leave it out");
	return ERR_OK;
}

#define LABEL_MAX 200 /* characters, as of a promotion's text */

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static enum err check_texts(const struct list *texts, struct why *why)
{
	const struct keyed_text *at = texts->at;

	for (size_t i = 0; i < texts->count; i++) {
		if (!text_is_language(at[i].key))
			return fail(why, ERR_INVALID,
				    "texts: '%s' is no tag of a language, such as fr or pt-BR", at[i].key);
		if (!at[i].text[0])
			return fail(why, ERR_INVALID, "texts.%s: is empty", at[i].key);
		if (characters(at[i].text) > LABEL_MAX)
			return fail(why, ERR_INVALID, "texts.%s: is longer than %d characters", at[i].key,
				    LABEL_MAX);
	}
	return ERR_OK;
}

static enum err check_times(const struct record_promotion *p, struct why *why)
{
	const struct record_give *gives = p->gives.at;
	bool groups = false;

	for (size_t i = 0; i < p->gives.count; i++)
		groups |= gives[i].kind == RECORD_GIVE_UNITS || gives[i].target == RECORD_TARGET_GROUPS ||
			  gives[i].target == RECORD_TARGET_NTH || gives[i].target == RECORD_TARGET_SETS;
	if (!p->limits || p->limits->times == AMOUNT_NONE || groups)
		return ERR_OK;
	return fail(why, ERR_INVALID, "limits.times: counts groups, and no give makes any");
}

#define COMPENSATE 2 /* of on_breach */

static enum err check_breach(const struct record_margin *m, struct why *why)
{
	if (m->on_breach == COMPENSATE)
		return m->uplift.micro == AMOUNT_NONE ? fail(why, ERR_INVALID,
							     "margin.uplift: on_breach compensate needs it: "
							     "pieces sold with the promotion "
							     "for each without")
						      : ERR_OK;
	if (m->uplift.micro != AMOUNT_NONE)
		return fail(why, ERR_INVALID,
			    "margin.uplift: means nothing without \"on_breach\": \"compensate\"");
	if (m->hard_floor.ppm != AMOUNT_NONE)
		return fail(why, ERR_INVALID,
			    "margin.hard_floor: means nothing without \"on_breach\": \"compensate\"");
	return ERR_OK;
}

static enum err check_promotion(const union record_any *r, struct why *why)
{
	const struct record_promotion *p = &r->promotion;
	const struct record_need *needs = p->needs.at;
	const struct record_give *gives = p->gives.at;
	enum err e = p->when ? check_when(p->when, why) : ERR_OK;

	if (!e && p->who && p->who->orders)
		e = check_orders(p->who->orders, why);
	if (!e && p->limits)
		e = check_limits(p->limits, why);
	if (!e && p->margin)
		e = check_breach(p->margin, why);
	if (!e)
		e = check_texts(&p->texts, why);
	for (size_t i = 0; i < p->needs.count && !e; i++) {
		e = record_check_need(&needs[i], why);
		if (e)
			why_prefix(why, "needs[%zu].", i);
	}
	for (size_t i = 0; i < p->gives.count && !e; i++) {
		e = record_check_give(&gives[i], why);
		if (e)
			why_prefix(why, "gives[%zu].", i);
	}
	return e ? e : check_times(p, why);
}

static enum err check_coupon(const union record_any *r, struct why *why)
{
	return record_check_window(r->coupon.from, r->coupon.to, why);
}

enum err record_check_rules(const struct record *r, struct why *why)
{
	static record_check_fn *const checks[RECORD_TYPES] = {
		[RECORD_BOOK] = check_book,
		[RECORD_TAX] = check_tax,
		[RECORD_FLOOR] = check_floor,
		[RECORD_CATEGORY] = check_category,
		[RECORD_PRICE_LIST] = record_check_price_list,
		[RECORD_ITEM] = check_item,
		[RECORD_PRICE] = record_check_price,
		[RECORD_PROMOTION] = check_promotion,
		[RECORD_COUPON] = check_coupon,
		[RECORD_CUSTOMER] = record_check_customer,
		[RECORD_ZONE] = record_check_zone,
		[RECORD_SIGNAL] = record_check_signal,
		[RECORD_PRICE_RULE] = record_check_price_rule,
		[RECORD_OVERRIDE] = record_check_override,
		[RECORD_EXCHANGE_RATE] = record_check_exchange_rate,
		[RECORD_LANDED_COST] = record_check_landed_cost,
		[RECORD_PLAN] = record_check_plan,
	};

	return checks[r->type] ? checks[r->type](&r->as, why) : ERR_OK;
}

enum err record_check(const struct record *r, struct why *why)
{
	enum err e = record_check_texts(record_schema(r->type), &r->as, why);

	return e ? e : record_check_rules(r, why);
}
