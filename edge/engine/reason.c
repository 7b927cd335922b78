/*
 * The one table of reasons: the code for programs and the sentence for people, side by side. docs/engine.md
 * shows it, and a test compares the two. A sentence goes on where the promotion's name ends; what stands in
 * braces is a fact of the verdict (book/reason_facts.c).
 */
#include "reason.h"

static const struct {
	const char *code, *sentence;
} reasons[REASON_COUNT] = {
	[REASON_APPLIED] = {"applied", "is applied"},
	[REASON_NOT_ACTIVE] = {"not_active", "is {status}"},
	[REASON_CLOCK_UNCERTAIN] = {"clock_uncertain", "waits until the clock of this box is sure"},
	[REASON_NOT_STARTED] = {"not_started", "runs from {from}"},
	[REASON_ENDED] = {"ended", "ended at {to}"},
	[REASON_OUTSIDE_HOURS] = {"outside_hours", "runs {hours}"},
	[REASON_WRONG_STORE] = {"wrong_store", "runs in store {stores} alone"},
	[REASON_WRONG_CHANNEL] = {"wrong_channel", "runs on channel {channels} alone"},
	[REASON_WRONG_SEGMENT] = {"wrong_segment", "is for {segments} alone"},
	[REASON_COUPON_MISSING] = {"coupon_missing", "needs a coupon of {promotion}"},
	[REASON_WRONG_CUSTOMER] = {"wrong_customer", "is for other customers"},
	[REASON_WRONG_PLAN] = {"wrong_plan", "is for subscription {plans} alone"},
	[REASON_WRONG_ORDER] = {"wrong_order", "is for {orders} alone"},
	[REASON_USES_SPENT] = {"uses_spent", "has been used {uses} times, as often as it may be"},
	[REASON_BUDGET_SPENT] = {"budget_spent", "has {budget_left} left of its budget"},
	[REASON_CUSTOMER_LIMIT] = {"customer_limit", "is for {customer_uses} of a customer's orders"},
	[REASON_NEEDS_QUANTITY] = {"needs_quantity", "needs {lacking} more of {articles}"},
	[REASON_NEEDS_AMOUNT] = {"needs_amount", "needs {lacking} more of {articles}"},
	[REASON_NEEDS_MEASURE] = {"needs_measure", "needs {lacking} more of {articles}"},
	[REASON_NEEDS_NONE] = {"needs_none", "does not go with {articles}"},
	[REASON_NOTHING_SELECTED] = {"nothing_selected", "is on {rewarded}, and none is in the cart"},
	[REASON_OUTRANKED] = {"outranked", "does not combine with {by}, which applies"},
	[REASON_WORTH_ZERO] = {"worth_zero", "would give nothing"},
	[REASON_MARGIN_BLOCKED] = {"margin_blocked", "would give {cut} more than the least margin allows"},
};

const char *reason_code(enum reason r)
{
	return reasons[r].code;
}

const char *reason_sentence(enum reason r)
{
	return reasons[r].sentence;
}
