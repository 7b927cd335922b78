/*
 * One function a kind of step; repeats are counted on a small stack.
 */
#include "player.h"

#include <stdio.h>
#include <string.h>

#include "money.h"
#include "text.h"

#define TICK_US		1000
#define BITS_A_BYTE	10
#define STUCK_US	5000000
#define DRAIN_US	2000000
#define DRAIN_UNPLUG_US 500000

/* Which answer fits: the one to request id. */
static bool is_answer(const char *line, size_t n, const void *arg)
{
	json_t *object = json_loadb(line, n, 0, NULL);
	const json_t *id = json_object_get(object, "id");
	bool fits = json_is_integer(id) && json_integer_value(id) == *(const int64_t *)arg;

	json_decref(object);
	return fits;
}

/* What a lane says to a scan: a line, a coupon or customer on the cart, or why not. */
static bool is_scan_event(const char *line, size_t n, const void *arg)
{
	static const char *const events[] = {"line", "cart", "refused"};
	json_t *object = json_loadb(line, n, 0, NULL);
	const char *event = json_string_value(json_object_get(object, "event"));
	const char *lane = json_string_value(json_object_get(object, "lane"));
	bool fits = false;

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		fits |= event && lane && strcmp(event, events[i]) == 0 && strcmp(lane, arg) == 0;
	json_decref(object);
	return fits;
}

static bool contains(const char *line, size_t n, const void *arg)
{
	return memmem(line, n, arg, strlen(arg)) != NULL;
}

/* The words for an await that did not find. */
static enum err missed(const struct player *p, enum err e, const char *what, struct why *why)
{
	char shown[160];
	const char *text = (const char *)buf_front(&p->control->in), *last;
	size_t n = buf_length(&p->control->in);

	if (e == ERR_CLOSED)
		return fail(why, e, "the daemon closed the control socket");
	if (e != ERR_NOT_FOUND)
		return e;
	if (n == 0)
		return fail(why, e, "%s did not come within %d s; nothing came at all", what,
			    CONTROL_PATIENCE_MS / 1000);
	last = n > 1 ? memrchr(text, '\n', n - 1) : NULL;
	last = last ? last + 1 : text;
	n = (size_t)(text + n - last);
	return fail(why, e, "%s did not come within %d s; the last line was %s", what,
		    CONTROL_PATIENCE_MS / 1000,
		    text_printable(last, last[n - 1] == '\n' ? n - 1 : n, shown, sizeof(shown)));
}

static bool is_ok(const char *line, size_t n)
{
	json_t *answer = json_loadb(line, n, 0, NULL);
	bool ok = json_is_true(json_object_get(answer, "ok"));

	json_decref(answer);
	return ok;
}

static enum err request(struct player *p, const char *json, bool want_ok, struct why *why)
{
	uint64_t place = control_mark(p->control);
	const char *answer;
	char shown[200];
	size_t n;
	int64_t id;
	enum err e;

	if (p->control->fd < 0)
		return fail(why, ERR_INVALID, "no control socket; start lanesim with --control and --lane");
	e = control_send(p->control, json, &id, why);
	if (e)
		return e;
	e = control_await(p->control, &place, is_answer, &id, &answer, &n);
	if (e)
		return missed(p, e, "the answer", why);
	if (is_ok(answer, n) == want_ok)
		return ERR_OK;
	return fail(why, ERR_NOT_FOUND, "%s: %s", want_ok ? "refused" : "not refused",
		    text_printable(answer, n, shown, sizeof(shown)));
}

enum err player_subscribe(struct player *p, struct why *why)
{
	if (p->control->fd < 0)
		return ERR_OK;
	return request(p, "{\"verb\":\"subscribe\"}", true, why);
}

/* Bytes, at most n, that the line has carried after so long. */
static size_t carried(const struct player *p, int64_t us, size_t n)
{
	int64_t bytes;

	if (muldiv(us * p->baud, p->speed_milli, BITS_A_BYTE * INT64_C(1000000000), ROUND_DOWN, &bytes))
		return n;
	return bytes < (int64_t)n ? (size_t)bytes : n;
}

static enum err unplugged(struct why *why)
{
	return fail(why, ERR_INVALID, "the scanner is unplugged; put 'plug' before this step");
}

static enum err stuck(const struct player *p, struct why *why)
{
	return fail(why, ERR_IO, "%s takes no more bytes: nobody reads it", p->port->name);
}

/* At the line's pace, a tick's worth at a time. A pty that takes nothing for long has no reader. */
static enum err send_paced(struct player *p, const char *bytes, size_t n, struct why *why)
{
	int64_t start = control_now_us(), moved = start;
	size_t sent = 0;

	while (sent < n) {
		size_t due = carried(p, control_now_us() - start, n), written = 0;
		enum err e = control_pump(p->control, control_now_us() + TICK_US);

		if (e)
			return missed(p, e, "", why);
		if (due > sent && port_write(p->port, bytes + sent, due - sent, &written))
			return fail(why, ERR_IO, "%s: cannot be written", p->port->name);
		sent += written;
		if (written > 0 || due == sent)
			moved = control_now_us();
		if (control_now_us() - moved > STUCK_US)
			return stuck(p, why);
	}
	return ERR_OK;
}

static enum err play_send(struct player *p, const struct step *s, struct why *why)
{
	uint64_t place = control_mark(p->control);
	const char *event;
	size_t n;
	enum err e;

	if (!port_is_plugged(p->port))
		return unplugged(why);
	e = send_paced(p, s->text, s->length, why);
	if (e || s->value == 0 || !p->paced || p->control->fd < 0)
		return e;
	e = control_await(p->control, &place, is_scan_event, p->control->lane, &event, &n);
	return e ? missed(p, e, "the lane's answer to the scan", why) : ERR_OK;
}

/* As fast as the pty takes it. A pty keeps what is written until it is read, so nothing is lost. */
static enum err play_flood(struct player *p, const struct step *s, struct why *why)
{
	int64_t total = s->value * (int64_t)s->length, moved = control_now_us();

	if (!port_is_plugged(p->port))
		return unplugged(why);
	for (int64_t sent = 0; sent < total;) {
		size_t at = (size_t)(sent % (int64_t)s->length), written;
		enum err e;

		if (port_write(p->port, s->text + at, s->length - at, &written))
			return fail(why, ERR_IO, "%s: cannot be written", p->port->name);
		sent += (int64_t)written;
		if (written > 0)
			moved = control_now_us();
		else if (control_now_us() - moved > STUCK_US)
			return stuck(p, why);
		e = control_pump(p->control, control_now_us() + (written > 0 ? 0 : TICK_US));
		if (e)
			return missed(p, e, "", why);
	}
	return ERR_OK;
}

static enum err play_wait(struct player *p, const struct step *s, struct why *why)
{
	enum err e = control_pump(p->control, control_now_us() + s->value * 1000000 / p->speed_milli);

	return e ? missed(p, e, "", why) : ERR_OK;
}

static enum err play_shopper(struct player *p, const struct step *s, struct why *why)
{
	(void)p;
	(void)why;
	printf("--- %s ---\n", s->text);
	fflush(stdout);
	return ERR_OK;
}

static enum err drain(struct player *p, int64_t patience_us)
{
	int64_t end = control_now_us() + patience_us;
	enum err e = ERR_OK;

	while (!e && port_unread(p->port) > 0 && control_now_us() < end)
		e = control_pump(p->control, control_now_us() + TICK_US);
	return e;
}

enum err player_drain(struct player *p)
{
	return drain(p, DRAIN_US);
}

static enum err play_drain(struct player *p, const struct step *s, struct why *why)
{
	enum err e = drain(p, STUCK_US);

	(void)s;
	if (e)
		return missed(p, e, "", why);
	return port_unread(p->port) == 0 ? ERR_OK : stuck(p, why);
}

/* What was sent is left with its reader first, so that a test of it is no race. */
static enum err play_unplug(struct player *p, const struct step *s, struct why *why)
{
	enum err e = drain(p, DRAIN_UNPLUG_US);

	(void)s;
	if (e)
		return missed(p, e, "", why);
	port_unplug(p->port);
	return ERR_OK;
}

static enum err play_replug(struct player *p, const struct step *s, struct why *why)
{
	enum err e = drain(p, DRAIN_UNPLUG_US);

	(void)s;
	return e ? missed(p, e, "", why) : port_replug(p->port, why);
}

static enum err play_plug(struct player *p, const struct step *s, struct why *why)
{
	(void)s;
	return port_is_plugged(p->port) ? ERR_OK : port_plug(p->port, why);
}

static enum err play_verb(struct player *p, const struct step *s, struct why *why)
{
	return request(p, s->text, s->value == 1, why);
}

static enum err play_expect(struct player *p, const struct step *s, struct why *why)
{
	char what[160];
	const char *line;
	size_t n;
	enum err e;

	if (p->control->fd < 0)
		return fail(why, ERR_INVALID, "no control socket; start lanesim with --control and --lane");
	e = control_await(p->control, &p->control->cursor, contains, s->text, &line, &n);
	if (!e)
		return ERR_OK;
	snprintf(what, sizeof(what), "a line with '%.140s'", s->text);
	return missed(p, e, what, why);
}

/* The plain steps; repeat and end are player_run's own. */
static enum err (*const plays[])(struct player *p, const struct step *s, struct why *why) = {
	[STEP_SEND] = play_send,     [STEP_WAIT] = play_wait,	[STEP_SHOPPER] = play_shopper,
	[STEP_UNPLUG] = play_unplug, [STEP_PLUG] = play_plug,	[STEP_VERB] = play_verb,
	[STEP_EXPECT] = play_expect, [STEP_FLOOD] = play_flood, [STEP_DRAIN] = play_drain,
	[STEP_REPLUG] = play_replug,
};

enum err player_run(struct player *p, struct why *why)
{
	int64_t left[SCRIPT_DEPTH_MAX] = {0};
	size_t depth = 0;

	for (size_t i = 0; i < p->script->count;) {
		const struct step *s = &p->script->steps[i++];
		enum err e = ERR_OK;

		if (s->kind == STEP_REPEAT)
			left[depth++] = s->value;
		else if (s->kind == STEP_END && --left[depth - 1] > 0)
			i = s->target;
		else if (s->kind == STEP_END)
			depth--;
		else
			e = plays[s->kind](p, s, why);
		if (e) {
			why_prefix(why, "%s:%u: ", p->file, s->line);
			return e;
		}
	}
	return ERR_OK;
}
