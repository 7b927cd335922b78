/*
 * tillctl coupon: adds a coupon to a cart.
 */
#include "ctl.h"
#include "view.h"

static enum ctl_exit coupon(struct ctl *ctl)
{
	enum ctl_exit e;
	json_t *request = ctl_lane_request(ctl, "coupon", &e);

	if (request == NULL)
		return e;
	json_object_set_new(request, "code", json_string(ctl->args[0]));
	return ctl_show(ctl, request, view_cart);
}

const struct ctl_command cmd_coupon = {
	.name = "coupon",
	.arguments = "CODE",
	.least = 1,
	.most = 1,
	.text = "Adds a coupon to a lane's cart.",
	.example = "tillctl coupon WELCOME10 --lane 1",
	.run = coupon,
};
