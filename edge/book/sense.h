/*
 * Mistakes that take several records to see, for whoever checks them one by one, as a file of changes is
 * checked: builder_sense.c finds them in whole books.
 */
#ifndef TILL_SENSE_H
#define TILL_SENSE_H

#include "records.h"

/* In a book whose prices contain taxes: the article's tax may not be more than its price, unless it is free.
 */
enum err price_check_tax(const struct record_price *price, const struct record_tax *tax, unsigned exponent,
			 struct why *why) MUST_CHECK;

/* ERR_INVALID: a need of pieces that selects articles by SKU alone, none of which has any. */
enum err need_without_pieces(struct why *why) MUST_CHECK;

#endif
