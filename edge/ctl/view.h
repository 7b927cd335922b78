/*
 * How a cart, a line and a receipt look to people: like a till receipt, discounts under their lines.
 * They show the JSON of the control socket and of an evaluation, which share their members.
 */
#ifndef TILL_VIEW_H
#define TILL_VIEW_H

#include <jansson.h>

void view_cart(const json_t *cart);
void view_explained(const json_t *cart); /* with a table of the promotions that were not applied, and why */
void view_line(const json_t *line);	 /* a line with totals: the answer of scan and qty */
void view_receipt(const json_t *receipt);

/* Times as people of this machine read them: "2026-11-21 10:00" of an RFC 3339 text. */
const char *view_time(const char *rfc3339, char out[32]);

#endif
