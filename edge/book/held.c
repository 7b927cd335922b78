/*
 * Changes that wait, as a table of fields and in words. See held.h.
 */
#include "held.h"

#include <stdio.h>
#include <string.h>

#include "fields.h"

#define WORDS	       FIELD_OF(TEXT, 1, 200)
#define SAID(of_names) .kind = FIELD_ENUM, .names = (of_names), .required = true

static const char *const causes[] = {"change", "floor", "anomaly", NULL};
static const char *const needs[] = {"manager", "cfo", NULL};
static const char *const states[] = {"pending", "rejected", "approved", NULL};
static const char *const types[] = {
	[RECORD_BOOK] = "book",
	[RECORD_TAX] = "tax",
	[RECORD_CATEGORY] = "category",
	[RECORD_PRICE_LIST] = "price_list",
	[RECORD_ITEM] = "cost",
	[RECORD_PRICE] = "price",
	[RECORD_PROMOTION] = "promotion",
	[RECORD_COUPON] = "coupon",
	[RECORD_CUSTOMER] = "customer",
	[RECORD_FLOOR] = "floor",
	[RECORD_ZONE] = "zone",
	[RECORD_SIGNAL] = "signal",
	[RECORD_PRICE_RULE] = "price_rule",
	[RECORD_OVERRIDE] = "override",
	[RECORD_EXCHANGE_RATE] = "exchange_rate",
	[RECORD_LANDED_COST] = "landed_cost",
	[RECORD_PLAN] = "plan",
	NULL,
};

static const struct field held_fields[] = {
	FIELD(1, held, id, ID, .required = true, .text = "What it is called."),
	FIELD(2, held, of, SAID(types),
	      .text = "What would change: a price, a cost, a landed_cost, an exchange_rate or an override."),
	FIELD(3, held, sku, ID, .text = "The article; absent: of an exchange rate."),
	FIELD(4, held, list, ID, .text = "The price list of a price."),
	FIELD(5, held, currency, FIELD_OF(TEXT, 3, 3), .required = true,
	      .text = "What its money is of; of an exchange rate, the other currency."),
	FIELD(6, held, before, .kind = FIELD_MONEY, .text = "Of one unit: what is in force."),
	FIELD(7, held, after, .kind = FIELD_MONEY, .text = "What it would be."),
	FIELD(8, held, rate_before, .kind = FIELD_QTY, .text = "The exchange rate that is in force."),
	FIELD(9, held, rate_after, .kind = FIELD_QTY, .text = "What it would be."),
	FIELD(10, held, from, .kind = FIELD_QTY, .text = "The volume break that moves furthest."),
	FIELD(11, held, approved, .kind = FIELD_MONEY,
	      .text = "The last approved price, by which the change is measured."),
	FIELD(12, held, change, FIELD_OF(PERCENT, INT64_C(-1000000000000), INT64_C(1000000000000)),
	      .text = "Of the last approved price; of a cost or rate, of what is usual."),
	FIELD(13, held, floor, .kind = FIELD_MONEY, .text = "Lowest legal price of one unit."),
	FIELD(14, held, usual, .kind = FIELD_MONEY, .text = "Median of what it has cost so far."),
	FIELD(15, held, cause, SAID(causes), .text = "Why it waits."),
	FIELD(16, held, needs, SAID(needs), .text = "Whose approval it takes."),
	FIELD(17, held, state, SAID(states), .text = "Whether it waits, or was rejected."),
	FIELD(18, held, by, WORDS, .required = true, .text = "Who imported it."),
	FIELD(19, held, login, WORDS, .required = true, .text = "As which Unix user."),
	FIELD(20, held, reason, WORDS, .required = true, .text = "Why."),
	FIELD(21, held, asked, .kind = FIELD_TIME, .required = true, .text = "When."),
	FIELD(22, held, until, .kind = FIELD_TIME, .required = true,
	      .text = "What nobody has approved by then is void."),
	FIELD(23, held, decided_by, WORDS, .text = "Who rejected it."),
	FIELD(24, held, decision, WORDS, .text = "And why."),
	FIELD(25, held, record, FIELD_OF(BYTES, 0, 1 << 20), .text = "The record as it would be, CBOR."),
	FIELD(26, held, override, ID, .text = "Of a price set by hand in the book: its id."),
};
const struct schema held_schema = SCHEMA("held", held, held_fields, "A change that waits for somebody.");

const char *held_subject(const struct held *h)
{
	return types[h->of];
}

static void say(int64_t amount, unsigned exponent, unsigned least, char out[DECIMAL_TEXT_MAX])
{
	decimal_format(amount, exponent, least, out);
}

static unsigned exponent_of(const struct held *h)
{
	unsigned exponent;

	return currency_exponent(h->currency, &exponent) ? 0 : exponent;
}

/* "18.2 % above the last approved 2.49"; a change of nothing is beyond any per cent. */
static void say_change(const struct held *h, const char *what, const char *of, char out[HELD_WHY_MAX])
{
	char percent[DECIMAL_TEXT_MAX] = "";
	bool falls = h->change.ppm != AMOUNT_NONE && h->change.ppm < 0;

	if (h->change.ppm != AMOUNT_NONE) {
		say((falls ? -h->change.ppm : h->change.ppm) / 1000, 1, 0, percent);
		snprintf(out, HELD_WHY_MAX, "%s %% %s the %s %s", percent, falls ? "below" : "above", what,
			 of);
		return;
	}
	snprintf(out, HELD_WHY_MAX, "the %s was %s", what, of);
}

void held_why(const struct held *h, char out[HELD_WHY_MAX])
{
	unsigned exponent = exponent_of(h);
	char text[DECIMAL_TEXT_MAX];

	switch ((enum held_cause)h->cause) {
	case HELD_CHANGE:
		say(h->approved.minor == AMOUNT_NONE ? 0 : h->approved.minor, exponent, exponent, text);
		say_change(h, "last approved", text, out);
		return;
	case HELD_FLOOR:
		if (h->floor.minor == INT64_MAX)
			snprintf(out, HELD_WHY_MAX, "no price is above its margin floor");
		else {
			say(h->floor.minor, exponent, exponent, text);
			snprintf(out, HELD_WHY_MAX, "below the lowest legal price %s", text);
		}
		return;
	case HELD_ANOMALY:
		if (h->of == RECORD_EXCHANGE_RATE)
			say(h->rate_before.micro, 6, 0, text);
		else
			say(h->usual.minor, exponent, exponent, text);
		say_change(h, "usual", text, out);
		return;
	}
}

struct rate price_change(struct money before, struct money after)
{
	int64_t difference = after.minor - before.minor;
	struct rate change = {AMOUNT_NONE};

	if (difference == 0)
		return (struct rate){0};
	if (before.minor > 0 && muldiv(difference < 0 ? -difference : difference, RATE_ONE.ppm, before.minor,
				       ROUND_UP, &change.ppm))
		change.ppm = AMOUNT_NONE;
	if (difference < 0 && change.ppm != AMOUNT_NONE)
		change.ppm = -change.ppm;
	return change;
}

bool price_change_is_large(struct rate change, struct rate limit)
{
	return change.ppm == AMOUNT_NONE || change.ppm > limit.ppm || change.ppm < -limit.ppm;
}

static bool same_bytes(const struct bytes *a, const struct bytes *b)
{
	return a->length == b->length && (!a->at || !b->at || memcmp(a->at, b->at, a->length) == 0);
}

bool held_is_repeat(const struct held *there, const struct held *now, int64_t now_s)
{
	return there->after.minor == now->after.minor && there->rate_after.micro == now->rate_after.micro &&
	       same_bytes(&there->record, &now->record) &&
	       (there->state == HELD_REJECTED || now_s <= there->until.seconds);
}

enum err held_may_decide(const struct held *h, const struct held_person *by, int64_t now_s, struct why *why)
{
	bool published = strncmp(h->id, HELD_PUBLISHED, sizeof(HELD_PUBLISHED) - 1) == 0;

	if (h->state == HELD_REJECTED)
		return fail(why, ERR_STATE, "%.64s has rejected it: %.200s", h->decided_by, h->decision);
	if (now_s > h->until.seconds)
		return fail(why, ERR_STATE, "nobody has approved it in time: %s it once more",
			    published ? "publish" : "import");
	if (!strcmp(by->name, h->by) || !strcmp(by->name, h->login))
		return fail(why, ERR_DENIED,
			    "%.64s has %s it: it takes a second person to approve or reject it", by->name,
			    published ? "published" : "imported");
	if (by->cfo || (by->manager && h->needs == HELD_MANAGER))
		return ERR_OK;
	return fail(why, ERR_DENIED, "%.64s is %s: it takes %s", by->name,
		    by->role ? by->role : "of no role here",
		    h->needs == HELD_CFO ? "the cfo" : "a pricing manager or the cfo");
}
