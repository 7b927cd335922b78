/*
 * tillctl customer: says who is buying.
 */
#include "ctl.h"
#include "view.h"

static enum ctl_exit customer(struct ctl *ctl)
{
	bool none = ctl_option(ctl, "none") != NULL;
	enum ctl_exit e;
	json_t *request;

	if (none == (ctl->arg_count == 1))
		return ctl_fail(CTL_USAGE, "customer: give either a CUSTOMER or --none");
	request = ctl_lane_request(ctl, "customer", &e);
	if (request == NULL)
		return e;
	json_object_set_new(request, "customer", json_string(none ? "" : ctl->args[0]));
	return ctl_show(ctl, request, view_cart);
}

const struct ctl_command cmd_customer = {
	.name = "customer",
	.arguments = "[CUSTOMER]",
	.most = 1,
	.options = {{"none", NULL, "takes the customer off the cart"}},
	.text = "Says whose cart it is.",
	.more = "Prices and promotions for that customer then apply.",
	.example = "tillctl customer C-104 --lane 1",
	.run = customer,
};
