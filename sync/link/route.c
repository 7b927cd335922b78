#include "route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "log.h"

struct way {
	struct route *route;
	struct coaps_client *client;
	size_t at; /* the address it is, or tries to be, connected to */
};

struct route {
	struct loop *loop;
	struct route_options o;
	struct coaps_uri uris[ROUTE_ADDRESSES_MAX];
	struct way ways[2], *used, *probe; /* the connection, and a look at a better address */
	struct loop_timer *timer, *returning;
	bool up, waiting;
	int64_t wait_ms, next_us;
	char reason[256];
};

/* From half of it to all of it. */
static int64_t jittered(int64_t ms)
{
	uint32_t bits = 0;

	if (getrandom(&bits, sizeof(bits), 0) != (ssize_t)sizeof(bits))
		bits = 0;
	return ms / 2 + (int64_t)(bits % (uint32_t)(ms / 2 + 1));
}

static void wait_for(struct route *r, int64_t ms)
{
	r->waiting = true;
	r->next_us = clock_monotonic_us(loop_clock(r->loop)) + ms * 1000;
	loop_timer_set(r->timer, ms);
}

static void wait_longer(struct route *r)
{
	int64_t ms = jittered(r->wait_ms);

	r->wait_ms = r->wait_ms * 2 < ROUTE_WAIT_MAX_MS ? r->wait_ms * 2 : ROUTE_WAIT_MAX_MS;
	wait_for(r, ms);
}

static void note(struct route *r, size_t at, const char *reason)
{
	char text[sizeof(r->reason)];

	snprintf(text, sizeof(text), "%s: %s", r->o.addresses[at], reason);
	if (strcmp(text, r->reason) != 0)
		log_warnx("%s", text);
	memcpy(r->reason, text, sizeof(text));
}

/* The next address of this round; after the last one, a wait. */
static void next(struct route *r, struct way *w)
{
	if (++w->at < r->o.count) {
		wait_for(r, 0);
		return;
	}
	w->at = 0;
	wait_longer(r);
}

static void attempt(void *arg)
{
	struct route *r = arg;
	struct why why;

	r->waiting = false;
	if (coaps_client_open(r->used->client, &r->uris[r->used->at], &why) == ERR_OK)
		return;
	note(r, r->used->at, why.text);
	next(r, r->used);
}

static void arrived(struct route *r)
{
	r->up = true;
	r->reason[0] = '\0';
	loop_timer_stop(r->timer);
	r->waiting = false;
	if (r->used->at > 0)
		loop_timer_set(r->returning, ROUTE_RETURN_MS);
	r->o.changed(true, r->o.arg);
}

/* The better address answers: what was used so far is let go. */
static void change_over(struct route *r)
{
	struct way *was = r->used;

	log_info("%s answers again: back to it", r->o.addresses[r->probe->at]);
	if (r->up) {
		r->up = false;
		coaps_client_close(was->client);
		r->o.changed(false, r->o.arg);
	}
	coaps_client_close(was->client);
	r->used = r->probe;
	r->probe = was;
	arrived(r);
}

static void look_for_better(void *arg)
{
	struct route *r = arg;
	struct why why;

	if (!r->up || r->used->at == 0 || coaps_client_state(r->probe->client) != COAPS_DOWN)
		return;
	r->probe->at = 0;
	if (coaps_client_open(r->probe->client, &r->uris[0], &why) != ERR_OK)
		loop_timer_set(r->returning, ROUTE_RETURN_MS);
}

static void way_changed(enum coaps_state state, const char *reason, void *arg)
{
	struct way *w = arg;
	struct route *r = w->route;

	if (w == r->probe) {
		if (state == COAPS_UP && r->up)
			change_over(r);
		else if (state == COAPS_UP)
			coaps_client_close(w->client);
		else
			loop_timer_set(r->returning, ROUTE_RETURN_MS);
		return;
	}
	if (state == COAPS_UP) {
		arrived(r);
		return;
	}
	note(r, w->at, reason);
	if (!r->up) {
		next(r, w);
		return;
	}
	r->up = false;
	w->at = 0;
	wait_longer(r);
	r->o.changed(false, r->o.arg);
}

static enum err way_new(struct route *r, struct way *w, struct why *why)
{
	struct coaps_client_options o = {.identity = r->o.identity, .future_ok = r->o.future_ok};

	o.name = r->o.name[0] ? r->o.name : r->uris[0].host;
	o.changed = way_changed;
	o.arg = w;
	w->route = r;
	return coaps_client_new(r->loop, &o, &w->client, why);
}

enum err route_new(struct loop *loop, const struct route_options *o, struct route **out, struct why *why)
{
	struct route *r = calloc(1, sizeof(*r));
	enum err e = ERR_OK;

	if (!r)
		return fail(why, ERR_MEMORY, "out of memory");
	r->loop = loop;
	r->o = *o;
	r->wait_ms = ROUTE_WAIT_MIN_MS;
	r->used = &r->ways[0];
	r->probe = &r->ways[1];
	for (size_t i = 0; i < o->count && e == ERR_OK; i++)
		e = coaps_uri_parse(o->addresses[i], &r->uris[i], why);
	if (e == ERR_OK)
		e = way_new(r, &r->ways[0], why);
	if (e == ERR_OK)
		e = way_new(r, &r->ways[1], why);
	if (e == ERR_OK)
		e = loop_timer_new(loop, attempt, r, &r->timer);
	if (e == ERR_OK)
		e = loop_timer_new(loop, look_for_better, r, &r->returning);
	if (e != ERR_OK) {
		route_free(r);
		return e;
	}
	wait_for(r, 0);
	*out = r;
	return ERR_OK;
}

void route_free(struct route *r)
{
	if (!r)
		return;
	coaps_client_free(r->ways[0].client);
	coaps_client_free(r->ways[1].client);
	loop_timer_free(r->timer);
	loop_timer_free(r->returning);
	free(r);
}

struct coaps_client *route_client(const struct route *r)
{
	return r->up ? r->used->client : NULL;
}

const char *route_address(const struct route *r)
{
	return r->o.addresses[r->used->at];
}

const char *route_reason(const struct route *r)
{
	return r->up ? "" : r->reason;
}

int64_t route_next_ms(const struct route *r)
{
	int64_t us = r->next_us - clock_monotonic_us(loop_clock(r->loop));

	return r->waiting && us > 0 ? us / 1000 : 0;
}

void route_good(struct route *r)
{
	r->wait_ms = ROUTE_WAIT_MIN_MS;
}

void route_leave(struct route *r, const char *reason)
{
	note(r, r->used->at, reason);
	coaps_client_close(r->used->client);
	r->up = false;
	r->used->at = 0;
	wait_longer(r);
	r->o.changed(false, r->o.arg);
}

void route_now(struct route *r)
{
	if (r->waiting)
		wait_for(r, 0);
}

enum err route_reload(struct route *r, bool future_ok, struct why *why)
{
	enum err e = coaps_client_reload(r->ways[0].client, future_ok, why);

	return e ? e : coaps_client_reload(r->ways[1].client, future_ok, why);
}
