/*
 * tillctl cart: what is in a lane's cart.
 */
#include "ctl.h"
#include "view.h"

static enum ctl_exit cart(struct ctl *ctl)
{
	enum ctl_exit e;
	json_t *request = ctl_lane_request(ctl, "cart", &e);

	return request ? ctl_show(ctl, request, view_cart) : e;
}

const struct ctl_command cmd_cart = {
	.name = "cart",
	.arguments = "",
	.text = "Shows a lane's cart, like a receipt.",
	.more = "Below it stands what little is missing for a promotion.",
	.example = "tillctl cart --lane 1",
	.run = cart,
};
