/*
 * The policy best_deal where many promotions want the same pieces: what makes proofs short (best_dual.c,
 * best_bound.c) must never cut the best choice off, and must make them short.
 *
 * Small carts are tried out, every choice. Large ones nobody can try; there the answer may not become worse,
 * vaguer or dearer than it was: a bound that is looser than it might be gives no wrong answer, only a longer
 * search or a larger gap.
 */
#include "best_problem.h"

#include <stdlib.h>
#include <string.h>

/* Six goods of a piece or two, each wanted by most of four to six offers: groups of two to four for the most
 * part. */
static void make_crowd(uint64_t *seed, struct oracle *o, int64_t cost[ORACLE_GOODS])
{
	memset(o, 0, sizeof(*o));
	o->good_count = 5 + (int)below(seed, 2);
	o->offer_count = 4 + (int)below(seed, 3);
	for (int i = 0; i < o->good_count; i++) {
		make_good(seed, &o->goods[i], &cost[i]);
		o->goods[i].measured = false;
		o->goods[i].pieces = i < 2 && o->offer_count < 5 ? 1 + below(seed, 2) : 1;
	}
	for (int k = 0; k < o->offer_count; k++) {
		make_offer(seed, &o->offers[k], o->good_count, k);
		o->offers[k].goods |= (unsigned)below(seed, UINT64_C(1) << o->good_count);
		if (below(seed, 4))
			o->offers[k].kind = OFFER_GROUPS;
	}
}

static void every_choice_of_a_crowd(void **state)
{
	const char *many = getenv("TILL_PROBLEMS");
	uint64_t problems = many ? strtoull(many, NULL, 10) : 400, seed = seed_start("crowd");

	(void)state;
	for (uint64_t i = 0; i < problems; i++) {
		int64_t cost[ORACLE_GOODS] = {0};
		struct posed p = {0};
		struct oracle o;

		make_crowd(&seed, &o, cost);
		oracle_solve(&o);
		pose(&p, &o, cost);
		if ((p.result.totals.discount.minor != o.given || !p.result.optimal) && print_problem(&o))
			fail_msg("problem %llu: %lld off (gap %lld), expected %lld", (unsigned long long)i,
				 (long long)p.result.totals.discount.minor, (long long)p.result.gap.minor,
				 (long long)o.given);
		check_floors(&p, &o);
		mini_free(p.m);
	}
}

enum shape { WIDE, GUARDED, MIXED, HEAPS };

/* One draw a statement: compilers differ in which of two they do first, and these carts are the same for all.
 */
static void make_wide_offer(uint64_t *seed, struct oracle_offer *f, enum shape shape, int k)
{
	const unsigned all = (1U << 24) - 1;

	*f = (struct oracle_offer){.kind = OFFER_GROUPS, .goods = all, .buy = 3, .get = 1, .priority = k};
	f->goods &= ~(1U << below(seed, 24));
	f->ppm = PERCENT(50 + 25 * below(seed, 3));
	if (shape == WIDE)
		return;
	f->get = 1 + k % 2;
	f->buy = 4 - f->get;
	if (shape == GUARDED)
		return;
	f->buy = 1 + below(seed, 3);
	f->goods = 1U << below(seed, 24);
	f->goods |= (unsigned)below(seed, all);
	if (below(seed, 3) == 0)
		f->times = 1 + below(seed, 3);
	if (shape == HEAPS || below(seed, 3))
		return;
	f->kind = below(seed, 2) ? OFFER_PERCENT : OFFER_ONCE;
	f->ppm = PERCENT(5 + 5 * below(seed, 3));
	f->amount = 50 + below(seed, 1500);
}

static void make_large_good(uint64_t *seed, struct oracle_good *g, enum shape shape, int64_t *cost)
{
	g->value = 100 + below(seed, 1900);
	g->pieces = shape == WIDE ? 1 : 1 + below(seed, shape == HEAPS ? 90 : 2);
	*cost = AMOUNT_NONE;
	if (shape != WIDE && below(seed, 2))
		*cost = g->value * (40 + below(seed, 28)) / 100;
}

static void make_large(uint64_t *seed, struct oracle *o, enum shape shape, int64_t cost[ORACLE_GOODS])
{
	memset(o, 0, sizeof(*o));
	o->good_count = 24;
	o->offer_count = shape == HEAPS ? 3 : 4 + (int)below(seed, 3);
	for (int i = 0; i < o->good_count; i++)
		make_large_good(seed, &o->goods[i], shape, &cost[i]);
	for (int k = 0; k < o->offer_count; k++)
		make_wide_offer(seed, &o->offers[k], shape, k);
}

/* As it was when this was measured: what is taken off, what may be missing, and states that were looked at.
 */
static const struct measured {
	enum shape shape;
	int64_t given, gap;
	uint32_t states;
} measured[] = {
	{WIDE, 4223, 0, 5864},		{WIDE, 5208, 0, 2667},		{WIDE, 6109, 86, 13418},
	{WIDE, 6083, 0, 549},		{WIDE, 5619, 0, 3964},		{WIDE, 5386, 0, 3384},
	{WIDE, 4969, 0, 2710},		{WIDE, 6407, 0, 3896},		{WIDE, 6586, 0, 2757},
	{WIDE, 4081, 0, 2898},		{WIDE, 5338, 0, 4212},		{WIDE, 5516, 0, 4338},
	{GUARDED, 12648, 2363, 17761},	{GUARDED, 12751, 549, 18375},	{GUARDED, 10838, 0, 5860},
	{GUARDED, 11224, 2372, 11934},	{GUARDED, 15899, 0, 4858},	{GUARDED, 18253, 0, 8251},
	{GUARDED, 19091, 872, 10740},	{GUARDED, 14769, 0, 3360},	{GUARDED, 20928, 313, 13965},
	{GUARDED, 12493, 0, 4658},	{GUARDED, 14142, 716, 16405},	{GUARDED, 18558, 841, 16217},
	{MIXED, 12655, 0, 143},		{MIXED, 6297, 658, 6581},	{MIXED, 10562, 0, 2175},
	{MIXED, 16624, 1866, 7525},	{MIXED, 6393, 0, 365},		{MIXED, 9162, 0, 4032},
	{MIXED, 9311, 0, 3429},		{MIXED, 7194, 0, 1257},		{MIXED, 8523, 0, 1869},
	{MIXED, 13961, 0, 878},		{MIXED, 13501, 1415, 4325},	{MIXED, 8285, 3244, 8664},
	{HEAPS, 127357, 79836, 15868},	{HEAPS, 164017, 153847, 29254}, {HEAPS, 233263, 176387, 24538},
	{HEAPS, 308012, 138654, 35617}, {HEAPS, 92488, 374558, 11225},	{HEAPS, 77970, 217342, 16359},
	{HEAPS, 13911, 213815, 8157},	{HEAPS, 170683, 109117, 24986}, {HEAPS, 266506, 51636, 17926},
	{HEAPS, 199509, 36182, 23150},	{HEAPS, 158044, 327902, 29581}, {HEAPS, 163006, 54176, 40169},
};

static void large_ones_stay_good(void **state)
{
	bool print = getenv("TILL_PRINT") != NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(measured); i++) {
		const struct measured *was = &measured[i];
		uint64_t seed = 1000 + i;
		int64_t cost[ORACLE_GOODS] = {0};
		struct posed p = {0};
		struct oracle o;

		make_large(&seed, &o, was->shape, cost);
		pose(&p, &o, cost);
		if (print)
			print_message("\t{%d, %lld, %lld, %u},\n", (int)was->shape,
				      (long long)p.result.totals.discount.minor,
				      (long long)p.result.gap.minor, p.result.states);
		else if (p.result.totals.discount.minor < was->given || p.result.gap.minor > was->gap ||
			 p.result.states > was->states)
			fail_msg("cart %zu: %lld off, gap %lld, %u states; it was %lld, %lld, %u", i,
				 (long long)p.result.totals.discount.minor, (long long)p.result.gap.minor,
				 p.result.states, (long long)was->given, (long long)was->gap, was->states);
		mini_free(p.m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_choice_of_a_crowd),
		cmocka_unit_test(large_ones_stay_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
