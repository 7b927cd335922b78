/*
 * Durable tenders: many clients at once through the ledger worker, beside SQLite alone; one at a time, beside
 * a bare fdatasync; and what they leave on the disk.
 *
 *	tender DIR BOOK ROUNDS TENDERS [--json]
 *
 * A client hands its next sale over when the one before is durable. In each round the worker goes first and
 * SQLite then writes the very same events in as many transactions. Bodies that sales refer to are written
 *once, before anything is measured: a shop knows its articles after some weeks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "ledger.h"
#include "loop.h"
#include "measure.h"
#include "tender_floor.h"
#include "tender_sales.h"

#define SALES	    1000
#define CLIENTS_MAX 256
#define WARM	    100 /* lone tenders that tell how many bytes one writes */
#define YEAR	    (20000.0 * 365)
#define GIB	    (1024.0 * 1024 * 1024)

struct bench;

struct client {
	struct bench *bench;
	struct ledger_job job;
	struct event_sale sale;
	char order[48];
};

struct bench {
	struct loop *loop;
	struct ledger_worker *worker;
	struct tender_sales sales;
	struct raw raw;
	struct bare bare;
	char ledger[256], raw_path[256], bare_path[256];
	struct client clients[CLIENTS_MAX];
	size_t wanted, begun, done; /* tenders of this round */
	int64_t orders;		    /* of all rounds */
};

static void begin_next(struct client *c)
{
	struct bench *b = c->bench;
	const struct tender_sale *s;
	enum err e;

	if (b->begun == b->wanted)
		return;
	s = &b->sales.at[(size_t)b->orders % b->sales.count];
	b->begun++;
	snprintf(c->order, sizeof(c->order), "bench-1-%lld", (long long)++b->orders);
	c->sale = s->sale;
	c->sale.order = c->order;
	arena_reset(&c->job.arena); /* of the tender before */
	c->job.sale = s->whole;
	c->job.sale.sale = &c->sale;
	e = ledger_worker_submit(b->worker, &c->job);
	if (e)
		measure_fail("the worker takes no sale: %s", err_name(e));
}

static void client_done(struct ledger_job *job)
{
	struct client *c = job->arg;

	if (job->result)
		measure_fail("a sale was not written: %s", job->why.text);
	c->bench->done++;
	begin_next(c);
}

static void worker_failed(void *arg)
{
	(void)arg;
	measure_fail("the ledger's disk failed");
}

/* Seconds until all of them were durable. */
static double run_tenders(struct bench *b, size_t clients, size_t tenders)
{
	int64_t began = measure_now_ns();

	b->wanted = tenders;
	b->begun = b->done = 0;
	for (size_t i = 0; i < clients; i++)
		begin_next(&b->clients[i]);
	while (b->done < tenders)
		loop_turn(b->loop, -1);
	return (double)(measure_now_ns() - began) / 1e9;
}

static void path_in(const char *dir, const char *name, char out[256])
{
	if (snprintf(out, 256, "%s/%s", dir, name) >= 256)
		measure_fail("%s: over-long path", dir);
	unlink(out);
}

static void start(struct bench *b, const char *dir, const char *book)
{
	struct ledger *ledger;
	struct why why = {0};

	path_in(dir, "ledger.db", b->ledger);
	path_in(dir, "raw.db", b->raw_path);
	path_in(dir, "bare", b->bare_path);
	if (loop_new(&clock_system, &b->loop) ||
	    ledger_open(b->ledger, "bench", &clock_system, &ledger, &why) ||
	    ledger_worker_start(b->loop, ledger, worker_failed, NULL, &b->worker))
		measure_fail("%s", why.text);
	tender_sales_make(b->loop, book, SALES, &b->sales);
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		b->clients[i].bench = b;
		b->clients[i].job.done = client_done;
		b->clients[i].job.arg = &b->clients[i];
	}
	raw_open(&b->raw, b->raw_path);
	bare_open(&b->bare, b->bare_path);
	run_tenders(b, CLIENTS_MAX, SALES); /* all bodies */
}

static struct ledger_counts counts(struct bench *b)
{
	struct ledger_counts c;

	ledger_worker_counts(b->worker, &c);
	return c;
}

/* Processor time of all threads or of this one, system calls included. */
static double cpu_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Tenders a second with so many clients. */
static void run_many(struct bench *b, const struct report *r, size_t clients, size_t rounds, size_t tenders,
		     const char *metric)
{
	struct samples ours = {0}, floor = {0}, group = {0}, written = {0}, cpu = {0}, floor_cpu = {0};
	struct samples loop_cpu = {0};
	char name[64];

	for (size_t i = 0; i < rounds; i++) {
		struct ledger_counts before = counts(b), after;
		int64_t bytes = measure_proc_bytes(getpid(), "io", "wchar");
		double began = cpu_us(CLOCK_PROCESS_CPUTIME_ID), loop_began = cpu_us(CLOCK_THREAD_CPUTIME_ID);
		double seconds = run_tenders(b, clients, tenders);
		struct blob *blobs;
		size_t n, commits;

		samples_add(&cpu, (cpu_us(CLOCK_PROCESS_CPUTIME_ID) - began) / (double)tenders);
		samples_add(&loop_cpu, (cpu_us(CLOCK_THREAD_CPUTIME_ID) - loop_began) / (double)tenders);
		bytes = measure_proc_bytes(getpid(), "io", "wchar") - bytes;
		after = counts(b);
		commits = (size_t)(after.commits - before.commits);
		n = blobs_read(b->ledger, (int64_t)before.all_events, &blobs);
		if (tenders == 0 || commits == 0 || n != tenders)
			measure_fail("%zu events for %zu tenders", n, tenders);
		samples_add(&ours, (double)tenders / seconds);
		began = cpu_us(CLOCK_PROCESS_CPUTIME_ID);
		samples_add(&floor, (double)n / raw_put(&b->raw, blobs, n, commits));
		samples_add(&floor_cpu, (cpu_us(CLOCK_PROCESS_CPUTIME_ID) - began) / (double)n);
		samples_add(&group, (double)tenders / (double)commits);
		samples_add(&written, (double)bytes / (double)tenders);
		blobs_free(blobs, n);
	}
	report_rounds(r, metric, "1/s", &ours, &floor, "0.80 x");
	snprintf(name, sizeof(name), "%s_cpu", metric);
	report_rounds(r, name, "us", &cpu, &floor_cpu, NULL);
	snprintf(name, sizeof(name), "%s_loop_cpu", metric);
	report_rounds(r, name, "us", &loop_cpu, NULL, NULL);
	snprintf(name, sizeof(name), "%s_group", metric);
	report_rounds(r, name, "sales", &group, NULL, NULL);
	snprintf(name, sizeof(name), "%s_written", metric);
	report_rounds(r, name, "bytes", &written, NULL, NULL);
	samples_free(&ours);
	samples_free(&floor);
	samples_free(&group);
	samples_free(&written);
	samples_free(&cpu);
	samples_free(&floor_cpu);
	samples_free(&loop_cpu);
}

/* One tender at a time, each followed by a bare write of what a tender writes. */
static void run_alone(struct bench *b, const struct report *r, size_t tenders)
{
	struct samples ours = {0}, floor = {0};
	int64_t bytes = measure_proc_bytes(getpid(), "io", "wchar");
	size_t n;

	for (size_t i = 0; i < WARM; i++)
		run_tenders(b, 1, 1);
	n = (size_t)(measure_proc_bytes(getpid(), "io", "wchar") - bytes) / WARM;
	for (size_t i = 0; i < tenders; i++) {
		samples_add(&ours, run_tenders(b, 1, 1) * 1e6);
		samples_add(&floor, bare_write(&b->bare, n));
	}
	for (int percent = 50; percent <= 99; percent += 49)
		report_figure(r, &(struct figure){.metric = percent == 50 ? "alone_p50" : "alone_p99",
						  .unit = "us",
						  .value = samples_percentile(&ours, percent),
						  .low = samples_percentile(&ours, 0),
						  .high = samples_percentile(&ours, 100),
						  .floor = samples_percentile(&floor, percent),
						  .aim = percent == 50 ? "1.5 x" : "2 x"});
	report_figure(r, &(struct figure){.metric = "alone_written",
					  .unit = "bytes",
					  .value = (double)n,
					  .low = (double)n,
					  .high = (double)n});
	samples_free(&ours);
	samples_free(&floor);
}

static double file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (double)st.st_size;
}

/* What stays of a tender when the WAL is empty again: the worker's stop closes and checkpoints the ledger. */
static void report_kept(const struct report *r, double kept)
{
	report_figure(r,
		      &(struct figure){
			      .metric = "kept", .unit = "bytes", .value = kept, .low = kept, .high = kept});
	kept *= YEAR / GIB;
	report_figure(r, &(struct figure){.metric = "year",
					  .unit = "GiB",
					  .value = kept,
					  .low = kept,
					  .high = kept,
					  .aim = "8 GiB, 20,000 tenders a day"});
}

static void reopen(struct bench *b)
{
	struct ledger *ledger;
	struct why why = {0};

	ledger_worker_stop(b->worker);
	if (ledger_open(b->ledger, "bench", &clock_system, &ledger, &why) ||
	    ledger_worker_start(b->loop, ledger, worker_failed, NULL, &b->worker))
		measure_fail("%s", why.text);
}

static void run_all(struct bench *b, const struct report *r, size_t rounds, size_t tenders)
{
	double before;
	int64_t orders;

	reopen(b);
	before = file_bytes(b->ledger);
	orders = b->orders;
	report_head(r);
	run_many(b, r, 256, rounds, tenders, "clients_256");
	run_many(b, r, 32, rounds, tenders, "clients_32");
	run_alone(b, r, tenders / 4);
	reopen(b);
	report_kept(r, (file_bytes(b->ledger) - before) / (double)(b->orders - orders));
}

static void stop(struct bench *b)
{
	ledger_worker_stop(b->worker);
	raw_close(&b->raw);
	bare_close(&b->bare);
	loop_free(b->loop);
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct report r = {"tender", argc == 6 && !strcmp(argv[5], "--json")};

	if (argc < 5 || (argc == 6 && !r.json))
		measure_fail("usage: tender DIR BOOK ROUNDS TENDERS [--json]");
	start(&b, argv[1], argv[2]);
	report_note(&r, "%d sales of %.1f lines with %.1f promotions; the floors write the same bytes\n",
		    SALES, b.sales.lines, b.sales.applied);
	run_all(&b, &r, strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
	stop(&b);
	return 0;
}
