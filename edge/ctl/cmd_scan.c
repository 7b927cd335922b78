/*
 * tillctl scan: what a scanner does, by hand.
 */
#include "ctl.h"
#include "view.h"

static enum ctl_exit scan(struct ctl *ctl)
{
	const char *sku = ctl_option(ctl, "sku"), *quantity = ctl_option(ctl, "quantity");
	enum ctl_exit e;
	json_t *request;

	if ((ctl->arg_count == 1) == (sku != NULL))
		return ctl_fail(CTL_USAGE, "scan: give either a CODE or --sku SKU");
	request = ctl_lane_request(ctl, "scan", &e);
	if (request == NULL)
		return e;
	json_object_set_new(request, sku ? "sku" : "code", json_string(sku ? sku : ctl->args[0]));
	if (quantity)
		json_object_set_new(request, "quantity", json_string(quantity));
	json_object_set_new(request, "hints", json_true());
	return ctl_show(ctl, request, view_line);
}

const struct ctl_command cmd_scan = {
	.name = "scan",
	.arguments = "[CODE]",
	.most = 1,
	.options = {{"sku", "SKU", "the article itself instead of a code"},
		    {"quantity", "N", "pieces, or weight as 0.355; default what the code says, or 1"}},
	.text = "Adds an article or a coupon to a lane's cart.",
	.example = "tillctl scan 4006381333931 --lane 1\ntillctl scan --sku PEN-01 --quantity 3",
	.run = scan,
};
