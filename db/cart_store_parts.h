/*
 * What the two files of the journal of carts share. Private to them; users include cart_store.h.
 */
#ifndef TILL_CART_STORE_PARTS_H
#define TILL_CART_STORE_PARTS_H

#include "cart_store.h"
#include "db_examine.h"
#include "ledger_fold.h"

enum {
	CARTS_STMT_ALL,
	CARTS_STMT_PUT,
	CARTS_STMT_DROP,
	CARTS_STMT_BODIES,
	CARTS_STMT_BODY,
	CARTS_STMT_PUT_BODY,
	CARTS_STMT_DROP_BODY,
	CARTS_STMT_PUT_DAMAGED,
	CARTS_STMT_MARK,
	CARTS_STMT_SET_MARK,
	CARTS_STMT_COUNT,
};

struct cart_store {
	struct db db;
	struct fold bodies; /* start of the hash to number */
	int64_t last_body;  /* numbers given out */
	uint32_t body_count, sweep_at;
	int64_t committed_last; /* both as of the last commit */
	uint32_t committed_count;
	struct buf buf;	    /* a cart, encoded */
	struct arena arena; /* of the call at hand */
};

uint64_t cart_store_body_key(const uint8_t *hash);

/* Deletes the bodies that no cart refers to, within the open transaction. */
enum err cart_store_drop_unused(struct cart_store *s, struct why *why) MUST_CHECK;

#endif
