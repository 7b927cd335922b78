/*
 * tillctl qty: another quantity for a line.
 */
#include "ctl.h"
#include "view.h"

static enum ctl_exit qty(struct ctl *ctl)
{
	enum ctl_exit e;
	long long line;
	json_t *request;

	if (!ctl_line(ctl->args[0], &line))
		return CTL_USAGE;
	request = ctl_lane_request(ctl, "qty", &e);
	if (request == NULL)
		return e;
	json_object_set_new(request, "line", json_integer(line));
	json_object_set_new(request, "quantity", json_string(ctl->args[1]));
	json_object_set_new(request, "hints", json_true());
	return ctl_show(ctl, request, view_line);
}

const struct ctl_command cmd_qty = {
	.name = "qty",
	.arguments = "LINE QUANTITY",
	.least = 2,
	.most = 2,
	.text = "Sets the quantity of a line.",
	.more = "Lines count from 1, as 'tillctl cart' shows them.",
	.example = "tillctl qty 2 3 --lane 1",
	.run = qty,
};
