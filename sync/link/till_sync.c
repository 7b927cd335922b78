/*
 * till-sync: the link between a box and headquarters.
 *
 *	till-sync [--config FILE] [--help] [--version]
 *
 * Exit codes: 0 ended when told to, 1 could not start, 2 wrong command line or configuration, 3 link.db could
 *not be written.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "priority.h"
#include "uplink.h"

enum { EXIT_START = 1, EXIT_CONFIG = 2 };

static void print_help(void)
{
	fputs("Usage: till-sync [--config FILE]\n\n"
	      "Carries what this box sells to headquarters, and prices from there to the box. Without\n"
	      "[hq] uri in the configuration, or before 'tillctl enrol', it idles.\n\n"
	      "  --config FILE    configuration (default " TILLD_CONFIG_PATH "), tilld's own\n"
	      "  --help           show this help\n"
	      "  --version        show the version\n\n"
	      "It stays in the foreground and logs to standard error. SIGHUP reads the certificates anew.\n"
	      "'tillctl sync status' shows how it fares.\n\n"
	      "Exit codes: 0 ended when told to, 1 could not start, 2 wrong command line or\n"
	      "configuration, 3 link.db could not be written.\n\n"
	      "Example:\n  till-sync --config /etc/tilld/tilld.conf\n",
	      stdout);
}

static const char *parse(int argc, char **argv)
{
	const char *config = TILLD_CONFIG_PATH;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
			config = argv[++i];
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_help();
			exit(0);
		} else if (strcmp(argv[i], "--version") == 0) {
			puts("till-sync " TILL_VERSION);
			exit(0);
		} else {
			fprintf(stderr, "till-sync: '%s' is not known here; till-sync --help shows what is\n",
				argv[i]);
			exit(EXIT_CONFIG);
		}
	}
	return config;
}

static void on_end(int signo, void *arg)
{
	struct uplink *u = arg;

	log_info("%s: ending", strsignal(signo));
	loop_stop(u->loop);
}

static void on_hangup(int signo, void *arg)
{
	(void)signo;
	uplink_reload(arg);
}

static enum err start(struct uplink *u, struct why *why)
{
	enum err e = loop_new(&clock_system, &u->loop);

	if (!e)
		e = loop_signal(u->loop, SIGTERM, on_end, u);
	if (!e)
		e = loop_signal(u->loop, SIGINT, on_end, u);
	if (!e)
		e = loop_signal(u->loop, SIGHUP, on_hangup, u);
	if (e)
		return fail(why, e, "the event loop could not start: %s", err_name(e));
	return uplink_start(u, why);
}

static int run(struct uplink *u)
{
	struct why why = {""};

	if (notify_open(&u->notify, &net_system, getenv("NOTIFY_SOCKET"), &why) != ERR_OK)
		log_warnx("%s: the service manager is told nothing", why.text);
	log_info("version %s: box %s, store %s; addresses of headquarters: %zu", TILL_VERSION,
		 u->config->daemon.box, u->config->daemon.store, u->config->hq.uri.count);
	if (start(u, &why) == ERR_OK) {
		if (notify_send(&u->notify, "READY=1") != ERR_OK)
			log_debug("the service manager does not hear that");
		loop_run(u->loop);
	} else {
		log_error("%s", why.text);
		u->exit_code = EXIT_START;
	}
	uplink_stop(u);
	loop_free(u->loop);
	notify_close(&u->notify);
	return u->exit_code;
}

int main(int argc, char **argv)
{
	struct tilld_config config = {0};
	struct config_report report = {0};
	struct arena arena = ARENA_EMPTY;
	struct uplink u = {.config = &config, .notify.fd = -1};
	const char *path = parse(argc, argv);
	int code = EXIT_CONFIG;

	signal(SIGPIPE, SIG_IGN);
	umask(0002); /* tilld reads the catalog through its group */
	if (tilld_config_load(path, &config, &arena, &report) != ERR_OK) {
		tilld_config_print(&report);
	} else {
		log_open("till-sync", tilld_config_level(&config));
		priority_behind(); /* tilld and the lanes go first */
		code = run(&u);
	}
	arena_free(&arena);
	return code;
}
