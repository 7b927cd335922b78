/*
 * Pieces of JSON that several kinds of answers have.
 */
#ifndef TILL_LANE_JSON_H
#define TILL_LANE_JSON_H

#include "civil.h"
#include "engine.h"
#include "jsonw.h"

void json_money(struct jsonw *w, const char *name, struct money m, unsigned exponent);
void json_totals(struct jsonw *w, const struct totals *t, unsigned exponent);
void json_instant(struct jsonw *w, const char *name, int64_t utc_s);
void json_promotion(struct jsonw *w, const struct catalog *c, uint32_t promotion); /* promotion, text */
void json_ends(struct jsonw *w, const struct promotion *p, const struct engine_context *x);

#endif
