/*
 * tilld: an inventory of what runs on the box, in the order in which it starts; it stops in reverse.
 *
 *	tilld [--config FILE] [--check-config] [--help] [--version]
 *
 * Exit codes: 0 ended when told to, 1 could not start, 2 wrong command line or configuration, 3 the ledger
 * could not be written (nothing that was answered is lost; a failed fsync is never retried).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "lane.h"
#include "log.h"
#include "tilld_args.h"
#include "tilld_config.h"

#define PATIENCE_MS 10000 /* that the end waits for tenders under way */

struct device {
	struct scanner *scanner;
	struct scanner_config config;
	struct lane *lane;
};

struct daemon {
	struct tilld_config config;
	struct arena arena; /* of the configuration */
	struct loop *loop;
	struct loop_timer *patience;
	struct ledger *ledger; /* until its worker takes it */
	struct shop_config shop_config;
	struct shop *shop;
	struct control *control;
	struct ledger_worker *worker;
	struct loader *loader;
	struct device devices[TILLD_SCANNERS_MAX];
	struct control_scanner shown[TILLD_SCANNERS_MAX];
	struct why no_catalog; /* why there is none, as it was logged last */
	bool ending;
	int exit_code;
};

/* Input stops, and what was paid is still written and answered; the hook below sees when that is done. */
static void begin_end(struct daemon *d)
{
	d->ending = true;
	for (size_t i = 0; i < d->config.scanners.count; i++) {
		scanner_free(d->devices[i].scanner);
		d->devices[i].scanner = NULL;
	}
	control_attach(d->control, d->loader, d->worker, NULL, 0);
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
	enum err e = loop_new(&clock_system, &d->loop);

	if (e == ERR_OK)
		e = loop_timer_new(d->loop, on_no_patience, d, &d->patience);
	if (e == ERR_OK)
		e = loop_signal(d->loop, SIGTERM, on_signal, d);
	if (e == ERR_OK)
		e = loop_signal(d->loop, SIGINT, on_signal, d);
	if (e == ERR_OK)
		e = loop_before_sleep(d->loop, before_sleep, d);
	return e == ERR_OK ? e : fail(why, e, "the event loop could not start: %s", err_name(e));
}

static void stop_loop(struct daemon *d)
{
	loop_timer_free(d->patience);
	loop_free(d->loop);
}

static void database_path(const struct daemon *d, const char *file, char out[256])
{
	snprintf(out, 256, "%s/%s", d->config.daemon.state_dir, file);
}

static enum err start_ledger(struct daemon *d, struct why *why)
{
	char path[256];
	struct stat st;

	if (stat(d->config.daemon.state_dir, &st) != 0 || !S_ISDIR(st.st_mode))
		return fail(why, ERR_NOT_FOUND,
			    "state_dir: there is no folder %s; make it, owned by tilld's user",
			    d->config.daemon.state_dir);
	database_path(d, "ledger.db", path);
	return ledger_open(path, d->config.daemon.box, loop_clock(d->loop), &d->ledger, why);
}

static void stop_ledger(struct daemon *d)
{
	if (d->ledger)
		ledger_close(d->ledger);
}

static enum err start_shop(struct daemon *d, struct why *why)
{
	enum err e;

	d->shop_config = (struct shop_config){.box = d->config.daemon.box,
					      .store = d->config.daemon.store,
					      .templates = d->config.gs1,
					      .template_count = d->config.templates.count};
	e = shop_new(d->loop, &d->shop_config, ledger_segment(d->ledger), &d->shop);
	for (size_t i = 0; e == ERR_OK && i < d->config.lanes.count; i++) {
		const struct lane_section *section = tilld_config_lane(&d->config, i);
		struct lane *lane;

		e = lane_new(d->shop, section->name, section->channel, &lane);
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

static enum err start_control(struct daemon *d, struct why *why)
{
	const struct control_config config = {.path = d->config.daemon.control_socket,
					      .group = d->config.daemon.control_group,
					      .program = "tilld",
					      .version = TILL_VERSION,
					      .box = d->config.daemon.box,
					      .store = d->config.daemon.store,
					      .shop = d->shop};

	return control_new(d->loop, &config, &d->control, why);
}

static void stop_control(struct daemon *d)
{
	control_free(d->control);
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

/* No catalog is no error: the lanes say so until one is imported. */
static void on_snapshot(struct snapshot *s, const struct why *why, void *arg)
{
	struct daemon *d = arg;
	const struct catalog *c;

	if (s == NULL) {
		if (strcmp(why->text, d->no_catalog.text) != 0)
			log_warnx("catalog: %s", why->text);
		d->no_catalog = *why;
		return;
	}
	d->no_catalog.text[0] = '\0';
	c = snapshot_catalog(s);
	log_info("catalog %llu of book '%s': %u articles, %u promotions", (unsigned long long)c->version,
		 c->settings.id, c->item_count, c->promotion_count);
	shop_take_catalog(d->shop, s);
}

static enum err start_loader(struct daemon *d, struct why *why)
{
	char path[256];
	enum err e;

	database_path(d, "catalog.db", path);
	e = loader_start(d->loop, path, on_snapshot, d, &d->loader);
	if (e != ERR_OK)
		return fail(why, e, "the loader could not start: %s", err_name(e));
	shop_attach(d->shop, d->loader, d->worker);
	return ERR_OK;
}

static void stop_loader(struct daemon *d)
{
	loader_stop(d->loader);
}

static void on_scan(struct scanner *s, const char *text, size_t n, void *arg)
{
	const struct device *device = arg;

	(void)s;
	lane_device_scan(device->lane, text, n);
}

static void on_fault(struct scanner *s, const char *reason, void *arg)
{
	const struct device *device = arg;

	(void)s;
	lane_device_fault(device->lane, reason);
}

static void on_state(struct scanner *s, enum scanner_state state, void *arg)
{
	const struct device *device = arg;
	struct scanner_status status;

	scanner_status(s, &status);
	lane_device_state(device->lane, scanner_name(s), state == SCANNER_UP, status.reason);
}

static enum err start_device(struct daemon *d, size_t i)
{
	const struct scanner_section *section = tilld_config_scanner(&d->config, i);
	struct device *device = &d->devices[i];
	enum err e;

	tilld_config_settings(section, &device->config);
	device->lane = shop_lane(d->shop, section->lane);
	e = scanner_new(d->loop, &device->config, on_scan, on_fault, device, &device->scanner);
	if (e != ERR_OK)
		return e;
	scanner_on_state(device->scanner, on_state);
	d->shown[i] = (struct control_scanner){device->scanner, device->lane, section->device};
	return ERR_OK;
}

static enum err start_scanners(struct daemon *d, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < d->config.scanners.count; i++)
		e = start_device(d, i);
	control_attach(d->control, d->loader, d->worker, d->shown, d->config.scanners.count);
	return e == ERR_OK ? e : fail(why, e, "a scanner could not be set up: %s", err_name(e));
}

static void stop_scanners(struct daemon *d)
{
	for (size_t i = 0; i < d->config.scanners.count; i++)
		scanner_free(d->devices[i].scanner);
	control_attach(d->control, NULL, NULL, NULL, 0);
}

/* The order matters: the control socket has to outlive both workers, whose last answers go through it. */
static const struct part {
	enum err (*start)(struct daemon *d, struct why *why);
	void (*stop)(struct daemon *d);
} parts[] = {
	{start_loop, stop_loop},	 {start_ledger, stop_ledger}, {start_shop, stop_shop},
	{start_control, stop_control},	 {start_worker, stop_worker}, {start_loader, stop_loader},
	{start_scanners, stop_scanners},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static int run(struct daemon *d)
{
	struct why why = {0};
	enum err e = ERR_OK;
	size_t started = 0;

	log_info("version %s: box %s, store %s; lanes: %zu, scanners: %zu", TILL_VERSION,
		 d->config.daemon.box, d->config.daemon.store, d->config.lanes.count,
		 d->config.scanners.count);
	while (started < PARTS && (e = parts[started].start(d, &why)) == ERR_OK)
		started++;
	if (e == ERR_OK) {
		log_info("ready at %s", d->config.daemon.control_socket);
		loop_run(d->loop);
	} else {
		log_error("%s", why.text);
		d->exit_code = EXIT_START;
	}
	while (started > 0)
		parts[--started].stop(d);
	return d->exit_code;
}

static bool load_config(struct daemon *d, const char *path)
{
	struct config_report report = {0};
	const char *file = path ? path : TILLD_CONFIG_PATH;

	if (path == NULL && access(file, F_OK) != 0) {
		fprintf(stderr,
			"tilld: there is no %s: put a configuration there, or name one with --config FILE.\n"
			"tilld.conf.example (packaging/ in the sources) is one to start from.\n",
			file);
		return false;
	}
	if (tilld_config_load(file, &d->config, &d->arena, &report) == ERR_OK)
		return true;
	tilld_config_print(&report);
	return false;
}

static int check(const struct daemon *d, const char *path)
{
	printf("%s: nothing wrong; lanes: %zu, scanners: %zu, templates: %zu\n",
	       path ? path : TILLD_CONFIG_PATH, d->config.lanes.count, d->config.scanners.count,
	       d->config.templates.count);
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct daemon d = {0};
	struct tilld_args args;
	int code = EXIT_CONFIG;

	tilld_args_parse(argc, argv, &args);
	signal(SIGPIPE, SIG_IGN);
	umask(0002); /* tillctl's users share the databases through their group */
	if (load_config(&d, args.config)) {
		log_open("tilld", tilld_config_level(&d.config));
		code = args.check ? check(&d, args.config) : run(&d);
	}
	arena_free(&d.arena);
	return code;
}
