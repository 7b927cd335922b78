/*
 * Who may ask headquarters what: certificates, revoked and new, and claim codes.
 */
#include "mini_hub.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static struct mini_hub m;
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	mini_hub_new(&m);
	arena = ARENA_EMPTY;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	mini_hub_free(&m);
	return 0;
}

static const struct bytes nothing = {NULL, 0};

static void who_may_ask_what(void **state)
{
	(void)state;
	mini_hub_add_box(&m, "box-1", "S1");
	mini_hub_add_box(&m, "box-2", "S2");
	mini_answer_expect(mini_hub_get(&m, "box-1", "v1/stores/S1/version", ""), 205, NULL);
	mini_answer_expect(mini_hub_get(&m, "", "v1/stores/S1/version", ""), 401, "a certificate is needed");
	mini_answer_expect(mini_hub_get(&m, "box-3", "v1/stores/S1/version", ""), 403,
			   "'box-3' is not registered");
	mini_answer_expect(mini_hub_get(&m, "box-2", "v1/stores/S1/version", ""), 403,
			   "of store 'S2' may not");
	mini_answer_expect(mini_hub_ask(&m, "box-2", COAPS_POST, "v1/boxes/box-1/hello", "", nothing), 403,
			   "may not");
	mini_answer_expect(mini_hub_get(&m, "box-1", "v1/boxes/box-1/hello", ""), 405, NULL);
	mini_answer_expect(mini_hub_get(&m, "box-1", "v1/nonsense", ""), 404, NULL);
	mini_answer_expect(mini_hub_get(&m, "box-1", "v1/stores/../version", ""), 404, NULL);
	mini_answer_expect(mini_hub_get(&m, "box-1", "v1/authority", ""), 404, "the port for that");
	mini_answer_expect(mini_hub_get(&m, "", "v1/authority", ""), 205, NULL);
	mini_answer_expect(mini_hub_get(&m, "", "v1/time", ""), 205, NULL);
	mini_answer_expect(mini_hub_get(&m, "box-1", "v1/time", ""), 205, NULL);
	mini_answer_expect(mini_hub_ask(&m, "box-1", COAPS_POST, "v1/boxes/box-1/events", "", nothing), 400,
			   "batch");
}

/* A certificate of before is not taken any more; one that is issued afterwards is. */
static void a_revoked_certificate(void **state)
{
	char box[] = "box-1", before[20];
	int drops;

	(void)state;
	mini_hub_add_box(&m, box, "S1");
	mini_answer_expect(mini_hub_get(&m, box, "v1/stores/S1/version", ""), 205, NULL);
	drops = m.drops;
	snprintf(before, sizeof(before), "%llx", (unsigned long long)(MINI_HUB_NOW << 8));
	mini_hub_revoke(&m, box);
	assert_int_equal(m.drops, drops + 1);
	mini_answer_expect(mini_hub_ask_as(&m, box, before, COAPS_GET, "v1/stores/S1/version", "", nothing),
			   403, "revoked");
	mini_answer_expect(mini_hub_ask_as(&m, box, "", COAPS_GET, "v1/stores/S1/version", "", nothing), 403,
			   "revoked");
	mini_answer_expect(mini_hub_ask_as(&m, box, "ffffffffffffffffff", COAPS_GET, "v1/stores/S1/version",
					   "", nothing),
			   403, "revoked");
	mini_hub_add_box(&m, box, "S1");
	mini_answer_expect(mini_hub_get(&m, box, "v1/stores/S1/version", ""), 205, NULL);
	mini_hub_stop(&m);
	mini_hub_start(&m);
	mini_answer_expect(mini_hub_ask_as(&m, box, before, COAPS_GET, "v1/stores/S1/version", "", nothing),
			   403, "revoked");
}

static struct mini_answer enrol(const char *code, struct bytes request)
{
	struct wire_enrol e;
	struct mini_answer a;
	struct buf body;

	wire_init(&wire_enrol_schema, &e);
	e.code = code;
	e.request = request;
	buf_init(&body, 16384);
	assert_int_equal(wire_encode(&wire_enrol_schema, &e, &body, NULL), ERR_OK);
	a = mini_hub_ask(&m, "", COAPS_POST, "v1/enrol", "",
			 (struct bytes){buf_front(&body), buf_length(&body)});
	buf_free(&body);
	return a;
}

static void a_claim_code_is_good_once(void **state)
{
	uint8_t room[4096], other[4096];
	struct bytes request = mini_request(room, sizeof(room)), second = mini_request(other, sizeof(other));
	struct wire_enrolled got;
	struct mini_answer a;
	char code[DESK_CODE_MAX], typed[DESK_CODE_MAX];

	(void)state;
	mini_answer_expect(enrol("NOSUCHCODE234567", request), 401, "unknown");
	mini_hub_claim(&m, "box-9", "S9", code);
	assert_int_equal(strlen(code), 19);
	for (size_t i = 0; i <= 19; i++) /* as somebody types it */
		typed[i] = code[i] == '-'		      ? ' '
			   : code[i] >= 'A' && code[i] <= 'Z' ? (char)(code[i] + 32)
							      : code[i];
	a = enrol(typed, request);
	assert_int_equal(wire_decode(&wire_enrolled_schema, a.body, a.length, &arena, &got, NULL), ERR_OK);
	assert_string_equal(got.box, "box-9");
	assert_string_equal(got.store, "S9");
	mini_answer_free(&a);
	mini_answer_expect(enrol(code, request), 201, NULL); /* the answer was lost */
	mini_answer_expect(enrol(code, second), 401, "has been used");
	mini_hub_claim(&m, "box-9", "S9", code);
	clock_manual_advance_ms(&m.clock, INT64_C(25) * 3600000);
	mini_answer_expect(enrol(code, second), 401, "expired");
}

/* What was given out and not used is no way in any more once another code is made, or the box is revoked. */
static void a_code_that_was_not_used_ends(void **state)
{
	uint8_t room[4096];
	struct bytes request = mini_request(room, sizeof(room));
	char first[DESK_CODE_MAX], second[DESK_CODE_MAX];
	char box[] = "box-9";

	(void)state;
	mini_hub_claim(&m, "box-9", "S9", first);
	mini_hub_claim(&m, "box-9", "S9", second);
	mini_answer_expect(enrol(first, request), 401, "another was made since");
	mini_hub_revoke(&m, box);
	mini_answer_expect(enrol(second, request), 401, "unknown");
	mini_hub_claim(&m, "box-9", "S9", first);
	mini_answer_expect(enrol(first, request), 201, NULL);
	mini_hub_claim(&m, "box-9", "S9", second);
	mini_answer_expect(enrol(first, request), 201, NULL); /* it was used, and this is the same use */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_may_ask_what, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_revoked_certificate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_claim_code_is_good_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_code_that_was_not_used_ends, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
