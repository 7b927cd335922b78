/*
 * tillctl approve and tillctl reject: what a second person says of a price that somebody set.
 */
#include "ctl.h"
#include "override_view.h"

static enum ctl_exit approve(struct ctl *ctl)
{
	return override_say(ctl, "approve", ctl->args[0]);
}

static enum ctl_exit reject(struct ctl *ctl)
{
	return override_say(ctl, "reject", ctl->args[0]);
}

const struct ctl_command cmd_approve = {
	.name = "approve",
	.arguments = "ID",
	.least = 1,
	.most = 1,
	.options = {{"reason", "TEXT", "why"}, {"by", "NAME", "for whom, if you may speak for others"}},
	.text = "Approves a price that somebody else set.",
	.more = "It takes a pricing manager or the cfo, below the margin floor the cfo, and never who set "
		"it.",
	.example = "tillctl approve box-1@3-7 --reason 'agreed with the supplier'",
	.run = approve,
};

const struct ctl_command cmd_reject = {
	.name = "reject",
	.arguments = "ID",
	.least = 1,
	.most = 1,
	.options = {{"reason", "TEXT", "why"}, {"by", "NAME", "for whom, if you may speak for others"}},
	.text = "Rejects a price that somebody else set.",
	.more = "An emergency that is rejected ends at once.",
	.example = "tillctl reject box-1@3-7 --reason 'the wrong article'",
	.run = reject,
};
