/*
 * Open and suspended carts on their way to carts.db: a thread of their own writes them, so that a scan waits
 * for no disk.
 *
 * A change marks its cart. When a turn of the loop is over the marked carts are taken down (a copy of a few
 * hundred bytes; memory is reused) and handed to the writer; then no more are for REST_MS, so that a flood
 * of scans costs a bounded amount. What people scan, a piece at a time, is handed over at once all the same.
 * The writer prices the copy again and takes its extract. If a cart changes while its copy waits, the newer
 * copy takes its place: there is never more than one a cart.
 *
 * So after a kill of the process a cart comes back as it was at most REST_MS and one write of the database
 * before. After a power cut at most two seconds more are missing (CHECKPOINT_S, cart_journal_write.c).
 *
 * The journal is comfort: if it cannot be written the lanes go on, the log says it once, and all carts are
 * handed over again every RETRY_MS until that succeeds.
 */
#include "cart_journal_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body_memo.h"
#include "log.h"

#define REST_MS	   100
#define RETRY_MS   1000
#define RESULT_MAX (8U << 20) /* bytes of an evaluation as CBOR */

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

void shop_carts_trouble(struct shop *s, struct why *out)
{
	struct cart_journal *j = s->journal;

	*out = s->no_journal;
	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	*out = j->trouble;
	pthread_mutex_unlock(&j->lock);
}

static enum err start_thread(struct cart_journal *j)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&j->filled, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&j->thread, NULL, journal_write, j) == 0)
		return ERR_OK;
	pthread_cond_destroy(&j->filled);
	pthread_mutex_destroy(&j->lock);
	return ERR_LIMIT;
}

/* When all that is ready is written, or cannot be. */
static void end_thread(struct cart_journal *j)
{
	pthread_mutex_lock(&j->lock);
	j->stopping = true;
	pthread_cond_signal(&j->filled);
	pthread_mutex_unlock(&j->lock);
	pthread_join(j->thread, NULL);
	pthread_cond_destroy(&j->filled);
	pthread_mutex_destroy(&j->lock);
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
	body_memo_free(j->memo);
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
	j->memo = body_memo_new();
	snprintf(j->path, sizeof(j->path), "%s", path);
	e = loop_timer_new(s->loop, rested, j, &j->rest);
	if (!e)
		e = loop_wake_new(s->loop, on_broken, j, &j->wake);
	if (!e)
		e = loop_wake_new(s->loop, on_alive, j, &j->alive);
	if (!e)
		e = start_thread(j);
	if (!e) { /* last: the hook stays for as long as the loop does */
		e = loop_before_sleep(s->loop, before_sleep, j);
		if (e)
			end_thread(j);
	}
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
	journal_note_free(c->note);
	c->note = NULL;
}

void journal_stop(struct shop *s)
{
	struct cart_journal *j = s->journal;

	if (!j)
		return;
	mark_all(j);
	hand_over(j, j->mark); /* the ledger's worker may have ended */
	end_thread(j);
	while (j->ready) /* it broke off before these */
		(void)journal_take_note(j);
	journal_forget_gone(j);
	for (uint32_t i = 0; i < s->lane_count; i++)
		forget(s->lanes[i]->cart);
	for (struct cart *c = s->suspended; c; c = c->next_suspended)
		forget(c);
	s->journal = NULL;
	journal_free(j);
}
