/*
 * What the files that change a catalog share. Private to them.
 */
#ifndef TILL_CATALOG_CHANGING_H
#define TILL_CATALOG_CHANGING_H

#include "catalog_parts.h"

/* A record that was put and refers to others, to be looked at when all lines have been read. */
struct put {
	struct put *next;
	enum record_type type;
	uint32_t line;
	const char *key;
};

struct changing {
	struct catalog_store *store;
	const char *path, *file; /* of the changes; as messages call it */
	struct arena kept;	 /* the puts */
	struct arena arena;	 /* of the record at hand */
	struct put *puts, **end;
	bool whole; /* the whole catalog has to be checked */
	bool costs; /* prices that are made of costs may have to be made anew */
	char currency[4];
	unsigned exponent;
	bool taxed; /* prices contain taxes */
	struct catalog_changed counts;
	book_progress_fn *progress;
	void *arg;
};

/* catalog_references.c: whether all that the record names is there. why begins with the field. */
enum err changing_check_references(struct changing *in, const struct record *r, struct why *why) MUST_CHECK;

/* catalog_change.c: what the book says, by which changes are read; one change; what all of them make. */
enum err changing_read_book(struct changing *in, struct why *why) MUST_CHECK;
enum err changing_take(const struct change *c, uint32_t line, void *arg, struct why *why) MUST_CHECK;
enum err changing_check(struct changing *in, struct why *why) MUST_CHECK;

#endif
