/*
 * Interning: whatever the order in which names come, each has one number, given in the order of their first
 * time. Against a plain list, and with the orders that keep the table without a hash.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "intern.h"

#define NAMES 3000U

enum order { ASCENDING, DESCENDING, AT_RANDOM, EACH_TENTH, IN_RUNS };

/* Names are asked for in the one order, then in the other. */
static const struct {
	enum order first, then;
	bool ascends; /* in the end */
} rows[] = {
	{ASCENDING, ASCENDING, true},  {ASCENDING, IN_RUNS, true},     {ASCENDING, EACH_TENTH, true},
	{ASCENDING, AT_RANDOM, false}, {DESCENDING, ASCENDING, false}, {AT_RANDOM, AT_RANDOM, false},
	{IN_RUNS, ASCENDING, true},    {EACH_TENTH, IN_RUNS, false},   {ASCENDING, DESCENDING, false},
};

/* The name that comes as number i. */
static uint32_t name_at(enum order order, uint32_t i, uint64_t *seed)
{
	switch (order) {
	case ASCENDING:
		return i;
	case DESCENDING:
		return NAMES - 1 - i;
	case AT_RANDOM:
		return (uint32_t)(seed_next(seed) % NAMES);
	case EACH_TENTH:
		return i * 10 % NAMES;
	case IN_RUNS:
		return i / 7;
	}
	return 0;
}

struct fixture {
	struct intern table;
	struct arena arena;
	uint32_t numbers[NAMES], next; /* what the table should say; CATALOG_NONE: not asked for yet */
};

static void add(struct fixture *f, uint32_t name, size_t row)
{
	char text[16];

	snprintf(text, sizeof(text), "A%06u", (unsigned)name);
	if (f->numbers[name] == CATALOG_NONE) {
		if (intern_find(&f->table, text) != CATALOG_NONE)
			fail_msg("row %zu: %s is there before it came", row, text);
		f->numbers[name] = f->next++;
	}
	if (intern_add(&f->table, &f->arena, text) != f->numbers[name] ||
	    intern_find(&f->table, text) != f->numbers[name])
		fail_msg("row %zu: %s should have number %u", row, text, (unsigned)f->numbers[name]);
}

static void names_keep_their_numbers(void **state)
{
	uint64_t seed = seed_start("names_keep_their_numbers");

	(void)state;
	for (size_t row = 0; row < COUNT(rows); row++) {
		static struct fixture f;

		f = (struct fixture){.arena = ARENA_EMPTY};
		memset(f.numbers, 0xff, sizeof(f.numbers));
		for (uint32_t i = 0; i < NAMES; i++)
			add(&f, name_at(rows[row].first, i, &seed), row);
		for (uint32_t i = 0; i < NAMES; i++)
			add(&f, name_at(rows[row].then, i, &seed), row);
		assert_int_equal(f.table.count, f.next);
		if (intern_ascends(&f.table) != rows[row].ascends)
			fail_msg("row %zu: ascends is not %d", row, rows[row].ascends);
		intern_free(&f.table);
		arena_free(&f.arena);
	}
}

static void sorting_gives_places(void **state)
{
	static const char *const names[] = {"pear", "apple", "", "plum", "fig"};
	static const uint32_t places[] = {3, 1, 0, 4, 2};
	struct arena work = ARENA_EMPTY, kept = ARENA_EMPTY;
	struct intern table = {0};
	struct names sorted;

	(void)state;
	for (uint32_t i = 0; i < COUNT(names); i++)
		assert_int_equal(intern_add(&table, &work, names[i]), i);
	assert_int_equal(intern_sort(&table, &kept, &sorted), ERR_OK);
	assert_int_equal(sorted.count, COUNT(names));
	for (uint32_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(table.values[i], places[i]);
		assert_string_equal(sorted.at[places[i]], names[i]);
	}
	intern_free(&table);
	arena_free(&work);
	arena_free(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_keep_their_numbers),
		cmocka_unit_test(sorting_gives_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
