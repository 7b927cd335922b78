/*
 * The daemon as its files share it: tilld.c starts and stops the parts, tilld_devices.c has the scanners,
 * tilld_reload.c takes a new configuration over, tilld_service.c speaks with the service manager,
 * tilld_time.c watches the clock.
 */
#ifndef TILLD_DAEMON_H
#define TILLD_DAEMON_H

#include <pthread.h>

#include "control.h"
#include "floor_clock.h"
#include "lane.h"
#include "notify.h"
#include "tilld_config.h"
#include "time_mark.h"
#include "time_trust.h"

/* A configuration as it was read, with the memory its strings are in. */
struct generation {
	struct tilld_config config;
	struct arena arena;
};
struct generation *generation_new(void); /* NULL: memory is short */
void generation_free(struct generation *g);

struct daemon;

struct device {
	struct daemon *daemon;
	struct scanner *scanner;
	struct lane *lane;
};

#define STATUS_MAX 256

struct service {
	struct notify notify;
	const char *state; /* "READY=1": what was said last, or is still to be said */
	bool state_sent, touched;
	char status[STATUS_MAX];
	struct loop_timer *status_timer, *watchdog_timer;
	int64_t watchdog_us; /* 0: nobody watches */
	unsigned beats;	     /* workers that were asked for a sign of life and have not answered */
	bool beats_whole;    /* all of them could be asked */
	int64_t asked_us;
	struct ledger_job ledger_beat;
	bool stopped;
};

/* Between save's begin and its wake, `saving`, `saved` and `save_why` are the thread's. */
struct timekeeper {
	struct floor_clock clock; /* the loop's */
	char own_path[TIME_PATH_MAX], hq_path[TIME_PATH_MAX], boot[TIME_BOOT_MAX];
	struct time_mark own, hq; /* as they were when tilld started, and as it stands now */
	struct loop_timer *timer;
	struct loop_wake *wake;
	int64_t saved_us; /* when the floor was kept last; 0: it has to be */
	pthread_t thread;
	bool running;
	struct time_mark saving;
	enum err saved;
	struct why save_why, trouble;
};

struct reload;

struct daemon {
	const char *config_path;
	struct generation *first; /* as read at start: what takes a restart is in force as it says */
	struct generation *now;	  /* in force, perhaps the first */
	struct timekeeper time;
	struct loop *loop;
	struct loop_timer *patience;
	struct ledger *ledger; /* until its worker takes it */
	struct shop_config shop_config;
	struct control_roles roles;
	struct overrides *overrides;
	struct shop *shop;
	struct control *control;
	struct ledger_worker *worker;
	struct loader *loader;
	struct device *devices[TILLD_SCANNERS_MAX];
	size_t device_count;
	struct control_scanner shown[TILLD_SCANNERS_MAX];
	struct reload *reload;
	struct service service;
	struct why no_catalog; /* why there is none, as it was logged last */
	bool ending;
	int exit_code;
};

/*
 * tilld_devices.c. A reload drops what `after` does not have or has otherwise, then, when the lanes are as
 * they shall be, takes what is new; a scanner that stays keeps its port open. devices_take: the first one
 * that could not be set up is in why, the others are.
 */
void devices_drop(struct daemon *d, const struct tilld_config *after);
enum err devices_take(struct daemon *d, const struct tilld_config *after, struct why *why) MUST_CHECK;
void devices_stop(struct daemon *d);

/* tilld_reload.c: done, or NULL, hears once what came of it. */
enum err reload_start(struct daemon *d, struct why *why) MUST_CHECK;
void reload_stop(struct daemon *d);
/* Brings what lanes and verbs look up each time to what that configuration says. */
void set_rules(struct daemon *d, const struct tilld_config *c);
void reload_ask(control_reloaded_fn *done, void *done_arg, void *daemon);

/*
 * tilld_service.c. Open before anything else starts, so that a failure to start is told, too. The rest needs
 * the loop: start is "ready", say tells another state, touch that the status may read otherwise.
 */
void service_open(struct daemon *d);
void service_close(struct daemon *d, const char *reason); /* reason: why it could not start, or NULL */
enum err service_start(struct daemon *d, struct why *why) MUST_CHECK;
void service_stop(struct daemon *d);
void service_say(struct daemon *d, const char *state); /* a string that stays */
void service_touch(struct daemon *d);

/*
 * tilld_time.c. Open raises the clock's floor to what was known at the last end, so before anything asks for
 * the time; start watches it, with the shop there.
 */
enum err time_open(struct daemon *d, struct why *why) MUST_CHECK;
enum err time_start(struct daemon *d, struct why *why) MUST_CHECK;
void time_stop(struct daemon *d);

#endif
