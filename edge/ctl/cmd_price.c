/*
 * tillctl price: what an article costs.
 */
#include <stdio.h>
#include <string.h>

#include "history.h"
#include "screen.h"
#include "view.h"

static void show_promotions(const json_t *promotions)
{
	static const char *const headers[] = {"<PROMOTION", "~WHAT IT SAYS", "<UNTIL"};
	struct table *t;
	const json_t *one;
	size_t i;

	if (json_array_size(promotions) == 0)
		return;
	putchar('\n');
	t = table_new(headers, 3);
	json_array_foreach (promotions, i, one) {
		const char *ends = text_of(one, "ends");
		char when[32];

		table_cell(t, text_of(one, "promotion"));
		table_cell(t, text_of(one, "text")[0] ? text_of(one, "text") : text_of(one, "name"));
		table_cell(t, ends[0] ? view_time(ends, when) : "-");
	}
	table_print(t);
}

static const char *step_text(const json_t *step)
{
	static const struct {
		const char *by, *text;
	} texts[] = {
		{"lock", "price lock: no more than was shown of late"},
		{"bounds", "what the article costs at least, or at most"},
		{"margin", "the least margin"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(text_of(step, "by"), texts[i].by) == 0)
			return texts[i].text;
	return text_of(step, "by");
}

/* What it was made of, step by step. */
static void show_steps(const json_t *answer)
{
	const json_t *step;
	size_t i;

	if (!*text_of(answer, "base"))
		return;
	printf("  %10s  before all else\n", text_of(answer, "base"));
	json_array_foreach (json_object_get(answer, "steps"), i, step) {
		printf("  %10s  ", text_of(step, "amount"));
		screen_text(step_text(step));
		if (*text_of(step, "rule")) {
			putchar(' ');
			screen_text(text_of(step, "rule"));
			printf(" (%s)", text_of(step, "kind"));
		}
		putchar('\n');
	}
}

static void show(const json_t *answer)
{
	screen_text(text_of(answer, "sku"));
	fputs("  ", stdout);
	screen_text(text_of(answer, "name"));
	printf("\n%s %s a %s, ", text_of(answer, "price"), text_of(answer, "currency"),
	       strcmp(text_of(answer, "unit"), "each") == 0 ? "piece" : text_of(answer, "unit"));
	if (text_of(answer, "override")[0])
		printf("set by hand: %s\n", text_of(answer, "override"));
	else if (text_of(answer, "list")[0])
		printf("list %s\n", text_of(answer, "list"));
	else
		puts("as it was shown before");
	show_steps(answer);
	show_promotions(json_object_get(answer, "promotions"));
}

static enum ctl_exit history(struct ctl *ctl)
{
	struct event_query q = {.key = ctl_option(ctl, "sku"), .type = SHOP_PRICE_CHANGED};

	if (ctl->arg_count == 2)
		q.key = ctl->args[1];
	if (!q.key)
		return ctl_fail(CTL_USAGE, "usage: tillctl price history SKU");
	return history_last(ctl, &q.last) ? history_show(ctl, &q, true) : CTL_USAGE;
}

static enum ctl_exit price(struct ctl *ctl)
{
	const char *sku = ctl_option(ctl, "sku");
	json_t *request;

	if (ctl->arg_count > 0 && strcmp(ctl->args[0], "history") == 0)
		return history(ctl);
	if (ctl->arg_count > 1)
		return ctl_fail(CTL_USAGE, "price: say one CODE, or 'history SKU'");
	if ((ctl->arg_count == 1) == (sku != NULL))
		return ctl_fail(CTL_USAGE, "price: give either a CODE or --sku SKU");
	request = json_pack("{s:s, s:s}", "verb", "price", sku ? "sku" : "code", sku ? sku : ctl->args[0]);
	if (request && ctl->lane)
		json_object_set_new(request, "lane", json_string(ctl->lane));
	return ctl_show(ctl, request, show);
}

const struct ctl_command cmd_price = {
	.name = "price",
	.arguments = "[CODE|history] [SKU]",
	.most = 2,
	.options = {{"sku", "SKU", "the article itself instead of a code"},
		    {"last", "N", "history: the newest N changes; default 20"}},
	.text = "Shows what an article costs, and its promotions.",
	.more = "With --lane and an open cart there: as that cart would pay. history: how its prices "
		"changed, who "
		"changed them\nand why.",
	.example = "tillctl price 4006381333931\ntillctl price --sku PEN-01 --lane 1\ntillctl price history "
		   "PEN-01",
	.run = price,
};
