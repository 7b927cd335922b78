/*
 * tillctl exchange: goods of a paid order come back and pay for the lane's cart, in one.
 */
#include <string.h>

#include "ctl.h"
#include "view_return.h"

/* "card=20.00" or "cash". */
static void set_payment(json_t *request, const char *text)
{
	size_t n = strcspn(text, "=");

	json_object_set_new(request, "method", json_stringn(text, n));
	if (text[n] == '=')
		json_object_set_new(request, "amount", json_string(text + n + 1));
}

static enum ctl_exit exchange(struct ctl *ctl)
{
	enum ctl_exit e;
	json_t *request = return_request(ctl, "exchange", &e);

	if (request == NULL)
		return e;
	if (ctl_option(ctl, "new-order"))
		json_object_set_new(request, "new_order", json_string(ctl_option(ctl, "new-order")));
	if (ctl_option(ctl, "pay"))
		set_payment(request, ctl_option(ctl, "pay"));
	return ctl_show(ctl, request, view_exchange);
}

const struct ctl_command cmd_exchange = {
	.name = "exchange",
	.arguments = "ORDER [LINE[=QUANTITY]]...",
	.least = 1,
	.most = CTL_ARGS_MAX,
	.options = {{"new-order", "ID", "id of the new order: repeated, nothing is done twice"},
		    {"pay", "METHOD", "for what is due besides, as card or card=5.00; default cash"},
		    {"id", "ID", "the return's id; default: made of the new order's"},
		    {"cashier", "NAME", "for the record"},
		    {"reason", "TEXT", "for the record"},
		    {"keep-gifts", NULL, "gifts that are due back were not handed back"},
		    {"preview", NULL, "only say what it comes to"}},
	.text = "Takes goods back for those in the cart.",
	.more = "What comes back is refunded as by 'return', and pays for the cart as far as it goes; what "
		"is\n"
		"left is given back. Both are one transaction.",
	.example = "tillctl exchange A-1047 2 --preview\ntillctl exchange A-1047 2 --new-order A-1102 --pay "
		   "card",
	.run = exchange,
};
