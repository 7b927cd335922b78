/*
 * What the files share that publish: a book or changes (desk_publish.c), what of them waits for a second
 * person (desk_hold.c), and what that person says (desk_decide.c). Private to them; users include desk.h.
 */
#ifndef TILL_DESK_PARTS_H
#define TILL_DESK_PARTS_H

#include "desk.h"
#include "snapshot.h"
#include "state_parts.h"

struct publishing {
	struct desk *d;
	const struct desk_publication *in;
	struct topic_publication marker;
	struct arena arena; /* of all that was read */
	struct buf buf;
	struct state_put *puts;
	struct change *changes; /* the same; only of a file of changes */
	size_t count, size;
	int64_t ends[LOG_TOPICS][LOG_PARTITIONS_MAX];
	struct topic_end end_list[LOG_TOPICS * LOG_PARTITIONS_MAX];
	char currency[4];
	struct snapshot *next; /* the chain's, when the check made it */
	size_t held, refused;  /* records that wait for somebody; that were rejected before */
	uint32_t features;     /* that its records make use of */
};

enum err publishing_no_memory(struct why *why);

/* One more record that is put; or goes. */
enum err publishing_add(struct publishing *p, const struct record *r, bool removed,
			struct why *why) MUST_CHECK;

/* The record's CBOR, in the arena. */
enum err publishing_encode(struct publishing *p, const struct record *r, struct bytes *out,
			   struct why *why) MUST_CHECK;

/* Records of the file p->in->path, whole or as changes. */
enum err publishing_read(struct publishing *p, struct why *why) MUST_CHECK;

/* All stores of one publication of changes have one currency: amounts were read in it. */
enum err publishing_check_stores(struct publishing *p, struct why *why) MUST_CHECK;

/* Its number and marker; what comes out is tried; and all of it appended. Of who reads no file: the changes
 * are added between. */
void publishing_begin(struct publishing *p);
enum err publishing_check(struct publishing *p, struct why *why) MUST_CHECK;
enum err publishing_append(struct publishing *p, struct why *why) MUST_CHECK;
enum err publishing_start(struct publishing *p, struct desk *d, const struct desk_publication *in,
			  struct why *why) MUST_CHECK;
void publishing_end(struct publishing *p);

/* The catalog that a scope would have, "" for the chain: the caller's reference. */
enum err publishing_next(struct publishing *p, const char *scope, struct snapshot **out,
			 struct why *why) MUST_CHECK;

/* desk_hold.c: what of the records needs a second person is taken out of them, and held. After a check. */
enum err publishing_hold(struct publishing *p, struct why *why) MUST_CHECK;

#endif
