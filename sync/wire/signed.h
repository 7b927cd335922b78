/*
 * What proves to be headquarters' by itself: manifests of snapshots and beacons of time. A signature by a key
 * whose certificate the pinned CA has issued for signing and for nothing else, so that neither a box's
 * certificate nor the hub's own for TLS will do.
 */
#ifndef TILL_SIGNED_H
#define TILL_SIGNED_H

#include "wire.h"

/* Common name and extended key usage (id-kp-codeSigning) of the certificate. */
#define SIGNER_NAME "tilld headquarters"

/* What is signed: SHA-256 of "tilld manifest 1\n" or "tilld time 1\n" and the payload. */
void wire_signed_digest(int64_t kind, struct bytes payload, struct digest *out);

/* Trust: the pinned CA, DER; or several, PEM with its NUL counted. */
struct trust;
enum err trust_new(const void *authorities, size_t n, struct trust **out, struct why *why) MUST_CHECK;
void trust_free(struct trust *t); /* NULL is fine */

/*
 * Signature, certificate, its issuer and what it is for. Its dates are not looked at: a box may not know the
 * time yet, and takes it from here; whoever loses the signing key needs a new CA (docs/operations.md).
 * ERR_DENIED says what is wrong.
 */
enum err wire_signed_check(const struct trust *t, const struct wire_signed *s, int64_t kind,
			   struct why *why) MUST_CHECK;

/* The signer, at headquarters: PEM or DER of key and certificate, each with its NUL counted in PEM. */
struct signer;
enum err signer_new(const void *key, size_t key_length, const void *certificate, size_t certificate_length,
		    struct signer **out, struct why *why) MUST_CHECK;
void signer_free(struct signer *s); /* NULL is fine */

/* The payload signed, as the encoded struct wire_signed behind what is in out. */
enum err signer_sign(struct signer *s, int64_t kind, struct bytes payload, struct buf *out,
		     struct why *why) MUST_CHECK;

#endif
