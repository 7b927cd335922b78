/*
 * Taking a new configuration over while the lanes work. It is read and judged whole, on a thread of its own
 * since files may be slow; only then, and in one turn of the loop, it takes the place of the one in force.
 * What differs but takes a restart stays as it was and is named; an error leaves everything as it was.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "tilld_daemon.h"

#define NOTES_MAX 512 /* of one list; more are counted */
#define ASKED_MAX 32  /* that wait for one reload; one more is refused */

struct notes {
	const char *kind; /* for the log */
	const char *at[NOTES_MAX];
	struct config_words words;
	size_t more;
};

/* Who wants to know what came of it. */
struct asked {
	control_reloaded_fn *done;
	void *arg;
};

struct asked_list {
	struct asked at[ASKED_MAX];
	size_t count;
};

struct reload {
	struct daemon *d;
	struct loop_wake *wake;
	pthread_t thread;
	bool running; /* the thread's result has not been taken yet; what follows is its own until then */
	bool again;   /* asked for meanwhile: the files may have changed since they were read */
	struct generation *next;
	struct config_report report;
	struct asked_list asked, next_asked; /* by the reload under way, by the one after it */
	struct arena arena;		     /* of the notes */
	struct notes changed, kept, restart_needed;
};

static const char ending[] = "tilld is ending";

struct generation *generation_new(void)
{
	return calloc(1, sizeof(struct generation));
}

void generation_free(struct generation *g)
{
	if (!g)
		return;
	arena_free(&g->arena);
	free(g);
}

static void note(struct reload *r, struct notes *to, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void note(struct reload *r, struct notes *to, const char *fmt, ...)
{
	char text[512];
	const char *kept;
	va_list args;

	va_start(args, fmt);
	format_words(text, sizeof(text), fmt, args);
	va_end(args);
	log_info("reload: %s: %s", to->kind, text);
	kept = to->words.count < NOTES_MAX - 1 ? arena_text(&r->arena, text, strlen(text)) : NULL;
	if (kept)
		to->at[to->words.count++] = kept;
	else
		to->more++;
}

static void notes_begin(struct reload *r)
{
	arena_reset(&r->arena);
	r->changed = (struct notes){.kind = "changed", .words.at = r->changed.at};
	r->kept = (struct notes){.kind = "kept", .words.at = r->kept.at};
	r->restart_needed = (struct notes){.kind = "takes a restart", .words.at = r->restart_needed.at};
}

static void notes_end(struct notes *n, char room[32])
{
	if (n->more == 0)
		return;
	snprintf(room, 32, "and %zu more", n->more);
	n->at[n->words.count++] = room;
}

static void answer_all(struct asked_list *asked, const struct control_reloaded *outcome)
{
	for (size_t i = 0; i < asked->count; i++)
		asked->at[i].done(outcome, asked->at[i].arg);
	asked->count = 0;
}

static void answer(struct reload *r, const struct config_report *report, const char *refused)
{
	char more[3][32];

	notes_end(&r->changed, more[0]);
	notes_end(&r->kept, more[1]);
	notes_end(&r->restart_needed, more[2]);
	answer_all(&r->asked, &(struct control_reloaded){&r->changed.words, &r->kept.words,
							 &r->restart_needed.words, report, refused});
}

static const char *title(const struct tilld_difference *diff, char out[CONFIG_LINE_MAX])
{
	snprintf(out, CONFIG_LINE_MAX, "[%s%s%s]", diff->section->name, *diff->name ? " " : "", diff->name);
	return out;
}

/* Lanes are noted when they are taken on and off, which may have to wait for a cart; their language may not.
 */
static bool is_noted_later(const struct tilld_difference *diff)
{
	return strcmp(diff->section->name, "lane") == 0 &&
	       !(diff->option && strcmp(diff->option->key, "language") == 0);
}

static void note_difference(const struct tilld_difference *diff, void *arg)
{
	char where[CONFIG_LINE_MAX], was[CONFIG_SHOWN_MAX], now[CONFIG_SHOWN_MAX];
	struct reload *r = arg;

	if (is_noted_later(diff))
		return;
	title(diff, where);
	if (diff->change == TILLD_ADDED) {
		note(r, &r->changed, "%s added", where);
	} else if (diff->change == TILLD_REMOVED) {
		note(r, &r->changed, "%s removed", where);
	} else {
		config_show(diff->option, diff->before, was);
		config_show(diff->option, diff->after, now);
		if (diff->option->restart)
			note(r, &r->restart_needed, "%s %s: '%s' stays until a restart, then '%s'", where,
			     diff->option->key, was, now);
		else
			note(r, &r->changed, "%s %s: '%s', was '%s'", where, diff->option->key, now, was);
	}
}

/* Lanes with a cart stay beside those of the new configuration; together they have to fit. */
static enum err check_room(const struct daemon *d, const struct tilld_config *after, struct why *why)
{
	size_t staying = 0;
	struct lane *l;

	for (uint32_t i = 0; (l = shop_lane_at(d->shop, i)) != NULL; i++)
		staying += !tilld_config_find_lane(after, lane_name(l)) && lane_may_retire(l, NULL) != ERR_OK;
	if (after->lanes.count + staying <= SHOP_LANES_MAX)
		return ERR_OK;
	return fail(
		why, ERR_LIMIT,
		"%zu lanes and %zu more that have a cart are more than the %d there may be: pay, suspend or "
		"void those carts first",
		after->lanes.count, staying, SHOP_LANES_MAX);
}

/* True when the lane went. A channel is a cart's from its opening to its end, so a lane with one keeps it. */
static bool retire(struct reload *r, struct lane *l, const struct lane_section *after)
{
	struct why why;

	if (after && strcmp(after->channel, lane_channel(l)) == 0)
		return false;
	if (lane_retire(l, &why) != ERR_OK) {
		note(r, &r->kept, "[lane %s] %s%s stays: %s, then reload again", lane_name(l),
		     after ? "channel " : "", after ? lane_channel(l) : "", why.text);
		return false;
	}
	if (after)
		note(r, &r->changed, "[lane %s] channel: '%s', was '%s'", lane_name(l), after->channel,
		     lane_channel(l));
	else
		note(r, &r->changed, "[lane %s] removed", lane_name(l));
	return true;
}

static void add_lanes(struct reload *r, const struct tilld_config *after)
{
	struct shop *shop = r->d->shop;

	for (size_t i = 0; i < after->lanes.count; i++) {
		const struct lane_section *section = tilld_config_lane(after, i);
		struct lane *l;
		enum err e;

		if (shop_lane(shop, section->name))
			continue;
		e = lane_new(shop, section->name, section->channel, &l);
		if (e != ERR_OK)
			note(r, &r->kept, "[lane %s] could not be set up: %s", section->name, err_name(e));
		else if (!tilld_config_find_lane(&r->d->now->config, section->name))
			note(r, &r->changed, "[lane %s] added", section->name);
	}
}

static void set_languages(struct reload *r, const struct tilld_config *after)
{
	for (size_t i = 0; i < after->lanes.count; i++) {
		const struct lane_section *section = tilld_config_lane(after, i);
		struct lane *l = shop_lane(r->d->shop, section->name);
		enum err e = l ? lane_set_language(l, section->language) : ERR_OK;

		if (e != ERR_OK)
			note(r, &r->kept, "[lane %s] language stays: %s", section->name, err_name(e));
	}
}

static void change_lanes(struct reload *r, const struct tilld_config *after)
{
	struct lane *l;

	for (uint32_t i = 0; (l = shop_lane_at(r->d->shop, i)) != NULL;)
		i += !retire(r, l, tilld_config_find_lane(after, lane_name(l)));
	add_lanes(r, after);
	set_languages(r, after);
	control_lanes_changed(r->d->control);
}

/* What the lanes look up in the configuration each time. */
void set_rules(struct daemon *d, const struct tilld_config *c)
{
	d->shop_config.repin_after_s = c->daemon.repin_after_ms / 1000;
	d->shop_config.hold_suspended_s = c->daemon.hold_suspended_ms / 1000;
	d->shop_config.price_lock_s = c->daemon.price_lock_ms / 1000;
	d->shop_config.overrides = (struct override_rules){.change = {c->roles.change * 10000},
							   .emergency_s = c->roles.emergency_ms / 1000,
							   .patience_s = c->roles.patience_ms / 1000};
	d->roles = (struct control_roles){.supervisors = c->roles.supervisor,
					  .technicians = c->roles.technician,
					  .managers = c->roles.pricing_manager,
					  .cfos = c->roles.cfo,
					  .speakers = c->roles.speak_for_others};
}

static void swap(struct reload *r)
{
	struct daemon *d = r->d;
	struct generation *before = d->now, *after = r->next;
	struct why why;

	tilld_config_compare(&before->config, &after->config, note_difference, r);
	tilld_config_keep(&before->config, &after->config);
	devices_drop(d, &after->config);
	change_lanes(r, &after->config);
	d->shop_config.templates = after->config.gs1;
	d->shop_config.template_count = after->config.templates.count;
	set_rules(d, &after->config);
	if (devices_take(d, &after->config, &why) != ERR_OK)
		note(r, &r->kept, "%s", why.text);
	log_set_level(tilld_config_level(&after->config));
	d->now = after;
	r->next = NULL;
	if (before != d->first)
		generation_free(before);
}

static void log_errors(const struct config_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		log_error("reload: %s:%d: %s", report->errors[i].file, report->errors[i].line,
			  report->errors[i].text);
	log_error("reload: refused, the configuration in force stays; errors: %zu",
		  report->count + report->dropped);
}

static void take(struct reload *r)
{
	struct why why;

	if (r->report.count > 0) {
		log_errors(&r->report);
		answer(r, &r->report, NULL);
	} else if (check_room(r->d, &r->next->config, &why) != ERR_OK) {
		log_error("reload: %s; the configuration in force stays", why.text);
		answer(r, NULL, why.text);
	} else {
		swap(r);
		log_info("reload: done; changed: %zu, kept: %zu, to be restarted for: %zu",
			 r->changed.words.count, r->kept.words.count, r->restart_needed.words.count);
		answer(r, NULL, NULL);
	}
}

/* On its own thread. Whether there were errors is in the report. */
static void *read_files(void *arg)
{
	struct reload *r = arg;
	enum err e = tilld_config_load(r->d->config_path, &r->next->config, &r->next->arena, &r->report);

	if (e != ERR_OK && r->report.count == 0)
		config_complain(&r->report, &r->next->arena, r->d->config_path, 0, "%s", err_name(e));
	loop_wake_up(r->wake);
	return NULL;
}

static void join(struct reload *r)
{
	pthread_join(r->thread, NULL);
	r->running = false;
}

static void begin(struct reload *r);

static void on_read(void *arg)
{
	struct reload *r = arg;
	struct daemon *d = r->d;

	if (!r->running)
		return;
	join(r);
	notes_begin(r);
	if (d->ending)
		answer(r, NULL, ending);
	else
		take(r);
	generation_free(r->next);
	r->next = NULL;
	if (d->ending)
		return;
	service_say(d, "READY=1");
	if (r->again)
		begin(r);
}

static enum err start_thread(struct reload *r)
{
	r->next = generation_new();
	r->report = (struct config_report){0};
	if (!r->next)
		return ERR_MEMORY;
	r->running = pthread_create(&r->thread, NULL, read_files, r) == 0;
	if (r->running)
		return ERR_OK;
	generation_free(r->next);
	r->next = NULL;
	return ERR_LIMIT;
}

static void begin(struct reload *r)
{
	enum err e;

	service_say(r->d, "RELOADING=1");
	r->again = false;
	r->asked = r->next_asked;
	r->next_asked.count = 0;
	e = start_thread(r);
	if (e == ERR_OK)
		return;
	log_error("reload: could not be begun: %s", err_name(e));
	notes_begin(r);
	answer(r, NULL, "it could not be begun: memory or threads are short");
	service_say(r->d, "READY=1");
}

void reload_ask(control_reloaded_fn *done, void *done_arg, void *daemon)
{
	struct daemon *d = daemon;
	struct reload *r = d->reload;

	if (done && (d->ending || r->next_asked.count == ASKED_MAX)) {
		done(&(struct control_reloaded){.refused = d->ending ? ending : "too many wait for it"},
		     done_arg);
		return;
	}
	if (done)
		r->next_asked.at[r->next_asked.count++] = (struct asked){done, done_arg};
	r->again = true;
	if (!r->running && !d->ending)
		begin(r);
}

enum err reload_start(struct daemon *d, struct why *why)
{
	struct reload *r = calloc(1, sizeof(*r));
	enum err e = r ? loop_wake_new(d->loop, on_read, r, &r->wake) : ERR_MEMORY;

	if (e != ERR_OK) {
		free(r);
		return fail(why, e, "the reload could not be set up: %s", err_name(e));
	}
	r->d = d;
	r->changed.words.at = r->changed.at;
	r->kept.words.at = r->kept.at;
	r->restart_needed.words.at = r->restart_needed.at;
	d->reload = r;
	return ERR_OK;
}

void reload_stop(struct daemon *d)
{
	struct reload *r = d->reload;

	if (r->running)
		join(r);
	answer_all(&r->asked, &(struct control_reloaded){.refused = ending});
	answer_all(&r->next_asked, &(struct control_reloaded){.refused = ending});
	generation_free(r->next);
	loop_wake_free(r->wake);
	arena_free(&r->arena);
	free(r);
	d->reload = NULL;
}
