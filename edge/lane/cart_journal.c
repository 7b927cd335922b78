/*
 * Open and suspended carts on their way to carts.db: a thread of their own writes them, so that a scan waits
 * for no disk.
 *
 * A change marks its cart. When a turn of the loop is over the marked carts are taken down (a copy of a few
 * hundred bytes; memory is reused) and handed to the writer; then no more are for REST_MS, so that a flood
 * of scans costs a bounded amount. The writer prices the copy again and takes its extract. If a cart changes
 * while its copy waits, the newer copy takes its place: there is never more than one a cart.
 *
 * So after a kill of the process a cart comes back as it was at most REST_MS and one write of the database
 * before. After a power cut at most CHECKPOINT_S more is missing.
 *
 * The journal is comfort: if it cannot be written the lanes go on, the log says it once, and all carts are
 * handed over again every RETRY_MS until that succeeds.
 */
#include "cart_journal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cart_json.h"
#include "digest.h"
#include "log.h"

#define REST_MS	     20
#define RETRY_MS     1000
#define CHECKPOINT_S 2
#define GROUP_MAX    64		/* carts in a transaction */
#define RESULT_MAX   (8U << 20) /* bytes of an evaluation as CBOR */

/* A cart as the journal knows it. */
struct cart_note {
	char id[ORDER_ID_MAX + 1];
	struct cart *cart; /* NULL: it is gone */
	bool changed;
	struct cart_note *next_changed;

	/* under the lock */
	bool ready, gone;
	struct cart_note *next; /* ready; then, the writer's: to be dropped */
	struct cart_kept kept;
};

struct cart_journal {
	struct shop *shop;
	struct loop_timer *rest;
	bool resting, again; /* again: hand over, if only to try again what failed */
	struct cart_note *changed;
	struct cart_kept fresh; /* the copy being made */
	struct loop_wake *wake; /* it failed */
	struct loop_wake *alive;
	loop_fn *alive_fn;
	void *alive_arg;
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct cart_note *ready, **ready_end;
	int64_t mark; /* every cart sold up to this event was handed over as gone; the loop alone sets it */
	bool stopping, broken;
	bool asked; /* for a sign of life */

	/* the writer's */
	char path[DB_PATH_MAX];
	struct cart_store *store; /* NULL: it has to be opened */
	struct cart_kept kept;
	struct cart_note *gone; /* to be dropped by the next commit */
	struct buf result;
	void *room;
	size_t room_size;
	bool failing; /* and the log was told */
	bool unsynced;
	struct timespec sync_at;
};

static struct timespec in_seconds(time_t s)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += s;
	return t;
}

static bool is_past(const struct timespec *t)
{
	struct timespec now = in_seconds(0);

	return now.tv_sec > t->tv_sec || (now.tv_sec == t->tv_sec && now.tv_nsec >= t->tv_nsec);
}

/* Takes the next note's copy; its memory goes back with the one before. False: that cart is gone. */
static bool take_note(struct cart_journal *j)
{
	struct cart_note *n = j->ready;
	struct cart_kept mine = j->kept;

	j->ready = n->next;
	if (!j->ready)
		j->ready_end = &j->ready;
	n->ready = false;
	if (n->gone) {
		n->next = j->gone;
		j->gone = n;
		return false;
	}
	j->kept = n->kept;
	n->kept = mine;
	return true;
}

/* Room and result are kept from one cart to the next. */
static enum err price(struct cart_journal *j, const struct catalog *c, struct engine_result *r)
{
	size_t size = engine_room_size(c, j->kept.view.count);
	uint32_t bad;

	if (size > j->room_size) {
		free(j->room);
		j->room = malloc(size);
		j->room_size = j->room ? size : 0;
		if (!j->room)
			return ERR_MEMORY;
	}
	return engine_evaluate(c, &j->kept.view, j->room, j->room_size, r, &bad);
}

static enum err put_cart(struct cart_journal *j, struct why *why)
{
	struct cart_kept *k = &j->kept;
	const struct catalog *c = snapshot_catalog(k->snapshot);
	struct engine_result result;
	struct extract extract;
	struct digest digest;
	enum err e = price(j, c, &result);

	buf_cut(&j->result, 0);
	if (!e)
		e = evaluation_to_cbor(c, &result, &j->result);
	if (!e)
		e = extract_take(c, &k->view, &result, &k->arena, &extract);
	if (!e && !cart_kept_lines(k))
		e = ERR_MEMORY;
	if (e)
		return fail(why, e, "cart %s: %s", k->names.id, err_name(e));
	digest_of(buf_front(&j->result), buf_length(&j->result), &digest);
	k->names.result = (struct bytes){digest.bytes, DIGEST_SIZE};
	return cart_store_put(j->store, &k->names, &extract, why);
}

/* The carts that are ready; *mark: what holds when these are written, or -1 if more are left. */
static enum err put_ready(struct cart_journal *j, int64_t *mark, struct why *why)
{
	enum err e = ERR_OK;

	*mark = -1;
	for (int n = 0; n < GROUP_MAX && *mark < 0 && !e; n++) {
		bool taken;

		pthread_mutex_lock(&j->lock);
		if (!j->ready)
			*mark = j->mark;
		taken = j->ready && take_note(j);
		pthread_mutex_unlock(&j->lock);
		if (taken)
			e = put_cart(j, why);
	}
	return e;
}

static enum err drop_gone(struct cart_journal *j, struct why *why)
{
	enum err e = ERR_OK;

	for (const struct cart_note *n = j->gone; n && !e; n = n->next)
		e = cart_store_drop(j->store, n->id, why);
	return e;
}

static void note_free(struct cart_note *n)
{
	cart_kept_free(&n->kept);
	free(n);
}

static void forget_gone(struct cart_journal *j)
{
	struct cart_note *next;

	for (struct cart_note *n = j->gone; n; n = next) {
		next = n->next;
		note_free(n);
	}
	j->gone = NULL;
}

static enum err write_group(struct cart_journal *j, struct why *why)
{
	int64_t mark;
	enum err e = cart_store_begin(j->store, why);

	if (e)
		return e;
	e = put_ready(j, &mark, why);
	if (!e)
		e = drop_gone(j, why);
	if (!e && mark >= 0)
		e = cart_store_set_mark(j->store, mark, why);
	if (!e)
		e = cart_store_commit(j->store, why);
	if (e)
		cart_store_rollback(j->store);
	else
		forget_gone(j);
	return e;
}

/* A damaged file is put aside at once: the carts that are open are all known. */
static void give_up(struct cart_journal *j, enum err e, const struct why *why)
{
	struct why aside = {0};

	if (!j->failing)
		log_warnx("open carts are not kept for a restart: %s", why->text);
	j->failing = true;
	if (e == ERR_CORRUPT && j->store) {
		cart_store_close(j->store);
		j->store = NULL;
		j->unsynced = false;
		if (cart_store_put_aside(j->path, &aside))
			log_warnx("%s", aside.text);
	}
	pthread_mutex_lock(&j->lock);
	j->broken = true;
	pthread_mutex_unlock(&j->lock);
	loop_wake_up(j->wake);
}

static void write_ready(struct cart_journal *j)
{
	struct why why = {0};
	enum err e = ERR_OK;

	if (!j->store)
		e = cart_store_open(j->path, &j->store, &why);
	if (!e)
		e = write_group(j, &why);
	if (e) {
		give_up(j, e, &why);
		return;
	}
	if (j->failing)
		log_info("open carts are kept for a restart again");
	j->failing = false;
	if (!j->unsynced)
		j->sync_at = in_seconds(CHECKPOINT_S);
	j->unsynced = true;
}

/* Under the lock. */
static bool has_work(const struct cart_journal *j)
{
	return (j->ready || j->gone) && !j->broken;
}

/* Until there is something to write, to sync or to say. False: there is not, and it is time to stop. */
static bool wait_for_work(struct cart_journal *j, bool *work)
{
	bool stop, asked;

	pthread_mutex_lock(&j->lock);
	while (!has_work(j) && !j->stopping && !j->asked && !(j->unsynced && is_past(&j->sync_at))) {
		if (j->unsynced)
			pthread_cond_timedwait(&j->filled, &j->lock, &j->sync_at);
		else
			pthread_cond_wait(&j->filled, &j->lock);
	}
	*work = has_work(j);
	stop = j->stopping && !*work;
	asked = j->asked;
	j->asked = false;
	pthread_mutex_unlock(&j->lock);
	if (asked)
		loop_wake_up(j->alive);
	return !stop;
}

static void *work(void *arg)
{
	struct cart_journal *j = arg;
	bool ready;

	while (wait_for_work(j, &ready)) {
		if (ready)
			write_ready(j);
		if (j->unsynced && is_past(&j->sync_at)) {
			cart_store_checkpoint(j->store);
			j->unsynced = false;
		}
	}
	return NULL;
}

static void mark_changed(struct cart_journal *j, struct cart_note *n)
{
	if (n->changed)
		return;
	n->changed = true;
	n->next_changed = j->changed;
	j->changed = n;
}

static struct cart_note *note_new(struct cart *c)
{
	struct cart_note *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	memcpy(n->id, c->id, sizeof(n->id));
	n->cart = c;
	c->note = n;
	return n;
}

bool journal_knows(struct cart *c)
{
	return c->note || note_new(c);
}

void journal_changed(struct shop *s, struct cart *c)
{
	if (s->journal && journal_knows(c))
		mark_changed(s->journal, c->note);
}

void journal_gone(struct shop *s, struct cart *c)
{
	if (!s->journal || !c->note)
		return;
	c->note->cart = NULL;
	mark_changed(s->journal, c->note);
	c->note = NULL;
}

/* False: there is no memory for the copy now; the one before is still good. */
static bool hand_over_one(struct cart_journal *j, struct cart_note *n)
{
	struct cart_kept before;

	if (n->cart && !cart_keep(n->cart, j->shop, &j->fresh))
		return false;
	n->changed = false;
	pthread_mutex_lock(&j->lock);
	before = n->kept;
	n->kept = j->fresh;
	n->gone = !n->cart;
	if (!n->ready) {
		n->ready = true;
		n->next = NULL;
		*j->ready_end = n;
		j->ready_end = &n->next;
	}
	pthread_mutex_unlock(&j->lock);
	j->fresh = before;
	return true;
}

/*
 * Sales up to the ledger's newest event are all answered when no tender is pending: their carts are closed,
 * and dropped or about to be handed over as gone. Otherwise the mark stays where it is.
 */
static int64_t sold_until(const struct cart_journal *j)
{
	struct ledger_counts counts;

	if (!j->shop->worker || j->shop->pending > 0)
		return j->mark;
	ledger_worker_counts(j->shop->worker, &counts);
	return (int64_t)counts.all_events;
}

/* The mark, and the word to begin, come last: the writer must not see one before all that it speaks of. */
static void hand_over(struct cart_journal *j, int64_t mark)
{
	struct cart_note *next, *n = j->changed;

	j->changed = NULL;
	j->again = false;
	for (; n; n = next) {
		next = n->next_changed;
		if (hand_over_one(j, n))
			continue;
		n->changed = false;
		mark_changed(j, n);
	}
	pthread_mutex_lock(&j->lock);
	j->mark = mark;
	j->broken = false;
	pthread_cond_signal(&j->filled);
	pthread_mutex_unlock(&j->lock);
}

static void before_sleep(void *arg)
{
	struct cart_journal *j = arg;

	if ((!j->changed && !j->again) || j->resting || !j->shop->journal)
		return;
	hand_over(j, sold_until(j));
	j->resting = true;
	loop_timer_set(j->rest, REST_MS);
}

static void rested(void *arg)
{
	struct cart_journal *j = arg;

	j->resting = false; /* the hook comes after the timers */
}

static void mark_cart(struct cart_journal *j, const struct cart *c)
{
	if (c && c->note)
		mark_changed(j, c->note);
}

static void mark_all(struct cart_journal *j)
{
	for (uint32_t i = 0; i < j->shop->lane_count; i++)
		mark_cart(j, j->shop->lanes[i]->cart);
	for (const struct cart *c = j->shop->suspended; c; c = c->next_suspended)
		mark_cart(j, c);
}

/* What was taken and not written is handed over anew, together with all the rest. */
static void on_broken(void *arg)
{
	struct cart_journal *j = arg;

	mark_all(j);
	j->again = j->resting = true;
	loop_timer_set(j->rest, RETRY_MS);
}

static void on_alive(void *arg)
{
	const struct cart_journal *j = arg;

	j->alive_fn(j->alive_arg);
}

bool shop_ask_journal(struct shop *s, loop_fn *fn, void *arg)
{
	struct cart_journal *j = s->journal;

	if (!j)
		return false;
	j->alive_fn = fn;
	j->alive_arg = arg;
	pthread_mutex_lock(&j->lock);
	j->asked = true;
	pthread_cond_signal(&j->filled);
	pthread_mutex_unlock(&j->lock);
	return true;
}

static enum err start_thread(struct cart_journal *j)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&j->filled, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&j->thread, NULL, work, j) == 0)
		return ERR_OK;
	pthread_cond_destroy(&j->filled);
	pthread_mutex_destroy(&j->lock);
	return ERR_LIMIT;
}

static void journal_free(struct cart_journal *j)
{
	loop_timer_free(j->rest);
	loop_wake_free(j->wake);
	loop_wake_free(j->alive);
	cart_store_close(j->store);
	cart_kept_free(&j->kept);
	cart_kept_free(&j->fresh);
	buf_free(&j->result);
	free(j->room);
	free(j);
}

enum err journal_start(struct shop *s, const char *path, struct cart_store *store, int64_t mark)
{
	struct cart_journal *j = calloc(1, sizeof(*j));
	enum err e;

	if (!j)
		return ERR_MEMORY;
	j->shop = s;
	j->store = store;
	j->mark = mark;
	j->ready_end = &j->ready;
	buf_init(&j->result, RESULT_MAX);
	snprintf(j->path, sizeof(j->path), "%s", path);
	e = loop_timer_new(s->loop, rested, j, &j->rest);
	if (!e)
		e = loop_wake_new(s->loop, on_broken, j, &j->wake);
	if (!e)
		e = loop_wake_new(s->loop, on_alive, j, &j->alive);
	if (!e)
		e = loop_before_sleep(s->loop, before_sleep, j);
	if (!e)
		e = start_thread(j);
	if (!e)
		s->journal = j;
	else
		journal_free(j);
	return e;
}

static void forget(struct cart *c)
{
	if (!c || !c->note)
		return;
	note_free(c->note);
	c->note = NULL;
}

void journal_stop(struct shop *s)
{
	struct cart_journal *j = s->journal;

	if (!j)
		return;
	mark_all(j);
	hand_over(j, j->mark); /* the ledger's worker may have ended */
	pthread_mutex_lock(&j->lock);
	j->stopping = true;
	pthread_cond_signal(&j->filled);
	pthread_mutex_unlock(&j->lock);
	pthread_join(j->thread, NULL);
	while (j->ready) /* it broke off before these */
		(void)take_note(j);
	forget_gone(j);
	for (uint32_t i = 0; i < s->lane_count; i++)
		forget(s->lanes[i]->cart);
	for (struct cart *c = s->suspended; c; c = c->next_suspended)
		forget(c);
	pthread_cond_destroy(&j->filled);
	pthread_mutex_destroy(&j->lock);
	s->journal = NULL;
	journal_free(j);
}
