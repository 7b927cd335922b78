/*
 * Another CA, step by step, while boxes are connected: the next one is made known to them, then it issues and
 * boxes get certificates of it, then the one before is not trusted any more. A step that would cut a box off
 * is refused and names one, unless it is forced. See desk.h.
 */
#include <stdio.h>
#include <string.h>

#include "desk.h"

struct behind {
	const struct digest *pinned; /* that a box has to have pinned; or NULL: */
	int64_t since;		     /* its certificate has to be as new as that */
	struct desk_behind *out;
};

static bool has_pinned(const struct state_box *b, const struct digest *ca)
{
	for (size_t i = 0; i + DIGEST_SIZE <= b->trusts.length; i += DIGEST_SIZE)
		if (memcmp(b->trusts.at + i, ca->bytes, DIGEST_SIZE) == 0)
			return true;
	return false;
}

/* Of a box that is revoked, or never came, nothing is waited for. */
static enum err look_at(const struct state_box *b, void *arg, struct why *why)
{
	struct behind *x = arg;

	(void)why;
	if (b->serial == 0 || b->serial < b->least_serial)
		return ERR_OK;
	if (x->pinned ? has_pinned(b, x->pinned) : b->serial >= x->since)
		return ERR_OK;
	if (x->out->count++ == 0)
		snprintf(x->out->box, sizeof(x->out->box), "%s", b->name);
	return ERR_OK;
}

enum err desk_authority_behind(struct state *s, const struct authority *a, struct desk_behind *out,
			       struct why *why)
{
	struct digest other;
	struct behind x = {.since = authority_since(a), .out = out};

	*out = (struct desk_behind){0};
	if (!authority_other(a, &other))
		return ERR_OK;
	if (authority_phase(a) == AUTHORITY_NEXT)
		x.pinned = &other;
	return state_boxes(s, look_at, &x, why);
}

static enum err nobody_behind(struct desk *d, bool force, const char *what, struct why *why)
{
	struct desk_behind behind;
	enum err e = desk_authority_behind(d->state, d->authority, &behind, why);

	if (e || force || behind.count == 0)
		return e;
	return fail(
		why, ERR_STATE,
		"%zu boxes %s yet, such as %s, and would be cut off: wait until they were here, revoke them, "
		"or --force",
		behind.count, what, behind.box);
}

static enum err its_turn(const struct desk *d, enum authority_phase phase, const char *otherwise,
			 struct why *why)
{
	if (!d->authority)
		return fail(why, ERR_STATE, "there is no CA: tillhub ca init");
	if (authority_phase(d->authority) != phase)
		return fail(why, ERR_STATE, "%s", otherwise);
	return ERR_OK;
}

/* What was made is in force here; the loop hears of it by the news. */
static enum err reopen(struct desk *d, struct why *why)
{
	struct authority *fresh;
	enum err e = authority_open(d->dir, &fresh, why);

	if (e)
		return e;
	authority_close(d->authority);
	d->authority = fresh;
	d->news.authority = true;
	return ERR_OK;
}

enum err desk_authority_next(struct desk *d, struct why *why)
{
	const struct authority_options o = {.dir = d->dir, .now_ms = clock_utc_ms(d->clock)};
	enum err e = its_turn(d, AUTHORITY_ONE,
			      "another CA is on its way already: tillhub ca show says what comes next", why);

	if (!e)
		e = authority_next(&o, why);
	return e ? e : reopen(d, why);
}

enum err desk_authority_change(struct desk *d, const char *const *hosts, size_t count, bool force,
			       struct why *why)
{
	const struct authority_options o = {
		.dir = d->dir, .hosts = hosts, .host_count = count, .now_ms = clock_utc_ms(d->clock)};
	enum err e = its_turn(d, AUTHORITY_NEXT, "there is no next CA: tillhub ca next makes one", why);

	if (!e)
		e = nobody_behind(d, force, "have not pinned the next CA", why);
	if (!e)
		e = authority_change(&o, desk_next_serial(d), why);
	return e ? e : reopen(d, why);
}

enum err desk_authority_retire(struct desk *d, bool force, struct why *why)
{
	enum err e = its_turn(d, AUTHORITY_OLD, "there is no CA from before that is still trusted", why);

	if (!e)
		e = nobody_behind(d, force, "have no certificate of this CA", why);
	if (!e)
		e = authority_retire(d->dir, why);
	return e ? e : reopen(d, why);
}
