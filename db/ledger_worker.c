/*
 * The thread that owns the ledger: jobs in by a queue, group commits, answers back on the loop. See ledger.h.
 *
 * The lock guards the two lists and the counts, never SQL. While a group is being written others queue up for
 * the next one: that is all the batching there is, no job waits for company.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "awake.h"
#include "ledger_parts.h"
#include "log.h"

#define IDLE_S	  1   /* without a job for that long: time to tidy up */
#define COMING_US 100 /* a sale is encoded in ten */

struct job_list {
	struct ledger_job *first, **end;
};

struct ledger_worker {
	struct ledger *ledger;
	struct loop_wake *wake;
	loop_fn *failed;
	void *arg;
	bool told;	     /* loop's thread: failed was called */
	bool eager;	     /* there is a processor to wait awake on */
	uint32_t unanswered; /* loop's thread: submitted, done not called yet */
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t changed; /* a job was queued, or it is time to stop */
	struct job_list waiting, answered;
	bool stopping, dead;
	bool asleep;	    /* the thread is, or is about to be */
	atomic_bool coming; /* a job is being encoded: true under the lock only */
	bool begun;	    /* the thread's: a transaction is open for it */
	struct ledger_counts counts;
};

static void list_init(struct job_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void list_add(struct job_list *list, struct ledger_job *job)
{
	job->next = NULL;
	*list->end = job;
	list->end = &job->next;
}

/* Takes up to max jobs off the front; they hang together by next. */
static struct ledger_job *list_take(struct job_list *list, size_t max)
{
	struct ledger_job *first = list->first, **at = &list->first;

	for (size_t n = 0; *at && n < max; n++)
		at = &(*at)->next;
	list->first = *at;
	if (!list->first)
		list->end = &list->first;
	*at = NULL;
	return first;
}

/* Deadlines of the condition are on the monotonic clock. False when nothing came for that long. */
static bool wait_changed(struct ledger_worker *w)
{
	struct timespec until;
	bool changed;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_S;
	w->asleep = true;
	changed = pthread_cond_timedwait(&w->changed, &w->lock, &until) != ETIMEDOUT;
	w->asleep = false;
	return changed;
}

/* After this nothing is written any more, and the loop tells whom it concerns. Locked. */
static void die(struct ledger_worker *w, const struct why *why)
{
	if (!w->dead)
		log_error("%s", why->text);
	w->dead = true;
	ledger_abandon(w->ledger);
}

/* What has to be done besides, when no answer waits for it. */
static void tend(struct ledger_worker *w, bool idle)
{
	struct why why = {0};
	enum err e = ledger_tend(w->ledger, idle, &why);
	bool dead;

	pthread_mutex_lock(&w->lock);
	w->counts.health = *ledger_health(w->ledger);
	dead = e && e != ERR_LIMIT;
	if (dead)
		die(w, &why);
	pthread_mutex_unlock(&w->lock);
	if (dead)
		loop_wake_up(w->wake);
}

/*
 * A job is about to come: what can be done for it is done, and it is waited for awake. If it does not come
 * after all the transaction is of no use. Called with the lock, which is let go meanwhile.
 */
static void expect(struct ledger_worker *w)
{
	struct why why;
	bool came;

	pthread_mutex_unlock(&w->lock);
	w->begun = ledger_begin(w->ledger, &why) == ERR_OK; /* else the group finds out why */
	came = awake_wait(&w->coming, COMING_US);
	pthread_mutex_lock(&w->lock);
	if (!came)
		atomic_store(&w->coming, false);
	if (w->begun && !w->waiting.first) {
		ledger_rollback(w->ledger);
		w->begun = false;
	}
}

/* The next group, or NULL when there is nothing left and it is time to stop. */
static struct ledger_job *next_group(struct ledger_worker *w, bool *dead)
{
	struct ledger_job *group;

	pthread_mutex_lock(&w->lock);
	while (!w->waiting.first && !w->stopping) {
		if (atomic_load(&w->coming) && !w->dead) {
			expect(w);
			continue;
		}
		if (wait_changed(w) || w->dead)
			continue;
		pthread_mutex_unlock(&w->lock);
		tend(w, true);
		pthread_mutex_lock(&w->lock);
	}
	group = list_take(&w->waiting, LEDGER_GROUP_MAX);
	*dead = w->dead;
	pthread_mutex_unlock(&w->lock);
	return group;
}

/* Room can be made, a lock let go, a file put back; after anything else the file's state is unknown. */
static bool survivable(enum err e)
{
	return e == ERR_OK || e == ERR_LIMIT || e == ERR_BUSY || e == ERR_MEMORY || e == ERR_STATE;
}

static void count_group(struct ledger_worker *w, const struct ledger_job *group)
{
	int64_t events = 0;
	struct ledger_counts *c = &w->counts;

	ledger_head(w->ledger, &c->head, &events);
	c->commits += (uint64_t)events > c->all_events; /* a group of look-ups alone writes nothing */
	c->events += (uint64_t)events - c->all_events;
	c->all_events = (uint64_t)events;
	for (; group; group = group->next)
		c->sales += group->result == ERR_OK && group->sale.sale;
}

static void answer(struct ledger_worker *w, struct ledger_job *group, enum err e, const struct why *why)
{
	struct ledger_job *next;

	bool first;

	pthread_mutex_lock(&w->lock);
	first = !w->answered.first;
	if (!e)
		count_group(w, group);
	if (!survivable(e))
		die(w, why);
	for (; group; group = next) {
		next = group->next;
		list_add(&w->answered, group);
	}
	pthread_mutex_unlock(&w->lock);
	if (first)
		loop_wake_up(w->wake);
}

static void *work(void *arg)
{
	static const struct why ended = {"the ledger cannot be written any more"};
	struct ledger_worker *w = arg;
	struct ledger_job *group;
	bool dead;

	pthread_setname_np(pthread_self(), "ledger"); /* top -H, gdb */
	while ((group = next_group(w, &dead)) != NULL) {
		struct why why = {0};
		enum err e = ERR_IO;

		if (dead)
			ledger_fail_group(group, e, &ended);
		else
			e = ledger_write_group(w->ledger, group, w->begun, &why);
		w->begun = false;
		answer(w, group, e, &why);
		if (!dead && survivable(e))
			tend(w, false);
	}
	return NULL;
}

/* On the loop's thread. A done may submit again, and its job may be gone afterwards. */
static void deliver(void *arg)
{
	struct ledger_worker *w = arg;
	struct ledger_job *job, *next;
	bool dead;

	pthread_mutex_lock(&w->lock);
	job = list_take(&w->answered, SIZE_MAX);
	dead = w->dead;
	pthread_mutex_unlock(&w->lock);
	for (; job; job = next) {
		next = job->next;
		w->unanswered--;
		job->done(job);
	}
	if (dead && !w->told) {
		w->told = true;
		w->failed(w->arg);
	}
}

static enum err start_thread(struct ledger_worker *w)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&w->thread, NULL, work, w) == 0)
		return ERR_OK;
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	return ERR_LIMIT;
}

enum err ledger_worker_start(struct loop *loop, struct ledger *l, loop_fn *failed, void *arg,
			     struct ledger_worker **out)
{
	struct ledger_worker *w = calloc(1, sizeof(*w));
	int64_t events = 0;
	enum err e;

	if (!w)
		return ERR_MEMORY;
	w->ledger = l;
	w->eager = awake_pays();
	w->failed = failed;
	w->arg = arg;
	list_init(&w->waiting);
	list_init(&w->answered);
	ledger_head(l, &w->counts.head, &events);
	w->counts.all_events = (uint64_t)events;
	w->counts.health = *ledger_health(l);
	e = loop_wake_new(loop, deliver, w, &w->wake);
	if (!e)
		e = start_thread(w);
	if (e) {
		loop_wake_free(w->wake);
		free(w);
		return e;
	}
	*out = w;
	return ERR_OK;
}

static enum err admit(const struct ledger_worker *w)
{
	if (w->dead)
		return ERR_IO;
	if (w->stopping)
		return ERR_CLOSED;
	return w->unanswered >= LEDGER_QUEUE_MAX ? ERR_LIMIT : ERR_OK;
}

/* Wakes the thread before there is anything for it: it takes as long to wake up as a sale to be encoded. */
static void announce(struct ledger_worker *w)
{
	bool wake;

	if (!w->eager)
		return;
	pthread_mutex_lock(&w->lock);
	wake = w->asleep && !w->dead;
	if (wake)
		atomic_store(&w->coming, true);
	pthread_mutex_unlock(&w->lock);
	if (wake)
		pthread_cond_signal(&w->changed);
}

/* Encoding happens here, on the caller's thread, while the worker's wakes up or waits for the disk. */
static enum err encode(struct ledger_worker *w, struct ledger_job *job)
{
	if (job->find || job->note || job->uses || (job->back && !job->sale.sale))
		return ERR_OK;
	announce(w);
	return ledger_encode_sale(&job->sale, &job->arena, &job->sale.encoded, &job->why);
}

enum err ledger_worker_submit(struct ledger_worker *w, struct ledger_job *job)
{
	enum err e = encode(w, job);
	bool wake;

	pthread_mutex_lock(&w->lock);
	if (!e)
		e = admit(w);
	if (!e)
		list_add(&w->waiting, job);
	wake = !e && w->asleep;
	atomic_store(&w->coming, false);
	pthread_mutex_unlock(&w->lock);
	if (wake)
		pthread_cond_signal(&w->changed);
	if (e)
		return e;
	w->unanswered++;
	return ERR_OK;
}

void ledger_worker_stop(struct ledger_worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	deliver(w);
	loop_wake_free(w->wake);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	ledger_close(w->ledger);
	free(w);
}

void ledger_worker_counts(struct ledger_worker *w, struct ledger_counts *out)
{
	pthread_mutex_lock(&w->lock);
	*out = w->counts;
	out->queued = w->unanswered;
	pthread_mutex_unlock(&w->lock);
}

bool ledger_worker_disk_warning(struct ledger_worker *w, struct why *out)
{
	pthread_mutex_lock(&w->lock);
	*out = w->counts.health.disk;
	pthread_mutex_unlock(&w->lock);
	return out->text[0] != '\0';
}
