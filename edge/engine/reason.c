/*
 * Reasons in words: the code for programs and the sentence for people, side by side.
 */
#include "reason.h"

static const struct {
	const char *code, *text;
} reasons[REASON_COUNT] = {
	[REASON_APPLIED] = {"applied", "applied"},
	[REASON_NOT_ACTIVE] = {"not_active", "it is not active"},
	[REASON_NOT_STARTED] = {"not_started", "it has not started yet"},
	[REASON_ENDED] = {"ended", "it has ended"},
	[REASON_OUTSIDE_HOURS] = {"outside_hours", "it does not run on this day or at this hour"},
	[REASON_WRONG_STORE] = {"wrong_store", "it does not run in this store"},
	[REASON_WRONG_CHANNEL] = {"wrong_channel", "it does not run on this channel"},
	[REASON_WRONG_SEGMENT] = {"wrong_segment", "the customer is not among those it is for"},
	[REASON_COUPON_MISSING] = {"coupon_missing", "it needs a coupon"},
	[REASON_WRONG_CUSTOMER] = {"wrong_customer", "it is for other customers"},
	[REASON_WRONG_PLAN] = {"wrong_plan", "it is for other subscriptions"},
	[REASON_WRONG_ORDER] = {"wrong_order", "it is for other orders of a customer, such as the first"},
	[REASON_USES_SPENT] = {"uses_spent", "it has been used as often as it may be"},
	[REASON_BUDGET_SPENT] = {"budget_spent", "too little of its budget is left"},
	[REASON_CUSTOMER_LIMIT] = {"customer_limit", "this customer has used it as often as one may"},
	[REASON_NEEDS_QUANTITY] = {"needs_quantity", "more pieces are needed"},
	[REASON_NEEDS_AMOUNT] = {"needs_amount", "a higher amount is needed"},
	[REASON_NEEDS_MEASURE] = {"needs_measure", "more by weight, volume or length is needed"},
	[REASON_NEEDS_NONE] = {"needs_none", "the cart holds something that rules it out"},
	[REASON_NOTHING_SELECTED] = {"nothing_selected", "nothing in the cart gets the discount"},
	[REASON_OUTRANKED] = {"outranked", "another promotion goes first, and this one does not combine"},
	[REASON_WORTH_ZERO] = {"worth_zero", "it would give nothing"},
	[REASON_MARGIN_BLOCKED] = {"margin_blocked", "it would go below the least margin"},
};

const char *reason_code(enum reason r)
{
	return reasons[r].code;
}

const char *reason_text(enum reason r)
{
	return reasons[r].text;
}
