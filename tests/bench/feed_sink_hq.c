/*
 * By way of headquarters: a hub in a process of its own, and the till-sync of the box. See feed_sink.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "feed_sink.h"
#include "ledger_reader.h"
#include "sync_hq.h"
#include "topic.h"

#define KILL_WRITES 20 /* between two kills: some second */
#define HELD_MAX_NS INT64_C(60000000000)

struct feed_sink {
	struct feed *feed;
	const struct box *box;
	const char *victim; /* till-sync, tillhub; NULL: nobody is killed */
	unsigned writes, kills;
	struct sync_hq hq;
	const struct goods *goods;
	char changes[300];
};

static void in_dir(const struct box *b, const char *name, char *out, size_t size)
{
	if ((size_t)snprintf(out, size, "%s/%s", b->dir, name) >= size)
		measure_fail("%s: over-long path", b->dir);
}

/* tilld, which runs already, need not know. */
static void configure(const struct box *b, const struct sync_hq *hq)
{
	FILE *f = fopen(b->config, "ae");

	if (!f || fprintf(f, "\n[hq]\nname = localhost\npoll = 1h\nuri = %s\n", hq->uris[COAPS_TLS]) < 0 ||
	    fclose(f))
		measure_fail("%s: %s", b->config, strerror(errno));
}

/* The till-sync beside the tilld that is measured: a service of its own, with a service's priority. */
static pid_t start_sync(const struct box *b)
{
	const char *slash = strrchr(b->program, '/');
	char program[300];
	pid_t pid;

	snprintf(program, sizeof(program), "%.*s/till-sync", slash ? (int)(slash - b->program) : 1,
		 slash ? b->program : ".");
	pid = fork();
	if (pid < 0)
		measure_fail("no process for till-sync: %s", strerror(errno));
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setsid();
	setpriority(PRIO_PROCESS, 0, 0); /* refused to others than root: it stays as humble as the writer */
	if (!freopen(b->log, "a", stderr))
		_exit(1);
	execl(program, program, "--config", b->config, (char *)NULL);
	_exit(1);
}

struct feed_sink *feed_sink_open(struct feed *feed, const struct box *b, const struct goods *goods)
{
	struct feed_sink *s = measure_memory(1, sizeof(*s));
	char book[300];

	s->feed = feed;
	s->box = b;
	s->victim = getenv("LINK_KILL");
	s->goods = goods;
	in_dir(b, "changes.jsonl", s->changes, sizeof(s->changes));
	in_dir(b, "book.jsonl", book, sizeof(book));
	sync_hq_start(&s->hq, b->dir);
	sync_hq_publish(&s->hq, book, false);
	sync_hq_enrol(&s->hq, "bench", b->dir);
	configure(b, &s->hq);
	atomic_store(&feed->helper, start_sync(b));
	return s;
}

/* Without a warning, and at any instruction; what it was is started again at once, as a service is. */
static void kill_now_and_then(struct feed_sink *s)
{
	pid_t pid = atomic_load(&s->feed->helper);

	if (!s->victim || ++s->writes % KILL_WRITES != 0)
		return;
	s->kills++;
	if (strcmp(s->victim, "tillhub") == 0) {
		sync_hq_kill(&s->hq);
	} else if (strcmp(s->victim, "till-sync") == 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		atomic_store(&s->feed->helper, start_sync(s->box));
	} else {
		measure_fail("LINK_KILL is till-sync or tillhub, not '%s'", s->victim);
	}
}

void feed_sink_write(struct feed_sink *s, const struct feed_change *changes, unsigned count)
{
	FILE *f = fopen(s->changes, "we");

	for (unsigned i = 0; f && i < count; i++)
		fprintf(f,
			"{\"type\":\"price\",\"list\":\"%s\",\"sku\":\"%s\",\"price\":\"%" PRId64
			".%02" PRId64 "\"}\n",
			GOODS_LIST, s->goods->at[changes[i].good].sku, changes[i].price / 100,
			changes[i].price % 100);
	if (!f || fclose(f))
		measure_fail("%s: %s", s->changes, strerror(errno));
	sync_hq_publish(&s->hq, s->changes, true);
	kill_now_and_then(s);
}

static enum err count_upload(const struct log_record *r, void *arg, struct why *why)
{
	struct arena a = ARENA_EMPTY;
	struct topic_upload u;
	int64_t *events = arg;
	enum err e = topic_decode(r->topic, r->value, &a, &u, why);

	if (!e)
		*events += u.count;
	arena_free(&a);
	return e;
}

static int64_t held_events(const struct feed_sink *s)
{
	struct log_position at = {TOPIC_SALES_EVENTS, log_partition_of(TOPIC_SALES_EVENTS, "bench"), 0};
	struct log_reader *r;
	struct why why = {""};
	int64_t events = 0, next;
	char path[300];

	snprintf(path, sizeof(path), "%s/log.db", s->hq.dir);
	if (log_reader_open(path, &r, &why) || log_read(r, at, SIZE_MAX, count_upload, &events, &next, &why))
		measure_fail("%s", why.text);
	log_reader_close(r);
	return events;
}

static int64_t ledger_events(const struct feed_sink *s)
{
	struct ledger_event newest = {0};
	struct ledger_reader *r;
	struct why why = {""};
	char path[300];

	in_dir(s->box, "ledger.db", path, sizeof(path));
	if (ledger_reader_open(path, &r, &why) || ledger_reader_newest(r, &newest, &why))
		measure_fail("%s", why.text);
	ledger_reader_close(r);
	return newest.id;
}

/* Each event is of one upload alone, or the chain would not fit: as many as there are is all of them once. */
static void check_nothing_lost(const struct feed_sink *s)
{
	int64_t give_up = measure_now_ns() + HELD_MAX_NS, held = 0, wanted = ledger_events(s);

	while ((held = held_events(s)) < wanted && measure_now_ns() < give_up)
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	if (held != wanted)
		measure_fail("headquarters holds %lld events of %lld", (long long)held, (long long)wanted);
	fprintf(stderr, "headquarters holds all %lld events once; %s was killed %u times\n", (long long)held,
		s->victim ? s->victim : "nobody", s->kills);
}

void feed_sink_close(struct feed_sink *s)
{
	check_nothing_lost(s);
	kill(atomic_load(&s->feed->helper), SIGTERM);
	waitpid(atomic_load(&s->feed->helper), NULL, 0);
	sync_hq_stop(&s->hq);
	free(s);
}

void feed_sink_report(const struct feed *feed, const struct report *r)
{
	double mib = (double)measure_proc_bytes(atomic_load(&feed->helper), "status", "VmRSS") / 1048576;

	report_figure(r, &(struct figure){.metric = "till_sync_rss_mib",
					  .unit = "MiB",
					  .value = mib,
					  .low = mib,
					  .high = mib,
					  .aim = "12 MiB"});
}
