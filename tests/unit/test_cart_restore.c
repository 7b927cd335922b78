/*
 * Carts that come back when the daemon starts, from a journal that is not what it was: carts.db is a file,
 * and what is in it need not be what tilld wrote.
 */
#include "mini_shop.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static const char book[] = "{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\"}\n"
			   "{\"type\":\"price_list\",\"id\":\"base\"}\n"
			   "{\"type\":\"item\",\"sku\":\"CUP\",\"name\":\"Cup\"}\n"
			   "{\"type\":\"price\",\"list\":\"base\",\"sku\":\"CUP\",\"price\":\"5.00\"}\n";

static struct mini_shop m;

/* What is written of the one cart in it. */
struct row {
	uint8_t body[4096];
	size_t n;
};

static void read_row(sqlite3 *db, struct row *r)
{
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_prepare_v2(db, "SELECT body FROM cart", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	r->n = (size_t)sqlite3_column_bytes(s, 0);
	assert_true(r->n < sizeof(r->body) / 2);
	memcpy(r->body, sqlite3_column_blob(s, 0), r->n);
	sqlite3_finalize(s);
}

static void write_row(sqlite3 *db, const char *id, const struct row *r)
{
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_prepare_v2(db, "UPDATE cart SET id = ?, body = ?", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_bind_blob(s, 2, r->body, (int)r->n, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_DONE);
	sqlite3_finalize(s);
}

/* Other bytes in place of those that stand there. */
static void replace(struct row *r, size_t at, size_t n, const void *by, size_t by_n)
{
	memmove(r->body + at + by_n, r->body + at + n, r->n - at - n);
	memcpy(r->body + at, by, by_n);
	r->n += by_n - n;
}

/*
 * A cart that is put aside, in the journal of a daemon that has ended; the row is {1: "b-1-1", 2: "1", 3:
 * when it was opened, ...}. It gets another id, of 24 to 255 bytes, unless that is NULL, or another opening.
 */
static struct answer bring_back_with(const char *id, const char *opened)
{
	char path[SCRATCH_PATH_MAX], command[300];
	static struct row r;
	sqlite3 *db;

	memset(&m, 0, sizeof(m));
	m.keep_carts = true;
	mini_shop_start(&m, book);
	mini_shop_do(&m, "sku CUP");
	assert_int_equal(mini_shop_do(&m, "suspend").refusal, REFUSED_NOT);
	shop_leave_carts(m.shop);
	snprintf(path, sizeof(path), "%s", scratch_path(&m.scratch, "carts.db"));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	read_row(db, &r);
	assert_memory_equal(r.body + 1,
			    "\x01\x65"
			    "b-1-1"
			    "\x02\x61"
			    "1"
			    "\x03\x1A",
			    12);
	if (opened)
		replace(&r, 12, 5, opened, 9);
	if (id) {
		uint8_t head[] = {0x78, (uint8_t)strlen(id)};

		replace(&r, 2, 6, head, sizeof(head));
		replace(&r, 4, 0, id, strlen(id));
	}
	write_row(db, id ? id : "b-1-1", &r);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	mini_shop_restart(&m);
	snprintf(command, sizeof(command), "resume %s", id ? id : "b-1-1");
	return mini_shop_do(&m, command);
}

/* An id is 64 characters, by its schema; a cart has room for 64 bytes. */
static void an_id_that_no_cart_has(void **state)
{
	char id[193] = "";

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		memcpy(id + (size_t)3 * i, "\xE2\x82\xAC", 4);
	assert_int_equal(bring_back_with(id, NULL).refusal, REFUSED_UNKNOWN_CART);
	mini_shop_stop(&m);
	id[63] = '\0';
	assert_int_equal(bring_back_with(id, NULL).refusal, REFUSED_NOT);
	mini_shop_stop(&m);
}

/* The last second of int64_t, to which no hour of a time zone can be added; and one of 2026. */
static void a_moment_that_never_comes(void **state)
{
	(void)state;
	assert_int_equal(bring_back_with(NULL, "\x1B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF").refusal,
			 REFUSED_UNKNOWN_CART);
	mini_shop_stop(&m);
	assert_int_equal(bring_back_with(NULL, NULL).refusal, REFUSED_NOT);
	mini_shop_stop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_that_no_cart_has),
		cmocka_unit_test(a_moment_that_never_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
