/*
 * Facts of verdicts: one function each, in a table by the names that sentences call them by.
 */
#include "reason_facts.h"

#include <stdio.h>
#include <string.h>

#include "civil.h"
#include "records.h"

#define LISTED_MAX 5 /* names of a list; the rest is "..." */

/* A sentence under way. Once it is full nothing more comes into it. */
struct sentence {
	char text[SENTENCE_MAX];
	size_t used;
	bool full;
};

static void add(struct sentence *s, const char *text, size_t n)
{
	size_t room = sizeof(s->text) - sizeof("...") - s->used;

	if (s->full)
		return;
	if (n > room) {
		for (n = room; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;)
			n--; /* not within a character */
		s->full = true;
	}
	memcpy(s->text + s->used, text, n);
	s->used += n;
	memcpy(s->text + s->used, s->full ? "..." : "\0", s->full ? sizeof("...") : 1);
}

static void add_text(struct sentence *s, const char *text)
{
	add(s, text, strlen(text));
}

/* A name of a list, the i-th of those that are told: false when there are enough. */
static bool add_listed(struct sentence *s, uint32_t i, const char *name)
{
	if (i > 0)
		add_text(s, ", ");
	add_text(s, i < LISTED_MAX ? name : "...");
	return i < LISTED_MAX;
}

static const struct promotion *promotion_of(const struct judged *j)
{
	return &j->catalog->promotions[j->verdict->promotion];
}

static void add_money(const struct judged *j, struct sentence *s, struct money m)
{
	unsigned exponent = j->catalog->settings.exponent;
	char text[DECIMAL_TEXT_MAX];

	decimal_format(m.minor, exponent, exponent, text);
	add_text(s, text);
	add_text(s, " ");
	add_text(s, j->catalog->settings.currency);
}

static void add_number(struct sentence *s, int64_t number)
{
	char text[DECIMAL_TEXT_MAX];

	decimal_format(number, 0, 0, text);
	add_text(s, text);
}

static void add_names(struct sentence *s, const struct ids *ids, const struct names *names)
{
	for (uint32_t i = 0; i < ids->count; i++)
		if (!add_listed(s, i, names->at[ids->at[i]]))
			return;
}

static void add_moment(struct sentence *s, const struct moment *m)
{
	char text[CIVIL_TEXT_MAX];

	civil_format(m->seconds, !m->local, text);
	add_text(s, text);
}

static void tell_status(const struct judged *j, struct sentence *s)
{
	add_text(s, record_statuses[promotion_of(j)->status]);
}

static void tell_from(const struct judged *j, struct sentence *s)
{
	add_moment(s, &promotion_of(j)->window.from);
}

static void tell_to(const struct judged *j, struct sentence *s)
{
	add_moment(s, &promotion_of(j)->window.to);
}

static void add_clock(struct sentence *s, int32_t second)
{
	char text[16];

	if (second % 60 == 0 || second % 60 == 59) /* an end's last second */
		snprintf(text, sizeof(text), "%02d:%02d", second / 3600, second / 60 % 60);
	else
		snprintf(text, sizeof(text), "%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
	add_text(s, text);
}

/* "mon, fri 17:00-19:59, 22:00-02:00" */
static void tell_hours(const struct judged *j, struct sentence *s)
{
	const struct promotion *p = promotion_of(j);
	uint32_t told = 0;

	for (unsigned day = 0; day < 7; day++)
		if (p->weekdays >> day & 1) {
			add_text(s, told++ ? ", " : "");
			add_text(s, record_weekdays[day]);
		}
	for (uint32_t i = 0; i < p->hours_count; i++) {
		add_text(s, i ? ", " : told ? " " : "");
		add_clock(s, p->hours[i].from);
		add_text(s, "-");
		add_clock(s, p->hours[i].to);
	}
}

static void tell_stores(const struct judged *j, struct sentence *s)
{
	add_names(s, &promotion_of(j)->stores, &j->catalog->stores);
}

static void tell_channels(const struct judged *j, struct sentence *s)
{
	add_names(s, &promotion_of(j)->channels, &j->catalog->channels);
}

static void tell_segments(const struct judged *j, struct sentence *s)
{
	add_names(s, &promotion_of(j)->segments, &j->catalog->segments);
}

static void tell_plans(const struct judged *j, struct sentence *s)
{
	const struct names *plans = &promotion_of(j)->plans;

	for (uint32_t i = 0; i < plans->count; i++)
		if (!add_listed(s, i, plans->at[i]))
			return;
}

/* "the first order"; "one order in 5 from number 10 to number 50" */
static void tell_orders(const struct judged *j, struct sentence *s)
{
	const struct order_numbers *o = &promotion_of(j)->orders;

	if (o->to == 1) {
		add_text(s, "the first order");
		return;
	}
	add_text(s, o->every ? "one order in " : "orders");
	if (o->every)
		add_number(s, o->every);
	if (o->from) {
		add_text(s, " from number ");
		add_number(s, o->from);
	}
	if (o->to) {
		add_text(s, " to number ");
		add_number(s, o->to);
	}
}

static void tell_uses(const struct judged *j, struct sentence *s)
{
	add_number(s, promotion_of(j)->uses);
}

static void tell_customer_uses(const struct judged *j, struct sentence *s)
{
	add_number(s, promotion_of(j)->customer_uses);
}

/* What the context does not say is all there. */
static void tell_budget_left(const struct judged *j, struct sentence *s)
{
	struct money left = promotion_of(j)->budget;

	for (uint32_t i = 0; i < j->context->counter_count; i++) {
		const struct counter *c = &j->context->counters[i];

		if (c->promotion == j->verdict->promotion && c->budget_left.minor != AMOUNT_NONE)
			left = c->budget_left;
	}
	add_money(j, s, left);
}

static void tell_promotion(const struct judged *j, struct sentence *s)
{
	add_text(s, promotion_of(j)->id);
}

static void tell_by(const struct judged *j, struct sentence *s)
{
	add_text(s, j->catalog->promotions[j->verdict->by].id);
}

static void tell_cut(const struct judged *j, struct sentence *s)
{
	add_money(j, s, j->verdict->cut);
}

static void tell_lacking(const struct judged *j, struct sentence *s)
{
	const struct need *need = &promotion_of(j)->needs[j->verdict->need];
	char text[DECIMAL_TEXT_MAX];

	switch (need->kind) {
	case NEED_AMOUNT:
		add_money(j, s, (struct money){j->verdict->lacking});
		break;
	case NEED_QUANTITY:
		add_number(s, j->verdict->lacking);
		break;
	case NEED_MEASURE:
		decimal_format(j->verdict->lacking, QTY_EXPONENT, 0, text);
		add_text(s, text);
		add_text(s, " ");
		add_text(s, record_units[need->unit]);
		break;
	}
}

/* What people call it; an extract may not hold it. */
static const char *term_name(const struct catalog *c, const struct term *t)
{
	if (t->id == CATALOG_NONE)
		return "?";
	switch (t->kind) {
	case TERM_ITEM:
		return catalog_name(c, t->id);
	case TERM_CATEGORY:
		return c->categories[t->id].name;
	case TERM_BRAND:
		return c->brands.at[t->id];
	case TERM_TAG:
		return c->tags.at[t->id];
	case TERM_SUPPLIER:
		return c->suppliers.at[t->id];
	}
	return "?";
}

static void add_terms(const struct judged *j, struct sentence *s, const struct term *terms, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!add_listed(s, i, term_name(j->catalog, &terms[i])))
			return;
}

static void add_filters(const struct judged *j, struct sentence *s, const struct selector *of)
{
	if ((of->filters & FILTER_PRICE) && of->price_from.minor > 0) {
		add_text(s, " from ");
		add_money(j, s, of->price_from);
	}
	if ((of->filters & FILTER_PRICE) && of->price_to.minor < INT64_MAX) {
		add_text(s, " up to ");
		add_money(j, s, of->price_to);
	}
	add_text(s, of->filters & FILTER_SALE	   ? " on sale"
		    : of->filters & FILTER_NO_SALE ? " not on sale"
						   : "");
}

/* "Cheese, Milk from 2.00 EUR on sale (not Brie)" */
static void add_selector(const struct judged *j, struct sentence *s, const struct selector *of)
{
	if (of->includes)
		add_terms(j, s, of->include, of->includes);
	else
		add_text(s, "any article");
	add_filters(j, s, of);
	if (!of->excludes)
		return;
	add_text(s, " (not ");
	add_terms(j, s, of->exclude, of->excludes);
	add_text(s, ")");
}

static void tell_articles(const struct judged *j, struct sentence *s)
{
	add_selector(j, s, &promotion_of(j)->needs[j->verdict->need].of);
}

static void tell_rewarded(const struct judged *j, struct sentence *s)
{
	add_selector(j, s, &promotion_of(j)->gives[0].on);
}

const struct reason_fact reason_facts[] = {
	{"status", "Its status.", tell_status},
	{"from", "Its first moment.", tell_from},
	{"to", "Its last moment.", tell_to},
	{"hours", "Its weekdays and hours.", tell_hours},
	{"stores", "Its stores.", tell_stores},
	{"channels", "Its channels.", tell_channels},
	{"segments", "Its segments of customers.", tell_segments},
	{"plans", "Its subscriptions.", tell_plans},
	{"orders", "Which orders of a customer it is for.", tell_orders},
	{"uses", "How often it may be used.", tell_uses},
	{"customer_uses", "How often a customer may use it.", tell_customer_uses},
	{"budget_left", "What is left of its budget.", tell_budget_left},
	{"promotion", "Its id, by which coupons name it.", tell_promotion},
	{"lacking", "What is lacking, with its unit or currency.", tell_lacking},
	{"articles", "What more is needed of.", tell_articles},
	{"rewarded", "What its first give is on.", tell_rewarded},
	{"by", "The promotion that applies in its place.", tell_by},
	{"cut", "What the margin guard refuses of it.", tell_cut},
	{0},
};

static const struct reason_fact *find_fact(const char *name, size_t n)
{
	for (const struct reason_fact *f = reason_facts; f->name; f++)
		if (strlen(f->name) == n && strncmp(f->name, name, n) == 0)
			return f;
	return NULL;
}

/* The fact in the next braces of a sentence; *before: up to them, *next: behind them. NULL: no braces. */
static const struct reason_fact *next_fact(const char *sentence, size_t *before, const char **next)
{
	const char *open = strchr(sentence, '{'), *shut = open ? strchr(open, '}') : NULL;

	*before = open ? (size_t)(open - sentence) : strlen(sentence);
	*next = shut ? shut + 1 : NULL;
	return shut ? find_fact(open + 1, (size_t)(shut - open - 1)) : NULL;
}

void reason_tell(const struct judged *j, char out[SENTENCE_MAX])
{
	const char *at = reason_sentence(j->verdict->reason), *next;
	struct sentence s = {0};

	for (; at; at = next) {
		size_t before;
		const struct reason_fact *fact = next_fact(at, &before, &next);

		add(&s, at, before);
		if (fact)
			fact->tell(j, &s);
	}
	memcpy(out, s.text, s.used + (s.full ? sizeof("...") : 1));
}

static void facts_to_json(const struct judged *j, struct jsonw *w)
{
	const char *at = reason_sentence(j->verdict->reason), *next;
	bool open = false;

	for (; at; at = next) {
		size_t before;
		const struct reason_fact *fact = next_fact(at, &before, &next);
		struct sentence s = {0};

		if (!fact)
			continue;
		fact->tell(j, &s);
		if (!open)
			jsonw_object(w, "facts");
		open = true;
		jsonw_text(w, fact->name, s.text);
	}
	if (open)
		jsonw_close(w);
}

void reason_to_json(const struct judged *j, const char *sentence_name, struct jsonw *w)
{
	char sentence[SENTENCE_MAX];

	reason_tell(j, sentence);
	jsonw_text(w, "reason", reason_code(j->verdict->reason));
	jsonw_text(w, sentence_name, sentence);
	facts_to_json(j, w);
}
