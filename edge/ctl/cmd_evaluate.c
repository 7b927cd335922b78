/*
 * tillctl evaluate: what carts in a file cost by a price book in a file. Needs no daemon.
 */
#include <stdio.h>
#include <string.h>

#include "civil.h"
#include "ctl.h"
#include "evaluate_file.h"
#include "view.h"

#define RESULT_MAX 67108864

struct writer {
	bool json;
	bool several; /* a result was printed before */
};

static void show(const struct writer *to, const struct evaluation *e, const struct buf *line)
{
	json_t *json = json_loadb((const char *)buf_front(line), buf_length(line), 0, NULL);

	if (to->several)
		putchar('\n');
	if (e->id)
		printf("Cart %s\n", e->id);
	view_explained(json);
	json_decref(json);
}

static enum err one_result(const struct evaluation *e, void *arg, struct why *why)
{
	struct writer *to = arg;
	struct jsonw w;
	struct buf line;
	enum err result;

	buf_init(&line, RESULT_MAX);
	jsonw_begin(&w, &line);
	evaluation_write(e, &w);
	result = jsonw_end(&w);
	if (result != ERR_OK)
		result = fail(why, result, "the result is too large");
	else if (to->json)
		fwrite(buf_front(&line), 1, buf_length(&line), stdout);
	else
		show(to, e, &line);
	to->several = true;
	buf_free(&line);
	return result;
}

static enum ctl_exit read_now(const char *text, int64_t *now_s)
{
	bool local;

	*now_s = AMOUNT_NONE;
	if (text == NULL || (civil_parse(text, strlen(text), now_s, &local) == ERR_OK && !local))
		return CTL_DONE;
	return ctl_fail(CTL_USAGE, "--now: '%s' is no time with its zone, such as 2026-11-21T10:00:00Z",
			text);
}

static enum ctl_exit evaluate(struct ctl *ctl)
{
	const char *book = ctl_option(ctl, "book"), *cart = ctl_option(ctl, "cart");
	struct writer to = {.json = ctl->json};
	struct why why = {0};
	enum ctl_exit e;
	int64_t now_s;

	if (book == NULL || cart == NULL)
		return ctl_fail(CTL_USAGE, "evaluate: needs --book FILE and --cart FILE");
	e = read_now(ctl_option(ctl, "now"), &now_s);
	if (e != CTL_DONE)
		return e;
	if (evaluate_files(book, cart, now_s, ctl_option(ctl, "every-reason") != NULL, one_result, &to,
			   &why) != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s", why.text);
	return CTL_DONE;
}

const struct ctl_command cmd_evaluate = {
	.name = "evaluate",
	.arguments = "",
	.options = {{"book", "FILE", "the price book; '-': standard input"},
		    {"cart", "FILE", "carts, JSON objects one after the other; '-': standard input"},
		    {"now", "TIME", "for carts that name no time: 2026-11-21T10:00:00Z"},
		    {"every-reason", NULL, "judge also promotions that no line could touch"}},
	.text = "Prices carts in a file, without a daemon.",
	.more = "By a price book in a file: nothing of the box is touched.",
	.example = "tillctl evaluate --book book.jsonl --cart cart.json --now 2026-11-21T10:00:00Z --json",
	.run = evaluate,
};
