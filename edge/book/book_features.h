/*
 * What price books may say since the first version, by name: boxes and headquarters tell each other which of
 * it they know (docs/protocol.md, "Hello"), since a rule that says what its reader does not know must not
 * apply there. A new member that a promotion, pricing rule or coupon is not the same without is a row of the
 * table and a bit.
 */
#ifndef TILL_BOOK_FEATURES_H
#define TILL_BOOK_FEATURES_H

#include "records.h"

#define BOOK_FEATURES	    1
#define BOOK_FEATURE_LENGTH 32 /* bytes of a name, at most */

/* By bit. The names are for ever. */
extern const char *const book_features[BOOK_FEATURES];

/* Those that this record makes use of. */
uint32_t record_features(const struct record *r);

#endif
