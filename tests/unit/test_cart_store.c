/*
 * carts.db: what is put there comes back as it was, each record once; what is damaged is set aside, and never
 * keeps the rest from coming back.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cart_store.h"
#include "digest.h"
#include "scratch.h"

/* Records are bytes to the store: these stand for them. */
static struct body body_of(enum record_type type, const char *text)
{
	struct body b = {.type = type, .cbor = (const uint8_t *)text, .length = strlen(text)};

	body_hash(type, text, b.length, b.hash);
	return b;
}

static const uint8_t result[DIGEST_SIZE] = {1, 2, 3};

/* A cart with all that a cart can have. */
static struct kept_cart full_cart(const char *id)
{
	static const struct kept_line lines[] = {
		{"PEN", {2000000}, {AMOUNT_NONE}, {249}, 0},
		{"HAM", {750000}, {399}, {AMOUNT_NONE}, 20788},
	};
	static const struct kept_coupon coupons[] = {{.code = "TENOFF", .promotion = "SAVE10"}};
	static const char *const segments[] = {"gold", "knitting"};

	return (struct kept_cart){
		.id = id,
		.lane = "1",
		.opened_s = 1795255200,
		.utc_offset_s = 3600,
		.suspended_s = 1795255260,
		.catalog = 7,
		.store = "S1",
		.channel = "store",
		.customer = "ann",
		.customer_name = "Ann",
		.plan = "vip",
		.segments = {segments, 2},
		.coupons = {coupons, 1},
		.lines = {lines, 2},
		.result = {result, DIGEST_SIZE},
	};
}

/* Only what a cart must have. */
static struct kept_cart bare_cart(const char *id)
{
	return (struct kept_cart){
		.id = id, .lane = "2", .store = "S1", .channel = "store", .result = {result, DIGEST_SIZE}};
}

struct journal {
	struct scratch scratch;
	char path[SCRATCH_PATH_MAX];
	struct cart_store *store;
};

static void must(enum err e, const struct why *why)
{
	if (e)
		fail_msg("%s: %s", err_name(e), why->text);
}

static void open_journal(struct journal *j)
{
	struct why why = {0};

	must(cart_store_open(j->path, &j->store, &why), &why);
}

static int set_up(void **state)
{
	static struct journal j;

	scratch_new(&j.scratch);
	snprintf(j.path, sizeof(j.path), "%s", scratch_path(&j.scratch, "carts.db"));
	open_journal(&j);
	*state = &j;
	return 0;
}

static int tear_down(void **state)
{
	struct journal *j = *state;

	cart_store_close(j->store);
	scratch_free(&j->scratch);
	return 0;
}

static void reopen(struct journal *j)
{
	cart_store_close(j->store);
	open_journal(j);
}

/* Closes it, changes the file, opens it again. */
static void meddle(struct journal *j, const char *sql)
{
	cart_store_close(j->store);
	scratch_sql(j->path, sql);
	open_journal(j);
}

static void begin(struct journal *j)
{
	struct why why = {0};

	must(cart_store_begin(j->store, &why), &why);
}

static void commit(struct journal *j)
{
	struct why why = {0};

	must(cart_store_commit(j->store, &why), &why);
}

static void put_in(struct journal *j, const struct kept_cart *cart, const struct body *bodies, size_t count)
{
	struct why why = {0};

	must(cart_store_put(j->store, cart, &(struct extract){.bodies = bodies, .count = count}, &why), &why);
}

static void put(struct journal *j, const struct kept_cart *cart, const struct body *bodies, size_t count)
{
	begin(j);
	put_in(j, cart, bodies, count);
	commit(j);
}

/* What came back: ids and the text of their records, "a:book+tax b:book ". */
struct found {
	char text[4096];
	enum err answer; /* to all */
};

static void check_full(const struct kept_cart *cart)
{
	const struct kept_line *lines = cart->lines.at;
	const struct kept_coupon *coupons = cart->coupons.at;

	assert_string_equal(cart->lane, "1");
	assert_int_equal(cart->opened_s, 1795255200);
	assert_int_equal(cart->utc_offset_s, 3600);
	assert_int_equal(cart->suspended_s, 1795255260);
	assert_int_equal(cart->catalog, 7);
	assert_string_equal(cart->store, "S1");
	assert_string_equal(cart->channel, "store");
	assert_string_equal(cart->customer, "ann");
	assert_string_equal(cart->customer_name, "Ann");
	assert_string_equal(cart->plan, "vip");
	assert_int_equal(cart->segments.count, 2);
	assert_string_equal(((const char *const *)cart->segments.at)[1], "knitting");
	assert_int_equal(cart->coupons.count, 1);
	assert_string_equal(coupons[0].code, "TENOFF");
	assert_string_equal(coupons[0].promotion, "SAVE10");
	assert_int_equal(cart->lines.count, 2);
	assert_string_equal(lines[0].sku, "PEN");
	assert_int_equal(lines[0].quantity.micro, 2000000);
	assert_int_equal(lines[0].given.minor, AMOUNT_NONE);
	assert_int_equal(lines[0].locked.minor, 249);
	assert_int_equal(lines[1].quantity.micro, 750000);
	assert_int_equal(lines[1].given.minor, 399);
	assert_memory_equal(cart->result.at, result, DIGEST_SIZE);
}

static enum err note(const struct kept_cart *cart, const struct extract *e, void *arg, struct why *why)
{
	struct found *f = arg;
	char *end = f->text + strlen(f->text);

	end += sprintf(end, "%s:", cart->id);
	for (size_t i = 0; i < e->count; i++)
		end += sprintf(end, "%s%.*s", i ? "+" : "", (int)e->bodies[i].length, e->bodies[i].cbor);
	text_add(f->text, sizeof(f->text), " ");
	if (cart->customer)
		check_full(cart);
	return f->answer ? fail(why, f->answer, "because") : ERR_OK;
}

static struct found look(struct journal *j, enum err answer)
{
	struct found f = {.answer = answer};
	struct why why = {0};

	must(cart_store_each(j->store, note, &f, &why), &why);
	return f;
}

static int64_t count_of(struct journal *j, const char *sql)
{
	return scratch_number(j->path, sql);
}

static void comes_back(void **state)
{
	struct journal *j = *state;
	const struct body bodies[] = {body_of(RECORD_BOOK, "book"), body_of(RECORD_TAX, "tax")};
	struct kept_cart full = full_cart("b-1-1"), bare = bare_cart("b-1-2");

	assert_string_equal(look(j, ERR_OK).text, "");
	put(j, &full, bodies, 2);
	put(j, &bare, bodies, 1);
	reopen(j);
	assert_string_equal(look(j, ERR_OK).text, "b-1-1:book+tax b-1-2:book ");
	put(j, &bare, bodies + 1, 1); /* in the place of the one before */
	assert_string_equal(look(j, ERR_OK).text, "b-1-1:book+tax b-1-2:tax ");
}

static void dropped(void **state)
{
	struct journal *j = *state;
	struct kept_cart a = bare_cart("a"), b = bare_cart("b");
	struct why why = {0};

	put(j, &a, NULL, 0);
	put(j, &b, NULL, 0);
	begin(j);
	must(cart_store_drop(j->store, "a", &why), &why);
	must(cart_store_drop(j->store, "never there", &why), &why);
	commit(j);
	assert_string_equal(look(j, ERR_OK).text, "b: ");
}

/* The same bytes of another type are another record. */
static void records_are_kept_once(void **state)
{
	struct journal *j = *state;
	const struct body bodies[] = {body_of(RECORD_TAX, "x"), body_of(RECORD_ITEM, "x"),
				      body_of(RECORD_TAX, "y")};
	struct kept_cart a = bare_cart("a"), b = bare_cart("b");

	put(j, &a, bodies, 2);
	assert_int_equal(count_of(j, "SELECT count(*) FROM body"), 2);
	reopen(j);
	put(j, &a, bodies, 3);
	put(j, &b, bodies, 3);
	assert_int_equal(count_of(j, "SELECT count(*) FROM body"), 3);
	assert_string_equal(look(j, ERR_OK).text, "a:x+x+y b:x+x+y ");
}

static void a_rollback_forgets(void **state)
{
	struct journal *j = *state;
	const struct body bodies[] = {body_of(RECORD_TAX, "x"), body_of(RECORD_TAX, "y")};
	struct kept_cart a = bare_cart("a");

	put(j, &a, bodies, 1);
	begin(j);
	put_in(j, &a, bodies, 2);
	cart_store_rollback(j->store);
	assert_string_equal(look(j, ERR_OK).text, "a:x ");
	put(j, &a, bodies, 2); /* y is not taken for one that is there */
	reopen(j);
	assert_string_equal(look(j, ERR_OK).text, "a:x+y ");
}

static void the_mark(void **state)
{
	struct journal *j = *state;
	struct why why = {0};
	int64_t mark = -1;

	must(cart_store_mark(j->store, &mark, &why), &why);
	assert_int_equal(mark, 0);
	begin(j);
	must(cart_store_set_mark(j->store, 41, &why), &why);
	commit(j);
	reopen(j);
	must(cart_store_mark(j->store, &mark, &why), &why);
	assert_int_equal(mark, 41);
}

/* What the callback answers, what is then left, how many rows are set aside. */
static const struct {
	enum err answer;
	const char *left;
	int64_t damaged;
} answers[] = {
	{ERR_OK, "a: b: ", 0},	{ERR_EXISTS, "", 0},	   {ERR_INVALID, "", 2},  {ERR_CORRUPT, "", 2},
	{ERR_NOT_FOUND, "", 2}, {ERR_MEMORY, "a: b: ", 0}, {ERR_IO, "a: b: ", 0},
};

static void what_becomes_of_a_row(void **state)
{
	struct journal *j = *state;

	for (size_t i = 0; i < COUNT(answers); i++) {
		struct kept_cart a = bare_cart("a"), b = bare_cart("b");

		put(j, &a, NULL, 0);
		put(j, &b, NULL, 0);
		assert_string_equal(look(j, answers[i].answer).text, "a: b: ");
		assert_string_equal(look(j, ERR_OK).text, answers[i].left);
		assert_int_equal(count_of(j, "SELECT count(*) FROM damaged"), answers[i].damaged);
		meddle(j, "DELETE FROM damaged; DELETE FROM cart");
	}
}

/* Ways to damage cart b or what it alone needs; a comes back whatever happens to b. */
static const struct {
	const char *sql, *reason;
} damages[] = {
	{"UPDATE cart SET body = x'a1' WHERE id = 'b'", "%"},
	{"UPDATE cart SET body = body || x'00' WHERE id = 'b'", "%"},
	{"UPDATE cart SET id = 'c' WHERE id = 'b'", "the row is not what was written"},
	{"UPDATE body SET cbor = x'00' WHERE cbor = CAST('y' AS BLOB)", "record 2 is not what was written"},
	{"UPDATE body SET type = type + 1 WHERE cbor = CAST('y' AS BLOB)",
	 "record 2 is not what was written"},
	{"UPDATE body SET type = 99 WHERE cbor = CAST('y' AS BLOB)", "record 2 is not what was written"},
	{"DELETE FROM body WHERE cbor = CAST('y' AS BLOB)", "record 2 is missing"},
};

static void a_damaged_row(void **state)
{
	struct journal *j = *state;
	const struct body bodies[] = {body_of(RECORD_TAX, "x"), body_of(RECORD_TAX, "y")};
	struct kept_cart a = bare_cart("a"), b = bare_cart("b");
	char sql[256];

	for (size_t i = 0; i < COUNT(damages); i++) {
		put(j, &a, bodies, 1);
		put(j, &b, bodies, 2);
		meddle(j, damages[i].sql);
		assert_string_equal(look(j, ERR_OK).text, "a:x ");
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM damaged WHERE reason LIKE '%s'",
			 damages[i].reason);
		assert_int_equal(count_of(j, sql), 1);
		meddle(j, "DELETE FROM damaged; DELETE FROM cart; DELETE FROM body");
	}
}

/* What stands where carts.db should be: it is put aside, as it is, and an empty one is begun. */
static const struct {
	const char *what;
	const char *sql;  /* done to a good one */
	const char *text; /* or a file of this */
} strangers[] = {
	{"no database", NULL, "This is a text of some length, and not a database at all.\n"},
	{"another program's", "PRAGMA application_id = 1", NULL},
	{"a newer version", "PRAGMA user_version = 99", NULL},
	{"a table is missing", "DROP TABLE body", NULL},
	{"a column is missing", "ALTER TABLE cart RENAME body TO b", NULL},
	{"the mark is missing", "DELETE FROM mark", NULL},
	{"a hash is cut", "INSERT INTO body VALUES (1, x'00', 1, x'00')", NULL},
};

static void a_damaged_file(void **state)
{
	struct journal *j = *state;
	struct kept_cart a = bare_cart("a");
	char aside[SCRATCH_PATH_MAX + 16];

	snprintf(aside, sizeof(aside), "%s.aside", j->path);
	for (size_t i = 0; i < COUNT(strangers); i++) {
		print_message("%s\n", strangers[i].what);
		put(j, &a, NULL, 0);
		cart_store_close(j->store);
		if (strangers[i].sql)
			scratch_sql(j->path, strangers[i].sql);
		else
			scratch_write(j->path, strangers[i].text);
		open_journal(j);
		assert_string_equal(look(j, ERR_OK).text, "");
		assert_int_equal(access(aside, F_OK), 0);
		put(j, &a, NULL, 0);
		reopen(j);
		assert_string_equal(look(j, ERR_OK).text, "a: ");
	}
	assert_int_equal(scratch_number(aside, "SELECT count(*) FROM body"), 1); /* the last stranger's */
}

/* Records that no cart needs do not pile up: at most twice those in use, or a few thousand. */
static void unused_records_are_swept(void **state)
{
	struct journal *j = *state;
	static char texts[3000][24];
	static struct body bodies[3000];
	struct kept_cart stays = bare_cart("stays"), comes = bare_cart("comes");
	const struct body one = body_of(RECORD_TAX, "one");

	put(j, &stays, &one, 1);
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 3000; i++) {
			snprintf(texts[i], sizeof(texts[i]), "%d %d", round, i);
			bodies[i] = body_of(RECORD_ITEM, texts[i]);
		}
		put(j, &comes, bodies, 3000);
		assert_true(count_of(j, "SELECT count(*) FROM body") <= 6001);
	}
	assert_int_equal(count_of(j, "SELECT count(*) FROM body WHERE cbor = CAST('one' AS BLOB)"), 1);
	assert_int_equal(count_of(j, "SELECT count(*) FROM body WHERE cbor >= CAST('3 ' AS BLOB) AND cbor < "
				     "CAST('4' AS BLOB)"),
			 3000);
	put(j, &comes, bodies, 1);
	reopen(j);
	assert_string_equal(look(j, ERR_OK).text, "comes:3 0 stays:one ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(comes_back),	  TEST(dropped),	TEST(records_are_kept_once),
		TEST(a_rollback_forgets), TEST(the_mark),	TEST(what_becomes_of_a_row),
		TEST(a_damaged_row),	  TEST(a_damaged_file), TEST(unused_records_are_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
