/*
 * Who is heard first, and how much of a turn clients of the control socket get, over the small shop.
 */
#include "mini_desk.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One turn answers some of them, so that the scanners have their turn, too; the end of the client changes
 * nothing. */
static void many_requests_at_once_are_shared_over_turns(void **state)
{
	enum { REQUESTS = 5 * CONTROL_REQUESTS_A_TURN + 1 };
	static const char request[] = "{\"verb\":\"version\"}\n";
	struct desk *d = desk_new(&net_system);
	unsigned first = 0;
	struct peer p;

	(void)state;
	peer_open(&p, d);
	for (int i = 0; i < REQUESTS; i++)
		assert_int_equal(send(p.fd, request, sizeof(request) - 1, 0), sizeof(request) - 1);
	shutdown(p.fd, SHUT_WR);
	loop_turn(d->m.loop, 10);
	hear_now(&p);
	while (next_line(&p))
		first++;
	assert_int_equal(first, CONTROL_REQUESTS_A_TURN);
	for (unsigned i = first; i < REQUESTS; i++)
		expect(hear(d, &p), "program", "tilld");
	assert_null(hear(d, &p));
	peer_close(&p);
	desk_free(d);
}

/* A clock that is a third of a turn later each time it is asked. */
static int64_t later_us(const struct clock *clock)
{
	static int64_t now_us;

	(void)clock;
	now_us += CONTROL_TURN_US / 3;
	return now_us;
}

/* However many ask at once, and whatever it costs, a turn has an end, and the next goes on where it ended. */
static void a_turn_ends_before_everybody_is_heard(void **state)
{
	enum { PEERS = 8 };
	static const char two[] = "{\"verb\":\"version\"}\n{\"verb\":\"version\"}\n";
	struct desk *d = desk_new(&net_system);
	struct peer p[PEERS];
	unsigned answered = 0, turns = 0;

	(void)state;
	for (int i = 0; i < PEERS; i++)
		peer_open(&p[i], d);
	loop_turn(d->m.loop, 10); /* they are let in */
	d->m.clock.clock.monotonic_us = later_us;
	for (int i = 0; i < PEERS; i++)
		assert_int_equal(send(p[i].fd, two, sizeof(two) - 1, 0), sizeof(two) - 1);
	for (; answered < 2 * PEERS && turns < TURNS_MAX; turns++) {
		unsigned before = answered;

		loop_turn(d->m.loop, 0);
		for (int i = 0; i < PEERS; i++)
			for (hear_now(&p[i]); next_line(&p[i]);)
				answered++;
		assert_true(answered - before <= 3);
	}
	assert_int_equal(answered, 2 * PEERS);
	for (int i = 0; i < PEERS; i++)
		peer_close(&p[i]);
	desk_free(d);
}

/* A scanner, for the loop: its byte is a scan on lane 1. */
static void on_scanner(int fd, unsigned events, void *arg)
{
	char byte;

	(void)events;
	assert_int_equal(read(fd, &byte, 1), 1);
	device_scan(arg, "1");
}

/*
 * Every client that there may be has asked before the scan comes, and all of that is ready when the loop
 * looks. The scan is priced and told in that very turn, before any of them is answered; the first is the
 * subscriber, so its own answer stands behind the line.
 */
static void a_scan_goes_before_all_clients(void **state)
{
	static const char request[] = "{\"verb\":\"version\"}\n";
	static struct peer peers[CONTROL_CLIENTS_MAX];
	struct desk *d = desk_new(&net_system);
	int scanner[2];

	(void)state;
	for (size_t i = 0; i < COUNT(peers); i++)
		peer_open(&peers[i], d);
	expect(ask(d, &peers[0], "{\"verb\":\"subscribe\",\"lane\":\"1\"}"), "ok", "true");
	expect(ask(d, &peers[0], "{\"verb\":\"status\"}"), "clients", "256");
	assert_int_equal(pipe(scanner), 0);
	assert_int_equal(loop_watch(d->m.loop, scanner[0], LOOP_READ, on_scanner, d), ERR_OK);
	for (size_t i = 0; i < COUNT(peers); i++)
		assert_int_equal(send(peers[i].fd, request, sizeof(request) - 1, 0), sizeof(request) - 1);
	assert_int_equal(write(scanner[1], "x", 1), 1);
	loop_turn(d->m.loop, 0);
	hear_now(&peers[0]);
	expect(next_line(&peers[0]), "event", "line");
	for (size_t i = 0; i < COUNT(peers); i++)
		expect(hear(d, &peers[i]), "program", "tilld");
	loop_unwatch(d->m.loop, scanner[0]);
	close(scanner[0]);
	close(scanner[1]);
	for (size_t i = 0; i < COUNT(peers); i++)
		peer_close(&peers[i]);
	desk_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_requests_at_once_are_shared_over_turns),
		cmocka_unit_test(a_turn_ends_before_everybody_is_heard),
		cmocka_unit_test(a_scan_goes_before_all_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
