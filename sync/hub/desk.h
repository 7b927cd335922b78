/*
 * What is done at headquarters, one thing after the other: boxes are registered and enrolled, books
 * published, grants made, snapshots prepared. A desk owns the writing connection to the
 * state and appends to the log; it belongs to one thread, the hub's worker (hub.h) or a command that runs
 * without a hub.
 *
 * Whatever a desk does, it appends, folds, and looks at what the fold made of it: another hub's may have come
 * first.
 */
#ifndef TILL_DESK_H
#define TILL_DESK_H

#include "authority.h"
#include "event_log.h"
#include "hub_config.h"
#include "state.h"
#include "wire.h"

struct snapshot;

struct desk {
	const char *dir;
	const struct clock *clock;
	struct event_log *log; /* borrowed */
	struct log_reader *reader;
	struct state *state;
	struct authority *authority; /* NULL: there is none in the folder */
	int64_t last_serial, last_publication;
	int64_t page_sets;	/* made since it was opened */
	struct state_step news; /* what was folded: whoever looks at it clears it */
	int64_t box_ms;		/* that a box's certificate holds */
	struct snapshot *chain; /* the chain's catalog, as of that version: for checks of small changes */
	int64_t chain_version;
	const struct hub_roles *roles; /* borrowed; NULL: nothing that is published waits */
};

/* Paths in a hub's folder. */
#define DESK_PATH_MAX 256
enum err desk_path(const char *dir, const char *name, char out[DESK_PATH_MAX], struct why *why) MUST_CHECK;

/* The folder's state, for reading; of a hub, or of a command beside it. */
enum err desk_open_state(const char *dir, struct state **out, struct why *why) MUST_CHECK;

/* Opens the folder's state and folds all that the log has. */
enum err desk_open(const char *dir, const struct clock *clock, struct event_log *log, struct desk *out,
		   struct why *why) MUST_CHECK;
void desk_close(struct desk *d);

/* Appends and folds. */
enum err desk_append(struct desk *d, struct log_entry *entries, size_t count, struct why *why) MUST_CHECK;

/* desk_boxes.c. A claim code for a box, new or not; it is good once and for so long. */
#define DESK_CODE_MAX 24 /* "ABCD-EFGH-JKLM-NPQR", with NUL */
enum err desk_add_box(struct desk *d, const char *name, const char *store, int64_t hours, const char *who,
		      char code[DESK_CODE_MAX], struct why *why) MUST_CHECK;
/* All certificates that it has until now are not taken any more. */
enum err desk_revoke_box(struct desk *d, const char *name, const char *who, struct why *why) MUST_CHECK;
/* Ends a quarantine: a new incarnation goes on where the restored ledger begins. ERR_STATE: it is in none, or
 * there is no such place. */
enum err desk_release_box(struct desk *d, const char *name, struct why *why) MUST_CHECK;

/* What boxes said of themselves, into the log, in one commit. */
struct desk_told {
	char box[WIRE_NAME_MAX + 1];
	struct hub_told told;
	int64_t seen_ms;
};
enum err desk_note_told(struct desk *d, const struct desk_told *all, size_t count,
			struct why *why) MUST_CHECK;

/*
 * Enrolment and renewal: the answer, a struct wire_enrolled, behind what is in out. ERR_DENIED: the code is
 * unknown, used or expired. ERR_INVALID: the request.
 */
enum err desk_enrol(struct desk *d, const char *code, struct bytes request, struct buf *out,
		    struct why *why) MUST_CHECK;
enum err desk_renew(struct desk *d, const char *box, struct bytes request, struct buf *out,
		    struct why *why) MUST_CHECK;

/*
 * desk_authority.c. Another CA: see authority.h. ERR_STATE: it is not its turn, or (unless forced) boxes
 * would be cut off. Who that is: those who have not pinned the next CA, or have no certificate of the new
 * one.
 */
enum err desk_authority_next(struct desk *d, struct why *why) MUST_CHECK;
enum err desk_authority_change(struct desk *d, const char *const *hosts, size_t count, bool force,
			       struct why *why) MUST_CHECK;
enum err desk_authority_retire(struct desk *d, bool force, struct why *why) MUST_CHECK;
struct desk_behind {
	size_t count;
	char box[WIRE_NAME_MAX + 1]; /* the first */
};
enum err desk_authority_behind(struct state *s, const struct authority *a, struct desk_behind *out,
			       struct why *why) MUST_CHECK;

/* The number of the next certificate: rises. */
int64_t desk_next_serial(struct desk *d);

/*
 * desk_publish.c. A price book file, or a file of changes, for all stores or for some. Where somebody is
 * named in the roles, what an import of a box would hold (book/judge.h) waits; the rest is published.
 */
struct desk_publication {
	const char *path; /* "-": standard input */
	bool changes;
	const char *const *stores;
	size_t store_count;		/* 0: the chain */
	int64_t above;			/* the version is to be higher than this */
	const char *who, *login, *note; /* who publishes it, as which Unix user, and why */
};
struct desk_published {
	int64_t version; /* in force now */
	int64_t records; /* put and removed, those that were so already included */
	int64_t held;	 /* of them: they wait for a second person */
	int64_t refused; /* somebody has rejected them before */
	bool changed;	 /* false: all of it was so already */
	int64_t lacking; /* boxes that do not know what some of it says; the first one, and what */
	char lacking_box[WIRE_NAME_MAX + 1], lacks[200];
};
enum err desk_publish(struct desk *d, const struct desk_publication *in, struct desk_published *out,
		      struct why *why) MUST_CHECK;

/*
 * desk_decide.c. What a second person says of what waits (state_each_waiting): approved, it is published; of
 * several stores for each of them. *what: of the first, text in the arena. ERR_NOT_FOUND; held_may_decide's.
 */
struct desk_decision {
	const char *id, *by, *reason;
	bool rejected;
};
enum err desk_decide(struct desk *d, const struct desk_decision *in, struct arena *a, struct held *what,
		     int64_t *version, struct why *why) MUST_CHECK;

/* desk_lacking.c. Alerts for boxes concerned that do not know these features (book_features.h), and out's
 * last members. */
enum err desk_tell_lacking(struct desk *d, const struct desk_publication *in, uint32_t needed,
			   struct desk_published *out, struct why *why) MUST_CHECK;

/* desk_grant.c. The number it got. ERR_NOT_FOUND: no such box. */
struct desk_grant {
	const char *promotion, *box;
	int64_t uses;	    /* AMOUNT_NONE: amount */
	const char *amount; /* decimal, in the currency of the store's book */
	const char *who;
};
enum err desk_grant(struct desk *d, const struct desk_grant *in, int64_t *number, struct why *why) MUST_CHECK;

#define DESK_LINES_GROUP "sale_lines" /* whose position says how far it came */

/* desk_lines.c. Makes sale lines of some uploads that none were made of yet, on any one thread. *done: how
 * many; 0: there were none left. */
enum err desk_derive(struct event_log *log, struct log_reader *reader, size_t *done,
		     struct why *why) MUST_CHECK;

/*
 * Parked events that this program understands leave the parked ones, and sale lines are made
 * of them: after an upgrade.
 */
enum err desk_unpark(struct desk *d, size_t *done, struct why *why) MUST_CHECK;

/*
 * desk_pages.c. A store's catalog as a snapshot in files: page-00000 ... in a folder that is emptied first.
 * The manifest is not written: it is of a store and signed, and pages are of a scope.
 */
struct page_set {
	char scope[WIRE_NAME_MAX + 1];
	int64_t version, records, bytes, made_ms;
	char cursor[WIRE_CURSOR_MAX + 1];
	size_t count;
	struct buf hashes; /* 32 bytes a page */
	char dir[DESK_PATH_MAX];
};
enum err desk_make_pages(struct desk *d, const char *store, const char *dir, struct page_set *out,
			 struct why *why) MUST_CHECK;
void page_set_free(struct page_set *p);
/* The manifest of that set for a store, signed, behind what is in out. */
struct signer;
enum err page_set_manifest(const struct page_set *p, const char *store, struct signer *signer,
			   struct buf *out, struct why *why) MUST_CHECK;

#endif
