/*
 * What the daemon knows of the time. Its loop runs on a clock that never goes below the floor, so nothing is
 * decided by a time before it; whether anybody vouches for that time is looked up every few seconds, in what
 * till-sync wrote and at the kernel, and told to the shop.
 */
#include <stdio.h>
#include <string.h>

#include "tilld_daemon.h"

#define LOOK_MS 2000
#define SAVE_US (INT64_C(15) * 60 * 1000000) /* so much of the floor is lost when the power goes */

static void complain(struct daemon *d, const struct why *why)
{
	if (strcmp(why->text, d->time.trouble.text) != 0)
		log_warnx("%s", why->text);
	d->time.trouble = *why;
}

static void read_mark(struct daemon *d, const char *path, struct time_mark *out)
{
	struct why why;
	enum err e = time_mark_read(path, out, &why);

	if (e == ERR_OK)
		return;
	*out = (struct time_mark){0};
	if (e != ERR_NOT_FOUND)
		complain(d, &why);
}

static void learn(struct daemon *d, struct time_facts *facts)
{
	struct timekeeper *t = &d->time;
	int64_t before = floor_clock_floor_ms(&t->clock);

	read_mark(d, t->hq_path, &t->hq);
	time_facts_of(t->clock.below, t->boot, &t->own, &t->hq, facts);
	floor_clock_raise(&t->clock, facts->floor_ms);
	facts->floor_ms = floor_clock_floor_ms(&t->clock);
	if (facts->floor_ms > before + TIME_TOLERANCE_MS)
		t->saved_us = 0; /* headquarters knew better: to be kept soon */
}

enum err time_open(struct daemon *d, struct why *why)
{
	struct timekeeper *t = &d->time;
	const char *folder = d->now->config.daemon.state_dir;
	struct time_facts facts;

	if ((size_t)snprintf(t->own_path, sizeof(t->own_path), "%s/clock", folder) >= sizeof(t->own_path) ||
	    (size_t)snprintf(t->hq_path, sizeof(t->hq_path), "%s/hqtime", folder) >= sizeof(t->hq_path))
		return fail(why, ERR_LIMIT, "state_dir: the path is too long");
	time_boot(t->boot);
	read_mark(d, t->own_path, &t->own);
	learn(d, &facts);
	return ERR_OK;
}

static void *save(void *arg)
{
	struct timekeeper *t = arg;

	t->saved = time_mark_write(t->own_path, &t->saving, &t->save_why);
	loop_wake_up(t->wake);
	return NULL;
}

/* On a thread of its own: a disk may take its time over a sync. */
static void begin_save(struct daemon *d)
{
	struct timekeeper *t = &d->time;

	t->saved_us = clock_monotonic_us(loop_clock(d->loop));
	t->saving = (struct time_mark){.floor_ms = floor_clock_floor_ms(&t->clock)};
	t->running = pthread_create(&t->thread, NULL, save, t) == 0;
}

static void on_saved(void *arg)
{
	struct daemon *d = arg;
	struct timekeeper *t = &d->time;

	pthread_join(t->thread, NULL);
	t->running = false;
	if (t->saved != ERR_OK)
		complain(d, &t->save_why);
}

static void say(const struct time_state *s)
{
	char text[TIME_TEXT_MAX];
	const char *fix;

	time_words(s, text, &fix);
	if (s->uncertain)
		log_warnx("the clock is uncertain: %s. Fix: %s", text, fix);
	else if (s->clock_wrong)
		log_warnx("the clock: %s. Fix: %s", text, fix);
	else
		log_info("the clock: %s", text);
}

static void look(void *arg)
{
	struct daemon *d = arg;
	struct timekeeper *t = &d->time;
	struct time_facts facts;
	struct time_state state;

	learn(d, &facts);
	time_judge(&facts, &state);
	if (shop_take_time(d->shop, &state))
		say(&state);
	if (!t->running && (!t->saved_us || clock_monotonic_us(loop_clock(d->loop)) - t->saved_us > SAVE_US))
		begin_save(d);
	loop_timer_set(t->timer, LOOK_MS);
}

enum err time_start(struct daemon *d, struct why *why)
{
	struct timekeeper *t = &d->time;
	enum err e = loop_timer_new(d->loop, look, d, &t->timer);

	if (e == ERR_OK)
		e = loop_wake_new(d->loop, on_saved, d, &t->wake);
	if (e != ERR_OK)
		return fail(why, e, "the clock cannot be watched: %s", err_name(e));
	look(d);
	return ERR_OK;
}

void time_stop(struct daemon *d)
{
	struct timekeeper *t = &d->time;
	struct time_mark last = {.floor_ms = floor_clock_floor_ms(&t->clock)};
	struct why why;

	if (t->running)
		on_saved(d);
	if (t->timer && time_mark_write(t->own_path, &last, &why) != ERR_OK)
		complain(d, &why);
	loop_timer_free(t->timer);
	loop_wake_free(t->wake);
	t->timer = NULL;
	t->wake = NULL;
}
