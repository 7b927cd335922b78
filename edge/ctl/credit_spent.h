/*
 * Basket credit of a month that was spent at this box, as its ledger says.
 */
#ifndef TILL_CREDIT_SPENT_H
#define TILL_CREDIT_SPENT_H

#include "ctl.h"
#include "money.h"

/* credit_to: the month's last day, since 1970. Without a ledger nothing was spent. CTL_FAILED was told. */
enum ctl_exit credit_spent(struct ctl *ctl, const char *customer, int32_t credit_to,
			   struct money *out) MUST_CHECK;

#endif
