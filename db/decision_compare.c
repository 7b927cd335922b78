/*
 * A decision beside what the ledger stored of it: the first field that differs. See decision.h.
 */
#include <stdio.h>
#include <string.h>

#include "cart_json.h"
#include "decision.h"

struct comparison {
	const struct event_sale *sale;
	const struct catalog *catalog;
	const struct engine_result *result;
	unsigned exponent;
	struct decision_difference *out;
};

static bool text_is(struct comparison *c, const char *at, const char *stored, const char *computed)
{
	if (strcmp(stored, computed) == 0)
		return true;
	snprintf(c->out->at, sizeof(c->out->at), "%s", at);
	snprintf(c->out->stored, sizeof(c->out->stored), "%s", stored);
	snprintf(c->out->computed, sizeof(c->out->computed), "%s", computed);
	return false;
}

static bool number_is(struct comparison *c, const char *at, int64_t stored, int64_t computed,
		      unsigned exponent)
{
	char s[DECIMAL_TEXT_MAX], t[DECIMAL_TEXT_MAX];

	if (stored == computed)
		return true;
	decimal_format(stored, exponent, exponent, s);
	decimal_format(computed, exponent, exponent, t);
	return text_is(c, at, s, t);
}

static bool money_is(struct comparison *c, const char *at, struct money stored, struct money computed)
{
	return number_is(c, at, stored.minor, computed.minor, c->exponent);
}

/* "lines[2].net", from 1. */
static const char *place(char out[96], const char *list, size_t i, const char *member)
{
	snprintf(out, 96, "%s[%zu].%s", list, i + 1, member);
	return out;
}

static const char *promotion_at(const struct event_sale *sale, int64_t i)
{
	const struct sale_promotion *promotions = sale->promotions.at;

	return i < (int64_t)sale->promotions.count ? promotions[i].id : "?";
}

static bool discounts_are(struct comparison *c, size_t line, const struct sale_line *stored,
			  const struct line_result *computed)
{
	const struct sale_discount *from = stored->discounts.at;
	char at[96], member[48];

	if (!number_is(c, place(at, "lines", line, "discounts"), (int64_t)stored->discounts.count,
		       computed->discounts, 0))
		return false;
	for (uint32_t i = 0; i < computed->discounts; i++) {
		const struct discount *d = &c->result->discounts[computed->first_discount + i];

		snprintf(member, sizeof(member), "discounts[%u].promotion", i + 1);
		if (!text_is(c, place(at, "lines", line, member), promotion_at(c->sale, from[i].promotion),
			     c->catalog->promotions[d->promotion].id))
			return false;
		snprintf(member, sizeof(member), "discounts[%u].amount", i + 1);
		if (!money_is(c, place(at, "lines", line, member), from[i].amount, d->amount))
			return false;
	}
	return true;
}

static bool line_is(struct comparison *c, size_t i, const struct sale_line *s, const struct line_result *r)
{
	char at[96];

	return money_is(c, place(at, "lines", i, "unit_price"), s->unit_price, r->unit_price) &&
	       money_is(c, place(at, "lines", i, "list"), s->list, r->list) && discounts_are(c, i, s, r) &&
	       money_is(c, place(at, "lines", i, "net"), s->net, r->net) &&
	       money_is(c, place(at, "lines", i, "tax"), s->tax, r->tax);
}

static bool promotion_is(struct comparison *c, size_t i)
{
	const struct sale_promotion *s = (const struct sale_promotion *)c->sale->promotions.at + i;
	const struct verdict *v = &c->result->verdicts[i];
	char at[96];

	return text_is(c, place(at, "promotions", i, "id"), s->id, c->catalog->promotions[v->promotion].id) &&
	       money_is(c, place(at, "promotions", i, "amount"), s->amount, v->amount) &&
	       number_is(c, place(at, "promotions", i, "times"), s->times, v->times, 0);
}

static bool reward_is(struct comparison *c, size_t i)
{
	const struct sale_reward *s = (const struct sale_reward *)c->sale->rewards.at + i;
	const struct reward *r = &c->result->rewards[i];
	char at[96];

	return text_is(c, place(at, "rewards", i, "promotion"), promotion_at(c->sale, s->promotion),
		       c->catalog->promotions[r->promotion].id) &&
	       text_is(c, place(at, "rewards", i, "kind"), s->kind, reward_name(r->kind)) &&
	       money_is(c, place(at, "rewards", i, "amount"), s->amount, r->amount) &&
	       number_is(c, place(at, "rewards", i, "count"), s->count, r->count, 0);
}

static bool lists_are(struct comparison *c)
{
	const struct sale_line *lines = c->sale->lines.at;

	if (!number_is(c, "lines", (int64_t)c->sale->lines.count, c->result->line_count, 0))
		return false;
	for (size_t i = 0; i < c->sale->lines.count; i++)
		if (!line_is(c, i, &lines[i], &c->result->lines[i]))
			return false;
	if (!number_is(c, "promotions", (int64_t)c->sale->promotions.count, c->result->applied_count, 0))
		return false;
	for (size_t i = 0; i < c->sale->promotions.count; i++)
		if (!promotion_is(c, i))
			return false;
	if (!number_is(c, "rewards", (int64_t)c->sale->rewards.count, c->result->reward_count, 0))
		return false;
	for (size_t i = 0; i < c->sale->rewards.count; i++)
		if (!reward_is(c, i))
			return false;
	return true;
}

static bool totals_are(struct comparison *c)
{
	const struct event_sale *s = c->sale;
	const struct totals *t = &c->result->totals;

	return money_is(c, "list", s->list, t->list) && money_is(c, "discount", s->discount, t->discount) &&
	       money_is(c, "net", s->net, t->net) && money_is(c, "tax", s->tax, t->tax) &&
	       money_is(c, "total", s->total, t->total);
}

/* What no field of the sale says, above all why promotions did not apply, is in the hash alone. */
static bool hash_is(struct comparison *c)
{
	struct digest computed, stored = {{0}};
	char s[DIGEST_HEX_SIZE], t[DIGEST_HEX_SIZE];

	if (decision_hash(c->catalog, c->result, &computed))
		return text_is(c, "result", "an evaluation", "one that is too large");
	memcpy(stored.bytes, c->sale->result.at, DIGEST_SIZE);
	digest_hex(&stored, s);
	digest_hex(&computed, t);
	return text_is(c, "result", s, t);
}

bool decision_matches(const struct event_sale *sale, const struct catalog *catalog,
		      const struct engine_result *r, struct decision_difference *out)
{
	struct comparison c = {.sale = sale, .catalog = catalog, .result = r, .out = out};

	*out = (struct decision_difference){.at = ""};
	if (!text_is(&c, "currency", sale->currency, catalog->settings.currency))
		return false;
	c.exponent = catalog->settings.exponent;
	return lists_are(&c) && totals_are(&c) && hash_is(&c);
}
