/*
 * What a lane has shown of late, beside a list that is looked through from end to end.
 */
#include "unit.h"

#include <stdio.h>

#include "shown.h"

#define SKUS  400
#define STEPS 20000

struct model {
	struct {
		unsigned sku;
		int64_t price, at_s;
	} at[SHOWN_MAX]; /* the oldest first */
	unsigned count;
};

static void model_drop(struct model *m, unsigned i)
{
	for (m->count--; i < m->count; i++)
		m->at[i] = m->at[i + 1];
}

static void model_put(struct model *m, unsigned sku, int64_t price, int64_t now_s)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->at[i].sku == sku && m->at[i].price == price)
			model_drop(m, i--);
	if (m->count == SHOWN_MAX)
		model_drop(m, 0);
	m->at[m->count].sku = sku;
	m->at[m->count].price = price;
	m->at[m->count++].at_s = now_s;
}

static int64_t model_lowest(const struct model *m, unsigned sku, int64_t since_s)
{
	int64_t lowest = AMOUNT_NONE;

	for (unsigned i = 0; i < m->count; i++)
		if (m->at[i].sku == sku && m->at[i].at_s >= since_s &&
		    (lowest == AMOUNT_NONE || m->at[i].price < lowest))
			lowest = m->at[i].price;
	return lowest;
}

static void it_knows_what_the_list_knows(void **state)
{
	static struct shown s;
	static struct model m;
	uint64_t random = 952;

	(void)state;
	for (int64_t now_s = 0; now_s < STEPS; now_s++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
		unsigned r = (unsigned)(random >> 33), sku = r % SKUS, asked = r / SKUS % SKUS;
		int64_t price = 1 + r / SKUS / SKUS % 3, since_s = now_s - r % 500;
		char name[16];

		snprintf(name, sizeof(name), "A%u", sku);
		shown_put(&s, name, (struct money){price}, now_s);
		model_put(&m, sku, price, now_s);
		snprintf(name, sizeof(name), "A%u", asked);
		assert_int_equal(shown_lowest(&s, name, since_s).minor, model_lowest(&m, asked, since_s));
		snprintf(name, sizeof(name), "A%u", m.at[0].sku); /* the oldest there is */
		assert_int_equal(shown_lowest(&s, name, 0).minor, model_lowest(&m, m.at[0].sku, 0));
	}
	assert_int_equal(m.count, SHOWN_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(it_knows_what_the_list_knows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
