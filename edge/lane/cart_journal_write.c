/*
 * The journal's writer: a thread of its own that prices the copies of carts again, takes their extracts and
 * puts them into carts.db, a transaction a group. See cart_journal.c.
 */
#include "cart_journal_parts.h"

#include <stdlib.h>

#include "cart_json.h"
#include "digest.h"
#include "log.h"

#define CHECKPOINT_S 2
#define GROUP_MAX    64 /* carts in a transaction */

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

bool journal_take_note(struct cart_journal *j)
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
		e = extract_take(c, &k->view, &result, j->memo, &k->arena, &extract);
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
		taken = j->ready && journal_take_note(j);
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

void journal_note_free(struct cart_note *n)
{
	cart_kept_free(&n->kept);
	free(n);
}

void journal_forget_gone(struct cart_journal *j)
{
	struct cart_note *next;

	for (struct cart_note *n = j->gone; n; n = next) {
		next = n->next;
		journal_note_free(n);
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
		journal_forget_gone(j);
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
	j->trouble = *why;
	pthread_mutex_unlock(&j->lock);
	loop_wake_up(j->wake);
}

static void end_trouble(struct cart_journal *j)
{
	log_info("open carts are kept for a restart again");
	j->failing = false;
	pthread_mutex_lock(&j->lock);
	j->trouble = (struct why){0};
	pthread_mutex_unlock(&j->lock);
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
		end_trouble(j);
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

/* A file that nobody finds any more is as good as a damaged one: all open carts go into a new one. */
static void sync_carts(struct cart_journal *j)
{
	struct why why = {0};

	cart_store_checkpoint(j->store);
	j->unsynced = false;
	if (!cart_store_in_place(j->store))
		give_up(j,
			fail(&why, ERR_CORRUPT,
			     "%s: it was moved or deleted while it was open, and is begun anew", j->path),
			&why);
}

void *journal_write(void *journal)
{
	struct cart_journal *j = journal;
	bool ready;

	while (wait_for_work(j, &ready)) {
		if (ready)
			write_ready(j);
		if (j->unsynced && is_past(&j->sync_at))
			sync_carts(j);
	}
	return NULL;
}
