#include "hqtime.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "floor_clock.h"
#include "log.h"
#include "time_mark.h"

#define BEACON_US (3600 * INT64_C(1000000))
#define SLACK_MS  86400000 /* a clock may be that much behind the floor before it counts as wrong */

struct hqtime {
	struct uplink *u;
	struct floor_clock floor;
	bool known; /* headquarters has told the time since this program began */
	int64_t told_ms, told_us, uncertain_ms;
	int64_t asked_us;
	void (*done)(enum err e, void *arg);
	void *arg;
};

static int64_t now_us(const struct hqtime *t)
{
	return clock_monotonic_us(loop_clock(t->u->loop));
}

int64_t hqtime_floor_ms(const struct hqtime *t)
{
	return floor_clock_floor_ms(&t->floor);
}

static void raise_to(struct hqtime *t, int64_t ms)
{
	floor_clock_raise(&t->floor, ms);
	t->u->marks.floor_ms = hqtime_floor_ms(t);
	uplink_marks_changed(t->u);
}

bool hqtime_clock_is_wrong(const struct hqtime *t)
{
	return clock_utc_ms(loop_clock(t->u->loop)) < hqtime_floor_ms(t) - SLACK_MS;
}

int64_t hqtime_now_ms(const struct uplink *u)
{
	return hqtime_clock_is_wrong(u->time) ? hqtime_floor_ms(u->time) : clock_utc_ms(loop_clock(u->loop));
}

enum err hqtime_new(struct uplink *u, struct hqtime **out, struct why *why)
{
	struct hqtime *t = calloc(1, sizeof(*t));

	if (!t)
		return fail(why, ERR_MEMORY, "out of memory");
	t->u = u;
	floor_clock_init(&t->floor, loop_clock(u->loop));
	raise_to(t, u->marks.floor_ms);
	*out = t;
	return ERR_OK;
}

void hqtime_free(struct hqtime *t)
{
	if (!t)
		return;
	raise_to(t, 0);
	free(t);
}

static enum err read_beacon(const struct hqtime *t, const struct coaps_answer *a, int64_t *now_ms,
			    struct why *why)
{
	struct wire_signed beacon;
	struct wire_time time;
	struct arena arena = ARENA_EMPTY;
	enum err e = wire_decode(&wire_signed_schema, a->body, a->length, &arena, &beacon, why);

	if (!e)
		e = wire_signed_check(t->u->trust, &beacon, WIRE_TIME, why);
	if (!e)
		e = wire_decode(&wire_time_schema, beacon.payload.at, beacon.payload.length, &arena, &time,
				why);
	*now_ms = e ? 0 : time.now_ms;
	arena_free(&arena);
	return e;
}

static void finish(struct hqtime *t, enum err e)
{
	void (*done)(enum err e, void *arg) = t->done;

	t->done = NULL;
	if (done)
		done(e, t->arg);
}

/* tilld reads it: the prices of the lanes go by the same time. */
static void tell_tilld(const struct hqtime *t)
{
	struct time_mark mark = {.floor_ms = hqtime_floor_ms(t),
				 .at_us = t->told_us,
				 .told_ms = t->told_ms,
				 .uncertain_ms = t->uncertain_ms};
	char path[256];
	struct why why;

	time_boot(mark.boot);
	snprintf(path, sizeof(path), "%s/hqtime", t->u->config->daemon.state_dir);
	if (time_mark_write(path, &mark, &why) != ERR_OK)
		log_warnx("tilld is not told the time of headquarters: %s", why.text);
}

static void answered(const struct coaps_answer *a, void *arg)
{
	struct hqtime *t = arg;
	int64_t now_ms;
	struct why why;

	if (a->code != COAPS_CONTENT) {
		why = uplink_answer_words(a);
		log_warnx("headquarters does not tell the time: %s", why.text);
		finish(t, ERR_CLOSED);
		return;
	}
	if (read_beacon(t, a, &now_ms, &why) != ERR_OK) {
		log_warnx("what headquarters says of the time is not taken: %s", why.text);
		finish(t, ERR_DENIED);
		return;
	}
	t->uncertain_ms = (now_us(t) - t->asked_us) / 2000 + 1;
	t->told_ms = now_ms + t->uncertain_ms; /* it was signed somewhere between asking and now */
	t->told_us = now_us(t);
	t->known = true;
	raise_to(t, now_ms);
	tell_tilld(t);
	finish(t, ERR_OK);
}

void hqtime_ask(struct hqtime *t, void (*done)(enum err e, void *arg), void *arg)
{
	struct coaps_call call = {
		.method = COAPS_GET, .path = "v1/time", .timeout_ms = ANSWER_MS, .done = answered};

	call.arg = t;
	t->asked_us = now_us(t);
	t->done = done;
	t->arg = arg;
	if (uplink_send(t->u, &call) != ERR_OK)
		finish(t, ERR_CLOSED);
}

void hqtime_tend(struct hqtime *t)
{
	if (t->u->greeted && now_us(t) - t->asked_us > BEACON_US)
		hqtime_ask(t, NULL, NULL);
}

void hqtime_status(const struct hqtime *t, struct jsonw *w)
{
	int64_t since_ms = (now_us(t) - t->told_us) / 1000;

	jsonw_object(w, "time");
	jsonw_int(w, "floor_ms", hqtime_floor_ms(t));
	jsonw_bool(w, "clock_wrong", hqtime_clock_is_wrong(t));
	if (t->known) {
		jsonw_int(w, "offset_ms", clock_utc_ms(loop_clock(t->u->loop)) - (t->told_ms + since_ms));
		jsonw_int(w, "uncertain_ms",
			  t->uncertain_ms + since_ms / 10000); /* clocks drift 100 ppm at most */
	} else {
		jsonw_null(w, "offset_ms");
		jsonw_null(w, "uncertain_ms");
	}
	jsonw_close(w);
}
