/*
 * SHA-256 (FIPS 180-4), by mbedTLS: the links of the audit chain and the names of content-addressed bodies.
 */
#ifndef TILL_DIGEST_H
#define TILL_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE 32

struct digest {
	uint8_t bytes[DIGEST_SIZE];
};

void digest_of(const void *bytes, size_t n, struct digest *out);

#endif
