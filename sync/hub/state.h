/*
 * What a hub knows: a fold over the log, kept in SQLite so that it need not be done anew at each start, and
 * never truth by itself. Folding one log twice, in whatever steps, gives the same rows (state_digest).
 *
 * One connection folds; others read. A catalog is of a scope: the chain (""), or a store, which has the
 * chain's records but for those that were published for it alone, or a whole book of its own.
 */
#ifndef TILL_STATE_H
#define TILL_STATE_H

#include "db.h"
#include "digest.h"
#include "event_log.h"
#include "judge.h"
#include "records.h"
#include "upload.h"
#include "wire.h"

#define STATE_CHANGES_MAX 50000 /* kept for the feed; who is further behind takes a snapshot */

struct state;

/* A writer folds. As db_open. */
enum err state_open(const char *path, bool writer, struct state **out, struct why *why) MUST_CHECK;
void state_close(struct state *s); /* NULL is fine */

/* What a step of the fold touched. */
struct state_step {
	size_t records;
	bool boxes, catalogs, leases, uploads;
	bool authority; /* the desk has changed the CA */
};

/* Adds what another step touched. */
void state_step_add(struct state_step *to, const struct state_step *more);

/*
 * Folds what the log has further, about `most` records, in one transaction. records 0: there was nothing
 * left.
 */
enum err state_fold(struct state *s, struct log_reader *log, size_t most, struct state_step *out,
		    struct why *why) MUST_CHECK;

/* Folds until there is nothing left; *out is of all steps. */
enum err state_catch_up(struct state *s, struct log_reader *log, struct state_step *out,
			struct why *why) MUST_CHECK;

/* As if nothing had been folded yet. */
enum err state_forget(struct state *s, struct why *why) MUST_CHECK;

/* SHA-256 of all rows, each table's sorted; and how many. */
enum err state_digest(struct state *s, struct digest *out, int64_t *rows, struct why *why) MUST_CHECK;

#define TOLD_FEATURES_MAX 1024
#define TOLD_TRUSTS_MAX	  128

/* What a box said of itself: hello. */
struct hub_told {
	char program[WIRE_NAME_MAX + 1]; /* "": nothing yet */
	int64_t semantics, min_reader;
	char features[TOLD_FEATURES_MAX]; /* names, a blank between them */
	uint8_t trusts[TOLD_TRUSTS_MAX];
	size_t trusts_length;
};

struct state_box {
	const char *name, *store;
	int64_t serial, expires_ms, least_serial; /* 0: it has never enrolled; nothing is revoked */
	int64_t incarnation, events;
	struct upload_head head;
	const char *quarantine; /* NULL: it is in none */
	struct upload_head attach;
	const char *program; /* what it said of itself; NULL: nothing yet */
	int64_t semantics, min_reader;
	const char *features; /* names, a blank between them */
	struct bytes trusts;  /* SHA-256 of each CA that it has pinned */
	int64_t seen_ms;      /* when it asked or sent something last, as far as the log knows; 0: never */
};
typedef enum err state_box_fn(const struct state_box *b, void *arg, struct why *why);

/* All boxes by name, or the one of that name; what is passed is valid while fn runs. */
enum err state_boxes(struct state *s, state_box_fn *fn, void *arg, struct why *why) MUST_CHECK;
enum err state_box(struct state *s, const char *name, state_box_fn *fn, void *arg,
		   struct why *why) MUST_CHECK;

/* A claim code by its SHA-256. ERR_NOT_FOUND. */
struct state_claim {
	char box[WIRE_NAME_MAX + 1];
	int64_t expires_ms;
	bool used;
	struct digest request; /* that it was used with */
};
enum err state_claim(struct state *s, const struct digest *code, struct state_claim *out,
		     struct why *why) MUST_CHECK;

/* The record of the log that holds the event of that position. ERR_NOT_FOUND. */
enum err state_held(struct state *s, const char *box, int64_t incarnation, int64_t segment, int64_t sequence,
		    struct log_position *out, struct why *why) MUST_CHECK;

/* The scope whose records a store has, and the newest version of them; 0: there is nothing yet. */
struct state_catalog {
	char scope[WIRE_NAME_MAX + 1]; /* "": it has the chain's and nothing else */
	bool own;
	int64_t version, own_since;
	char currency[4];
};
enum err state_catalog(struct state *s, const char *store, struct state_catalog *out,
		       struct why *why) MUST_CHECK;

/* A row of a catalog: cbor at NULL: the record goes. */
struct state_row {
	int64_t id, version; /* of a change */
	int64_t type;
	const char *key;
	struct bytes cbor;
};
typedef enum err state_row_fn(const struct state_row *r, void *arg, struct why *why);

/*
 * The records that a store has ("": the chain), by type and key; and the changes of them after that id. fn
 * ends it with ERR_CLOSED.
 */
enum err state_records(struct state *s, const char *store, state_row_fn *fn, void *arg,
		       struct why *why) MUST_CHECK;
enum err state_changes(struct state *s, const struct state_catalog *c, int64_t after, state_row_fn *fn,
		       void *arg, struct why *why) MUST_CHECK;

/* Stores that have records of their own. */
typedef enum err state_scope_fn(const char *name, bool own, void *arg, struct why *why);
enum err state_scopes(struct state *s, state_scope_fn *fn, void *arg, struct why *why) MUST_CHECK;

struct state_counters {
	int64_t version;     /* newest of any catalog */
	int64_t publication; /* newest in force */
	int64_t newest;	     /* id of the newest change */
	int64_t forgotten;   /* changes up to this id are not kept */
	int64_t next_lease;  /* offset behind the newest grant folded */
};
enum err state_counters(struct state *s, struct state_counters *out, struct why *why) MUST_CHECK;

/* Grants for boxes of a store from that offset of the topic on, in order. */
typedef enum err state_grant_fn(const struct wire_grant *g, int64_t offset, void *arg, struct why *why);
enum err state_grants(struct state *s, const char *store, int64_t from, state_grant_fn *fn, void *arg,
		      struct why *why) MUST_CHECK;
/* The newest number of a promotion's grants to a box; 0: none. */
enum err state_last_grant(struct state *s, const char *promotion, const char *box, int64_t incarnation,
			  int64_t *number, struct why *why) MUST_CHECK;

/* Events that were parked. */
struct state_parked {
	const char *box;
	int64_t incarnation, segment, sequence, kind;
	struct bytes event;
};
typedef enum err state_parked_fn(const struct state_parked *p, void *arg, struct why *why);
enum err state_parked(struct state *s, state_parked_fn *fn, void *arg, struct why *why) MUST_CHECK;
enum err state_unpark(struct state *s, const struct state_parked *p, struct why *why) MUST_CHECK;

/*
 * What would be, if that were published: between the two calls state_records answers as if it were in force.
 * A writer's, outside of state_fold. On an error nothing is open.
 */
struct state_put {
	enum record_type type;
	const char *key;
	struct bytes cbor; /* at NULL: it goes; with held it stays as it is */
	struct bytes held; /* topic_record's */
};
struct topic_publication;
enum err state_try(struct state *s, const struct topic_publication *p, const struct state_put *puts,
		   size_t count, struct why *why) MUST_CHECK;
void state_try_end(struct state *s);

/* A record as a store has it, "" for the chain; its CBOR in the arena. ERR_NOT_FOUND. */
enum err state_record(struct state *s, const char *store, enum record_type t, const char *key,
		      struct arena *a, struct bytes *out, struct why *why) MUST_CHECK;

/* Keys of a type's records that a store may have: texts in the arena. */
enum err state_keys(struct state *s, const char *store, enum record_type t, struct arena *a, struct list *out,
		    struct why *why) MUST_CHECK;

/* What waits for a second person or was rejected, in that scope or in every one; text in the arena. */
struct state_waiting {
	const char *scope, *key;
	int64_t type;
	struct bytes cbor; /* of held */
	struct held held;
};
typedef enum err state_waiting_fn(const struct state_waiting *w, void *arg, struct why *why);
enum err state_each_waiting(struct state *s, struct arena *a, state_waiting_fn *fn, void *arg,
			    struct why *why) MUST_CHECK;
enum err state_waiting_of(struct state *s, const char *scope, enum record_type t, const char *key,
			  struct arena *a, struct state_waiting *out, struct why *why) MUST_CHECK;

/* The price that somebody approved last, while another one is in force. ERR_NOT_FOUND: what is. */
enum err state_approved(struct state *s, const char *store, const char *key, struct arena *a,
			struct record *out, struct why *why) MUST_CHECK;

/* What an article has cost there. */
enum err state_costs(struct state *s, const char *store, const char *sku, struct judge_history *out,
		     struct why *why) MUST_CHECK;

/* Several reads as one: between them the state is the same. */
enum err state_begin(struct state *s, struct why *why) MUST_CHECK;
void state_end(struct state *s);

#endif
