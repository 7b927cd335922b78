/*
 * Replaying a small shop's ledger. See replays.h.
 */
#include "replays.h"

#include "decision.h"
#include "ledger_uses.h"

/* The decision of a stored sale, taken again from what the ledger keeps of it. */
static void expect_replay(struct ledger_reader *r, const struct event_sale *sale, struct arena *a)
{
	struct decision_difference difference = {.at = ""};
	struct decision_room room = {0};
	struct engine_result result;
	struct engine_cart cart;
	struct extract extract;
	struct snapshot *s;
	struct why why = {0};
	size_t missing;

	assert_int_equal(ledger_reader_extract(r, sale, a, &extract, &why), ERR_OK);
	assert_int_equal(decision_open(sale, &extract, &s, &why), ERR_OK);
	assert_int_equal(decision_cart(sale, snapshot_catalog(s), a, &cart, &missing), ERR_OK);
	assert_int_equal(decision_evaluate(snapshot_catalog(s), &cart, &room, &result, &why), ERR_OK);
	if (!decision_matches(sale, snapshot_catalog(s), &result, &difference))
		fail_msg("%s: %s: %s, not %s", sale->order, difference.at, difference.computed,
			 difference.stored);
	snapshot_unref(s);
	decision_room_free(&room);
}

/* Every sale replays, and the events add up to what the lanes count. */
void expect_replays(const struct mini_shop *m)
{
	struct ledger_verdict verdict;
	struct event_envelope envelope;
	struct arena a = ARENA_EMPTY;
	struct uses *u = uses_new();
	struct ledger_event event = {.id = 0};
	struct ledger_reader *r;
	const struct use *other;
	struct event_sale sale;
	struct why why = {0};

	if (ledger_reader_open(m->ledger_path, &r, &why))
		fail_msg("%s", why.text);
	while (ledger_reader_next(r, event.id, &event, &why) == ERR_OK) {
		arena_reset(&a);
		assert_int_equal(event_decode(event.bytes, event.length, &a, &envelope, &why), ERR_OK);
		assert_int_equal(uses_take_event(u, &envelope, &a, &why), ERR_OK);
		if (envelope.kind != EVENT_SALE)
			continue;
		assert_int_equal(event_sale_of(&envelope, &a, &sale, &why), ERR_OK);
		expect_replay(r, &sale, &a);
	}
	other = uses_differ(u, shop_uses(m->shop));
	if (other)
		fail_msg("%s: %lld", other->key, (long long)other->uses);
	if (ledger_verify(r, &verdict, &why))
		fail_msg("%s", why.text);
	ledger_reader_close(r);
	uses_free(u);
	arena_free(&a);
}
