/*
 * tillctl tender: pays for a cart, in one or several ways.
 */
#include <string.h>

#include "ctl.h"
#include "view.h"

/* "card=20.00" or "cash". */
static json_t *one_tender(const char *text)
{
	size_t n = strcspn(text, "=");
	json_t *made = json_object();

	json_object_set_new(made, "method", json_stringn(text, n));
	if (text[n] == '=')
		json_object_set_new(made, "amount", json_string(text + n + 1));
	return made;
}

static enum ctl_exit tender(struct ctl *ctl)
{
	static const char *const members[] = {"order", "cashier"};
	enum ctl_exit e;
	json_t *request = ctl_lane_request(ctl, "tender", &e), *tenders;

	if (request == NULL)
		return e;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (ctl_option(ctl, members[i]))
			json_object_set_new(request, members[i], json_string(ctl_option(ctl, members[i])));
	tenders = json_array();
	for (unsigned i = 0; i < ctl->arg_count; i++)
		json_array_append_new(tenders, one_tender(ctl->args[i]));
	if (ctl->arg_count > 0)
		json_object_set_new(request, "tenders", tenders);
	else
		json_decref(tenders);
	return ctl_show(ctl, request, view_receipt);
}

const struct ctl_command cmd_tender = {
	.name = "tender",
	.arguments = "[METHOD[=AMOUNT]]...",
	.most = 8,
	.options = {{"order", "ID", "the order's id: repeated, it is not paid twice"},
		    {"cashier", "NAME", "for the record"}},
	.text = "Pays; answers when the sale is durable.",
	.more = "In cash, unless methods are given; a method without an amount pays what is due,\n"
		"and basket-credit what is left of the customer's.",
	.example = "tillctl tender cash=20.00 --lane 1\ntillctl tender voucher=5.00 card --order "
		   "A-1047\ntillctl tender "
		   "basket-credit cash",
	.run = tender,
};
