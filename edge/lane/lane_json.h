/*
 * Pieces of JSON that several kinds of answers have.
 */
#ifndef TILL_LANE_JSON_H
#define TILL_LANE_JSON_H

#include "engine.h"
#include "jsonw.h"

static inline void json_money(struct jsonw *w, const char *name, struct money m, unsigned exponent)
{
	jsonw_decimal(w, name, m.minor, exponent, exponent);
}

void json_day(struct jsonw *w, const char *name, int64_t day); /* since 1970: "2026-11-30" */
void json_totals(struct jsonw *w, const struct totals *t, unsigned exponent);
void json_article(struct jsonw *w, const struct catalog *c, uint32_t item); /* sku, name, unit */

/* Members of the open object: promotion and text; when one that holds now ceases to, if it does. */
void json_promotion(struct jsonw *w, const struct catalog *c, uint32_t promotion, const char *language);
void json_ends(struct jsonw *w, const struct catalog *c, uint32_t promotion, const struct engine_context *x);

#endif
