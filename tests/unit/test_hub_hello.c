/*
 * What boxes and the hub say of themselves: kept at the hub, in the log when it is new, and used: a box that
 * does not know what is published is told of.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "mini_hub.h"
#include "small_book.h"
#include "topic.h"

static struct mini_hub m;
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	mini_hub_new(&m);
	mini_hub_stop(&m);
	m.by_hand = true;
	mini_hub_start(&m);
	arena = ARENA_EMPTY;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	mini_hub_free(&m);
	return 0;
}

static struct mini_answer say_hello(const char *box, const struct wire_hello *h)
{
	struct mini_answer a;
	char path[64];
	struct buf body;

	buf_init(&body, 1024);
	assert_int_equal(wire_encode(&wire_hello_schema, h, &body, NULL), ERR_OK);
	snprintf(path, sizeof(path), "v1/boxes/%s/hello", box);
	a = mini_hub_ask(&m, box, COAPS_POST, path, "", (struct bytes){buf_front(&body), buf_length(&body)});
	buf_free(&body);
	return a;
}

static struct wire_hello plain_hello(void)
{
	struct wire_hello h;

	wire_init(&wire_hello_schema, &h);
	h.program = "test";
	h.semantics = 1;
	return h;
}

static struct wire_welcome hello(const char *box)
{
	struct wire_hello h = plain_hello();
	struct wire_welcome w;
	struct mini_answer a = say_hello(box, &h);

	struct why why = {""};

	assert_int_equal(a.code, 204);
	if (wire_decode(&wire_welcome_schema, arena_text(&arena, (const char *)a.body, a.length), a.length,
			&arena, &w, &why))
		fail_msg("%s", why.text);
	mini_answer_free(&a);
	return w;
}

/* What the state has of a box, and how many records of boxes the log. */
struct known {
	const char *box;
	char program[65], features[200];
	int64_t semantics, seen_ms, records;
};

static enum err keep_known(const struct state_box *b, void *arg, struct why *why)
{
	struct known *k = arg;

	(void)why;
	snprintf(k->program, sizeof(k->program), "%s", b->program ? b->program : "");
	snprintf(k->features, sizeof(k->features), "%s", b->features);
	k->semantics = b->semantics;
	k->seen_ms = b->seen_ms;
	return ERR_OK;
}

static void run_known(struct desk *d, struct hub_task *t)
{
	struct known *k = t->arg;
	int64_t next;

	k->records = 0;
	t->result = state_box(d->state, k->box, keep_known, k, &t->why);
	for (unsigned p = 0; p < log_topics[TOPIC_BOXES].partitions && !t->result; p++) {
		t->result = log_end(d->reader, TOPIC_BOXES, p, &next, &t->why);
		k->records += next;
	}
}

static struct known known(const char *box)
{
	struct known k = {.box = box};
	struct why why = {""};

	clock_manual_advance_ms(&m.clock, 1000); /* hellos are gathered for half a second */
	loop_turn(m.loop, 0);
	mini_hub_settle(&m);
	if (mini_hub_do(&m, run_known, &k, &why))
		fail_msg("%s", why.text);
	return k;
}

/* It is in the log when it is new, and once a day that the box was there; a hub that starts anew knows it. */
static void what_a_box_says_of_itself(void **state)
{
	static const char *const names[] = {"uncertain_clock", "later", "no name"};
	struct wire_hello h = plain_hello();
	struct wire_welcome w;
	struct known k;
	int64_t records;

	(void)state;
	mini_hub_add_box(&m, "box-1", "S1");
	k = known("box-1");
	assert_string_equal(k.program, "");
	assert_int_equal(k.seen_ms, 0);
	records = k.records;
	w = hello("box-1");
	assert_int_equal(w.semantics, 1);
	assert_int_equal(w.features.count, 1);
	assert_string_equal(((const char *const *)w.features.at)[0], "uncertain_clock");
	k = known("box-1");
	assert_string_equal(k.program, "test");
	assert_int_equal(k.semantics, 1);
	assert_int_equal(k.seen_ms, MINI_HUB_NOW + 1000);
	(void)hello("box-1");
	assert_int_equal(known("box-1").records, records + 1);
	h.features = (struct list){names, 3};
	mini_answer_expect(say_hello("box-1", &h), 204, NULL);
	k = known("box-1");
	assert_string_equal(k.features, "uncertain_clock later");
	assert_int_equal(k.records, records + 2);
	mini_hub_stop(&m);
	mini_hub_start(&m);
	mini_answer_expect(say_hello("box-1", &h), 204, NULL);
	assert_int_equal(known("box-1").records, records + 2);
	clock_manual_advance_ms(&m.clock, 86400000);
	mini_answer_expect(say_hello("box-1", &h), 204, NULL);
	assert_int_equal(known("box-1").records, records + 3);
	h.min_reader = 2;
	mini_answer_expect(say_hello("box-1", &h), 400, "upgrade tillhub");
}

/*
 * 22 characters of three bytes, of which 64 bytes are kept: 20, and dots. Half a character would be no text
 * for the log, and what others said in the same moment would not be noted either.
 */
static void a_long_name_is_no_others_trouble(void **state)
{
	struct wire_hello h = plain_hello();
	struct known k;

	(void)state;
	mini_hub_add_box(&m, "box-1", "S1");
	mini_hub_add_box(&m, "box-2", "S1");
	h.program = "€€€€€€€€€€€€€€€€€€€€€€";
	mini_answer_expect(say_hello("box-1", &h), 204, NULL);
	(void)hello("box-2");
	assert_string_equal(known("box-2").program, "test");
	k = known("box-1");
	assert_memory_equal(k.program, h.program, (size_t)3 * 20);
	assert_string_equal(k.program + (size_t)3 * 20, "...");
}

static const char *const sure_clock[] = {
	"{\"type\": \"promotion\", \"id\": \"sure\", \"name\": \"Sure\", \"when\": {\"uncertain_clock\": "
	"\"deny\"}, \"gives\": [{\"kind\": \"percent\", \"percent\": \"10\"}]}",
	NULL};

/* Who publishes what a box does not know hears of it; of a box in another store, or one that knows it, not.
 */
static void boxes_that_lack_what_is_published(void **state)
{
	static const char *const names[] = {"uncertain_clock"}, *const elsewhere[] = {"S2", NULL};
	struct wire_hello h = plain_hello();
	struct desk_published out;
	struct why why = {""};

	(void)state;
	mini_hub_add_box(&m, "box-1", "S1");
	mini_hub_add_box(&m, "box-2", "S2");
	(void)hello("box-1");
	h.features = (struct list){names, 1};
	mini_answer_expect(say_hello("box-2", &h), 204, NULL);
	(void)known("box-1");
	assert_int_equal(mini_hub_publish(&m, small_book, false, NULL, &out, &why), ERR_OK);
	assert_int_equal(mini_hub_publish(&m, sure_clock, true, elsewhere, &out, &why), ERR_OK);
	assert_int_equal(out.lacking, 0);
	assert_int_equal(mini_hub_publish(&m, sure_clock, true, NULL, &out, &why), ERR_OK);
	assert_int_equal(out.lacking, 1);
	assert_string_equal(out.lacking_box, "box-1");
	assert_string_equal(out.lacks, "uncertain_clock");
	assert_int_equal(mini_hub_publish(&m, small_book, false, NULL, &out, &why), ERR_OK);
	assert_int_equal(out.lacking, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_box_says_of_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_long_name_is_no_others_trouble, set_up, tear_down),
		cmocka_unit_test_setup_teardown(boxes_that_lack_what_is_published, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
