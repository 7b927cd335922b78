/*
 * The writer of changes. See feed_writer.h.
 */
#include "feed_writer.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "catalog_store.h"

#define NS_A_SECOND  INT64_C(1000000000)
#define REST_LOOK_NS 1000000L

struct writer {
	struct feed *feed;
	struct catalog_store *store;
	struct box box;
	const struct goods *goods;
	uint64_t random;
};

static void must(enum err e, const struct why *why)
{
	if (e)
		measure_fail("the writer of changes: %s", why->text);
}

static void put_price(struct writer *w, int64_t began)
{
	unsigned at = atomic_load(&w->feed->count);
	uint64_t r = measure_random(&w->random);
	struct feed_change *c = &w->feed->at[at];
	struct record record = {.type = RECORD_PRICE, .as.price.list = GOODS_LIST};
	struct why why;

	if (at == FEED_MAX)
		measure_fail("more than %d changes", FEED_MAX);
	c->good = (uint32_t)(r % w->goods->count);
	c->price = 1 + (int64_t)(r >> 32) % 1999;
	c->began_ns = began;
	atomic_store(&c->committed_ns, INT64_MAX);
	atomic_store(&w->feed->count, at + 1);
	record.as.price.sku = w->goods->at[c->good].sku;
	record.as.price.price.minor = c->price;
	must(catalog_store_put(w->store, &record, &why), &why);
}

static void write_turn(struct writer *w, unsigned changes)
{
	unsigned first = atomic_load(&w->feed->count);
	int64_t began = measure_now_ns(), now;
	uint64_t version;
	struct why why;

	must(catalog_store_begin(w->store, false, &why), &why);
	for (unsigned i = 0; i < changes; i++)
		put_price(w, began);
	must(catalog_store_commit(w->store, &version, &why), &why);
	now = measure_now_ns();
	for (unsigned i = first; i < first + changes; i++)
		atomic_store(&w->feed->at[i].committed_ns, now);
	json_decref(box_ask(&w->box, "refresh", ""));
}

static void wait_until(int64_t ns)
{
	const struct timespec t = {.tv_sec = ns / NS_A_SECOND, .tv_nsec = ns % NS_A_SECOND};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* As many changes a turn as the minute's number asks for by then. */
static void write_changes(struct writer *w)
{
	int64_t began = measure_now_ns();
	unsigned written = 0;

	for (int64_t turn = 1; atomic_load(&w->feed->state) == FEED_RUN; turn++) {
		unsigned due = (unsigned)(turn * FEED_A_MINUTE / (FEED_TURNS * INT64_C(60)));

		wait_until(began + turn * NS_A_SECOND / FEED_TURNS);
		write_turn(w, due - written);
		written = due;
	}
}

static void work(struct writer *w)
{
	while (atomic_load(&w->feed->state) != FEED_END) {
		if (atomic_load(&w->feed->state) == FEED_RUN) {
			atomic_store(&w->feed->resting, false);
			write_changes(w);
		}
		atomic_store(&w->feed->resting, true);
		wait_until(measure_now_ns() + REST_LOOK_NS);
	}
}

/*
 * In a session of its own, as a service is: where sessions share the processors (sched(7), autogroup), what
 * it needs is then not taken from tilld's part.
 */
static void stand_back(void)
{
	cpu_set_t all;
	FILE *f;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
	setpriority(PRIO_PROCESS, 0, 19);
	setsid();
	f = fopen("/proc/self/autogroup", "we");
	if (!f)
		return;
	fputs("19", f);
	fclose(f);
}

static void run(struct feed *feed, const struct box *b, const struct goods *goods)
{
	struct writer w = {.feed = feed, .goods = goods, .random = 1952};
	char path[300];
	struct why why;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stand_back();
	snprintf(path, sizeof(path), "%s/catalog.db", b->dir);
	must(catalog_store_open_writer(path, &w.store, &why), &why);
	box_connect(b, &w.box);
	work(&w);
	catalog_store_close(w.store);
	_exit(0);
}

void feed_writer_start(struct feed_writer *w, const struct box *b, const struct goods *goods)
{
	w->feed = mmap(NULL, sizeof(*w->feed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w->feed == MAP_FAILED)
		measure_fail("no memory to share: %s", strerror(errno));
	w->pid = fork();
	if (w->pid < 0)
		measure_fail("no process to write changes: %s", strerror(errno));
	if (w->pid == 0)
		run(w->feed, b, goods);
	feed_writer_rest(w);
}

void feed_writer_run(struct feed_writer *w)
{
	atomic_store(&w->feed->state, FEED_RUN);
}

void feed_writer_rest(struct feed_writer *w)
{
	atomic_store(&w->feed->state, FEED_REST);
	while (!atomic_load(&w->feed->resting)) {
		if (waitpid(w->pid, NULL, WNOHANG) != 0)
			measure_fail("the writer of changes ended");
		wait_until(measure_now_ns() + REST_LOOK_NS);
	}
}

void feed_writer_stop(struct feed_writer *w)
{
	atomic_store(&w->feed->state, FEED_END);
	waitpid(w->pid, NULL, 0);
	munmap(w->feed, sizeof(*w->feed));
}
