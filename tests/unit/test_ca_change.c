/*
 * Another CA in the place of the one there is, over real TLS and DTLS: the box is never cut off, no program
 * is started again, and what would cut somebody off is refused.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link_world.h"
#include "log.h"
#include "small_book.h"

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	log_open("test", getenv("TILL_TEST_LOG") ? LOG_DEBUG : LOG_ERROR);
	world_new(w, NULL);
	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	world_free(*state);
	free(*state);
	return 0;
}

static size_t pinned(const struct world *w)
{
	uint8_t hashes[PAPERS_CAS_MAX * DIGEST_SIZE];

	return papers_pinned(&w->up.papers, hashes);
}

static void works(struct world *w)
{
	world_sell(w, 3);
	TURN_UNTIL(w, w->up.marks.acked == world_newest(w));
	world_check_log(w);
}

/* By certificates as they are now. */
static void connect_anew(struct world *w)
{
	const struct coaps_client *was = route_client(w->up.route);

	assert_non_null(was);
	hub_server_drop(w->hq.server, "box-7");
	TURN_UNTIL(w, !w->up.greeted);
	TURN_UNTIL(w, w->up.greeted);
	works(w);
}

static void step(struct world *w, enum authority_phase leave)
{
	struct why why = {""};

	while (hq_change_ca(&w->hq, leave, false, &why) == ERR_STATE) {
		assert_non_null(strstr(why.text, "such as box-7"));
		world_turn(w); /* its next hello is an hour away, which this clock skips */
	}
}

static void change_over(struct world *w, enum coaps_transport transport)
{
	struct why why = {""};
	const char *one[] = {w->hq.uris[transport]};
	uint8_t before[PAPERS_CAS_MAX * DIGEST_SIZE], after[PAPERS_CAS_MAX * DIGEST_SIZE];

	w->config.hq.uri = (struct config_words){one, 1};
	world_start(w);
	TURN_UNTIL(w, w->up.greeted);
	works(w);
	assert_int_equal(papers_pinned(&w->up.papers, before), 1);
	assert_int_equal(hq_change_ca(&w->hq, AUTHORITY_NEXT, false, &why), ERR_STATE);
	assert_int_equal(hq_change_ca(&w->hq, AUTHORITY_OLD, false, &why), ERR_STATE);
	step(w, AUTHORITY_ONE);
	assert_int_equal(hq_change_ca(&w->hq, AUTHORITY_ONE, false, &why), ERR_STATE);
	works(w);
	connect_anew(w);
	step(w, AUTHORITY_NEXT);
	assert_int_equal(pinned(w), 2);
	works(w);
	connect_anew(
		w); /* headquarters' certificate is of the new CA, the box's perhaps of the old one yet */
	step(w, AUTHORITY_OLD);
	works(w);
	TURN_UNTIL(w, pinned(w) == 1);
	connect_anew(w); /* and all is of the new one */
	assert_int_equal(papers_pinned(&w->up.papers, after), 1);
	assert_memory_not_equal(before, after, DIGEST_SIZE);
	hq_restart(&w->hq);
	TURN_UNTIL(w, !w->up.greeted);
	TURN_UNTIL(w, w->up.greeted);
	works(w);
	world_stop(w);
}

/* Twice, since there is a CA from before the second time. */
static void nobody_is_cut_off(void **state)
{
	change_over(*state, COAPS_TLS);
	change_over(*state, COAPS_DTLS);
}

/* A box that is away while the CA changes is waited for; forced, it is cut off, and enrols anew. */
static void who_is_away(void **state)
{
	struct world *w = *state;
	struct why why = {""};

	world_start(w);
	TURN_UNTIL(w, w->up.greeted);
	world_stop(w);
	assert_int_equal(hq_change_ca(&w->hq, AUTHORITY_ONE, false, &why), ERR_OK);
	assert_int_equal(hq_change_ca(&w->hq, AUTHORITY_NEXT, false, &why), ERR_STATE);
	assert_non_null(strstr(why.text, "such as box-7"));
	assert_int_equal(hq_change_ca(&w->hq, AUTHORITY_NEXT, true, &why), ERR_OK);
	world_start(w);
	TURN_UNTIL(w, strstr(world_status(w), "not of the pinned CA"));
	assert_int_equal(hq_change_ca(&w->hq, AUTHORITY_OLD, false, &why), ERR_STATE);
	assert_int_equal(hq_change_ca(&w->hq, AUTHORITY_OLD, true, &why), ERR_OK);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	uplink_reload(&w->up);
	uplink_now(&w->up);
	TURN_UNTIL(w, w->up.greeted);
	works(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_is_cut_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_away, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
