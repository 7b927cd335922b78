/*
 * How often this process has had a file made durable: fsync and fdatasync of all its libraries, counted on
 * their way to the system.
 */
#ifndef BENCH_COUNT_SYNCS_H
#define BENCH_COUNT_SYNCS_H

#include <stdint.h>

uint64_t count_syncs(void);

#endif
