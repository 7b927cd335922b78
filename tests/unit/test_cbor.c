/*
 * CBOR: the vectors of RFC 8949 appendix A that lie in our profile, both ways; the others, and encodings
 * that are not deterministic, refused.
 */
#include "unit.h"

#include <string.h>

#include "cbor.h"

#define HEX_MAX 64

static size_t from_hex(const char *hex, uint8_t out[HEX_MAX])
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		const char digits[] = "0123456789abcdef";

		out[i] = (uint8_t)((strchr(digits, hex[2 * i]) - digits) << 4 |
				   (strchr(digits, hex[2 * i + 1]) - digits));
	}
	return n;
}

static void assert_bytes(struct buf *b, const char *hex)
{
	uint8_t expected[HEX_MAX];
	size_t n = from_hex(hex, expected);

	assert_int_equal(buf_length(b), n);
	assert_memory_equal(buf_front(b), expected, n);
	assert_int_equal(cbor_check(expected, n), ERR_OK);
	buf_take(b, n);
}

static void integers(void **state)
{
	static const struct {
		int64_t value;
		const char *hex;
	} rows[] = {
		{0, "00"},
		{1, "01"},
		{10, "0a"},
		{23, "17"},
		{24, "1818"},
		{25, "1819"},
		{100, "1864"},
		{255, "18ff"},
		{256, "190100"},
		{1000, "1903e8"},
		{65535, "19ffff"},
		{65536, "1a00010000"},
		{1000000, "1a000f4240"},
		{4294967295, "1affffffff"},
		{4294967296, "1b0000000100000000"},
		{1000000000000, "1b000000e8d4a51000"},
		{INT64_MAX, "1b7fffffffffffffff"},
		{-1, "20"},
		{-10, "29"},
		{-24, "37"},
		{-25, "3818"},
		{-100, "3863"},
		{-1000, "3903e7"},
		{INT64_MIN, "3b7fffffffffffffff"},
	};
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[HEX_MAX];
		size_t n = from_hex(rows[i].hex, bytes);
		struct cborr r = cborr_over(bytes, n);
		struct cbor_item item;
		struct cborw w;

		cborw_begin(&w, &b);
		cborw_int(&w, rows[i].value);
		assert_int_equal(cborw_end(&w), ERR_OK);
		assert_bytes(&b, rows[i].hex);
		assert_int_equal(cborr_expect(&r, CBOR_KIND_INT, &item), ERR_OK);
		assert_true(item.value == rows[i].value);
		assert_ptr_equal(r.at, r.end);
	}
	buf_free(&b);
}

static void strings_and_containers(void **state)
{
	struct cborw w;
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	cborw_begin(&w, &b);
	cborw_bytes(&w, "\1\2\3\4", 4);
	assert_int_equal(cborw_end(&w), ERR_OK);
	assert_bytes(&b, "4401020304");
	cborw_begin(&w, &b);
	cborw_text(&w, "\xE6\xB0\xB4", 3); /* U+6C34 */
	assert_int_equal(cborw_end(&w), ERR_OK);
	assert_bytes(&b, "63e6b0b4");
	cborw_begin(&w, &b);
	cborw_text(&w, "", 0);
	assert_int_equal(cborw_end(&w), ERR_OK);
	assert_bytes(&b, "60");
	cborw_begin(&w, &b);
	cborw_array(&w, 3); /* [1, [2, 3], [4, 5]] */
	cborw_int(&w, 1);
	cborw_array(&w, 2);
	cborw_int(&w, 2);
	cborw_int(&w, 3);
	cborw_raw(&w, "\x82\4\5", 3);
	assert_int_equal(cborw_end(&w), ERR_OK);
	assert_bytes(&b, "8301820203820405");
	cborw_begin(&w, &b);
	cborw_map(&w, 2); /* {1: 2, 3: 4} */
	for (int i = 1; i <= 4; i++)
		cborw_int(&w, i);
	assert_int_equal(cborw_end(&w), ERR_OK);
	assert_bytes(&b, "a201020304");
	cborw_begin(&w, &b);
	cborw_array(&w, 3);
	cborw_bool(&w, false);
	cborw_bool(&w, true);
	cborw_null(&w);
	assert_int_equal(cborw_end(&w), ERR_OK);
	assert_bytes(&b, "83f4f5f6");
	buf_free(&b);
}

static void a_failed_writer_leaves_nothing_behind(void **state)
{
	struct cborw w;
	struct buf b;

	(void)state;
	buf_init(&b, 6);
	assert_true(buf_add(&b, "o", 1));
	cborw_begin(&w, &b);
	cborw_text(&w, "12345", 5);
	assert_int_equal(cborw_end(&w), ERR_LIMIT);
	assert_int_equal(buf_length(&b), 1);
	cborw_begin(&w, &b);
	cborw_text(&w, "1234", 4); /* just fits */
	assert_int_equal(cborw_end(&w), ERR_OK);
	buf_cut(&b, 1);
	cborw_begin(&w, &b);
	cborw_text(&w, "\xFF", 1);
	cborw_int(&w, 1);
	assert_int_equal(cborw_end(&w), ERR_INVALID);
	assert_int_equal(buf_length(&b), 1);
	buf_free(&b);
}

static void read_one_by_one(void **state)
{
	/* [true, null, h'0102', "ab", {7: []}] */
	static const uint8_t bytes[] = {0x85, 0xF5, 0xF6, 0x42, 1, 2, 0x62, 'a', 'b', 0xA1, 7, 0x80};
	struct cborr r = cborr_over(bytes, sizeof(bytes));
	struct cbor_item item;
	const uint8_t *at;
	size_t length;

	(void)state;
	assert_int_equal(cborr_next(&r, &item), ERR_OK);
	assert_int_equal(item.kind, CBOR_KIND_ARRAY);
	assert_int_equal(item.value, 5);
	assert_int_equal(cborr_expect(&r, CBOR_KIND_INT, &item), ERR_INVALID);
	assert_ptr_equal(r.at, bytes + 1); /* stays */
	assert_int_equal(cborr_expect(&r, CBOR_KIND_BOOL, &item), ERR_OK);
	assert_int_equal(item.value, 1);
	assert_int_equal(cborr_expect(&r, CBOR_KIND_NULL, &item), ERR_OK);
	assert_int_equal(cborr_expect(&r, CBOR_KIND_BYTES, &item), ERR_OK);
	assert_int_equal(item.length, 2);
	assert_ptr_equal(item.at, bytes + 4);
	assert_int_equal(cborr_expect(&r, CBOR_KIND_TEXT, &item), ERR_OK);
	assert_memory_equal(item.at, "ab", 2);
	assert_int_equal(cborr_skip(&r, &at, &length), ERR_OK);
	assert_ptr_equal(at, bytes + 9);
	assert_int_equal(length, 3);
	assert_int_equal(cborr_next(&r, &item), ERR_INVALID);
}

static void refused(void **state)
{
	static const struct {
		const char *what, *hex;
	} rows[] = {
		{"nothing", ""},
		{"two items", "0000"},
		{"23 in two bytes", "1817"},
		{"255 in three bytes", "1900ff"},
		{"65535 in five bytes", "1a0000ffff"},
		{"2^32-1 in nine bytes", "1b00000000ffffffff"},
		{"-24 in two bytes", "3817"},
		{"text length in two bytes", "780161"},
		{"array length in two bytes", "9800"},
		{"2^63", "1b8000000000000000"},
		{"2^64-1", "1bffffffffffffffff"},
		{"-2^63-1", "3b8000000000000000"},
		{"cut head", "19"},
		{"cut head", "1b00000001"},
		{"cut text", "6261"},
		{"cut bytes", "5affffffff"},
		{"cut array", "8201"},
		{"array of 2^62", "9b4000000000000000"},
		{"cut map", "a101"},
		{"indefinite bytes", "5f42010243030405ff"},
		{"indefinite text", "7f657374726561646d696e67ff"},
		{"indefinite array", "9fff"},
		{"indefinite map", "bfff"},
		{"reserved", "1c"},
		{"break", "ff"},
		{"undefined", "f7"},
		{"simple 16", "f0"},
		{"simple 255", "f8ff"},
		{"false in two bytes", "f814"},
		{"half", "f90000"},
		{"single", "fa47c35000"},
		{"double", "fb3ff199999999999a"},
		{"tag", "c11a514b67b0"},
		{"not UTF-8", "61ff"},
		{"NUL in text", "6100"},
		{"keys descend", "a203040102"},
		{"keys repeat", "a201020103"},
		{"keys descend inside", "81a203040102"},
		{"text key", "a1616101"},
		{"negative key", "a12001"},
		{"array key", "a18001"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[HEX_MAX];
		size_t n = from_hex(rows[i].hex, bytes);

		if (cbor_check(bytes, n) != ERR_INVALID)
			fail_msg("accepted: %s (%s)", rows[i].what, rows[i].hex);
	}
}

static void depth_has_a_bound(void **state)
{
	uint8_t bytes[CBOR_DEPTH_MAX + 2];

	(void)state;
	memset(bytes, 0x81, sizeof(bytes)); /* arrays of one in arrays of one */
	bytes[CBOR_DEPTH_MAX] = 0;
	assert_int_equal(cbor_check(bytes, CBOR_DEPTH_MAX + 1), ERR_OK);
	bytes[CBOR_DEPTH_MAX] = 0x81;
	bytes[CBOR_DEPTH_MAX + 1] = 0;
	assert_int_equal(cbor_check(bytes, CBOR_DEPTH_MAX + 2), ERR_LIMIT);
}

/* Bytes at random: whatever is accepted, written again, is the same. Here for single items. */
static void what_is_read_is_what_would_be_written(void **state)
{
	uint64_t s = seed_start("cbor");
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (int round = 0; round < 300000; round++) {
		uint64_t words[2] = {seed_next(&s), seed_next(&s)};
		struct cborr r = cborr_over(words, 1 + seed_next(&s) % sizeof(words));
		const uint8_t *from = r.at;
		struct cbor_item item;
		struct cborw w;

		if (cborr_next(&r, &item))
			continue;
		cborw_begin(&w, &b);
		if (item.kind == CBOR_KIND_INT)
			cborw_int(&w, item.value);
		else if (item.kind == CBOR_KIND_BYTES)
			cborw_bytes(&w, item.at, item.length);
		else if (item.kind == CBOR_KIND_TEXT)
			cborw_text(&w, item.at, item.length);
		else if (item.kind == CBOR_KIND_ARRAY)
			cborw_array(&w, (size_t)item.value);
		else if (item.kind == CBOR_KIND_MAP)
			cborw_map(&w, (size_t)item.value);
		else if (item.kind == CBOR_KIND_BOOL)
			cborw_bool(&w, item.value != 0);
		else
			cborw_null(&w);
		assert_int_equal(cborw_end(&w), ERR_OK);
		assert_int_equal(buf_length(&b), r.at - from);
		assert_memory_equal(buf_front(&b), from, buf_length(&b));
		buf_take(&b, buf_length(&b));
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers),
		cmocka_unit_test(strings_and_containers),
		cmocka_unit_test(a_failed_writer_leaves_nothing_behind),
		cmocka_unit_test(read_one_by_one),
		cmocka_unit_test(refused),
		cmocka_unit_test(depth_has_a_bound),
		cmocka_unit_test(what_is_read_is_what_would_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
