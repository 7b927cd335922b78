/*
 * What the threads of a process have spent on a processor, by their names: in the system's ticks, so 10 ms
 * are the least that shows.
 */
#ifndef BENCH_THREAD_CPU_H
#define BENCH_THREAD_CPU_H

#include <sys/types.h>

#define THREADS_MAX 8

struct thread_cpu {
	struct {
		char name[16];
		double seconds;
	} at[THREADS_MAX];
	unsigned count;
};

/* Threads beyond THREADS_MAX are left out. */
void thread_cpu_read(pid_t pid, struct thread_cpu *out);

/* "log 1.2, lines 3.4": microseconds since before, for each of `things`. */
const char *thread_cpu_words(const struct thread_cpu *before, const struct thread_cpu *now, double things,
			     char out[256]);

#endif
