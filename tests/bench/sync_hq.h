/*
 * Headquarters for the benchmarks of the link, in a process of its own: the hub with its log, behind real TLS
 * and DTLS ports on loopback. It takes orders, a line each, through a socket. And the boxes that know it.
 */
#ifndef BENCH_SYNC_HQ_H
#define BENCH_SYNC_HQ_H

#include "coaps.h"
#include "ledger.h"
#include "measure.h"
#include "tilld_config.h"

struct sync_hq {
	char dir[256];
	pid_t pid;
	int fd; /* orders out, answers in */
	uint16_t ports[2];
	char uris[2][64];
	const char *uri_list[2];
};

struct sync_hq_counts {
	unsigned long long commits, syncs, events;
};

void sync_hq_start(struct sync_hq *hq, const char *dir); /* below dir */
void sync_hq_stop(struct sync_hq *hq);
void sync_hq_kill(struct sync_hq *hq); /* and starts it again, at its ports */

/* Registers the box, and puts its certificate and key below state_dir. */
void sync_hq_enrol(struct sync_hq *hq, const char *box, const char *state_dir);

/* A price book, or changes; the hub's clock before it began, in ns of measure_now_ns. */
int64_t sync_hq_publish(struct sync_hq *hq, const char *path, bool changes);

/* The same, not waited for: sync_hq_published gives the answer. */
void sync_hq_begin_publish(struct sync_hq *hq, const char *path, bool changes);
int64_t sync_hq_published(struct sync_hq *hq);

struct sync_hq_counts sync_hq_count(struct sync_hq *hq);

#endif
