/*
 * tilld: an inventory of what runs on the box, in the order in which it starts; it stops in reverse.
 *
 *	tilld [--config FILE] [--check-config [--json]] [--help] [--version]
 *
 * Exit codes: 0 ended when told to, 1 could not start, 2 wrong command line or configuration, 3 the ledger
 * could not be written (nothing that was answered is lost; a failed fsync is never retried).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_note.h"
#include "ledger_uses.h"
#include "overrides.h"
#include "priority.h"
#include "tilld_args.h"
#include "tilld_check.h"
#include "tilld_daemon.h"
#include "zone.h"

#define PATIENCE_MS 10000 /* that the end waits for tenders under way */

/* Input stops, and what was paid is still written and answered; the hook below sees when that is done. */
static void begin_end(struct daemon *d)
{
	d->ending = true;
	service_say(d, "STOPPING=1");
	devices_stop(d);
	control_close_door(d->control);
	loop_timer_set(d->patience, PATIENCE_MS);
}

static void on_signal(int signo, void *arg)
{
	struct daemon *d = arg;

	log_info("%s: ending", strsignal(signo));
	if (d->ending)
		loop_stop(d->loop); /* told twice */
	else
		begin_end(d);
}

static void on_hangup(int signo, void *arg)
{
	log_info("%s: reading the configuration anew", strsignal(signo));
	reload_ask(NULL, NULL, arg);
}

static void on_no_patience(void *arg)
{
	struct daemon *d = arg;

	log_warnx("%u tenders are still not answered: ending all the same", shop_pending(d->shop));
	loop_stop(d->loop);
}

static void before_sleep(void *arg)
{
	struct daemon *d = arg;

	if (d->ending && shop_pending(d->shop) == 0)
		loop_stop(d->loop);
}

static enum err start_loop(struct daemon *d, struct why *why)
{
	enum err e;

	floor_clock_init(&d->time.clock, &clock_system);
	e = loop_new(&d->time.clock.clock, &d->loop);

	if (e == ERR_OK)
		e = loop_timer_new(d->loop, on_no_patience, d, &d->patience);
	if (e == ERR_OK)
		e = loop_signal(d->loop, SIGTERM, on_signal, d);
	if (e == ERR_OK)
		e = loop_signal(d->loop, SIGINT, on_signal, d);
	if (e == ERR_OK)
		e = loop_signal(d->loop, SIGHUP, on_hangup, d);
	if (e == ERR_OK)
		e = loop_before_sleep(d->loop, before_sleep, d);
	if (e == ERR_OK)
		return time_open(d, why);
	return fail(why, e, "the event loop could not start: %s", err_name(e));
}

static void stop_loop(struct daemon *d)
{
	loop_timer_free(d->patience);
	loop_free(d->loop);
}

static void database_path(const struct daemon *d, const char *file, char out[256])
{
	snprintf(out, 256, "%s/%s", d->now->config.daemon.state_dir, file);
}

static enum err start_ledger(struct daemon *d, struct why *why)
{
	char path[256];
	struct stat st;

	if (stat(d->now->config.daemon.state_dir, &st) != 0 || !S_ISDIR(st.st_mode))
		return fail(why, ERR_NOT_FOUND,
			    "state_dir: there is no folder %s; make it, owned by tilld's user",
			    d->now->config.daemon.state_dir);
	database_path(d, "ledger.db", path);
	return ledger_open(path, d->now->config.daemon.box, loop_clock(d->loop), &d->ledger, why);
}

static void stop_ledger(struct daemon *d)
{
	if (d->ledger)
		ledger_close(d->ledger);
}

static enum err start_shop(struct daemon *d, struct why *why)
{
	enum err e;

	d->shop_config = (struct shop_config){.box = d->now->config.daemon.box,
					      .store = d->now->config.daemon.store,
					      .templates = d->now->config.gs1,
					      .template_count = d->now->config.templates.count};
	set_rules(d, &d->now->config);
	e = shop_new(d->loop, &d->shop_config, ledger_segment(d->ledger), &d->shop);
	for (size_t i = 0; e == ERR_OK && i < d->now->config.lanes.count; i++) {
		const struct lane_section *section = tilld_config_lane(&d->now->config, i);
		struct lane *lane;

		e = lane_new(d->shop, section->name, section->channel, &lane);
		if (e == ERR_OK)
			e = lane_set_language(lane, section->language);
	}
	if (e == ERR_OK)
		return e;
	shop_free(d->shop);
	d->shop = NULL;
	return fail(why, e, "the lanes could not be set up: %s", err_name(e));
}

static void stop_shop(struct daemon *d)
{
	shop_free(d->shop);
}

/* What people set before the last start is learnt while the ledger is not the worker's yet. */
static enum err start_overrides(struct daemon *d, struct why *why)
{
	d->overrides = overrides_new(d->shop);
	if (!d->overrides)
		return fail(why, ERR_MEMORY, "out of memory");
	return ledger_each_note(d->ledger, overrides_learn, d->overrides, why);
}

static void stop_overrides(struct daemon *d)
{
	overrides_free(d->overrides);
}

static enum err start_control(struct daemon *d, struct why *why)
{
	const struct control_config config = {.net = &net_system,
					      .path = d->now->config.daemon.control_socket,
					      .group = d->now->config.daemon.control_group,
					      .program = "tilld",
					      .version = TILL_VERSION,
					      .box = d->now->config.daemon.box,
					      .store = d->now->config.daemon.store,
					      .shop = d->shop,
					      .overrides = d->overrides,
					      .roles = &d->roles,
					      .reload = reload_ask,
					      .reload_arg = d};

	return control_new(d->loop, &config, &d->control, why);
}

static void stop_control(struct daemon *d)
{
	control_free(d->control);
}

/* Before the carts: they hold what is left of limits. */
static enum err load_uses(struct daemon *d, struct why *why)
{
	struct uses *uses;
	int64_t event;
	enum err e = ledger_load_uses(d->ledger, &uses, &event, why);

	if (e == ERR_OK)
		shop_take_uses(d->shop, uses, event);
	return e;
}

static enum err start_carts(struct daemon *d, struct why *why)
{
	char path[256], ledger[256];
	struct ledger_position head;
	int64_t events;
	enum err e = load_uses(d, why);

	if (e != ERR_OK)
		return e;
	database_path(d, "carts.db", path);
	database_path(d, "ledger.db", ledger);
	ledger_head(d->ledger, &head, &events);
	shop_keep_carts(d->shop, path, ledger, events);
	return ERR_OK;
}

static void stop_carts(struct daemon *d)
{
	shop_leave_carts(d->shop);
}

static void on_ledger_failed(void *arg)
{
	struct daemon *d = arg;

	log_error(
		"the ledger could not be written: ending, since a failed write is never tried again. Look at "
		"the disk (dmesg, df) before starting tilld anew");
	d->exit_code = EXIT_LEDGER;
	loop_stop(d->loop);
}

static enum err start_worker(struct daemon *d, struct why *why)
{
	enum err e = ledger_worker_start(d->loop, d->ledger, on_ledger_failed, d, &d->worker);

	if (e != ERR_OK)
		return fail(why, e, "the ledger's worker could not start: %s", err_name(e));
	d->ledger = NULL; /* the worker's now */
	return ERR_OK;
}

static void stop_worker(struct daemon *d)
{
	ledger_worker_stop(d->worker);
}

/* Prices may change twenty times a second: what has only other prices than the one before is no news. */
static void log_catalog(const struct catalog *c, const struct catalog *before)
{
	bool prices = before && c->sku_slots == before->sku_slots && c->promotions == before->promotions;
	unsigned long long version = c->version;

	if (prices)
		log_debug("catalog %llu: prices", version);
	else
		log_info("catalog %llu of book '%s': %u articles, %u promotions", version, c->settings.id,
			 c->item_count, c->promotion_count);
}

/* No catalog is no error: the lanes say so until one is imported. */
static void on_snapshot(struct snapshot *s, const struct why *why, void *arg)
{
	struct daemon *d = arg;

	if (s == NULL) {
		if (strcmp(why->text, d->no_catalog.text) != 0)
			log_warnx("catalog: %s", why->text);
		d->no_catalog = *why;
		return;
	}
	d->no_catalog.text[0] = '\0';
	log_catalog(snapshot_catalog(s), shop_catalog(d->shop));
	shop_take_catalog(d->shop, s);
	service_touch(d);
}

static void on_catalog_event(const char *line, size_t n, void *arg)
{
	struct daemon *d = arg;

	shop_catalog_event(d->shop, line, n);
}

/* Its first snapshot is delivered by the loop, so when all that starts behind it is there. */
static enum err start_loader(struct daemon *d, struct why *why)
{
	char path[256];
	enum err e;

	database_path(d, "catalog.db", path);
	e = loader_start(d->loop, path, on_snapshot, d, &d->loader);
	if (e == ERR_OK)
		loader_listen(d->loader, on_catalog_event);
	return e == ERR_OK ? e : fail(why, e, "the loader could not start: %s", err_name(e));
}

static void stop_loader(struct daemon *d)
{
	if (d->loader)
		loader_stop(d->loader);
	d->loader = NULL;
}

static enum err attach_workers(struct daemon *d, struct why *why)
{
	(void)why;
	shop_attach(d->shop, d->loader, d->worker);
	overrides_publish(d->overrides);
	return ERR_OK;
}

/* What the ledger's worker still answers afterwards finds no loader to ask. */
static void detach_loader(struct daemon *d)
{
	stop_loader(d);
	shop_attach(d->shop, NULL, d->worker);
}

static enum err start_devices(struct daemon *d, struct why *why)
{
	return devices_take(d, &d->now->config, why);
}

/*
 * The order matters: the control socket has to outlive both workers, whose last answers go through it. The
 * loader starts early, since it reads the catalog while the ledger waits for the disk, and is stopped in its
 * turn.
 */
static const struct part {
	enum err (*start)(struct daemon *d, struct why *why);
	void (*stop)(struct daemon *d);
} parts[] = {
	{start_loop, stop_loop},	 {start_loader, stop_loader},	    {start_ledger, stop_ledger},
	{start_shop, stop_shop},	 {start_overrides, stop_overrides}, {start_control, stop_control},
	{time_start, time_stop},	 {start_carts, stop_carts},	    {start_worker, stop_worker},
	{attach_workers, detach_loader}, {start_devices, devices_stop},	    {reload_start, reload_stop},
	{service_start, service_stop},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static int run(struct daemon *d)
{
	struct why why = {0};
	enum err e = ERR_OK;
	size_t started = 0;

	log_info("version %s: box %s, store %s; lanes: %zu, scanners: %zu", TILL_VERSION,
		 d->now->config.daemon.box, d->now->config.daemon.store, d->now->config.lanes.count,
		 d->now->config.scanners.count);
	service_open(d);
	while (started < PARTS && (e = parts[started].start(d, &why)) == ERR_OK)
		started++;
	if (e == ERR_OK) {
		log_info("ready at %s", d->now->config.daemon.control_socket);
		priority_prompt();
		loop_run(d->loop);
	} else {
		log_error("%s", why.text);
		d->exit_code = EXIT_START;
	}
	while (started > 0)
		parts[--started].stop(d);
	service_close(d, e == ERR_OK ? NULL : why.text);
	return d->exit_code;
}

static bool load_config(struct daemon *d, const struct tilld_args *args)
{
	struct config_report report = {0};
	struct why why;

	d->config_path = args->config ? args->config : TILLD_CONFIG_PATH;
	if (args->config == NULL && access(d->config_path, F_OK) != 0) {
		fprintf(stderr,
			"tilld: there is no %s: put a configuration there, or name one with --config FILE.\n"
			"tilld.conf.example (packaging/ in the sources) is one to start from.\n",
			d->config_path);
		return false;
	}
	if (tilld_config_load(d->config_path, &d->now->config, &d->now->arena, &report) != ERR_OK) {
		tilld_config_print(&report);
		return false;
	}
	if (zone_use(d->now->config.daemon.zone, &why) == ERR_OK)
		return true;
	fprintf(stderr, "tilld: zone: %s\n", why.text);
	return false;
}

static int start_and_run(struct daemon *d, const struct tilld_args *args)
{
	d->first = d->now = generation_new();
	if (!d->first)
		fatal("out of memory");
	if (!load_config(d, args))
		return EXIT_CONFIG;
	log_open("tilld", tilld_config_level(&d->now->config));
	return run(d);
}

int main(int argc, char **argv)
{
	struct daemon d = {.service.notify.fd = -1};
	struct tilld_args args;
	int code;

	tilld_args_parse(argc, argv, &args);
	if (args.check)
		return tilld_check(args.config ? args.config : TILLD_CONFIG_PATH, args.json);
	signal(SIGPIPE, SIG_IGN);
	umask(0002); /* tillctl's users share the databases through their group */
	code = start_and_run(&d, &args);
	if (d.now != d.first)
		generation_free(d.now);
	generation_free(d.first);
	return code;
}
