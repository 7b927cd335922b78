/*
 * A cart of more goods, and a catalog of more promotions, than one word of a bitmap has places for: lines
 * come, go and change under a memo, and each time comes what comes without. That the carts do get so large is
 * asked for, since the random carts of tests/property stay small. The seed is printed; TILL_SEED repeats it.
 */
#include "mini_catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARTICLES   600
#define PROMOTIONS 140 /* of which a cart meets fewer than a memo keeps (past.h) */
#define LINES_MAX  190
#define STEPS	   600

struct shop {
	struct mini *m;
	struct term terms[PROMOTIONS][3];
	struct need needs[PROMOTIONS];
	struct give gives[PROMOTIONS];
	struct engine_line lines[LINES_MAX];
	uint32_t count;
	struct engine_memo *memo;
	void *memory, *room[2];
	size_t size;
};

static uint64_t numbers;

static uint32_t below(uint32_t n)
{
	return (uint32_t)(seed_next(&numbers) % n);
}

/* Neighbouring articles, so that promotions touch one another. */
static struct selector some_articles(struct shop *s, uint32_t k)
{
	uint32_t n = 1 + below(3), first = below(ARTICLES - 2);

	for (uint32_t i = 0; i < n; i++)
		s->terms[k][i] = (struct term){.kind = TERM_ITEM, .id = first + i};
	return (struct selector){.include = s->terms[k], .includes = n};
}

static void add_promotion(struct shop *s, uint32_t k)
{
	static char ids[PROMOTIONS][8];
	struct selector on = some_articles(s, k);
	struct promotion p = PROMOTION(ids[k], .priority = below(3), .stackable = below(6) > 0,
				       .group = below(8) == 0 ? 1 + below(2) : 0);

	snprintf(ids[k], sizeof(ids[k]), "p%03u", k);
	p.name = ids[k];
	switch (below(4)) {
	case 0:
		s->gives[k] = (struct give)AMOUNT_OFF(1 + below(300), on);
		break;
	case 1:
		s->gives[k] = (struct give)UNITS_OFF(1, 1, 50, on);
		break;
	default:
		s->gives[k] = (struct give)PERCENT_OFF(1 + below(40), on);
	}
	p.gives = &s->gives[k];
	p.give_count = 1;
	if (below(3) == 0) {
		s->needs[k] = (struct need){.of = on, .least = 1 + below(3)};
		p.needs = &s->needs[k];
		p.need_count = 1;
	}
	mini_promotion(s->m, &p);
}

static void open_shop(struct shop *s)
{
	static char skus[ARTICLES][8];

	s->m = mini_new();
	for (uint32_t i = 0; i < ARTICLES; i++) {
		snprintf(skus[i], sizeof(skus[i]), "A%03u", i);
		mini_item(s->m, skus[i], 100 + below(2000));
	}
	for (uint32_t k = 0; k < PROMOTIONS; k++)
		add_promotion(s, k);
	mini_finish(s->m);
	s->size = engine_room_size(&s->m->catalog, LINES_MAX);
	s->memory = malloc(engine_memo_size(&s->m->catalog, LINES_MAX));
	s->room[0] = malloc(s->size);
	s->room[1] = malloc(s->size);
	assert_true(s->memory && s->room[0] && s->room[1]);
	s->memo = engine_memo_make(s->memory, &s->m->catalog, LINES_MAX);
}

static void close_shop(struct shop *s)
{
	free(s->memory);
	free(s->room[0]);
	free(s->room[1]);
	mini_free(s->m);
}

/* Mostly one line more, which is what a memo is for; it stands for a new good or for one that is there. */
static void change(struct shop *s)
{
	uint32_t what = below(10), at = s->count ? below(s->count) : 0;

	if (s->count == 0 || (what < 7 && s->count < LINES_MAX)) {
		s->lines[s->count++] = (struct engine_line)PIECES(below(ARTICLES), 1);
	} else if (what < 9) {
		s->lines[at].quantity.micro = INT64_C(1000000) * (1 + below(4));
	} else {
		memmove(&s->lines[at], &s->lines[at + 1], (s->count - at - 1) * sizeof(s->lines[0]));
		s->count--;
	}
}

static void assert_same_verdict(const struct verdict *a, const struct verdict *b)
{
	assert_int_equal(a->promotion, b->promotion);
	assert_int_equal(a->reason, b->reason);
	assert_int_equal(a->amount.minor, b->amount.minor);
	assert_int_equal(a->times, b->times);
	assert_int_equal(a->lacking, b->lacking);
	assert_int_equal(a->by, b->by);
}

static void assert_same(const struct engine_result *a, const struct engine_result *b)
{
	assert_int_equal(a->totals.total.minor, b->totals.total.minor);
	assert_int_equal(a->discount_count, b->discount_count);
	assert_int_equal(a->verdict_count, b->verdict_count);
	assert_int_equal(a->applied_count, b->applied_count);
	for (uint32_t i = 0; i < a->line_count; i++) {
		assert_int_equal(a->lines[i].net.minor, b->lines[i].net.minor);
		assert_int_equal(a->lines[i].first_discount, b->lines[i].first_discount);
		assert_int_equal(a->lines[i].discounts, b->lines[i].discounts);
	}
	for (uint32_t i = 0; i < a->discount_count; i++) {
		assert_int_equal(a->discounts[i].line, b->discounts[i].line);
		assert_int_equal(a->discounts[i].promotion, b->discounts[i].promotion);
		assert_int_equal(a->discounts[i].amount.minor, b->discounts[i].amount.minor);
	}
	for (uint32_t i = 0; i < a->verdict_count; i++)
		assert_same_verdict(&a->verdicts[i], &b->verdicts[i]);
}

static void evaluate(struct shop *s)
{
	const struct engine_cart cart = {
		s->lines, s->count, {.store = CATALOG_NONE, .channel = CATALOG_NONE}};
	struct engine_result with, without;
	uint32_t bad_line;

	memset(s->room[0], 0xa5, s->size);
	assert_int_equal(
		engine_evaluate_next(&s->m->catalog, &cart, s->memo, s->room[0], s->size, &with, &bad_line),
		ERR_OK);
	assert_int_equal(
		engine_evaluate_next(&s->m->catalog, &cart, NULL, s->room[1], s->size, &without, &bad_line),
		ERR_OK);
	assert_adds_up(&s->m->catalog, &cart, &with);
	assert_same(&with, &without);
}

static void test_wide_carts(void **state)
{
	uint32_t most = 0;

	(void)state;
	numbers = seed_start("carts of many goods");
	for (uint32_t round = 0; round < 4; round++) {
		struct shop s = {0};

		open_shop(&s);
		for (uint32_t i = 0; i < STEPS; i++) {
			change(&s);
			evaluate(&s);
			most = s.count > most ? s.count : most;
		}
		close_shop(&s);
	}
	assert_true(most > 180);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_wide_carts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
