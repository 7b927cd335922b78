/*
 * Pieces of JSON that several kinds of answers have.
 */
#ifndef TILL_LANE_JSON_H
#define TILL_LANE_JSON_H

#include "engine.h"
#include "jsonw.h"

void json_money(struct jsonw *w, const char *name, struct money m, unsigned exponent);
void json_totals(struct jsonw *w, const struct totals *t, unsigned exponent);

#endif
