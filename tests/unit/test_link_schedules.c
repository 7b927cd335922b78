/*
 * A box and headquarters through schedules of faults: either end ends or dies at any moment, headquarters'
 * power is cut or its disk is full, the box's memory of the link is an old one, the network loses, repeats,
 * delays, reorders, stalls and cuts. After each schedule: every event of the ledger is in the log once, in
 * order, byte for byte, nothing that was acknowledged was ever missing, and the box has the published price.
 *
 * A schedule is drawn from its seed. TILL_SCHEDULES says how many are run (3), beginning with that of
 * TILL_SEED or of the clock; a failure names its seed, and TILL_SEED=... TILL_SCHEDULES=1 plays it again.
 * Threads, and what the kernel does, are not drawn: one seed is one schedule of faults, not one interleaving.
 */
#include "link_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bad_net.h"
#include "faulty_disk.h"
#include "log.h"
#include "small_book.h"

#define STEPS 8

struct play {
	struct world w;
	struct faulty_disk disk;
	struct bad_net *net;
	char uris[2][64];
	const char *uri_list[2];
	uint64_t draws; /* of the schedule's seed */
	uint64_t seed;	/* the schedule's name */
	int64_t acked;	/* the newest that was ever acknowledged */
	bool full;
};

static unsigned draw(struct play *p, unsigned below)
{
	return (unsigned)(seed_next(&p->draws) >> 33) % below;
}

static void note_acked(struct play *p)
{
	if (p->w.running && p->w.up.marks.acked > p->acked)
		p->acked = p->w.up.marks.acked;
}

static void turns(struct play *p, unsigned count)
{
	for (; count > 0; count--) {
		world_turn(&p->w);
		note_acked(p);
	}
}

/* What was acknowledged is held, whatever became of headquarters. */
static void check_held(struct play *p)
{
	int64_t held = world_held(&p->w);

	if (held < p->acked)
		fail_msg("seed %llu: event %lld was acknowledged, headquarters holds %lld",
			 (unsigned long long)p->seed, (long long)p->acked, (long long)held);
}

static void sells(struct play *p)
{
	world_sell(&p->w, draw(p, 200));
}

static void hub_ends(struct play *p)
{
	hq_restart(&p->w.hq);
	check_held(p);
}

/* The power is cut at some write; meanwhile something may be published, and it may fail. */
static void hub_dies(struct play *p)
{
	p->disk.power = draw(p, 40);
	turns(p, draw(p, 20));
	if (draw(p, 2))
		(void)world_publish_price(&p->w, 100 + draw(p, 900));
	turns(p, draw(p, 20));
	note_acked(p);
	p->disk.power = 0;
	p->disk.dead = true;
	hq_end(&p->w.hq);
	faulty_disk_restart(&p->disk, &p->draws);
	hq_begin(&p->w.hq);
	check_held(p);
}

static void hub_is_full(struct play *p)
{
	p->disk.room = 0;
	p->full = true;
	turns(p, draw(p, 30));
	(void)world_publish_price(&p->w, 100 + draw(p, 900));
}

static void hub_has_room(struct play *p)
{
	p->disk.room = -1;
	p->full = false;
}

static void box_ends(struct play *p)
{
	world_stop(&p->w);
	world_start(&p->w);
}

static void copy(const char *from, const char *to)
{
	char bytes[65536];
	size_t n;
	FILE *in = fopen(from, "rb"), *out;

	if (!in) {
		(void)remove(to);
		return;
	}
	out = fopen(to, "wb");
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* What it remembers of the link is what it was a while ago: a kill, and files that were not synced. */
static void box_dies(struct play *p)
{
	struct scratch *box = &p->w.box;

	world_stop(&p->w);
	copy(scratch_path(box, "link.db"), scratch_path(box, "kept"));
	copy(scratch_path(box, "link.db-wal"), scratch_path(box, "kept-wal"));
	world_start(&p->w);
	turns(p, draw(p, 60));
	world_stop(&p->w);
	(void)unlink(scratch_path(box, "link.db-shm"));
	copy(scratch_path(box, "kept"), scratch_path(box, "link.db"));
	copy(scratch_path(box, "kept-wal"), scratch_path(box, "link.db-wal"));
	world_start(&p->w);
}

static void publishes(struct play *p)
{
	if (!p->full)
		(void)world_publish_price(&p->w, 100 + draw(p, 900));
}

static void connection_breaks(struct play *p)
{
	if (draw(p, 2))
		bad_net_cut(p->net);
	else
		hub_server_drop(p->w.hq.server, "box-7");
}

static void nobody_listens(struct play *p)
{
	hq_deaf(&p->w.hq);
	turns(p, draw(p, 40));
	hq_hear(&p->w.hq);
}

static void network_is_bad(struct play *p)
{
	static const struct bad_net_rules kinds[] = {
		{.stalled = true},
		{.silent = {true, false}},
		{.silent = {false, true}},
		{.silent = {true, true}},
		{.cut_after = 1},
		{.piece = 7},
		{.lost = 100},
		{.twice = 300, .late_ms = 20},
		{.lost = 30, .twice = 100, .late_ms = 200},
	};
	struct bad_net_rules rules = kinds[draw(p, COUNT(kinds))];

	if (rules.cut_after)
		rules.cut_after += draw(p, 60000);
	bad_net_set(p->net, &rules);
}

static void network_is_good(struct play *p)
{
	const struct bad_net_rules good = {0};

	bad_net_set(p->net, &good);
}

static void one_step(struct play *p)
{
	static void (*const steps[])(struct play * p) = {
		sells,		sells,		sells,		hub_ends,	   hub_dies,	box_ends,
		box_dies,	publishes,	publishes,	connection_breaks, hub_is_full, hub_has_room,
		nobody_listens, network_is_bad, network_is_bad, network_is_good,
	};

	steps[draw(p, COUNT(steps))](p);
	turns(p, draw(p, 30));
}

static void begin(struct play *p, uint64_t seed)
{
	struct world *w = &p->w;
	unsigned ways;

	*p = (struct play){.seed = seed, .draws = seed};
	faulty_disk_new(&p->disk);
	p->disk.remembers = true;
	world_new(w, &p->disk.disk);
	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	p->net = bad_net_new(w->loop, w->hq.ports, &p->draws);
	for (int t = 0; t < 2; t++) {
		snprintf(p->uris[t], sizeof(p->uris[t]), "%s://127.0.0.1:%u",
			 coaps_scheme((enum coaps_transport)t), bad_net_port(p->net, t));
		p->uri_list[t] = p->uris[t];
	}
	ways = draw(p, 4); /* TLS, DTLS, or both */
	w->config.hq.uri = (struct config_words){&p->uri_list[ways == 1], ways < 2 ? 1 : 2};
	world_sell(w, 10);
	world_start(w);
}

static void run(uint64_t seed)
{
	static struct play p;
	struct world *w = &p.w;
	const int64_t cents = 1000;

	begin(&p, seed);
	for (int step = 0; step < STEPS; step++)
		one_step(&p);
	network_is_good(&p);
	hub_has_room(&p);
	if (w->hq.broken)
		hub_ends(&p);
	assert_true(world_publish_price(w, (unsigned)cents) > 0);
	uplink_now(&w->up);
	TURN_UNTIL(w, w->up.marks.acked == world_newest(w));
	TURN_UNTIL(w, world_price_of_pen(w) == cents);
	world_check_log(w);
	bad_net_free(p.net);
	world_free(w);
	faulty_disk_free(&p.disk);
}

static void whatever_breaks(void **state)
{
	const char *wanted = getenv("TILL_SCHEDULES");
	long schedules = wanted ? strtol(wanted, NULL, 10) : 3;
	uint64_t seed = seed_start("test_link_schedules");

	(void)state;
	log_open("test", getenv("TILL_TEST_LOG") ? LOG_DEBUG : LOG_ERROR);
	for (long i = 0; i < schedules; i++) {
		if (wanted)
			print_message("schedule %ld: TILL_SEED=%llu\n", i, (unsigned long long)seed);
		run(seed);
		seed = (seed * 6364136223846793005 + 1442695040888963407) | 1; /* Knuth's MMIX; never 0 */
	}
}

/* Schedules that once found something. */
static void what_broke_before(void **state)
{
	static const uint64_t seeds[] = {
		4930075639601005979u, /* the request for a snapshot was lost, and nobody asked again */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(seeds); i++)
		run(seeds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_broke_before),
		cmocka_unit_test(whatever_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
