/*
 * Starting tilld and talking to it. See box.h.
 */
#include "box.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 20000
#define ATTEMPTS_MS 1L /* between two tries to connect, and between two first scans */

static void path_in(const struct box *b, const char *name, char *out, size_t size)
{
	if ((size_t)snprintf(out, size, "%s/%s", b->dir, name) >= size)
		measure_fail("%s: over-long path", b->dir);
}

void box_init(struct box *b, const char *program, const char *dir)
{
	*b = (struct box){.program = program, .dir = dir};
	path_in(b, "scanner", b->scanner, sizeof(b->scanner));
	path_in(b, "control.sock", b->socket, sizeof(((struct sockaddr_un *)0)->sun_path));
	path_in(b, "tilld.conf", b->config, sizeof(b->config));
	path_in(b, "log", b->log, sizeof(b->log));
	b->lines = measure_memory(1, sizeof(*b->lines));
}

/* False: nothing came in that time. */
static bool readable(int fd, int wait_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, wait_ms) > 0;
}

const char *lines_next(struct lines *l, size_t *n, int64_t *first_ns)
{
	size_t seen = l->from;

	if (first_ns)
		*first_ns = 0;
	for (;;) {
		char *newline = memchr(l->bytes + seen, '\n', l->end - seen);
		ssize_t got;

		if (newline) {
			const char *line = l->bytes + l->from;

			*n = (size_t)(newline - line);
			l->from += *n + 1;
			return line;
		}
		if (l->from == l->end || l->end == sizeof(l->bytes)) {
			memmove(l->bytes, l->bytes + l->from, l->end - l->from);
			l->end -= l->from;
			l->from = 0;
		}
		seen = l->end;
		got = recv(l->fd, l->bytes + l->end, sizeof(l->bytes) - l->end, 0);
		if (first_ns && *first_ns == 0)
			*first_ns = measure_now_ns();
		if (got <= 0)
			return NULL; /* SO_RCVTIMEO, or the end */
		l->end += (size_t)got;
	}
}

void lines_drop(struct lines *l)
{
	l->from = l->end = 0;
}

void box_scan(struct port *p, const char *code)
{
	char bytes[64];
	size_t written, n = (size_t)snprintf(bytes, sizeof(bytes), "%s\r", code);

	if (port_write(p, bytes, n, &written) || written != n)
		measure_fail("the pty takes no more: nobody reads it");
}

/* What is told meanwhile, of the box and of no scan. */
static bool is_of_the_box(const char *line, size_t n)
{
	static const char *const events[] = {"{\"event\":\"catalog\"", "{\"event\":\"clock\""};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (n >= strlen(events[i]) && memcmp(line, events[i], strlen(events[i])) == 0)
			return true;
	return false;
}

const char *box_time_scan(struct port *p, struct lines *l, const char *code, size_t *n, double *us)
{
	int64_t read, first = 0, began = measure_now_ns();
	const char *line;

	box_scan(p, code);
	do {
		line = lines_next(l, n, &read);
		if (!line)
			measure_fail("no answer to the scan of %s", code);
		first = read ? read : first; /* else it came with the line before */
	} while (is_of_the_box(line, *n));
	*us = (double)(first - began) / 1000;
	return line;
}

static pid_t running; /* a benchmark that fails leaves no tilld behind, which would refuse the next */

static void end_running(void)
{
	if (running > 0)
		kill(running, SIGTERM);
}

static void spawn(struct box *b)
{
	char *const argv[] = {strdup(b->program), strdup("--config"), b->config, NULL};
	posix_spawn_file_actions_t files;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 1, b->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	if (posix_spawn(&b->pid, b->program, &files, NULL, argv, environ))
		measure_fail("%s: cannot be started: build it first", b->program);
	if (running == 0)
		atexit(end_running);
	running = b->pid;
	posix_spawn_file_actions_destroy(&files);
	free(argv[0]);
	free(argv[1]);
}

static void connect_to(struct box *b)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int64_t end = measure_now_ns() + PATIENCE_MS * INT64_C(1000000);

	memcpy(name.sun_path, b->socket, strlen(b->socket));
	while (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		if (measure_now_ns() > end || waitpid(b->pid, NULL, WNOHANG) > 0)
			measure_fail("tilld does not start: see %s", b->log);
		nanosleep(&(struct timespec){.tv_nsec = ATTEMPTS_MS * 1000000}, NULL);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	b->lines->fd = fd;
	lines_drop(b->lines);
}

void box_connect(const struct box *b, struct box *out)
{
	*out = *b;
	out->lines = measure_memory(1, sizeof(*out->lines));
	connect_to(out);
}

/* True at the event of a priced line. */
static bool is_line(const char *text, size_t n)
{
	json_t *json = json_loadb(text, n, 0, NULL);
	const char *event = json_string_value(json_object_get(json, "event"));
	bool found = event && !strcmp(event, "line");

	json_decref(json);
	return found;
}

/* Until the catalog and the scanner are there, scans are refused or not even read. */
static void await_first(struct box *b, const char *code)
{
	int64_t end = measure_now_ns() + PATIENCE_MS * INT64_C(1000000);
	size_t n;

	for (;;) {
		if (port_unread(&b->port) == 0)
			box_scan(&b->port, code);
		while (readable(b->lines->fd, (int)ATTEMPTS_MS) || b->lines->from < b->lines->end) {
			const char *line = lines_next(b->lines, &n, NULL);

			if (!line || measure_now_ns() > end)
				measure_fail("tilld prices no scan of %s: see %s", code, b->log);
			if (is_line(line, n))
				return;
		}
		if (measure_now_ns() > end)
			measure_fail("tilld prices no scan of %s: see %s", code, b->log);
	}
}

void box_start(struct box *b, const char *code)
{
	struct why why = {0};

	port_init(&b->port, b->scanner);
	if (port_plug(&b->port, &why))
		measure_fail("%s", why.text);
	unlink(b->socket); /* of a run that was cut off: it would refuse, not wait */
	spawn(b);
	connect_to(b);
	json_decref(box_ask(b, "subscribe", "\"lane\":\"*\""));
	await_first(b, code);
}

void box_stop(struct box *b)
{
	kill(b->pid, SIGTERM);
	waitpid(b->pid, NULL, 0);
	running = -1;
	close(b->lines->fd);
	port_unplug(&b->port);
}

json_t *box_ask(struct box *b, const char *verb, const char *members)
{
	char request[512];
	int64_t id = ++b->next_id;
	int n = snprintf(request, sizeof(request), "{\"id\":%" PRId64 ",\"verb\":\"%s\"%s%s}\n", id, verb,
			 *members ? "," : "", members);

	if (send(b->lines->fd, request, (size_t)n, MSG_NOSIGNAL) != n)
		measure_fail("tilld hung up: see %s", b->log);
	for (;;) {
		size_t length;
		const char *line = lines_next(b->lines, &length, NULL);
		json_t *json = line ? json_loadb(line, length, 0, NULL) : NULL;

		if (!json)
			measure_fail("no answer to %s", request);
		if (json_integer_value(json_object_get(json, "id")) == id) {
			if (!json_is_true(json_object_get(json, "ok")))
				measure_fail("%.*s is answered with %.*s", n - 1, request, (int)length, line);
			return json;
		}
		json_decref(json);
	}
}
