#include "book_features.h"

const char *const book_features[BOOK_FEATURES] = {"uncertain_clock"};

typedef bool uses_fn(const struct record *r);

static bool minds_the_clock(const struct record *r)
{
	return r->type == RECORD_PROMOTION && r->as.promotion.when &&
	       r->as.promotion.when->uncertain_clock == 1;
}

static uses_fn *const uses[BOOK_FEATURES] = {minds_the_clock};

uint32_t record_features(const struct record *r)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < BOOK_FEATURES; i++)
		bits |= uses[i](r) ? 1U << i : 0;
	return bits;
}
