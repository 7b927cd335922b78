/*
 * The daemon as a service: ready, reloading, stopping, a status that `systemctl status` shows, and signs of
 * life. The watchdog hears one only when all workers answered a question since the last, so that a stuck
 * disk, behind which they would wait for ever, shows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tilld_daemon.h"

#define STATUS_MS     5000 /* sales are counted this often */
#define STATUS_NEW_MS 250  /* after something changed: more of it may follow */
#define AGAIN_MS      1000

void service_open(struct daemon *d)
{
	struct why why;

	if (notify_open(&d->service.notify, &net_system, getenv("NOTIFY_SOCKET"), &why) != ERR_OK)
		log_warnx("%s: the service manager is told nothing", why.text);
}

void service_close(struct daemon *d, const char *reason)
{
	if (reason && notify_send(&d->service.notify, "STATUS=could not start: %s", reason) != ERR_OK)
		log_debug("the service manager does not hear that");
	notify_close(&d->service.notify);
}

static bool is_told(const struct daemon *d)
{
	return d->service.notify.fd >= 0;
}

/* systemd wants to know when a reload began, to tell it from one before (CLOCK_MONOTONIC, sd_notify(3)). */
static enum err send_state(const struct service *s)
{
	struct timespec now;

	if (strcmp(s->state, "RELOADING=1") != 0)
		return notify_send(&s->notify, "%s\nSTATUS=%s", s->state, s->status);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return notify_send(&s->notify, "%s\nMONOTONIC_USEC=%lld", s->state,
			   (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

static size_t add(char out[STATUS_MAX], size_t used, const char *text)
{
	if (used < STATUS_MAX)
		used += (size_t)snprintf(out + used, STATUS_MAX - used, "%s", text);
	return used < STATUS_MAX ? used : STATUS_MAX - 1;
}

/* ", 2 scanners", or ", 1 scanner down: front". */
static size_t add_scanners(const struct daemon *d, char out[STATUS_MAX], size_t used)
{
	char names[STATUS_MAX / 2] = "", text[STATUS_MAX];
	size_t down = 0;

	for (size_t i = 0; i < d->device_count; i++) {
		struct scanner_status status;
		size_t n = strlen(names);

		scanner_status(d->devices[i]->scanner, &status);
		if (status.state == SCANNER_UP)
			continue;
		snprintf(names + n, sizeof(names) - n, "%s%s", down++ ? ", " : "",
			 scanner_name(d->devices[i]->scanner));
	}
	if (down)
		snprintf(text, sizeof(text), ", %zu scanner%s down: %s", down, down == 1 ? "" : "s", names);
	else
		snprintf(text, sizeof(text), ", %zu scanner%s", d->device_count,
			 d->device_count == 1 ? "" : "s");
	return add(out, used, text);
}

/* "2 lanes, 1 scanner down: front; catalog 12; 143 sales" */
static void write_status(const struct daemon *d, char out[STATUS_MAX])
{
	const struct catalog *catalog = shop_catalog(d->shop);
	struct ledger_counts counts;
	char text[64];
	size_t lanes = 0, used;

	while (shop_lane_at(d->shop, (uint32_t)lanes))
		lanes++;
	used = (size_t)snprintf(out, STATUS_MAX, "%zu lane%s", lanes, lanes == 1 ? "" : "s");
	used = add_scanners(d, out, used);
	if (catalog)
		snprintf(text, sizeof(text), "; catalog %llu", (unsigned long long)catalog->version);
	else
		snprintf(text, sizeof(text), "; no catalog");
	used = add(out, used, text);
	ledger_worker_counts(d->worker, &counts);
	snprintf(text, sizeof(text), "; %llu sales", (unsigned long long)counts.sales);
	used = add(out, used, text);
	if (counts.health.space == SPACE_AMPLE)
		return;
	snprintf(text, sizeof(text), "; room on the disk: %s", ledger_space_name(counts.health.space));
	add(out, used, text);
}

/* What could not be sent, because the reader was slow, is sent the next time. */
static void tell(struct daemon *d)
{
	struct service *s = &d->service;
	char now[STATUS_MAX];

	write_status(d, now);
	if (s->state_sent && strcmp(now, s->status) == 0)
		return;
	memcpy(s->status, now, sizeof(now));
	if (!s->state_sent)
		s->state_sent = send_state(s) == ERR_OK;
	else if (notify_send(&s->notify, "STATUS=%s", now) != ERR_OK)
		s->status[0] = '\0';
}

static void on_status(void *arg)
{
	struct daemon *d = arg;

	d->service.touched = false;
	tell(d);
	loop_timer_set(d->service.status_timer, d->service.state_sent ? STATUS_MS : AGAIN_MS);
}

void service_say(struct daemon *d, const char *state)
{
	d->service.state = state;
	d->service.state_sent = false;
	if (d->service.status_timer && !d->service.stopped)
		on_status(d);
}

void service_touch(struct daemon *d)
{
	struct service *s = &d->service;

	if (!s->status_timer || s->stopped || s->touched)
		return;
	s->touched = true;
	loop_timer_set(s->status_timer, STATUS_NEW_MS);
}

static void on_beat(struct daemon *d)
{
	struct service *s = &d->service;

	s->beats--;
	if (s->beats > 0 || s->stopped || !s->beats_whole)
		return;
	if (notify_send(&s->notify, "WATCHDOG=1") != ERR_OK)
		loop_timer_set(s->watchdog_timer, AGAIN_MS);
}

static void on_ledger_beat(struct ledger_job *job)
{
	arena_free(&job->arena);
	on_beat(job->arg);
}

static void on_loader_beat(enum err e, const struct record_coupon *coupon, void *arg)
{
	(void)e, (void)coupon; /* whatever it is, it is an answer */
	on_beat(arg);
}

static void on_journal_beat(void *arg)
{
	on_beat(arg);
}

static void count(struct service *s, enum err asked)
{
	if (asked == ERR_OK)
		return;
	s->beats--;
	s->beats_whole = false;
}

/* Each worker is asked for what there cannot be, an order and a coupon without a name. */
static void ask_workers(struct daemon *d)
{
	struct service *s = &d->service;

	s->beats = 2;
	s->beats_whole = true;
	s->asked_us = clock_monotonic_us(loop_clock(d->loop));
	s->ledger_beat = (struct ledger_job){.find = "", .done = on_ledger_beat, .arg = d};
	count(s, ledger_worker_submit(d->worker, &s->ledger_beat));
	s->beats += shop_ask_journal(d->shop, on_journal_beat, d);
	count(s, loader_find_coupon(d->loader, "", on_loader_beat, d));
	if (!s->beats_whole) /* a queue is full: soon there is room in it, unless its worker is stuck */
		loop_timer_set(s->watchdog_timer, AGAIN_MS);
}

static void on_watchdog(void *arg)
{
	struct daemon *d = arg;
	struct service *s = &d->service;

	loop_timer_set(s->watchdog_timer, s->watchdog_us / 2000);
	if (s->beats == 0)
		ask_workers(d);
	else
		log_warnx("a worker has not answered for %lld ms: the disk may be stuck (dmesg tells)",
			  (long long)(clock_monotonic_us(loop_clock(d->loop)) - s->asked_us) / 1000);
}

enum err service_start(struct daemon *d, struct why *why)
{
	struct service *s = &d->service;
	enum err e = ERR_OK;

	if (!is_told(d))
		return ERR_OK;
	s->watchdog_us = notify_watchdog_us(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"));
	e = loop_timer_new(d->loop, on_status, d, &s->status_timer);
	if (e == ERR_OK && s->watchdog_us > 0)
		e = loop_timer_new(d->loop, on_watchdog, d, &s->watchdog_timer);
	if (e != ERR_OK)
		return fail(why, e, "the timers of the service could not be set up: %s", err_name(e));
	service_say(d, "READY=1");
	if (s->watchdog_timer)
		on_watchdog(d);
	return ERR_OK;
}

/* A beat that is under way comes back until the workers are stopped. */
void service_stop(struct daemon *d)
{
	struct service *s = &d->service;

	s->stopped = true;
	loop_timer_free(s->status_timer);
	loop_timer_free(s->watchdog_timer);
	s->status_timer = s->watchdog_timer = NULL;
}
