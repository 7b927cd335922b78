/*
 * SHA-256: the examples published with FIPS 180.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"

static void assert_digest(const void *bytes, size_t n, const char *hex)
{
	char text[2 * DIGEST_SIZE + 1];
	struct digest d;

	digest_of(bytes, n, &d);
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", d.bytes[i]);
	assert_string_equal(text, hex);
}

static void published_examples(void **state)
{
	static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	char *million = malloc(1000000);

	(void)state;
	assert_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_digest(two_blocks, sizeof(two_blocks) - 1,
		      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_non_null(million);
	memset(million, 'a', 1000000);
	assert_digest(million, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(million);
}

/* Blocks are 64 bytes, and the last needs 9 for itself: cut at each place around both. */
static void pieces_make_a_whole(void **state)
{
	static uint8_t bytes[200];
	struct digest whole, parts;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		digest_of(bytes, n, &whole);
		for (size_t cut = 0; cut <= n; cut++) {
			const struct digest_piece pieces[] = {{bytes, cut}, {bytes + cut, n - cut}};

			digest_of_pieces(pieces, 2, &parts);
			assert_memory_equal(parts.bytes, whole.bytes, DIGEST_SIZE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_examples),
		cmocka_unit_test(pieces_make_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
