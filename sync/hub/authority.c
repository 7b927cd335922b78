/*
 * The CA as it is at work: loaded from its files, asked who it is, and issuing what boxes request. See
 * authority.h.
 */
#include "authority_parts.h"

#include <mbedtls/oid.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_csr.h>
#include <stdlib.h>
#include <string.h>

#define BACKDATE_MS INT64_C(3600000) /* a box's clock may be a little slow */

void ca_init(struct authority *a)
{
	mbedtls_entropy_init(&a->entropy);
	mbedtls_ctr_drbg_init(&a->random);
	mbedtls_pk_init(&a->key);
	mbedtls_x509_crt_init(&a->certificate);
	mbedtls_x509_crt_init(&a->other);
}

void ca_clear(struct authority *a)
{
	mbedtls_x509_crt_free(&a->other);
	mbedtls_x509_crt_free(&a->certificate);
	mbedtls_pk_free(&a->key);
	mbedtls_ctr_drbg_free(&a->random);
	mbedtls_entropy_free(&a->entropy);
}

enum err ca_seed(struct authority *a, struct why *why)
{
	int rc = mbedtls_ctr_drbg_seed(&a->random, mbedtls_entropy_func, &a->entropy, NULL, 0);

	return rc ? ca_failed(ERR_IO, rc, "random numbers", why) : ERR_OK;
}

static enum err parse(struct authority *a, const struct buf *key, const struct buf *certificate,
		      struct why *why)
{
	int rc;

#if MBEDTLS_VERSION_MAJOR >= 3
	rc = mbedtls_pk_parse_key(&a->key, buf_front(key), buf_length(key), NULL, 0, mbedtls_ctr_drbg_random,
				  &a->random);
#else
	rc = mbedtls_pk_parse_key(&a->key, buf_front(key), buf_length(key), NULL, 0);
#endif
	if (rc)
		return ca_failed(ERR_INVALID, rc, "ca.key", why);
	rc = mbedtls_x509_crt_parse(&a->certificate, buf_front(certificate), buf_length(certificate));
	return rc ? ca_failed(ERR_INVALID, rc, "ca.pem", why) : ERR_OK;
}

enum err ca_load_pair(struct authority *a, const char *dir, const char *key_name,
		      const char *certificate_name, struct why *why)
{
	struct buf key, certificate;
	enum err e;

	buf_init(&key, PEM_MAX + 1);
	buf_init(&certificate, PEM_MAX + 1);
	e = ca_read_file(dir, key_name, &key, why);
	if (!e)
		e = ca_read_file(dir, certificate_name, &certificate, why);
	if (!e)
		e = parse(a, &key, &certificate, why);
	if (key.bytes)
		memset(key.bytes, 0, key.size);
	buf_free(&key);
	buf_free(&certificate);
	return e;
}

/* A CA that is trusted besides. ERR_NOT_FOUND: there is none. */
static enum err load_other(struct authority *a, const char *dir, const char *name, enum authority_phase phase,
			   struct why *why)
{
	struct buf certificate;
	enum err e;
	int rc;

	buf_init(&certificate, PEM_MAX + 1);
	e = ca_read_file(dir, name, &certificate, why);
	rc = e ? 0 : mbedtls_x509_crt_parse(&a->other, buf_front(&certificate), buf_length(&certificate));
	buf_free(&certificate);
	if (rc)
		return ca_failed(ERR_INVALID, rc, name, why);
	if (!e)
		a->phase = phase;
	return e;
}

static enum err load_since(struct authority *a, const char *dir, struct why *why)
{
	struct buf text;
	enum err e;

	buf_init(&text, PEM_MAX + 1);
	e = ca_read_file(dir, "ca-since", &text, why);
	if (!e)
		a->since = strtoll((const char *)buf_front(&text), NULL, 10);
	buf_free(&text);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err load(struct authority *a, const char *dir, struct why *why)
{
	enum err e = ca_load_pair(a, dir, "ca.key", "ca.pem", why);

	if (e == ERR_NOT_FOUND)
		return fail(why, e, "there is no CA in %s yet: 'tillhub ca init' makes one", dir);
	if (!e)
		e = load_since(a, dir, why);
	if (!e)
		e = load_other(a, dir, "ca-next.pem", AUTHORITY_NEXT, why);
	if (e == ERR_NOT_FOUND)
		e = load_other(a, dir, "ca-old.pem", AUTHORITY_OLD, why);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err authority_open(const char *dir, struct authority **out, struct why *why)
{
	struct authority *a = calloc(1, sizeof(*a));
	enum err e;

	if (!a)
		return fail(why, ERR_MEMORY, "out of memory");
	ca_init(a);
	e = ca_seed(a, why);
	if (!e)
		e = load(a, dir, why);
	if (e)
		authority_close(a);
	else
		*out = a;
	return e;
}

void authority_close(struct authority *a)
{
	if (!a)
		return;
	ca_clear(a);
	free(a);
}

enum authority_phase authority_phase(const struct authority *a)
{
	return a->phase;
}

int64_t authority_since(const struct authority *a)
{
	return a->since;
}

bool authority_other(const struct authority *a, struct digest *out)
{
	if (a->phase == AUTHORITY_ONE)
		return false;
	digest_of(a->other.raw.p, a->other.raw.len, out);
	return true;
}

enum err authority_trusted(const struct authority *a, struct buf *out)
{
	bool good = buf_add(out, a->certificate.raw.p, a->certificate.raw.len);

	if (good && a->phase != AUTHORITY_ONE)
		good = buf_add(out, a->other.raw.p, a->other.raw.len);
	return good ? ERR_OK : ERR_MEMORY;
}

struct bytes authority_certificate(const struct authority *a)
{
	return (struct bytes){a->certificate.raw.p, a->certificate.raw.len};
}

/* mbedTLS parses a request and does not check that it was signed by its key. */
static enum err check_request(mbedtls_x509_csr *csr, struct why *why)
{
	struct digest hash;
	int rc;

	if (!mbedtls_pk_can_do(&csr->pk, MBEDTLS_PK_ECDSA) || mbedtls_pk_get_bitlen(&csr->pk) != 256)
		return fail(why, ERR_INVALID, "the request's key is not on P-256");
	digest_of(csr->cri.p, csr->cri.len, &hash);
#if MBEDTLS_VERSION_MAJOR >= 3
	rc = mbedtls_pk_verify(&csr->pk, MBEDTLS_MD_SHA256, hash.bytes, DIGEST_SIZE,
			       csr->MBEDTLS_PRIVATE(sig).p, csr->MBEDTLS_PRIVATE(sig).len);
#else
	rc = mbedtls_pk_verify(&csr->pk, MBEDTLS_MD_SHA256, hash.bytes, DIGEST_SIZE, csr->sig.p,
			       csr->sig.len);
#endif
	return rc ? fail(why, ERR_INVALID, "the request is not signed by its own key with SHA-256") : ERR_OK;
}

enum err authority_issue(struct authority *a, const struct authority_box *box, struct bytes request,
			 struct buf *out, struct why *why)
{
	const struct leaf leaf = {.common_name = box->name,
				  .use = MBEDTLS_OID_CLIENT_AUTH,
				  .use_length = MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH),
				  .serial = box->serial,
				  .from_ms = box->now_ms - BACKDATE_MS,
				  .until_ms = box->until_ms};
	mbedtls_x509_csr csr;
	enum err e;
	int rc;

	mbedtls_x509_csr_init(&csr);
	rc = mbedtls_x509_csr_parse_der(&csr, request.at, request.length);
	e = rc ? ca_failed(ERR_INVALID, rc, "the certificate request", why) : check_request(&csr, why);
	if (!e)
		e = ca_make_certificate(a, &leaf, &csr.pk, out, why);
	mbedtls_x509_csr_free(&csr);
	return e;
}
