/*
 * tillhub serve: the hub itself.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "hub_server.h"
#include "hub_socket.h"
#include "notify.h"
#include "tool.h"

/* What runs, in the order in which it starts. */
struct running {
	const struct hub_config *config;
	struct loop *loop;
	struct hub *hub;
	struct hub_server *server;
	struct hub_socket *socket;
	struct notify notify;
	bool lost; /* the log */
};

enum err tool_make_folder(const char *dir, struct why *why)
{
	if (mkdir(dir, 0750) == 0 || errno == EEXIST)
		return ERR_OK;
	return fail(why, ERR_IO, "state_dir: %s: %s", dir, strerror(errno));
}

static struct authority_options options_of(const struct hub_config *c)
{
	return (struct authority_options){.dir = c->state_dir,
					  .hosts = c->names.at,
					  .host_count = c->names.count,
					  .now_ms = clock_utc_ms(&clock_system)};
}

static enum err make_authority(const struct hub_config *c, struct why *why)
{
	struct authority_options o = options_of(c);
	enum err e = authority_create(&o, why);

	if (e == ERR_EXISTS)
		return ERR_OK;
	if (!e)
		log_info("made a CA, the hub's certificate and the signer's in %s", c->state_dir);
	return e;
}

static void on_signal(int signo, void *arg)
{
	struct running *r = arg;

	log_info("%s: ending", strsignal(signo));
	loop_stop(r->loop);
}

static void reload(void *arg)
{
	struct running *r = arg;
	struct why why = {""};

	if (!r->server)
		return;
	if (hub_server_reload(r->server, &why))
		log_warnx("%s; the certificate stays as it was", why.text);
	else
		log_info("new sessions have the hub's certificate as it is now");
}

static void on_hangup(int signo, void *arg)
{
	(void)signo;
	reload(arg);
}

static void on_lost(void *arg)
{
	struct running *r = arg;

	log_error("the log cannot be written: ending. What was acknowledged is in it; look at the disk");
	r->lost = true;
	loop_stop(r->loop);
}

static void ring(const char *path, const void *body, size_t n, void *arg)
{
	struct running *r = arg;

	if (r->server)
		hub_server_notify(r->server, path, body, n);
}

static void drop(const char *box, void *arg)
{
	struct running *r = arg;

	if (r->server)
		hub_server_drop(r->server, box);
}

static enum err start_loop(struct running *r, struct why *why)
{
	enum err e = loop_new(&clock_system, &r->loop);

	if (!e)
		e = loop_signal(r->loop, SIGTERM, on_signal, r);
	if (!e)
		e = loop_signal(r->loop, SIGINT, on_signal, r);
	if (!e)
		e = loop_signal(r->loop, SIGHUP, on_hangup, r);
	return e ? fail(why, e, "the event loop could not start: %s", err_name(e)) : ERR_OK;
}

static enum err start(struct running *r, struct why *why)
{
	const struct hub_options o = {
		.dir = r->config->state_dir,
		.disk = &disk_system,
		.clock = &clock_system,
		.box_ms = r->config->box_certificate_ms,
		.roles = &r->config->roles,
		.failed = on_lost,
		.notify = ring,
		.drop = drop,
		.reload = reload,
		.arg = r,
	};
	enum err e = tool_make_folder(r->config->state_dir, why);

	if (!e)
		e = make_authority(r->config, why);
	if (!e)
		e = start_loop(r, why);
	if (!e)
		e = hub_open(r->loop, &o, &r->hub, why);
	if (!e)
		e = hub_server_new(r->loop, r->hub, r->config, &r->server, why);
	if (!e)
		e = hub_socket_new(r->loop, r->hub, r->config->state_dir, &r->socket, why);
	return e;
}

static void stop(struct running *r)
{
	hub_server_free(r->server);
	r->server = NULL;
	hub_close(r->hub);
	hub_socket_free(r->socket);
	if (r->loop)
		loop_free(r->loop);
}

static void say_ready(struct running *r)
{
	struct why why = {""};

	for (size_t i = 0; i < r->config->listen.count; i++)
		log_info("boxes are heard at %s, port %u", r->config->listen.at[i],
			 (unsigned)hub_server_port(r->server, i));
	if (r->config->enrol[0])
		log_info("boxes enrol at %s, port %u", r->config->enrol,
			 (unsigned)hub_server_enrol_port(r->server));
	if (notify_open(&r->notify, &net_system, getenv("NOTIFY_SOCKET"), &why) ||
	    notify_send(&r->notify, "READY=1\nSTATUS=boxes are heard"))
		log_warnx("the service manager cannot be told: %s", why.text);
}

static enum tool_exit serve(struct tool *t)
{
	struct running r = {.config = &t->config};
	struct why why = {""};
	enum tool_exit code = tool_configure(t);

	if (code != TOOL_DONE)
		return code;
	log_open("tillhub", hub_config_level(&t->config));
	if (start(&r, &why)) {
		log_error("%s", why.text);
		stop(&r);
		return TOOL_FAILED;
	}
	say_ready(&r);
	loop_run(r.loop);
	stop(&r);
	notify_close(&r.notify);
	return r.lost ? TOOL_LOG_LOST : TOOL_DONE;
}

const struct tool_command tool_serve = {
	.name = "serve",
	.arguments = "",
	.text = "Runs the hub, in the foreground.",
	.more = "The first time it makes its folder, a CA and its keys. It logs to standard error; SIGTERM "
		"ends\n"
		"it, SIGHUP has it use a certificate that was renewed. Under systemd it is a service of\n"
		"Type=notify.",
	.example = "tillhub serve --state-dir /var/lib/tillhub",
	.run = serve,
};

/* docs/man/update makes tillhub.conf.5 of it. */
static enum tool_exit print_reference(void)
{
	fflush(stdout);
	config_reference(hub_sections, hub_section_count, STDOUT_FILENO);
	return TOOL_DONE;
}

/* As 'tilld --check-config --json' does. */
static enum tool_exit check_json(struct tool *t)
{
	struct config_report report;
	enum err e = hub_config_load(t->config_path, &t->config, &t->arena, &report);
	json_t *errors = json_array(), *all;

	for (size_t i = 0; i < report.count; i++) {
		const struct config_error *one = &report.errors[i];
		json_t *told = json_pack("{s:s, s:s}", "file", one->file, "text", one->text);

		if (one->line > 0)
			json_object_set_new(told, "line", json_integer(one->line));
		json_array_append_new(errors, told);
	}
	all = json_pack("{s:b}", "ok", e == ERR_OK);
	if (e) {
		json_object_set(all, "errors", errors);
		json_object_set_new(all, "more_errors", json_integer((json_int_t)report.dropped));
	}
	json_decref(errors);
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(all);
	return e ? TOOL_USAGE : TOOL_DONE;
}

static enum tool_exit check_config(struct tool *t)
{
	const struct hub_roles *roles = &t->config.roles;
	enum tool_exit code;
	size_t approvers;

	if (tool_option(t, "reference"))
		return print_reference();
	if (t->json)
		return check_json(t);
	code = tool_configure(t);
	if (code != TOOL_DONE)
		return code;
	printf("state_dir %s\n", t->config.state_dir);
	for (size_t i = 0; i < t->config.listen.count; i++)
		printf("listen    %s\n", t->config.listen.at[i]);
	printf("enrol     %s\n", t->config.enrol[0] ? t->config.enrol : "nowhere");
	approvers = roles->pricing_manager.count + roles->cfo.count;
	printf("approvers %zu%s\n", approvers, approvers ? "" : ": nothing that is published waits");
	return TOOL_DONE;
}

const struct tool_command tool_check_config = {
	.name = "check-config",
	.arguments = "",
	.options = {{"reference", NULL, false, "print instead what may stand in it, as Markdown"}},
	.text = "Reads the configuration and says what is wrong.",
	.example = "tillhub check-config --config /etc/tilld/tillhub.conf",
	.run = check_config,
};
