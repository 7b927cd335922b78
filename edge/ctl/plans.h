/*
 * Plans and a customer, from the box's catalog or from a price book in a file.
 */
#ifndef TILL_PLANS_H
#define TILL_PLANS_H

#include "ctl.h"
#include "records.h"

#define PLANS_MAX 256

struct plans {
	struct arena arena; /* of the records */
	struct record_book book;
	struct record_plan at[PLANS_MAX]; /* by rising level */
	size_t count;
	const char *wanted; /* id of the customer that is looked for; NULL: none */
	bool found;
	struct record_customer customer;
};

/*
 * Reads them, from the file `book` unless that is NULL; the process's zone is then the store's. wanted says
 * which customer. CTL_USAGE or CTL_FAILED after an error that was told; whoever calls frees the arena.
 */
enum ctl_exit plans_read(struct ctl *ctl, const char *book, struct plans *p) MUST_CHECK;

/* NULL: there is none. */
const struct record_plan *plans_find(const struct plans *p, const char *id);

#endif
