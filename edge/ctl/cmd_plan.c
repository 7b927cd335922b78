/*
 * tillctl plan: subscriptions. Which plans there are, what a customer has, what it costs to take one or to go
 * to another, and that change itself on a box without headquarters.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "civil.h"
#include "clock.h"
#include "credit_spent.h"
#include "ctl_note.h"
#include "plan_view.h"
#include "zone.h"

#define DAY_S INT64_C(86400)

struct run {
	struct ctl *ctl;
	struct plans plans;
	struct store_day today;
	struct arena arena;
};

static enum ctl_exit list(struct run *r)
{
	if (r->ctl->json)
		return plan_print_list_json(&r->plans);
	plan_print_list(&r->plans);
	return CTL_DONE;
}

/* What the ledger says of the month that runs; of a book in a file there is none. */
static enum ctl_exit read_ledger(struct run *r, const struct standing *s, struct money *spent)
{
	*spent = MONEY_ZERO;
	if (!s->credit || ctl_option(r->ctl, "book"))
		return CTL_DONE;
	return credit_spent(r->ctl, r->plans.customer.id, s->month.last, spent);
}

static enum ctl_exit show(struct run *r)
{
	struct standing s;
	enum ctl_exit e;

	plan_read_standing(&r->plans, &r->today, &s);
	e = read_ledger(r, &s, &s.spent);
	if (e != CTL_DONE)
		return e;
	if (r->ctl->json)
		return plan_print_standing_json(&r->plans, &s);
	plan_print_standing(&r->plans, &s);
	return CTL_DONE;
}

static bool read_months(const struct ctl *ctl, int64_t *out)
{
	const char *text = ctl_option(ctl, "months");

	*out = 0;
	if (!text ||
	    (decimal_parse(text, strlen(text), 0, out) == ERR_OK && *out >= 1 && *out <= PLAN_MONTHS_MAX))
		return true;
	ctl_fail(CTL_USAGE, "--months: '%s' is no number from 1 to %d", text, PLAN_MONTHS_MAX);
	return false;
}

static bool read_spent(struct run *r, struct money *out)
{
	const char *text = ctl_option(r->ctl, "spent");
	unsigned exponent = book_exponent(&r->plans.book);
	struct standing s;

	if (!text) {
		plan_read_standing(&r->plans, &r->today, &s);
		return read_ledger(r, &s, out) == CTL_DONE;
	}
	if ((decimal_parse(text, strlen(text), exponent, &out->minor) == ERR_OK && out->minor >= 0))
		return true;
	ctl_fail(CTL_USAGE, "--spent: '%s' is no amount of %s", text, r->plans.book.currency);
	return false;
}

static enum ctl_exit make_ask(struct run *r, struct subscribe_ask *ask)
{
	struct subscribed now;
	bool good;

	subscribed_on(&r->plans.customer, &r->today, &now);
	*ask = (struct subscribe_ask){
		.customer = &r->plans.customer,
		.from = plans_find(&r->plans, now.plan),
		.to = plans_find(&r->plans, r->ctl->args[2]),
		.today = r->today,
		.rounding = (enum rounding)r->plans.book.rounding,
	};
	good = read_months(r->ctl, &ask->months) && read_spent(r, &ask->spent);
	if (!good)
		return CTL_USAGE;
	if (!ask->to)
		return ctl_fail(CTL_FAILED,
				"not_found: there is no plan '%.64s'; 'tillctl plan list' shows them",
				r->ctl->args[2]);
	if (now.plan && !ask->from)
		return ctl_fail(CTL_FAILED, "not_found: customer '%s' has plan '%s', which is not there",
				ask->customer->id, now.plan);
	return CTL_DONE;
}

static enum ctl_exit write_change(struct run *r, const struct subscribe_ask *ask, const struct plan_quote *q)
{
	struct record_customer changed;
	struct catalog_note note;
	struct why why = {0};
	const char *path;
	uint64_t version;

	if (ctl_option(r->ctl, "book"))
		return ctl_fail(CTL_USAGE,
				"plan change: changes the box's catalog, not a file; leave --book out");
	path = ctl_database(r->ctl, "catalog.db");
	if (!path)
		return CTL_USAGE;
	if (subscribe_change(ask, q, &r->arena, &changed) != ERR_OK)
		return ctl_fail(CTL_FAILED, "out of memory");
	if (!ctl_note(r->ctl, "change of plan", &note))
		return CTL_USAGE;
	umask(0002); /* as import does: the daemon is another user of the group */
	if (catalog_put_customer(path, ask->customer, &changed, &note, &version, &why) != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s; nothing was changed", why.text);
	return CTL_DONE;
}

static enum ctl_exit offer(struct run *r, bool writes)
{
	struct subscribe_ask ask;
	struct plan_quote quote;
	struct plan_offer shown;
	enum plan_change change;
	struct why why = {0};
	enum ctl_exit e = make_ask(r, &ask);

	if (e != CTL_DONE)
		return e;
	if (subscribe_quote(&ask, &r->arena, &change, &quote, &why) != ERR_OK)
		return ctl_fail(CTL_FAILED, "refused: %s", why.text);
	if (plan_offer_fill(&ask, change, &quote, r->plans.book.currency, &r->arena, &shown) != ERR_OK)
		return ctl_fail(CTL_FAILED, "out of memory");
	if (writes)
		e = write_change(r, &ask, &quote);
	if (e != CTL_DONE)
		return e;
	if (r->ctl->json)
		return plan_print_offer_json(&r->plans, &shown);
	plan_print_offer(&r->plans, &shown);
	return CTL_DONE;
}

/* Civil: on the store's clock. A date alone will do. */
static enum ctl_exit read_today(const struct ctl *ctl, struct store_day *out)
{
	const char *text = ctl_option(ctl, "at");
	int64_t s = clock_utc_ms(&clock_system) / 1000;
	bool local = false;

	if (text && civil_parse(text, strlen(text), &s, &local) != ERR_OK)
		return ctl_fail(CTL_USAGE, "--at: '%s' is no time, such as 2026-11-21", text);
	out->utc_offset_s = zone_offset_s(local ? s - zone_offset_s(s) : s);
	s += local ? 0 : out->utc_offset_s;
	out->day = (int32_t)(s < 0 ? (s + 1) / DAY_S - 1 : s / DAY_S);
	return CTL_DONE;
}

static const struct action {
	const char *name;
	unsigned args;
	const char *usage;
} actions[] = {
	{"list", 1, "list"},
	{"show", 2, "show CUSTOMER"},
	{"quote", 3, "quote CUSTOMER PLAN"},
	{"change", 3, "change CUSTOMER PLAN"},
};

static const struct action *find_action(const struct ctl *ctl)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		const struct action *a = &actions[i];

		if (strcmp(a->name, ctl->args[0]) != 0)
			continue;
		if (a->args == ctl->arg_count)
			return a;
		ctl_fail(CTL_USAGE, "usage: tillctl plan %s", a->usage);
		return NULL;
	}
	ctl_fail(CTL_USAGE, "plan: say 'list', 'show', 'quote' or 'change', not '%s'", ctl->args[0]);
	return NULL;
}

static enum ctl_exit act(struct run *r, const struct action *a)
{
	enum ctl_exit e;

	r->plans.wanted = a->args > 1 ? r->ctl->args[1] : NULL;
	e = plans_read(r->ctl, ctl_option(r->ctl, "book"), &r->plans);
	if (e == CTL_DONE)
		e = read_today(r->ctl, &r->today);
	if (e != CTL_DONE)
		return e;
	if (a == &actions[0])
		return list(r);
	return a == &actions[1] ? show(r) : offer(r, a == &actions[3]);
}

static enum ctl_exit plan(struct ctl *ctl)
{
	static struct run r; /* large: hundreds of plans */
	const struct action *a = find_action(ctl);
	enum ctl_exit e;

	if (!a)
		return CTL_USAGE;
	r = (struct run){.ctl = ctl};
	e = act(&r, a);
	arena_free(&r.plans.arena);
	arena_free(&r.arena);
	return e;
}

const struct ctl_command cmd_plan = {
	.name = "plan",
	.arguments = "WHAT [CUSTOMER [PLAN]]",
	.least = 1,
	.most = 3,
	.options = {{"months", "N", "quote, change: so many months at once; default as before, else 1"},
		    {"at", "TIME", "as if it were then, such as 2026-11-21; else now"},
		    {"spent", "AMOUNT",
		     "quote, change: basket credit of this month that was spent; else what the ledger says"},
		    {"book", "FILE", "of a price book in a file, not of the box's catalog"},
		    {"by", "USER", "change: who, for the event that tells it; else whoever runs tillctl"}},
	.text = "Shows subscriptions, quotes and changes them.",
	.more = "WHAT is list, show CUSTOMER, quote CUSTOMER PLAN or change CUSTOMER PLAN.\nquote says what "
		"it costs to take a plan or to go to another one; change does it, in the "
		"catalog of a box\nwithout headquarters. docs/engine.md, \"Subscriptions\", says how it is "
		"reckoned.",
	.example = "tillctl plan list\ntillctl plan quote 952000000017 vip\ntillctl plan change "
		   "952000000017 vip",
	.run = plan,
};
