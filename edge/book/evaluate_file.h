/*
 * Evaluating carts in a file against a price book in a file: the whole of `tillctl evaluate`, without a
 * daemon.
 */
#ifndef TILL_EVALUATE_FILE_H
#define TILL_EVALUATE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog.h"
#include "engine.h"
#include "jsonw.h"

/* One cart's result; lives until the callback returns. */
struct evaluation {
	const char *id;	      /* the cart's; NULL if it has none */
	const char *language; /* the cart's; NULL: the book's */
	uint32_t line;	      /* of the file, where the cart begins */
	const struct catalog *catalog;
	const struct engine_cart *cart;
	const struct engine_result *result;
};

/* An error ends the run; why gets "FILE:LINE: " before what the callback left in it. */
typedef enum err evaluation_fn(const struct evaluation *e, void *arg, struct why *why);

/*
 * Carts are JSON objects one after the other: one pretty-printed over many lines, or one a line, and each
 * result is handed over before the next cart is read. "-" is standard input, for one of the two. now_s is for
 * carts that name no time of their own; AMOUNT_NONE: the clock's. every_reason: judge promotions that no line
 * could touch, too.
 */
enum err evaluate_files(const char *book, const char *carts, int64_t now_s, bool every_reason,
			evaluation_fn *fn, void *arg, struct why *why) MUST_CHECK;

/* The result as one JSON value: docs/schemas/evaluation.json. */
void evaluation_write(const struct evaluation *e, struct jsonw *w);

#endif
