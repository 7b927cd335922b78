/*
 * Uploads into the log, and a thousand schedules of faults: batches cut, repeated and overtaken, answers
 * lost, a disk that is full now and then, a hub that dies and comes back. Whatever was acknowledged is in the
 * log once by its key, in order, and nothing of it is missing.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "faulty_disk.h"
#include "ingest.h"
#include "scratch.h"
#include "topic.h"

#define BOXES	  3
#define SCHEDULES 1000

static struct scratch scratch;
static char log_path[SCRATCH_PATH_MAX], state_path[SCRATCH_PATH_MAX];
static struct faulty_disk disk;
static struct loop *loop;
static struct event_log *elog;
static struct log_reader *reader;
static struct state *state;
static struct registry *registry;
static struct ingest *in;
static int failures;

static void failed(void *arg)
{
	(void)arg;
	failures++;
}

static void check(enum err e, const struct why *why)
{
	if (e)
		fail_msg("%s: %s", err_name(e), why->text);
}

static void hub_start(void)
{
	struct why why = {""};
	struct state_step caught_up;

	check(event_log_open(&disk.disk, log_path, &clock_system, loop, failed, NULL, &elog, &why), &why);
	check(log_reader_open(log_path, &reader, &why), &why);
	check(state_open(state_path, true, &state, &why), &why);
	check(state_catch_up(state, reader, &caught_up, &why), &why);
	check(registry_new(&registry), &why);
	check(registry_load(registry, state, &why), &why);
	check(ingest_new(elog, reader, state, &in), &why);
}

/* Answers that are under way are lost with it. */
static void hub_stop(void)
{
	event_log_close(elog);
	ingest_free(in);
	registry_free(registry);
	state_close(state);
	log_reader_close(reader);
}

static void register_box(const char *name)
{
	struct topic_box b;
	struct log_entry entry = {.topic = TOPIC_BOXES, .key = name};
	struct log_job job = {.entries = &entry, .count = 1};
	struct why why = {""};
	struct state_step caught_up;
	struct buf value;

	topic_init(TOPIC_BOXES, &b);
	b.box = name;
	b.store = "S1";
	buf_init(&value, 1024);
	check(topic_encode(TOPIC_BOXES, &b, &value, &why), &why);
	/* cppcheck-suppress unreadVariable ; the job points to the entry */
	entry.value = (struct bytes){buf_front(&value), buf_length(&value)};
	check(event_log_append(elog, &job, &why), &why);
	check(state_catch_up(state, reader, &caught_up, &why), &why);
	check(registry_load(registry, state, &why), &why);
	buf_free(&value);
}

static int set_up(void **s)
{
	(void)s;
	scratch_new(&scratch);
	memcpy(log_path, scratch_path(&scratch, "log.db"), sizeof(log_path));
	memcpy(state_path, scratch_path(&scratch, "state.db"), sizeof(state_path));
	faulty_disk_new(&disk);
	assert_int_equal(loop_new(&clock_system, &loop), ERR_OK);
	hub_start();
	register_box("box-1");
	return 0;
}

static int tear_down(void **s)
{
	(void)s;
	hub_stop();
	loop_free(loop);
	faulty_disk_free(&disk);
	scratch_free(&scratch);
	assert_int_equal(failures, 0);
	return 0;
}

struct got {
	int answers;
	enum ingest_code code;
	int64_t segment, sequence, parked;
	struct digest hash;
	char reason[400];
};

static void keep(const struct ingest_answer *a, void *arg)
{
	struct got *g = arg;

	g->answers++;
	g->code = a->code;
	if (a->code == INGEST_BAD || a->code == INGEST_OTHER) {
		snprintf(g->reason, sizeof(g->reason), "%s", a->why.text);
		return;
	}
	g->segment = a->ack.segment;
	g->sequence = a->ack.sequence;
	g->parked = a->ack.parked;
	assert_int_equal(a->ack.hash.length, DIGEST_SIZE);
	memcpy(g->hash.bytes, a->ack.hash.at, DIGEST_SIZE);
	snprintf(g->reason, sizeof(g->reason), "%s", a->ack.reason ? a->ack.reason : "");
}

static struct got upload(const char *box, struct bytes events)
{
	struct hub_box *b = registry_find(registry, box);
	struct got got = {0};

	assert_non_null(b);
	ingest_upload(in, b, events, keep, &got);
	while (got.answers == 0)
		loop_turn(loop, -1);
	assert_int_equal(got.answers, 1);
	return got;
}

static void a_batch_is_acknowledged_by_its_last(void **s)
{
	struct chain c;
	struct got got;

	(void)s;
	chain_new(&c, "box-1", 0);
	for (int i = 0; i < 9; i++)
		chain_add(&c, EVENT_SALE);
	got = upload("box-1", chain_part(&c, 0, 4));
	assert_int_equal(got.code, INGEST_ACCEPTED);
	assert_int_equal(got.segment, 1);
	assert_int_equal(got.sequence, 4);
	assert_memory_equal(&got.hash, &c.at[3].hash, DIGEST_SIZE);
	got = upload("box-1", chain_part(&c, 0, 4));
	assert_int_equal(got.code, INGEST_ACCEPTED);
	assert_int_equal(got.sequence, 4);
	got = upload("box-1", chain_part(&c, 7, 2));
	assert_int_equal(got.code, INGEST_GAP);
	assert_int_equal(got.sequence, 4); /* what is missing begins behind */
	got = upload("box-1", chain_part(&c, 2, 8));
	assert_int_equal(got.code, INGEST_ACCEPTED);
	assert_int_equal(got.sequence, 10);
	chain_free(&c);
}

/* It knows after a restart what it held, also in the middle of a batch. */
static void a_repeat_of_long_ago_is_compared(void **s)
{
	struct chain c, copy;
	struct got got;

	(void)s;
	chain_new(&c, "box-1", 0);
	chain_new(&copy, "box-1", 7);
	for (int i = 0; i < 9; i++) {
		chain_add(&c, EVENT_SALE);
		chain_add(&copy, EVENT_SALE);
	}
	assert_int_equal(upload("box-1", chain_part(&c, 0, 10)).code, INGEST_ACCEPTED);
	hub_stop();
	hub_start();
	got = upload("box-1", chain_part(&c, 3, 3));
	assert_int_equal(got.code, INGEST_ACCEPTED);
	assert_int_equal(got.sequence, 10);
	got = upload("box-1", chain_part(&copy, 3, 3));
	assert_int_equal(got.code, INGEST_QUARANTINED);
	assert_non_null(strstr(got.reason, "came again as another one"));
	chain_free(&c);
	chain_free(&copy);
}

static size_t alerts;

static enum err see_alert(const struct log_record *r, void *arg, struct why *why)
{
	(void)r, (void)arg, (void)why;
	alerts++;
	return ERR_OK;
}

static size_t count_alerts(void)
{
	struct log_position from = {TOPIC_ALERTS, 0, 0};
	int64_t next;

	alerts = 0;
	assert_int_equal(log_read(reader, from, 1000, see_alert, NULL, &next, NULL), ERR_OK);
	return alerts;
}

/* Nothing more is taken of a box in quarantine, over a restart too; the operator is told once. */
static void a_fork_ends_in_quarantine(void **s)
{
	struct chain c, copy;
	struct got got;

	(void)s;
	chain_new(&c, "box-1", 0);
	chain_new(&copy, "box-1", 7);
	chain_add(&c, EVENT_SALE);
	assert_int_equal(upload("box-1", chain_part(&c, 0, 1)).code, INGEST_ACCEPTED);
	got = upload("box-1", chain_part(&copy, 0, 1));
	assert_int_equal(got.code, INGEST_QUARANTINED);
	assert_int_equal(upload("box-1", chain_part(&c, 1, 1)).code, INGEST_QUARANTINED);
	hub_stop();
	hub_start();
	got = upload("box-1", chain_part(&c, 1, 1));
	assert_int_equal(got.code, INGEST_QUARANTINED);
	assert_int_equal(got.sequence, 1);
	assert_non_null(strstr(got.reason, "another one"));
	assert_int_equal(count_alerts(), 1);
	chain_free(&c);
	chain_free(&copy);
}

static void what_is_not_known_is_parked(void **s)
{
	struct chain c;
	struct got got;

	(void)s;
	chain_new(&c, "box-1", 0);
	chain_add(&c, 4711);
	chain_add(&c, EVENT_SALE);
	got = upload("box-1", chain_part(&c, 0, 3));
	assert_int_equal(got.code, INGEST_ACCEPTED);
	assert_int_equal(got.parked, 1);
	assert_int_equal(got.sequence, 3);
	assert_int_equal(count_alerts(), 1);
	chain_free(&c);
}

/* No room: not acknowledged, and taken again when there is. */
static void a_full_disk_holds_up_and_no_more(void **s)
{
	struct chain c;
	struct got got;

	(void)s;
	chain_new(&c, "box-1", 0);
	chain_add(&c, EVENT_SALE);
	disk.room = 0;
	got = upload("box-1", chain_part(&c, 0, 2));
	assert_int_equal(got.code, INGEST_BUSY);
	assert_int_equal(got.sequence, 0);
	disk.room = -1;
	got = upload("box-1", chain_part(&c, 0, 2));
	assert_int_equal(got.code, INGEST_ACCEPTED);
	assert_int_equal(got.sequence, 2);
	chain_free(&c);
}

/* A box of the schedules: what it has, and what it was told. */
struct player {
	char name[16];
	struct chain chain;
	size_t acknowledged; /* events, by the newest answer that reached it */
	size_t sent;	     /* it believes */
};

struct flight {
	struct player *player;
	bool lost; /* its answer never arrives */
};

static size_t index_of(const struct chain *c, int64_t segment, int64_t sequence)
{
	for (size_t i = c->count; i > 0; i--)
		if (c->at[i - 1].segment == segment && c->at[i - 1].sequence == sequence)
			return i;
	return 0;
}

static int in_flight;

static void landed(const struct ingest_answer *a, void *arg)
{
	struct flight *f = arg;
	struct player *p = f->player;
	size_t held;

	in_flight--;
	if (!f->lost) {
		assert_true(a->code == INGEST_ACCEPTED || a->code == INGEST_GAP || a->code == INGEST_BUSY);
		held = index_of(&p->chain, a->ack.segment, a->ack.sequence);
		if (held > 0)
			assert_memory_equal(a->ack.hash.at, p->chain.at[held - 1].hash.bytes, DIGEST_SIZE);
		if (held > p->acknowledged)
			p->acknowledged = held;
		if (a->code != INGEST_ACCEPTED)
			p->sent = p->acknowledged;
	}
	free(f);
}

static void send_some(struct player *p, uint64_t *seed)
{
	struct flight *f = malloc(sizeof(*f));
	size_t first, n;
	uint64_t r = seed_next(seed);

	assert_non_null(f);
	first = r % 4 == 0 ? p->acknowledged - p->acknowledged * (r >> 8 & 1) / 2 : p->sent; /* a repeat */
	if (r % 16 == 1 && first + 2 < p->chain.count)
		first++; /* what is before was overtaken */
	n = 1 + (r >> 16) % 5;
	if (first >= p->chain.count)
		first = p->chain.count - 1;
	if (first + n > p->chain.count)
		n = p->chain.count - first;
	*f = (struct flight){p, (r >> 32) % 8 == 0};
	in_flight++;
	if (first + n > p->sent)
		p->sent = first + n;
	ingest_upload(in, registry_find(registry, p->name), chain_part(&p->chain, first, n), landed, f);
}

static void settle(void)
{
	while (in_flight > 0)
		loop_turn(loop, -1);
}

static void step(struct player *players, uint64_t *seed)
{
	struct player *p = &players[seed_next(seed) % BOXES];
	struct why why = {""};
	struct state_step folded;

	switch (seed_next(seed) % 16) {
	case 0:
		if (p->chain.count < CHAIN_MAX)
			chain_start(&p->chain);
		break;
	case 1:
		settle();
		hub_stop();
		hub_start();
		break;
	case 2:
		settle();
		disk.room = disk.room < 0 ? (int64_t)(seed_next(seed) % 20000) : -1;
		break;
	case 3:
		check(state_catch_up(state, reader, &folded, &why), &why);
		break;
	case 4:
		loop_turn(loop, 0);
		break;
	default:
		if (p->chain.count < CHAIN_MAX)
			chain_add(&p->chain, EVENT_SALE);
		send_some(p, seed);
	}
}

/* What the log has of the boxes, in the order of each. */
struct walk {
	struct player *players;
	size_t seen[BOXES];
};

static enum err walk_upload(const struct log_record *r, void *arg, struct why *why)
{
	struct walk *w = arg;
	struct arena a = ARENA_EMPTY;
	struct topic_upload u;
	struct upload_event event;
	struct cborr rest;
	int which;

	check(topic_decode(r->topic, r->value, &a, &u, why), why);
	which = u.box[4] - '1';
	if (which >= 0 && which < BOXES && u.events.at) {
		struct player *p = &w->players[which];

		rest = cborr_over(u.events.at, u.events.length);
		while (rest.at < rest.end) {
			struct bytes want = chain_part(&p->chain, w->seen[which], 1);

			assert_int_equal(upload_next(&rest, &event), ERR_OK);
			assert_int_equal(event.whole.length, want.length);
			assert_memory_equal(event.whole.at, want.at, want.length);
			w->seen[which]++;
		}
	}
	arena_free(&a);
	return ERR_OK;
}

/* The events in the log are a box's from its first on, each once, and reach at least as far as it was told.
 */
static void check_log(struct player *players)
{
	struct walk w = {.players = players};
	struct why why = {""};

	for (unsigned p = 0; p < log_topics[TOPIC_SALES_EVENTS].partitions; p++) {
		struct log_position from = {TOPIC_SALES_EVENTS, p, 0};
		int64_t next;

		check(log_read(reader, from, SIZE_MAX, walk_upload, &w, &next, &why), &why);
	}
	for (int i = 0; i < BOXES; i++)
		assert_true(w.seen[i] >= players[i].acknowledged);
}

static void play(uint64_t *seed)
{
	static struct player players[BOXES];

	for (int i = 0; i < BOXES; i++) {
		players[i] = (struct player){0};
		snprintf(players[i].name, sizeof(players[i].name), "box-%d", i + 1);
		register_box(players[i].name);
		chain_new(&players[i].chain, players[i].name, i);
	}
	for (int i = 0; i < 60; i++)
		step(players, seed);
	settle();
	disk.room = -1;
	for (int i = 0; i < BOXES; i++) {
		struct got got = {0};
		struct player *p = &players[i];

		ingest_upload(in, registry_find(registry, p->name), chain_part(&p->chain, 0, p->chain.count),
			      keep, &got);
		while (got.answers == 0)
			loop_turn(loop, -1);
		if (got.code == INGEST_BUSY) /* the fold was behind, or the disk had been full */
			got = upload(p->name, chain_part(&p->chain, 0, p->chain.count));
		assert_int_equal(got.code, INGEST_ACCEPTED);
		p->acknowledged = p->chain.count;
	}
	check_log(players);
	for (int i = 0; i < BOXES; i++)
		chain_free(&players[i].chain);
}

static void acknowledged_is_held_once_and_in_order(void **s)
{
	uint64_t seed = seed_start("test_ingest");
	const char *more = getenv("TILL_SCHEDULES");
	long schedules = more ? strtol(more, NULL, 10) : SCHEDULES / 50;

	(void)s;
	for (long i = 0; i < schedules; i++) {
		if (i > 0) {
			tear_down(NULL);
			set_up(NULL);
		}
		play(&seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_batch_is_acknowledged_by_its_last, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_repeat_of_long_ago_is_compared, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_fork_ends_in_quarantine, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_parked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_holds_up_and_no_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(acknowledged_is_held_once_and_in_order, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
