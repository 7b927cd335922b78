/*
 * tillctl replay: takes the decisions of the ledger again, from what they stored, and compares.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "refund_again.h"
#include "sales_walk.h"

struct replay {
	const struct ctl *ctl;
	struct ledger_reader *reader, *other; /* other: for what a return refers to */
	struct decision_room room;
	int64_t decisions, different;
	bool every; /* goes on after a difference */
};

/* What is not the same; why gets it in words. */
static enum err differs(struct replay *r, const char *order, const struct event_envelope *event,
			const struct decision_difference *d, struct why *why)
{
	r->different++;
	if (r->ctl->json)
		ctl_print(json_pack("{s:b, s:s, s:I, s:I, s:s, s:s, s:s}", "ok", 0, "order", order, "segment",
				    (json_int_t)event->segment, "sequence", (json_int_t)event->sequence, "at",
				    d->at, "stored", d->stored, "computed", d->computed));
	(void)fail(why, ERR_CORRUPT,
		   "order '%.64s' (event %" PRId64 "/%" PRId64
		   "): %s is %s in the ledger, and %s computed again",
		   order, event->segment, event->sequence, d->at, d->stored, d->computed);
	if (!r->every)
		return ERR_CORRUPT;
	if (!r->ctl->json)
		puts(why->text);
	return ERR_OK;
}

static enum err recompute(struct replay *r, const struct stored_sale *s, struct snapshot *snapshot,
			  struct decision_difference *d, bool *same, struct why *why)
{
	const struct catalog *c = snapshot_catalog(snapshot);
	struct engine_cart cart;
	struct engine_result result;
	size_t missing;
	enum err e = decision_cart(s->sale, c, s->arena, &cart, &missing);

	if (e == ERR_NOT_FOUND)
		return fail(why, ERR_CORRUPT, "its extract lacks the article of line %zu", missing + 1);
	if (e)
		return fail(why, e, "its cart cannot be made again: %s", err_name(e));
	e = decision_evaluate(c, &cart, &r->room, &result, why);
	if (!e)
		*same = decision_matches(s->sale, c, &result, d);
	return e;
}

static enum err replay_sale(const struct stored_sale *s, void *arg, struct why *why)
{
	struct replay *r = arg;
	struct decision_difference d;
	struct snapshot *snapshot;
	struct extract extract;
	bool same = false;
	enum err e = ledger_reader_extract(r->reader, s->sale, s->arena, &extract, why);

	if (!e)
		e = decision_open(s->sale, &extract, &snapshot, why);
	if (!e) {
		e = recompute(r, s, snapshot, &d, &same, why);
		snapshot_unref(snapshot);
	}
	if (e) {
		why_prefix(why, "order '%.64s' (event %" PRId64 "/%" PRId64 "): ", s->sale->order,
			   s->envelope->segment, s->envelope->sequence);
		return e;
	}
	r->decisions++;
	return same ? ERR_OK : differs(r, s->sale->order, s->envelope, &d, why);
}

static enum err replay_return(const struct stored_return *s, void *arg, struct why *why)
{
	struct replay *r = arg;
	struct decision_difference d;
	bool same = false;
	enum err e = refund_again(r->other, s->id, s->back, &r->room, s->arena, &same, &d, why);

	if (e) {
		why_prefix(why,
			   "return '%.64s' of order '%.64s' (event %" PRId64 "/%" PRId64 "): ", s->back->id,
			   s->back->order, s->envelope->segment, s->envelope->sequence);
		return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
	}
	r->decisions++;
	return same ? ERR_OK : differs(r, s->back->order, s->envelope, &d, why);
}

static enum ctl_exit report(const struct replay *r, int64_t micros)
{
	double seconds = (double)micros / 1e6;

	if (r->ctl->json)
		ctl_print(json_pack("{s:b, s:I, s:I, s:f}", "ok", r->different == 0, "decisions",
				    (json_int_t)r->decisions, "different", (json_int_t)r->different,
				    "seconds", seconds));
	else if (r->different == 0)
		printf("%" PRId64 " decision%s taken again in %.1f s: all give the same bytes\n",
		       r->decisions, r->decisions == 1 ? "" : "s", seconds);
	if (r->different)
		return ctl_fail(CTL_FAILED, "different: %" PRId64 " of %" PRId64 " decisions", r->different,
				r->decisions);
	return CTL_DONE;
}

static enum ctl_exit run_replay(struct replay *r, const char *order, int64_t since_s)
{
	const struct sales_walk walk = {.reader = r->reader,
					.order = order,
					.since_s = since_s,
					.doing = order || r->ctl->json ? NULL : "replay",
					.each = replay_sale,
					.each_return = replay_return,
					.arg = r};
	int64_t start = clock_monotonic_us(&clock_system);
	struct why why = {0};
	enum err e = sales_walk(&walk, &why);

	decision_room_free(&r->room);
	if (e == ERR_NOT_FOUND && order)
		return ctl_fail(CTL_FAILED, "not_found: there is no order '%.64s' in the ledger", order);
	if (e)
		return ctl_fail(CTL_FAILED, "%s%s (%" PRId64 " decisions before it are the same)",
				r->different ? "different: " : "", why.text, r->decisions - r->different);
	return report(r, clock_monotonic_us(&clock_system) - start);
}

static enum ctl_exit replay(struct ctl *ctl)
{
	struct replay r = {.ctl = ctl, .every = ctl_option(ctl, "every") != NULL};
	const char *order = ctl->arg_count ? ctl->args[0] : NULL, *since = ctl_option(ctl, "since"), *path;
	bool all = ctl_option(ctl, "all") != NULL;
	struct why why = {0};
	int64_t since_s;
	enum ctl_exit e;

	if ((order != NULL) + all + (since != NULL) != 1)
		return ctl_fail(CTL_USAGE, "replay: say which: ORDER, --since TIME or --all");
	if (!ctl_moment("since", since, &since_s))
		return CTL_USAGE;
	path = ctl_database(ctl, "ledger.db");
	if (path == NULL)
		return CTL_USAGE;
	if (ledger_reader_open(path, &r.reader, &why) != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s", why.text);
	if (ledger_reader_open(path, &r.other, &why) != ERR_OK)
		e = ctl_fail(CTL_FAILED, "%s", why.text);
	else
		e = run_replay(&r, order, since_s);
	ledger_reader_close(r.other);
	ledger_reader_close(r.reader);
	return e;
}

const struct ctl_command cmd_replay = {
	.name = "replay",
	.arguments = "[ORDER]",
	.most = 1,
	.options = {{"all", NULL, "every sale and return of the ledger"},
		    {"since", "TIME", "those since then: 2026-11-21, or 2026-11-21T10:00:00Z"},
		    {"every", NULL, "go on after a difference, and tell each"}},
	.text = "Takes stored decisions again, and compares.",
	.more = "Each sale is priced once more from what it stored of the catalog, so the catalog may be "
		"gone,\n"
		"and the program newer. The first field that differs is named, with what is stored and what\n"
		"comes out now; exit code 1 then.",
	.example = "tillctl replay A-1047\ntillctl replay --since 2026-11-21 --json\ntillctl replay --all",
	.run = replay,
};
