/*
 * tillctl resume: takes a suspended cart up, on any lane.
 */
#include "ctl.h"
#include "view.h"

static enum ctl_exit resume(struct ctl *ctl)
{
	enum ctl_exit e;
	json_t *request = ctl_lane_request(ctl, "resume", &e);

	if (request == NULL)
		return e;
	json_object_set_new(request, "cart", json_string(ctl->args[0]));
	return ctl_show(ctl, request, view_cart);
}

const struct ctl_command cmd_resume = {
	.name = "resume",
	.arguments = "CART",
	.least = 1,
	.most = 1,
	.text = "Takes a suspended cart up, on any lane.",
	.more = "'tillctl lanes' lists them.",
	.example = "tillctl resume box-1-1-7 --lane 2",
	.run = resume,
};
