/*
 * Snapshots: page sets are made by the desk when one is asked for, and kept, the last two of a scope. See
 * docs/protocol.md, "Snapshots".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hub_parts.h"
#include "log.h"

struct making {
	struct hub_task task;
	struct hub *h;
	char store[WIRE_NAME_MAX + 1];
	struct page_set set;
};

/* Removes what desk_make_pages wrote. */
static void remove_files(const struct page_set *set)
{
	char path[DESK_PATH_MAX + 32];

	for (size_t i = 0; i < set->count; i++) {
		snprintf(path, sizeof(path), "%s/page-%05zu", set->dir, i);
		(void)unlink(path);
	}
	(void)rmdir(set->dir);
}

static void drop(struct kept_pages *k)
{
	remove_files(&k->set);
	page_set_free(&k->set);
	free(k);
}

void hub_drop_pages(struct hub *h)
{
	struct kept_pages *next;

	for (struct kept_pages *k = h->pages; k; k = next) {
		next = k->next;
		drop(k);
	}
	h->pages = NULL;
	while (h->waiters) {
		struct page_waiter *w = h->waiters;

		h->waiters = w->next;
		free(w);
	}
}

static struct kept_pages *find(struct hub *h, const char *scope, int64_t version)
{
	struct kept_pages *k = h->pages;

	while (k && (strcmp(k->set.scope, scope) != 0 || k->set.version != version))
		k = k->next;
	return k;
}

/* Puts a set first, and drops those of its scope behind the first two. */
static void keep(struct hub *h, struct making *m)
{
	struct kept_pages *k = calloc(1, sizeof(*k)), **at = &h->pages;
	unsigned kept = 0;

	if (!k) {
		remove_files(&m->set);
		page_set_free(&m->set);
		return;
	}
	k->set = m->set;
	k->next = h->pages;
	h->pages = k;
	while (*at) {
		struct kept_pages *old = *at;

		if (strcmp(old->set.scope, k->set.scope) == 0 && ++kept > PAGE_SETS_KEPT) {
			*at = old->next;
			drop(old);
		} else {
			at = &old->next;
		}
	}
}

static void send_manifest(const struct call *c, const struct kept_pages *k, const char *store)
{
	struct buf *out = &c->h->out;
	struct why why = {""};
	enum err e;

	buf_cut(out, 0);
	e = page_set_manifest(&k->set, store, c->h->signer, out, &why);
	if (e)
		call_failed(c, e, &why);
	else
		call_answer(c, COAPS_CONTENT, buf_front(out), buf_length(out));
}

static void run(struct desk *d, struct hub_task *t)
{
	struct making *m = t->arg;
	char dir[DESK_PATH_MAX], name[32];

	t->result = desk_path(d->dir, "pages", dir, &t->why);
	if (t->result)
		return;
	if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
		t->result = fail(&t->why, ERR_IO, "%s: %s", dir, strerror(errno));
		return;
	}
	/* Its own number: a version may be made for several scopes. */
	snprintf(name, sizeof(name), "pages/%lld", (long long)++d->page_sets);
	t->result = desk_path(d->dir, name, dir, &t->why);
	if (!t->result)
		t->result = desk_make_pages(d, m->store, dir, &m->set, &t->why);
}

static void make_next(struct hub *h);

/* All that wait for this scope are served; others have their turn. */
static void done(struct hub_task *t)
{
	struct making *m = t->arg;
	struct hub *h = m->h;
	struct page_waiter **at = &h->waiters, *w;
	char scope[WIRE_NAME_MAX + 1] = "";
	const struct kept_pages *made = NULL;

	h->making_pages = false;
	if (!t->result) {
		snprintf(scope, sizeof(scope), "%s", m->set.scope);
		keep(h, m);
		made = h->pages;
	}
	while ((w = *at) != NULL) {
		const struct hub_request r = {.peer = w->store, .path = "snapshot"};
		const struct call c = {.h = h, .r = &r, .answer = w->answer, .exchange = w->exchange};
		struct state_catalog catalog = {0};
		bool same = strcmp(w->store, m->store) == 0;

		if (!same && made && !state_catalog(h->state, w->store, &catalog, NULL))
			same = strcmp(catalog.scope, scope) == 0;
		if (!same) {
			at = &w->next;
			continue;
		}
		if (made)
			send_manifest(&c, made, w->store);
		else
			call_failed(&c, t->result, &t->why);
		*at = w->next;
		h->waiter_count--;
		free(w);
	}
	free(m);
	make_next(h);
}

/* The next set that somebody waits for. */
static void make_next(struct hub *h)
{
	struct making *m;

	if (h->making_pages || !h->waiters)
		return;
	m = calloc(1, sizeof(*m));
	if (!m)
		return;
	m->task = (struct hub_task){.run = run, .done = done, .arg = m};
	m->h = h;
	snprintf(m->store, sizeof(m->store), "%s", h->waiters->store);
	if (hub_submit(h, &m->task))
		free(m);
	else
		h->making_pages = true;
}

void hub_snapshot(const struct call *c)
{
	struct hub *h = c->h;
	struct state_catalog catalog;
	struct page_waiter *w, **end = &h->waiters;
	struct kept_pages *k;
	struct why why = {""};
	enum err e = state_catalog(h->state, c->name, &catalog, &why);

	if (e) {
		call_failed(c, e, &why);
		return;
	}
	if (catalog.version == 0) {
		call_refuse(c, COAPS_NOT_FOUND, "store %s has no catalog yet", c->name);
		return;
	}
	k = find(h, catalog.scope, catalog.version);
	if (k) {
		send_manifest(c, k, c->name);
		return;
	}
	w = h->waiter_count < PAGE_WAITERS_MAX ? calloc(1, sizeof(*w)) : NULL;
	if (!w) {
		call_refuse(c, COAPS_UNAVAILABLE, "too many wait for a snapshot: ask again in some seconds");
		return;
	}
	snprintf(w->store, sizeof(w->store), "%s", c->name);
	w->answer = c->answer;
	w->exchange = c->exchange;
	while (*end)
		end = &(*end)->next;
	*end = w;
	h->waiter_count++;
	make_next(h);
}

static ssize_t read_page(const struct page_set *set, long long number, uint8_t *room, size_t size)
{
	char path[DESK_PATH_MAX + 32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/page-%05lld", set->dir, number);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, room, size);
	close(fd);
	return n;
}

/* "{version}/{page}" */
void hub_page(const struct call *c)
{
	struct state_catalog catalog;
	struct kept_pages *k = NULL;
	long long version = 0, page = -1;
	char *end = NULL;
	uint8_t *room;
	ssize_t n = -1;

	if (c->rest[0] >= '0' && c->rest[0] <= '9')
		version = strtoll(c->rest, &end, 10);
	if (end && *end == '/' && end[1] >= '0' && end[1] <= '9')
		page = strtoll(end + 1, &end, 10);
	if (page >= 0 && *end == '\0' && !state_catalog(c->h->state, c->name, &catalog, NULL))
		k = find(c->h, catalog.scope, version);
	buf_cut(&c->h->out, 0);
	room = buf_room(&c->h->out, WIRE_MESSAGE_MAX);
	if (k && room && page < (long long)k->set.count)
		n = read_page(&k->set, page, room, WIRE_MESSAGE_MAX);
	if (n > 0)
		call_answer(c, COAPS_CONTENT, room, (size_t)n);
	else
		call_refuse(c, COAPS_NOT_FOUND, "there is no such page: ask for the manifest again");
}
