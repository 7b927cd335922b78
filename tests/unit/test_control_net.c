/*
 * The control socket on a network that fails: no answer is lost or torn, one client's trouble is its own, and
 * what cannot be served now is served later.
 */
#include "mini_desk.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "faulty_net.h"

#define VERSION "{\"verb\":\"version\",\"id\":1}"

static struct faulty_net net;
static struct desk *d;

static int set_up(void **state)
{
	(void)state;
	faulty_net_init(&net);
	d = desk_new(&net.net);
	return 0;
}

/* Whatever happened, every descriptor was given back. */
static int tear_down(void **state)
{
	(void)state;
	desk_free(d);
	assert_int_equal(net.open, 0);
	return 0;
}

static void turn(int times)
{
	for (int i = 0; i < times; i++)
		loop_turn(d->m.loop, 0);
}

/* Trouble that passes: who asked is answered, byte for byte. */
static const struct {
	const char *name;
	size_t most;
	struct faulty_call send, receive;
} passing[] = {
	{"one byte at a time", 1, {0}, {0}},
	{"seven bytes at a time", 7, {0}, {0}},
	{"no room", 0, {.fail = 3, .code = EAGAIN}, {0}},
	{"no room, between bytes", 1, {.spare = 20, .fail = 5, .code = EAGAIN}, {0}},
	{"a signal while sending", 1, {.spare = 5, .fail = 5, .code = EINTR}, {0}},
	{"a signal while reading", 0, {0}, {.fail = 5, .code = EINTR}},
	{"nothing to read after all", 0, {0}, {.fail = 5, .code = EAGAIN}},
};

static void trouble_that_passes_changes_no_answer(void **state)
{
	static const char expected[] = "{\"id\":1,\"ok\":true,\"program\":\"tilld\",\"version\":\"1.2.3\",";
	struct peer p;

	(void)state;
	peer_open(&p, d);
	for (size_t i = 0; i < COUNT(passing); i++) {
		net.most = passing[i].most;
		net.send = passing[i].send;
		net.receive = passing[i].receive;
		say(d, &p, VERSION);
		if (hear(d, &p) == NULL || strncmp(p.line, expected, sizeof(expected) - 1) != 0)
			fail_msg("%s: %s", passing[i].name, p.line ? p.line : "no answer");
		if (net.send.fail > 0 || net.receive.fail > 0)
			fail_msg("%s: that did not come to pass", passing[i].name);
	}
	peer_close(&p);
}

/* Trouble that does not: that client is through, its descriptor given back, and the next one is served. */
static void a_connection_that_breaks_is_one_clients_trouble(void **state)
{
	static const struct faulty_call rows[][2] = {
		/* send, receive */
		{{.fail = 1, .code = EPIPE}, {0}},   {{.fail = 1, .code = ECONNRESET}, {0}},
		{{.fail = 1, .code = ENOBUFS}, {0}}, {{0}, {.fail = 1, .code = ECONNRESET}},
		{{0}, {.fail = 1, .code = ENOMEM}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct peer broken, next;

		peer_open(&broken, d);
		net.send = rows[i][0];
		net.receive = rows[i][1];
		assert_true(send(broken.fd, VERSION "\n", sizeof(VERSION), 0) > 0);
		assert_null(hear(d, &broken));
		peer_open(&next, d);
		expect(ask(d, &next, "{\"verb\":\"status\"}"), "clients", "1");
		peer_close(&broken);
		peer_close(&next);
		turn(2);
	}
}

/* Those that came before are served; those that come are taken in when descriptors are to be had again. */
static void no_descriptors_for_new_clients_holds_the_old_ones_up_not_at_all(void **state)
{
	static const int codes[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
	struct peer old, new;

	(void)state;
	peer_open(&old, d);
	for (size_t i = 0; i < COUNT(codes); i++) {
		net.accept = (struct faulty_call){.fail = 1, .code = codes[i]};
		peer_open(&new, d);
		say(d, &new, VERSION);
		expect(ask(d, &old, "{\"verb\":\"status\"}"), "clients", "1");
		turn(50);
		assert_int_equal(net.accept.calls, 1); /* it is not tried in a circle */
		clock_manual_advance_ms(&d->m.clock, 999);
		turn(2);
		assert_int_equal(net.accept.calls, 1);
		clock_manual_advance_ms(&d->m.clock, 1);
		expect(hear(d, &new), "program", "tilld");
		peer_close(&new);
		turn(2);
	}
	peer_close(&old);
}

static void one_that_left_before_it_was_taken_in_is_passed_over(void **state)
{
	static const int codes[] = {EINTR, ECONNABORTED};
	struct peer p;

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		net.accept = (struct faulty_call){.fail = 3, .code = codes[i]};
		peer_open(&p, d);
		expect(ask(d, &p, VERSION), "program", "tilld");
		peer_close(&p);
	}
}

/* It is for the log alone. */
static void one_that_nobody_can_name_is_served(void **state)
{
	struct peer p;

	(void)state;
	net.get_option = (struct faulty_call){.fail = 1, .code = ENOPROTOOPT};
	peer_open(&p, d);
	expect(ask(d, &p, VERSION), "program", "tilld");
	peer_close(&p);
}

/* Its socket takes a few bytes now and then; no event is torn or left out. */
static void a_slow_subscriber_gets_whole_lines(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p, d);
	ask(d, &p, "{\"verb\":\"subscribe\",\"lane\":\"1\"}");
	net.most = 3;
	net.send = (struct faulty_call){.spare = 2, .fail = 2, .code = EAGAIN};
	for (int i = 1; i <= 20; i++)
		lane_device_scan(shop_lane(d->m.shop, "1"), "4006381333931", 13);
	for (int i = 1; i <= 20; i++) {
		char line[16];

		snprintf(line, sizeof(line), "%d", i);
		expect(hear(d, &p), "event", "line");
		expect(p.line, "quantity", line);
	}
	peer_close(&p);
}

/*
 * The event comes of a request that is heard after the subscriber was seen to, and its socket is full. The
 * next turn has to know of that: the socket, writable by then, is tried (and is full once more), and again
 * before the loop sleeps. Were it not watched, the loop would sleep on what waits.
 */
static void what_waits_for_a_subscriber_wakes_the_loop(void **state)
{
	static const char scan[] = "{\"verb\":\"scan\",\"lane\":\"1\",\"code\":\"" DESK_PEN "\"}\n";
	struct peer subscriber, cashier;

	(void)state;
	peer_open(&subscriber, d);
	ask(d, &subscriber, "{\"verb\":\"subscribe\",\"lane\":\"1\"}");
	peer_open(&cashier, d);
	ask(d, &cashier, VERSION);
	turn(2);
	net.send = (struct faulty_call){.fail = 1, .code = EAGAIN};
	assert_int_equal(send(cashier.fd, scan, sizeof(scan) - 1, 0), sizeof(scan) - 1);
	turn(1);
	assert_int_equal(net.send.calls, 2); /* the event, which was kept, and the answer */
	net.send = (struct faulty_call){.fail = 1, .code = EAGAIN};
	turn(1);
	assert_int_equal(net.send.calls, 2);
	expect(hear(d, &subscriber), "event", "line");
	peer_close(&subscriber);
	peer_close(&cashier);
}

/* Nothing is left behind by a start that failed: neither socket file nor descriptor. */
static void a_start_that_fails_says_why(void **state)
{
	const struct {
		struct faulty_call *call;
		int code;
		const char *text;
	} rows[] = {
		{&net.socket, EMFILE, "Too many open files"},
		{&net.bind, EACCES, "Permission denied"},
		{&net.bind, EROFS, "Read-only file system"},
		{&net.listen, EOPNOTSUPP, "Operation not supported"},
	};
	struct control_config config = d->config;
	int open = net.open;
	char path[160];

	(void)state;
	snprintf(path, sizeof(path), "%s/second", d->m.scratch.dir);
	config.path = path;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct control *c = NULL;
		struct why why = {0};
		struct stat st;

		*rows[i].call = (struct faulty_call){.fail = 1, .code = rows[i].code};
		assert_int_equal(control_new(d->m.loop, &config, &c, &why), ERR_IO);
		if (strstr(why.text, rows[i].text) == NULL)
			fail_msg("row %zu: %s", i, why.text);
		assert_int_equal(net.open, open);
		assert_int_equal(stat(path, &st), -1);
	}
}

int main(void)
{
#define FAULT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		FAULT(trouble_that_passes_changes_no_answer),
		FAULT(a_connection_that_breaks_is_one_clients_trouble),
		FAULT(no_descriptors_for_new_clients_holds_the_old_ones_up_not_at_all),
		FAULT(one_that_left_before_it_was_taken_in_is_passed_over),
		FAULT(one_that_nobody_can_name_is_served),
		FAULT(a_slow_subscriber_gets_whole_lines),
		FAULT(what_waits_for_a_subscriber_wakes_the_loop),
		FAULT(a_start_that_fails_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
