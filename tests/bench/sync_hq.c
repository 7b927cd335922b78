/*
 * See sync_hq.h.
 */
#include "sync_hq.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "count_syncs.h"
#include "hq.h"

#define LINE 512

/* Headquarters' side of the socket. */
struct desk_side {
	struct hq hq;
	bool ended;
};

/* Of dprintf(3). */
static void said(int bytes)
{
	if (bytes < 0)
		exit(1);
}

static void hear(int fd, char out[LINE])
{
	size_t n = 0;

	while (n < LINE - 1 && read(fd, out + n, 1) == 1 && out[n] != '\n')
		n++;
	out[n] = '\0';
}

static void count(struct desk_side *d, int fd)
{
	struct hub_counts counts;

	hub_counts(d->hq.hub, &counts);
	said(dprintf(fd, "%llu %llu %llu\n", (unsigned long long)counts.log.commits,
		     (unsigned long long)count_syncs(), (unsigned long long)counts.ingest.events));
}

static void order(int fd, unsigned events, void *arg)
{
	struct desk_side *d = arg;
	char line[LINE], box[32], path[300];
	int64_t began = measure_now_ns();

	(void)events;
	hear(fd, line);
	if (sscanf(line, "enrol %31s %299s", box, path) == 2)
		hq_enrol(&d->hq, box, "S1", path);
	else if (sscanf(line, "publish %299s", path) == 1)
		hq_publish_file(&d->hq, path, false);
	else if (sscanf(line, "change %299s", path) == 1)
		hq_publish_file(&d->hq, path, true);
	else if (strcmp(line, "count") != 0)
		d->ended = true;
	if (strcmp(line, "count") == 0)
		count(d, fd);
	else
		said(dprintf(fd, "%" PRId64 "\n", began));
}

/* ports: NULL, or those that it had when it was killed. */
static void run(int fd, const char *dir, const uint16_t *ports)
{
	struct desk_side d = {.ended = false};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (ports)
		hq_again(&d.hq, dir, ports);
	else
		hq_new(&d.hq, dir);
	if (loop_watch(d.hq.loop, fd, LOOP_READ, order, &d))
		exit(1);
	said(dprintf(fd, "%u %u\n", d.hq.ports[0], d.hq.ports[1]));
	while (!d.ended)
		loop_turn(d.hq.loop, -1);
	hq_free(&d.hq);
	exit(0);
}

static void start(struct sync_hq *hq, const uint16_t *ports)
{
	char line[LINE], *rest = line;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		measure_fail("no sockets: %s", strerror(errno));
	hq->pid = fork();
	if (hq->pid == 0) {
		close(pair[0]);
		run(pair[1], hq->dir, ports);
	}
	close(pair[1]);
	hq->fd = pair[0];
	hear(hq->fd, line);
	for (int i = 0; i < 2; i++) {
		hq->ports[i] = (uint16_t)strtoul(rest, &rest, 10);
		if (hq->ports[i] == 0)
			measure_fail("headquarters did not start");
		snprintf(hq->uris[i], sizeof(hq->uris[i]), "%s://127.0.0.1:%u",
			 coaps_scheme((enum coaps_transport)i), hq->ports[i]);
		hq->uri_list[i] = hq->uris[i];
	}
}

void sync_hq_start(struct sync_hq *hq, const char *dir)
{
	snprintf(hq->dir, sizeof(hq->dir), "%s/hq", dir);
	if (mkdir(hq->dir, 0755))
		measure_fail("%s: %s", hq->dir, strerror(errno));
	start(hq, NULL);
}

void sync_hq_kill(struct sync_hq *hq)
{
	const uint16_t ports[2] = {hq->ports[0], hq->ports[1]};

	kill(hq->pid, SIGKILL);
	waitpid(hq->pid, NULL, 0);
	close(hq->fd);
	start(hq, ports);
}

void sync_hq_stop(struct sync_hq *hq)
{
	char line[LINE];

	said(dprintf(hq->fd, "end\n"));
	hear(hq->fd, line);
	waitpid(hq->pid, NULL, 0);
}

static int64_t heard_number(struct sync_hq *hq)
{
	char line[LINE], *end;
	int64_t number;

	hear(hq->fd, line);
	number = strtoll(line, &end, 10);
	if (end == line)
		measure_fail("headquarters does not answer");
	return number;
}

void sync_hq_enrol(struct sync_hq *hq, const char *box, const char *state_dir)
{
	said(dprintf(hq->fd, "enrol %s %s\n", box, state_dir));
	heard_number(hq);
}

void sync_hq_begin_publish(struct sync_hq *hq, const char *path, bool changes)
{
	said(dprintf(hq->fd, "%s %s\n", changes ? "change" : "publish", path));
}

int64_t sync_hq_published(struct sync_hq *hq)
{
	return heard_number(hq);
}

int64_t sync_hq_publish(struct sync_hq *hq, const char *path, bool changes)
{
	sync_hq_begin_publish(hq, path, changes);
	return sync_hq_published(hq);
}

struct sync_hq_counts sync_hq_count(struct sync_hq *hq)
{
	struct sync_hq_counts c = {0};
	char line[LINE], *rest = line;

	said(dprintf(hq->fd, "count\n"));
	hear(hq->fd, line);
	c.commits = strtoull(rest, &rest, 10);
	c.syncs = strtoull(rest, &rest, 10);
	c.events = strtoull(rest, &rest, 10);
	if (c.commits == 0 || *rest != '\0')
		measure_fail("headquarters does not count");
	return c;
}
