/*
 * tillctl suspend: puts a cart aside.
 */
#include <stdio.h>

#include "ctl.h"

static void show(const json_t *answer)
{
	printf("Cart %s is put aside; 'tillctl resume %s' takes it up, on any lane\n",
	       text_of(answer, "cart"), text_of(answer, "cart"));
}

static enum ctl_exit suspend(struct ctl *ctl)
{
	enum ctl_exit e;
	json_t *request = ctl_lane_request(ctl, "suspend", &e);

	return request ? ctl_show(ctl, request, show) : e;
}

const struct ctl_command cmd_suspend = {
	.name = "suspend",
	.arguments = "",
	.text = "Puts a lane's cart aside.",
	.more = "The lane is then free for the next shopper.",
	.example = "tillctl suspend --lane 1",
	.run = suspend,
};
