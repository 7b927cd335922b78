/*
 * What a need and a give must say, may say, and must not: tables, a row for each kind and target.
 */
#include <string.h>

#include "engine.h"
#include "records_parts.h"

static bool given(int64_t number)
{
	return number != AMOUNT_NONE;
}

static enum err check_selector(const struct record_selector *s, const char *field, struct why *why)
{
	if (!s)
		return ERR_OK;
	if (given(s->price_from.minor) && given(s->price_to.minor) && s->price_from.minor > s->price_to.minor)
		return fail(why, ERR_INVALID, "%s.price_to: is below price_from", field);
	if (s->discountable == 0)
		return fail(why, ERR_INVALID, "%s.discountable: only true says something; leave it out",
			    field);
	return ERR_OK;
}

static enum err check_need_measures(const struct record_need *n, struct why *why)
{
	int have = given(n->quantity) + given(n->amount.minor) + given(n->measure.micro) + (n->none == 1);

	if (have > 1)
		return fail(why, ERR_INVALID,
			    "amount: a need has one of quantity, amount, measure and none, not several");
	if (have == 0)
		return fail(
			why, ERR_INVALID,
			"quantity: missing; a need has a quantity, an amount, a measure or \"none\": true");
	if (given(n->unit) && !given(n->measure.micro))
		return fail(why, ERR_INVALID, "unit: means nothing without measure; leave it out");
	if (!given(n->amount.minor) && given(n->threshold))
		return fail(why, ERR_INVALID, "threshold: means nothing without amount; leave it out");
	if (!given(n->amount.minor) && given(n->tax))
		return fail(why, ERR_INVALID, "tax: means nothing without amount; leave it out");
	if (n->none == 1 && (n->above == 1 || n->per))
		return fail(why, ERR_INVALID, "none: goes with select alone");
	return ERR_OK;
}

enum err record_check_need(const struct record_need *n, struct why *why)
{
	enum err e = check_selector(n->select, "select", why);

	return e ? e : check_need_measures(n, why);
}

/* Members of a give besides kind, target and spread, in the order of the columns below. */
static const char *const members[] = {"percent", "amount", "price", "per",   "buy",   "get",
				      "got",	 "free",   "count", "sets",  "tiers", "methods",
				      "sku",	 "points", "every", "select"};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

/*
 * R wanted, O may be there, dot must not. V is the kind's own value, that is percent, amount or price: wanted
 * if there are no tiers.
 *	percent amount price per   buy get got free   count sets tiers methods   sku points every select
 */
static const char on_targets[RECORD_TARGETS][MEMBERS + 1] = {
	[RECORD_TARGET_GOODS] = "VVVO"
				"...."
				"..O."
				"...O",
	[RECORD_TARGET_ORDER] = "VVVO"
				"...."
				"..O."
				"....",
	[RECORD_TARGET_GROUPS] = "VVVO"
				 "RROO"
				 "...."
				 "...O",
	[RECORD_TARGET_NTH] = "VVVO"
			      "...."
			      "R..."
			      "...O",
	[RECORD_TARGET_CHEAPEST] = "VVVO"
				   "...."
				   "R..."
				   "...O",
	[RECORD_TARGET_DEAREST] = "VVVO"
				  "...."
				  "R..."
				  "...O",
	[RECORD_TARGET_SETS] = "VVVO"
			       "...."
			       ".R.."
			       "....",
};
static const char of_kinds[RECORD_GIVE_KINDS][MEMBERS + 1] = {
	[RECORD_GIVE_UNITS] = "O..."
			      "RROO"
			      "...."
			      "...O",
	[RECORD_GIVE_SHIPPING] = "OOO."
				 "...."
				 "...O"
				 "....",
	[RECORD_GIVE_GIFT] = "...."
			     "...."
			     "O..."
			     "R...",
	[RECORD_GIVE_POINTS] = "...."
			       "...."
			       "...."
			       ".ROO",
	[RECORD_GIVE_CASHBACK] = "OO.."
				 "...."
				 "...."
				 "...O",
	[RECORD_GIVE_CREDIT] = "OO.."
			       "...."
			       "...."
			       "...O",
};

/* Percent, amount and price are given on a target; the others are what they are. */
static bool has_target(const struct record_give *g)
{
	return g->kind == RECORD_GIVE_PERCENT || g->kind == RECORD_GIVE_AMOUNT ||
	       g->kind == RECORD_GIVE_PRICE;
}

static const char *const values[] = {
	[RECORD_GIVE_PERCENT] = "percent", [RECORD_GIVE_AMOUNT] = "amount", [RECORD_GIVE_PRICE] = "price"};

/* What that member may be, V and the like worked out. */
static char wanted(const struct record_give *g, size_t member)
{
	const char *name = members[member];
	char wants = has_target(g) ? on_targets[g->target][member] : of_kinds[g->kind][member];

	if (wants == 'V' && strcmp(name, values[g->kind]) != 0)
		return '.';
	if (wants == 'V')
		return g->tiers.count > 0 ? '.' : 'R';
	if (has_target(g) && g->kind == RECORD_GIVE_PERCENT && strcmp(name, "per") == 0)
		return '.';
	return wants;
}

static enum err check_members(const struct record_give *g, struct why *why)
{
	const bool there[MEMBERS] = {given(g->percent.ppm),
				     given(g->amount.minor),
				     given(g->price.minor),
				     given(g->per),
				     given(g->buy),
				     given(g->get),
				     g->got,
				     given(g->free),
				     given(g->count),
				     g->sets.count,
				     g->tiers.count,
				     g->methods.count,
				     g->sku,
				     given(g->points),
				     given(g->every.minor),
				     g->select};

	for (size_t i = 0; i < MEMBERS; i++) {
		char wants = wanted(g, i);

		if (wants == 'R' && !there[i])
			return fail(why, ERR_INVALID, "%s: missing; a give of kind '%s' needs it", members[i],
				    record_give_names[g->kind]);
		if (wants == '.' && there[i])
			return fail(why, ERR_INVALID,
				    "%s: means nothing in a give of kind '%s'; leave it out", members[i],
				    record_give_names[g->kind]);
	}
	return ERR_OK;
}

/* Members that the table cannot tell apart: how per and price go together, and how many values there are. */
static enum err check_values(const struct record_give *g, struct why *why)
{
	int have = given(g->percent.ppm) + given(g->amount.minor) + given(g->price.minor);

	if (!has_target(g)) {
		if (g->target != RECORD_TARGET_GOODS)
			return fail(why, ERR_INVALID,
				    "target: means nothing in a give of kind '%s'; leave it out",
				    record_give_names[g->kind]);
		if (have > 1)
			return fail(why, ERR_INVALID,
				    "percent: one of percent, amount and price, not several");
		if (have == 0 && (g->kind == RECORD_GIVE_CASHBACK || g->kind == RECORD_GIVE_CREDIT))
			return fail(why, ERR_INVALID, "percent: missing; '%s' has a percent or an amount",
				    record_give_names[g->kind]);
		return ERR_OK;
	}
	if (g->per == PER_LINE && g->target != RECORD_TARGET_GOODS && g->target != RECORD_TARGET_ORDER)
		return fail(why, ERR_INVALID, "per: 'line' goes with target goods or order alone");
	if (g->kind == RECORD_GIVE_PRICE && given(g->per) && g->target != RECORD_TARGET_SETS)
		return fail(why, ERR_INVALID, "per: of a price it goes with target sets alone");
	return ERR_OK;
}

static enum err check_tier(const struct record_give *g, const struct record_tier *t, struct why *why)
{
	const int64_t value[] = {t->percent.ppm, t->amount.minor, t->price.minor};
	static const int kinds[] = {RECORD_GIVE_PERCENT, RECORD_GIVE_AMOUNT, RECORD_GIVE_PRICE};

	for (size_t i = 0; i < 3; i++) {
		bool own = g->kind == kinds[i];

		if (own != given(value[i]))
			return fail(why, ERR_INVALID, "%s: %s", values[kinds[i]],
				    own ? "missing; it is the give's kind" : "is not of the give's kind");
	}
	if (given(t->from_quantity) + given(t->from_amount.minor) + given(t->from_measure.micro) != 1)
		return fail(why, ERR_INVALID,
			    "from_quantity: a tier has one of from_quantity, from_amount and from_measure");
	return ERR_OK;
}

/* What a tier is from; the others of the same give have to be of the same member, and rise. */
static int64_t tier_from(const struct record_tier *t, const char **member)
{
	if (given(t->from_quantity)) {
		*member = "from_quantity";
		return t->from_quantity;
	}
	*member = given(t->from_amount.minor) ? "from_amount" : "from_measure";
	return given(t->from_amount.minor) ? t->from_amount.minor : t->from_measure.micro;
}

static enum err check_steps(const struct record_give *g, const char *member, struct why *why)
{
	bool by_amount = strcmp(member, "from_amount") == 0;

	if (strcmp(member, "from_measure") == 0)
		return fail(why, ERR_INVALID, "spread: steps go by quantity or amount, not by measure");
	if (by_amount && g->kind != RECORD_GIVE_PERCENT)
		return fail(why, ERR_INVALID, "spread: steps by amount are of kind percent alone");
	if (g->kind == RECORD_GIVE_AMOUNT && given(g->per) && g->per != PER_UNIT)
		return fail(why, ERR_INVALID, "per: steps give their amount on each unit");
	return ERR_OK;
}

static enum err check_tiers(const struct record_give *g, struct why *why)
{
	const struct record_tier *tiers = g->tiers.at;
	const char *first = NULL, *member = NULL;
	int64_t before = 0;

	if (g->tiers.count == 0)
		return g->spread ? fail(why, ERR_INVALID, "spread: means nothing without tiers; leave it out")
				 : ERR_OK;
	for (size_t i = 0; i < g->tiers.count; i++) {
		enum err e = check_tier(g, &tiers[i], why);
		int64_t from = e ? 0 : tier_from(&tiers[i], &member);

		if (!e && first && strcmp(first, member) != 0)
			e = fail(why, ERR_INVALID, "%s: the tiers before it have %s", member, first);
		if (!e && from <= before)
			e = fail(why, ERR_INVALID, "%s: is not above the tier before it", member);
		if (e) {
			why_prefix(why, "tiers[%zu].", i);
			return e;
		}
		before = from;
		first = member;
	}
	return g->spread ? check_steps(g, member, why) : ERR_OK;
}

static enum err check_sets(const struct record_give *g, struct why *why)
{
	const struct record_set_part *parts = g->sets.at;
	bool rewarded = g->sets.count == 0;
	enum err e = ERR_OK;

	for (size_t i = 0; i < g->sets.count && !e; i++) {
		rewarded |= parts[i].rewarded == 1;
		e = check_selector(parts[i].select, "select", why);
		if (e)
			why_prefix(why, "sets[%zu].", i);
	}
	if (!e && !rewarded)
		e = fail(why, ERR_INVALID, "sets: no part of them is rewarded");
	return e;
}

enum err record_check_give(const struct record_give *g, struct why *why)
{
	enum err e = check_members(g, why);

	if (!e)
		e = check_values(g, why);
	if (!e && g->target == RECORD_TARGET_NTH && g->count < 2)
		e = fail(why, ERR_INVALID, "count: every piece is the first; 2 is the least");
	if (!e && given(g->unit) && g->tiers.count == 0)
		e = fail(why, ERR_INVALID, "unit: means nothing without tiers; leave it out");
	if (!e)
		e = check_tiers(g, why);
	if (!e)
		e = check_sets(g, why);
	if (!e)
		e = check_selector(g->select, "select", why);
	return e ? e : check_selector(g->got, "got", why);
}
