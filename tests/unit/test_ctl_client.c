/*
 * tillctl's end of the control socket on a network that fails. Its answers come from the other end of a pair
 * of sockets.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl.h"
#include "faulty_net.h"

struct line {
	struct faulty_net net;
	struct ctl ctl;
	char folder[32], path[64];
	int listener, daemon;
};

/* Connected to a daemon that says nothing yet. */
static enum ctl_exit dial(struct line *l)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	enum ctl_exit e;

	memcpy(l->folder, "/tmp/till-client-XXXXXX", sizeof("/tmp/till-client-XXXXXX"));
	assert_non_null(mkdtemp(l->folder));
	snprintf(l->path, sizeof(l->path), "%s/socket", l->folder);
	memcpy(address.sun_path, l->path, strlen(l->path) + 1);
	l->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(l->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(l->listener, 1), 0);
	l->ctl = (struct ctl){
		.net = &l->net.net, .fd = -1, .socket = l->path, .state_dir = l->folder, .configured = true};
	e = ctl_connect(&l->ctl, true);
	l->daemon = e == CTL_DONE ? accept4(l->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
	return e;
}

static void hang_up(struct line *l)
{
	ctl_disconnect(&l->ctl);
	arena_free(&l->ctl.arena);
	assert_int_equal(l->net.open, 0);
	if (l->daemon >= 0)
		close(l->daemon);
	close(l->listener);
	unlink(l->path);
	rmdir(l->folder);
}

static void answers(const struct line *l, const char *text)
{
	assert_int_equal(send(l->daemon, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* A question and its answer, whatever pieces they go in. */
static void pieces_and_signals_change_nothing(void **state)
{
	static const struct {
		size_t most;
		struct faulty_call send;
	} rows[] = {
		{0, {0}},
		{1, {0}},
		{5, {.spare = 1, .fail = 3, .code = EINTR}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line l = {0};
		char heard[64] = "";
		json_t *answer;

		faulty_net_init(&l.net);
		assert_int_equal(dial(&l), CTL_DONE);
		l.net.most = rows[i].most;
		l.net.send = rows[i].send;
		answers(&l, "{\"ok\":true,\"total\":\"2.49\"}\n");
		assert_int_equal(ctl_ask(&l.ctl, json_pack("{s:s}", "verb", "version"), &answer), CTL_DONE);
		assert_string_equal(text_of(answer, "total"), "2.49");
		json_decref(answer);
		assert_true(recv(l.daemon, heard, sizeof(heard) - 1, MSG_DONTWAIT) > 0);
		assert_string_equal(heard, "{\"verb\":\"version\"}\n");
		assert_int_equal(l.net.send.fail, 0);
		hang_up(&l);
	}
}

static void a_daemon_that_goes_away_is_told_of(void **state)
{
	static const struct {
		struct faulty_call send, receive;
		const char *said; /* before that */
	} rows[] = {
		{{.fail = 1, .code = EPIPE}, {0}, ""},
		{{0}, {.fail = 1, .code = ECONNRESET}, ""},
		{{0}, {.spare = 1, .fail = 1, .code = ECONNRESET}, "{\"ok\":tr"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line l = {0};
		json_t *answer;

		faulty_net_init(&l.net);
		assert_int_equal(dial(&l), CTL_DONE);
		l.net.send = rows[i].send;
		l.net.receive = rows[i].receive;
		answers(&l, rows[i].said);
		assert_int_equal(ctl_ask(&l.ctl, json_pack("{s:s}", "verb", "version"), &answer),
				 CTL_NO_DAEMON);
		assert_null(answer);
		hang_up(&l);
	}
}

static void no_connection_leaves_no_descriptor(void **state)
{
	static const int codes[] = {ECONNREFUSED, EACCES, EAGAIN};

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct line l = {0};

		faulty_net_init(&l.net);
		l.net.connect = (struct faulty_call){.fail = 1, .code = codes[i]};
		assert_int_equal(dial(&l), CTL_NO_DAEMON);
		hang_up(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_and_signals_change_nothing),
		cmocka_unit_test(a_daemon_that_goes_away_is_told_of),
		cmocka_unit_test(no_connection_leaves_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
