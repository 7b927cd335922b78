/*
 * What proves who this box is, and who headquarters is: a folder with ca.pem (the pinned CAs), box.pem and
 * box.key. The key is made here and never leaves.
 */
#ifndef TILL_PAPERS_H
#define TILL_PAPERS_H

#include "buf.h"
#include "coaps.h"
#include "digest.h"
#include "record.h"

#define PAPERS_PATH_MAX 256
#define PAPERS_DER_MAX	8192
#define PAPERS_PEM_MAX	16384
#define PAPERS_CAS_MAX	4

struct papers {
	char dir[PAPERS_PATH_MAX];
	char ca[PAPERS_PATH_MAX], cert[PAPERS_PATH_MAX], key[PAPERS_PATH_MAX];
	struct coaps_identity identity; /* of these three */
	char name[COAPS_NAME_MAX + 1];	/* of the box, by its certificate */
	int64_t from_ms, to_ms;		/* UTC, of the certificate */
	char ca_pem[PAPERS_PEM_MAX];	/* of all CAs that are pinned */
};

/* Where they are below the state folder; ERR_NOT_FOUND: this box was never enrolled. */
void papers_place(const char *state_dir, struct papers *out);
enum err papers_load(struct papers *p, struct why *why) MUST_CHECK;

/*
 * A new key and a request for a certificate of it (PKCS #10, DER), as the next ones: papers_take makes them
 * the ones in force together with the certificate that came. A key that waits already is used again, so that
 * a request that was lost is asked for with the same words.
 */
enum err papers_request(const struct papers *p, const char *name, struct buf *request,
			struct why *why) MUST_CHECK;

/*
 * ERR_DENIED: the certificate is not of the key that waits, or not of the CA. ca: to be pinned from now on,
 * or at NULL: the pinned one stays.
 */
enum err papers_take(struct papers *p, struct bytes certificate, struct bytes ca, struct why *why) MUST_CHECK;

/* SHA-256 of each CA that is pinned, DIGEST_SIZE bytes each; how many. */
size_t papers_pinned(const struct papers *p, uint8_t out[PAPERS_CAS_MAX * DIGEST_SIZE]);

/*
 * Pins these CAs (DER, one behind the other) in the place of those that are. *changed: they are others, and
 * the papers are loaded anew. ERR_DENIED: they are none, or too many, or our own certificate is of none of
 * them.
 */
enum err papers_pin(struct papers *p, struct bytes cas, bool *changed, struct why *why) MUST_CHECK;

/* A CA's certificate as a file in PEM; and whether a file is that certificate. */
enum err papers_write_ca(const struct papers *p, const char *path, struct bytes der,
			 struct why *why) MUST_CHECK;
bool papers_is_ca(const char *path, struct bytes der);

#endif
