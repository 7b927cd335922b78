/*
 * tillctl lanes: lanes, their scanners, and the carts that are put aside.
 */
#include <stdio.h>

#include "ctl.h"
#include "screen.h"
#include "view.h"

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

static void show_lanes(const json_t *lanes)
{
	static const char *const headers[] = {"<LANE", "<STATE", "<CART", ">LINES", ">TOTAL"};
	struct table *t = table_new(headers, 5);
	const json_t *lane;
	size_t i;

	json_array_foreach (lanes, i, lane) {
		table_cell(t, text_of(lane, "lane"));
		table_cell(t, text_of(lane, "state"));
		table_cell(t, or_dash(text_of(lane, "cart")));
		table_cell_int(t, int_of(lane, "lines"));
		table_cell(t, or_dash(text_of(lane, "total")));
	}
	table_print(t);
}

static size_t add_scanners(struct table *t, const json_t *lane)
{
	const json_t *scanners = json_object_get(lane, "scanners"), *one;
	size_t i;

	json_array_foreach (scanners, i, one) {
		table_cell(t, text_of(one, "scanner"));
		table_cell(t, text_of(lane, "lane"));
		table_cell(t, text_of(one, "state"));
		table_cell_int(t, int_of(one, "scans"));
		table_cell_int(t, int_of(one, "dropped"));
		table_cell(t, text_of(one, "device"));
	}
	return json_array_size(scanners);
}

/* In whole sentences below the table: what is to be done stands at their end. */
static void show_reasons(const json_t *lane)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_object_get(lane, "scanners"), i, one) {
		if (text_of(one, "reason")[0] == '\0')
			continue;
		screen_text(text_of(one, "scanner"));
		fputs(" is down: ", stdout);
		screen_text(text_of(one, "reason"));
		putchar('\n');
	}
}

static void show_scanners(const json_t *lanes)
{
	static const char *const headers[] = {"<SCANNER", "<LANE", "<STATE", ">SCANS", ">DROPPED", "~DEVICE"};
	struct table *t = table_new(headers, 6);
	const json_t *lane;
	size_t i, n = 0;

	json_array_foreach (lanes, i, lane) {
		n += add_scanners(t, lane);
	}
	putchar('\n');
	if (n > 0) {
		table_print(t);
	} else {
		puts("No scanner is configured.");
		table_free(t);
	}
	json_array_foreach (lanes, i, lane) {
		show_reasons(lane);
	}
}

static void show_suspended(const json_t *carts)
{
	static const char *const headers[] = {"<SUSPENDED CART", "<LANE", ">LINES", ">TOTAL", "<SINCE"};
	struct table *t;
	const json_t *cart;
	size_t i;

	if (json_array_size(carts) == 0)
		return;
	putchar('\n');
	t = table_new(headers, 5);
	json_array_foreach (carts, i, cart) {
		char when[32];

		table_cell(t, text_of(cart, "cart"));
		table_cell(t, text_of(cart, "lane"));
		table_cell_int(t, int_of(cart, "lines"));
		table_cell(t, text_of(cart, "total"));
		table_cell(t, view_time(text_of(cart, "since"), when));
	}
	table_print(t);
}

static void show(const json_t *answer)
{
	show_lanes(json_object_get(answer, "lanes"));
	show_scanners(json_object_get(answer, "lanes"));
	show_suspended(json_object_get(answer, "suspended"));
}

static enum ctl_exit lanes(struct ctl *ctl)
{
	return ctl_show(ctl, json_pack("{s:s}", "verb", "lanes"), show);
}

const struct ctl_command cmd_lanes = {
	.name = "lanes",
	.arguments = "",
	.text = "Shows lanes, scanners and suspended carts.",
	.example = "tillctl lanes",
	.run = lanes,
};
