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
	[REASON_NEEDS_QUANTITY] = {"needs_quantity", "more pieces are needed"},
	[REASON_NEEDS_AMOUNT] = {"needs_amount", "a higher amount is needed"},
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
