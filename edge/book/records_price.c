/*
 * The record types of prices as tables, as records.c has the others: zones, signals, pricing rules,
 * overrides, costs and plans.
 */
#include "fields.h"
#include "records_parts.h"

#define UNITS	 FIELD_OF(QTY, 0, INT64_C(1000000000000000)) /* up to 10^9 of them */
#define COUNT	 FIELD_OF(INT, 0, INT64_C(1000000000))
#define WEIGHT	 FIELD_OF(INT, 0, 1000000)
#define FRACTION FIELD_OF(QTY, 0, 1000000)
#define TIME	 .kind = FIELD_TIME
#define TIME_END .kind = FIELD_TIME_END
#define WORDS	 FIELD_OF(TEXT, 1, 200)

/* The override stands first in the enumeration and is a record type of its own. */
static const char *const rule_kinds[] = {"override",   "surge",	 "overstock", "stock",	"demand",
					 "competitor", "season", "age",	      "expiry", NULL};
static const char *const origins[] = {"hq", "box", NULL};
static const char *const rule_states[] = {"active", "paused", NULL};
static const char *const override_states[] = {"active", "pending", "rejected", NULL};
static const char *const upgrade_names[] = {"prorated", "full", "at_end", NULL};
static const char *const downgrade_names[] = {"at_end", "prorated", NULL};

const char *record_rule_kind(unsigned kind)
{
	return rule_kinds[kind];
}

static bool reached(struct stamp t, int64_t now_s, int32_t utc_offset_s)
{
	return (t.local == 1 ? now_s + utc_offset_s : now_s) >= t.seconds;
}

static bool within(struct stamp from, struct stamp to, int64_t now_s, int32_t utc_offset_s)
{
	struct stamp after = {.seconds = to.seconds + 1, .local = to.local};

	if (from.seconds != AMOUNT_NONE && !reached(from, now_s, utc_offset_s))
		return false;
	return to.seconds == AMOUNT_NONE || !reached(after, now_s, utc_offset_s);
}

const char *customer_plan(const struct record_customer *r, int64_t now_s, int32_t utc_offset_s)
{
	if (r->plan && within(r->plan_from, r->plan_to, now_s, utc_offset_s))
		return r->plan;
	if (r->next && within(r->next->from, r->next->to, now_s, utc_offset_s))
		return r->next->plan;
	return NULL;
}

static const struct field zone_fields[] = {
	FIELD(1, record_zone, id, ID, .required = true, .text = "Name of the zone."),
	FIELD(2, record_zone, name, NAME, .text = "What people call it; the id if absent."),
	FIELD(3, record_zone, stores, TEXTS(10000), .required = true, .text = "The stores in it."),
};

static const struct field signal_fields[] = {
	FIELD(1, record_signal, sku, ID, .required = true, .text = "The article."),
	FIELD(2, record_signal, stock, UNITS, .text = "Units on hand."),
	FIELD(3, record_signal, sold, UNITS, .text = "Units a day that it sells now."),
	FIELD(4, record_signal, expected, UNITS, .text = "Units a day that it should sell."),
	FIELD(5, record_signal, received, TIME, .text = "When the stock came in: its age counts from there."),
	FIELD(6, record_signal, until, TIME_END,
	      .text = "Last day that the stock keeps, for units whose code does not say."),
	FIELD(7, record_signal, at, TIME, .text = "When views, carts and purchases were counted."),
	FIELD(8, record_signal, views, COUNT, .text = "How often it was looked at."),
	FIELD(9, record_signal, carts, COUNT, .text = "How often it was put into a cart."),
	FIELD(10, record_signal, purchases, COUNT, .text = "How often it was bought."),
	FIELD(11, record_signal, competitor, MONEY_FROM(0), .text = "Price of one unit at the competitor's."),
};

static const struct field step_fields[] = {
	FIELD(1, record_rule_step, below, FIELD_OF(QTY, 1, INT64_C(1000000000000000)),
	      .text = "Kind stock: when fewer units than that are left."),
	FIELD(2, record_rule_step, above, UNITS,
	      .text = "Kind surge: from that ratio of observed to expected sales. Kind overstock: from so "
		      "many "
		      "days that the stock lasts."),
	FIELD(3, record_rule_step, days, FIELD_OF(INT, 0, 3650),
	      .text = "Kind expiry: when so many days or fewer are left; 0 is the last day."),
	FIELD(4, record_rule_step, percent, FIELD_OF(PERCENT, -1000000, 10000000), .required = true,
	      .text = "Part of the price: added by surge and stock (below 0: taken off), taken off by "
		      "overstock and expiry."),
};
static const struct schema step_schema =
	SCHEMA("rule_step", record_rule_step, step_fields, "A threshold of a pricing rule.");

static const struct field days_fields[] = {
	FIELD(1, record_rule_days, from, FIELD_OF(TEXT, 5, 5), .required = true,
	      .text = "First day of the year, MM-DD."),
	FIELD(2, record_rule_days, to, FIELD_OF(TEXT, 5, 5), .required = true,
	      .text = "Last day; before the first one, it is in the next year."),
};
static const struct schema days_schema =
	SCHEMA("rule_days", record_rule_days, days_fields, "Days of every year, both inclusive.");

static const struct field rule_fields[] = {
	FIELD(1, record_price_rule, id, ID, .required = true, .text = "Name of the rule in this book."),
	FIELD(2, record_price_rule, name, NAME, .text = "What staff call it; the id if absent."),
	FIELD(3, record_price_rule, kind, .kind = FIELD_ENUM, .names = rule_kinds + 1, .required = true,
	      .text = "What the rule follows."),
	FIELD(4, record_price_rule, select, STRUCT(record_selector_schema),
	      .text = "Articles it moves; all if absent."),
	FIELD(5, record_price_rule, from, TIME, .text = "First moment of the rule."),
	FIELD(6, record_price_rule, to, TIME_END,
	      .text = "Last moment of the rule; a day means its last second."),
	FIELD(7, record_price_rule, segments, TEXTS(1000), .text = "Segments it is for; everyone if absent."),
	FIELD(8, record_price_rule, channels, TEXTS(100), .text = "Channels it is for; all if absent."),
	FIELD(9, record_price_rule, stores, TEXTS(10000), .text = "Stores it is for."),
	FIELD(10, record_price_rule, zones, TEXTS(1000),
	      .text = "Zones it is for, besides the stores; all stores if neither is there."),
	FIELD(11, record_price_rule, lists, TEXTS(1000),
	      .text = "Price lists whose prices it moves; all if absent."),
	FIELD(12, record_price_rule, priority, FIELD_OF(INT, 0, 1000000), .has_default = true, .absent = 100,
	      .text = "Of several rules of one kind the lowest counts; equal ones go by id."),
	FIELD(13, record_price_rule, origin, ENUM(origins, 0),
	      .text = "Headquarters' rule, or the box's own: that counts only where headquarters has none of "
		      "its kind."),
	FIELD(14, record_price_rule, status, ENUM(rule_states, 0), .text = "Only an active rule counts."),
	FIELD(15, record_price_rule, up, FIELD_OF(PERCENT, 0, 10000000),
	      .text = "Most that it adds, of the price; needed by demand and competitor."),
	FIELD(16, record_price_rule, down, FIELD_OF(PERCENT, 0, 1000000),
	      .text = "Most that it takes off, of the price; needed by competitor."),
	FIELD(17, record_price_rule, steps, .kind = FIELD_LIST, .of = &step_schema, .max = 32,
	      .text = "Thresholds of surge, overstock, stock and expiry, by rising value."),
	FIELD(18, record_price_rule, percent, FIELD_OF(PERCENT, -1000000, 10000000),
	      .text = "Kind season: part of the price that is added; below 0: taken off."),
	FIELD(19, record_price_rule, days, STRUCT(days_schema), .text = "Kind season: days of the year."),
	FIELD(20, record_price_rule, k, FIELD_OF(MONEY, 1, 1000000000000),
	      .text = "Kind demand: amount added for each whole of the root of the demand; 5 of the currency "
		      "if "
		      "absent."),
	FIELD(21, record_price_rule, view, WEIGHT, .has_default = true, .absent = 1,
	      .text = "Kind demand: weight of a view; 1 if absent."),
	FIELD(22, record_price_rule, cart, WEIGHT, .has_default = true, .absent = 3,
	      .text = "Kind demand: weight of a cart; 3 if absent."),
	FIELD(23, record_price_rule, purchase, WEIGHT, .has_default = true, .absent = 5,
	      .text = "Kind demand: weight of a purchase; 5 if absent."),
	FIELD(24, record_price_rule, half_life, FIELD_OF(INT, 1, 720), .has_default = true, .absent = 24,
	      .text = "Kind demand: hours in which it falls to half; 24 if absent."),
	FIELD(25, record_price_rule, target, FIELD_OF(PERCENT, 1, 10000000),
	      .text = "Kind competitor: the price aimed at, in per cent of the competitor's."),
	FIELD(26, record_price_rule, beta, FRACTION, .has_default = true, .absent = 400000,
	      .text = "Kind age: beta of D(t,d,p); 0.4 if absent."),
	FIELD(27, record_price_rule, gamma, FRACTION, .has_default = true, .absent = 500000,
	      .text = "Kind age: gamma of D(t,d,p); 0.5 if absent."),
	FIELD(28, record_price_rule, position, FIELD_OF(QTY, 0, 9000000),
	      .text = "Kind age: p of articles without a competitor's price; the book's if absent."),
	FIELD(29, record_price_rule, t_days, FIELD_OF(INT, 1, 3650), .has_default = true, .absent = 45,
	      .text = "Kind age: T of D(t,d,p) in days; 45 if absent."),
	FIELD(30, record_price_rule, least, FIELD_OF(PERCENT, 0, 1000000),
	      .text = "Kind age: the part of the price below which it marks nothing down."),
};

static const struct field override_fields[] = {
	FIELD(1, record_override, id, ID, .required = true, .text = "Name of the override."),
	FIELD(2, record_override, sku, ID, .text = "The article; either this or select."),
	FIELD(3, record_override, select, STRUCT(record_selector_schema),
	      .text = "Articles; either this or sku."),
	FIELD(4, record_override, price, MONEY_FROM(0), .required = true, .text = "Price of one unit."),
	FIELD(5, record_override, role, ID, .required = true,
	      .text = "Role that set it, such as pricing-manager."),
	FIELD(6, record_override, reason, WORDS, .required = true, .text = "Why."),
	FIELD(7, record_override, by, ID, .required = true, .text = "Who set it."),
	FIELD(8, record_override, from, TIME, .text = "First moment; at once if absent."),
	FIELD(9, record_override, to, TIME_END, .required = true,
	      .text = "Last moment: an override expires. A day means its last second."),
	FIELD(10, record_override, segments, TEXTS(1000), .text = "Segments it is for; everyone if absent."),
	FIELD(11, record_override, channels, TEXTS(100), .text = "Channels it is for; all if absent."),
	FIELD(12, record_override, stores, TEXTS(10000), .text = "Stores it is for."),
	FIELD(13, record_override, zones, TEXTS(1000),
	      .text = "Zones it is for, besides the stores; all stores if neither is there."),
	FIELD(14, record_override, hold, .kind = FIELD_BOOL, .has_default = true, .absent = 1,
	      .text = "Whether pricing rules leave it alone, but for the markdown near expiry."),
	FIELD(15, record_override, status, ENUM(override_states, 0), .text = "Only an active one counts."),
	FIELD(16, record_override, approved_by, ID, .text = "Who approved it, if it had to be."),
};

static const struct field rate_fields[] = {
	FIELD(1, record_exchange_rate, currency, FIELD_OF(TEXT, 3, 3), .required = true,
	      .text = "ISO 4217 code of the other currency."),
	FIELD(2, record_exchange_rate, rate, FIELD_OF(QTY, 1, INT64_C(1000000000000)), .required = true,
	      .text = "How much of the book's currency one of it is."),
	FIELD(3, record_exchange_rate, at, TIME, .text = "When it was fixed."),
};

static const struct field component_fields[] = {
	FIELD(1, record_cost_component, name, NAME, .required = true, .text = "What it is, such as freight."),
	FIELD(2, record_cost_component, amount, MONEY_FROM(0),
	      .text = "For one unit, in the book's currency; either this or percent."),
	FIELD(3, record_cost_component, percent, FIELD_OF(PERCENT, 0, 10000000),
	      .text = "Of the FOB amount in the book's currency; either this or amount."),
};
static const struct schema component_schema =
	SCHEMA("component", record_cost_component, component_fields, "A part of a landed cost.");

static const struct field landed_fields[] = {
	FIELD(1, record_landed_cost, sku, ID, .required = true, .text = "The article."),
	FIELD(2, record_landed_cost, fob, FIELD_OF(QTY, 0, INT64_C(1000000000000000)), .required = true,
	      .text = "FOB amount of one unit."),
	FIELD(3, record_landed_cost, currency, FIELD_OF(TEXT, 3, 3),
	      .text = "Its currency, for which there is an exchange rate; the book's if absent."),
	FIELD(4, record_landed_cost, components, .kind = FIELD_LIST, .of = &component_schema, .max = 32,
	      .text = "What comes on top of the FOB amount."),
	FIELD(5, record_landed_cost, from, TIME, .text = "Since when it costs that."),
};

static const struct field duration_fields[] = {
	FIELD(1, record_duration, months, FIELD_OF(INT, 1, 120), .required = true,
	      .text = "Months paid for at once."),
	FIELD(2, record_duration, percent, FIELD_OF(PERCENT, 0, 1000000), .required = true,
	      .text = "Per cent off the fee of those months."),
};
static const struct schema duration_schema =
	SCHEMA("duration", record_duration, duration_fields, "A discount for paying longer ahead.");

static const struct field plan_fields[] = {
	FIELD(1, record_plan, id, ID, .required = true,
	      .text = "Name of the plan, and of the segment that its subscribers are in."),
	FIELD(2, record_plan, name, NAME, .text = "What people call it; the id if absent."),
	FIELD(3, record_plan, level, FIELD_OF(INT, 0, 1000), .required = true,
	      .text = "Its place among the plans: a higher one is an upgrade."),
	FIELD(4, record_plan, fee, MONEY_FROM(0), .required = true, .text = "Fee of a month."),
	FIELD(5, record_plan, credit, MONEY_FROM(0), .text = "Basket credit of a month."),
	FIELD(6, record_plan, perks, TEXTS(32), .text = "What else it brings, in words."),
	FIELD(7, record_plan, durations, .kind = FIELD_LIST, .of = &duration_schema, .max = 16,
	      .text = "Discounts for paying several months at once, by rising months."),
	FIELD(8, record_plan, upgrades, TEXTS(32),
	      .text = "Plans of a higher level one may go to from here."),
	FIELD(9, record_plan, downgrades, TEXTS(32),
	      .text = "Plans of a lower level one may go to from here."),
	FIELD(10, record_plan, upgrade, ENUM(upgrade_names, 0),
	      .text = "Who goes up from here does so at once for the difference of the days that are left "
		      "(prorated), at once for the whole difference (full), or with the period that follows "
		      "(at_end)."),
	FIELD(11, record_plan, downgrade, ENUM(downgrade_names, 0),
	      .text = "Who goes down from here does so with the period that follows (at_end), or at once and "
		      "gets the difference of the days that are left (prorated)."),
};

#ifdef TILL_NEXT
static const struct field memo_fields[] = {
	FIELD(1, record_memo, id, ID, .required = true, .text = "Its name."),
	FIELD(2, record_memo, text, NAME, .required = true, .text = "What it says."),
};
#endif

#define AT(type) ((type)-RECORD_ZONE)
const struct schema record_price_schemas[RECORD_TYPES - RECORD_ZONE] = {
	[AT(RECORD_ZONE)] = SCHEMA("zone", record_zone, zone_fields, "A named group of stores."),
	[AT(RECORD_SIGNAL)] = SCHEMA("signal", record_signal, signal_fields,
				     "What is known of an article that pricing rules look at."),
	[AT(RECORD_PRICE_RULE)] =
		SCHEMA("price_rule", record_price_rule, rule_fields, "A rule that moves prices by signals."),
	[AT(RECORD_OVERRIDE)] = SCHEMA("override", record_override, override_fields,
				       "A price that a person set for a while."),
	[AT(RECORD_EXCHANGE_RATE)] =
		SCHEMA("exchange_rate", record_exchange_rate, rate_fields, "What another currency is worth."),
	[AT(RECORD_LANDED_COST)] = SCHEMA("landed_cost", record_landed_cost, landed_fields,
					  "What an imported article costs until it is here."),
	[AT(RECORD_PLAN)] =
		SCHEMA("plan", record_plan, plan_fields, "A subscription that customers pay for."),
#ifdef TILL_NEXT
	[AT(RECORD_MEMO)] = SCHEMA("memo", record_memo, memo_fields, "What a later version knows."),
#endif
};
