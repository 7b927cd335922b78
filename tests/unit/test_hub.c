/*
 * A hub without its network: events, the feed, snapshots, grants; and that its state is nothing but a fold of
 * its log.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "mini_hub.h"
#include "signed.h"
#include "small_book.h"
#include "topic.h"

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

static void decode(const struct schema *s, const struct mini_answer *a, void *out)
{
	struct why why = {""};
	void *copy;

	if (a->code / 100 != 2 && a->code != 403 && a->code != 409)
		fail_msg("%u %s", a->code, a->words);
	copy = arena_text(&arena, (const char *)a->body, a->length);
	if (wire_decode(s, copy, a->length, &arena, out, &why))
		fail_msg("%s", why.text);
}

static struct mini_answer send(struct chain *c, size_t first, size_t n)
{
	struct wire_batch batch;
	struct mini_answer a;
	char path[64];
	struct buf body;

	wire_init(&wire_batch_schema, &batch);
	batch.events = chain_part(c, first, n);
	buf_init(&body, WIRE_MESSAGE_MAX);
	assert_int_equal(wire_encode(&wire_batch_schema, &batch, &body, NULL), ERR_OK);
	snprintf(path, sizeof(path), "v1/boxes/%s/events", c->box);
	a = mini_hub_ask(&m, c->box, COAPS_POST, path, "",
			 (struct bytes){buf_front(&body), buf_length(&body)});
	buf_free(&body);
	return a;
}

static struct wire_welcome hello(const char *box)
{
	struct wire_welcome w;
	struct wire_hello h;
	struct mini_answer a;
	char path[64];
	struct buf body;

	wire_init(&wire_hello_schema, &h);
	h.program = "test";
	h.semantics = 1;
	buf_init(&body, 1024);
	assert_int_equal(wire_encode(&wire_hello_schema, &h, &body, NULL), ERR_OK);
	snprintf(path, sizeof(path), "v1/boxes/%s/hello", box);
	a = mini_hub_ask(&m, box, COAPS_POST, path, "", (struct bytes){buf_front(&body), buf_length(&body)});
	decode(&wire_welcome_schema, &a, &w);
	mini_answer_free(&a);
	buf_free(&body);
	return w;
}

static void run_release(struct desk *d, struct hub_task *t)
{
	t->result = desk_release_box(d, t->arg, &t->why);
}

/* Events, a gap, a ledger from a backup, and how an operator lets it go on. */
static void events_and_a_restored_ledger(void **state)
{
	char box[] = "box-1";
	struct mini_answer a;
	struct wire_welcome w;
	struct wire_ack ack;
	struct why why = {""};
	struct chain c;

	(void)state;
	mini_hub_add_box(&m, box, "S1");
	chain_new(&c, box, 0);
	for (int i = 0; i < 4; i++)
		chain_add(&c, EVENT_BODY);
	mini_answer_expect(send(&c, 0, 3), 204, NULL);
	a = send(&c, 4, 1);
	assert_int_equal(a.code, 409);
	decode(&wire_ack_schema, &a, &ack);
	assert_int_equal(ack.verdict, WIRE_GAP);
	assert_int_equal(ack.sequence, 3);
	mini_answer_free(&a);
	mini_answer_expect(send(&c, 3, 2), 204, NULL);
	assert_int_equal(mini_hub_do(&m, run_release, box, &why), ERR_STATE);
	assert_non_null(strstr(why.text, "in no quarantine"));
	chain_restore(&c, 2, 5); /* the backup ended with 1.2 */
	a = send(&c, 2, 1);
	assert_int_equal(a.code, 403);
	decode(&wire_ack_schema, &a, &ack);
	assert_int_equal(ack.verdict, WIRE_QUARANTINED);
	mini_answer_free(&a);
	mini_hub_settle(&m);
	w = hello(box);
	assert_int_equal(w.quarantined, 1);
	if (mini_hub_do(&m, run_release, box, &why))
		fail_msg("%s", why.text);
	w = hello(box);
	assert_int_equal(w.quarantined, 0);
	assert_int_equal(w.segment, 1);
	assert_int_equal(w.sequence, 2);
	mini_answer_expect(send(&c, 2, 1), 204, NULL);
	w = hello(box);
	assert_int_equal(w.segment, 5);
	chain_free(&c);
}

static struct wire_feed feed(const char *box, const char *store, const char *cursor)
{
	char path[64], query[80] = "";
	struct mini_answer a;
	struct wire_feed f;

	snprintf(path, sizeof(path), "v1/stores/%s/feed", store);
	if (cursor)
		snprintf(query, sizeof(query), "after=%s", cursor);
	a = mini_hub_get(&m, box, path, query);
	decode(&wire_feed_schema, &a, &f);
	mini_answer_free(&a);
	return f;
}

static int64_t publish(const char *const *lines, bool changes, const char *const *stores)
{
	struct desk_published out;
	struct why why = {""};

	if (mini_hub_publish(&m, lines, changes, stores, &out, &why))
		fail_msg("%s", why.text);
	return out.version;
}

static size_t book_lines(void)
{
	size_t n = 0;

	while (small_book[n])
		n++;
	return n;
}

static const char *const cheaper[] = {
	"{\"type\": \"price\", \"list\": \"base\", \"sku\": \"MILK\", \"price\": \"0.95\"}", NULL};

static void the_feed_tells_what_changed(void **state)
{
	const struct wire_change *change;
	struct wire_feed f, again;
	struct record r;
	int bells;

	(void)state;
	mini_hub_add_box(&m, "box-1", "S1");
	f = feed("box-1", "S1", NULL);
	assert_int_equal(f.changes.count, 0);
	assert_int_equal(f.version, 0);
	assert_int_equal(publish(small_book, false, NULL), 1);
	assert_int_equal(m.doorbells, 1);
	assert_string_equal(m.rung, "v1/stores/S1/version");
	f = feed("box-1", "S1", f.cursor);
	assert_int_equal(f.snapshot, 0);
	assert_int_equal(f.version, 1);
	assert_int_equal(f.changes.count, book_lines());
	change = f.changes.at;
	assert_int_equal(change->type, RECORD_BOOK);
	bells = m.doorbells;
	assert_int_equal(publish(cheaper, true, NULL), 2);
	assert_int_equal(m.doorbells, bells + 1);
	f = feed("box-1", "S1", f.cursor);
	assert_int_equal(f.version, 2);
	assert_int_equal(f.changes.count, 1);
	change = f.changes.at;
	assert_int_equal(change->type, RECORD_PRICE);
	assert_int_equal(change->version, 2);
	assert_int_equal(
		record_decode(RECORD_PRICE, change->record.at, change->record.length, &arena, &r, NULL),
		ERR_OK);
	assert_int_equal(r.as.price.price.minor, 95);
	again = feed("box-1", "S1", f.cursor);
	assert_int_equal(again.changes.count, 0);
	assert_string_equal(again.cursor, f.cursor);
	assert_int_equal(publish(cheaper, true, NULL), 2); /* nothing new */
	assert_int_equal(m.doorbells, bells + 1);
	f = feed("box-1", "S1", "99.0"); /* of another hub, or of before a backup */
	assert_int_equal(f.snapshot, 1);
	f = feed("box-1", "S1", "rubbish");
	assert_int_equal(f.snapshot, 1);
}

static void what_is_published_must_make_a_catalog(void **state)
{
	static const char *const nowhere[] = {
		"{\"type\": \"price\", \"list\": \"base\", \"sku\": \"tea\", \"price\": \"0.95\"}", NULL};
	static const char *const broken[] = {"{\"type\": \"book\", \"id\": \"b\"}", NULL};
	struct desk_published out;
	struct why why = {""};

	(void)state;
	assert_int_equal(mini_hub_publish(&m, cheaper, true, NULL, &out, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "no book yet"));
	assert_int_equal(publish(small_book, false, NULL), 1);
	assert_int_not_equal(mini_hub_publish(&m, nowhere, true, NULL, &out, &why), ERR_OK);
	assert_non_null(strstr(why.text, "tea"));
	assert_int_not_equal(mini_hub_publish(&m, broken, false, NULL, &out, &why), ERR_OK);
	assert_non_null(strstr(why.text, "book.jsonl:1: currency"));
	assert_int_equal(publish(cheaper, true, NULL), 2);
}

/* A price of one store alone; then a book of its own. */
static void a_store_may_differ(void **state)
{
	static const char *const here[] = {
		"{\"type\": \"price\", \"list\": \"base\", \"sku\": \"MILK\", \"price\": \"0.80\"}", NULL};
	static const char *const s2[] = {"S2", NULL};
	struct wire_feed one, two;

	(void)state;
	mini_hub_add_box(&m, "box-1", "S1");
	mini_hub_add_box(&m, "box-2", "S2");
	publish(small_book, false, NULL);
	one = feed("box-1", "S1", NULL);
	two = feed("box-2", "S2", NULL);
	assert_int_equal(publish(here, true, s2), 2);
	one = feed("box-1", "S1", one.cursor);
	two = feed("box-2", "S2", two.cursor);
	assert_int_equal(one.changes.count, 0);
	assert_int_equal(one.version, 1);
	assert_int_equal(two.changes.count, 1);
	assert_int_equal(two.version, 2);
	assert_int_equal(publish(cheaper, true, NULL), 3); /* the store's own price stays before it */
	one = feed("box-1", "S1", one.cursor);
	two = feed("box-2", "S2", two.cursor);
	assert_int_equal(one.changes.count, 1);
	assert_int_equal(two.changes.count, 0);
	assert_int_equal(two.version, 3);
	assert_int_equal(publish(small_book, false, s2), 4);
	two = feed("box-2", "S2", two.cursor);
	assert_int_equal(two.snapshot, 1);
	assert_int_equal(feed("box-1", "S1", one.cursor).version, 3);
}

static struct wire_manifest manifest(const char *box, const char *store)
{
	struct wire_manifest mf;
	struct wire_signed s;
	struct wire_authority ca;
	struct mini_answer a = mini_hub_get(&m, "", "v1/authority", "");
	struct trust *trust;
	struct why why = {""};
	char path[64];

	decode(&wire_authority_schema, &a, &ca);
	mini_answer_free(&a);
	snprintf(path, sizeof(path), "v1/stores/%s/snapshot", store);
	a = mini_hub_get(&m, box, path, "");
	decode(&wire_signed_schema, &a, &s);
	mini_answer_free(&a);
	assert_int_equal(trust_new(ca.authority.at, ca.authority.length, &trust, &why), ERR_OK);
	if (wire_signed_check(trust, &s, WIRE_MANIFEST, &why))
		fail_msg("%s", why.text);
	trust_free(trust);
	if (wire_decode(&wire_manifest_schema, s.payload.at, s.payload.length, &arena, &mf, &why))
		fail_msg("%s", why.text);
	return mf;
}

/* All pages, by their hashes; how many records. */
static size_t pages(const char *box, const struct wire_manifest *mf)
{
	size_t records = 0, bytes = 0, count = mf->hashes.length / DIGEST_SIZE;

	for (size_t i = 0; i < count; i++) {
		char path[96];
		struct wire_page page;
		struct digest hash;
		struct mini_answer a;

		snprintf(path, sizeof(path), "v1/stores/%s/snapshot/%lld/%zu", mf->store,
			 (long long)mf->version, i);
		a = mini_hub_get(&m, box, path, "");
		decode(&wire_page_schema, &a, &page);
		digest_of(a.body, a.length, &hash);
		assert_memory_equal(hash.bytes, mf->hashes.at + i * DIGEST_SIZE, DIGEST_SIZE);
		assert_int_equal(page.number, i);
		assert_true(a.length <= WIRE_PAGE_MAX);
		records += page.changes.count;
		bytes += a.length;
		mini_answer_free(&a);
	}
	assert_int_equal(mf->records, records);
	assert_int_equal(mf->bytes, bytes);
	return records;
}

static void a_snapshot_is_whole(void **state)
{
	struct wire_manifest first, second, third;
	struct wire_feed f;

	(void)state;
	mini_hub_add_box(&m, "box-1", "S1");
	mini_answer_expect(mini_hub_get(&m, "box-1", "v1/stores/S1/snapshot", ""), 404, "no catalog yet");
	publish(small_book, false, NULL);
	first = manifest("box-1", "S1");
	assert_int_equal(first.version, 1);
	assert_string_equal(first.store, "S1");
	assert_int_equal(pages("box-1", &first), book_lines());
	f = feed("box-1", "S1", first.cursor);
	assert_int_equal(f.snapshot, 0);
	assert_int_equal(f.changes.count, 0);
	publish(cheaper, true, NULL);
	second = manifest("box-1", "S1");
	assert_int_equal(second.version, 2);
	assert_int_equal(pages("box-1", &second), book_lines());
	assert_int_equal(pages("box-1", &first), book_lines()); /* two are kept */
	f = feed("box-1", "S1", first.cursor);
	assert_int_equal(f.changes.count, 1);
	publish(small_book, false, NULL);
	third = manifest("box-1", "S1");
	assert_int_equal(third.version, 3); /* going back is a new version */
	assert_int_equal(pages("box-1", &third), book_lines());
	mini_answer_expect(mini_hub_get(&m, "box-1", "v1/stores/S1/snapshot/1/0", ""), 404, NULL);
	mini_answer_expect(mini_hub_get(&m, "box-1", "v1/stores/S1/snapshot/3/99", ""), 404, NULL);
	mini_answer_expect(mini_hub_get(&m, "box-1", "v1/stores/S1/snapshot/3/x", ""), 404, NULL);
}

static void run_grant(struct desk *d, struct hub_task *t)
{
	int64_t number = 0;

	t->result = desk_grant(d, t->arg, &number, &t->why);
}

static void grants_travel_in_order(void **state)
{
	struct desk_grant uses = {.promotion = "summer", .box = "box-1", .uses = 100, .who = "test"},
			  money = {.promotion = "summer",
				   .box = "box-1",
				   .uses = AMOUNT_NONE,
				   .amount = "250.00",
				   .who = "test"},
			  nobody = {.promotion = "summer", .box = "box-7", .uses = 1, .who = "test"};
	const struct wire_grant *g;
	struct why why = {""};
	struct wire_feed f;
	int bells;

	(void)state;
	mini_hub_add_box(&m, "box-1", "S1");
	bells = m.doorbells;
	assert_int_equal(mini_hub_do(&m, run_grant, &uses, &why), ERR_OK);
	assert_int_equal(m.doorbells, bells + 1);
	assert_int_equal(mini_hub_do(&m, run_grant, &money, &why), ERR_STATE); /* in which currency? */
	publish(small_book, false, NULL);
	if (mini_hub_do(&m, run_grant, &money, &why))
		fail_msg("%s", why.text);
	assert_int_equal(mini_hub_do(&m, run_grant, &nobody, &why), ERR_NOT_FOUND);
	f = feed("box-1", "S1", NULL);
	assert_int_equal(f.grants.count, 2);
	g = f.grants.at;
	assert_int_equal(g[0].number, 1);
	assert_int_equal(g[0].uses, 100);
	assert_int_equal(g[1].number, 2);
	assert_int_equal(g[1].amount.minor, 25000);
	assert_string_equal(g[1].currency, "EUR");
	assert_int_equal(feed("box-1", "S1", f.cursor).grants.count, 0);
}

static void run_digest(struct desk *d, struct hub_task *t)
{
	int64_t rows;

	t->result = state_digest(d->state, t->arg, &rows, &t->why);
}

/* Folded from offset 0, in steps of another size: the same rows. */
static void the_state_is_a_fold_of_the_log(void **state)
{
	static const char *const s1[] = {"S1", NULL};
	struct digest before, after;
	struct log_reader *reader;
	struct state_step step;
	struct why why = {""};
	struct state *s;
	struct chain c;
	int64_t rows;

	(void)state;
	mini_hub_add_box(&m, "box-1", "S1");
	mini_hub_revoke(&m, "box-1");
	mini_hub_add_box(&m, "box-1", "S1");
	publish(small_book, false, NULL);
	publish(cheaper, true, s1);
	publish(cheaper, true, NULL);
	publish(small_book, false, s1);
	chain_new(&c, "box-1", 0);
	chain_add(&c, 4711);
	mini_answer_expect(send(&c, 0, 2), 204, NULL);
	chain_free(&c);
	mini_hub_settle(&m);
	assert_int_equal(mini_hub_do(&m, run_digest, &before, &why), ERR_OK);
	assert_int_equal(log_reader_open(scratch_path(&m.scratch, "log.db"), &reader, &why), ERR_OK);
	assert_int_equal(state_open(scratch_path(&m.scratch, "again.db"), true, &s, &why), ERR_OK);
	for (size_t most = 1;; most++) {
		if (state_fold(s, reader, most, &step, &why))
			fail_msg("%s", why.text);
		if (step.records == 0)
			break;
	}
	assert_int_equal(state_digest(s, &after, &rows, &why), ERR_OK);
	assert_true(rows > 50);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(state_forget(s, &why), ERR_OK);
	assert_int_equal(state_digest(s, &after, &rows, &why), ERR_OK);
	assert_int_equal(rows, 1); /* the counters */
	assert_int_equal(state_catch_up(s, reader, &step, &why), ERR_OK);
	assert_int_equal(state_digest(s, &after, &rows, &why), ERR_OK);
	assert_memory_equal(&before, &after, sizeof(before));
	state_close(s);
	log_reader_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events_and_a_restored_ledger, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_feed_tells_what_changed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_published_must_make_a_catalog, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_store_may_differ, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_snapshot_is_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(grants_travel_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_state_is_a_fold_of_the_log, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
