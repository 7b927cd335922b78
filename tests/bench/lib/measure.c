/*
 * Clock, samples, figures. See measure.h.
 */
#include "measure.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t measure_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void measure_fail(const char *fmt, ...)
{
	va_list args;

	fputs("benchmark: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void measure_pin(int from_last)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	if (count < 2)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)(count - 1 - from_last), &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		measure_fail("no processor of our own: %s", strerror(errno));
}

void *measure_memory(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		measure_fail("out of memory");
	return p;
}

int64_t measure_cpu_ns(int pid)
{
	struct timespec spent;
	clockid_t clock;
	int code = clock_getcpuclockid(pid, &clock);

	if (code == 0 && clock_gettime(clock, &spent) != 0)
		code = errno;
	if (code != 0)
		measure_fail("processor time of process %d: %s", pid, strerror(code));
	return spent.tv_sec * INT64_C(1000000000) + spent.tv_nsec;
}

int64_t measure_proc_bytes(int pid, const char *file, const char *name)
{
	char path[64], line[256];
	size_t n = strlen(name);
	int64_t value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	f = fopen(path, "re");
	if (!f)
		measure_fail("%s: %s", path, strerror(errno));
	while (value < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, n) && line[n] == ':')
			value = strtoll(line + n + 1, NULL, 10) * (strstr(line, " kB") ? 1024 : 1);
	fclose(f);
	if (value < 0)
		measure_fail("%s: no line '%s'", path, name);
	return value;
}

uint64_t measure_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

void samples_add(struct samples *s, double value)
{
	if (s->count == s->size) {
		size_t size = s->size ? s->size * 2 : 1024;
		double *grown = realloc(s->at, size * sizeof(*grown));

		if (!grown)
			measure_fail("out of memory");
		s->at = grown;
		s->size = size;
	}
	s->at[s->count++] = value;
	s->last = value;
	s->sorted = false;
}

void samples_join(struct samples *s, const struct samples *more)
{
	for (size_t i = 0; i < more->count; i++)
		samples_add(s, more->at[i]);
}

void samples_clear(struct samples *s)
{
	s->count = 0;
}

void samples_free(struct samples *s)
{
	free(s->at);
	*s = (struct samples){0};
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double samples_percentile(struct samples *s, double percent)
{
	size_t rank;

	if (s->count == 0)
		return 0;
	if (!s->sorted)
		qsort(s->at, s->count, sizeof(*s->at), compare);
	s->sorted = true;
	rank = (size_t)ceil(percent / 100 * (double)s->count);
	return s->at[rank > 0 ? rank - 1 : 0];
}

void report_head(const struct report *r)
{
	if (!r->json)
		printf("%-29s %12s %-6s %25s %12s %7s   %s\n", "metric", "median", "", "lowest - highest",
		       "floor", "ratio", "aim");
}

static void print_json(const struct report *r, const struct figure *f)
{
	printf("{\"bench\":\"%s\",\"metric\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",", r->bench, f->metric,
	       f->value, f->unit);
	if (f->floor > 0)
		printf("\"floor\":%.3f,\"ratio\":%.3f}\n", f->floor, f->value / f->floor);
	else
		printf("\"floor\":null,\"ratio\":null}\n");
}

void report_figure(const struct report *r, const struct figure *f)
{
	char spread[64], floor[32] = "", ratio[32] = "";

	if (r->json) {
		print_json(r, f);
		return;
	}
	snprintf(spread, sizeof(spread), "%.1f - %.1f", f->low, f->high);
	if (f->floor > 0) {
		snprintf(floor, sizeof(floor), "%.1f", f->floor);
		snprintf(ratio, sizeof(ratio), "%.2f x", f->value / f->floor);
	}
	printf("%-29s %12.1f %-6s %25s %12s %7s   %s\n", f->metric, f->value, f->unit, spread, floor, ratio,
	       f->aim ? f->aim : "");
	fflush(stdout);
}

void report_note(const struct report *r, const char *fmt, ...)
{
	va_list args;

	if (r->json)
		return;
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void report_rounds(const struct report *r, const char *metric, const char *unit, struct samples *ours,
		   struct samples *floor, const char *aim)
{
	struct figure f = {
		.metric = metric,
		.unit = unit,
		.value = samples_percentile(ours, 50),
		.low = samples_percentile(ours, 0),
		.high = samples_percentile(ours, 100),
		.floor = floor ? samples_percentile(floor, 50) : 0,
		.aim = aim,
	};

	report_figure(r, &f);
}
