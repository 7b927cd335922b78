/*
 * A whole headquarters for tests and benchmarks: the hub with its log, behind real TLS and DTLS ports on
 * loopback, in a folder that is the caller's. It has a loop of its own, which the caller turns.
 */
#ifndef TILL_HQ_H
#define TILL_HQ_H

#include "hub.h"
#include "hub_server.h"

struct hq {
	const char *dir;
	const struct disk *disk;
	const struct clock *clock;
	bool broken;	   /* its log cannot be written any more; only on a disk that was given */
	struct loop *loop; /* a new one after each restart */
	struct hub *hub;
	struct hub_server *server; /* NULL: nobody listens */
	uint16_t ports[2];	   /* of COAPS_TLS and COAPS_DTLS; they stay over a restart */
	char uris[2][64];
	const char *uri_list[2];
};

void hq_new(struct hq *h, const char *dir); /* with a CA; running */
void hq_new_on(struct hq *h, const char *dir, const struct disk *disk, const struct clock *clock);
void hq_free(struct hq *h);

/* Where one was that was killed, at the ports that it had. */
void hq_again(struct hq *h, const char *dir, const uint16_t ports[2]);

/* All of it ends, whatever is on its way; and begins again. The same of its ports alone. */
void hq_restart(struct hq *h);
void hq_end(struct hq *h);
void hq_begin(struct hq *h);
void hq_deaf(struct hq *h);
void hq_hear(struct hq *h);

/* Lines (ended by NULL), or a file, as a price book or changes of it; the version. */
int64_t hq_publish_file(struct hq *h, const char *path, bool changes);
int64_t hq_publish(struct hq *h, const char *const *lines, bool changes);
int64_t hq_try_publish(struct hq *h, const char *const *lines, bool changes); /* -1: it could not */

/* The step that leaves that phase: next, change, retire. */
enum err hq_change_ca(struct hq *h, enum authority_phase leave, bool force, struct why *why) MUST_CHECK;

/* A store's snapshot, signed, into a folder that is there. */
void hq_snapshot(struct hq *h, const char *store, const char *dir);

/* Registers the box and puts its certificate and key below state_dir. Revokes it. */
void hq_enrol(struct hq *h, const char *box, const char *store, const char *state_dir);
void hq_revoke(struct hq *h, const char *box);

#endif
