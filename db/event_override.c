/*
 * Overrides and approvals as tables of fields. See event_override.h.
 */
#include "event_override.h"

#include "fields.h"

#define SECONDS FIELD_OF(INT, INT64_C(-99999999999), INT64_C(99999999999))
#define WORDS	FIELD_OF(TEXT, 1, 200)

static const char *const needs[] = {"nothing", "manager", "cfo", "review", NULL};
static const char *const verdicts[] = {"approved", "rejected", "ended", "expired", NULL};

static const struct field override_fields[] = {
	FIELD(1, event_override, id, ID, .required = true, .text = "name of the override"),
	FIELD(2, event_override, sku, ID, .required = true, .text = "article"),
	FIELD(3, event_override, currency, FIELD_OF(TEXT, 3, 3), .required = true,
	      .text = "ISO 4217 code that its money is of"),
	FIELD(4, event_override, price, MONEY_FROM(0), .required = true, .text = "price of one unit"),
	FIELD(5, event_override, before, MONEY_FROM(0), .required = true,
	      .text = "last approved price, which the change is measured by"),
	FIELD(6, event_override, change, .kind = FIELD_PERCENT,
	      .text = "of before, below 0 for a lower price; absent: before was 0"),
	FIELD(7, event_override, floor, .kind = FIELD_MONEY,
	      .text = "lowest legal price of a unit; absent: the article is unguarded"),
	FIELD(8, event_override, from_s, SECONDS, .required = true,
	      .text = "first second, since 1970 UTC; of what waits for approval, when it was asked for"),
	FIELD(9, event_override, to_s, SECONDS, .required = true, .text = "last second"),
	FIELD(10, event_override, decide_until_s, SECONDS, .has_default = true, .absent = 0,
	      .text = "what nobody has approved by then is void; 0: it needs no approval"),
	FIELD(11, event_override, needs, ENUM(needs, NEEDS_NOTHING), .text = "whose approval it needs"),
	FIELD(12, event_override, by, ID, .required = true, .text = "who set it"),
	FIELD(13, event_override, role, ID, .required = true, .text = "in which role"),
	FIELD(14, event_override, reason, WORDS, .required = true, .text = "why"),
};
const struct schema event_override_schema =
	SCHEMA("override", event_override, override_fields, "A person set a price at this box.");

static const struct field approval_fields[] = {
	FIELD(1, event_approval, id, ID, .required = true, .text = "the override, or what an import held"),
	FIELD(2, event_approval, sku, ID, .required = true,
	      .text = "its article; of an exchange rate the currency"),
	FIELD(3, event_approval, verdict, ENUM(verdicts, VERDICT_APPROVED), .text = "what was said"),
	FIELD(4, event_approval, by, ID, .required = true, .text = "who said it"),
	FIELD(5, event_approval, role, ID, .required = true, .text = "in which role"),
	FIELD(6, event_approval, reason, WORDS, .required = true, .text = "why"),
	FIELD(7, event_approval, subject, ID,
	      .text = "price, cost, landed_cost or exchange_rate that an import held; absent: an override"),
	FIELD(8, event_approval, list, ID, .text = "price list of a price that was held"),
	FIELD(9, event_approval, currency, FIELD_OF(TEXT, 3, 3), .text = "that its money is of"),
	FIELD(10, event_approval, before, .kind = FIELD_MONEY, .text = "what was in force"),
	FIELD(11, event_approval, after, .kind = FIELD_MONEY, .text = "what was imported"),
	FIELD(12, event_approval, rate_before, .kind = FIELD_QTY, .text = "the same of an exchange rate"),
	FIELD(13, event_approval, rate_after, .kind = FIELD_QTY, .text = "the same of an exchange rate"),
	FIELD(14, event_approval, asked_by, WORDS, .text = "who imported it"),
	FIELD(15, event_approval, why, WORDS, .text = "why it had to wait"),
};
const struct schema event_approval_schema = SCHEMA("approval", event_approval, approval_fields,
						   "What became of a change: by another person, or by time.");

const char *approval_need_name(int64_t need)
{
	return need >= NEEDS_NOTHING && need <= NEEDS_REVIEW ? needs[need] : "";
}

const char *approval_verdict_name(int64_t verdict)
{
	return verdict >= VERDICT_APPROVED && verdict <= VERDICT_EXPIRED ? verdicts[verdict] : "";
}

static enum err decode(const struct schema *s, struct bytes body, struct arena *a, void *out, struct why *why)
{
	struct cborr r = cborr_over(body.at, body.length);
	enum err e = record_from_cbor(s, &r, a, out, why);

	if (!e && r.at != r.end)
		return fail(why, ERR_INVALID, "%s: bytes behind its end", s->name);
	return e;
}

enum err event_override_decode(struct bytes body, struct arena *a, struct event_override *out,
			       struct why *why)
{
	return decode(&event_override_schema, body, a, out, why);
}

enum err event_approval_decode(struct bytes body, struct arena *a, struct event_approval *out,
			       struct why *why)
{
	return decode(&event_approval_schema, body, a, out, why);
}
