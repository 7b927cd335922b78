/*
 * A ledger of 100,000 events, made as tilld makes it: whatever is done to one of them is found, and named.
 * tests/bench/audit does the same with a million.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "ledger.h"
#include "sales.h"
#include "scratch.h"
#include "tamper.h"

#define EVENTS	   100000
#define ARTICLES   200
#define PER_COMMIT 256 /* sales; as tilld under load */

static struct scratch scratch;
static char path[SCRATCH_PATH_MAX];

static void append(struct ledger *l, struct sale_kit *k, unsigned n)
{
	struct ledger_position at;
	struct why why = {0};
	char order[32];

	snprintf(order, sizeof(order), "order-%u", n);
	k->sale.order = order;
	if (ledger_append_sale(l, &k->ledger, &at, &why))
		fail_msg("%s", why.text);
}

static void append_until_enough(struct ledger *l, struct sale_kit kits[ARTICLES])
{
	struct ledger_position head;
	int64_t events = 0;
	struct why why = {0};

	for (unsigned n = 0; events < EVENTS;) {
		assert_int_equal(ledger_begin(l, &why), ERR_OK);
		for (unsigned i = 0; i < PER_COMMIT; i++, n++)
			append(l, &kits[n % ARTICLES], n);
		assert_int_equal(ledger_commit(l, &why), ERR_OK);
		ledger_head(l, &head, &events);
	}
}

static int make_ledger(void **state)
{
	static struct sale_kit kits[ARTICLES];
	struct clock_manual now;
	struct ledger *l;
	struct why why = {0};

	(void)state;
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "ledger.db"), sizeof(path));
	for (unsigned i = 0; i < ARTICLES; i++)
		sale_kit_make(&kits[i], "order", 1, i);
	clock_manual_init(&now, 1795255200000);
	if (ledger_open(path, "box-1", &now.clock, &l, &why))
		fail_msg("%s", why.text);
	append_until_enough(l, kits);
	ledger_close(l);
	for (unsigned i = 0; i < ARTICLES; i++)
		sale_kit_free(&kits[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

static enum err verify(struct ledger_verdict *verdict, struct why *why)
{
	struct ledger_reader *r;
	enum err e;

	assert_int_equal(ledger_reader_open(path, &r, why), ERR_OK);
	e = ledger_verify(r, verdict, why);
	ledger_reader_close(r);
	return e;
}

static void all_is_well(void)
{
	struct ledger_verdict v;
	struct why why = {0};

	if (verify(&v, &why))
		fail_msg("%s", why.text);
	assert_true(v.events >= EVENTS);
}

static void one_of_many_is_found(void **state)
{
	uint64_t seed = seed_start("many");

	(void)state;
	all_is_well();
	for (unsigned what = 0; what < TAMPERS; what++) {
		int64_t a = tamper_pick(path, (int64_t)(1 + seed_next(&seed) % (EVENTS - 1000)));
		int64_t b = tamper_pick(path, what == TAMPER_SWAP ? a + 500 : a + 1);
		struct ledger_verdict v;
		struct why why = {0};

		tamper_do(path, (enum tamper)what, a, b, seed_next(&seed));
		assert_int_equal(verify(&v, &why), ERR_CORRUPT);
		if (v.fault != tamperings[what].fault)
			fail_msg("%s of event %lld: %s", tamperings[what].name, (long long)a, why.text);
		assert_int_equal(v.fault_id, what == TAMPER_REPEAT ? b : a);
		assert_int_equal(v.events, v.fault_id - 1);
		if (what != TAMPER_CUT)
			tamper_undo(path, (enum tamper)what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_of_many_is_found, make_ledger, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
