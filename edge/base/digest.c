/*
 * SHA-256 from mbedTLS, whose 2.28 and 3.x name it differently.
 */
#include "digest.h"

#include <assert.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

void digest_of(const void *bytes, size_t n, struct digest *out)
{
#if MBEDTLS_VERSION_MAJOR >= 3
	int failed = mbedtls_sha256(bytes, n, out->bytes, 0);
#else
	int failed = mbedtls_sha256_ret(bytes, n, out->bytes, 0);
#endif
	assert(!failed); /* only a hardware engine could fail, and none is configured */
	(void)failed;
}
