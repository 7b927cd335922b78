/*
 * From the start of tilld to its first priced scan, and the memory it then holds; beside reading every row of
 * the same catalog.db once and doing nothing with it.
 *
 *	start TILLD DIR BOOK RUNS [--json]
 *
 * The clock runs from before the process is made until the priced line of a scan through the pty is here.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "box.h"
#include "goods.h"
#include "measure.h"

#define QUIET_MS 300L /* until what was needed to load is given back */

struct bench {
	struct box box;
	struct goods goods;
	struct samples start_ms, cpu_ms, read_ms, resident, peak;
};

static void run_ours(struct bench *b)
{
	int64_t began = measure_now_ns();

	box_start(&b->box, b->goods.at[b->goods.count / 2].code);
	samples_add(&b->start_ms, (double)(measure_now_ns() - began) / 1e6);
	samples_add(&b->cpu_ms, (double)measure_cpu_ns(b->box.pid) / 1e6);
	nanosleep(&(struct timespec){.tv_nsec = QUIET_MS * 1000000}, NULL);
	samples_add(&b->resident, (double)measure_proc_bytes(b->box.pid, "status", "VmRSS") / (1 << 20));
	samples_add(&b->peak, (double)measure_proc_bytes(b->box.pid, "status", "VmHWM") / (1 << 20));
	box_stop(&b->box);
}

static void run_floor(struct bench *b)
{
	int64_t began = measure_now_ns();
	sqlite3_stmt *all;
	sqlite3 *db = NULL;
	char path[300];
	int64_t bytes = 0;

	snprintf(path, sizeof(path), "%s/catalog.db", b->box.dir);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) ||
	    sqlite3_prepare_v2(db, "SELECT kind, key, body FROM record", -1, &all, NULL))
		measure_fail("%s: %s", path, sqlite3_errmsg(db));
	while (sqlite3_step(all) == SQLITE_ROW)
		bytes += sqlite3_column_bytes(all, 1) + sqlite3_column_bytes(all, 2);
	sqlite3_finalize(all);
	sqlite3_close(db);
	if (bytes == 0)
		measure_fail("%s: it is empty", path);
	samples_add(&b->read_ms, (double)(measure_now_ns() - began) / 1e6);
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct report r = {"start", argc == 6 && !strcmp(argv[5], "--json")};
	long runs;

	if (argc < 5 || (argc == 6 && !r.json))
		measure_fail("usage: start TILLD DIR BOOK RUNS [--json]");
	runs = strtol(argv[4], NULL, 10);
	goods_load(argv[3], &b.goods);
	box_init(&b.box, argv[1], argv[2]);
	for (long i = 0; i < runs; i++) {
		run_ours(&b);
		run_floor(&b);
	}
	report_note(&r, "%ld starts; %zu articles, %zu promotions; the floor reads every row of catalog.db\n",
		    runs, b.goods.count, b.goods.promotions);
	report_head(&r);
	report_rounds(&r, "first_scan_ms", "ms", &b.start_ms, &b.read_ms, "250 ms");
	report_rounds(&r, "cpu_ms", "ms", &b.cpu_ms, NULL, NULL);
	report_rounds(&r, "resident_mib", "MiB", &b.resident, NULL, "40 MiB");
	report_rounds(&r, "peak_mib", "MiB", &b.peak, NULL, NULL);
	free(b.box.lines);
	goods_free(&b.goods);
	return 0;
}
