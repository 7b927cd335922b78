/*
 * What a hand can do to one event of a ledger behind its back, and the way back. Used by the test of many
 * events and by the benchmark of more; whatever fails here ends the program.
 */
#ifndef TILL_TAMPER_H
#define TILL_TAMPER_H

#include <stdint.h>

#include "ledger.h"

enum tamper {
	TAMPER_FLIP,   /* one bit of its bytes */
	TAMPER_FORGE,  /* its method of payment, with the digest that fits */
	TAMPER_REMOVE, /* its row */
	TAMPER_CLOSE,  /* its row, and all behind it move up by one */
	TAMPER_SWAP,   /* it changes places with another */
	TAMPER_REPEAT, /* the other stands there, too */
	TAMPER_CUT,    /* its row and all behind it, with what other tables say of them */
	TAMPERS,
};

/* What it is called, and what the check has to call it. */
struct tampering {
	const char *name;
	enum ledger_fault fault;
};
extern const struct tampering tamperings[TAMPERS];

/* The first sale at or behind that id. */
int64_t tamper_pick(const char *ledger, int64_t from);

/* Does it to the sale a; b, behind it, is the other one. CUT has no way back. */
void tamper_do(const char *ledger, enum tamper what, int64_t a, int64_t b, uint64_t random);
void tamper_undo(const char *ledger, enum tamper what);

#endif
