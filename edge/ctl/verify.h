/*
 * The check of a ledger's chain as tillctl tells of it: "ledger verify" and "audit verify".
 */
#ifndef TILL_VERIFY_H
#define TILL_VERIFY_H

#include "ctl.h"
#include "ledger.h"

/* With progress on a terminal. anchor: an event that has to be in it as it was, or NULL. */
enum ctl_exit verify_ledger(const struct ctl *ctl, struct ledger_reader *r,
			    const struct ledger_position *anchor);

/*
 * What verify prints of the newest event, to be kept somewhere else: "2/1047:" and the 64 digits of its hash.
 * False: it is no such text.
 */
bool verify_read_anchor(const char *text, struct ledger_position *out);

#endif
