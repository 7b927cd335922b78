/*
 * See link_world.h.
 */
#include "link_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "outbox.h"
#include "sales.h"
#include "snapshot_load.h"
#include "topic.h"

#define IDLE_TURNS 2
#define SKIP_US	   100000

int64_t world_publish_price(struct world *w, unsigned cents)
{
	char line[160];
	const char *lines[] = {line, NULL};

	snprintf(line, sizeof(line),
		 "{\"type\":\"price\",\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"%u.%02u\"}", cents / 100,
		 cents % 100);
	return hq_try_publish(&w->hq, lines, true);
}

void world_start(struct world *w)
{
	struct why why;

	w->up = (struct uplink){.loop = w->loop, .config = &w->config, .notify.fd = -1};
	if (uplink_start(&w->up, &why))
		fail_msg("%s", why.text);
	if (!w->up.route)
		fail_msg("%s", w->up.idle.text);
	w->running = true;
}

void world_stop(struct world *w)
{
	uplink_stop(&w->up);
	w->running = false;
}

static int64_t skipping_utc_ms(const struct clock *c)
{
	const struct world_clock *w = (const struct world_clock *)c;

	return clock_utc_ms(&clock_system) + atomic_load(&w->skipped_us) / 1000;
}

static int64_t skipping_monotonic_us(const struct clock *c)
{
	const struct world_clock *w = (const struct world_clock *)c;

	return clock_monotonic_us(&clock_system) + atomic_load(&w->skipped_us);
}

/* Both ends, each in its turn. Both have waited as long as they may: what is to come is a timer's. */
void world_turn(struct world *w)
{
	int64_t began = clock_monotonic_us(&clock_system);

	loop_turn(w->loop, 1);
	loop_turn(w->hq.loop, 1);
	w->idle = clock_monotonic_us(&clock_system) - began >= 2000 ? w->idle + 1 : 0;
	if (w->idle > IDLE_TURNS)
		atomic_fetch_add(&w->clock.skipped_us, SKIP_US);
}

const char *world_status(struct world *w)
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

/* Sales at the box, in one commit; what it has of tilld is the ledger. */
void world_sell(struct world *w, unsigned count)
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

int64_t world_newest(struct world *w)
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

int64_t world_held(struct world *w)
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
	log_reader_close(r);
	ledger_reader_close(c.ledger);
	return c.id;
}

void world_check_log(struct world *w)
{
	assert_int_equal(world_held(w), world_newest(w));
}

int64_t world_price_of_pen(struct world *w)
{
	struct arena a = ARENA_EMPTY;
	struct record r;
	struct why why;
	int64_t cents = -1;

	if (w->up.catalog && !snapshot_load_applying(w->up.snapshot) &&
	    catalog_store_find(w->up.catalog, RECORD_PRICE, "base\x1fPEN", &a, &r, &why) == ERR_OK)
		cents = r.as.price.price.minor;
	arena_free(&a);
	return cents;
}

void world_new(struct world *w, const struct disk *disk)
{
	*w = (struct world){.clock.clock = {skipping_utc_ms, skipping_monotonic_us}};
	scratch_new(&w->hq_place);
	scratch_new(&w->box);
	assert_int_equal(loop_new(&w->clock.clock, &w->loop), ERR_OK);
	hq_new_on(&w->hq, w->hq_place.dir, disk, &w->clock.clock);
	w->config.daemon.box = "box-7";
	w->config.daemon.store = "S1";
	w->config.daemon.state_dir = w->box.dir;
	snprintf(w->socket, sizeof(w->socket), "%s", scratch_path(&w->box, "control.sock"));
	w->config.daemon.control_socket = w->socket;
	w->config.hq =
		(struct hq_section){.uri = {w->hq.uri_list, 2}, .name = "localhost", .poll_ms = 3600000};
}

void world_free(struct world *w)
{
	if (w->running)
		world_stop(w);
	hq_free(&w->hq);
	loop_free(w->loop);
	scratch_free(&w->hq_place);
	scratch_free(&w->box);
}
