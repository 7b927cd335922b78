/*
 * A box and headquarters, both real, over real TLS and DTLS on loopback: what is sold arrives once, in order,
 * byte for byte; what is published arrives. What may break in between: test_link_schedules.
 */
#include "link_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "route.h"
#include "small_book.h"

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	log_open("test", getenv("TILL_TEST_LOG") ? LOG_DEBUG : LOG_ERROR);
	world_new(w, NULL);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	world_free(w);
	free(w);
	return 0;
}

/* A new box: snapshot, then changes by the doorbell alone (the poll is an hour away); sales all the while. */
static void up_and_down(void **state)
{
	struct world *w = *state;
	int64_t version;

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	for (int t = COAPS_TLS; t <= COAPS_DTLS; t++) {
		w->config.hq.uri = (struct config_words){&w->hq.uri_list[t], 1};
		world_sell(w, 150);
		world_start(w);
		TURN_UNTIL(w, w->up.marks.acked == world_newest(w));
		TURN_UNTIL(w, world_price_of_pen(w) > 0);
		TURN_UNTIL(w, coaps_client_transport(route_client(w->up.route)) == (enum coaps_transport)t);
		world_check_log(w);
		version = world_publish_price(w, 300 + (unsigned)t);
		TURN_UNTIL(w, world_price_of_pen(w) == 300 + t);
		assert_int_equal(w->up.marks.version, version);
		world_sell(w, 1);
		TURN_UNTIL(w, w->up.marks.acked == world_newest(w));
		world_check_log(w);
		world_stop(w);
	}
}

/* Another front of the same headquarters, on that port, or (0) any. */
static struct hub_server *open_front(struct world *w, uint16_t port, uint16_t *got)
{
	char uri[64];
	const char *list[1] = {uri};
	const struct hub_config config = {.state_dir = w->hq.dir, .listen = {list, 1}, .enrol = ""};
	struct hub_server *front;
	struct why why;

	snprintf(uri, sizeof(uri), "coaps+tcp://127.0.0.1:%u", port);
	if (hub_server_new(w->hq.loop, w->hq.hub, &config, &front, &why))
		fail_msg("%s", why.text);
	*got = hub_server_port(front, 0);
	return front;
}

static bool is_up_at(const struct world *w, const char *address)
{
	return w->up.greeted && strcmp(route_address(w->up.route), address) == 0;
}

/* All is as it should be by the connection that there is. */
static void works(struct world *w, unsigned cents)
{
	world_publish_price(w, cents);
	uplink_now(&w->up);
	world_sell(w, 2);
	TURN_UNTIL(w, w->up.marks.acked == world_newest(w) && world_price_of_pen(w) == (int64_t)cents);
	world_check_log(w);
}

/*
 * Nobody listens at the better address: the worse is used. When the better one answers, it is gone back to,
 * at the next look and without a break of the worse one; and so on.
 */
static void falls_back_and_returns(void **state)
{
	struct world *w = *state;
	char better[64];
	const char *list[2] = {better, w->hq.uris[COAPS_DTLS]};
	uint16_t port;
	struct hub_server *front = open_front(w, 0, &port);

	hub_server_free(front);
	snprintf(better, sizeof(better), "coaps+tcp://127.0.0.1:%u", port);
	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	w->config.hq.uri = (struct config_words){list, 2};
	world_start(w);
	TURN_UNTIL(w, is_up_at(w, list[1]));
	works(w, 301);
	for (unsigned round = 0; round < 2; round++) {
		atomic_fetch_add(&w->clock.skipped_us, ROUTE_RETURN_MS * INT64_C(1000)); /* a look in vain */
		works(w, 400 + round);
		assert_string_equal(route_address(w->up.route), list[1]);
		front = open_front(w, port, &port);
		TURN_UNTIL(w, is_up_at(w, list[0]));
		works(w, 500 + round);
		hub_server_free(front);
		TURN_UNTIL(w, is_up_at(w, list[1]));
		works(w, 600 + round);
	}
}

/* A revoked box gets nothing, says why, and is welcome again with a new certificate, without a restart. */
static void revoked_and_enrolled_again(void **state)
{
	struct world *w = *state;

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	world_sell(w, 1);
	world_start(w);
	TURN_UNTIL(w, w->up.marks.acked == world_newest(w));
	hq_revoke(&w->hq, "box-7");
	TURN_UNTIL(w, strstr(w->up.refused.text, "revoked"));
	world_sell(w, 1);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	uplink_reload(&w->up);
	uplink_now(&w->up);
	TURN_UNTIL(w, w->up.marks.acked == world_newest(w));
	world_check_log(w);
}

/* link.db is lost: headquarters says how far it is, and the catalog comes anew. */
static void link_db_is_lost(void **state)
{
	struct world *w = *state;

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	world_sell(w, 20);
	world_start(w);
	TURN_UNTIL(w, w->up.marks.acked == world_newest(w));
	world_stop(w);
	remove(scratch_path(&w->box, "link.db"));
	world_sell(w, 5);
	world_start(w);
	TURN_UNTIL(w, w->up.marks.acked == world_newest(w) && w->up.marks.cursor[0]);
	world_check_log(w);
}

/* What an earlier version left out is taken anew; and what headquarters said of itself is kept. */
static void upgraded(void **state)
{
	struct world *w = *state;

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	world_start(w);
	TURN_UNTIL(w, w->up.marks.cursor[0]);
	assert_non_null(strstr(world_status(w), "\"left_out\":0"));
	w->up.marks.left_out = 2;
	snprintf(w->up.marks.reader, sizeof(w->up.marks.reader), "0.0.9/1");
	world_stop(w);
	hq_deaf(&w->hq);
	world_start(w);
	assert_non_null(strstr(world_status(w), "\"headquarters\":{\"program\":\"tillhub " TILL_VERSION
						"\",\"semantics\":1,\"features\":[\"uncertain_clock\"]}"));
	assert_string_equal(w->up.marks.cursor, "");
	hq_hear(&w->hq);
	uplink_now(&w->up);
	TURN_UNTIL(w, w->up.marks.cursor[0]);
	assert_null(strstr(world_status(w), "\"changes\":0")); /* a small book comes as changes */
	world_stop(w);
	world_start(w);
	assert_string_not_equal(w->up.marks.cursor, ""); /* once is enough */
	TURN_UNTIL(w, w->up.greeted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(up_and_down, set_up, tear_down),
		cmocka_unit_test_setup_teardown(falls_back_and_returns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(revoked_and_enrolled_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(link_db_is_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(upgraded, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
