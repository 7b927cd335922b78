/*
 * The floor of scan_to_price: a program with the hops of a scan and nothing in between. It waits with epoll
 * for bytes from a pty, reads up to the CR, and writes a line into a Unix socket.
 */
#ifndef BENCH_ECHO_H
#define BENCH_ECHO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How long its next lines are, newline included: shared memory, written while it waits. */
struct echo_plan {
	uint32_t at;
	uint32_t lengths[1 << 16];
};

struct echo {
	pid_t pid;
	int fd; /* where its lines come out */
	struct echo_plan *plan;
};

/* Starts it as a process of its own, with the pty's slave by name. */
void echo_start(struct echo *e, const char *slave);
void echo_stop(struct echo *e);

#endif
