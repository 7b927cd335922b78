/*
 * What-if sums for people and programs: a table, JSON, a picture.
 */
#ifndef TILL_WHATIF_VIEW_H
#define TILL_WHATIF_VIEW_H

#include <jansson.h>

#include "whatif.h"

void whatif_print(const struct whatif *w);
json_t *whatif_json(const struct whatif *w);

/* An SVG: bars as it was and as it would be. ERR_IO: why says what the file refused. */
enum err whatif_draw(const struct whatif *w, const char *path, struct why *why) MUST_CHECK;

/* The promotions, what gives most on either side first, in an array that the caller frees. NULL: no memory.
 */
struct whatif_promotion *whatif_ranked(const struct whatif *w);

#endif
