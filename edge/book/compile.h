/*
 * What the files that compile promotions and pricing rules share. Private to edge/book.
 */
#ifndef TILL_COMPILE_H
#define TILL_COMPILE_H

#include "builder.h"

/* Compiling one of them. */
struct compile {
	const struct catalog *catalog; /* all of it but the promotions */
	bool partial;		       /* an extract's */
	struct arena *arena;
	const struct record_promotion *record; /* NULL: a rule */
	struct why *why;
};

/* builder_selectors.c. NULL selects everything. why gets the path below the field: "select.skus: ...". */
enum err compile_selector(const struct compile *c, const struct record_selector *r, const char *field,
			  struct selector *out) MUST_CHECK;

/* builder_gives.c: gives, in a promotion that has its needs and limits. */
enum err compile_gives(const struct compile *c, struct promotion *out) MUST_CHECK;

/* builder_selectors.c: free words that a list of texts names, as ids. */
enum err compile_ids(const struct compile *c, const struct names *names, const struct list *texts,
		     const char *field, struct ids *out) MUST_CHECK;

/* builder_promotions.c: texts in ascending order; the unit of a measure, kilograms if it is not said. */
enum err compile_texts(const struct compile *c, const struct list *texts, struct names *out) MUST_CHECK;
uint8_t compile_unit(int64_t measure);

#endif
