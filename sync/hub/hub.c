/*
 * A hub's life, and its desk's thread. See hub.h.
 */
#include "hub_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "log.h"

#define FOLD_STEP 2000 /* records of one transaction */

static void run_task(struct hub *h, struct hub_task *t)
{
	t->run(&h->desk, t);
	pthread_mutex_lock(&h->lock);
	t->next = NULL;
	*h->finished_end = t;
	h->finished_end = &t->next;
	state_step_add(&h->news, &h->desk.news);
	h->desk.news = (struct state_step){0};
	pthread_mutex_unlock(&h->lock);
	loop_wake_up(h->wake);
}

/* One step of what goes on by itself. False: there was nothing to do. */
static bool work_on(struct hub *h)
{
	struct state_step step;
	struct why why = {""};
	enum err e = state_fold(h->desk.state, h->desk.reader, FOLD_STEP, &step, &why);

	if (e) {
		log_error("%s", why.text);
		return false; /* the next upload or task has it tried again */
	}
	if (step.boxes || step.catalogs || step.leases) {
		pthread_mutex_lock(&h->lock);
		state_step_add(&h->news, &step);
		pthread_mutex_unlock(&h->lock);
		loop_wake_up(h->wake);
	}
	return step.records > 0;
}

static struct hub_task *next_task(struct hub *h, bool busy, bool *stopping)
{
	struct hub_task *t;

	pthread_mutex_lock(&h->lock);
	while (!busy && !h->tasks && !h->poked && !h->stopping)
		pthread_cond_wait(&h->changed, &h->lock);
	h->poked = false;
	t = h->tasks;
	if (t) {
		h->tasks = t->next;
		if (!h->tasks)
			h->tasks_end = &h->tasks;
	}
	*stopping = h->stopping && !t;
	pthread_mutex_unlock(&h->lock);
	return t;
}

static void *work(void *arg)
{
	struct hub *h = arg;
	struct hub_task *t;
	bool stopping = false, busy = true;

	pthread_setname_np(pthread_self(), "desk");
	while (!stopping) {
		t = next_task(h, busy, &stopping);
		if (t)
			run_task(h, t);
		if (!stopping)
			busy = work_on(h);
	}
	return NULL;
}

void hub_poke(struct hub *h)
{
	pthread_mutex_lock(&h->lock);
	h->poked = true;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
}

enum err hub_submit(struct hub *h, struct hub_task *t)
{
	if (h->waiting >= HUB_TASKS_MAX)
		return ERR_LIMIT;
	h->waiting++;
	t->next = NULL;
	pthread_mutex_lock(&h->lock);
	*h->tasks_end = t;
	h->tasks_end = &t->next;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
	return ERR_OK;
}

static void add_store(struct hub *h, const char *store)
{
	struct store_version *s = h->stores;

	while (s && strcmp(s->store, store) != 0)
		s = s->next;
	if (s)
		return;
	s = calloc(1, sizeof(*s));
	if (!s)
		return; /* no doorbell; boxes poll */
	snprintf(s->store, sizeof(s->store), "%s", store);
	s->next = h->stores;
	h->stores = s;
}

static enum err note_store(const struct state_box *b, void *arg, struct why *why)
{
	(void)why;
	add_store(arg, b->store);
	return ERR_OK;
}

static void ring(struct hub *h, const struct store_version *s)
{
	char path[WIRE_NAME_MAX + 32];
	struct wire_latest latest;
	struct buf body;

	wire_init(&wire_latest_schema, &latest);
	latest.version = s->version;
	buf_init(&body, 256);
	if (wire_encode(&wire_latest_schema, &latest, &body, NULL) == ERR_OK) {
		snprintf(path, sizeof(path), "v1/stores/%s/version", s->store);
		h->o.notify(path, buf_front(&body), buf_length(&body), h->o.arg);
	}
	buf_free(&body);
}

/* A grant rings for everybody: it has no version. */
static void ring_doorbells(struct hub *h, bool all)
{
	for (struct store_version *s = h->stores; s; s = s->next) {
		struct state_catalog c;

		if (state_catalog(h->state, s->store, &c, NULL))
			continue;
		if (!all && c.version == s->version)
			continue;
		s->version = c.version;
		if (h->o.notify)
			ring(h, s);
	}
}

/* Sessions that a revocation ends. Before the registry knows: afterwards there is no telling. */
static enum err drop_revoked(const struct state_box *b, void *arg, struct why *why)
{
	struct hub *h = arg;
	const struct hub_box *known = registry_find(h->registry, b->name);

	(void)why;
	if (known && b->least_serial > known->least_serial && h->o.drop)
		h->o.drop(b->name, h->o.arg);
	return ERR_OK;
}

static void look_at_boxes(struct hub *h)
{
	struct why why = {""};
	enum err e = state_boxes(h->state, drop_revoked, h, &why);

	if (!e)
		e = registry_load(h->registry, h->state, &why);
	if (!e)
		e = state_boxes(h->state, note_store, h, &why);
	if (e)
		log_error("%s", why.text);
}

static enum err read_pem(const char *dir, const char *name, char *out, size_t size, size_t *n,
			 struct why *why)
{
	char path[DESK_PATH_MAX];
	FILE *f;
	enum err e = desk_path(dir, name, path, why);

	if (e)
		return e;
	f = fopen(path, "re");
	if (!f)
		return fail(why, ERR_IO, "%s: cannot be read; is there a CA? tillhub ca init", path);
	*n = fread(out, 1, size - 1, f);
	out[(*n)++] = '\0';
	fclose(f);
	return ERR_OK;
}

/* What signs, and the CA as it is now; the trusted CAs, for welcomes. */
static enum err open_authority(struct hub *h, struct why *why)
{
	char key[8192], certificate[8192];
	size_t k = 0, c = 0;
	struct signer *signer = NULL;
	struct authority *authority = NULL;
	enum err e = read_pem(h->o.dir, "signer.key", key, sizeof(key), &k, why);

	if (!e)
		e = read_pem(h->o.dir, "signer.pem", certificate, sizeof(certificate), &c, why);
	if (!e)
		e = signer_new(key, k, certificate, c, &signer, why);
	if (!e)
		e = authority_open(h->o.dir, &authority, why);
	if (e) {
		signer_free(signer);
		return e;
	}
	signer_free(h->signer);
	authority_close(h->authority);
	h->signer = signer;
	h->authority = authority;
	return ERR_OK;
}

static void reload(struct hub *h)
{
	struct why why = {""};

	if (open_authority(h, &why))
		log_error("%s", why.text);
	else if (h->o.reload)
		h->o.reload(h->o.arg);
}

/* On the loop's thread: the desk has something for it. */
static void look(void *arg)
{
	struct hub *h = arg;
	struct hub_task *t, *next;
	struct state_step news;

	pthread_mutex_lock(&h->lock);
	t = h->finished;
	h->finished = NULL;
	h->finished_end = &h->finished;
	news = h->news;
	h->news = (struct state_step){0};
	pthread_mutex_unlock(&h->lock);
	if (news.authority)
		reload(h);
	if (news.boxes)
		look_at_boxes(h);
	if (news.catalogs || news.boxes || news.leases)
		ring_doorbells(h, news.leases);
	for (; t; t = next) {
		next = t->next;
		h->waiting--;
		t->done(t);
	}
}

/* Uploads that were written since: there is something to fold, and to make sale lines of. */
static void before_sleep(void *arg)
{
	struct hub *h = arg;
	struct ingest_counts c;

	ingest_counts(h->ingest, &c);
	if (c.written == h->uploads_seen)
		return;
	h->uploads_seen = c.written;
	hub_poke(h);
	hub_lines_poke(h->lines);
}

static enum err open_reading(struct hub *h, struct why *why)
{
	char path[DESK_PATH_MAX];
	enum err e = desk_path(h->o.dir, "log.db", path, why);

	if (!e)
		e = log_reader_open(path, &h->reader, why);
	if (!e)
		e = desk_open_state(h->o.dir, &h->state, why);
	if (!e && registry_new(&h->registry))
		e = fail(why, ERR_MEMORY, "out of memory");
	if (!e)
		e = registry_load(h->registry, h->state, why);
	if (!e)
		e = state_boxes(h->state, note_store, h, why);
	if (!e && ingest_new(h->log, h->reader, h->state, &h->ingest))
		e = fail(why, ERR_MEMORY, "out of memory");
	return e;
}

static enum err start_thread(struct hub *h, struct why *why)
{
	if (loop_wake_new(h->loop, look, h, &h->wake))
		return fail(why, ERR_IO, "no more descriptors");
	if (loop_before_sleep(h->loop, before_sleep, h))
		return fail(why, ERR_LIMIT, "the loop has too many hooks");
	if (pthread_create(&h->thread, NULL, work, h) != 0) {
		h->thread = 0;
		return fail(why, ERR_LIMIT, "cannot start the desk's thread");
	}
	return ERR_OK;
}

static enum err open_all(struct hub *h, struct why *why)
{
	char path[DESK_PATH_MAX];
	size_t unparked = 0;
	enum err e = desk_path(h->o.dir, "log.db", path, why);

	if (!e)
		e = event_log_open(h->o.disk, path, h->o.clock, h->loop, h->o.failed, h->o.arg, &h->log, why);
	if (!e)
		e = desk_open(h->o.dir, h->o.clock, h->log, &h->desk, why);
	if (!e)
		e = desk_unpark(&h->desk, &unparked, why);
	if (!e)
		e = open_authority(h, why);
	if (!e)
		e = open_reading(h, why);
	if (e)
		return e;
	h->desk.roles = h->o.roles;
	if (h->o.box_ms > 0)
		h->desk.box_ms = h->o.box_ms;
	ring_doorbells(h, false);
	if (hub_told_start(h))
		return fail(why, ERR_MEMORY, "out of memory");
	e = desk_path(h->o.dir, "log.db", path, why);
	if (!e)
		e = hub_lines_start(h->log, path, &h->lines, why);
	return e ? e : start_thread(h, why);
}

enum err hub_open(struct loop *loop, const struct hub_options *o, struct hub **out, struct why *why)
{
	struct hub *h = calloc(1, sizeof(*h));
	enum err e;

	if (!h)
		return fail(why, ERR_MEMORY, "out of memory");
	h->loop = loop;
	h->o = *o;
	h->refusals = (struct log_limit){.burst = 20, .period_ms = 60000};
	h->tasks_end = &h->tasks;
	h->finished_end = &h->finished;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	buf_init(&h->out, (size_t)2 * WIRE_MESSAGE_MAX);
	e = open_all(h, why);
	if (e)
		hub_close(h);
	else
		*out = h;
	return e;
}

static void end_thread(struct hub *h)
{
	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	look(h);
}

void hub_close(struct hub *h)
{
	struct store_version *next;

	if (!h)
		return;
	h->o.notify = NULL;
	h->o.drop = NULL;
	h->o.reload = NULL;
	if (h->thread)
		end_thread(h);
	if (h->wake)
		loop_wake_free(h->wake);
	hub_lines_stop(h->lines);
	loop_timer_free(h->tell);
	desk_close(&h->desk);
	state_close(h->state);
	log_reader_close(h->reader); /* readers first: the last who closes a file empties its WAL */
	event_log_close(h->log);
	ingest_free(h->ingest);
	registry_free(h->registry);
	signer_free(h->signer);
	authority_close(h->authority);
	hub_drop_pages(h);
	for (struct store_version *s = h->stores; s; s = next) {
		next = s->next;
		free(s);
	}
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	arena_free(&h->arena);
	buf_free(&h->out);
	free(h);
}

void hub_counts(struct hub *h, struct hub_counts *out)
{
	*out = (struct hub_counts){
		.requests = h->requests, .refused = h->refused, .boxes = registry_count(h->registry)};
	event_log_counts(h->log, &out->log);
	ingest_counts(h->ingest, &out->ingest);
}
