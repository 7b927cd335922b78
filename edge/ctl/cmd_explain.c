/*
 * tillctl explain: why each promotion of the book is, or is not, applied to a lane's cart.
 */
#include "ctl.h"
#include "view.h"

static enum ctl_exit explain(struct ctl *ctl)
{
	enum ctl_exit e;
	json_t *request = ctl_lane_request(ctl, "explain", &e);

	return request ? ctl_show(ctl, request, view_explained) : e;
}

const struct ctl_command cmd_explain = {
	.name = "explain",
	.arguments = "",
	.text = "Tells why promotions are, or are not, applied.",
	.more = "Every promotion of the book is judged against the lane's cart.",
	.example = "tillctl explain --lane 1",
	.run = explain,
};
