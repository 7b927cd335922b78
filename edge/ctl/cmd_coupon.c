/*
 * tillctl coupon: adds a coupon to a cart; or says what became of a code, reserves, releases, returns, ends
 * it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "screen.h"
#include "view.h"

static void show_fact(const char *what, const char *text)
{
	if (text[0] == '\0')
		return;
	printf("  %-11s ", what);
	screen_text(text);
	putchar('\n');
}

static void show_time(const json_t *code, const char *what, const char *name)
{
	char when[32];

	if (text_of(code, name)[0])
		show_fact(what, view_time(text_of(code, name), when));
}

static void show_code(const json_t *code)
{
	screen_text(text_of(code, "code"));
	fputs(": ", stdout);
	screen_text(text_of(code, "state"));
	putchar('\n');
	show_fact("promotion", text_of(code, "promotion"));
	if (json_object_get(code, "limit"))
		printf("  %-11s %lld of %lld\n", "used", int_of(code, "uses"), int_of(code, "limit"));
	else
		printf("  %-11s %lld, of any number\n", "used", int_of(code, "uses"));
	show_fact("last order", text_of(code, "order"));
	if (int_of(code, "returned"))
		printf("  %-11s %lld\n", "returned", int_of(code, "returned"));
	show_fact("in cart", text_of(code, "cart"));
	show_fact("on lane", text_of(code, "lane"));
	show_fact("token", text_of(code, "token"));
	show_time(code, "reserved to", "until");
	show_time(code, "valid from", "from");
	show_time(code, "valid to", "to");
}

static enum ctl_exit about_code(struct ctl *ctl, const char *action, const char *code)
{
	static const char *const texts[] = {"token", "by"};
	json_t *request = json_pack("{s:s, s:s, s:s}", "verb", "code", "code", code, "action", action);
	long long minutes = 0;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (ctl_option(ctl, texts[i]))
			json_object_set_new(request, texts[i], json_string(ctl_option(ctl, texts[i])));
	if (!ctl_count(ctl, "minutes", &minutes)) {
		json_decref(request);
		return CTL_USAGE;
	}
	if (minutes)
		json_object_set_new(request, "minutes", json_integer(minutes));
	return ctl_show(ctl, request, show_code);
}

static enum ctl_exit onto_cart(struct ctl *ctl)
{
	const char *token = ctl_option(ctl, "token");
	enum ctl_exit e;
	json_t *request = ctl_lane_request(ctl, "coupon", &e);

	if (request == NULL)
		return e;
	json_object_set_new(request, "code", json_string(ctl->args[0]));
	if (token)
		json_object_set_new(request, "token", json_string(token));
	return ctl_show(ctl, request, view_cart);
}

static bool is_action(const char *word)
{
	static const char *const actions[] = {"show", "reserve", "release", "return", "expire"};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(word, actions[i]))
			return true;
	return false;
}

static enum ctl_exit coupon(struct ctl *ctl)
{
	const char *first = ctl->args[0];

	if (ctl->arg_count == 2 && is_action(first))
		return about_code(ctl, first, ctl->args[1]);
	if (ctl->arg_count == 1 && is_action(first)) /* codes are in capitals, as a rule */
		return ctl_fail(CTL_USAGE, "coupon %s: which code? coupon %s CODE", first, first);
	if (ctl->arg_count == 1)
		return onto_cart(ctl);
	return ctl_fail(CTL_USAGE,
			"coupon: '%s': show, reserve, release, return or expire a CODE, or give a "
			"CODE alone",
			first);
}

const struct ctl_command cmd_coupon = {
	.name = "coupon",
	.arguments = "[ACTION] CODE",
	.least = 1,
	.most = 2,
	.options = {{"token", "TOKEN", "that the code is reserved with"},
		    {"minutes", "N", "how long to reserve it (15)"},
		    {"by", "NAME", "who does it, for the record"}},
	.text = "Adds a coupon to a lane's cart; or shows a code.",
	.more = "ACTION: show what became of the code; reserve one use of it, for who gives the token; "
		"release\n"
		"that; return a use by hand; expire it, so that nobody can use it any more.",
	.example = "tillctl coupon WELCOME10 --lane 1\n"
		   "tillctl coupon show WELCOME10\n"
		   "tillctl coupon reserve WELCOME10 --minutes 60 --token app-7\n"
		   "tillctl coupon WELCOME10 --token app-7 --lane 1",
	.run = coupon,
};
