/*
 * tillctl void: takes a line off, or gives a cart up.
 */
#include "ctl.h"
#include "view.h"

static enum ctl_exit void_something(struct ctl *ctl)
{
	bool cart = ctl_option(ctl, "cart") != NULL;
	long long line = 0;
	enum ctl_exit e;
	json_t *request;

	if (cart == (ctl->arg_count == 1))
		return ctl_fail(CTL_USAGE, "void: give either a LINE or --cart");
	if (!cart && !ctl_line(ctl->args[0], &line))
		return CTL_USAGE;
	request = ctl_lane_request(ctl, "void", &e);
	if (request == NULL)
		return e;
	json_object_set_new(request, cart ? "cart" : "line", cart ? json_true() : json_integer(line));
	return ctl_show(ctl, request, view_cart);
}

const struct ctl_command cmd_void = {
	.name = "void",
	.arguments = "[LINE]",
	.most = 1,
	.options = {{"cart", NULL, "the whole cart"}},
	.text = "Takes a line off, or gives the whole cart up.",
	.example = "tillctl void 2 --lane 1\ntillctl void --cart --lane 1",
	.run = void_something,
};
