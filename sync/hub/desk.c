/*
 * A desk's tools. See desk.h.
 */
#include "desk.h"

#include <stdio.h>
#include <string.h>

#include "snapshot.h"

#define BOX_MS_DEFAULT (365 * INT64_C(86400000))

enum err desk_path(const char *dir, const char *name, char out[DESK_PATH_MAX], struct why *why)
{
	if (snprintf(out, DESK_PATH_MAX, "%s/%s", dir, name) >= DESK_PATH_MAX)
		return fail(why, ERR_LIMIT, "%s: the path is too long", dir);
	return ERR_OK;
}

enum err desk_open_state(const char *dir, struct state **out, struct why *why)
{
	char path[DESK_PATH_MAX];
	enum err e = desk_path(dir, "state.db", path, why);

	return e ? e : state_open(path, false, out, why);
}

static enum err open_authority(struct desk *d, struct why *why)
{
	enum err e = authority_open(d->dir, &d->authority, why);

	if (e == ERR_NOT_FOUND) {
		d->authority = NULL;
		return ERR_OK;
	}
	return e;
}

static enum err fold(struct desk *d, struct why *why)
{
	struct state_step step;
	enum err e = state_catch_up(d->state, d->reader, &step, why);

	state_step_add(&d->news, &step);
	return e;
}

enum err desk_open(const char *dir, const struct clock *clock, struct event_log *log, struct desk *out,
		   struct why *why)
{
	char path[DESK_PATH_MAX];
	enum err e = desk_path(dir, "log.db", path, why);

	*out = (struct desk){.dir = dir, .clock = clock, .log = log, .box_ms = BOX_MS_DEFAULT};
	if (!e)
		e = log_reader_open(path, &out->reader, why);
	if (!e)
		e = desk_path(dir, "state.db", path, why);
	if (!e)
		e = state_open(path, true, &out->state, why);
	if (!e)
		e = open_authority(out, why);
	if (!e)
		e = fold(out, why);
	if (e)
		desk_close(out);
	return e;
}

void desk_close(struct desk *d)
{
	snapshot_unref(d->chain);
	authority_close(d->authority);
	state_close(d->state);
	log_reader_close(d->reader);
	*d = (struct desk){0};
}

enum err desk_append(struct desk *d, struct log_entry *entries, size_t count, struct why *why)
{
	struct log_job job = {.entries = entries, .count = count};
	enum err e = event_log_append(d->log, &job, why);

	return e ? e : fold(d, why);
}
