/*
 * Building a catalog: records in, in any order but the book first, an immutable indexed catalog out. The same
 * builder serves a price book in a file, catalog.db, and the extract of an old decision.
 *
 * References are by name and are resolved when the book is finished: a price for an unknown SKU, a promotion
 * on an unknown category, two articles with one SKU are errors that name the record's line.
 */
#ifndef TILL_SNAPSHOT_H
#define TILL_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog.h"
#include "records.h"

struct snapshot; /* a catalog with the memory it lives in; counted references */

/* Read-only from then on, by any thread. */
const struct catalog *snapshot_catalog(const struct snapshot *s);
struct snapshot *snapshot_ref(struct snapshot *s); /* safe from any thread */
void snapshot_unref(struct snapshot *s);	 /* NULL is fine; the last one frees, from whichever thread */
size_t snapshot_bytes(const struct snapshot *s); /* memory held */

/*
 * People of a book that was read from a file: coupons by code and customers by id. Empty when the builder was
 * told to leave them in the database. ERR_NOT_FOUND. What is found lives as long as the snapshot.
 */
enum err snapshot_find_coupon(const struct snapshot *s, const char *code,
			      const struct record_coupon **out) MUST_CHECK;
enum err snapshot_find_customer(const struct snapshot *s, const char *id,
				const struct record_customer **out) MUST_CHECK;

struct builder;

/* keep_people: coupons and customers are kept in the snapshot; otherwise only checked and forgotten. */
enum err builder_new(bool keep_people, struct builder **out) MUST_CHECK;
void builder_free(struct builder *b); /* NULL is fine */

/*
 * Adds one record; line (0: none) is named in errors, now or in builder_finish. What the record points to is
 * copied. ERR_EXISTS: the same key twice, naming both lines; ERR_STATE: the book record is not the first.
 */
enum err builder_add(struct builder *b, const struct record *r, uint32_t line, struct why *why) MUST_CHECK;

/*
 * Resolves names and builds the indexes. On success the builder is empty and may only be freed; the caller
 * owns one reference. On failure why starts with "line N: ".
 */
enum err builder_finish(struct builder *b, uint64_t version, struct snapshot **out,
			struct why *why) MUST_CHECK;

/*
 * A later version of base: the changes put into effect in their order. What they leave as it was is shared
 * with base: a changed price or article costs its page of 256 articles, a changed promotion the promotions
 * and their index. base stays what it is, and either may go first. Changes of people are passed over: base is
 * of a builder that left them in the database.
 *
 * ERR_STATE: it cannot be had that way: an article, list, category, tax or code (GTIN) comes or goes, a name
 * is new to the catalog, or a record speaks of one that is not there. A whole build decides then what is
 * right.
 */
enum err snapshot_change(struct snapshot *base, const struct change *changes, size_t count, uint64_t version,
			 struct snapshot **out, struct why *why) MUST_CHECK;

/*
 * Reads a price book file through the checks into fn, one record a line; blank lines are passed over. why
 * gets "FILE:LINE: field: reason". fn's own error stops it, prefixed the same way. "-" is standard input.
 * progress (or NULL) is called about every 1 % with bytes read and in all (0 if unknown).
 */
typedef enum err book_record_fn(const struct record *r, uint32_t line, void *arg, struct why *why);
typedef void book_progress_fn(uint64_t done, uint64_t all, void *arg);
enum err book_read(const char *path, book_record_fn *fn, book_progress_fn *progress, void *arg,
		   struct why *why) MUST_CHECK;

/*
 * Reads a file of changes the same way: records to be put and removals, amounts with that many decimals. A
 * book record may be the first, and nothing else of its kind. A file without lines changes nothing.
 */
typedef enum err book_change_fn(const struct change *c, uint32_t line, void *arg, struct why *why);
enum err book_read_changes(const char *path, unsigned exponent, book_change_fn *fn,
			   book_progress_fn *progress, void *arg, struct why *why) MUST_CHECK;

/* Puts the file before a reason of the builder, and the line as readers have it: "book.jsonl:12: ". */
void book_blame(const char *path, struct why *why);

/* A whole book file as a snapshot, people included: for evaluation without a daemon. */
enum err book_load(const char *path, struct snapshot **out, struct why *why) MUST_CHECK;

#endif
