/*
 * SHA-256 from Nettle, which takes the processor's own instructions where it has them (SHA-NI on x86, the
 * cryptographic extension on ARM): five times as fast as mbedTLS 2.28, which knows none of these.
 */
#include "digest.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <unistd.h>

void digest_of_pieces(const struct digest_piece *pieces, size_t count, struct digest *out)
{
	struct sha256_ctx c;

	sha256_init(&c);
	for (size_t i = 0; i < count; i++)
		sha256_update(&c, pieces[i].n, pieces[i].bytes);
	sha256_digest(&c, DIGEST_SIZE, out->bytes);
}

void digest_of(const void *bytes, size_t n, struct digest *out)
{
	digest_of_pieces(&(struct digest_piece){bytes, n}, 1, out);
}

enum err digest_of_file(int fd, struct digest *out)
{
	uint8_t bytes[16384];
	struct sha256_ctx c;
	ssize_t n = 1;

	sha256_init(&c);
	while (n > 0 || (n < 0 && errno == EINTR)) {
		n = read(fd, bytes, sizeof(bytes));
		if (n > 0)
			sha256_update(&c, (size_t)n, bytes);
	}
	sha256_digest(&c, DIGEST_SIZE, out->bytes);
	return n < 0 ? ERR_IO : ERR_OK;
}

void digest_hex(const struct digest *d, char out[DIGEST_HEX_SIZE])
{
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", d->bytes[i]);
}
