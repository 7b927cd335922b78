/*
 * A cart that changes under a memo: promotions do again what they did before, unless the change concerns
 * them, be it by way of others. tests/property/memo_same.c compares random walks; here stand the ways that
 * random carts seldom go. docs/engine.md, "Precedence".
 */
#include "mini_catalog.h"

#include <stdlib.h>

enum { TEN, TWENTY, HUNDRED };

#define LINES_MAX 3

#define ITEM(id) ONLY(TERM(ITEM, id))
#define ALONE	 .stackable = false

static const struct row {
	const char *what;
	struct promotion promotions[3];
	struct engine_line before[LINES_MAX], after[LINES_MAX];
	const char *nets, *verdicts; /* after */
} rows[] = {
	{"what did not apply before excludes one on goods that nobody touched",
	 {PROMOTION("a", NEEDS({.of = ITEM(TEN), .least = 2}), GIVES(AMOUNT_OFF(1, ITEM(TEN))), ALONE),
	  PROMOTION("b", GIVES(AMOUNT_OFF(2, ITEM(TWENTY))), ALONE)},
	 {PIECES(TWENTY, 1), PIECES(TEN, 1)},
	 {PIECES(TWENTY, 1), PIECES(TEN, 2)},
	 "2000 1999",
	 "a=1x1 b=outranked<a"},
	{"and lets it be, once it does not apply any more",
	 {PROMOTION("a", NEEDS({.of = ITEM(TEN), .least = 2}), GIVES(AMOUNT_OFF(1, ITEM(TEN))), ALONE),
	  PROMOTION("b", GIVES(AMOUNT_OFF(2, ITEM(TWENTY))), ALONE)},
	 {PIECES(TWENTY, 1), PIECES(TEN, 2)},
	 {PIECES(TWENTY, 1), PIECES(TEN, 1)},
	 "1998 1000",
	 "b=2x1 a=needs_quantity-1@0"},
	{"one that the new line makes a candidate excludes as well",
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1, ITEM(TEN))), ALONE),
	  PROMOTION("b", GIVES(AMOUNT_OFF(2, ITEM(TWENTY))), ALONE)},
	 {PIECES(TWENTY, 1)},
	 {PIECES(TWENTY, 1), PIECES(TEN, 1)},
	 "2000 999",
	 "a=1x1 b=outranked<a"},
	{"a dearer piece makes another one free, and of that a per cent is nothing then",
	 {PROMOTION("a", GIVES(UNITS_OFF(1, 1, 100, ONLY(TERM(ITEM, TWENTY), TERM(ITEM, HUNDRED))))),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ITEM(TWENTY))))},
	 {PIECES(TWENTY, 1)},
	 {PIECES(TWENTY, 1), PIECES(HUNDRED, 1)},
	 "0 10000",
	 "a=2000x1 b=worth_zero"},
	/* 2 % of 100 is 2.00: what is left of 3.00 goes to TEN, by way of which c changes. */
	{"what one good takes of a maximum another one does not get",
	 {PROMOTION("a", GIVES(PERCENT_OFF(2, ITEM(HUNDRED)), AMOUNT_OFF(300, ITEM(TEN))),
		    .max_discount = {300}),
	  PROMOTION("b", GIVES(PERCENT_OFF(50, ITEM(TEN)))),
	  PROMOTION("c", GIVES(AMOUNT_OFF(5, ITEM(TWENTY))))},
	 {PIECES(TEN, 1), PIECES(TWENTY, 1)},
	 {PIECES(TEN, 1), PIECES(TWENTY, 1), PIECES(HUNDRED, 1)},
	 "450 1995 9800",
	 "a=300x1 b=450x1 c=5x1"},
};

static void evaluate(struct mini *m, const struct engine_line *lines, struct engine_memo *memo, void *room,
		     struct engine_result *out)
{
	struct engine_cart cart = {lines, lines_count(lines, LINES_MAX), {0}};
	uint32_t bad_line;

	assert_int_equal(engine_evaluate_next(&m->catalog, &cart, memo, room,
					      engine_room_size(&m->catalog, LINES_MAX), out, &bad_line),
			 ERR_OK);
	assert_adds_up(&m->catalog, &cart, out);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		char nets[TEXT_MAX], verdicts[TEXT_MAX];
		struct mini *m = mini_new();
		struct engine_result r;
		void *memory, *room;

		print_message("%s\n", row->what);
		mini_item(m, "TEN", 1000);
		mini_item(m, "TWENTY", 2000);
		mini_item(m, "HUNDRED", 10000);
		for (size_t k = 0; k < 3 && row->promotions[k].id; k++)
			mini_promotion(m, &row->promotions[k]);
		mini_finish(m);
		memory = malloc(engine_memo_size(&m->catalog, LINES_MAX));
		room = malloc(engine_room_size(&m->catalog, LINES_MAX));
		assert_true(memory && room);
		struct engine_memo *memo = engine_memo_make(memory, &m->catalog, LINES_MAX);

		evaluate(m, row->before, memo, room, &r);
		evaluate(m, row->after, memo, room, &r);
		assert_string_equal(nets_text(&r, nets), row->nets);
		assert_string_equal(verdicts_text(&m->catalog, &r, verdicts), row->verdicts);
		free(memory);
		free(room);
		mini_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
