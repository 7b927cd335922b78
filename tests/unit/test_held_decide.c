/*
 * What people say of changes that an import held: who may, two persons, in time, and the same answer twice. A
 * real catalog.db and ledger, and a clock that is turned by hand.
 */
#include "mini_shop.h"

#include <stdio.h>
#include <string.h>

#include "catalog_store.h"
#include "held_decide.h"

#define NOON_S (MINI_NOON_MS / 1000)

/* 7 % VAT within, 30 % floor: 1.00 / (1 - 0.3 - 7/107) is 1.576, so 1.58 */
#define COST                                                                                         \
	"{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"Pen\",\"gtins\":[\"4006381333931\"],\"tax\":" \
	"\"food\",\"cost\":\"1.00\"}\n"
#define PEN(price) "{\"type\":\"price\",\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"" price "\"}\n"

struct answered {
	bool done;
	enum refusal refusal;
	char why[sizeof((struct why){0}.text)], by[65];
	int64_t state;
};

static void note(const struct held *h, const struct answer *a, void *arg)
{
	struct answered *out = arg;

	*out = (struct answered){.done = true, .refusal = a->refusal, .state = a->refusal ? -1 : h->state};
	snprintf(out->why, sizeof(out->why), "%s", a->why.text);
	if (!a->refusal)
		snprintf(out->by, sizeof(out->by), "%.64s", h->decided_by);
}

static enum err first_id(const struct held *h, uint64_t version, void *arg, struct why *why)
{
	(void)version;
	(void)why;
	snprintf(arg, 65, "%.64s", h->id);
	return ERR_OK;
}

/* Imports it at noon as ann, and says what the change is called that is held: the last one. */
static void hold(struct mini_shop *m, const char *changes, char id[65])
{
	const struct catalog_hold rules = {{150000}, 3600, "root"};
	const struct catalog_note by = {"ann", "week 48", NOON_S, &rules};
	const char *file = scratch_path(&m->scratch, "changes.jsonl");
	struct catalog_store *s = NULL;
	struct why why = {0};
	uint64_t version;

	scratch_write(file, changes);
	if (catalog_import_changes(m->catalog_path, file, &by, NULL, NULL, &version, NULL, &why) ||
	    catalog_store_open_reader(m->catalog_path, &s, &why))
		fail_msg("%s", why.text);
	*id = '\0';
	assert_int_equal(catalog_store_each_held(s, first_id, id, &why), ERR_OK);
	catalog_store_close(s);
}

static struct answered decide(struct mini_shop *m, const char *id, enum approval_verdict verdict,
			      const char *name, unsigned roles)
{
	const struct person by = {name, roles};
	struct answered out = {0};

	held_decide(m->shop, id, verdict, "as agreed", &by, note, &out);
	for (int turns = 0; !out.done; turns++) {
		if (turns == 5000)
			fail_msg("no answer in time");
		loop_turn(m->loop, 10);
	}
	return out;
}

static const struct row {
	const char *changes, *name;
	unsigned roles;
	int64_t seconds; /* that pass */
	enum refusal refusal;
	const char *why; /* part of it */
} rows[] = {
	{PEN("2.87"), "ann", ROLE_CFO, 0, REFUSED_NOT_ALLOWED, "takes a second person"},
	{PEN("2.87"), "root", ROLE_CFO, 0, REFUSED_NOT_ALLOWED, "takes a second person"},
	{PEN("2.87"), "zoe", 0, 0, REFUSED_NOT_ALLOWED, "of no role here"},
	{PEN("2.87"), "sue", ROLE_SUPERVISOR, 0, REFUSED_NOT_ALLOWED, "it takes a pricing manager"},
	{PEN("2.87"), "bob", ROLE_MANAGER, 3600, REFUSED_NOT, ""},
	{PEN("2.87"), "bob", ROLE_MANAGER, 3601, REFUSED_DECIDED, "nobody has approved it in time"},
	{COST PEN("1.57"), "bob", ROLE_MANAGER, 0, REFUSED_NOT_ALLOWED, "it takes the cfo"},
	{COST PEN("1.57"), "carla", ROLE_CFO, 0, REFUSED_NOT, ""},
};

static void who_may_and_until_when(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static struct mini_shop m;
		struct answered a;
		char id[65];

		memset(&m, 0, sizeof(m));
		mini_shop_start(&m, mini_book);
		hold(&m, rows[i].changes, id);
		clock_manual_advance_ms(&m.clock, rows[i].seconds * 1000);
		a = decide(&m, id, VERDICT_APPROVED, rows[i].name, rows[i].roles);
		if (a.refusal != rows[i].refusal || !strstr(a.why, rows[i].why))
			fail_msg("row %zu: %d, %s", i, (int)a.refusal, a.why);
		mini_shop_stop(&m);
	}
}

/* Whoever was broken off asks again, perhaps after a restart; the other verdict comes too late. */
static void a_repeat_gets_the_first_answer(void **state)
{
	static struct mini_shop m;
	struct answered a;
	char id[65];

	(void)state;
	memset(&m, 0, sizeof(m));
	mini_shop_start(&m, mini_book);
	hold(&m, PEN("2.87"), id);
	a = decide(&m, id, VERDICT_APPROVED, "bob", ROLE_MANAGER);
	assert_int_equal(a.state, HELD_APPROVED);
	mini_shop_restart(&m);
	a = decide(&m, id, VERDICT_APPROVED, "carla", ROLE_CFO);
	assert_int_equal(a.refusal, REFUSED_NOT);
	assert_string_equal(a.by, "bob");
	a = decide(&m, id, VERDICT_REJECTED, "carla", ROLE_CFO);
	assert_int_equal(a.refusal, REFUSED_DECIDED);
	assert_non_null(strstr(a.why, "bob has approved it: as agreed"));
	a = decide(&m, "import-0-0-0", VERDICT_APPROVED, "carla", ROLE_CFO);
	assert_int_equal(a.refusal, REFUSED_UNKNOWN_OVERRIDE);
	mini_shop_stop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_and_until_when),
		cmocka_unit_test(a_repeat_gets_the_first_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
