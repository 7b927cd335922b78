/*
 * Overrides of the box: the fold of what was said of them. See overrides.h.
 */
#include "overrides_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define LOOK_S 60

/* When the next of them is over; at least once a minute, since the clock of the wall may be set. */
static void wait_for_end(struct overrides *o)
{
	int64_t now_s = shop_now_s(o->shop), wait_s = LOOK_S;

	for (const struct override *one = o->first; one; one = one->next) {
		const struct event_override *said = &one->said;
		bool waits = one->state == OVERRIDE_PENDING && said->decide_until_s < said->to_s;
		int64_t left_s = (waits ? said->decide_until_s : said->to_s) + 1 - now_s;

		if (left_s < wait_s)
			wait_s = left_s > 1 ? left_s : 1;
	}
	if (o->first)
		loop_timer_set(o->timer, wait_s * 1000);
}

/* What has just been handed to the ledger drops out when that is done. */
static void on_time(void *arg)
{
	struct overrides *o = arg;

	overrides_expire(o);
	wait_for_end(o);
}

struct overrides *overrides_new(struct shop *s)
{
	struct overrides *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->shop = s;
	o->end = &o->first;
	if (loop_timer_new(s->loop, on_time, o, &o->timer)) {
		free(o);
		return NULL;
	}
	return o;
}

static void override_free(struct override *one)
{
	arena_free(&one->arena);
	free(one);
}

void overrides_free(struct overrides *o)
{
	struct override *next;

	if (!o)
		return;
	for (struct override *one = o->first; one; one = next) {
		next = one->next;
		override_free(one);
	}
	loop_timer_free(o->timer);
	free(o);
}

static void link_last(struct overrides *o, struct override *one)
{
	one->next = NULL;
	*o->end = one;
	o->end = &one->next;
	o->count++;
}

static void unlink_one(struct overrides *o, struct override *one)
{
	struct override **at = &o->first;

	while (*at != one)
		at = &(*at)->next;
	*at = one->next;
	if (!one->next)
		o->end = at;
	o->count -= !one->over;
}

struct override *override_find(const struct overrides *o, const char *id)
{
	struct override *one = o->first;

	while (one && (one->over || strcmp(one->said.id, id) != 0))
		one = one->next;
	return one;
}

struct override *override_add(struct overrides *o, const struct event_override *said, struct arena *arena)
{
	struct override *one = calloc(1, sizeof(*one));

	if (!one)
		return NULL;
	one->arena = *arena;
	one->said = *said;
	one->state = said->decide_until_s ? OVERRIDE_PENDING : OVERRIDE_ACTIVE;
	*arena = ARENA_EMPTY;
	link_last(o, one);
	return one;
}

static void drop(struct overrides *o, struct override *one)
{
	unlink_one(o, one);
	override_free(one);
}

static bool is_over(const struct override *one, int64_t now_s)
{
	return one->state == OVERRIDE_PENDING ? now_s > one->said.decide_until_s || now_s > one->said.to_s
					      : now_s > one->said.to_s;
}

void overrides_prune(struct overrides *o)
{
	int64_t now_s = shop_now_s(o->shop);

	for (struct override *one = o->first; one; one = one->next) {
		if (one->over || one->busy || !is_over(one, now_s))
			continue;
		one->over = true;
		o->count--;
	}
}

void override_settle(struct overrides *o, struct override *one, enum approval_verdict verdict, const char *by,
		     int64_t at_s)
{
	if (verdict != VERDICT_APPROVED) {
		drop(o, one);
		return;
	}
	one->approved_by = arena_text(&one->arena, by, strlen(by));
	if (one->state == OVERRIDE_ACTIVE)
		return;
	one->state = OVERRIDE_ACTIVE;
	one->said.from_s = at_s;
	unlink_one(o, one);
	link_last(o, one);
}

static enum err learn_override(struct overrides *o, struct bytes body, struct why *why)
{
	struct arena arena = ARENA_EMPTY;
	struct event_override said;
	enum err e = event_override_decode(body, &arena, &said, why);

	if (!e && !override_add(o, &said, &arena))
		e = fail(why, ERR_MEMORY, "out of memory");
	arena_free(&arena);
	return e;
}

static enum err learn_approval(struct overrides *o, const struct event_envelope *event, struct why *why)
{
	struct arena arena = ARENA_EMPTY;
	struct event_approval said;
	enum err e = event_approval_decode(event->body, &arena, &said, why);
	struct override *one = e ? NULL : override_find(o, said.id);

	if (one)
		override_settle(o, one, (enum approval_verdict)said.verdict, said.by, event->at_ms / 1000);
	arena_free(&arena);
	return e;
}

enum err overrides_learn(int64_t id, const struct event_envelope *event, void *arg, struct why *why)
{
	enum err e = ERR_OK;

	if (event->kind == EVENT_OVERRIDE)
		e = learn_override(arg, event->body, why);
	else if (event->kind == EVENT_APPROVAL)
		e = learn_approval(arg, event, why);
	if (e)
		why_prefix(why, "event %" PRId64 ": ", id);
	return e;
}

static struct record_override record_of(const struct event_override *said, const char *approved_by)
{
	return (struct record_override){
		.id = said->id,
		.sku = said->sku,
		.price = said->price,
		.role = said->role,
		.reason = said->reason,
		.by = said->by,
		.from = {.seconds = said->from_s},
		.to = {.seconds = said->to_s},
		.hold = 1,
		.approved_by = approved_by,
	};
}

/*
 * How many began behind it, in the same second. The engine takes the one that began last and does not know of
 * parts of seconds: the earlier ones are said to have begun that much before.
 */
static int64_t behind(const struct override *one)
{
	int64_t n = 0;

	for (const struct override *other = one->next; other; other = other->next)
		n += other->state == OVERRIDE_ACTIVE && !other->over &&
		     other->said.from_s == one->said.from_s && !strcmp(other->said.sku, one->said.sku);
	return n;
}

/* Without memory, those of before stay in force until the next change. */
void overrides_publish(struct overrides *o)
{
	struct override_set *set;
	enum err e;

	wait_for_end(o);
	if (!o->first && !o->published)
		return;
	set = override_set_new();
	e = set ? ERR_OK : ERR_MEMORY;
	for (const struct override *one = o->first; one && !e; one = one->next) {
		struct record_override r = record_of(&one->said, one->approved_by);

		r.from.seconds -= behind(one);
		if (one->state == OVERRIDE_ACTIVE && !one->over)
			e = override_set_add(set, &r);
	}
	if (!e && o->shop->loader) {
		loader_overrides(o->shop->loader, set);
		o->published = true;
		return;
	}
	override_set_free(set);
	if (e)
		log_warnx("overrides: %s: what changed is not in force yet", err_name(e));
}
