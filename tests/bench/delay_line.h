/*
 * A line that takes its time: a process that passes TCP connections on to a port of loopback, each byte so
 * many milliseconds late, both ways. What it may hold is bounded only by its users' windows.
 */
#ifndef BENCH_DELAY_LINE_H
#define BENCH_DELAY_LINE_H

#include <stdint.h>
#include <sys/types.h>

struct delay_line {
	pid_t pid;
	uint16_t port; /* to connect to */
};

void delay_line_start(struct delay_line *d, uint16_t target, int64_t each_way_ms);
void delay_line_stop(struct delay_line *d);

#endif
