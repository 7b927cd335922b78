/*
 * AES-GCM as mbedTLS's cipher layer finds it: the cases of the specification, and that it is Nettle's.
 */
#include "gcm.h"

#include <mbedtls/cipher.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define SIZE_MAX_OF_CASE 64

/*
 * D. McGrew, J. Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 2, 4 and 16.
 */
static const struct {
	const char *name, *key, *iv, *add, *plain, *cipher, *tag;
} cases[] = {
	{"2", "00000000000000000000000000000000", "000000000000000000000000", "",
	 "00000000000000000000000000000000", "0388dace60b6a392f328c2b971b2fe78",
	 "ab6e47d42cec13bdf53a67b21257bddf"},
	{"4", "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
	 "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	 "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
	 "b16aedf5aa0de657ba637b39",
	 "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
	 "1ba30b396a0aac973d58e091",
	 "5bc94fbc3221a5db94fae95ae7121a47"},
	{"16", "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
	 "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	 "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
	 "b16aedf5aa0de657ba637b39",
	 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
	 "c5f61e6393ba7a0abcc9f662",
	 "76fc6ece0f4e1768cddf8853bb2d551b"},
};

static size_t unhex(const char *text, uint8_t out[SIZE_MAX_OF_CASE])
{
	size_t n = strlen(text) / 2;

	assert_true(n <= SIZE_MAX_OF_CASE);
	for (size_t i = 0; i < n; i++) {
		char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};

		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

static void open_cipher(mbedtls_cipher_context_t *c, const char *key, mbedtls_operation_t way)
{
	uint8_t bytes[SIZE_MAX_OF_CASE];
	size_t n = unhex(key, bytes);
	mbedtls_cipher_type_t type = n == 16 ? MBEDTLS_CIPHER_AES_128_GCM : MBEDTLS_CIPHER_AES_256_GCM;

	mbedtls_cipher_init(c);
	assert_int_equal(mbedtls_cipher_setup(c, mbedtls_cipher_info_from_type(type)), 0);
	assert_int_equal(mbedtls_cipher_setkey(c, bytes, (int)n * 8, way), 0);
}

static void is_what_the_specification_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t iv[64], add[64], plain[64], cipher[64], tag[64], out[64 + 16], bad[64 + 16];
		size_t iv_n = unhex(cases[i].iv, iv), add_n = unhex(cases[i].add, add), out_n;
		size_t n = unhex(cases[i].plain, plain);
		mbedtls_cipher_context_t c;

		unhex(cases[i].cipher, cipher);
		unhex(cases[i].tag, tag);
		open_cipher(&c, cases[i].key, MBEDTLS_ENCRYPT);
		assert_int_equal(mbedtls_cipher_auth_encrypt_ext(&c, iv, iv_n, add, add_n, plain, n, out,
								 sizeof(out), &out_n, 16),
				 0);
		mbedtls_cipher_free(&c);
		assert_int_equal(out_n, n + 16);
		assert_memory_equal(out, cipher, n);
		assert_memory_equal(out + n, tag, 16);

		open_cipher(&c, cases[i].key, MBEDTLS_DECRYPT);
		memcpy(bad, out, n + 16);
		bad[n + 15] ^= 1;
		/* in place, as records are */
		assert_int_equal(mbedtls_cipher_auth_decrypt_ext(&c, iv, iv_n, add, add_n, out, n + 16, out,
								 sizeof(out), &out_n, 16),
				 0);
		assert_int_equal(out_n, n);
		assert_memory_equal(out, plain, n);
		assert_int_equal(mbedtls_cipher_auth_decrypt_ext(&c, iv, iv_n, add, add_n, bad, n + 16, bad,
								 sizeof(bad), &out_n, 16),
				 MBEDTLS_ERR_CIPHER_AUTH_FAILED);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(bad[k], 0); /* nothing of what is not genuine gets out */
		mbedtls_cipher_free(&c);
	}
}

static void is_nettles(void **state)
{
	(void)state;
	assert_true(gcm_is_ours());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_nettles),
		cmocka_unit_test(is_what_the_specification_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
