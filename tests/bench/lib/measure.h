/*
 * Measuring: a clock, samples with their percentiles, and figures as a table for people or as JSON lines.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

int64_t measure_now_ns(void);

/* Prints the reason and ends: a benchmark that cannot measure has nothing else to say. */
void measure_fail(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

/*
 * Keeps this process, and those it starts from now on, on one processor, counted from the last; does nothing
 * where there is only one. Where the system puts two processes that wake each other decides what a wake-up
 * costs, and it changes its mind: a comparison needs one answer.
 */
void measure_pin(int from_last);

/* Memory, or the end. */
void *measure_memory(size_t n, size_t size);

/* What a process spent on a processor so far, in ns: all its threads, those that have ended, too. */
int64_t measure_cpu_ns(int pid);

/* Bytes of a line such as "VmRSS: 12 kB" of /proc/PID/FILE; a line without a unit is in bytes. */
int64_t measure_proc_bytes(int pid, const char *file, const char *name);

/* The same sequence of numbers in each run (xorshift64*). */
uint64_t measure_random(uint64_t *state);

struct samples {
	double *at;
	size_t count, size;
	double last; /* added */
	bool sorted;
};
void samples_add(struct samples *s, double value);
void samples_join(struct samples *s, const struct samples *more);
void samples_clear(struct samples *s);
void samples_free(struct samples *s);
double samples_percentile(struct samples *s, double percent); /* nearest rank; 0 of none */

/*
 * A figure: its median over rounds with the lowest and the highest of them, and what it is compared with in
 * the same run. aim is the ratio that it should keep to, for the reader: nothing fails on it.
 */
struct figure {
	const char *metric, *unit;
	double value, low, high;
	double floor;	 /* 0: none */
	const char *aim; /* or NULL */
};

struct report {
	const char *bench;
	bool json;
};
void report_head(const struct report *r); /* column heads */
void report_figure(const struct report *r, const struct figure *f);
void report_note(const struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3); /* not in JSON */

/* A figure whose value and floor are medians of rounds, low and high those of ours. */
void report_rounds(const struct report *r, const char *metric, const char *unit, struct samples *ours,
		   struct samples *floor, const char *aim);

#endif
