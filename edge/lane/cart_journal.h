/*
 * The journal of carts: what the steps of a lane tell it. Private to this folder; shop_keep_carts starts it.
 * Everything here is of the loop's thread, and without a journal does nothing.
 */
#ifndef TILL_CART_JOURNAL_H
#define TILL_CART_JOURNAL_H

#include "cart_keep.h"

/* The cart changed, or came on a lane, or was put aside. */
void journal_changed(struct shop *s, struct cart *c);

/* The cart is closed or voided: it must not come back. Before cart_free. */
void journal_gone(struct shop *s, struct cart *c);

/* The cart is in the journal already. False: memory is short, and journal_gone could not take it out. */
bool journal_knows(struct cart *c) MUST_CHECK;

/* Takes the store, unless it fails. mark: as the store has it. */
enum err journal_start(struct shop *s, const char *path, struct cart_store *store, int64_t mark) MUST_CHECK;

/* Writes what is still to be written; the carts then are the shop's alone. */
void journal_stop(struct shop *s);

#endif
