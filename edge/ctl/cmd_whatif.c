/*
 * tillctl whatif: what the carts of the ledger would come to by another price book.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sales_walk.h"
#include "whatif_view.h"

#define DAY_S	 86400
#define DAYS_MAX 3660

struct run {
	struct ledger_reader *reader;
	struct whatif sums;
};

static enum err take_sale(const struct stored_sale *s, void *arg, struct why *why)
{
	struct run *r = arg;
	struct extract extract;
	enum err e = ledger_reader_extract(r->reader, s->sale, s->arena, &extract, why);

	if (!e)
		e = whatif_take(&r->sums, s->sale, &extract, s->arena, why);
	if (e)
		why_prefix(why, "order '%.64s' (event %" PRId64 "/%" PRId64 "): ", s->sale->order,
			   s->envelope->segment, s->envelope->sequence);
	return e;
}

static enum ctl_exit show(const struct ctl *ctl, const struct whatif *w)
{
	const char *picture = ctl_option(ctl, "svg");
	struct why why = {0};

	if (picture && whatif_draw(w, picture, &why) != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s", why.text);
	if (!ctl->json) {
		whatif_print(w);
		return CTL_DONE;
	}
	ctl_print(whatif_json(w));
	return CTL_DONE;
}

static enum ctl_exit run_book(struct ctl *ctl, struct run *r, const char *book, int64_t since_s)
{
	const struct sales_walk walk = {.reader = r->reader,
					.since_s = since_s,
					.doing = ctl->json ? NULL : "whatif",
					.each = take_sale,
					.arg = r};
	struct snapshot *snapshot;
	struct why why = {0};
	enum ctl_exit e = CTL_FAILED;

	if (book_load(book, &snapshot, &why) != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s", why.text);
	r->sums.catalog = snapshot_catalog(snapshot);
	if (sales_walk(&walk, &why) != ERR_OK)
		(void)ctl_fail(CTL_FAILED, "%s", why.text);
	else
		e = show(ctl, &r->sums);
	whatif_free(&r->sums);
	snapshot_unref(snapshot);
	return e;
}

/* Days that carts are moved by. */
static bool take_shift(const struct ctl *ctl, struct whatif *w)
{
	const char *text = ctl_option(ctl, "shift");
	char *end;
	long days = text ? strtol(text, &end, 10) : 0;

	if (text && (*text == '\0' || *end != '\0' || days < -DAYS_MAX || days > DAYS_MAX)) {
		(void)ctl_fail(CTL_USAGE, "--shift: '%s' is no number of days, such as 7", text);
		return false;
	}
	w->shift_s = days * DAY_S;
	return true;
}

static enum ctl_exit whatif(struct ctl *ctl)
{
	const char *book = ctl_option(ctl, "book"), *path;
	struct run r = {0};
	struct why why = {0};
	int64_t since_s;
	enum ctl_exit e;

	if (book == NULL)
		return ctl_fail(CTL_USAGE, "whatif: needs --book FILE");
	if (!ctl_moment("since", ctl_option(ctl, "since"), &since_s) || !take_shift(ctl, &r.sums))
		return CTL_USAGE;
	path = ctl_database(ctl, "ledger.db");
	if (path == NULL)
		return CTL_USAGE;
	if (ledger_reader_open(path, &r.reader, &why) != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s", why.text);
	e = run_book(ctl, &r, book, since_s);
	ledger_reader_close(r.reader);
	return e;
}

const struct ctl_command cmd_whatif = {
	.name = "whatif",
	.arguments = "",
	.options = {{"book", "FILE", "the other price book; '-': standard input"},
		    {"since", "TIME", "carts sold since then: 2026-11-21; else all"},
		    {"shift", "DAYS", "as if they were sold so many days later"},
		    {"svg", "FILE", "draw a picture, too"}},
	.text = "Prices sold carts by another price book.",
	.more = "Compares what customers paid, revenue, margin and savings, and by promotion which carts "
		"change.\n"
		"Promotions that begin tomorrow need --shift: each cart is priced at its own moment.",
	.example = "tillctl whatif --book tomorrow.jsonl --since 2026-11-14 --shift 7 --svg whatif.svg",
	.run = whatif,
};
