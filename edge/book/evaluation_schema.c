/*
 * The JSON Schema of an evaluation, as a table: results are written, not read, so no field table of theirs
 * exists.
 */
#include "cart_json.h"
#include "reason_facts.h"
#include "records.h"

#define DECIMAL "^-?[0-9]+(\\.[0-9]+)?$"
#define INSTANT "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"

enum member_kind {
	MEMBER_TEXT,
	MEMBER_DECIMAL,
	MEMBER_INSTANT,
	MEMBER_INTEGER,
	MEMBER_BOOL,
	MEMBER_OBJECT,
	MEMBER_LIST,
	MEMBER_FACTS /* an object of what reason_facts has */
};

struct member {
	const char *name;
	enum member_kind kind;
	bool optional;
	const char *text;
	const struct member *of; /* OBJECT, and the items of LIST; ends with a name of NULL */
};

static const struct member discount_members[] = {
	{"promotion", MEMBER_TEXT, false, "The promotion's id.", NULL},
	{"amount", MEMBER_DECIMAL, false, "What it took off this line.", NULL},
	{0},
};

static const struct member violation_members[] = {
	{"amount", MEMBER_DECIMAL, false, "The line's list amount.", NULL},
	{"least", MEMBER_DECIMAL, true, "The lowest that leaves the least margin; absent if none does.",
	 NULL},
	{"margin", MEMBER_DECIMAL, true, "Margin of the amount in per cent; absent if the amount is 0.",
	 NULL},
	{"floor", MEMBER_DECIMAL, false, "The least margin in per cent.", NULL},
	{0},
};

static const struct member step_members[] = {
	{"by", MEMBER_TEXT, false,
	 "rule, bounds (of the article), margin (the guard) or lock (the lowest price shown).", NULL},
	{"rule", MEMBER_TEXT, true, "The rule's id.", NULL},
	{"kind", MEMBER_TEXT, true, "The rule's kind.", NULL},
	{"amount", MEMBER_DECIMAL, false, "What it added to the price of a unit.", NULL},
	{0},
};

static const struct member stale_members[] = {
	{"currency", MEMBER_TEXT, false, "Of the rate.", NULL},
	{"at", MEMBER_INSTANT, true, "When it was so; absent: the book does not say.", NULL},
	{0},
};

static const struct member line_members[] = {
	{"line", MEMBER_INTEGER, false, "Place in the cart, from 1.", NULL},
	{"sku", MEMBER_TEXT, false, "The article.", NULL},
	{"name", MEMBER_TEXT, false, "What the display calls it.", NULL},
	{"quantity", MEMBER_DECIMAL, false, "How much of it, in its unit.", NULL},
	{"unit", MEMBER_TEXT, false, "each, kg, g, lb, l or m.", NULL},
	{"expires", MEMBER_TEXT, true, "Last day it may be sold, if its code says.", NULL},
	{"unit_price", MEMBER_DECIMAL, false, "Price of one unit.", NULL},
	{"price_list", MEMBER_TEXT, true, "The list it is from.", NULL},
	{"volume", MEMBER_DECIMAL, true, "The volume break it is of: from so many units.", NULL},
	{"override", MEMBER_TEXT, true, "The override it is from.", NULL},
	{"base", MEMBER_DECIMAL, true,
	 "What the steps moved: the list's price, the override's, or that from the label.", NULL},
	{"steps", MEMBER_LIST, true, "What moved it, in that order.", step_members},
	{"list", MEMBER_DECIMAL, false, "Unit price times quantity.", NULL},
	{"net", MEMBER_DECIMAL, false, "The list amount minus the discounts.", NULL},
	{"tax", MEMBER_DECIMAL, false, "Tax in the net amount, or on top of it, as the book says.", NULL},
	{"discounts", MEMBER_LIST, false, "What promotions took off, in the order of application.",
	 discount_members},
	{"margin_violation", MEMBER_OBJECT, true,
	 "The price itself is below the least margin, so no discount is given on it.", violation_members},
	{"stale_rate", MEMBER_OBJECT, true,
	 "Its landed cost is reckoned with an exchange rate that is more than a day old.", stale_members},
	{0},
};

static const struct member totals_members[] = {
	{"list", MEMBER_DECIMAL, false, "Sum of the list amounts.", NULL},
	{"discount", MEMBER_DECIMAL, false, "Sum of the discounts.", NULL},
	{"net", MEMBER_DECIMAL, false, "Sum of the net amounts.", NULL},
	{"tax", MEMBER_DECIMAL, false, "Sum of the taxes.", NULL},
	{"shipping", MEMBER_DECIMAL, true, "What sending costs before promotions, if the cart is sent.",
	 NULL},
	{"shipping_discount", MEMBER_DECIMAL, true, "What promotions took off it.", NULL},
	{"total", MEMBER_DECIMAL, false, "What the customer pays.", NULL},
	{0},
};

static const struct member compensates_members[] = {
	{"uplift", MEMBER_DECIMAL, false, "Pieces sold with it for each that is sold without.", NULL},
	{"profit_without", MEMBER_DECIMAL, false, "Profit of these lines without it.", NULL},
	{"profit_with", MEMBER_DECIMAL, false, "Profit of these lines with it, times the uplift.", NULL},
	{0},
};

static const struct member applied_members[] = {
	{"promotion", MEMBER_TEXT, false, "Its id.", NULL},
	{"name", MEMBER_TEXT, false, "What staff call it.", NULL},
	{"text", MEMBER_TEXT, false, "What the customer reads.", NULL},
	{"amount", MEMBER_DECIMAL, false, "What it gave in all.", NULL},
	{"cut", MEMBER_DECIMAL, true, "What the margin guard took off that; absent if nothing.", NULL},
	{"compensates", MEMBER_OBJECT, true,
	 "It took lines below their floor, since it sells more: present if it did.", compensates_members},
	{"times", MEMBER_INTEGER, false, "Groups or sets rewarded; 1 for all others.", NULL},
	{"ends", MEMBER_INSTANT, true, "The last second it runs, this time; absent if it has no end.", NULL},
	{0},
};

static const struct member rejected_members[] = {
	{"promotion", MEMBER_TEXT, false, "Its id.", NULL},
	{"name", MEMBER_TEXT, false, "What staff call it.", NULL},
	{"label", MEMBER_TEXT, false, "What the customer reads.", NULL},
	{"reason", MEMBER_TEXT, false, "Why it does not apply: a stable code.", NULL},
	{"text", MEMBER_TEXT, false, "The same in words, behind the name: runs from 2026-12-01T00:00:00.",
	 NULL},
	{"facts", MEMBER_FACTS, true, "What the words tell of, by name; absent if they tell of nothing.",
	 NULL},
	{"lacking", MEMBER_DECIMAL, true,
	 "What is missing for it to apply: pieces, money or a measure, as needs says.", NULL},
	{"needs", MEMBER_TEXT, true, "What lacking counts: quantity, amount, or the unit of a measure.",
	 NULL},
	{"by", MEMBER_TEXT, true, "The promotion that went first (reason outranked).", NULL},
	{"cut", MEMBER_DECIMAL, true, "What the margin guard refuses of it (reason margin_blocked).", NULL},
	{"allowed", MEMBER_DECIMAL, true, "What it would have let it give (reason margin_blocked).", NULL},
	{"alone", MEMBER_DECIMAL, true,
	 "What it would have given at its turn (reason outranked), if asked for.", NULL},
	{0},
};

static const struct member ranked_members[] = {
	{"promotion", MEMBER_TEXT, false, "Its id.", NULL},
	{"applied", MEMBER_BOOL, false, "Whether it applied.", NULL},
	{"amount", MEMBER_DECIMAL, false,
	 "What it gave; or, if another one kept it from applying, would have given at its turn.", NULL},
	{0},
};

static const struct member reward_members[] = {
	{"promotion", MEMBER_TEXT, false, "The promotion's id.", NULL},
	{"kind", MEMBER_TEXT, false, "shipping, gift, points, cashback or credit.", NULL},
	{"amount", MEMBER_DECIMAL, true, "Off the shipping, or paid back later (cashback, credit).", NULL},
	{"count", MEMBER_INTEGER, true, "Points, or pieces of the gift.", NULL},
	{"sku", MEMBER_TEXT, true, "The gift.", NULL},
	{"name", MEMBER_TEXT, true, "What the display calls it.", NULL},
	{0},
};

static const struct member evaluation_members[] = {
	{"cart", MEMBER_TEXT, true, "The cart's id, if it has one.", NULL},
	{"currency", MEMBER_TEXT, false, "ISO 4217 code of all amounts.", NULL},
	{"now", MEMBER_INSTANT, false, "The instant the cart was evaluated for.", NULL},
	{"policy", MEMBER_TEXT, false, "How promotions were put in order.", NULL},
	{"semantics", MEMBER_INTEGER, false, "Version of the engine's semantics of the book.", NULL},
	{"optimal", MEMBER_BOOL, false,
	 "False if policy best_deal could not prove that no other choice of promotions gives more.", NULL},
	{"gap", MEMBER_DECIMAL, true, "Not optimal: what another choice might give more, at most.", NULL},
	{"lines", MEMBER_LIST, false, "The cart's lines, in its order.", line_members},
	{"totals", MEMBER_OBJECT, false, "Sums over the lines.", totals_members},
	{"applied", MEMBER_LIST, false, "Promotions that applied, in the order of application.",
	 applied_members},
	{"rejected", MEMBER_LIST, false, "Promotions that touch the cart and did not apply, by id.",
	 rejected_members},
	{"ranked", MEMBER_LIST, true, "All that was judged, the largest amount first; when asked for.",
	 ranked_members},
	{"rewards", MEMBER_LIST, true, "What promotions give besides discounts of lines.", reward_members},
	{0},
};

static void write_members(const struct member *members, struct jsonw *w);

static void write_pattern(const char *pattern, struct jsonw *w)
{
	jsonw_text(w, "type", "string");
	jsonw_text(w, "pattern", pattern);
}

static void write_facts(struct jsonw *w)
{
	jsonw_text(w, "type", "object");
	jsonw_object(w, "properties");
	for (const struct reason_fact *f = reason_facts; f->name; f++) {
		jsonw_object(w, f->name);
		jsonw_text(w, "description", f->text);
		jsonw_text(w, "type", "string");
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_member(const struct member *m, struct jsonw *w)
{
	jsonw_object(w, m->name);
	jsonw_text(w, "description", m->text);
	switch (m->kind) {
	case MEMBER_TEXT:
		jsonw_text(w, "type", "string");
		break;
	case MEMBER_DECIMAL:
		write_pattern(DECIMAL, w);
		break;
	case MEMBER_INSTANT:
		write_pattern(INSTANT, w);
		break;
	case MEMBER_INTEGER:
		jsonw_text(w, "type", "integer");
		break;
	case MEMBER_BOOL:
		jsonw_text(w, "type", "boolean");
		break;
	case MEMBER_OBJECT:
		write_members(m->of, w);
		break;
	case MEMBER_FACTS:
		write_facts(w);
		break;
	case MEMBER_LIST:
		jsonw_text(w, "type", "array");
		jsonw_object(w, "items");
		write_members(m->of, w);
		jsonw_close(w);
		break;
	}
	jsonw_close(w);
}

/* Readers must pass over members they do not know: results may grow. So no additionalProperties here. */
static void write_members(const struct member *members, struct jsonw *w)
{
	jsonw_text(w, "type", "object");
	jsonw_object(w, "properties");
	for (const struct member *m = members; m->name; m++)
		write_member(m, w);
	jsonw_close(w);
	jsonw_array(w, "required");
	for (const struct member *m = members; m->name; m++) {
		if (!m->optional)
			jsonw_text(w, NULL, m->name);
	}
	jsonw_close(w);
}

void evaluation_schema(struct jsonw *w)
{
	jsonw_object(w, NULL);
	jsonw_text(w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	jsonw_text(w, "title", "evaluation");
	jsonw_text(w, "description",
		   "What a cart costs, and which promotions applied. New members may be added.");
	write_members(evaluation_members, w);
	jsonw_close(w);
}
