#include "hq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin.h"
#include "disk.h"
#include "log.h"
#include "papers.h"

#define PATH_SIZE 256

static void rung(const char *path, const void *body, size_t n, void *arg)
{
	struct hq *h = arg;

	if (h->server)
		hub_server_notify(h->server, path, body, n);
}

static void dropped(const char *box, void *arg)
{
	struct hq *h = arg;

	if (h->server)
		hub_server_drop(h->server, box);
}

static void failed(void *arg)
{
	struct hq *h = arg;

	if (h->disk == &disk_system)
		fatal("headquarters' log failed");
	h->broken = true;
}

void hq_hear(struct hq *h)
{
	const struct hub_config config = {.state_dir = h->dir, .listen = {h->uri_list, 2}, .enrol = ""};
	struct why why;

	for (int i = 0; i < 2; i++)
		snprintf(h->uris[i], sizeof(h->uris[i]), "%s://127.0.0.1:%u",
			 coaps_scheme((enum coaps_transport)i), h->ports[i]);
	if (hub_server_new(h->loop, h->hub, &config, &h->server, &why))
		fatal("%s", why.text);
	for (int i = 0; i < 2; i++) {
		h->ports[i] = hub_server_port(h->server, (size_t)i);
		snprintf(h->uris[i], sizeof(h->uris[i]), "%s://127.0.0.1:%u",
			 coaps_scheme((enum coaps_transport)i), h->ports[i]);
	}
}

void hq_deaf(struct hq *h)
{
	hub_server_free(h->server);
	h->server = NULL;
}

static void reload(void *arg);

static void begin(struct hq *h)
{
	const struct hub_options o = {.dir = h->dir,
				      .disk = h->disk,
				      .clock = h->clock,
				      .box_ms = INT64_C(365) * 86400000,
				      .failed = failed,
				      .notify = rung,
				      .drop = dropped,
				      .reload = reload,
				      .arg = h};
	struct why why;

	h->broken = false;
	if (loop_new(h->clock, &h->loop))
		fatal("no loop");
	if (hub_open(h->loop, &o, &h->hub, &why))
		fatal("%s", why.text);
	hq_hear(h);
}

static void end(struct hq *h)
{
	hq_deaf(h);
	hub_close(h->hub);
	loop_free(h->loop); /* which is not turned any more: hub.h */
}

void hq_new(struct hq *h, const char *dir)
{
	hq_new_on(h, dir, NULL, &clock_system);
}

void hq_new_on(struct hq *h, const char *dir, const struct disk *disk, const struct clock *clock)
{
	static const char *const hosts[] = {"localhost"};
	const struct authority_options ca = {dir, hosts, 1, clock_utc_ms(&clock_system)};
	struct why why;

	*h = (struct hq){.dir = dir,
			 .disk = disk ? disk : &disk_system,
			 .clock = clock,
			 .uri_list = {h->uris[0], h->uris[1]}};
	if (authority_create(&ca, &why))
		fatal("%s", why.text);
	begin(h);
}

void hq_again(struct hq *h, const char *dir, const uint16_t ports[2])
{
	*h = (struct hq){.dir = dir,
			 .disk = &disk_system,
			 .clock = &clock_system,
			 .ports = {ports[0], ports[1]},
			 .uri_list = {h->uris[0], h->uris[1]}};
	begin(h);
}

void hq_free(struct hq *h)
{
	end(h);
}

void hq_restart(struct hq *h)
{
	hq_end(h);
	hq_begin(h);
}

void hq_end(struct hq *h)
{
	end(h);
}

void hq_begin(struct hq *h)
{
	begin(h);
}

struct waiting {
	struct hub_task task;
	bool done;
};

static void task_done(struct hub_task *t)
{
	((struct waiting *)t)->done = true;
}

static enum err try_at_the_desk(struct hq *h, void (*run)(struct desk *d, struct hub_task *t), void *arg,
				struct why *why)
{
	struct waiting wait = {.task = {.run = run, .done = task_done, .arg = arg}};

	if (hub_submit(h->hub, &wait.task) != ERR_OK)
		return fail(why, ERR_BUSY, "the desk takes no task");
	while (!wait.done)
		loop_turn(h->loop, -1);
	*why = wait.task.why;
	return wait.task.result;
}

static void at_the_desk(struct hq *h, void (*run)(struct desk *d, struct hub_task *t), void *arg)
{
	struct why why;

	if (try_at_the_desk(h, run, arg, &why))
		fatal("%s", why.text);
}

struct publishing {
	struct desk_publication p;
	struct desk_published out;
};

static void run_publish(struct desk *d, struct hub_task *t)
{
	struct publishing *p = t->arg;

	t->result = desk_publish(d, &p->p, &p->out, &t->why);
}

int64_t hq_publish_file(struct hq *h, const char *path, bool changes)
{
	struct publishing p = {.p = {.path = path, .changes = changes, .who = "test"}};

	at_the_desk(h, run_publish, &p);
	return p.out.version;
}

static void write_lines(struct hq *h, const char *const *lines, char path[PATH_SIZE])
{
	FILE *f;

	snprintf(path, PATH_SIZE, "%s/published.jsonl", h->dir);
	f = fopen(path, "w");
	if (!f)
		fatal("%s", path);
	for (; *lines; lines++)
		fprintf(f, "%s\n", *lines);
	fclose(f);
}

int64_t hq_publish(struct hq *h, const char *const *lines, bool changes)
{
	char path[PATH_SIZE];

	write_lines(h, lines, path);
	return hq_publish_file(h, path, changes);
}

int64_t hq_try_publish(struct hq *h, const char *const *lines, bool changes)
{
	char path[PATH_SIZE];
	struct publishing p = {.p = {.path = path, .changes = changes, .who = "test"}};
	struct why why;

	write_lines(h, lines, path);
	return try_at_the_desk(h, run_publish, &p, &why) ? -1 : p.out.version;
}

struct changing {
	enum authority_phase phase; /* that it is to leave */
	bool force;
	enum err e;
	struct why *why;
};

static void run_change(struct desk *d, struct hub_task *t)
{
	static const char *const hosts[] = {"localhost"};
	struct changing *c = t->arg;

	if (c->phase == AUTHORITY_ONE)
		c->e = desk_authority_next(d, c->why);
	else if (c->phase == AUTHORITY_NEXT)
		c->e = desk_authority_change(d, hosts, 1, c->force, c->why);
	else
		c->e = desk_authority_retire(d, c->force, c->why);
}

enum err hq_change_ca(struct hq *h, enum authority_phase leave, bool force, struct why *why)
{
	struct changing c = {.phase = leave, .force = force, .why = why};

	at_the_desk(h, run_change, &c);
	return c.e;
}

static void reload(void *arg)
{
	struct hq *h = arg;
	struct why why;

	if (h->server && hub_server_reload(h->server, &why))
		fatal("%s", why.text);
}

struct snapping {
	const char *store, *dir;
};

static void run_snapshot(struct desk *d, struct hub_task *t)
{
	const struct snapping *s = t->arg;
	char line[PATH_SIZE * 2];
	struct buf answer;
	int n = snprintf(line, sizeof(line), "{\"do\":\"snapshot\",\"store\":\"%s\",\"dir\":\"%s\"}",
			 s->store, s->dir);

	buf_init(&answer, ADMIN_LINE_MAX);
	admin_run(d, "test", line, (size_t)n, &answer);
	if (strncmp((const char *)buf_front(&answer), "{\"ok\":true", 10) != 0)
		fatal("%.*s", (int)buf_length(&answer), (const char *)buf_front(&answer));
	buf_free(&answer);
}

void hq_snapshot(struct hq *h, const char *store, const char *dir)
{
	struct snapping s = {store, dir};

	at_the_desk(h, run_snapshot, &s);
}

struct adding {
	const char *box, *store;
	char code[DESK_CODE_MAX];
};

static void run_add(struct desk *d, struct hub_task *t)
{
	struct adding *a = t->arg;

	t->result = desk_add_box(d, a->box, a->store, 24, "test", a->code, &t->why);
}

static void run_revoke(struct desk *d, struct hub_task *t)
{
	const struct adding *a = t->arg;

	t->result = desk_revoke_box(d, a->box, "test", &t->why);
}

void hq_revoke(struct hq *h, const char *box)
{
	struct adding a = {.box = box};

	at_the_desk(h, run_revoke, &a);
}

struct enrolling {
	bool done;
	struct papers papers;
};

static void enrolled(void *arg, unsigned code, const void *body, size_t n)
{
	struct enrolling *e = arg;
	struct arena a = ARENA_EMPTY;
	struct wire_enrolled given;
	struct why why = {""};

	if (code != COAPS_CREATED || wire_decode(&wire_enrolled_schema, body, n, &a, &given, &why) ||
	    papers_take(&e->papers, given.certificate, given.authority, &why))
		fatal("enrolment: %s %s", coaps_code_show(code).text, why.text);
	arena_free(&a);
	e->done = true;
}

void hq_enrol(struct hq *h, const char *box, const char *store, const char *state_dir)
{
	struct adding adding = {.box = box, .store = store};
	struct enrolling e = {.done = false};
	struct hub_request r = {"", "", true, COAPS_POST, "v1/enrol", "", {NULL, 0}};
	struct wire_enrol ask;
	struct buf request, message;
	struct why why = {""};

	at_the_desk(h, run_add, &adding);
	papers_place(state_dir, &e.papers);
	buf_init(&request, 16384);
	buf_init(&message, 16384);
	wire_init(&wire_enrol_schema, &ask);
	ask.code = adding.code;
	if (papers_request(&e.papers, box, &request, &why))
		fatal("%s", why.text);
	ask.request = (struct bytes){buf_front(&request), buf_length(&request)};
	if (wire_encode(&wire_enrol_schema, &ask, &message, &why))
		fatal("%s", why.text);
	r.body = (struct bytes){buf_front(&message), buf_length(&message)};
	hub_request(h->hub, &r, enrolled, &e);
	while (!e.done)
		loop_turn(h->loop, -1);
	buf_free(&request);
	buf_free(&message);
}
