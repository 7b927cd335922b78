/*
 * tillctl void-order: cancels an order after it was paid.
 */
#include "ctl.h"
#include "view_return.h"

static enum ctl_exit void_order(struct ctl *ctl)
{
	enum ctl_exit e;
	json_t *request = ctl_lane_request(ctl, "void_order", &e);

	if (request == NULL)
		return e;
	return_request_options(ctl, request);
	return ctl_show(ctl, request, view_return);
}

const struct ctl_command cmd_void_order = {
	.name = "void-order",
	.arguments = "ORDER",
	.least = 1,
	.most = 1,
	.options = {{"id", "ID", "the void's id; default: made of the order's"},
		    {"method", "METHOD", "pay out that way; else as it was paid"},
		    {"cashier", "NAME", "for the record"},
		    {"reason", "TEXT", "for the record"},
		    {"keep-gifts", NULL, "gifts that are due back were not handed back"},
		    {"preview", NULL, "only say what it comes to"}},
	.text = "Cancels an order that was paid.",
	.more = "All of it, and only if nothing of it came back yet; a repeat pays nothing out.",
	.example = "tillctl void-order A-1047 --cashier ann --reason 'wrong lane'",
	.run = void_order,
};
