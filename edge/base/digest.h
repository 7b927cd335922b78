/*
 * SHA-256 (FIPS 180-4), by Nettle: the links of the audit chain and the names of content-addressed bodies.
 */
#ifndef TILL_DIGEST_H
#define TILL_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define DIGEST_SIZE 32

struct digest {
	uint8_t bytes[DIGEST_SIZE];
};

void digest_of(const void *bytes, size_t n, struct digest *out);

/* Of the pieces one behind the other. */
struct digest_piece {
	const void *bytes;
	size_t n;
};
void digest_of_pieces(const struct digest_piece *pieces, size_t count, struct digest *out);

/* The same of an open file, from where it stands to its end. ERR_IO: errno says why. */
enum err digest_of_file(int fd, struct digest *out) MUST_CHECK;

/* Lower-case hexadecimal, 64 digits and NUL. */
#define DIGEST_HEX_SIZE (2 * DIGEST_SIZE + 1)
void digest_hex(const struct digest *d, char out[DIGEST_HEX_SIZE]);

#endif
