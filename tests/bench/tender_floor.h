/*
 * What tenders are compared with: the very same rows put into the same tables, whose keys are integers, by
 * SQLite alone, in transactions as large and with the same settings; and a bare write with fdatasync.
 */
#ifndef BENCH_TENDER_FLOOR_H
#define BENCH_TENDER_FLOOR_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

struct raw {
	sqlite3 *db;
	sqlite3_stmt *put, *put_sale, *put_use, *put_mark, *begin, *commit;
	int64_t last_id;
};
void raw_open(struct raw *r, const char *path);
void raw_close(struct raw *r);

struct blob {
	uint8_t *bytes;
	size_t length;
	int64_t digest, order_key;
};

/* A row of the table of uses. */
struct use_blob {
	int64_t kind, uses;
	char *key, *customer;
	uint8_t *body; /* or NULL */
	size_t length;
};

/* After so many tenders so many rows of that table were written. */
struct hand_over {
	size_t after, rows;
};

/* What the ledger wrote in a round. */
struct round {
	struct blob *blobs;
	size_t count, commits;
	struct use_blob
		*uses; /* the rows that changed, in the table's order; hand-overs take them in turns */
	size_t use_count;
	const struct hand_over *handed;
	size_t handed_count;
};

/* Puts it all in, in so many transactions of one size; returns the seconds it took. */
double raw_put(struct raw *r, const struct round *w);

/* Copies the events behind an id out of a ledger.db; returns how many. Free them with blobs_free. */
size_t blobs_read(const char *ledger, int64_t after_id, struct blob **out);
void blobs_free(struct blob *blobs, size_t count);

/* The rows of the ledger's table of uses that the floor's does not have so; returns how many. */
size_t uses_read(const char *ledger, const char *raw, struct use_blob **out);
void uses_blobs_free(struct use_blob *uses, size_t count);

/* A file whose blocks are there already, overwritten from the front again when it is full. */
struct bare {
	int fd;
	size_t at;
};
void bare_open(struct bare *b, const char *path);
void bare_close(struct bare *b);

/* Writes n bytes and waits for the disk; returns the microseconds it took. */
double bare_write(struct bare *b, size_t n);

#endif
