/*
 * What the ledger has learnt: a table of pairs with undo, against a plain list of the same pairs.
 */
#include "unit.h"

#include "ledger_fold.h"

#define PAIRS 3000

struct model {
	struct fold_slot at[PAIRS];
	size_t kept, count;
};

static void add(struct fold *f, struct model *m, uint64_t key, int64_t value)
{
	assert_int_equal(fold_reserve(f, 1), ERR_OK);
	fold_add(f, key, value);
	m->at[m->count++] = (struct fold_slot){key, value};
}

static size_t found(const struct fold *f, uint64_t key, int64_t value)
{
	size_t times = 0;
	int64_t got;

	for (size_t i = 0; fold_find(f, key, i, &got); i++)
		times += got == value;
	return times;
}

static void expect_same(const struct fold *f, const struct model *m, const struct model *gone)
{
	assert_int_equal(f->used, m->count);
	for (size_t i = 0; i < m->count; i++)
		assert_int_equal(found(f, m->at[i].key, m->at[i].value), 1);
	for (size_t i = m->count; i < gone->count; i++)
		assert_int_equal(found(f, gone->at[i].key, gone->at[i].value), 0);
}

static void an_empty_one_finds_nothing(void **state)
{
	struct fold f = {0};
	int64_t value;

	(void)state;
	assert_false(fold_find(&f, 5, 0, &value));
	fold_undo(&f);
	fold_keep(&f);
	fold_free(&f);
}

static void one_key_may_have_several_values(void **state)
{
	struct fold f = {0};
	struct model m = {0};
	int64_t a = 0, b = 0, c = 0;

	(void)state;
	add(&f, &m, 5, 10);
	add(&f, &m, 5 + 64, 99); /* lands in the same place */
	add(&f, &m, 5, 20);
	assert_true(fold_find(&f, 5, 0, &a));
	assert_true(fold_find(&f, 5, 1, &b));
	assert_false(fold_find(&f, 5, 2, &c));
	assert_int_equal(a + b, 30);
	fold_free(&f);
}

/* Transactions of random size, some taken back, over growth; few keys' low bits, so that runs are long. */
static void undo_gives_back_what_was_there(void **state)
{
	static struct model m, before;
	struct fold f = {0};
	uint64_t seed = seed_start("fold");

	(void)state;
	while (m.count < PAIRS - 200) {
		size_t n = seed_next(&seed) % 200;

		m.kept = m.count;
		for (size_t i = 0; i < n; i++)
			add(&f, &m, seed_next(&seed) & 0xff0000000000003f, (int64_t)(m.count + 1));
		before = m;
		if (seed_next(&seed) % 3 == 0) {
			fold_undo(&f);
			m.count = m.kept;
		} else {
			fold_keep(&f);
		}
		expect_same(&f, &m, &before);
	}
	fold_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_finds_nothing),
		cmocka_unit_test(one_key_may_have_several_values),
		cmocka_unit_test(undo_gives_back_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
