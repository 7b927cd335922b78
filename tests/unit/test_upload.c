/*
 * What becomes of a batch of events, by where it stands to what is held. The chain of each case is
 * 1.1 start, 1.2, 1.3, 2.1 start, 2.2, 2.3 (events 0 to 5).
 */
#include "unit.h"

#include <string.h>

#include "chain.h"
#include "upload.h"

static struct chain chain;

static int set_up(void **state)
{
	(void)state;
	chain_new(&chain, "box-1", 0);
	chain_add(&chain, EVENT_SALE);
	chain_add(&chain, EVENT_BODY);
	chain_start(&chain);
	chain_add(&chain, EVENT_SALE);
	chain_add(&chain, EVENT_SALE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	chain_free(&chain);
	return 0;
}

/* The head once the first n events are held. */
static struct upload_head held(const struct chain *c, size_t n)
{
	struct upload_head h = {0};

	if (n > 0)
		h = (struct upload_head){c->at[n - 1].segment, c->at[n - 1].sequence, c->at[n - 1].hash};
	return h;
}

static struct upload judge(size_t n, struct bytes events, enum err want, struct why *why)
{
	struct upload_head h = held(&chain, n);
	struct upload u;

	assert_int_equal(upload_judge(&h, "box-1", events, &u, why), want);
	return u;
}

struct place_case {
	size_t held, first, n;
	enum upload_verdict want;
	int64_t count, repeated;
};

static void by_its_place(void **state)
{
	static const struct place_case cases[] = {
		{0, 0, 6, UPLOAD_NEW, 6, 0},	/* the very first */
		{0, 1, 2, UPLOAD_GAP, 1, 0},	/* the first is missing */
		{0, 3, 1, UPLOAD_GAP, 1, 0},	/* a start, and what it continues is missing */
		{2, 2, 1, UPLOAD_NEW, 1, 0},	/* the next */
		{2, 2, 4, UPLOAD_NEW, 4, 0},	/* across a reboot */
		{3, 3, 1, UPLOAD_NEW, 1, 0},	/* a reboot */
		{2, 3, 1, UPLOAD_GAP, 1, 0},	/* a reboot, one event is missing */
		{3, 4, 1, UPLOAD_GAP, 1, 0},	/* the start is missing */
		{4, 5, 1, UPLOAD_GAP, 1, 0},	/* one is missing */
		{3, 0, 3, UPLOAD_REPEAT, 0, 3}, /* all of it, up to the head */
		{5, 0, 3, UPLOAD_REPEAT, 0, 3}, /* before the head */
		{3, 1, 4, UPLOAD_NEW, 2, 2},	/* half of it is held */
		{6, 5, 1, UPLOAD_REPEAT, 0, 1}, {2, 0, 0, UPLOAD_REPEAT, 0, 0}, /* nothing at all */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct place_case *c = &cases[i];
		struct why why = {""};
		struct upload u = judge(c->held, chain_part(&chain, c->first, c->n), ERR_OK, &why);

		if (u.verdict != c->want || u.count != c->count || u.repeated != c->repeated)
			fail_msg("case %zu: verdict %d, %d new, %d repeated: %s", i, (int)u.verdict,
				 (int)u.count, (int)u.repeated, why.text);
		if (u.verdict == UPLOAD_NEW) {
			size_t end = c->first + c->n, from = end - (size_t)u.count;

			assert_memory_equal(&u.last.hash, &chain.at[end - 1].hash, DIGEST_SIZE);
			assert_int_equal(u.fresh.length, chain.ends[end] - chain.ends[from]);
			assert_int_equal(u.first_segment, chain.at[from].segment);
			assert_int_equal(u.first_sequence, chain.at[from].sequence);
		}
	}
}

/* The same box, other events: a disk that was copied. */
static void a_copy_is_a_fork(void **state)
{
	struct upload_head h;
	struct why why = {""};
	struct chain other;
	struct upload u;

	(void)state;
	chain_new(&other, "box-1", 7);
	chain_add(&other, EVENT_SALE);
	chain_add(&other, EVENT_SALE);
	h = held(&chain, 2);
	assert_int_equal(upload_judge(&h, "box-1", chain_part(&other, 0, 2), &u, &why), ERR_OK);
	assert_int_equal(u.verdict, UPLOAD_FORK);
	assert_non_null(strstr(why.text, "event 1.2 is another one than that held"));
	assert_int_equal(upload_judge(&h, "box-1", chain_part(&other, 2, 1), &u, &why), ERR_OK);
	assert_int_equal(u.verdict, UPLOAD_FORK);
	assert_non_null(strstr(why.text, "event 1.3 does not have the hash of 1.2"));
	chain_free(&other);
}

/* Restored from a backup that ends with 1.2: it may go on from there, if an operator says so. */
static void a_restored_ledger_is_a_fork(void **state)
{
	struct upload_head h = held(&chain, 6);
	struct digest at = chain.at[1].hash;
	struct why why = {""};
	struct upload u;

	(void)state;
	chain_restore(&chain, 2, 3);
	assert_int_equal(upload_judge(&h, "box-1", chain_part(&chain, 2, 1), &u, &why), ERR_OK);
	assert_int_equal(u.verdict, UPLOAD_FORK);
	assert_int_equal(u.attach.segment, 1);
	assert_int_equal(u.attach.sequence, 2);
	assert_memory_equal(&u.attach.hash, &at, DIGEST_SIZE);
	assert_non_null(strstr(why.text, "restored or copied"));
}

static void a_changed_byte_is_a_fork(void **state)
{
	struct why why = {""};
	struct upload u;

	(void)state;
	buf_front(&chain.bytes)[chain.ends[2] - 1] ^= 2; /* the last byte of the body of 1.2 */
	u = judge(0, chain_part(&chain, 0, 3), ERR_OK, &why);
	assert_int_equal(u.verdict, UPLOAD_FORK);
	assert_non_null(strstr(why.text, "event 1.3 does not have the hash of 1.2"));
}

static void what_is_no_batch(void **state)
{
	static const uint8_t nonsense[] = {0xa1, 1, 1};
	struct bytes cut = chain_part(&chain, 0, 2);
	struct why why = {""};
	struct upload_head none = {0};
	struct upload u;
	struct buf twice;

	(void)state;
	judge(0, (struct bytes){nonsense, sizeof(nonsense)}, ERR_INVALID, &why);
	assert_non_null(strstr(why.text, "no event at byte 0"));
	cut.length--;
	judge(0, cut, ERR_INVALID, &why);
	assert_int_equal(upload_judge(&none, "box-2", chain_part(&chain, 0, 1), &u, &why), ERR_DENIED);
	assert_non_null(strstr(why.text, "another box, 'box-1'"));
	buf_init(&twice, 4096);
	for (int i = 0; i < 2; i++)
		buf_add(&twice, chain_part(&chain, 0, 1).at, chain_part(&chain, 0, 1).length);
	judge(0, (struct bytes){buf_front(&twice), buf_length(&twice)}, ERR_INVALID, &why);
	assert_non_null(strstr(why.text, "event 1.1 comes behind 1.1"));
	buf_free(&twice);
}

/* Of a later version, or of a kind of later: held like all others, and counted. */
static void what_is_strange_is_counted(void **state)
{
	static const uint8_t body[] = {0xa0};
	struct upload u;

	(void)state;
	chain_add(&chain, 4711);
	chain_add_body(&chain, EVENT_VERSION + 1, EVENT_SALE, (struct bytes){body, 1});
	chain_add(&chain, EVENT_SALE);
	u = judge(6, chain_part(&chain, 6, 3), ERR_OK, NULL);
	assert_int_equal(u.verdict, UPLOAD_NEW);
	assert_int_equal(u.count, 3);
	assert_int_equal(u.strange, 2);
}

static void an_event_is_found(void **state)
{
	struct digest hash;

	(void)state;
	assert_int_equal(upload_find(chain_part(&chain, 0, 6), 2, 1, &hash), ERR_OK);
	assert_memory_equal(&hash, &chain.at[3].hash, DIGEST_SIZE);
	assert_int_equal(upload_find(chain_part(&chain, 0, 3), 2, 1, &hash), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_its_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_copy_is_a_fork, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_restored_ledger_is_a_fork, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_changed_byte_is_a_fork, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_batch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_strange_is_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_event_is_found, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
