/*
 * Returns at the lane: what is answered is what the ledger has.
 */
#include "mini_shop.h"

#include <stdio.h>
#include <string.h>

#include "event_return.h"
#include "ledger_note.h"

static const char book[] = "{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\"}\n"
			   "{\"type\":\"price_list\",\"id\":\"base\"}\n"
			   "{\"type\":\"item\",\"sku\":\"CUP\",\"name\":\"Cup\"}\n"
			   "{\"type\":\"price\",\"list\":\"base\",\"sku\":\"CUP\",\"price\":\"5.00\"}\n";

static struct mini_shop m;

static void take_answer(struct lane *l, const struct answer *a, void *arg)
{
	(void)l;
	(void)arg;
	m.answers[m.answered++] = *a;
}

/* One cup of the order. The id, and what is left of 15.00, as "A/2 10.00"; "" if it was refused. */
static const char *give_back(const char *order, const char *id)
{
	const struct return_line one = {.line = 0, .quantity = QTY_ONE};
	const struct goods_back goods = {.order = order, .id = id, .lines = &one, .count = 1};
	static char told[128];
	json_t *j;

	m.answered = 0;
	lane_return(shop_lane(m.shop, "1"), &goods, take_answer, NULL);
	mini_shop_turn_until(&m, &m.answered, 1);
	if (m.answers[0].refusal)
		return "";
	j = mini_shop_json(shop_lane(m.shop, "1"), lane_return_json);
	snprintf(told, sizeof(told), "%s %s", json_path(j, "return_id"), json_path(j, "left"));
	json_decref(j);
	return told;
}

/*
 * Somebody names a return as the next one would be named by itself. If that got the name, too, it would pass
 * for a repeat: money is paid out, nothing is written, and there is no end to it.
 */
static void an_id_that_is_made_is_a_new_one(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	mini_shop_start(&m, book);
	mini_shop_do(&m, "sku CUP 3");
	assert_int_equal(mini_shop_do(&m, "tender order=A cash").refusal, REFUSED_NOT);
	mini_shop_do(&m, "sku CUP 3");
	assert_int_equal(mini_shop_do(&m, "tender order=B cash").refusal, REFUSED_NOT);
	assert_string_equal(give_back("A", "A/2"), "A/2 10.00");
	assert_string_equal(give_back("A", NULL), "A/3 5.00");
	assert_string_equal(give_back("B", "A/4"), "A/4 10.00"); /* somebody else's order, too */
	assert_string_equal(give_back("A", "A/3"), "A/3 5.00");	 /* a repeat */
	assert_string_equal(give_back("A", NULL), "A/5 0.00");
	assert_string_equal(give_back("A", NULL), "");
	assert_int_equal(m.answers[0].refusal, REFUSED_NOT_RETURNABLE);
	mini_shop_stop(&m);
}

static void noted(struct ledger_job *job)
{
	(void)job;
	m.answered++;
}

/* An event that this program has not written, of a line that the order does not have. */
static void a_return_of_what_was_not_sold(void **state)
{
	const struct return_line line = {.line = 99, .quantity = QTY_ONE};
	const struct event_return back = {
		.id = "R", .order = "A", .number = 1, .lane = "1", .currency = "EUR", .lines = {&line, 1}};
	struct ledger_note note = {.kind = EVENT_RETURN, .about = "A", .once = "R"};
	struct ledger_job job = {.note = &note, .done = noted};
	struct arena arena = ARENA_EMPTY;
	struct why why;

	(void)state;
	memset(&m, 0, sizeof(m));
	mini_shop_start(&m, book);
	mini_shop_do(&m, "sku CUP 3");
	assert_int_equal(mini_shop_do(&m, "tender order=A cash").refusal, REFUSED_NOT);
	assert_int_equal(ledger_note_body(&event_return_schema, &back, &arena, &note.body, &why), ERR_OK);
	m.answered = 0;
	assert_int_equal(ledger_worker_submit(m.worker, &job), ERR_OK);
	mini_shop_turn_until(&m, &m.answered, 1);
	assert_int_equal(job.result, ERR_OK);
	assert_string_equal(give_back("A", "R"), "");
	assert_int_equal(m.answers[0].refusal, REFUSED_LEDGER);
	arena_free(&job.arena);
	arena_free(&arena);
	mini_shop_stop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_that_is_made_is_a_new_one),
		cmocka_unit_test(a_return_of_what_was_not_sold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
