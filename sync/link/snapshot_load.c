/*
 * A snapshot from headquarters: its manifest, its pages, many in flight, and the catalog made of them. See
 * snapshot_load.h.
 */
#include "snapshot_load_parts.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bell.h"
#include "feed.h"
#include "log.h"

#define IN_BLOCKS   12 /* of them where each goes in blocks, as over DTLS */
#define AGAIN_MS    5000
#define PAGE_TRIES  5 /* answers that are not the page, before the manifest is asked for again */
#define PROGRESS_MS 1000
static void fill(struct snapshot_load *s);
static void ask(struct snapshot_load *s);
static void applied(void *arg);

static void due(void *arg)
{
	struct snapshot_load *s = arg;

	if (s->runs)
		return; /* its end goes on */
	if (s->has_set)
		fill(s);
	else
		ask(s);
}

enum err snapshot_load_new(struct uplink *u, struct snapshot_load **out, struct why *why)
{
	struct snapshot_load *s = calloc(1, sizeof(*s));
	enum err e = s ? loop_timer_new(u->loop, due, s, &s->timer) : ERR_MEMORY;

	if (!e)
		e = loop_wake_new(u->loop, applied, s, &s->applied);
	if (e) {
		if (s)
			loop_timer_free(s->timer);
		free(s);
		return fail(why, e, "out of memory");
	}
	s->u = u;
	snprintf(s->parent, sizeof(s->parent), "%s/snapshots", u->config->daemon.state_dir);
	*out = s;
	return ERR_OK;
}

static void drop_set(struct snapshot_load *s)
{
	page_folder_free(&s->set);
	free(s->got);
	s->got = NULL;
	s->has_set = false;
	s->have = s->next = s->bad = 0;
}

void snapshot_load_free(struct snapshot_load *s)
{
	if (!s)
		return;
	s->ending = true;
	s->applying.cancel = true;
	applied(s);
	drop_set(s);
	loop_wake_free(s->applied);
	loop_timer_free(s->timer);
	free(s);
}

static void complain(struct snapshot_load *s, const struct why *why)
{
	if (strcmp(why->text, s->problem.text) != 0)
		log_warnx("snapshot: %s", why->text);
	s->problem = *why;
}

static void retry(struct snapshot_load *s, const struct why *why)
{
	complain(s, why);
	drop_set(s);
	loop_timer_set(s->timer, AGAIN_MS);
}

static void tell_progress(struct snapshot_load *s)
{
	int64_t now = clock_monotonic_us(loop_clock(s->u->loop));

	if (now - s->told_us < PROGRESS_MS * INT64_C(1000) && s->have < s->set.pages)
		return;
	s->told_us = now;
	log_info("snapshot %" PRId64 ": %zu of %zu pages", s->set.version, s->have, s->set.pages);
	if (notify_send(&s->u->notify, "STATUS=snapshot %" PRId64 ": %zu of %zu pages", s->set.version,
			s->have, s->set.pages) != ERR_OK)
		log_debug("the service manager does not hear that");
}

static void *apply(void *arg)
{
	struct applying *a = arg;

	pthread_setname_np(pthread_self(), "snapshot");
	a->e = page_folder_apply(&a->set, a->load->u->catalog, &a->cancel, &a->unknown, &a->why);
	loop_wake_up(a->load->applied);
	return NULL;
}

enum err snapshot_begin_apply(struct snapshot_load *s, struct page_folder *set, bool inbox, uint64_t state,
			      struct why *why)
{
	struct applying *a = &s->applying;

	*a = (struct applying){.load = s, .set = *set, .inbox = inbox, .state = state};
	*set = (struct page_folder){0};
	s->runs = pthread_create(&s->thread, NULL, apply, a) == 0;
	if (s->runs)
		return ERR_OK;
	page_folder_free(&a->set);
	return fail(why, ERR_LIMIT, "cannot start a thread");
}

/* In force, from wherever it came. */
static void note(struct snapshot_load *s, const struct applying *a)
{
	struct link_marks *m = &s->u->marks;

	if (a->unknown)
		log_warnx(
			"snapshot %" PRId64 ": %" PRIu64
			" records say what this version does not know: they are left out, or rules that are "
			"inactive here, until the box is upgraded",
			a->set.version, a->unknown);
	m->left_out = (int64_t)a->unknown;
	m->version = a->set.version;
	snprintf(m->cursor, sizeof(m->cursor), "%s", a->set.cursor);
	uplink_marks_changed(s->u);
	uplink_marks_save(s->u);
	log_info("snapshot %" PRId64 " is in force: %" PRId64 " records", a->set.version, a->set.records);
	s->loaded++;
	s->problem.text[0] = '\0';
	malloc_trim(0); /* a whole catalog took some MiB: now it is small again */
}

enum err snapshot_check_set(const struct snapshot_load *s, const struct page_folder *set, struct why *why)
{
	if (strcmp(set->store, s->u->config->daemon.store) != 0)
		return fail(why, ERR_DENIED, "it is of store '%s', and this is '%s'", set->store,
			    s->u->config->daemon.store);
	if (set->version < s->u->marks.version)
		return fail(why, ERR_DENIED,
			    "its version %" PRId64 " is older than %" PRId64 ", which is here", set->version,
			    s->u->marks.version);
	return ERR_OK;
}

static void finish(struct snapshot_load *s)
{
	struct page_folder set = s->set;
	struct why why;

	if (s->runs)
		return;					   /* one of the inbox: its end comes here again */
	if (snapshot_check_set(s, &set, &why) != ERR_OK) { /* which was newer */
		retry(s, &why);
		return;
	}
	s->set = (struct page_folder){0};
	drop_set(s);
	if (snapshot_begin_apply(s, &set, false, 0, &why) != ERR_OK)
		retry(s, &why);
}

/* What the feed waited for is done, or has to be begun anew. */
static void go_on(struct snapshot_load *s, const struct applying *a)
{
	if (s->ending)
		return;
	if (!a->e)
		bell_ring(s->u->bell);
	if (a->e && a->inbox) {
		snapshot_refuse(s, a->state, a->set.dir, &a->why);
		snapshot_load_inbox(s); /* there may be others */
	}
	if (a->inbox && s->wanted) { /* the other one, which came meanwhile */
		due(s);
		return;
	}
	if (a->e && s->wanted) {
		retry(s, &a->why);
		return;
	}
	s->wanted = false;
	if (!a->e)
		page_folder_prune(s->parent);
	feed_now(s->u->feed);
}

/* On the loop's thread; also from the end, before the loop has heard. */
static void applied(void *arg)
{
	struct snapshot_load *s = arg;
	struct applying *a = &s->applying;

	if (!s->runs)
		return;
	pthread_join(s->thread, NULL);
	s->runs = false;
	if (!a->e)
		note(s, a);
	go_on(s, a);
	page_folder_free(&a->set);
}

static void got_page(const struct coaps_answer *a, void *arg)
{
	struct fetch *f = arg;
	struct snapshot_load *s = f->load;
	struct why why;

	f->used = false;
	s->in_flight--;
	if (!s->has_set || !a->code)
		return;
	if (a->code != COAPS_CONTENT) {
		why = uplink_answer_words(a);
		retry(s, &why); /* 4.04: there is a newer one by now */
		return;
	}
	if (!page_folder_fits(&s->set, f->page, a->body, a->length)) {
		(void)fail(&why, ERR_CORRUPT, "page %zu is not what the manifest speaks of: refused",
			   f->page);
		complain(s, &why);
		s->next = f->page < s->next ? f->page : s->next;
		if (++s->bad > PAGE_TRIES)
			retry(s, &why);
		else
			fill(s);
		return;
	}
	if (page_folder_keep(&s->set, f->page, a->body, a->length, &why) != ERR_OK) {
		retry(s, &why);
		return;
	}
	if (!s->got[f->page]) {
		s->got[f->page] = 1;
		s->have++;
	}
	tell_progress(s);
	fill(s);
}

static struct fetch *free_fetch(struct snapshot_load *s)
{
	const struct coaps_client *c = route_client(s->u->route);

	if (!c || s->in_flight >= (coaps_client_transport(c) == COAPS_TLS ? IN_FLIGHT : IN_BLOCKS))
		return NULL;
	for (size_t i = 0; i < IN_FLIGHT; i++)
		if (!s->fetches[i].used)
			return &s->fetches[i];
	return NULL;
}

static bool is_under_way(const struct snapshot_load *s, size_t page)
{
	for (size_t i = 0; i < IN_FLIGHT; i++)
		if (s->fetches[i].used && s->fetches[i].page == page)
			return true;
	return false;
}

static bool fetch_page(struct snapshot_load *s, struct fetch *f, size_t page)
{
	struct coaps_call call = {.method = COAPS_GET, .timeout_ms = ANSWER_MS, .done = got_page, .arg = f};
	char path[UPLINK_PATH_MAX], what[64];

	snprintf(what, sizeof(what), "snapshot/%" PRId64 "/%zu", s->set.version, page);
	call.path = uplink_store_path(s->u, what, path);
	f->load = s;
	f->page = page;
	if (uplink_send(s->u, &call) != ERR_OK)
		return false;
	f->used = true;
	s->in_flight++;
	return true;
}

static void fill(struct snapshot_load *s)
{
	struct fetch *f;

	if (s->have == s->set.pages) {
		finish(s);
		return;
	}
	while (s->next < s->set.pages && (f = free_fetch(s)) != NULL) {
		if (!s->got[s->next] && !is_under_way(s, s->next) && !fetch_page(s, f, s->next))
			break;
		s->next++;
	}
	if (s->next == s->set.pages && s->in_flight == 0)
		s->next = 0; /* some answers were lost */
	loop_timer_set(s->timer, AGAIN_MS);
}

static void begin_pages(struct snapshot_load *s, const struct coaps_answer *a)
{
	struct why why;
	enum err e = page_folder_read(&s->set, s->u->trust, a->body, a->length, &why);

	if (!e)
		e = snapshot_check_set(s, &s->set, &why);
	if (!e)
		e = page_folder_make(&s->set, s->parent, a->body, a->length, &why);
	if (!e) {
		s->got = calloc(s->set.pages, 1);
		e = s->got ? ERR_OK : fail(&why, ERR_MEMORY, "out of memory");
	}
	if (e || !s->got) {
		retry(s, &why);
		return;
	}
	s->has_set = true;
	for (size_t i = 0; i < s->set.pages; i++) {
		s->got[i] = page_folder_has(&s->set, i);
		s->have += s->got[i];
	}
	log_info("snapshot %" PRId64 ": %zu pages, %zu of them here already", s->set.version, s->set.pages,
		 s->have);
	fill(s);
}

static void got_manifest(const struct coaps_answer *a, void *arg)
{
	struct snapshot_load *s = arg;
	struct why why;

	s->asking = false;
	if (!s->wanted)
		return;
	if (!a->code) { /* lost; if the connection is, too, the pause that follows stops it */
		loop_timer_set(s->timer, AGAIN_MS);
		return;
	}
	drop_set(s);
	if (a->code == COAPS_CONTENT) {
		begin_pages(s, a);
		return;
	}
	why = uplink_answer_words(a);
	retry(s, &why);
}

static void ask(struct snapshot_load *s)
{
	char path[UPLINK_PATH_MAX];
	struct coaps_call call = {
		.method = COAPS_GET, .timeout_ms = ANSWER_MS, .done = got_manifest, .arg = s};

	if (!s->wanted || s->asking)
		return;
	call.path = uplink_store_path(s->u, "snapshot", path);
	s->asking = uplink_send(s->u, &call) == ERR_OK;
	if (!s->asking)
		loop_timer_set(s->timer, AGAIN_MS);
}

void snapshot_load_begin(struct snapshot_load *s)
{
	s->wanted = true;
	due(s);
}

void snapshot_load_pause(struct snapshot_load *s)
{
	s->asking = false;
	s->wanted = false; /* the feed says so again if need be; pages that came are found again */
	drop_set(s);
	loop_timer_stop(s->timer);
}

bool snapshot_load_busy(const struct snapshot_load *s)
{
	return s->wanted || s->runs;
}

bool snapshot_load_applying(const struct snapshot_load *s)
{
	return s->runs;
}

void snapshot_load_status(const struct snapshot_load *s, struct jsonw *w)
{
	jsonw_object(w, "snapshot");
	jsonw_bool(w, "loading", s->wanted || s->runs);
	jsonw_bool(w, "applying", s->runs);
	jsonw_int(w, "pages", (int64_t)(s->runs ? s->applying.set.pages : s->set.pages));
	jsonw_int(w, "have", (int64_t)(s->runs ? s->applying.set.pages : s->have));
	jsonw_int(w, "loaded", (int64_t)s->loaded);
	jsonw_text(w, "problem", s->problem.text[0] ? s->problem.text : NULL);
	jsonw_close(w);
}
