/*
 * The link: events from boxes into headquarters' log, durable at both ends; a backlog; a whole catalog over
 * lines that take their time; the doorbell; a thousand boxes that come back at once. See tests/bench/sync.
 *
 *	sync DIR BOOK SALES BACKLOG STAGES [--json]
 *
 * Headquarters is a process of its own; the boxes' ends are all in this one.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coaps_client.h"
#include "count_syncs.h"
#include "delay_line.h"
#include "feed.h"
#include "log.h"
#include "measure.h"
#include "outbox.h"
#include "papers.h"
#include "route.h"
#include "sync_hq.h"
#include "tender_sales.h"
#include "thread_cpu.h"
#include "uplink.h"

#define PATIENCE_NS INT64_C(600000000000)
#define BOXES	    200
#define DOORBELLS   50
#define CLIENTS	    1000
#define SCANS_MAX   4	/* of a sale */
#define GROUP	    256 /* sales a commit of the ledger */

struct box {
	char dir[256], socket[300], name[24];
	struct tilld_config config;
	struct uplink up;
	int64_t newest; /* id of its ledger's newest event */
};

struct bench {
	const char *dir, *book, *stages;
	size_t sales, backlog;
	struct loop *loop;
	struct sync_hq hq;
	struct tender_sales carts;
	struct report report;
	uint64_t orders;
};

static void make_box(struct bench *b, struct box *x, const char *name, const char **uri)
{
	*x = (struct box){.newest = 0};
	snprintf(x->name, sizeof(x->name), "%s", name);
	snprintf(x->dir, sizeof(x->dir), "%s/%s", b->dir, name);
	snprintf(x->socket, sizeof(x->socket), "%s/control.sock", x->dir);
	if (mkdir(x->dir, 0755))
		measure_fail("%s: %s", x->dir, strerror(errno));
	sync_hq_enrol(&b->hq, x->name, x->dir);
	x->config.daemon.box = x->name;
	x->config.daemon.store = "S1";
	x->config.daemon.state_dir = x->dir;
	x->config.daemon.control_socket = x->socket;
	x->config.hq = (struct hq_section){.uri = {uri, 1}, .name = "localhost", .poll_ms = 3600000};
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
		if ((i % GROUP == 0 && ledger_begin(l, &why)) ||
		    ledger_append_sale(l, &s->whole, &at, &why) ||
		    ((i % GROUP == GROUP - 1 || i + 1 == sales) && ledger_commit(l, &why)))
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

static double seconds_since(int64_t began)
{
	return (double)(measure_now_ns() - began) / 1e9;
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

struct uploading {
	const char *metric, *aim;
	size_t boxes, sales;
	enum coaps_transport transport;
};

static void make_boxes(struct bench *b, const struct uploading *u, struct boxes *all, int64_t *events)
{
	char name[24];

	*all = (struct boxes){measure_memory(u->boxes, sizeof(struct box)), u->boxes};
	*events = 0;
	for (size_t i = 0; i < u->boxes; i++) {
		snprintf(name, sizeof(name), "%.8s-%u", u->metric, (unsigned)i);
		make_box(b, &all->at[i], name, &b->hq.uri_list[u->transport]);
		fill_ledger(b, &all->at[i], u->sales);
		*events += all->at[i].newest;
	}
}

/* Of the first box's events, on average. */
static double event_bytes(const struct boxes *all)
{
	struct ledger_reader *r;
	struct ledger_event event = {0};
	struct why why = {""};
	double bytes = 0, count = 0;
	char path[300];

	snprintf(path, sizeof(path), "%s/ledger.db", all->at[0].dir);
	if (ledger_reader_open(path, &r, &why))
		measure_fail("%s", why.text);
	while (ledger_reader_next(r, event.id, &event, &why) == ERR_OK) {
		bytes += (double)event.length;
		count++;
	}
	ledger_reader_close(r);
	return bytes / count;
}

/* What both ends have spent so far. */
struct spent {
	struct thread_cpu hq, boxes;
	double cpu_s;
};

static void look_at_cpu(const struct bench *b, struct spent *out)
{
	thread_cpu_read(b->hq.pid, &out->hq);
	thread_cpu_read(getpid(), &out->boxes);
	out->cpu_s = (double)(measure_cpu_ns(b->hq.pid) + measure_cpu_ns(getpid())) / 1e9;
}

static void tell_cpu(struct bench *b, const char *metric, const struct spent *before, int64_t events)
{
	char name[64], hq[256], boxes[256];
	struct spent now;

	look_at_cpu(b, &now);
	snprintf(name, sizeof(name), "%.*scpu_us", (int)(strstr(metric, "events_per_s") - metric), metric);
	figure(b, name, "us", (now.cpu_s - before->cpu_s) * 1e6 / (double)events, NULL);
	report_note(&b->report, "  of an event, by thread: headquarters %s; the boxes' ends %s",
		    thread_cpu_words(&before->hq, &now.hq, (double)events, hq),
		    thread_cpu_words(&before->boxes, &now.boxes, (double)events, boxes));
}

/* Datagrams that the kernel had no room for, of this machine since it was started: RFC 4113, RcvbufErrors. */
static long long datagrams_dropped(void)
{
	enum { BEFORE = 4 };
	char line[512];
	long long errors = 0;
	FILE *f = fopen("/proc/net/snmp", "r");

	while (f && fgets(line, sizeof(line), f)) {
		char *at = line + 4;

		if (strncmp(line, "Udp:", 4) != 0)
			continue;
		for (int i = 0; i <= BEFORE; i++)
			errors = strtoll(at, &at, 10); /* 0 of the names' line, which comes first */
	}
	if (f)
		fclose(f);
	return errors;
}

static void upload(struct bench *b, const struct uploading *u)
{
	struct sync_hq_counts before, after;
	struct spent spent;
	uint64_t syncs;
	int64_t events, began;
	struct boxes all;
	double seconds;
	long long dropped = datagrams_dropped();

	make_boxes(b, u, &all, &events);
	before = sync_hq_count(&b->hq);
	syncs = count_syncs();
	look_at_cpu(b, &spent);
	began = measure_now_ns();
	for (size_t i = 0; i < all.count; i++)
		start_box(b, &all.at[i]);
	turn_until(b, all_acknowledged, &all);
	seconds = seconds_since(began);
	after = sync_hq_count(&b->hq);
	tell_cpu(b, u->metric, &spent, events);
	figure(b, u->metric, "events/s", (double)events / seconds, u->aim);
	report_note(&b->report,
		    "  %lld events of %.0f bytes on average, of %zu boxes in %.2f s; headquarters: %llu "
		    "commits, %llu syncs; "
		    "the boxes' ends: %llu syncs, and before that one for each %d sales",
		    (long long)events, event_bytes(&all), u->boxes, seconds, after.commits - before.commits,
		    after.syncs - before.syncs, (unsigned long long)(count_syncs() - syncs), GROUP);
	if (u->transport == COAPS_DTLS)
		report_note(&b->report, "  datagrams for which a socket had no room: %lld",
			    datagrams_dropped() - dropped);
	if (after.events - before.events != (unsigned long long)events)
		measure_fail("headquarters took %llu events of %lld", after.events - before.events,
			     (long long)events);
	for (size_t i = 0; i < all.count; i++)
		uplink_stop(&all.at[i].up);
	free(all.at);
}

static bool has_catalog(void *arg)
{
	const struct box *x = arg;

	return x->up.marks.cursor[0] != '\0';
}

/* A new box, until all of the catalog is in catalog.db. */
static void snapshot(struct bench *b, int64_t late_ms, const char *metric, const char *aim)
{
	struct delay_line line;
	char uri[64], name[24];
	const char *uris = uri;
	struct box x;
	int64_t began;

	delay_line_start(&line, b->hq.ports[COAPS_TLS], late_ms);
	snprintf(uri, sizeof(uri), "coaps+tcp://127.0.0.1:%u", line.port);
	snprintf(name, sizeof(name), "snapshot-%d", (int)late_ms);
	make_box(b, &x, name, &uris);
	began = measure_now_ns();
	start_box(b, &x);
	turn_until(b, has_catalog, &x);
	figure(b, metric, "s", seconds_since(began), aim);
	uplink_stop(&x.up);
	delay_line_stop(&line);
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

static void write_change(const char *path, int number)
{
	FILE *f = fopen(path, "w");

	if (!f ||
	    fprintf(f, "{\"type\":\"signal\",\"sku\":\"%s\",\"stock\":\"%d\"}\n", getenv("BENCH_SKU"),
		    number) < 0 ||
	    fclose(f))
		measure_fail("%s: %s", path, strerror(errno));
}

static void doorbell(struct bench *b)
{
	struct samples late = {0};
	struct box x;
	char path[300];

	make_box(b, &x, "doorbell", &b->hq.uri_list[COAPS_TLS]);
	start_box(b, &x);
	turn_until(b, has_catalog, &x);
	snprintf(path, sizeof(path), "%s/change.jsonl", b->dir);
	for (int i = 0; i < DOORBELLS; i++) {
		struct expected e = {&x, x.up.marks.version};
		int64_t now;

		write_change(path, 100 + i);
		sync_hq_begin_publish(&b->hq, path, true);
		turn_until(b, has_version, &e);
		now = measure_now_ns();
		samples_add(&late, (double)(now - sync_hq_published(&b->hq)) / 1e6);
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
	figure(b, metric, "s", seconds_since(began), aim);
	if (c->failed)
		report_note(&b->report, "  %zu of %d failed", c->failed, CLIENTS);
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

	make_box(b, &x, "crowd", &b->hq.uri_list[COAPS_TLS]);
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
	report_note(&b->report, "  %zu of %d took up their session", c.resumed, CLIENTS);
	for (size_t i = 0; i < CLIENTS; i++)
		coaps_client_free(c.clients[i]);
}

static bool is_wanted(const struct bench *b, const char *stage)
{
	const char *at = strstr(b->stages, stage);
	size_t n = strlen(stage);

	return at && (at == b->stages || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0');
}

static void run(struct bench *b)
{
	const struct uploading tls = {"ingest_events_per_s", "180,000", 1, b->sales, COAPS_TLS};
	const struct uploading dtls = {"dtls_events_per_s", "30,000", 1, b->sales / 4, COAPS_DTLS};
	const struct uploading many = {"many_ingest_events_per_s", NULL, BOXES, b->sales / BOXES, COAPS_TLS};
	const struct uploading many_dtls = {"many_dtls_events_per_s", NULL, BOXES, b->sales / BOXES / 4,
					    COAPS_DTLS};
	const struct uploading backlog = {"backlog_events_per_s", NULL, 1, b->backlog, COAPS_TLS};

	if (is_wanted(b, "tls"))
		upload(b, &tls);
	if (is_wanted(b, "dtls"))
		upload(b, &dtls);
	if (is_wanted(b, "many"))
		upload(b, &many);
	if (is_wanted(b, "many_dtls"))
		upload(b, &many_dtls);
	if (is_wanted(b, "backlog"))
		upload(b, &backlog);
	if (is_wanted(b, "snapshot") || is_wanted(b, "doorbell"))
		sync_hq_publish(&b->hq, b->book, false);
	if (is_wanted(b, "snapshot")) {
		snapshot(b, 0, "snapshot_s", NULL);
		snapshot(b, 50, "snapshot_50ms_s", "10 s");
		snapshot(b, 150, "snapshot_150ms_s", NULL);
	}
	if (is_wanted(b, "doorbell"))
		doorbell(b);
	if (is_wanted(b, "crowd"))
		come_back(b);
}

static void allow_files(struct bench *b)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur < (rlim_t)CLIENTS * 4)
		report_note(&b->report, "few file descriptors are allowed here: 'ulimit -Hn'");
}

int main(int argc, char **argv)
{
	struct bench b = {.report = {.bench = "sync", .json = argc > 6 && strcmp(argv[6], "--json") == 0}};

	if (argc < 6)
		measure_fail("usage: sync DIR BOOK SALES BACKLOG STAGES [--json]");
	b.dir = argv[1];
	b.book = argv[2];
	b.sales = strtoul(argv[3], NULL, 10);
	b.backlog = strtoul(argv[4], NULL, 10);
	b.stages = argv[5];
	log_open("sync", LOG_ERROR);
	signal(SIGPIPE, SIG_IGN);
	allow_files(&b);
	sync_hq_start(&b.hq, b.dir);
	if (loop_new(&clock_system, &b.loop))
		measure_fail("no loop");
	tender_sales_make(b.loop, NULL, b.book, 500, SCANS_MAX, &b.carts);
	report_head(&b.report);
	run(&b);
	sync_hq_stop(&b.hq);
	loop_free(b.loop);
	return 0;
}
