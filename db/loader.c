/*
 * The thread that reads catalog.db: a queue of look-ups in, snapshots and answers back on the loop. See
 * loader.h.
 *
 * The lock guards the lists and what is ready to be told, never SQL. A snapshot that the loop has not fetched
 * yet is replaced by a newer one. After each there is a rest: a feed that rings for every price makes twenty
 * snapshots a second, not a thousand, and the first change after a quiet while is in force at once. Once
 * there is a catalog, the thread steps back: on a processor that they share, a scan is never behind a new
 * price.
 */
#include "loader.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader_look.h"
#include "log.h"
#include "priority.h"

#define LOOK_EVERY_S 1
#define REST_NS	     50000000L /* between two snapshots */

/* A look-up, from the question to the answer. */
struct request {
	loader_coupon_fn *coupon_fn; /* one of these */
	loader_customer_fn *customer_fn;
	loader_held_fn *held_fn;
	void *arg;
	enum err result;
	union {
		struct record_coupon coupon;
		struct found_customer customer;
		struct held held;
	} found; /* text in the arena */
	struct arena arena;
	struct request *next;
	char key[];
};

struct request_list {
	struct request *first, **end;
};

struct news {
	bool any;
	struct snapshot *snapshot; /* or NULL, and why */
	struct why why;
};

struct loader {
	loader_snapshot_fn *fn;
	void *arg;
	struct loop_wake *wake;
	pthread_t thread;
	struct look look;		     /* the thread's */
	struct timespec look_at, rest_until; /* the thread's: when to look by itself, and when not to */
	bool stepped_back;		     /* the thread */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct request_list waiting, answered;
	uint32_t unanswered;
	bool asked, stopping;
	struct override_set *overrides; /* new ones, for the thread to take; NULL: none */
	struct news news;
	struct buf events; /* not delivered yet */
	loader_event_fn *event_fn;
	char path[];
};

static void list_init(struct request_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void list_add(struct request_list *list, struct request *r)
{
	r->next = NULL;
	*list->end = r;
	list->end = &r->next;
}

static struct request *list_take(struct request_list *list)
{
	struct request *first = list->first;

	list_init(list);
	return first;
}

/* A plan that is not there any more brings nothing. */
static enum err find_plan(struct catalog_store *store, const char *id, struct arena *a,
			  struct record_plan *out)
{
	struct record r;
	struct why why;
	enum err e = id ? catalog_store_find(store, RECORD_PLAN, id, a, &r, &why) : ERR_NOT_FOUND;

	if (!e)
		*out = r.as.plan;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err find_customer(struct catalog_store *store, struct request *r)
{
	struct found_customer *c = &r->found.customer;
	struct why why;
	enum err e = catalog_store_customer(store, r->key, &r->arena, &c->record, &why);

	if (!e)
		e = find_plan(store, c->record.plan, &r->arena, &c->plan);
	if (!e && c->record.next)
		e = find_plan(store, c->record.next->plan, &r->arena, &c->next);
	return e;
}

static enum err find(struct catalog_store *store, struct request *r)
{
	struct why why;

	if (!store)
		return ERR_STATE;
	if (r->coupon_fn)
		return catalog_store_coupon(store, r->key, &r->arena, &r->found.coupon, &why);
	if (r->held_fn)
		return catalog_store_held(store, r->key, &r->arena, &r->found.held, &why);
	return find_customer(store, r);
}

static void answer_all(struct loader *l, struct request *r)
{
	struct request *next;

	if (!r)
		return;
	for (struct request *each = r; each; each = each->next)
		each->result = find(l->look.store, each);
	pthread_mutex_lock(&l->lock);
	for (; r; r = next) {
		next = r->next;
		list_add(&l->answered, r);
	}
	pthread_mutex_unlock(&l->lock);
	loop_wake_up(l->wake);
}

static struct timespec after(int64_t ns)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ns += t.tv_nsec;
	return (struct timespec){.tv_sec = t.tv_sec + ns / 1000000000, .tv_nsec = ns % 1000000000};
}

static void step_back(struct loader *l)
{
	if (!l->stepped_back)
		priority_behind();
	l->stepped_back = true;
}

static void refresh(struct loader *l, bool asked)
{
	struct snapshot *s, *unfetched;

	if (!look_again(&l->look, asked, &s))
		return;
	pthread_mutex_lock(&l->lock);
	unfetched = l->news.snapshot;
	l->news = (struct news){.any = true, .snapshot = s};
	if (!s)
		l->news.why = l->look.why;
	if (!buf_add(&l->events, buf_front(&l->look.events), buf_length(&l->look.events)))
		log_warnx("catalog: more events than can wait; 'tillctl events' shows them all");
	buf_cut(&l->look.events, 0);
	pthread_mutex_unlock(&l->lock);
	snapshot_unref(unfetched);
	loop_wake_up(l->wake);
	l->rest_until = after(REST_NS);
	if (s)
		step_back(l);
}

static bool past(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec != t->tv_sec ? now.tv_sec > t->tv_sec : now.tv_nsec >= t->tv_nsec;
}

/* Waits for something to do. *look: it is time to look at the file; *asked: because somebody rang. */
static bool next_work(struct loader *l, struct request **requests, bool *look, bool *asked)
{
	bool go_on;

	pthread_mutex_lock(&l->lock);
	for (;;) {
		const struct timespec *due = l->asked ? &l->rest_until : &l->look_at;

		*look = past(due);
		if (*look || l->waiting.first || l->stopping)
			break;
		pthread_cond_timedwait(&l->changed, &l->lock, due);
	}
	*asked = *look && l->asked;
	if (*look)
		l->asked = false;
	if (l->overrides)
		look_take_overrides(&l->look, l->overrides);
	l->overrides = NULL;
	go_on = !l->stopping;
	*requests = go_on ? list_take(&l->waiting) : NULL;
	pthread_mutex_unlock(&l->lock);
	if (*look)
		l->look_at = after(LOOK_EVERY_S * INT64_C(1000000000));
	return go_on;
}

static void *work(void *arg)
{
	struct loader *l = arg;
	struct request *requests;
	bool look, asked;

	while (next_work(l, &requests, &look, &asked)) {
		if (look)
			refresh(l, asked);
		answer_all(l, requests);
	}
	look_end(&l->look);
	return NULL;
}

static void tell(struct request *r, enum err e)
{
	if (r->coupon_fn)
		r->coupon_fn(e, e ? NULL : &r->found.coupon, r->arg);
	else if (r->held_fn)
		r->held_fn(e, e ? NULL : &r->found.held, r->arg);
	else
		r->customer_fn(e, e ? NULL : &r->found.customer, r->arg);
	arena_free(&r->arena);
	free(r);
}

static void tell_events(struct loader *l, struct buf *events)
{
	const char *at = (const char *)buf_front(events);
	size_t left = buf_length(events), n;

	for (; left && l->event_fn; at += n, left -= n) {
		n = (size_t)((const char *)memchr(at, '\n', left) - at) + 1; /* each ends in one */
		l->event_fn(at, n, l->arg);
	}
	buf_free(events);
}

/* On the loop's thread. */
static void deliver(void *arg)
{
	struct loader *l = arg;
	struct request *r, *next;
	struct news news;
	struct buf events;

	pthread_mutex_lock(&l->lock);
	news = l->news;
	l->news = (struct news){0};
	events = l->events;
	buf_init(&l->events, LOOK_EVENTS_BYTES);
	r = list_take(&l->answered);
	for (struct request *each = r; each; each = each->next)
		l->unanswered--;
	pthread_mutex_unlock(&l->lock);
	if (news.any)
		l->fn(news.snapshot, news.snapshot ? NULL : &news.why, l->arg);
	tell_events(l, &events);
	for (; r; r = next) {
		next = r->next;
		tell(r, r->result);
	}
}

static enum err start_thread(struct loader *l)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&l->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&l->thread, NULL, work, l) == 0)
		return ERR_OK;
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	return ERR_LIMIT;
}

enum err loader_start(struct loop *loop, const char *path, loader_snapshot_fn *fn, void *arg,
		      struct loader **out)
{
	size_t n = strlen(path) + 1;
	struct loader *l = calloc(1, sizeof(*l) + n);
	enum err e;

	if (!l)
		return ERR_MEMORY;
	memcpy(l->path, path, n);
	l->look.path = l->path;
	l->fn = fn;
	l->arg = arg;
	buf_init(&l->events, LOOK_EVENTS_BYTES);
	list_init(&l->waiting);
	list_init(&l->answered);
	e = loop_wake_new(loop, deliver, l, &l->wake);
	if (!e)
		e = start_thread(l);
	if (e) {
		loop_wake_free(l->wake);
		free(l);
		return e;
	}
	*out = l;
	return ERR_OK;
}

static void close_all(struct request *r)
{
	struct request *next;

	for (; r; r = next) {
		next = r->next;
		tell(r, ERR_CLOSED);
	}
}

void loader_stop(struct loader *l)
{
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	close_all(list_take(&l->answered));
	close_all(list_take(&l->waiting));
	override_set_free(l->overrides);
	snapshot_unref(l->news.snapshot);
	buf_free(&l->events);
	buf_free(&l->look.events);
	loop_wake_free(l->wake);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

void loader_listen(struct loader *l, loader_event_fn *fn)
{
	l->event_fn = fn;
}

void loader_refresh(struct loader *l)
{
	pthread_mutex_lock(&l->lock);
	l->asked = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
}

void loader_overrides(struct loader *l, struct override_set *set)
{
	pthread_mutex_lock(&l->lock);
	override_set_free(l->overrides);
	l->overrides = set;
	l->asked = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
}

static enum err ask(struct loader *l, const struct request *question, const char *key)
{
	size_t n = strlen(key) + 1;
	struct request *r = malloc(sizeof(*r) + n);
	enum err e = ERR_OK;

	if (!r)
		return ERR_MEMORY;
	*r = *question;
	memcpy(r->key, key, n);
	pthread_mutex_lock(&l->lock);
	if (l->stopping)
		e = ERR_CLOSED;
	else if (l->unanswered >= LOADER_QUEUE_MAX)
		e = ERR_LIMIT;
	else {
		l->unanswered++;
		list_add(&l->waiting, r);
		pthread_cond_signal(&l->changed);
	}
	pthread_mutex_unlock(&l->lock);
	if (e)
		free(r);
	return e;
}

enum err loader_find_coupon(struct loader *l, const char *code, loader_coupon_fn *fn, void *arg)
{
	const struct request r = {.coupon_fn = fn, .arg = arg};

	return ask(l, &r, code);
}

enum err loader_find_customer(struct loader *l, const char *id, loader_customer_fn *fn, void *arg)
{
	const struct request r = {.customer_fn = fn, .arg = arg};

	return ask(l, &r, id);
}

enum err loader_find_held(struct loader *l, const char *id, loader_held_fn *fn, void *arg)
{
	const struct request r = {.held_fn = fn, .arg = arg};

	return ask(l, &r, id);
}
