/*
 * GTINs as digits in a price book or a cart (GS1 General Specifications, section 3.3.2 for the lengths, 7.9.1
 * for the check digit). What a scanner sends is the drivers' business; this knows plain digits alone.
 */
#ifndef TILL_GTIN_H
#define TILL_GTIN_H

#include <stdint.h>

#include "err.h"

/*
 * 8, 12, 13 or 14 digits with a right check digit, as the number that the GTIN-14 with leading zeros is.
 * ERR_INVALID: why says what is wrong with it.
 */
enum err gtin_parse(const char *text, uint64_t *out, struct why *why) MUST_CHECK;

#endif
