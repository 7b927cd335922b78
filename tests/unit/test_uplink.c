/*
 * A box and headquarters, both real, over real TLS and DTLS on loopback: what is sold arrives once, in order,
 * byte for byte; what is published arrives; whatever breaks in between.
 *
 * The schedule of faults is drawn from a seed; TILL_SCHEDULES says how many of them are run.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hq.h"
#include "ledger.h"
#include "log.h"
#include "outbox.h"
#include "route.h"
#include "sales.h"
#include "scratch.h"
#include "small_book.h"
#include "topic.h"
#include "uplink.h"

#define LIMIT_US INT64_C(60000000)

struct world {
	struct scratch hq_place, box;
	struct loop *loop;
	struct hq hq;
	struct tilld_config config;
	struct uplink up;
	bool running;
	unsigned orders;
};

static int64_t publish_price(struct world *w, unsigned cents)
{
	char line[160];
	const char *lines[] = {line, NULL};

	snprintf(line, sizeof(line),
		 "{\"type\":\"price\",\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"%u.%02u\"}", cents / 100,
		 cents % 100);
	return hq_publish(&w->hq, lines, true);
}

static void up_start(struct world *w)
{
	struct why why;

	w->up = (struct uplink){.loop = w->loop, .config = &w->config, .notify.fd = -1};
	if (uplink_start(&w->up, &why))
		fail_msg("%s", why.text);
	if (!w->up.route)
		fail_msg("%s", w->up.idle.text);
	w->running = true;
}

static void up_stop(struct world *w)
{
	uplink_stop(&w->up);
	w->running = false;
}

/* Both ends, each in its turn. */
static void turn(struct world *w)
{
	loop_turn(w->loop, 1);
	loop_turn(w->hq.loop, 1);
}

static const char *status(struct world *w)
{
	static char text[8192];
	struct buf line;
	struct jsonw json;

	buf_init(&line, sizeof(text) - 1);
	jsonw_begin(&json, &line);
	jsonw_object(&json, NULL);
	uplink_status(&w->up, &json);
	jsonw_close(&json);
	text[0] = '\0';
	if (jsonw_end(&json) == ERR_OK)
		snprintf(text, sizeof(text), "%.*s", (int)buf_length(&line), (const char *)buf_front(&line));
	buf_free(&line);
	return text;
}

/* Turns until the condition holds; the limit is for a test that has failed. */
#define TURN_UNTIL(w, condition)                                                             \
	do {                                                                                 \
		int64_t end_us = clock_monotonic_us(&clock_system) + LIMIT_US;               \
		while (!(condition)) {                                                       \
			if (clock_monotonic_us(&clock_system) > end_us)                      \
				fail_msg("%s did not come true: %s", #condition, status(w)); \
			turn(w);                                                             \
		}                                                                            \
	} while (0)

/* Sales at the box, in one commit; what it has of tilld is the ledger. */
static void sell(struct world *w, unsigned count)
{
	struct ledger_position at;
	struct sale_kit kit;
	struct ledger *l;
	struct why why;
	char order[32];

	if (ledger_open(scratch_path(&w->box, "ledger.db"), "box-7", &clock_system, &l, &why))
		fail_msg("%s", why.text);
	assert_int_equal(ledger_begin(l, &why), ERR_OK);
	for (unsigned i = 0; i < count; i++) {
		snprintf(order, sizeof(order), "order-%u", ++w->orders);
		sale_kit_make(&kit, order, 1 + w->orders % 5, w->orders);
		assert_int_equal(ledger_append_sale(l, &kit.ledger, &at, &why), ERR_OK);
		sale_kit_free(&kit);
	}
	assert_int_equal(ledger_commit(l, &why), ERR_OK);
	ledger_close(l);
}

static int64_t newest_id(struct world *w)
{
	struct ledger_reader *r;
	struct ledger_event e = {0};
	struct why why;

	assert_int_equal(ledger_reader_open(scratch_path(&w->box, "ledger.db"), &r, &why), ERR_OK);
	assert_int_equal(ledger_reader_newest(r, &e, &why), ERR_OK);
	ledger_reader_close(r);
	return e.id;
}

/* Each event of headquarters' log against the ledger's next one. */
struct comparing {
	struct ledger_reader *ledger;
	int64_t id;
};

static enum err compare(const struct log_record *r, void *arg, struct why *why)
{
	struct comparing *c = arg;
	struct topic_upload upload;
	struct arena a = ARENA_EMPTY;
	struct ledger_event ours;
	struct cborr events;
	const uint8_t *at;
	size_t n;
	enum err e = topic_decode(TOPIC_SALES_EVENTS, r->value, &a, &upload, why);

	assert_int_equal(e, ERR_OK);
	assert_int_equal(upload.kind, UPLOAD_EVENTS);
	events = cborr_over(upload.events.at, upload.events.length);
	while (events.at < events.end) {
		assert_int_equal(cborr_skip(&events, &at, &n), ERR_OK);
		assert_int_equal(ledger_reader_next(c->ledger, c->id, &ours, why), ERR_OK);
		assert_int_equal(ours.id, c->id + 1);
		assert_int_equal(n, ours.length);
		assert_memory_equal(at, ours.bytes, n);
		c->id++;
	}
	arena_free(&a);
	return ERR_OK;
}

/* None missing, none twice, in order, byte for byte. */
static void check_log(struct world *w)
{
	struct comparing c = {0};
	struct log_reader *r;
	struct why why;
	int64_t next = 0, before;
	unsigned partition = log_partition_of(TOPIC_SALES_EVENTS, "box-7");

	assert_int_equal(ledger_reader_open(scratch_path(&w->box, "ledger.db"), &c.ledger, &why), ERR_OK);
	assert_int_equal(log_reader_open(scratch_path(&w->hq_place, "log.db"), &r, &why), ERR_OK);
	do {
		before = next;
		assert_int_equal(log_read(r, (struct log_position){TOPIC_SALES_EVENTS, partition, before},
					  1000, compare, &c, &next, &why),
				 ERR_OK);
	} while (next > before);
	assert_int_equal(c.id, newest_id(w));
	log_reader_close(r);
	ledger_reader_close(c.ledger);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	log_open("test", getenv("TILL_TEST_LOG") ? LOG_DEBUG : LOG_ERROR);
	scratch_new(&w->hq_place);
	scratch_new(&w->box);
	assert_int_equal(loop_new(&clock_system, &w->loop), ERR_OK);
	hq_new(&w->hq, w->hq_place.dir);
	w->config.daemon.box = "box-7";
	w->config.daemon.store = "S1";
	w->config.daemon.state_dir = w->box.dir;
	w->config.daemon.control_socket = strdup(scratch_path(&w->box, "control.sock"));
	w->config.hq =
		(struct hq_section){.uri = {w->hq.uri_list, 2}, .name = "localhost", .poll_ms = 3600000};
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	if (w->running)
		up_stop(w);
	hq_free(&w->hq);
	loop_free(w->loop);
	scratch_free(&w->hq_place);
	scratch_free(&w->box);
	free((char *)(uintptr_t)w->config.daemon.control_socket); /* NOLINT(performance-no-int-to-ptr) */
	free(w);
	return 0;
}

static int64_t price_of_pen(struct world *w)
{
	struct arena a = ARENA_EMPTY;
	struct record r;
	struct why why;
	int64_t cents = -1;

	if (w->up.catalog &&
	    catalog_store_find(w->up.catalog, RECORD_PRICE, "base\x1fPEN", &a, &r, &why) == ERR_OK)
		cents = r.as.price.price.minor;
	arena_free(&a);
	return cents;
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
		sell(w, 150);
		up_start(w);
		TURN_UNTIL(w, w->up.marks.acked == newest_id(w));
		TURN_UNTIL(w, price_of_pen(w) > 0);
		TURN_UNTIL(w, coaps_client_transport(route_client(w->up.route)) == (enum coaps_transport)t);
		check_log(w);
		version = publish_price(w, 300 + (unsigned)t);
		TURN_UNTIL(w, price_of_pen(w) == 300 + t);
		assert_int_equal(w->up.marks.version, version);
		sell(w, 1);
		TURN_UNTIL(w, w->up.marks.acked == newest_id(w));
		check_log(w);
		up_stop(w);
	}
}

/* The first address is dead: the second is used; when the first answers, it is gone back to. */
static void falls_back(void **state)
{
	struct world *w = *state;
	const char *list[2] = {"coaps+tcp://127.0.0.1:1", w->hq.uris[COAPS_DTLS]};

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	sell(w, 3);
	w->config.hq.uri = (struct config_words){list, 2};
	up_start(w);
	TURN_UNTIL(w, w->up.marks.acked == newest_id(w));
	assert_string_equal(route_address(w->up.route), list[1]);
}

/* A revoked box gets nothing, says why, and is welcome again with a new certificate, without a restart. */
static void revoked_and_enrolled_again(void **state)
{
	struct world *w = *state;

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	sell(w, 1);
	up_start(w);
	TURN_UNTIL(w, w->up.marks.acked == newest_id(w));
	hq_revoke(&w->hq, "box-7");
	TURN_UNTIL(w, strstr(w->up.refused.text, "revoked"));
	sell(w, 1);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	uplink_reload(&w->up);
	uplink_now(&w->up);
	TURN_UNTIL(w, w->up.marks.acked == newest_id(w));
	check_log(w);
}

/* link.db is lost: headquarters says how far it is, and the catalog comes anew. */
static void link_db_is_lost(void **state)
{
	struct world *w = *state;

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	sell(w, 20);
	up_start(w);
	TURN_UNTIL(w, w->up.marks.acked == newest_id(w));
	up_stop(w);
	remove(scratch_path(&w->box, "link.db"));
	sell(w, 5);
	up_start(w);
	TURN_UNTIL(w, w->up.marks.acked == newest_id(w) && w->up.marks.cursor[0]);
	check_log(w);
}

static void one_step(struct world *w, uint64_t *seed)
{
	uint64_t draw = seed_next(seed);

	switch (draw % 7) {
	case 0:
	case 1:
		sell(w, (unsigned)(draw >> 8) % 200);
		break;
	case 2: /* headquarters ends, whatever is on its way, and begins anew */
		hq_restart(&w->hq);
		break;
	case 3: /* so does the box's side */
		up_stop(w);
		up_start(w);
		break;
	case 4:
		publish_price(w, 100 + (unsigned)(draw >> 8) % 900);
		break;
	case 5: /* the connection breaks */
		hub_server_drop(w->hq.server, "box-7");
		break;
	case 6: /* nobody listens for a while */
		hq_deaf(&w->hq);
		for (int i = 0; i < 20; i++)
			turn(w);
		hq_hear(&w->hq);
		break;
	}
	for (unsigned i = (unsigned)(draw >> 32) % 30; i > 0; i--)
		turn(w);
}

static void whatever_breaks(void **state)
{
	struct world *w = *state;
	const char *wanted = getenv("TILL_SCHEDULES");
	long schedules = wanted ? strtol(wanted, NULL, 10) : 3;
	uint64_t seed = seed_start("whatever_breaks");
	int64_t cents;

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	sell(w, 10);
	up_start(w);
	for (int i = 0; i < schedules; i++) {
		for (int step = 0; step < 8; step++)
			one_step(w, &seed);
		cents = 1000 + i;
		publish_price(w, (unsigned)cents);
		uplink_now(&w->up);
		TURN_UNTIL(w, w->up.marks.acked == newest_id(w));
		TURN_UNTIL(w, price_of_pen(w) == cents);
		check_log(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(up_and_down, set_up, tear_down),
		cmocka_unit_test_setup_teardown(falls_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(revoked_and_enrolled_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(link_db_is_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(whatever_breaks, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
