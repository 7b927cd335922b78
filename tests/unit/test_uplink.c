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

/* The first address is dead: the second is used; when the first answers, it is gone back to. */
static void falls_back(void **state)
{
	struct world *w = *state;
	const char *list[2] = {"coaps+tcp://127.0.0.1:1", w->hq.uris[COAPS_DTLS]};

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	world_sell(w, 3);
	w->config.hq.uri = (struct config_words){list, 2};
	world_start(w);
	TURN_UNTIL(w, w->up.marks.acked == world_newest(w));
	assert_string_equal(route_address(w->up.route), list[1]);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(up_and_down, set_up, tear_down),
		cmocka_unit_test_setup_teardown(falls_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(revoked_and_enrolled_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(link_db_is_lost, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
