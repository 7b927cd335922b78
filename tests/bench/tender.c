/*
 * Durable tenders: many clients at once through the ledger worker, beside SQLite alone; one at a time, beside
 * a bare fdatasync; and what they leave on the disk.
 *
 *	tender DIR BOOK ROUNDS TENDERS [--limits] [--json]
 *
 * A client hands its next sale over when the one before is durable. In each round the worker goes first and
 * SQLite then writes the very same events in as many transactions. Bodies that sales refer to are written
 * once, before anything is measured: a shop knows its articles after some weeks.
 *
 * --limits: a book made with that word. Each sale redeems a coupon, is a known customer's, and counts in the
 * uses and budgets of its promotions; they are counted, and written down now and then, by the lanes' code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <pthread.h>
#include <stdatomic.h>

#include "arena.h"
#include "lane_parts.h"
#include "ledger.h"
#include "ledger_uses.h"
#include "loop.h"
#include "measure.h"
#include "priority.h"
#include "tender_floor.h"
#include "tender_sales.h"

#define SALES	    1000
#define CLIENTS_MAX 256
#define WARM	    100 /* lone tenders that tell how many bytes one writes */
#define YEAR	    (20000.0 * 365)
#define HANDED_MAX  4096
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
	bool limits;
	struct hand_over handed[HANDED_MAX]; /* of this round */
	size_t handed_count;
	pthread_t auditor;
	atomic_bool audited;
	size_t audits;
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
	if (b->limits && uses_expect_sale(b->sales.shop->uses, &c->sale))
		measure_fail("out of memory");
	e = ledger_worker_submit(b->worker, &c->job);
	if (e)
		measure_fail("the worker takes no sale: %s", err_name(e));
	b->sales.shop->pending++;
}

/* Before the lanes' code hands uses over: how many rows it is going to write. */
static void note_hand_over(struct bench *b, const struct shop *s, int64_t event)
{
	struct hand_over *h = &b->handed[b->handed_count];

	if (!shop_uses_due(s, event))
		return;
	if (++b->handed_count > HANDED_MAX)
		measure_fail("more than %d hand-overs in a round", HANDED_MAX);
	*h = (struct hand_over){.after = b->done};
	for (const struct use *u = uses_changed(s->uses); u; u = u->changed)
		h->rows++;
}

/* As the lane does when a sale is durable. */
static void count_uses(struct bench *b, const struct client *c)
{
	struct shop *s = b->sales.shop;

	if (uses_take_sale(s->uses, &c->sale))
		measure_fail("out of memory");
	note_hand_over(b, s, c->job.id);
	shop_folded(s, c->job.id);
}

static void client_done(struct ledger_job *job)
{
	struct client *c = job->arg;

	if (job->result)
		measure_fail("a sale was not written: %s", job->why.text);
	c->bench->done++;
	c->bench->sales.shop->pending--;
	if (c->bench->limits)
		count_uses(c->bench, c);
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
	b->begun = b->done = b->handed_count = 0;
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
	tender_sales_make(b->loop, b->limits ? b->worker : NULL, book, SALES, TENDER_SCANS, &b->sales);
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

struct many {
	struct samples ours, floor, group, written, cpu, loop_cpu, floor_cpu, use_rows;
};

/* The same rows by SQLite alone. */
static void run_floor(struct bench *b, struct many *m, int64_t after_id, size_t tenders, size_t commits)
{
	struct round w = {.commits = commits, .handed = b->handed, .handed_count = b->handed_count};
	double began, rows = 0;

	w.count = blobs_read(b->ledger, after_id, &w.blobs);
	if (tenders == 0 || commits == 0 || w.count != tenders)
		measure_fail("%zu events for %zu tenders", w.count, tenders);
	if (b->handed_count)
		w.use_count = uses_read(b->ledger, b->raw_path, &w.uses);
	for (size_t i = 0; i < b->handed_count; i++)
		rows += (double)b->handed[i].rows;
	if (rows > 0 && !w.use_count)
		measure_fail("uses were handed over, and none is in the table");
	began = cpu_us(CLOCK_PROCESS_CPUTIME_ID);
	samples_add(&m->floor, (double)tenders / raw_put(&b->raw, &w));
	samples_add(&m->floor_cpu, (cpu_us(CLOCK_PROCESS_CPUTIME_ID) - began) / (double)tenders);
	samples_add(&m->use_rows, rows / (double)tenders);
	blobs_free(w.blobs, w.count);
	uses_blobs_free(w.uses, w.use_count);
}

static void run_round(struct bench *b, struct many *m, size_t clients, size_t tenders)
{
	struct ledger_counts before = counts(b);
	int64_t bytes = measure_proc_bytes(getpid(), "io", "wchar");
	double began = cpu_us(CLOCK_PROCESS_CPUTIME_ID), loop_began = cpu_us(CLOCK_THREAD_CPUTIME_ID);
	double seconds = run_tenders(b, clients, tenders);
	size_t commits;

	samples_add(&m->cpu, (cpu_us(CLOCK_PROCESS_CPUTIME_ID) - began) / (double)tenders);
	samples_add(&m->loop_cpu, (cpu_us(CLOCK_THREAD_CPUTIME_ID) - loop_began) / (double)tenders);
	bytes = measure_proc_bytes(getpid(), "io", "wchar") - bytes;
	commits = (size_t)(counts(b).commits - before.commits);
	samples_add(&m->ours, (double)tenders / seconds);
	samples_add(&m->group, (double)tenders / (double)commits);
	samples_add(&m->written, (double)bytes / (double)tenders);
	run_floor(b, m, (int64_t)before.all_events, tenders, commits);
}

/* Tenders a second with so many clients, or that figure alone. */
static void run_many(struct bench *b, const struct report *r, size_t clients, size_t rounds, size_t tenders,
		     const char *metric, bool alone)
{
	static const char *const names[] = {"cpu", "loop_cpu", "group", "written", "use_rows"};
	static const char *const units[] = {"us", "us", "sales", "bytes", "rows"};
	struct many m = {0};
	struct samples *more[] = {&m.cpu, &m.loop_cpu, &m.group, &m.written, &m.use_rows};
	char name[64];

	for (size_t i = 0; i < rounds; i++)
		run_round(b, &m, clients, tenders);
	report_rounds(r, metric, "1/s", &m.ours, &m.floor, "0.80 x");
	for (size_t i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "%s_%s", metric, names[i]);
		if (!alone && (i < 4 || b->limits))
			report_rounds(r, name, units[i], more[i], i == 0 ? &m.floor_cpu : NULL, NULL);
		samples_free(more[i]);
	}
	samples_free(&m.ours);
	samples_free(&m.floor);
	samples_free(&m.floor_cpu);
}

/* Checks the whole ledger, again and again, as `tillctl audit verify` does from a process of its own. */
static void *audit(void *arg)
{
	struct bench *b = arg;

	priority_behind(); /* as that does */
	for (; atomic_load(&b->audited); b->audits++) {
		struct ledger_verdict verdict;
		struct ledger_reader *reader;
		struct why why = {0};

		if (ledger_reader_open(b->ledger, &reader, &why) ||
		    ledger_audit(reader, &(struct ledger_watch){0}, &verdict, &why))
			measure_fail("%s", why.text);
		ledger_reader_close(reader);
	}
	return NULL;
}

static void run_audited(struct bench *b, const struct report *r, size_t rounds, size_t tenders)
{
	atomic_store(&b->audited, true);
	if (pthread_create(&b->auditor, NULL, audit, b))
		measure_fail("no thread for the audit");
	run_many(b, r, CLIENTS_MAX, rounds, tenders, "limits_256_audited", true);
	atomic_store(&b->audited, false);
	pthread_join(b->auditor, NULL);
}

/* One tender at a time, each followed by a bare write of what a tender writes. */
static void run_alone(struct bench *b, const struct report *r, size_t tenders)
{
	struct samples ours = {0}, floor = {0}, written = {0};
	size_t n;

	for (size_t i = 0; i < WARM; i++) {
		int64_t bytes = measure_proc_bytes(getpid(), "io", "wchar");

		run_tenders(b, 1, 1);
		samples_add(&written, (double)(measure_proc_bytes(getpid(), "io", "wchar") - bytes));
	}
	n = (size_t)samples_percentile(&written,
				       50); /* some of them meet what the last round left to be moved */
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
	samples_free(&written);
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
	shop_attach(b->sales.shop, NULL, b->limits ? b->worker : NULL);
}

static void run_all(struct bench *b, const struct report *r, size_t rounds, size_t tenders)
{
	double before;
	int64_t orders;

	reopen(b);
	before = file_bytes(b->ledger);
	orders = b->orders;
	report_head(r);
	if (b->limits) {
		run_many(b, r, 256, rounds, tenders, "limits_256", false);
		run_audited(b, r, rounds, tenders);
		return;
	}
	run_many(b, r, 256, rounds, tenders, "clients_256", false);
	run_many(b, r, 32, rounds, tenders, "clients_32", false);
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
	struct report r = {"tender", argc > 5 && !strcmp(argv[argc - 1], "--json")};
	int words = argc - r.json;

	b.limits = words == 6 && !strcmp(argv[5], "--limits");
	if (words != 5 + b.limits)
		measure_fail("usage: tender DIR BOOK ROUNDS TENDERS [--limits] [--json]");
	start(&b, argv[1], argv[2]);
	report_note(&r,
		    "%d sales of %.1f lines with %.1f promotions, %.1f of them by coupon; the floors write "
		    "the same bytes\n",
		    SALES, b.sales.lines, b.sales.applied, b.sales.coupons);
	run_all(&b, &r, strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
	stop(&b);
	return 0;
}
