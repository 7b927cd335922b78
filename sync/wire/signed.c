/*
 * Signatures of headquarters, by mbedTLS (2.28 and 3.x). See signed.h.
 */
#include "signed.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecp.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE_MAX 128 /* ECDSA on P-256 in DER takes 72 at most */

struct trust {
	mbedtls_x509_crt authority;
};

struct signer {
	mbedtls_pk_context key;
	mbedtls_x509_crt certificate;
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context random;
};

/* Fails with mbedTLS's own words. */
static enum err tls_failed(enum err e, int rc, const char *doing, struct why *why)
{
	char words[128];

	mbedtls_strerror(rc, words, sizeof(words));
	return fail(why, e, "%s: %s", doing, words);
}

void wire_signed_digest(int64_t kind, struct bytes payload, struct digest *out)
{
	const char *what = kind == WIRE_MANIFEST ? "tilld manifest 1\n" : "tilld time 1\n";
	const struct digest_piece pieces[] = {{what, strlen(what)}, {payload.at, payload.length}};

	digest_of_pieces(pieces, 2, out);
}

enum err trust_new(const void *authorities, size_t n, struct trust **out, struct why *why)
{
	struct trust *t = calloc(1, sizeof(*t));
	int rc;

	if (!t)
		return fail(why, ERR_MEMORY, "out of memory");
	mbedtls_x509_crt_init(&t->authority);
	rc = mbedtls_x509_crt_parse(&t->authority, authorities, n);
	if (rc) {
		trust_free(t);
		return tls_failed(ERR_INVALID, rc, "the CA's certificate", why);
	}
	*out = t;
	return ERR_OK;
}

void trust_free(struct trust *t)
{
	if (!t)
		return;
	mbedtls_x509_crt_free(&t->authority);
	free(t);
}

/* Dates are judged by nobody here: see signed.h. */
static int pass_dates(void *arg, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
	(void)arg, (void)crt, (void)depth;
	*flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
	return 0;
}

/* The only use that the certificate is for; mbedTLS's own check lets a certificate without any pass. */
static bool is_for_signing(const mbedtls_x509_crt *crt)
{
	const mbedtls_x509_sequence *uses = &crt->ext_key_usage;

	return uses->buf.p && !uses->next && MBEDTLS_OID_CMP(MBEDTLS_OID_CODE_SIGNING, &uses->buf) == 0;
}

static bool has_name(const mbedtls_x509_crt *crt, const char *name)
{
	char subject[128];
	int n = mbedtls_x509_dn_gets(subject, sizeof(subject), &crt->subject);

	return n > 3 && strncmp(subject, "CN=", 3) == 0 && strcmp(subject + 3, name) == 0;
}

static enum err check_certificate(const struct trust *t, mbedtls_x509_crt *crt, struct why *why)
{
	mbedtls_x509_crt authority = t->authority; /* mbedTLS takes it without const, and only reads it */
	uint32_t flags = 0;
	int rc = mbedtls_x509_crt_verify(crt, &authority, NULL, NULL, &flags, pass_dates, NULL);

	if (rc == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
		return fail(why, ERR_DENIED, "the signer's certificate is not of the pinned CA");
	if (rc)
		return tls_failed(ERR_DENIED, rc, "the signer's certificate", why);
	if (!has_name(crt, SIGNER_NAME) || !is_for_signing(crt))
		return fail(why, ERR_DENIED, "the certificate is of the pinned CA, but not for signing");
	if (!mbedtls_pk_can_do(&crt->pk, MBEDTLS_PK_ECDSA) || mbedtls_pk_get_bitlen(&crt->pk) != 256)
		return fail(why, ERR_DENIED, "the signer's key is not on P-256");
	return ERR_OK;
}

enum err wire_signed_check(const struct trust *t, const struct wire_signed *s, int64_t kind, struct why *why)
{
	mbedtls_x509_crt crt;
	struct digest hash;
	enum err e = ERR_OK;
	int rc;

	if (s->kind != kind)
		return fail(why, ERR_DENIED, "it is signed as something else");
	mbedtls_x509_crt_init(&crt);
	rc = mbedtls_x509_crt_parse_der(&crt, s->certificate.at, s->certificate.length);
	if (rc)
		e = tls_failed(ERR_DENIED, rc, "the signer's certificate", why);
	if (!e)
		e = check_certificate(t, &crt, why);
	if (!e) {
		wire_signed_digest(kind, s->payload, &hash);
		rc = mbedtls_pk_verify(&crt.pk, MBEDTLS_MD_SHA256, hash.bytes, DIGEST_SIZE, s->signature.at,
				       s->signature.length);
		if (rc)
			e = fail(why, ERR_DENIED, "the signature does not match");
	}
	mbedtls_x509_crt_free(&crt);
	return e;
}

static int parse_key(struct signer *s, const void *key, size_t n)
{
#if MBEDTLS_VERSION_MAJOR >= 3
	return mbedtls_pk_parse_key(&s->key, key, n, NULL, 0, mbedtls_ctr_drbg_random, &s->random);
#else
	return mbedtls_pk_parse_key(&s->key, key, n, NULL, 0);
#endif
}

static int pair_matches(struct signer *s)
{
#if MBEDTLS_VERSION_MAJOR >= 3
	return mbedtls_pk_check_pair(&s->certificate.pk, &s->key, mbedtls_ctr_drbg_random, &s->random);
#else
	return mbedtls_pk_check_pair(&s->certificate.pk, &s->key);
#endif
}

static enum err load_signer(struct signer *s, const void *key, size_t key_length, const void *certificate,
			    size_t certificate_length, struct why *why)
{
	int rc = mbedtls_ctr_drbg_seed(&s->random, mbedtls_entropy_func, &s->entropy, NULL, 0);

	if (rc)
		return tls_failed(ERR_IO, rc, "random numbers", why);
	rc = parse_key(s, key, key_length);
	if (rc)
		return tls_failed(ERR_INVALID, rc, "the signing key", why);
	rc = mbedtls_x509_crt_parse(&s->certificate, certificate, certificate_length);
	if (rc)
		return tls_failed(ERR_INVALID, rc, "the signing certificate", why);
	if (pair_matches(s) != 0)
		return fail(why, ERR_INVALID, "the signing key is not that of its certificate");
	return ERR_OK;
}

enum err signer_new(const void *key, size_t key_length, const void *certificate, size_t certificate_length,
		    struct signer **out, struct why *why)
{
	struct signer *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return fail(why, ERR_MEMORY, "out of memory");
	mbedtls_pk_init(&s->key);
	mbedtls_x509_crt_init(&s->certificate);
	mbedtls_entropy_init(&s->entropy);
	mbedtls_ctr_drbg_init(&s->random);
	e = load_signer(s, key, key_length, certificate, certificate_length, why);
	if (e)
		signer_free(s);
	else
		*out = s;
	return e;
}

void signer_free(struct signer *s)
{
	if (!s)
		return;
	mbedtls_pk_free(&s->key);
	mbedtls_x509_crt_free(&s->certificate);
	mbedtls_ctr_drbg_free(&s->random);
	mbedtls_entropy_free(&s->entropy);
	free(s);
}

static int make_signature(struct signer *s, const struct digest *hash, uint8_t out[SIGNATURE_MAX], size_t *n)
{
#if MBEDTLS_VERSION_MAJOR >= 3
	return mbedtls_pk_sign(&s->key, MBEDTLS_MD_SHA256, hash->bytes, DIGEST_SIZE, out, SIGNATURE_MAX, n,
			       mbedtls_ctr_drbg_random, &s->random);
#else
	return mbedtls_pk_sign(&s->key, MBEDTLS_MD_SHA256, hash->bytes, DIGEST_SIZE, out, n,
			       mbedtls_ctr_drbg_random, &s->random);
#endif
}

enum err signer_sign(struct signer *s, int64_t kind, struct bytes payload, struct buf *out, struct why *why)
{
	uint8_t signature[SIGNATURE_MAX];
	struct wire_signed message;
	struct digest hash;
	size_t n = 0;
	int rc;

	wire_signed_digest(kind, payload, &hash);
	rc = make_signature(s, &hash, signature, &n);
	if (rc)
		return tls_failed(ERR_IO, rc, "cannot sign", why);
	wire_init(&wire_signed_schema, &message);
	message.kind = kind;
	message.payload = payload;
	message.certificate = (struct bytes){s->certificate.raw.p, s->certificate.raw.len};
	message.signature = (struct bytes){signature, n};
	return wire_encode(&wire_signed_schema, &message, out, why);
}
