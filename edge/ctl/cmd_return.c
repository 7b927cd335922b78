/*
 * tillctl return: takes goods of a paid order back, and says what to pay out.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "view_return.h"

/* "2" or "2=1.5": a line of the receipt, and how much of it; false after an error that was told. */
static bool add_line(json_t *lines, const char *text, const char *quantity)
{
	size_t n = strcspn(text, "=");
	char number[24] = "";
	json_t *line;
	long long value;

	if (n < sizeof(number))
		memcpy(number, text, n);
	if (!ctl_line(number, &value))
		return false;
	line = json_object();
	json_object_set_new(line, "line", json_integer(value));
	if (text[n] == '=')
		quantity = text + n + 1;
	if (quantity)
		json_object_set_new(line, "quantity", json_string(quantity));
	json_array_append_new(lines, line);
	return true;
}

static json_t *lines_back(const struct ctl *ctl)
{
	const char *one = ctl_option(ctl, "line"), *quantity = ctl_option(ctl, "quantity");
	json_t *lines = json_array();
	bool fine = true;

	if (quantity && !one) {
		(void)ctl_fail(CTL_USAGE, "return: --quantity needs --line");
		fine = false;
	}
	if (fine && one)
		fine = add_line(lines, one, quantity);
	for (unsigned i = 1; i < ctl->arg_count && fine; i++)
		fine = add_line(lines, ctl->args[i], NULL);
	if (fine)
		return lines;
	json_decref(lines);
	return NULL;
}

void return_request_options(const struct ctl *ctl, json_t *request)
{
	static const char *const members[] = {"method", "cashier", "reason"};

	json_object_set_new(request, "order", json_string(ctl->args[0]));
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (ctl_option(ctl, members[i]))
			json_object_set_new(request, members[i], json_string(ctl_option(ctl, members[i])));
	if (ctl_option(ctl, "id"))
		json_object_set_new(request, "return_id", json_string(ctl_option(ctl, "id")));
	if (ctl_option(ctl, "keep-gifts"))
		json_object_set_new(request, "gifts_kept", json_true());
	if (ctl_option(ctl, "preview"))
		json_object_set_new(request, "preview", json_true());
}

json_t *return_request(struct ctl *ctl, const char *verb, enum ctl_exit *e)
{
	json_t *lines = lines_back(ctl), *request;

	*e = CTL_USAGE;
	if (lines == NULL)
		return NULL;
	request = ctl_lane_request(ctl, verb, e);
	if (request != NULL) {
		return_request_options(ctl, request);
		if (json_array_size(lines) > 0)
			json_object_set(request, "lines", lines);
	}
	json_decref(lines);
	return request;
}

static enum ctl_exit take_back(struct ctl *ctl)
{
	enum ctl_exit e;
	json_t *request = return_request(ctl, "return", &e);

	return request ? ctl_show(ctl, request, view_return) : e;
}

const struct ctl_command cmd_return = {
	.name = "return",
	.arguments = "ORDER [LINE[=QUANTITY]]...",
	.least = 1,
	.most = CTL_ARGS_MAX,
	.options = {{"line", "N", "one line, as on the receipt"},
		    {"quantity", "Q", "so much of --line; default 1"},
		    {"id", "ID", "the return's id: repeated, nothing is paid out twice"},
		    {"method", "METHOD", "pay out that way; else as it was paid"},
		    {"cashier", "NAME", "for the record"},
		    {"reason", "TEXT", "for the record"},
		    {"keep-gifts", NULL, "gifts that are due back were not handed back"},
		    {"preview", NULL, "only say what it comes to"}},
	.text = "Takes goods of a paid order back.",
	.more = "Lines are those of the receipt, from 1; without any, all that is kept comes back. The "
		"refund is\n"
		"what was paid less the price of what is kept, by the prices and promotions of the sale.",
	.example = "tillctl return A-1047 --preview\ntillctl return A-1047 2 3=0.5 --id R-17 --cashier ann",
	.run = take_back,
};
