/*
 * Walking the sales of a ledger. See sales_walk.h.
 */
#include "sales_walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "civil.h"
#include "ledger_note.h"

#define PROGRESS_EVENTS 1024

struct walking {
	const struct sales_walk *walk;
	struct arena arena; /* of the event at hand */
	int64_t newest;
	bool shows;
};

static void show_progress(const struct walking *w, int64_t id)
{
	if (w->shows && id % PROGRESS_EVENTS == 0 && w->newest > 0)
		fprintf(stderr, "\r%s: %3d %%\033[K", w->walk->doing,
			(int)(id * 100 / (id > w->newest ? id : w->newest)));
}

static enum err unreadable(int64_t id, enum err e, struct why *why)
{
	why_prefix(why, "event %" PRId64 ": ", id);
	return e;
}

static enum err take_sale(struct walking *w, int64_t id, const struct event_envelope *envelope,
			  struct why *why)
{
	struct event_sale sale;
	enum err e = event_sale_of(envelope, &w->arena, &sale, why);

	if (e)
		return unreadable(id, e, why);
	return w->walk->each(&(struct stored_sale){id, envelope, &sale, &w->arena}, w->walk->arg, why);
}

static enum err take_return(struct walking *w, int64_t id, const struct event_envelope *envelope,
			    struct why *why)
{
	struct event_return back;
	enum err e = event_return_decode(envelope->body, &w->arena, &back, why);

	if (e)
		return unreadable(id, e, why);
	if (w->walk->order && strcmp(back.order, w->walk->order) != 0)
		return ERR_OK;
	return w->walk->each_return(&(struct stored_return){id, envelope, &back, &w->arena}, w->walk->arg,
				    why);
}

static enum err take(struct walking *w, const struct ledger_event *event, struct why *why)
{
	const struct sales_walk *walk = w->walk;
	struct event_envelope envelope;
	enum err e;

	arena_reset(&w->arena);
	e = event_decode(event->bytes, event->length, &w->arena, &envelope, why);
	if (e)
		return unreadable(event->id, e, why);
	if (walk->since_s != AMOUNT_NONE && envelope.at_ms / 1000 < walk->since_s)
		return ERR_OK;
	if (envelope.kind == EVENT_SALE)
		return take_sale(w, event->id, &envelope, why);
	if (walk->each_return && (envelope.kind == EVENT_RETURN || envelope.kind == EVENT_VOID))
		return take_return(w, event->id, &envelope, why);
	return ERR_OK;
}

/* The sale of an order, and what came back of it. */
static enum err take_order(struct walking *w, struct why *why)
{
	struct ledger_event event;
	enum err e = ledger_reader_order(w->walk->reader, w->walk->order, &event, why);
	int64_t id = 0;

	if (e)
		return e;
	e = take(w, &event, why);
	while (!e && w->walk->each_return) {
		e = ledger_reader_note(w->walk->reader, w->walk->order, &id, &event, why);
		if (!e)
			e = take(w, &event, why);
		else if (e == ERR_NOT_FOUND)
			return ERR_OK;
	}
	return e;
}

static enum err take_all(struct walking *w, struct why *why)
{
	struct ledger_event event = {0};
	enum err e = ledger_reader_newest(w->walk->reader, &event, why);

	w->newest = event.id;
	event.id = 0;
	while (!e && (e = ledger_reader_next(w->walk->reader, event.id, &event, why)) == ERR_OK) {
		show_progress(w, event.id);
		e = take(w, &event, why);
	}
	return e == ERR_NOT_FOUND && event.id == w->newest ? ERR_OK : e;
}

enum err sales_walk(const struct sales_walk *walk, struct why *why)
{
	struct walking w = {.walk = walk, .shows = walk->doing && isatty(STDERR_FILENO)};
	enum err e = walk->order ? take_order(&w, why) : take_all(&w, why);

	if (w.shows)
		fputs("\r\033[K", stderr);
	arena_free(&w.arena);
	return e;
}

/* The machine's clock knows its zone; a time that it skips or repeats is one of those beside it. */
static int64_t to_instant(int64_t civil_s)
{
	struct civil c = civil_from_seconds(civil_s);
	struct tm tm = {.tm_year = c.year - 1900,
			.tm_mon = c.month - 1,
			.tm_mday = c.day,
			.tm_hour = c.hour,
			.tm_min = c.minute,
			.tm_sec = c.second,
			.tm_isdst = -1};

	return (int64_t)mktime(&tm);
}

bool ctl_moment(const char *option, const char *text, int64_t *seconds)
{
	bool local;

	*seconds = AMOUNT_NONE;
	if (text == NULL)
		return true;
	if (civil_parse(text, strlen(text), seconds, &local) != ERR_OK) {
		(void)ctl_fail(CTL_USAGE, "--%s: '%s' is no time, such as 2026-11-21 or 2026-11-21T10:00:00Z",
			       option, text);
		return false;
	}
	if (local)
		*seconds = to_instant(*seconds);
	return true;
}
