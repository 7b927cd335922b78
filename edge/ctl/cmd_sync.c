/*
 * tillctl sync: how the link to headquarters fares, and a push for it. Asks till-sync by its own socket.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "buf.h"
#include "ctl.h"
#include "screen.h"
#include "tilld_config.h"

#define ANSWER_MAX (1 << 20)
#define READ_SIZE  65536

static void put(const char *name, const char *text)
{
	printf("%-13s", name);
	screen_text(text);
	putchar('\n');
}

/* The connection, or -1 after an error that was told. */
static int dial(struct ctl *ctl)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd;

	if (!tilld_sync_socket(ctl->socket, at.sun_path, sizeof(at.sun_path))) {
		(void)ctl_fail(CTL_USAGE, "%s: too long for a socket beside it", ctl->socket);
		return -1;
	}
	fd = ctl->net->socket(ctl->net, AF_UNIX, SOCK_STREAM);
	if (fd >= 0 && ctl->net->connect(ctl->net, fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	(void)ctl_fail(CTL_NO_DAEMON, "till-sync does not answer at %s (%s): 'systemctl status till-sync'",
		       at.sun_path, strerror(errno));
	if (fd >= 0)
		ctl->net->close(ctl->net, fd);
	return -1;
}

static bool exchange(struct ctl *ctl, int fd, const char *request, struct buf *answer)
{
	size_t n = strlen(request);

	if (ctl->net->send(ctl->net, fd, request, n, NULL, 0) != (ssize_t)n)
		return false;
	while (buf_length(answer) == 0 || buf_front(answer)[buf_length(answer) - 1] != '\n') {
		uint8_t *room = buf_room(answer, READ_SIZE);
		ssize_t got = room ? ctl->net->receive(ctl->net, fd, room, READ_SIZE, NULL, NULL) : 0;

		if (got <= 0)
			return false;
		buf_grow(answer, (size_t)got);
	}
	return true;
}

static const char *age(long long s, char out[48])
{
	if (s < 120)
		snprintf(out, 48, "%lld s", s);
	else if (s < 7200)
		snprintf(out, 48, "%lld min", s / 60);
	else if (s < 172800)
		snprintf(out, 48, "%lld h", s / 3600);
	else
		snprintf(out, 48, "%lld days", s / 86400);
	return out;
}

static void show_link(const json_t *all)
{
	char text[512];

	if (json_is_string(json_object_get(all, "peer")))
		snprintf(text, sizeof(text), "%s: %s at %s%s", text_of(all, "link"), text_of(all, "peer"),
			 text_of(all, "address"),
			 json_is_true(json_object_get(all, "resumed")) ? ", resumed" : "");
	else if (int_of(all, "next_try_ms") > 0)
		snprintf(text, sizeof(text), "%s, again in %lld s: %s", text_of(all, "link"),
			 (int_of(all, "next_try_ms") + 999) / 1000, text_of(all, "reason"));
	else
		snprintf(text, sizeof(text), "%s: %s", text_of(all, "link"), text_of(all, "reason"));
	put("Link", text);
}

/* What headquarters said of itself, now or when it was there last. */
static void show_headquarters(const json_t *hq)
{
	const json_t *name;
	char text[512];
	size_t i, used;

	if (!json_is_object(hq))
		return;
	used = (size_t)snprintf(text, sizeof(text), "%s, semantics %lld", text_of(hq, "program"),
				int_of(hq, "semantics"));
	json_array_foreach (json_object_get(hq, "features"), i, name) {
		if (used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
						 i ? ", " : "; knows ", json_string_value(name));
	}
	put("Headquarters", text);
}

static void show_certificate(const json_t *c)
{
	char text[128];

	if (!json_is_object(c)) {
		put("Certificate", "none yet: 'tillctl enrol' gets one");
		return;
	}
	snprintf(text, sizeof(text), "of box %s, %lld days left", text_of(c, "box"), int_of(c, "days_left"));
	put("Certificate", text);
}

static void show_outbox(const json_t *o)
{
	char text[512], old[48];

	if (int_of(o, "waiting") > 0)
		snprintf(text, sizeof(text), "%lld events wait, the oldest for %s", int_of(o, "waiting"),
			 age(int_of(o, "waiting_s"), old));
	else
		snprintf(text, sizeof(text), "empty");
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		 "; headquarters holds segment %lld, sequence %lld", int_of(o, "segment"),
		 int_of(o, "sequence"));
	put("Outbox", text);
	if (json_is_string(json_object_get(o, "stopped")))
		put("Stopped", text_of(o, "stopped"));
}

static void show_catalog(const json_t *c, const json_t *snapshot)
{
	char text[512], old[48];

	if (json_is_integer(json_object_get(c, "price_age_s")))
		snprintf(text, sizeof(text), "version %lld, cursor %s", int_of(c, "version"),
			 text_of(c, "cursor"));
	else
		snprintf(text, sizeof(text), "none of headquarters' yet");
	put("Catalog", text);
	if (json_is_integer(json_object_get(c, "price_age_s")))
		put("Price age", age(int_of(c, "price_age_s"), old));
	if (json_is_true(json_object_get(snapshot, "applying"))) {
		put("Snapshot", "all pages are here, and on their way into the catalog");
	} else if (json_is_true(json_object_get(snapshot, "loading"))) {
		snprintf(text, sizeof(text), "%lld of %lld pages", int_of(snapshot, "have"),
			 int_of(snapshot, "pages"));
		put("Snapshot", text);
	}
	if (int_of(c, "left_out") > 0) {
		snprintf(text, sizeof(text),
			 "%lld records say what this version does not know: rules among them are inactive "
			 "here; "
			 "upgrade the box",
			 int_of(c, "left_out"));
		put("Left out", text);
	}
	if (json_is_string(json_object_get(c, "problem")))
		put("Problem", text_of(c, "problem"));
	if (json_is_string(json_object_get(snapshot, "problem")))
		put("Problem", text_of(snapshot, "problem"));
}

static void show_time(const json_t *t)
{
	char text[128];

	if (json_is_integer(json_object_get(t, "offset_ms")))
		snprintf(text, sizeof(text), "%+lld ms from headquarters', give or take %lld ms",
			 int_of(t, "offset_ms"), int_of(t, "uncertain_ms"));
	else
		snprintf(text, sizeof(text), "not compared with headquarters' yet");
	put("Clock", text);
	if (json_is_true(json_object_get(t, "clock_wrong")))
		put("Warning", "this box's clock stands before what is known to have passed");
}

static void show(const json_t *all)
{
	show_link(all);
	show_headquarters(json_object_get(all, "headquarters"));
	show_certificate(json_object_get(all, "certificate"));
	show_outbox(json_object_get(all, "outbox"));
	show_catalog(json_object_get(all, "catalog"), json_object_get(all, "snapshot"));
	show_time(json_object_get(all, "time"));
}

static enum ctl_exit print(struct ctl *ctl, const char *verb, const struct buf *answer)
{
	json_t *all = json_loadb((const char *)buf_front(answer), buf_length(answer), 0, NULL);
	enum ctl_exit code = CTL_DONE;

	if (!json_is_true(json_object_get(all, "ok")))
		code = ctl_fail(CTL_FAILED, "till-sync says: %s", text_of(all, "text"));
	else if (ctl->json)
		ctl_print(json_incref(all));
	else if (strcmp(verb, "status") == 0)
		show(all);
	else if (strcmp(verb, "reload") == 0)
		puts("till-sync reads the box's certificate anew, and uses it from its next connection on");
	else
		puts("till-sync tries, asks and sends at once: 'tillctl sync status' shows what comes of it");
	json_decref(all);
	return code;
}

static enum ctl_exit run(struct ctl *ctl)
{
	const char *verb = ctl->args[0];
	char request[64];
	struct buf answer;
	enum ctl_exit code = ctl_configure(ctl);
	int fd;

	if (code != CTL_DONE)
		return code;
	if (strcmp(verb, "status") != 0 && strcmp(verb, "now") != 0 && strcmp(verb, "reload") != 0)
		return ctl_fail(CTL_USAGE, "sync '%s' is unknown: status, now or reload", verb);
	fd = dial(ctl);
	if (fd < 0)
		return CTL_NO_DAEMON;
	snprintf(request, sizeof(request), "{\"verb\":\"%s\"}\n", verb);
	buf_init(&answer, ANSWER_MAX);
	if (exchange(ctl, fd, request, &answer))
		code = print(ctl, verb, &answer);
	else
		code = ctl_fail(CTL_FAILED, "till-sync went away before it answered");
	buf_free(&answer);
	ctl->net->close(ctl->net, fd);
	return code;
}

const struct ctl_command cmd_sync = {
	.name = "sync",
	.arguments = "status|now|reload",
	.least = 1,
	.most = 1,
	.text = "Shows the link to headquarters, or pushes it.",
	.more = "status: the connection, what waits to be uploaded, how old the prices are. now: till-sync "
		"tries, asks\n"
		"and sends at once instead of waiting. reload: it reads the box's certificate anew.",
	.example = "tillctl sync status\ntillctl sync now",
	.run = run,
};
