/*
 * A folder of its own for a test that needs files, and a way around the stores into their databases: what a
 * broken disk or a curious hand would do to them.
 */
#ifndef TILL_SCRATCH_H
#define TILL_SCRATCH_H

#include <stdint.h>

#define SCRATCH_PATH_MAX 128

struct scratch {
	char dir[64];
	char path[4][SCRATCH_PATH_MAX]; /* the last few that scratch_path gave */
	unsigned next;
};

void scratch_new(struct scratch *s);
void scratch_free(struct scratch *s); /* with all that is in it */

/* The path of a file in it; valid until the fourth call after this. */
const char *scratch_path(struct scratch *s, const char *name);

void scratch_write(const char *path, const char *text);

/* Runs SQL, or asks for one number, by a connection of its own. */
void scratch_sql(const char *path, const char *sql);
int64_t scratch_number(const char *path, const char *sql);

#endif
