/*
 * tillhub held, approve and reject: what publications hold until a second person has looked at it.
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

struct listing {
	const struct tool *t;
	const char *id; /* NULL: all */
	int64_t now_s;
	size_t count;
};

static const char *const needs[] = {[HELD_MANAGER] = "a pricing manager or the cfo", [HELD_CFO] = "the cfo"};

static const char *state_of(const struct listing *l, const struct held *h)
{
	if (h->state == HELD_REJECTED)
		return "rejected";
	return h->until.seconds < l->now_s ? "void" : "pending";
}

static struct record_context context_of(const struct held *h)
{
	struct record_context c = {0};

	if (currency_exponent(h->currency, &c.exponent))
		c.exponent = 0; /* of a rate there is no money */
	return c;
}

static void print_json(const struct listing *l, const struct state_waiting *w)
{
	struct record_context c = context_of(&w->held);
	struct held shown = w->held;
	char why[HELD_WHY_MAX];
	struct jsonw out;
	struct buf line;

	shown.record = (struct bytes){0};
	held_why(&shown, why);
	buf_init(&line, 65536);
	jsonw_begin(&out, &line);
	jsonw_object(&out, NULL);
	if (w->scope[0])
		jsonw_text(&out, "store", w->scope);
	record_to_json(&held_schema, &shown, &c, &out);
	jsonw_text(&out, "why", why);
	if (strcmp(state_of(l, &shown), "void") == 0)
		jsonw_bool(&out, "void", true);
	jsonw_close(&out);
	if (jsonw_end(&out) == ERR_OK)
		fwrite(buf_front(&line), 1, buf_length(&line), stdout);
	buf_free(&line);
}

static const char *say_value(const struct held *h, struct money amount, struct qty rate,
			     char out[DECIMAL_TEXT_MAX])
{
	unsigned exponent = context_of(h).exponent;

	if (amount.minor != AMOUNT_NONE)
		decimal_format(amount.minor, exponent, exponent, out);
	else if (rate.micro != AMOUNT_NONE)
		decimal_format(rate.micro, 6, 0, out);
	else
		snprintf(out, DECIMAL_TEXT_MAX, "nothing");
	return out;
}

static void print_text(const struct listing *l, const struct state_waiting *w)
{
	char before[DECIMAL_TEXT_MAX], after[DECIMAL_TEXT_MAX], why[HELD_WHY_MAX];
	const struct held *h = &w->held;
	/* Of a volume break it is that one's. */
	struct money was = h->from.micro == AMOUNT_NONE ? h->before : h->approved;

	held_why(h, why);
	printf("%s  %s\n", h->id, state_of(l, h));
	printf("    %s of %s%s%s%s%s: %s, would be %s: %s\n", held_subject(h), h->sku ? h->sku : h->currency,
	       h->list ? " in list " : "", h->list ? h->list : "", w->scope[0] ? " for store " : "", w->scope,
	       say_value(h, was, h->rate_before, before), say_value(h, h->after, h->rate_after, after), why);
	printf("    published by %s (%s)", h->by, h->reason);
	if (h->state == HELD_REJECTED)
		printf(", rejected by %s: %s\n", h->decided_by, h->decision);
	else
		printf("; it takes %s\n", needs[h->needs]);
}

static enum err print_one(const struct state_waiting *w, void *arg, struct why *why)
{
	struct listing *l = arg;

	(void)why;
	if (l->id && strcmp(l->id, w->held.id) != 0)
		return ERR_OK;
	l->count++;
	if (l->t->json)
		print_json(l, w);
	else
		print_text(l, w);
	return ERR_OK;
}

static enum tool_exit print_those(struct tool *t, const char *id)
{
	struct listing l = {.t = t, .id = id, .now_s = clock_utc_ms(&clock_system) / 1000};
	struct arena a = ARENA_EMPTY;
	struct state *s = NULL;
	struct why why = {""};
	enum tool_exit code = tool_configure(t);
	enum err e;

	if (code != TOOL_DONE)
		return code;
	e = desk_open_state(t->config.state_dir, &s, &why);
	if (!e)
		e = state_each_waiting(s, &a, print_one, &l, &why);
	if (!e && l.count == 0 && id)
		e = fail(&why, ERR_NOT_FOUND, "nothing of that id waits: %s", id);
	if (!e && l.count == 0 && !t->json)
		puts("Nothing that was published waits.");
	state_close(s);
	arena_free(&a);
	return e ? tool_fail(TOOL_FAILED, "%s", why.text) : TOOL_DONE;
}

static enum tool_exit list(struct tool *t)
{
	return print_those(t, NULL);
}

const struct tool_command tool_held_list = {
	.name = "held list",
	.arguments = "",
	.text = "Lists what of publications waits for approval.",
	.more = "Prices that move too far against the last approved one or fall below the margin floor, and\n"
		"costs and exchange rates that leave their history: what they would replace stays in force.\n"
		"With --json a line for each.",
	.example = "tillhub held list\ntillhub approve publish-lq3w9x2a-1 --reason 'the new list of the "
		   "supplier'",
	.run = list,
};

static enum tool_exit show(struct tool *t)
{
	return print_those(t, t->args[0]);
}

const struct tool_command tool_held_show = {
	.name = "held show",
	.arguments = "ID",
	.least = 1,
	.most = 1,
	.text = "Shows one of them; of several stores each.",
	.example = "tillhub held show publish-lq3w9x2a-1",
	.run = show,
};

static void show_approved(const struct tool *t, const json_t *answer)
{
	printf("%s: approved by %s; in force with version %lld\n", t->args[0],
	       tool_text(answer, "decided_by"), tool_int(answer, "version"));
}

static void show_rejected(const struct tool *t, const json_t *answer)
{
	printf("%s: rejected by %s; what was in force stays so\n", t->args[0],
	       tool_text(answer, "decided_by"));
}

static enum tool_exit decide(struct tool *t, const char *verb,
			     void (*shown)(const struct tool *t, const json_t *answer))
{
	const char *reason = tool_option(t, "reason");

	if (!reason)
		return tool_fail(TOOL_USAGE, "%s: why? --reason TEXT", verb);
	return tool_ask(t,
			json_pack("{s:s, s:s, s:s, s:s*}", "do", verb, "id", t->args[0], "reason", reason,
				  "by", tool_option(t, "by")),
			shown);
}

static enum tool_exit approve(struct tool *t)
{
	return decide(t, "approve", show_approved);
}

static enum tool_exit reject(struct tool *t)
{
	return decide(t, "reject", show_rejected);
}

#define DECIDE_OPTIONS                                                                                   \
	{                                                                                                \
		{"reason", "TEXT", false, "why"},                                                        \
			{"by", "NAME", false, "who says so, if whoever runs this may speak for others"}, \
	}

const struct tool_command tool_approve = {
	.name = "approve",
	.arguments = "ID",
	.least = 1,
	.most = 1,
	.options = DECIDE_OPTIONS,
	.text = "Publishes what waits for approval.",
	.more = "It takes a pricing manager or the cfo of [roles], below the margin floor the cfo, and "
		"never\n"
		"whoever has published it.",
	.example = "tillhub approve publish-lq3w9x2a-1 --reason 'the new list of the supplier'",
	.run = approve,
};

const struct tool_command tool_reject = {
	.name = "reject",
	.arguments = "ID",
	.least = 1,
	.most = 1,
	.options = DECIDE_OPTIONS,
	.text = "Ends what waits; the same again is not asked.",
	.more = "By whom 'approve' may be said.",
	.example = "tillhub reject publish-lq3w9x2a-1 --reason 'a slip of the point'",
	.run = reject,
};
