/*
 * Hashes of bodies met before. An article, a category or a promotion is in cart after cart with the same
 * bytes, and comparing these costs a thirtieth of hashing them. What is remembered is bounded, and what is
 * met anew takes the place of something else. For one thread.
 */
#ifndef TILL_BODY_MEMO_H
#define TILL_BODY_MEMO_H

#include "extract.h"

/* NULL: memory is short, and everything is hashed. It takes 2 MiB at most, by and by. */
struct body_memo *body_memo_new(void);
void body_memo_free(struct body_memo *m); /* NULL is fine */

/* What body_hash says. m may be NULL. */
void body_memo_hash(struct body_memo *m, enum record_type t, const void *cbor, size_t n,
		    uint8_t out[BODY_HASH_SIZE]);

#endif
