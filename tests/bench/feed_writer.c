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

#include "feed_sink.h"

#define NS_A_SECOND  INT64_C(1000000000)
#define REST_LOOK_NS 1000000L

struct writer {
	struct feed *feed;
	struct feed_sink *sink;
	const struct goods *goods;
	int64_t a_minute;
	uint64_t random;
};

static void think_of(struct writer *w, int64_t began)
{
	unsigned at = atomic_load(&w->feed->count);
	uint64_t r = measure_random(&w->random);
	struct feed_change *c = &w->feed->at[at];

	if (at == FEED_MAX)
		measure_fail("more than %d changes", FEED_MAX);
	c->good = (uint32_t)(r % w->goods->count);
	c->price = 1 + (int64_t)(r >> 32) % 1999;
	c->began_ns = began;
	atomic_store(&c->committed_ns, INT64_MAX);
	atomic_store(&w->feed->count, at + 1);
}

static void write_turn(struct writer *w, unsigned changes)
{
	unsigned first = atomic_load(&w->feed->count);
	int64_t began = measure_now_ns(), now;

	if (changes == 0)
		return;
	for (unsigned i = 0; i < changes; i++)
		think_of(w, began);
	feed_sink_write(w->sink, &w->feed->at[first], changes);
	now = measure_now_ns();
	for (unsigned i = first; i < first + changes; i++)
		atomic_store(&w->feed->at[i].committed_ns, now);
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
		unsigned due = (unsigned)(turn * w->a_minute / (FEED_TURNS * INT64_C(60)));

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

static void run(const struct feed_writer *f, const struct box *b, const struct goods *goods)
{
	struct writer w = {.feed = f->feed, .goods = goods, .a_minute = f->a_minute, .random = 1952};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stand_back();
	w.sink = feed_sink_open(w.feed, b, goods);
	work(&w);
	feed_sink_close(w.sink);
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
		run(w, b, goods);
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
