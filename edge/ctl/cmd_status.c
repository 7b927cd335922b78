/*
 * tillctl status: the box at a glance.
 */
#include <stdio.h>

#include "ctl.h"
#include "screen.h"
#include "view.h"

static void put(const char *name, const char *text)
{
	printf("%-10s", name);
	screen_wrap(text, 10, 10);
}

/* By a rate of yesterday the guard may let promotions take too much off. */
static void show_rates(const json_t *rates)
{
	const json_t *rate;
	char text[160], when[32];
	size_t i;

	json_array_foreach (rates, i, rate) {
		const char *at = text_of(rate, "at");

		if (!json_is_true(json_object_get(rate, "stale")))
			continue;
		snprintf(text, sizeof(text), "the exchange rate of %s %s%s: import today's",
			 text_of(rate, "currency"),
			 *at ? "is more than a day old, of " : "does not say of when it is ('at')",
			 *at ? view_time(at, when) : "");
		put("Warning", text);
	}
}

static void show_catalog(const json_t *catalog)
{
	char text[256];

	if (!json_is_object(catalog)) {
		put("Catalog", "none yet: 'tillctl import BOOK' brings one");
		return;
	}
	snprintf(text, sizeof(text), "%s, version %lld: %lld articles, %lld promotions, %s",
		 text_of(catalog, "book"), int_of(catalog, "version"), int_of(catalog, "items"),
		 int_of(catalog, "promotions"), text_of(catalog, "currency"));
	put("Catalog", text);
	show_rates(json_object_get(catalog, "exchange_rates"));
}

static void show_ledger(const json_t *ledger)
{
	const json_t *warning;
	char text[256];
	size_t i;

	snprintf(text, sizeof(text),
		 "segment %lld, sequence %lld; since start sales: %lld, commits: %lld, waiting: %lld",
		 int_of(ledger, "segment"), int_of(ledger, "sequence"), int_of(ledger, "sales"),
		 int_of(ledger, "commits"), int_of(ledger, "queued"));
	put("Ledger", text);
	snprintf(text, sizeof(text), "%lld MiB free (%s), WAL %lld kB", int_of(ledger, "free_bytes") >> 20,
		 text_of(ledger, "space"), int_of(ledger, "wal_bytes") / 1000);
	put("Disk", text);
	json_array_foreach (json_object_get(ledger, "warnings"), i, warning) {
		put("Warning", json_string_value(warning));
	}
}

/* Nothing is said of a clock that is right. */
static void show_clock(const json_t *clock)
{
	if (!json_is_true(json_object_get(clock, "uncertain")) &&
	    !json_is_true(json_object_get(clock, "clock_wrong")))
		return;
	put("Clock", text_of(clock, "text"));
	if (json_is_true(json_object_get(clock, "uncertain")))
		put("", "promotions that want to be sure of the time wait");
	printf("%-10sfix: ", ""); /* a command to be copied: in one piece */
	screen_text(text_of(clock, "fix"));
	putchar('\n');
}

static const char *duration(long long s, char out[64])
{
	if (s < 60)
		snprintf(out, 64, "%lld s", s);
	else if (s < 3600)
		snprintf(out, 64, "%lld min %lld s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, 64, "%lld h %lld min", s / 3600, s % 3600 / 60);
	else
		snprintf(out, 64, "%lld d %lld h", s / 86400, s % 86400 / 3600);
	return out;
}

static void show(const json_t *answer)
{
	char text[64];

	put("Box", text_of(answer, "box"));
	put("Store", text_of(answer, "store"));
	put("Up for", duration(int_of(answer, "uptime_s"), text));
	show_catalog(json_object_get(answer, "catalog"));
	show_ledger(json_object_get(answer, "ledger"));
	show_clock(json_object_get(answer, "clock"));
	snprintf(text, sizeof(text), "%lld", int_of(answer, "lanes"));
	put("Lanes", text);
	snprintf(text, sizeof(text), "%lld", int_of(answer, "clients"));
	put("Clients", text);
}

static enum ctl_exit status(struct ctl *ctl)
{
	return ctl_show(ctl, json_pack("{s:s}", "verb", "status"), show);
}

const struct ctl_command cmd_status = {
	.name = "status",
	.arguments = "",
	.text = "Shows the box, its catalog and its ledger.",
	.example = "tillctl status",
	.run = status,
};
