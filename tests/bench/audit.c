/*
 * A ledger of a million events, made by the code that makes them in a shop: how long its check takes, and
 *that nothing done to one of them stays unseen.
 *
 *	audit DIR BOOK EVENTS [--json]
 *
 * The floor reads every event and takes its SHA-256 once, in the same run: no check can do less.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "ledger.h"
#include "loop.h"
#include "measure.h"
#include "tamper.h"
#include "tender_sales.h"

#define SALES	   1000
#define PER_COMMIT 256
#define ROUNDS	   3 /* of the check, and of every way to tamper */

struct bench {
	struct tender_sales sales;
	char path[300];
	int64_t events;
	double made_s;
	struct samples verify_s, floor_s;
	unsigned found;
};

static void must(enum err e, const struct why *why)
{
	if (e)
		measure_fail("%s", why->text);
}

static double seconds_since(int64_t began)
{
	return (double)(measure_now_ns() - began) / 1e9;
}

static void append(struct ledger *l, const struct tender_sale *from, int64_t number)
{
	struct ledger_sale whole = from->whole;
	struct event_sale sale = from->sale;
	struct ledger_position at;
	struct why why = {0};
	char order[48];

	snprintf(order, sizeof(order), "bench-1-%lld", (long long)number);
	sale.order = order;
	whole.sale = &sale;
	must(ledger_append_sale(l, &whole, &at, &why), &why);
}

/* As tilld under load: group after group, and between them what tends the files. */
static void make_ledger(struct bench *b, int64_t wanted)
{
	int64_t began = measure_now_ns(), orders = 0;
	struct ledger_position head;
	struct why why = {0};
	struct ledger *l;

	must(ledger_open(b->path, "bench", &clock_system, &l, &why), &why);
	while (b->events < wanted) {
		must(ledger_begin(l, &why), &why);
		for (unsigned i = 0; i < PER_COMMIT; i++, orders++)
			append(l, &b->sales.at[(size_t)orders % b->sales.count], orders);
		must(ledger_commit(l, &why), &why);
		must(ledger_tend(l, false, &why), &why);
		ledger_head(l, &head, &b->events);
	}
	ledger_close(l);
	b->made_s = seconds_since(began);
}

static enum err verify(const struct bench *b, struct ledger_verdict *v, struct why *why)
{
	struct ledger_reader *r;
	enum err e;

	must(ledger_reader_open(b->path, &r, why), why);
	e = ledger_verify(r, v, why);
	ledger_reader_close(r);
	return e;
}

static void time_verify(struct bench *b)
{
	int64_t began = measure_now_ns();
	struct ledger_verdict v;
	struct why why = {0};

	must(verify(b, &v, &why), &why);
	if (v.events != b->events)
		measure_fail("%lld of %lld events were checked", (long long)v.events, (long long)b->events);
	samples_add(&b->verify_s, seconds_since(began));
}

static void time_floor(struct bench *b)
{
	int64_t began = measure_now_ns(), events = 0;
	struct digest hash;
	sqlite3_stmt *all;
	sqlite3 *db;

	if (sqlite3_open_v2(b->path, &db, SQLITE_OPEN_READONLY, NULL) ||
	    sqlite3_prepare_v2(db, "SELECT bytes FROM event", -1, &all, NULL))
		measure_fail("%s cannot be read", b->path);
	for (; sqlite3_step(all) == SQLITE_ROW; events++)
		digest_of(sqlite3_column_blob(all, 0), (size_t)sqlite3_column_bytes(all, 0), &hash);
	sqlite3_finalize(all);
	sqlite3_close(db);
	if (events != b->events)
		measure_fail("%lld of %lld events were read", (long long)events, (long long)b->events);
	samples_add(&b->floor_s, seconds_since(began));
}

static void tamper(struct bench *b, enum tamper what, uint64_t *random)
{
	uint64_t from = measure_random(random) % ((uint64_t)b->events - 2000);
	int64_t a = tamper_pick(b->path, (int64_t)from + 1);
	int64_t other = tamper_pick(b->path, what == TAMPER_SWAP ? a + 1000 : a + 1);
	int64_t bad = what == TAMPER_REPEAT ? other : a;
	struct ledger_verdict v;
	struct why why = {0};

	tamper_do(b->path, what, a, other, measure_random(random));
	if (verify(b, &v, &why) != ERR_CORRUPT)
		measure_fail("%s of event %lld was not found", tamperings[what].name, (long long)a);
	if (v.fault != tamperings[what].fault || v.fault_id != bad)
		measure_fail("%s of event %lld: %s", tamperings[what].name, (long long)bad, why.text);
	b->found++;
	if (what != TAMPER_CUT)
		tamper_undo(b->path, what);
}

static void tamper_with_all(struct bench *b)
{
	uint64_t random = 1047;

	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned what = 0; what < TAMPER_CUT; what++)
			tamper(b, (enum tamper)what, &random);
	}
	tamper(b, TAMPER_CUT, &random);
}

static void report(struct bench *b, const struct report *r)
{
	report_note(r, "%lld events, made in %.0f s; the floor reads every event and takes its SHA-256\n",
		    (long long)b->events, b->made_s);
	report_head(r);
	report_rounds(r, "verify", "s", &b->verify_s, &b->floor_s, NULL);
	report_figure(
		r,
		&(struct figure){
			.metric = "found", .unit = "", .value = b->found, .low = b->found, .high = b->found});
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct report r = {"audit", argc == 5 && !strcmp(argv[4], "--json")};
	struct loop *loop;

	if (argc < 4 || (argc == 5 && !r.json))
		measure_fail("usage: audit DIR BOOK EVENTS [--json]");
	if (loop_new(&clock_system, &loop))
		measure_fail("no event loop");
	snprintf(b.path, sizeof(b.path), "%s/ledger.db", argv[1]);
	tender_sales_make(loop, NULL, argv[2], SALES, TENDER_SCANS, &b.sales);
	make_ledger(&b, strtoll(argv[3], NULL, 10));
	for (unsigned i = 0; i < ROUNDS; i++) {
		time_verify(&b);
		time_floor(&b);
	}
	tamper_with_all(&b);
	report(&b, &r);
	return 0;
}
