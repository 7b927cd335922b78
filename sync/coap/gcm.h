/*
 * AES-GCM for mbedTLS, by Nettle. mbedTLS 2.28 ciphers and authenticates a block of 16 bytes at a time;
 * Nettle does many at once, on a processor that can: a message of 15,000 bytes takes a tenth of the time.
 *
 * gcm.c defines the functions that mbedTLS lets be replaced when it is built (MBEDTLS_GCM_ALT). Debian's is
 * a shared library that was built without; it calls them by name, so those of the program go before its own.
 */
#ifndef TILL_GCM_H
#define TILL_GCM_H

#include <stdbool.h>

/*
 * Whether mbedTLS's cipher layer comes here. Nothing depends on it but speed: a library that calls its own
 * functions calls all of them.
 */
bool gcm_is_ours(void);

#endif
