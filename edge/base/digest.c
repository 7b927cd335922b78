/*
 * SHA-256 from mbedTLS, whose 2.28 and 3.x name it differently.
 */
#include "digest.h"

#include <assert.h>
#include <errno.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>
#include <stdio.h>
#include <unistd.h>

#if MBEDTLS_VERSION_MAJOR < 3
#define mbedtls_sha256_starts mbedtls_sha256_starts_ret
#define mbedtls_sha256_update mbedtls_sha256_update_ret
#define mbedtls_sha256_finish mbedtls_sha256_finish_ret
#endif

void digest_of_pieces(const struct digest_piece *pieces, size_t count, struct digest *out)
{
	mbedtls_sha256_context c;
	int failed;

	mbedtls_sha256_init(&c);
	failed = mbedtls_sha256_starts(&c, 0);
	for (size_t i = 0; i < count && !failed; i++)
		failed = mbedtls_sha256_update(&c, pieces[i].bytes, pieces[i].n);
	if (!failed)
		failed = mbedtls_sha256_finish(&c, out->bytes);
	mbedtls_sha256_free(&c);
	assert(!failed); /* only a hardware engine could fail, and none is configured */
	(void)failed;
}

void digest_of(const void *bytes, size_t n, struct digest *out)
{
	digest_of_pieces(&(struct digest_piece){bytes, n}, 1, out);
}

enum err digest_of_file(int fd, struct digest *out)
{
	uint8_t bytes[16384];
	mbedtls_sha256_context c;
	ssize_t n = 1;
	int failed;

	mbedtls_sha256_init(&c);
	failed = mbedtls_sha256_starts(&c, 0);
	while (!failed && (n > 0 || (n < 0 && errno == EINTR))) {
		n = read(fd, bytes, sizeof(bytes));
		if (n > 0)
			failed = mbedtls_sha256_update(&c, bytes, (size_t)n);
	}
	if (!failed)
		failed = mbedtls_sha256_finish(&c, out->bytes);
	mbedtls_sha256_free(&c);
	assert(!failed);
	return n < 0 ? ERR_IO : ERR_OK;
}

void digest_hex(const struct digest *d, char out[DIGEST_HEX_SIZE])
{
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", d->bytes[i]);
}
