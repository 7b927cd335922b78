/*
 * Quotes for subscriptions as a table of fields. See plan_offer.h.
 */
#include "plan_offer.h"

#include "civil.h"
#include "fields.h"

#define DAY FIELD_OF(TEXT, 10, 10)

static const char *const change_names[] = {"new", "renewal", "upgrade", "downgrade", NULL};
static const char *const when_names[] = {"at_once", "next_period", NULL};

static const struct field fields[] = {
	FIELD(1, plan_offer, customer, ID, .required = true, .text = "Whose subscription."),
	FIELD(2, plan_offer, change, .kind = FIELD_ENUM, .names = change_names, .required = true,
	      .text = "A new subscription, one more period, or another plan of a higher or lower level."),
	FIELD(3, plan_offer, from_plan, ID, .text = "The plan that runs; absent if none does."),
	FIELD(4, plan_offer, to_plan, ID, .required = true, .text = "The plan asked for."),
	FIELD(5, plan_offer, when, .kind = FIELD_ENUM, .names = when_names, .required = true,
	      .text = "At once, or with the period that follows the one that runs."),
	FIELD(6, plan_offer, from, DAY, .required = true, .text = "First day of the plan asked for."),
	FIELD(7, plan_offer, to, DAY, .required = true, .text = "Last day that is paid for."),
	FIELD(8, plan_offer, months, FIELD_OF(INT, 1, PLAN_MONTHS_MAX), .required = true,
	      .text = "Months of the period."),
	FIELD(9, plan_offer, currency, FIELD_OF(TEXT, 3, 3), .required = true, .text = "Of all amounts."),
	FIELD(10, plan_offer, fees, .kind = FIELD_MONEY, .required = true, .text = "Fees of its months."),
	FIELD(11, plan_offer, discount, .kind = FIELD_MONEY, .required = true,
	      .text = "What their number takes off."),
	FIELD(12, plan_offer, days, FIELD_OF(INT, 1, 1000000),
	      .text = "Of a change within a period: its days."),
	FIELD(13, plan_offer, left, FIELD_OF(INT, 1, 1000000),
	      .text = "Those that are left, the day of the change among them."),
	FIELD(14, plan_offer, due, .kind = FIELD_MONEY, .required = true, .text = "What is to be paid."),
	FIELD(15, plan_offer, refund, .kind = FIELD_MONEY, .required = true, .text = "What is given back."),
	FIELD(16, plan_offer, credit, .kind = FIELD_MONEY, .required = true,
	      .text = "Basket credit of the first month, or of the one that runs, spent parts included."),
	FIELD(17, plan_offer, credit_from, DAY, .required = true, .text = "First day of that month."),
	FIELD(18, plan_offer, credit_to, DAY, .required = true, .text = "Its last day: then it lapses."),
	FIELD(19, plan_offer, perks, TEXTS(32), .text = "What else the plan brings."),
};
const struct schema plan_offer_schema =
	SCHEMA("plan_quote", plan_offer, fields, "What it costs to take a plan, or to go to another one.");

const char *plan_offer_change(const struct plan_offer *o)
{
	return change_names[o->change];
}

const char *plan_day_text(int32_t day, struct arena *a)
{
	char text[CIVIL_TEXT_MAX];

	civil_format(day * INT64_C(86400), false, text);
	return arena_text(a, text, 10);
}

enum err plan_offer_fill(const struct subscribe_ask *ask, enum plan_change change, const struct plan_quote *q,
			 const char *currency, struct arena *a, struct plan_offer *out)
{
	*out = (struct plan_offer){
		.customer = ask->customer->id,
		.change = change,
		.from_plan = ask->from ? ask->from->id : NULL,
		.to_plan = ask->to->id,
		.when = q->at_once || change == PLAN_NEW ? 0 : 1,
		.from = plan_day_text(q->from, a),
		.to = plan_day_text(q->to, a),
		.months = q->months,
		.currency = currency,
		.fees = q->fees,
		.discount = q->discount,
		.days = q->at_once ? q->days : AMOUNT_NONE,
		.left = q->at_once ? q->left : AMOUNT_NONE,
		.due = q->due,
		.refund = q->refund,
		.credit = q->credit,
		.credit_from = plan_day_text(q->credit_from, a),
		.credit_to = plan_day_text(q->credit_to, a),
		.perks = ask->to->perks,
	};
	return out->from && out->to && out->credit_from && out->credit_to ? ERR_OK : ERR_MEMORY;
}
