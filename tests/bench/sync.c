/*
 * The link: events from boxes into headquarters' log, durable at both ends; the doorbell; a whole catalog; a
 * thousand boxes that come back at once. See tests/bench/sync.
 *
 * Headquarters is a process of its own: the hub with its log, behind real TLS and DTLS ports on loopback. It
 * takes orders, a line each, through a socket.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feed.h"
#include "hq.h"
#include "ledger.h"
#include "log.h"
#include "measure.h"
#include "outbox.h"
#include "papers.h"
#include "route.h"
#include "tender_sales.h"
#include "uplink.h"

#define PATIENCE_NS INT64_C(600000000000)
#define DOORBELLS   50
#define CLIENTS	    1000

struct headquarters {
	pid_t pid;
	int fd; /* orders out, answers in */
	char uris[2][64];
	const char *uri_list[2];
};

struct box {
	char dir[256], socket[300], name[24];
	struct tilld_config config;
	struct uplink up;
	int64_t newest; /* id of its ledger's newest event */
};

struct bench {
	const char *dir, *book;
	size_t sales;
	struct loop *loop;
	struct headquarters hq;
	struct tender_sales carts;
	struct report report;
	uint64_t orders;
};

/* Headquarters' side of the socket. */
struct desk_side {
	struct hq hq;
	bool ended;
};

static void say(int fd, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(int fd, const char *fmt, ...)
{
	char text[256];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (write(fd, text, (size_t)n) != n)
		exit(1);
}

static void hear(int fd, char out[512])
{
	size_t n = 0;

	while (n < 511 && read(fd, out + n, 1) == 1 && out[n] != '\n')
		n++;
	out[n] = '\0';
}

static void order(int fd, unsigned events, void *arg)
{
	struct desk_side *d = arg;
	char line[512], box[32], path[300];
	struct hub_counts counts;
	int64_t began = measure_now_ns();

	(void)events;
	hear(fd, line);
	if (sscanf(line, "enrol %31s %299s", box, path) == 2) {
		hq_enrol(&d->hq, box, "S1", path);
		say(fd, "ok\n");
	} else if (sscanf(line, "publish %299s", path) == 1) {
		say(fd, "%lld\n", (long long)hq_publish_file(&d->hq, path, false));
	} else if (sscanf(line, "change %299s", path) == 1) {
		hq_publish_file(&d->hq, path, true);
		say(fd, "%lld\n", (long long)began);
	} else if (strcmp(line, "counts") == 0) {
		hub_counts(d->hq.hub, &counts);
		say(fd, "%llu %llu\n", (unsigned long long)counts.log.commits,
		    (unsigned long long)counts.ingest.events);
	} else {
		d->ended = true;
	}
}

static void run_headquarters(int fd, const char *dir)
{
	struct desk_side d = {.ended = false};

	signal(SIGPIPE, SIG_IGN);
	hq_new(&d.hq, dir);
	if (loop_watch(d.hq.loop, fd, LOOP_READ, order, &d))
		exit(1);
	say(fd, "%u %u\n", d.hq.ports[0], d.hq.ports[1]);
	while (!d.ended)
		loop_turn(d.hq.loop, -1);
	hq_free(&d.hq);
	exit(0);
}

static void start_headquarters(struct bench *b)
{
	static char dir[256];
	unsigned ports[2];
	char line[512], *rest = NULL;
	int pair[2];

	snprintf(dir, sizeof(dir), "%s/hq", b->dir);
	if (mkdir(dir, 0755) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		measure_fail("%s: %s", dir, strerror(errno));
	b->hq.pid = fork();
	if (b->hq.pid == 0) {
		close(pair[0]);
		run_headquarters(pair[1], dir);
	}
	close(pair[1]);
	b->hq.fd = pair[0];
	hear(b->hq.fd, line);
	for (int i = 0; i < 2; i++)
		ports[i] = (unsigned)strtoul(i ? rest : line, &rest, 10);
	if (ports[0] == 0 || ports[1] == 0)
		measure_fail("headquarters did not start");
	for (int i = 0; i < 2; i++) {
		snprintf(b->hq.uris[i], sizeof(b->hq.uris[i]), "%s://127.0.0.1:%u",
			 coaps_scheme((enum coaps_transport)i), ports[i]);
		b->hq.uri_list[i] = b->hq.uris[i];
	}
}

static void make_box(struct bench *b, struct box *x, const char *name, enum coaps_transport t)
{
	char answer[512];

	*x = (struct box){.newest = 0};
	snprintf(x->name, sizeof(x->name), "%s", name);
	snprintf(x->dir, sizeof(x->dir), "%s/%s", b->dir, name);
	snprintf(x->socket, sizeof(x->socket), "%s/control.sock", x->dir);
	if (mkdir(x->dir, 0755))
		measure_fail("%s: %s", x->dir, strerror(errno));
	say(b->hq.fd, "enrol %s %s\n", x->name, x->dir);
	hear(b->hq.fd, answer);
	x->config.daemon.box = x->name;
	x->config.daemon.store = "S1";
	x->config.daemon.state_dir = x->dir;
	x->config.daemon.control_socket = x->socket;
	x->config.hq =
		(struct hq_section){.uri = {&b->hq.uri_list[t], 1}, .name = "localhost", .poll_ms = 3600000};
}

/* Sales as a lane makes them, durable before anything is uploaded. */
static void fill_ledger(struct bench *b, struct box *x, size_t sales)
{
	struct ledger_position at;
	struct ledger *l;
	char path[300], id[32];
	struct why why = {""};

	snprintf(path, sizeof(path), "%s/ledger.db", x->dir);
	if (ledger_open(path, x->name, &clock_system, &l, &why))
		measure_fail("%s", why.text);
	for (size_t i = 0; i < sales; i++) {
		struct tender_sale *s = &b->carts.at[i % b->carts.count];

		snprintf(id, sizeof(id), "o%llu", (unsigned long long)++b->orders);
		s->sale.order = id;
		if ((i % 256 == 0 && ledger_begin(l, &why)) || ledger_append_sale(l, &s->whole, &at, &why) ||
		    ((i % 256 == 255 || i + 1 == sales) && ledger_commit(l, &why)))
			measure_fail("%s", why.text);
	}
	x->newest = ledger_newest(l);
	ledger_close(l);
}

static void start_box(struct bench *b, struct box *x)
{
	struct why why = {""};

	x->up = (struct uplink){.loop = b->loop, .config = &x->config, .notify.fd = -1};
	if (uplink_start(&x->up, &why) || !x->up.route)
		measure_fail("%s%s", why.text, x->up.idle.text);
}

static void turn_until(struct bench *b, bool (*is)(void *arg), void *arg)
{
	int64_t end = measure_now_ns() + PATIENCE_NS;

	while (!is(arg)) {
		if (measure_now_ns() > end)
			measure_fail("it did not come to an end");
		loop_turn(b->loop, 100);
	}
}

struct boxes {
	struct box *at;
	size_t count;
};

static bool all_acknowledged(void *arg)
{
	const struct boxes *x = arg;

	for (size_t i = 0; i < x->count; i++)
		if (x->at[i].up.marks.acked < x->at[i].newest)
			return false;
	return true;
}

static void commits_now(struct bench *b, unsigned long long *commits)
{
	char line[512], *end;

	say(b->hq.fd, "counts\n");
	hear(b->hq.fd, line);
	*commits = strtoull(line, &end, 10);
	if (end == line)
		measure_fail("headquarters does not answer");
}

static void figure(struct bench *b, const char *metric, const char *unit, double value, const char *aim)
{
	report_figure(&b->report, &(struct figure){.metric = metric,
						   .unit = unit,
						   .value = value,
						   .low = value,
						   .high = value,
						   .aim = aim});
}

static void upload(struct bench *b, size_t boxes, size_t sales, enum coaps_transport t, const char *metric,
		   const char *aim)
{
	struct boxes all = {measure_memory(boxes, sizeof(struct box)), boxes};
	unsigned long long before, after;
	int64_t events = 0, began;
	char name[24], text[64];
	double seconds;

	for (size_t i = 0; i < boxes; i++) {
		snprintf(name, sizeof(name), "%s%zu-%zu", t == COAPS_TLS ? "t" : "d", boxes, i);
		make_box(b, &all.at[i], name, t);
		fill_ledger(b, &all.at[i], sales);
		events += all.at[i].newest;
	}
	commits_now(b, &before);
	began = measure_now_ns();
	for (size_t i = 0; i < boxes; i++)
		start_box(b, &all.at[i]);
	turn_until(b, all_acknowledged, &all);
	seconds = (double)(measure_now_ns() - began) / 1e9;
	commits_now(b, &after);
	figure(b, metric, "events/s", (double)events / seconds, aim);
	snprintf(text, sizeof(text), "%s_hq_commits", metric);
	figure(b, text, "", (double)(after - before), NULL);
	report_note(&b->report, "%s: %lld events of %zu boxes in %.2f s", metric, (long long)events, boxes,
		    seconds);
	for (size_t i = 0; i < boxes; i++)
		uplink_stop(&all.at[i].up);
	free(all.at);
}

static bool has_catalog(void *arg)
{
	const struct box *x = arg;

	return x->up.marks.cursor[0] != '\0';
}

struct expected {
	struct box *box;
	int64_t version;
};

static bool has_version(void *arg)
{
	const struct expected *e = arg;

	return e->box->up.marks.version > e->version;
}

static void down(struct bench *b)
{
	struct samples late = {0};
	struct box x;
	char line[512], path[300];
	int64_t began;
	FILE *f;

	say(b->hq.fd, "publish %s\n", b->book);
	hear(b->hq.fd, line);
	make_box(b, &x, "down", COAPS_TLS);
	began = measure_now_ns();
	start_box(b, &x);
	turn_until(b, has_catalog, &x);
	figure(b, "snapshot_s", "s", (double)(measure_now_ns() - began) / 1e9, "10 s at 50 ms");
	snprintf(path, sizeof(path), "%s/change.jsonl", b->dir);
	for (int i = 0; i < DOORBELLS; i++) {
		struct expected e = {&x, x.up.marks.version};

		f = fopen(path, "w");
		if (!f ||
		    fprintf(f, "{\"type\":\"signal\",\"sku\":\"%s\",\"stock\":\"%d\"}\n", getenv("BENCH_SKU"),
			    100 + i) < 0 ||
		    fclose(f))
			measure_fail("%s: %s", path, strerror(errno));
		say(b->hq.fd, "change %s\n", path);
		turn_until(b, has_version, &e);
		hear(b->hq.fd, line);
		samples_add(&late, (double)(measure_now_ns() - strtoll(line, NULL, 10)) / 1e6);
	}
	figure(b, "doorbell_p50_ms", "ms", samples_percentile(&late, 50), "50 ms");
	figure(b, "doorbell_p99_ms", "ms", samples_percentile(&late, 99), NULL);
	samples_free(&late);
	uplink_stop(&x.up);
}

struct crowd {
	struct coaps_client *clients[CLIENTS];
	size_t up, resumed, failed;
};

static void client_changed(enum coaps_state state, const char *reason, void *arg)
{
	struct crowd *c = arg;

	(void)reason;
	if (state == COAPS_UP)
		c->up++;
	else
		c->failed++;
}

static bool all_up(void *arg)
{
	const struct crowd *c = arg;

	return c->up + c->failed == CLIENTS;
}

static void open_all(struct bench *b, struct crowd *c, const char *metric, const char *aim)
{
	struct coaps_uri to;
	struct why why = {""};
	int64_t began = measure_now_ns();

	c->up = c->failed = 0;
	if (coaps_uri_parse(b->hq.uris[COAPS_TLS], &to, &why))
		measure_fail("%s", why.text);
	for (size_t i = 0; i < CLIENTS; i++)
		if (coaps_client_open(c->clients[i], &to, &why))
			measure_fail("%s", why.text);
	turn_until(b, all_up, c);
	figure(b, metric, "s", (double)(measure_now_ns() - began) / 1e9, aim);
	if (c->failed)
		report_note(&b->report, "%s: %zu of %d failed", metric, c->failed, CLIENTS);
}

/* All connect, are cut off, and come back with their tickets. */
static void come_back(struct bench *b)
{
	static struct crowd c;
	static struct papers papers;
	struct coaps_client_options o = {
		.name = "localhost", .connect_ms = 60000, .changed = client_changed, .arg = &c};
	struct why why = {""};
	struct box x;

	make_box(b, &x, "crowd", COAPS_TLS);
	papers_place(x.dir, &papers);
	o.identity = papers.identity;
	for (size_t i = 0; i < CLIENTS; i++)
		if (coaps_client_new(b->loop, &o, &c.clients[i], &why))
			measure_fail("%s", why.text);
	open_all(b, &c, "first_connect_1000_s", NULL);
	for (size_t i = 0; i < CLIENTS; i++)
		coaps_client_close(c.clients[i]);
	open_all(b, &c, "reconnect_1000_s", "2 s");
	for (size_t i = 0; i < CLIENTS; i++)
		c.resumed += coaps_client_resumed(c.clients[i]);
	report_note(&b->report, "reconnect: %zu of %d took up their session", c.resumed, CLIENTS);
	for (size_t i = 0; i < CLIENTS; i++)
		coaps_client_free(c.clients[i]);
}

int main(int argc, char **argv)
{
	struct bench b = {.report = {.bench = "sync", .json = argc > 4 && strcmp(argv[4], "--json") == 0}};
	struct rlimit files;

	if (argc < 4)
		measure_fail("usage: sync DIR BOOK SALES [--json]");
	b.dir = argv[1];
	b.book = argv[2];
	b.sales = strtoul(argv[3], NULL, 10);
	log_open("sync", LOG_ERROR);
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur < (rlim_t)CLIENTS * 4)
			report_note(&b.report, "few file descriptors are allowed here: 'ulimit -Hn'");
	}
	start_headquarters(&b);
	if (loop_new(&clock_system, &b.loop))
		measure_fail("no loop");
	tender_sales_make(b.loop, NULL, b.book, 500, &b.carts);
	report_head(&b.report);
	upload(&b, 1, b.sales, COAPS_TLS, "ingest_events_per_s", "180,000");
	upload(&b, 1, b.sales / 10, COAPS_DTLS, "ingest_dtls_events_per_s", "30,000");
	upload(&b, 200, b.sales / 200, COAPS_TLS, "ingest_200_events_per_s", NULL);
	down(&b);
	come_back(&b);
	figure(&b, "box_rss_mib", "MiB", (double)measure_proc_bytes(getpid(), "status", "VmRSS") / 1048576,
	       NULL);
	say(b.hq.fd, "end\n");
	waitpid(b.hq.pid, NULL, 0);
	loop_free(b.loop);
	return 0;
}
