/*
 * till-sync's inside: what its parts share. Each part is a pair of files that knows this page and not the
 * others' structs.
 */
#ifndef TILL_UPLINK_H
#define TILL_UPLINK_H

#include "catalog_store.h"
#include "coaps_client.h"
#include "jsonw.h"
#include "link_store.h"
#include "notify.h"
#include "papers.h"
#include "route.h"
#include "signed.h"
#include "tilld_config.h"

#define ANSWER_MS 8000 /* that an answer of headquarters is waited for */

struct outbox;
struct feed;
struct snapshot_load;
struct hqtime;
struct bell;
struct sync_socket;

struct uplink {
	struct loop *loop;
	const struct tilld_config *config;
	struct notify notify;

	struct link_store *store;
	struct link_marks marks; /* as they should be; saved some time later */
	struct loop_timer *save;
	struct catalog_store *catalog; /* see snapshot_load_applying */
	struct papers papers;
	struct trust *trust;

	struct route *route; /* NULL: no headquarters, or not enrolled */
	struct hqtime *time;
	struct outbox *outbox;
	struct feed *feed;
	struct snapshot_load *snapshot;
	struct bell *bell;
	struct sync_socket *socket;

	bool greeted;	    /* headquarters has answered this connection's hello */
	int64_t greet_us;   /* when that was said last; 0: to be said soon */
	char program[65];   /* of headquarters */
	struct why idle;    /* why there is no route */
	struct why refused; /* why headquarters did not take us; "" */
	struct loop_timer *tend;
	int64_t renewal_us;   /* when a new certificate was asked for last */
	int64_t warned_days;  /* of its end; 0: not yet */
	int64_t papers_stamp; /* of its file */
	int exit_code;
};

/* A path below "v1/boxes/{box}/" or "v1/stores/{store}/". */
#define UPLINK_PATH_MAX 192
const char *uplink_box_path(const struct uplink *u, const char *what, char out[UPLINK_PATH_MAX]);
const char *uplink_store_path(const struct uplink *u, const char *what, char out[UPLINK_PATH_MAX]);

/* Sends on the connection, if there is one. */
enum err uplink_send(struct uplink *u, const struct coaps_call *call) MUST_CHECK;

/* The marks have changed: they are saved within UPLINK_SAVE_MS; or at once. Not to be able to is fatal. */
#define UPLINK_SAVE_MS 250
void uplink_marks_changed(struct uplink *u);
void uplink_marks_save(struct uplink *u);

/* This file or disk cannot be written, or an fsync failed: the program ends, the service manager begins anew.
 */
void uplink_die(struct uplink *u, const char *reason);

/* What headquarters answered an error with, for a person: "4.03: revoked". */
struct why uplink_answer_words(const struct coaps_answer *a);

/* uplink.c: all parts, and the loop's work. */
enum err uplink_start(struct uplink *u, struct why *why) MUST_CHECK;
void uplink_stop(struct uplink *u);
void uplink_now(struct uplink *u);		       /* tries, asks and sends at once */
void uplink_reload(struct uplink *u);		       /* certificates anew */
void uplink_status(struct uplink *u, struct jsonw *w); /* one object */

#endif
