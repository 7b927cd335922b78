/*
 * tillctl's side of the control socket: a line there, a line back.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "buf.h"
#include "ctl.h"
#include "money.h"

#define ANSWER_MAX 4194304 /* bytes of one line of the daemon: four times what it lets wait */
#define READ_SIZE  65536

struct ctl_input {
	struct buf bytes;
	size_t used; /* bytes of the line handed out last, its newline included */
};

static enum ctl_exit no_daemon(const struct ctl *ctl, int number)
{
	if (number == EACCES || number == EPERM)
		return ctl_fail(CTL_NO_DAEMON, "%s: permission denied: be a member of its group, or use sudo",
				ctl->socket);
	return ctl_fail(CTL_NO_DAEMON,
			"no tilld answers at %s (%s): start it, or name its socket with --socket",
			ctl->socket, strerror(number));
}

static int dial(const struct net *net, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, number;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = net->socket(net, AF_UNIX, SOCK_STREAM);
	if (fd < 0 || net->connect(net, fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	number = errno;
	net->close(net, fd);
	errno = number;
	return -1;
}

enum ctl_exit ctl_connect(struct ctl *ctl, bool quiet)
{
	enum ctl_exit e;

	if (ctl->fd >= 0)
		return CTL_DONE;
	e = ctl_configure(ctl);
	if (e != CTL_DONE)
		return e;
	ctl->fd = dial(ctl->net, ctl->socket);
	if (ctl->fd < 0)
		return quiet ? CTL_NO_DAEMON : no_daemon(ctl, errno);
	ctl->input = calloc(1, sizeof(*ctl->input));
	if (ctl->input == NULL)
		return ctl_fail(CTL_FAILED, "out of memory");
	buf_init(&ctl->input->bytes, ANSWER_MAX);
	return CTL_DONE;
}

void ctl_disconnect(struct ctl *ctl)
{
	if (ctl->fd >= 0)
		ctl->net->close(ctl->net, ctl->fd);
	ctl->fd = -1;
	if (ctl->input)
		buf_free(&ctl->input->bytes);
	free(ctl->input);
	ctl->input = NULL;
}

bool ctl_send(struct ctl *ctl, const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	size_t n = text ? strlen(text) : 0, sent = 0;

	if (text)
		text[n++] = '\n'; /* in place of the NUL */
	while (sent < n) {
		ssize_t some = ctl->net->send(ctl->net, ctl->fd, text + sent, n - sent, NULL, 0);

		if (some < 0 && errno != EINTR)
			break;
		sent += some > 0 ? (size_t)some : 0;
	}
	free(text);
	return n > 0 && sent == n;
}

const char *ctl_read_line(struct ctl *ctl, size_t *length)
{
	struct buf *b = &ctl->input->bytes;
	char *newline;

	buf_take(b, ctl->input->used);
	ctl->input->used = 0;
	while ((newline = buf_length(b) ? memchr(buf_front(b), '\n', buf_length(b)) : NULL) == NULL) {
		uint8_t *room = buf_room(b, READ_SIZE);
		ssize_t n = room ? ctl->net->receive(ctl->net, ctl->fd, room, READ_SIZE, NULL, NULL) : 0;

		if (n <= 0)
			return NULL; /* also when a signal comes: the caller asked for it */
		buf_grow(b, (size_t)n);
	}
	*newline = '\0';
	*length = (size_t)(newline - (char *)buf_front(b));
	ctl->input->used = *length + 1;
	return (const char *)buf_front(b);
}

static void tell_candidates(const json_t *candidates)
{
	const json_t *one;
	size_t i;

	json_array_foreach (candidates, i, one) {
		if (json_is_string(one))
			fprintf(stderr, "  --sku %s\n", json_string_value(one));
		else
			fprintf(stderr, "  --sku %-16s %s\n", text_of(one, "sku"), text_of(one, "name"));
	}
}

/* A configuration's, as tilld --check-config prints them. */
static void tell_errors(const json_t *errors)
{
	const json_t *one;
	size_t i;

	json_array_foreach (errors, i, one) {
		if (int_of(one, "line") > 0)
			fprintf(stderr, "%s:%lld: %s\n", text_of(one, "file"), int_of(one, "line"),
				text_of(one, "text"));
		else
			fprintf(stderr, "%s: %s\n", text_of(one, "file"), text_of(one, "text"));
	}
}

static enum ctl_exit refused(const json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");

	ctl_fail(CTL_FAILED, "%s: %s", text_of(error, "code"), text_of(error, "text"));
	tell_candidates(json_object_get(error, "candidates"));
	tell_errors(json_object_get(error, "errors"));
	if (int_of(error, "more_errors") > 0)
		fprintf(stderr, "and %lld more errors\n", int_of(error, "more_errors"));
	return CTL_FAILED;
}

enum ctl_exit ctl_ask(struct ctl *ctl, json_t *request, json_t **answer)
{
	enum ctl_exit e = ctl_connect(ctl, false);
	const char *line = NULL;
	size_t n = 0;

	*answer = NULL;
	if (e == CTL_DONE && ctl_send(ctl, request))
		line = ctl_read_line(ctl, &n);
	json_decref(request);
	if (e != CTL_DONE)
		return e;
	if (line == NULL)
		return ctl_fail(CTL_NO_DAEMON, "tilld at %s went away before it answered", ctl->socket);
	*answer = json_loadb(line, n, 0, NULL);
	if (!json_is_object(*answer))
		e = ctl_fail(CTL_FAILED, "%s: that is no answer of tilld: %.60s", ctl->socket, line);
	else if (ctl->json)
		puts(line);
	if (e == CTL_DONE && !json_is_true(json_object_get(*answer, "ok")))
		e = refused(*answer);
	if (e == CTL_DONE)
		return e;
	json_decref(*answer);
	*answer = NULL;
	return e;
}

enum ctl_exit ctl_show(struct ctl *ctl, json_t *request, void (*show)(const json_t *answer))
{
	json_t *answer;
	enum ctl_exit e = ctl_ask(ctl, request, &answer);

	if (e == CTL_DONE && !ctl->json)
		show(answer);
	json_decref(answer);
	return e;
}

static enum ctl_exit which_lane(const json_t *lanes)
{
	char names[256] = "";
	const json_t *lane;
	size_t i;

	json_array_foreach (lanes, i, lane) {
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i ? ", " : "",
			 text_of(lane, "lane"));
	}
	return ctl_fail(CTL_USAGE, "which lane? Say --lane with one of: %s", names);
}

/* The box's only lane. */
static enum ctl_exit find_lane(struct ctl *ctl)
{
	bool json = ctl->json;
	const json_t *lanes;
	enum ctl_exit e;
	json_t *answer;

	ctl->json = false; /* this question is not the user's */
	e = ctl_ask(ctl, json_pack("{s:s}", "verb", "lanes"), &answer);
	ctl->json = json;
	if (e != CTL_DONE)
		return e;
	lanes = json_object_get(answer, "lanes");
	if (json_array_size(lanes) == 1) {
		const char *name = text_of(json_array_get(lanes, 0), "lane");

		ctl->lane = arena_text(&ctl->arena, name, strlen(name));
	} else {
		e = which_lane(lanes);
	}
	json_decref(answer);
	return e;
}

json_t *ctl_lane_request(struct ctl *ctl, const char *verb, enum ctl_exit *code)
{
	*code = ctl->lane ? CTL_DONE : find_lane(ctl);
	if (*code != CTL_DONE)
		return NULL;
	return json_pack("{s:s, s:s}", "verb", verb, "lane", ctl->lane);
}

bool ctl_line(const char *text, long long *line)
{
	int64_t value = 0;

	if (decimal_parse(text, strlen(text), 0, &value) == ERR_OK && value >= 1) {
		*line = value;
		return true;
	}
	ctl_fail(CTL_USAGE, "'%s' is no line: lines count from 1, as 'tillctl cart' shows them", text);
	return false;
}

bool ctl_count(const struct ctl *ctl, const char *option, long long *count)
{
	const char *text = ctl_option(ctl, option);
	int64_t value = 0;

	if (text == NULL)
		return true;
	if (decimal_parse(text, strlen(text), 0, &value) == ERR_OK && value >= 1) {
		*count = value;
		return true;
	}
	ctl_fail(CTL_USAGE, "--%s: '%s' is no number from 1 on", option, text);
	return false;
}

const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

long long int_of(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}
