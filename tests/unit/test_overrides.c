/*
 * Prices that people set: what needs whose approval, what counts, and for how long. The rules are those of
 * edge/lane/overrides.h; amounts are worked out in the rows.
 */
#include "mini_shop.h"

#include <string.h>

#include "ledger_note.h"
#include "overrides.h"

/*
 * TEA costs 10.00 and 6.00 to the shop, which keeps 30 %: no less than 6.00 / 0.7 = 8.571..., so 8.58. INK
 * costs 100.00, and nobody knows what it costs the shop.
 */
static const char book[] =
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\",\"margin\":{\"floor\":\"30\"}}\n"
	"{\"type\":\"price_list\",\"id\":\"base\",\"rank\":0}\n"
	"{\"type\":\"item\",\"sku\":\"TEA\",\"name\":\"Tea\",\"gtins\":[\"4006381333931\"],\"cost\":\"6.00\"}"
	"\n"
	"{\"type\":\"item\",\"sku\":\"INK\",\"name\":\"Ink\"}\n"
	"{\"type\":\"item\",\"sku\":\"NOPRICE\",\"name\":\"None\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"TEA\",\"price\":\"10.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"INK\",\"price\":\"100.00\"}\n";

#define HOUR_S INT64_C(3600)

static const struct person ann = {"ann", ROLE_SUPERVISOR}, bob = {"bob", ROLE_MANAGER},
			   bea = {"bea", ROLE_MANAGER}, carla = {"carla", ROLE_CFO},
			   tom = {"tom", ROLE_TECHNICIAN}, zoe = {"zoe", 0};

static struct mini_shop m;
static struct overrides *overrides;
static unsigned told;
static struct answer said;
static char id[ORDER_ID_MAX + 1];

static void heard(const char *which, const struct answer *a, void *arg)
{
	(void)arg;
	told++;
	said = *a;
	snprintf(id, sizeof(id), "%s", which);
}

static int set_up(void **state)
{
	(void)state;
	mini_shop_start(&m, book);
	m.config.overrides = (struct override_rules){{150000}, 4 * HOUR_S, 24 * HOUR_S};
	overrides = overrides_new(m.shop);
	told = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	overrides_free(overrides);
	mini_shop_stop(&m);
	return 0;
}

static enum refusal set_for(const char *sku, int64_t price, bool emergency, int64_t seconds,
			    const struct person *by)
{
	const struct override_wish w = {.sku = sku,
					.reason = "because",
					.price = {price},
					.to_s = clock_utc_ms(&m.clock.clock) / 1000 + seconds,
					.emergency = emergency};
	unsigned before = told;

	overrides_set(overrides, &w, by, heard, NULL);
	mini_shop_turn_until(&m, &told, before + 1);
	return said.refusal;
}

static enum refusal set(const char *sku, int64_t price, const struct person *by)
{
	return set_for(sku, price, false, 3 * HOUR_S, by);
}

static enum refusal decide(const char *which, enum approval_verdict verdict, const struct person *by)
{
	unsigned before = told;

	overrides_decide(overrides, which, verdict, "because", by, heard, NULL);
	mini_shop_turn_until(&m, &told, before + 1);
	return said.refusal;
}

static void list_members(struct lane *l, struct jsonw *w)
{
	(void)l;
	overrides_json(overrides, w);
}

/* A member of the nth in the list, "" past its end. */
static const char *listed(unsigned nth, const char *member)
{
	static char value[80];
	json_t *list = mini_shop_json(shop_lane_at(m.shop, 0), list_members);
	char path[80];

	snprintf(path, sizeof(path), "overrides.%u.%s", nth, member);
	snprintf(value, sizeof(value), "%s", json_path(list, path));
	json_decref(list);
	return value;
}

/* What is asked for, by whom, and what that needs. The limit is 15 %. */
static const struct {
	const char *what, *sku;
	int64_t price;
	const struct person *by;
	enum refusal refusal;
	const char *state, *needs;
} wishes[] = {
	{"15 % is not more than 15 %", "INK", 8500, &ann, REFUSED_NOT, "active", "nothing"},
	{"a cent more is", "INK", 8499, &ann, REFUSED_NOT, "pending", "manager"},
	{"upwards too", "INK", 11501, &ann, REFUSED_NOT, "pending", "manager"},
	{"a manager's own waits as well", "INK", 5000, &bob, REFUSED_NOT, "pending", "manager"},
	{"the floor itself is legal", "TEA", 858, &ann, REFUSED_NOT, "active", "nothing"},
	{"a cent below waits for the cfo", "TEA", 857, &ann, REFUSED_NOT, "pending", "cfo"},
	{"even if the cfo asks", "TEA", 857, &carla, REFUSED_NOT, "pending", "cfo"},
	{"a technician sets no prices", "INK", 9900, &tom, REFUSED_NOT_ALLOWED, "", ""},
	{"nor does anybody", "INK", 9900, &zoe, REFUSED_NOT_ALLOWED, "", ""},
	{"an article that is not sold", "PEN", 100, &ann, REFUSED_UNKNOWN_CODE, "", ""},
	{"an article without a price", "NOPRICE", 100, &ann, REFUSED_NO_PRICE, "", ""},
	{"a price below 0", "INK", -1, &ann, REFUSED_BAD_OVERRIDE, "", ""},
};

static void wishes_need_approval(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wishes); i++) {
		if (set(wishes[i].sku, wishes[i].price, wishes[i].by) != wishes[i].refusal)
			fail_msg("%s: %s", wishes[i].what, said.why.text);
		if (strcmp(listed(0, "state"), wishes[i].state) != 0 ||
		    strcmp(listed(0, "needs"), wishes[i].needs) != 0)
			fail_msg("%s: %s, needs %s", wishes[i].what, listed(0, "state"), listed(0, "needs"));
		if (wishes[i].refusal == REFUSED_NOT)
			assert_int_equal(decide(id, VERDICT_ENDED, wishes[i].by), REFUSED_NOT);
	}
}

/* 100 to 90 is 10 %. 90 to 81 is 10 % again, but 19 % of the 100 that somebody stood for. */
static void two_small_steps_do_not_slip_by(void **state)
{
	(void)state;
	assert_int_equal(set("INK", 9000, &ann), REFUSED_NOT);
	assert_string_equal(listed(0, "state"), "active");
	assert_int_equal(set("INK", 8100, &ann), REFUSED_NOT);
	assert_string_equal(listed(0, "state"), "pending");
	assert_string_equal(listed(0, "change"), "-19");
	assert_int_equal(decide(id, VERDICT_APPROVED, &bob), REFUSED_NOT);
	/* From 81.00, which bob stood for: 69.00 is 14.8 % less, 68.00 16.05 %. */
	assert_int_equal(set("INK", 6900, &ann), REFUSED_NOT);
	assert_string_equal(listed(0, "state"), "active");
	assert_int_equal(set("INK", 6800, &ann), REFUSED_NOT);
	assert_string_equal(listed(0, "state"), "pending");
}

static void it_takes_a_second_person_of_the_right_role(void **state)
{
	char large[80], deep[80];

	(void)state;
	assert_int_equal(set("INK", 5000, &bob), REFUSED_NOT);
	snprintf(large, sizeof(large), "%s", id);
	assert_int_equal(set("TEA", 500, &ann), REFUSED_NOT);
	snprintf(deep, sizeof(deep), "%s", id);
	assert_int_equal(decide(large, VERDICT_APPROVED, &bob), REFUSED_NOT_ALLOWED);
	assert_int_equal(decide(large, VERDICT_APPROVED, &ann), REFUSED_NOT_ALLOWED);
	assert_int_equal(decide(large, VERDICT_APPROVED, &tom), REFUSED_NOT_ALLOWED);
	assert_int_equal(decide(deep, VERDICT_APPROVED, &bob), REFUSED_NOT_ALLOWED);
	assert_int_equal(decide(large, VERDICT_APPROVED, &bea), REFUSED_NOT);
	assert_int_equal(decide(large, VERDICT_APPROVED, &carla), REFUSED_DECIDED);
	assert_int_equal(decide(deep, VERDICT_APPROVED, &carla), REFUSED_NOT);
	assert_string_equal(listed(0, "approved_by"), "bea");
	assert_string_equal(listed(1, "approved_by"), "carla");
	assert_int_equal(decide("b@1-99", VERDICT_APPROVED, &bea), REFUSED_UNKNOWN_OVERRIDE);
}

static void what_is_rejected_or_taken_back_is_gone(void **state)
{
	(void)state;
	assert_int_equal(set("INK", 5000, &ann), REFUSED_NOT);
	assert_int_equal(decide(id, VERDICT_REJECTED, &ann), REFUSED_NOT_ALLOWED);
	assert_int_equal(decide("b@1-1", VERDICT_REJECTED, &bob), REFUSED_NOT);
	assert_string_equal(listed(0, "id"), "");
	assert_int_equal(decide("b@1-1", VERDICT_APPROVED, &bob), REFUSED_UNKNOWN_OVERRIDE);
	assert_int_equal(set("INK", 5000, &ann), REFUSED_NOT);
	assert_int_equal(decide(id, VERDICT_ENDED, &zoe), REFUSED_NOT_ALLOWED);
	assert_int_equal(decide("b@1-2", VERDICT_ENDED, &ann), REFUSED_NOT);
	assert_string_equal(listed(0, "id"), "");
}

static void an_emergency_counts_at_once_and_is_looked_at(void **state)
{
	(void)state;
	assert_int_equal(set_for("INK", 15000, true, 4 * HOUR_S + 1, &ann), REFUSED_BAD_OVERRIDE);
	assert_int_equal(set_for("TEA", 857, true, HOUR_S, &ann), REFUSED_NOT_ALLOWED); /* below the floor */
	assert_int_equal(set_for("INK", 15000, true, 4 * HOUR_S, &ann), REFUSED_NOT);
	assert_string_equal(listed(0, "state"), "emergency");
	assert_string_equal(listed(0, "needs"), "review");
	assert_int_equal(decide("b@1-3", VERDICT_APPROVED, &ann), REFUSED_NOT_ALLOWED);
	assert_int_equal(decide("b@1-3", VERDICT_APPROVED, &bob), REFUSED_NOT);
	assert_string_equal(listed(0, "state"), "active");
	assert_int_equal(set_for("INK", 20000, true, HOUR_S, &ann), REFUSED_NOT);
	assert_int_equal(decide(id, VERDICT_REJECTED, &bea), REFUSED_NOT);
	assert_string_equal(listed(0, "price"), "150.00");
	assert_string_equal(listed(1, "id"), "");
}

static void time_ends_what_nobody_approved(void **state)
{
	(void)state;
	assert_int_equal(set_for("INK", 5000, false, 48 * HOUR_S, &ann), REFUSED_NOT);
	clock_manual_advance_ms(&m.clock, 24 * HOUR_S * INT64_C(1000));
	assert_int_equal(set("INK", 9900, &ann), REFUSED_NOT); /* whoever says something tidies up */
	assert_string_equal(listed(0, "state"), "pending");    /* it is the last second */
	clock_manual_advance_ms(&m.clock, 1000);
	assert_int_equal(decide("b@1-1", VERDICT_APPROVED, &bob), REFUSED_UNKNOWN_OVERRIDE);
	assert_string_equal(listed(0, "price"), "99.00");
}

/* Member of the payload of the next event that was told; "": there is none. */
static const char *next_event(const char *name, const char *member)
{
	static char value[200];
	char *end = strchr(m.events, '\n'), path[80];
	json_t *event = end ? json_loadb(m.events, (size_t)(end - m.events), 0, NULL) : NULL;

	if (!event)
		return "";
	snprintf(path, sizeof(path), "payload.%s", member);
	assert_string_equal(json_path(event, "event"), name);
	snprintf(value, sizeof(value), "%s", json_path(event, path));
	json_decref(event);
	memmove(m.events, end + 1, strlen(end + 1) + 1);
	return value;
}

static void all_that_is_said_is_told(void **state)
{
	(void)state;
	m.events[0] = '\0';
	assert_int_equal(set("INK", 5000, &ann), REFUSED_NOT);
	assert_string_equal(next_event("ApprovalRequested", "why"), "50 % below the last approved 100.00");
	assert_int_equal(decide("b@1-1", VERDICT_REJECTED, &bob), REFUSED_NOT);
	assert_string_equal(next_event("ApprovalRefused", "decidedBy"), "bob");
	assert_int_equal(set("TEA", 857, &ann), REFUSED_NOT);
	assert_string_equal(next_event("ApprovalRequested", "why"), "below the lowest legal price 8.58");
	assert_int_equal(decide("b@1-2", VERDICT_APPROVED, &carla), REFUSED_NOT);
	assert_string_equal(next_event("ApprovalGranted", "requestedBy"), "ann");
	assert_string_equal(next_event("PriceChanged", "newPrice"), "8.57");
	assert_int_equal(decide("b@1-2", VERDICT_ENDED, &ann), REFUSED_NOT);
	assert_string_equal(next_event("PriceChanged", "newPrice"), "10.00");
	assert_int_equal(set_for("INK", 15000, true, HOUR_S, &ann), REFUSED_NOT);
	assert_string_equal(next_event("ApprovalRequested", "needs"), "review");
	assert_string_equal(next_event("PriceChanged", "oldPrice"), "100.00");
	assert_int_equal(set("INK", 11000, &ann), REFUSED_NOT); /* needs nobody */
	assert_string_equal(next_event("PriceChanged", "newPrice"), "110.00");
	assert_string_equal(next_event("", ""), "");
}

static enum err add_verdict(int64_t event_id, const struct event_envelope *event, void *arg, struct why *why)
{
	struct arena a = ARENA_EMPTY;
	struct event_approval v = {0};
	enum err e = ERR_OK;

	(void)event_id;
	if (event->kind == EVENT_APPROVAL)
		e = event_approval_decode(event->body, &a, &v, why);
	if (!e && event->kind == EVENT_APPROVAL) {
		size_t n = strlen(arg);

		snprintf((char *)arg + n, 200 - n, "%s %s by %s;", v.id, approval_verdict_name(v.verdict),
			 v.by);
	}
	arena_free(&a);
	return e;
}

/* By itself: nobody asks for anything. Of what counted, the window's end is told elsewhere. */
static void time_is_written_down_and_told(void **state)
{
	char verdicts[200] = "";
	struct ledger *l;
	struct why why = {0};

	(void)state;
	assert_int_equal(set_for("INK", 5000, false, 48 * HOUR_S, &ann), REFUSED_NOT);
	assert_int_equal(set_for("TEA", 990, false, 2 * HOUR_S, &ann), REFUSED_NOT);
	assert_int_equal(set_for("INK", 15000, true, HOUR_S, &bob), REFUSED_NOT);
	m.events[0] = '\0';
	clock_manual_advance_ms(&m.clock, 24 * HOUR_S * INT64_C(1000) + 1000);
	m.news[LANE_CATALOG_EVENT] = 0;
	mini_shop_turn_until(&m, &m.news[LANE_CATALOG_EVENT], 2);
	assert_string_equal(next_event("ApprovalExpired", "approvalId"), "b@1-1");
	assert_string_equal(next_event("ApprovalExpired", "needs"), "review"); /* nobody looked at it */
	assert_string_equal(listed(0, "id"), "");
	ledger_worker_stop(m.worker); /* it has the ledger */
	assert_int_equal(ledger_open(m.ledger_path, "b", &m.clock.clock, &l, &why), ERR_OK);
	assert_int_equal(ledger_each_note(l, add_verdict, verdicts, &why), ERR_OK);
	assert_string_equal(verdicts,
			    "b@1-1 expired by tilld;b@1-2 expired by tilld;b@1-3 expired by tilld;");
	assert_int_equal(ledger_worker_start(m.loop, l, NULL, NULL, &m.worker), ERR_OK); /* for the end */
}

static const char *price_of(const char *sku)
{
	static char price[32];
	char command[64];
	json_t *cart;

	snprintf(command, sizeof(command), "sku %s", sku);
	assert_int_equal(mini_shop_do(&m, command).refusal, REFUSED_NOT);
	cart = mini_shop_json(m.lane, lane_cart_json);
	snprintf(price, sizeof(price), "%s", json_path(cart, "lines.0.unit_price"));
	json_decref(cart);
	assert_int_equal(mini_shop_do(&m, "void cart").refusal, REFUSED_NOT);
	return price;
}

static enum err learn_all(void)
{
	struct ledger *l;
	struct why why = {0};
	enum err e = ledger_open(m.ledger_path, "b", &m.clock.clock, &l, &why);

	assert_int_equal(e, ERR_OK);
	e = ledger_each_note(l, overrides_learn, overrides, &why);
	ledger_close(l);
	return e;
}

/* The price locks of the lane are off: only what is in force counts. */
static void lanes_price_by_them_until_they_end(void **state)
{
	unsigned catalogs = m.news[LANE_CATALOG];

	(void)state;
	assert_string_equal(price_of("INK"), "100.00");
	assert_int_equal(set_for("INK", 9000, false, HOUR_S, &ann), REFUSED_NOT);
	mini_shop_turn_until(&m, &m.news[LANE_CATALOG], ++catalogs);
	assert_string_equal(price_of("INK"), "90.00");
	assert_int_equal(set_for("INK", 9500, false, 2 * HOUR_S, &ann), REFUSED_NOT); /* in the same second */
	mini_shop_turn_until(&m, &m.news[LANE_CATALOG], ++catalogs);
	assert_string_equal(price_of("INK"), "95.00"); /* the last one that was set */
	assert_int_equal(decide("b@1-2", VERDICT_ENDED, &ann), REFUSED_NOT);
	mini_shop_turn_until(&m, &m.news[LANE_CATALOG], ++catalogs);
	assert_string_equal(price_of("INK"), "90.00");
	clock_manual_advance_ms(&m.clock, (HOUR_S + 1) * INT64_C(1000));
	assert_string_equal(price_of("INK"), "100.00");
}

/* A new catalog does not lose them, and neither does a new process. */
static void they_outlive_imports_and_restarts(void **state)
{
	struct ledger *l;
	struct why why = {0};

	(void)state;
	assert_int_equal(set_for("INK", 9000, false, 3 * HOUR_S, &ann), REFUSED_NOT);
	assert_int_equal(set_for("INK", 5000, false, 48 * HOUR_S, &ann), REFUSED_NOT);
	mini_shop_import(&m, book);
	assert_string_equal(price_of("INK"), "90.00");
	overrides_free(overrides);
	ledger_worker_stop(m.worker); /* it has the ledger */
	overrides = overrides_new(m.shop);
	assert_int_equal(learn_all(), ERR_OK);
	assert_string_equal(listed(0, "price"), "50.00");
	assert_string_equal(listed(0, "state"), "pending");
	assert_string_equal(listed(1, "price"), "90.00");
	assert_string_equal(listed(2, "id"), "");
	assert_int_equal(ledger_open(m.ledger_path, "b", &m.clock.clock, &l, &why), ERR_OK);
	assert_int_equal(ledger_worker_start(m.loop, l, NULL, NULL, &m.worker), ERR_OK); /* for the end */
}

/*
 * One short of the most, three are asked for in the same moment. All three would find room; one gets it, and
 * the next is refused as well. With more than there may be none could be published again.
 */
static void the_most_is_the_most_whoever_hurries(void **state)
{
	const struct override_wish w = {.sku = "INK",
					.reason = "because",
					.price = {9900},
					.to_s = clock_utc_ms(&m.clock.clock) / 1000 + 3 * HOUR_S};

	(void)state;
	for (unsigned i = 0; i < OVERRIDES_MAX - 1; i++)
		overrides_set(overrides, &w, &ann, heard, NULL);
	mini_shop_turn_until(&m, &told, OVERRIDES_MAX - 1);
	assert_int_equal(said.refusal, REFUSED_NOT);
	for (unsigned i = 0; i < 3; i++)
		overrides_set(overrides, &w, &ann, heard, NULL);
	mini_shop_turn_until(&m, &told, OVERRIDES_MAX + 2);
	assert_int_equal(set("INK", 9900, &ann), REFUSED_BAD_OVERRIDE);
	assert_string_not_equal(listed(OVERRIDES_MAX - 1, "id"), "");
	assert_string_equal(listed(OVERRIDES_MAX, "id"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(wishes_need_approval, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_small_steps_do_not_slip_by, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_takes_a_second_person_of_the_right_role, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_rejected_or_taken_back_is_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_emergency_counts_at_once_and_is_looked_at, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(time_ends_what_nobody_approved, set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_that_is_said_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(time_is_written_down_and_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lanes_price_by_them_until_they_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(they_outlive_imports_and_restarts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_most_is_the_most_whoever_hurries, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
