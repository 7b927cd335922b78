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
#include <unistd.h>

#include "feed_sink.h"
#include "sync_hq.h"

struct feed_sink {
	struct feed *feed;
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
}

void feed_sink_close(struct feed_sink *s)
{
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
