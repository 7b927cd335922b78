/*
 * tillctl promotion: how often promotions were used, and what is left of their limits.
 */
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "screen.h"

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

/* "3 of 10", or what was used where there is no limit. */
static void cell_uses(struct table *t, const json_t *p)
{
	char text[64];

	if (json_object_get(p, "uses_limit"))
		snprintf(text, sizeof(text), "%lld of %lld", int_of(p, "uses"), int_of(p, "uses_limit"));
	else
		snprintf(text, sizeof(text), "%lld", int_of(p, "uses"));
	table_cell(t, text);
}

static void cell_left(struct table *t, const json_t *p)
{
	char text[64];

	snprintf(text, sizeof(text), "%lld", int_of(p, "uses_left"));
	table_cell(t, json_object_get(p, "uses_left") ? text : "-");
}

static void show_usage(const json_t *answer)
{
	static const char *const headers[] = {"<PROMOTION", ">USES",   ">LEFT", ">IN CARTS",
					      ">GIVEN",	    ">BUDGET", ">LEFT", "~NAME"};
	const json_t *all = json_object_get(answer, "promotions"), *p;
	struct table *t;
	size_t i;

	if (json_array_size(all) == 0) {
		puts("No promotion of the book was used, and none has a limit.");
		return;
	}
	t = table_new(headers, 8);
	json_array_foreach (all, i, p) {
		table_cell(t, text_of(p, "promotion"));
		cell_uses(t, p);
		cell_left(t, p);
		table_cell_int(t, int_of(p, "held"));
		table_cell(t, text_of(p, "given"));
		table_cell(t, or_dash(text_of(p, "budget")));
		table_cell(t, or_dash(text_of(p, "budget_left")));
		table_cell(t, text_of(p, "name"));
	}
	table_print(t);
}

static enum ctl_exit promotion(struct ctl *ctl)
{
	json_t *request;

	if (strcmp(ctl->args[0], "usage") != 0)
		return ctl_fail(CTL_USAGE, "promotion: '%s': there is 'usage' alone", ctl->args[0]);
	request = json_pack("{s:s}", "verb", "usage");
	if (ctl->arg_count == 2)
		json_object_set_new(request, "promotion", json_string(ctl->args[1]));
	return ctl_show(ctl, request, show_usage);
}

const struct ctl_command cmd_promotion = {
	.name = "promotion",
	.arguments = "usage [ID]",
	.least = 1,
	.most = 2,
	.text = "Shows uses of promotions, and what is left.",
	.more = "Uses are orders that were paid here; in carts: that open carts hold. Amounts are in the "
		"book's\n"
		"currency.",
	.example = "tillctl promotion usage\n"
		   "tillctl promotion usage summer-10 --json",
	.run = promotion,
};
