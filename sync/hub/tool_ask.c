/*
 * A request of an operator: to the hub that runs, or done here. See tool.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin.h"
#include "disk.h"
#include "hub_socket.h"
#include "tool.h"

/* Without a hub: a desk of our own, for one request. The log's lock keeps a hub from starting meanwhile. */
static enum err do_it_here(const struct tool *t, const char *line, size_t n, struct buf *out, struct why *why)
{
	struct event_log *log = NULL;
	struct desk desk = {0};
	char path[DESK_PATH_MAX];
	enum err e = desk_path(t->config.state_dir, "log.db", path, why);

	if (!e)
		e = event_log_open(&disk_system, path, &clock_system, NULL, NULL, NULL, &log, why);
	if (!e)
		e = desk_open(t->config.state_dir, &clock_system, log, &desk, why);
	if (!e) {
		desk.box_ms = t->config.box_certificate_ms;
		desk.roles = &t->config.roles;
		admin_run(&desk, tool_who(), line, n, out);
		desk_close(&desk);
	}
	event_log_close(log);
	return e;
}

static enum tool_exit show_answer(const struct tool *t, const struct buf *line,
				  void (*show)(const struct tool *t, const json_t *answer))
{
	json_error_t error;
	json_t *answer = json_loadb((const char *)buf_front(line), buf_length(line), 0, &error);
	enum tool_exit code = TOOL_DONE;

	if (!json_is_object(answer))
		code = tool_fail(TOOL_FAILED, "the hub's answer cannot be read: %s", error.text);
	else if (!json_is_true(json_object_get(answer, "ok")))
		code = tool_fail(TOOL_FAILED, "%s", tool_text(answer, "reason"));
	if (t->json && json_is_object(answer))
		fwrite(buf_front(line), 1, buf_length(line), stdout);
	else if (code == TOOL_DONE)
		show(t, answer);
	json_decref(answer);
	return code;
}

enum tool_exit tool_ask(struct tool *t, json_t *request,
			void (*show)(const struct tool *t, const json_t *answer))
{
	enum tool_exit code = tool_configure(t);
	struct why why = {""};
	struct buf out;
	char *line;
	size_t n;
	enum err e;

	if (code != TOOL_DONE) {
		json_decref(request);
		return code;
	}
	line = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (!line)
		return tool_fail(TOOL_FAILED, "out of memory");
	n = strlen(line);
	line[n] = '\n'; /* instead of its NUL: with it, n + 1 bytes are a line */
	buf_init(&out, (size_t)2 * ADMIN_LINE_MAX);
	e = hub_socket_ask(t->config.state_dir, line, n + 1, &out, &why);
	if (e == ERR_NOT_FOUND)
		e = do_it_here(t, line, n, &out, &why);
	code = e ? tool_fail(TOOL_FAILED, "%s", why.text) : show_answer(t, &out, show);
	buf_free(&out);
	free(line);
	return code;
}
