#include "papers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecp.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pem.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>

#include "coaps_lib.h"
#include "log.h"

#define PEM_MAX 16384

void papers_place(const char *state_dir, struct papers *out)
{
	*out = (struct papers){0};
	snprintf(out->dir, sizeof(out->dir), "%s/link", state_dir);
	snprintf(out->ca, sizeof(out->ca), "%s/link/ca.pem", state_dir);
	snprintf(out->cert, sizeof(out->cert), "%s/link/box.pem", state_dir);
	snprintf(out->key, sizeof(out->key), "%s/link/box.key", state_dir);
	out->identity = (struct coaps_identity){out->ca, out->cert, out->key};
}

static enum err load_ca(struct papers *p, struct why *why)
{
	mbedtls_x509_crt crt;
	FILE *f = fopen(p->ca, "re");
	size_t n = f ? fread(p->ca_pem, 1, sizeof(p->ca_pem), f) : 0;
	enum err e = ERR_OK;

	if (f)
		fclose(f);
	mbedtls_x509_crt_init(&crt);
	if (n == 0 || n == sizeof(p->ca_pem))
		e = fail(why, ERR_INVALID, "%s: cannot be read, or is larger than %zu bytes", p->ca,
			 sizeof(p->ca_pem) - 1);
	p->ca_pem[e ? 0 : n] = '\0';
	if (!e && mbedtls_x509_crt_parse(&crt, (const unsigned char *)p->ca_pem, n + 1) != 0)
		e = fail(why, ERR_INVALID, "%s: this is no certificate in PEM", p->ca);
	mbedtls_x509_crt_free(&crt);
	return e;
}

size_t papers_pinned(const struct papers *p, uint8_t out[PAPERS_CAS_MAX * DIGEST_SIZE])
{
	mbedtls_x509_crt all;
	struct digest d;
	size_t n = 0;

	mbedtls_x509_crt_init(&all);
	if (mbedtls_x509_crt_parse(&all, (const unsigned char *)p->ca_pem, strlen(p->ca_pem) + 1) == 0)
		for (const mbedtls_x509_crt *c = &all; c && c->raw.len > 0 && n < PAPERS_CAS_MAX;
		     c = c->next) {
			digest_of(c->raw.p, c->raw.len, &d);
			memcpy(out + n++ * DIGEST_SIZE, d.bytes, DIGEST_SIZE);
		}
	mbedtls_x509_crt_free(&all);
	return n;
}

static void next_path(const struct papers *p, char out[PAPERS_PATH_MAX + 8])
{
	snprintf(out, PAPERS_PATH_MAX + 8, "%s.next", p->key);
}

/* The power may have gone between a new certificate and its key (papers_take). */
static void mend(const struct papers *p, const mbedtls_x509_crt *crt)
{
	char path[PAPERS_PATH_MAX + 8];
	mbedtls_pk_context key;

	next_path(p, path);
	mbedtls_pk_init(&key);
	if (access(path, F_OK) == 0 && mbedtls_pk_parse_keyfile(&key, path, NULL) == 0 &&
	    mbedtls_pk_check_pair(&crt->pk, &key) == 0 && rename(path, p->key) != 0)
		log_warn("%s", path);
	mbedtls_pk_free(&key);
}

enum err papers_load(struct papers *p, struct why *why)
{
	mbedtls_x509_crt crt;
	enum err e = ERR_OK;

	if (access(p->cert, F_OK) != 0 && errno == ENOENT)
		return fail(why, ERR_NOT_FOUND,
			    "%s: this box has no certificate yet: 'tillctl enrol' gets one from headquarters",
			    p->cert);
	mbedtls_x509_crt_init(&crt);
	if (mbedtls_x509_crt_parse_file(&crt, p->cert) != 0)
		e = fail(why, ERR_INVALID, "%s: cannot be read, or is no certificate in PEM", p->cert);
	else if (!coaps_peer_name(&crt, p->name))
		e = fail(why, ERR_INVALID, "%s: names nobody", p->cert);
	else
		mend(p, &crt);
	p->from_ms = e ? 0 : coaps_utc_ms(&crt.valid_from);
	p->to_ms = e ? 0 : coaps_utc_ms(&crt.valid_to);
	mbedtls_x509_crt_free(&crt);
	return e ? e : load_ca(p, why);
}

/* All of it, durable, or nothing. */
static enum err write_file(const char *path, mode_t mode, const void *bytes, size_t n, struct why *why)
{
	char half[PAPERS_PATH_MAX + 8];
	int fd;

	snprintf(half, sizeof(half), "%s.half", path);
	fd = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return fail(why, ERR_IO, "%s: %s", half, strerror(errno));
	if (write(fd, bytes, n) != (ssize_t)n || fchmod(fd, mode) != 0 || fsync(fd) != 0) {
		enum err e = fail(why, ERR_IO, "%s: %s", half, strerror(errno));

		close(fd);
		return e;
	}
	close(fd);
	if (rename(half, path) != 0)
		return fail(why, ERR_IO, "%s: %s", path, strerror(errno));
	return ERR_OK;
}

static enum err write_pem(const char *path, struct bytes der, struct why *why)
{
	unsigned char text[PEM_MAX];
	size_t n;

	if (mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", der.at,
				     der.length, text, sizeof(text), &n) != 0)
		return fail(why, ERR_LIMIT, "%s: the certificate is too large", path);
	return write_file(path, 0644, text, n - 1, why);
}

enum err papers_write_ca(const struct papers *p, const char *path, struct bytes der, struct why *why)
{
	if (mkdir(p->dir, 02770) != 0 && errno != EEXIST)
		return fail(why, ERR_IO, "%s: %s", p->dir, strerror(errno));
	return write_pem(path, der, why);
}

bool papers_is_ca(const char *path, struct bytes der)
{
	mbedtls_x509_crt crt;
	bool is;

	mbedtls_x509_crt_init(&crt);
	is = mbedtls_x509_crt_parse_file(&crt, path) == 0 && crt.raw.len == der.length &&
	     memcmp(crt.raw.p, der.at, der.length) == 0;
	mbedtls_x509_crt_free(&crt);
	return is;
}

struct chance {
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context drbg;
};

static int make_key(mbedtls_pk_context *key, struct chance *c)
{
	int rc = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));

	return rc ? rc
		  : mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key),
					mbedtls_ctr_drbg_random, &c->drbg);
}

static enum err next_key(const struct papers *p, mbedtls_pk_context *key, struct chance *c, struct why *why)
{
	char path[PAPERS_PATH_MAX + 8];
	unsigned char text[2048];
	enum err e;

	next_path(p, path);
	if (access(path, F_OK) == 0 && mbedtls_pk_parse_keyfile(key, path, NULL) == 0)
		return ERR_OK;
	mbedtls_pk_free(key);
	mbedtls_pk_init(key);
	if (make_key(key, c) != 0 || mbedtls_pk_write_key_pem(key, text, sizeof(text)) != 0)
		return fail(why, ERR_IO, "a key could not be made");
	if (mkdir(p->dir, 02770) != 0 && errno != EEXIST)
		return fail(why, ERR_IO, "%s: %s", p->dir, strerror(errno));
	e = write_file(path, 0640, text, strlen((char *)text), why);
	explicit_bzero(text, sizeof(text));
	return e;
}

static enum err write_request(mbedtls_pk_context *key, const char *name, struct chance *c, struct buf *out,
			      struct why *why)
{
	mbedtls_x509write_csr csr;
	unsigned char der[PAPERS_DER_MAX];
	char subject[COAPS_NAME_MAX + 8];
	int n = -1;

	snprintf(subject, sizeof(subject), "CN=%s", name);
	mbedtls_x509write_csr_init(&csr);
	mbedtls_x509write_csr_set_md_alg(&csr, MBEDTLS_MD_SHA256);
	mbedtls_x509write_csr_set_key(&csr, key);
	if (mbedtls_x509write_csr_set_subject_name(&csr, subject) == 0)
		n = mbedtls_x509write_csr_der(&csr, der, sizeof(der), mbedtls_ctr_drbg_random, &c->drbg);
	mbedtls_x509write_csr_free(&csr);
	if (n <= 0 || !buf_add(out, der + sizeof(der) - n, (size_t)n)) /* mbedTLS writes at the end */
		return fail(why, ERR_IO, "the request for a certificate could not be made");
	return ERR_OK;
}

enum err papers_request(const struct papers *p, const char *name, struct buf *request, struct why *why)
{
	struct chance c;
	mbedtls_pk_context key;
	enum err e = ERR_OK;

	mbedtls_pk_init(&key);
	mbedtls_entropy_init(&c.entropy);
	mbedtls_ctr_drbg_init(&c.drbg);
	if (mbedtls_ctr_drbg_seed(&c.drbg, mbedtls_entropy_func, &c.entropy, NULL, 0) != 0)
		e = fail(why, ERR_IO, "the system has no random numbers");
	if (!e)
		e = next_key(p, &key, &c, why);
	if (!e)
		e = write_request(&key, name, &c, request, why);
	mbedtls_pk_free(&key);
	mbedtls_ctr_drbg_free(&c.drbg);
	mbedtls_entropy_free(&c.entropy);
	return e;
}

/* That the certificate is of the key that waits, and of a CA: DER, or those that are pinned, PEM. Dates are
 * not looked at: our clock may be wrong.
 */
static enum err check_new(const struct papers *p, struct bytes certificate, struct bytes ca, struct why *why)
{
	char path[PAPERS_PATH_MAX + 8];
	mbedtls_pk_context key;
	mbedtls_x509_crt crt, root;
	uint32_t flags = 0;
	enum err e = ERR_OK;

	next_path(p, path);
	mbedtls_pk_init(&key);
	mbedtls_x509_crt_init(&crt);
	mbedtls_x509_crt_init(&root);
	if (mbedtls_x509_crt_parse_der(&crt, certificate.at, certificate.length) != 0 ||
	    mbedtls_x509_crt_parse(&root, ca.at, ca.length) != 0)
		e = fail(why, ERR_DENIED, "what headquarters sent is no certificate");
	else if (mbedtls_pk_parse_keyfile(&key, path, NULL) != 0 || mbedtls_pk_check_pair(&crt.pk, &key) != 0)
		e = fail(why, ERR_DENIED, "the certificate that came is not of the key %s", path);
	else if (mbedtls_x509_crt_verify(&crt, &root, NULL, NULL, &flags, NULL, NULL) != 0 &&
		 (flags & ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE)))
		e = fail(why, ERR_DENIED, "the certificate that came is not of the pinned CA");
	mbedtls_pk_free(&key);
	mbedtls_x509_crt_free(&crt);
	mbedtls_x509_crt_free(&root);
	return e;
}

/* The length of the DER item (X.690 section 8.1.3) that a certificate is; 0: there is none. */
static size_t der_length(const uint8_t *at, size_t n)
{
	size_t length = 0;

	if (n > 4 && at[0] == 0x30 && at[1] == 0x82)
		length = 4 + ((size_t)at[2] << 8 | at[3]);
	else if (n > 3 && at[0] == 0x30 && at[1] == 0x81)
		length = 3 + (size_t)at[2];
	return length <= n ? length : 0;
}

/* As PEM, one behind the other; and as a chain. */
static enum err read_cas(struct bytes cas, char *text, size_t size, mbedtls_x509_crt *all, struct why *why)
{
	size_t used = 0, n;

	for (size_t count = 0; cas.length > 0; count++) {
		size_t length = der_length(cas.at, cas.length);

		if (length == 0 || count == PAPERS_CAS_MAX ||
		    mbedtls_x509_crt_parse_der(all, cas.at, length) != 0 ||
		    mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n",
					     cas.at, length, (unsigned char *)text + used, size - used,
					     &n) != 0)
			return fail(
				why, ERR_DENIED,
				"what headquarters wants to have pinned are no certificates, or more than %d",
				PAPERS_CAS_MAX);
		used += n - 1;
		cas.at += length;
		cas.length -= length;
	}
	return used ? ERR_OK : fail(why, ERR_DENIED, "headquarters wants to have nothing pinned");
}

static enum err write_cas(struct papers *p, const char *text, mbedtls_x509_crt *all, struct why *why)
{
	mbedtls_x509_crt own;
	uint32_t flags = 0;
	enum err e = ERR_OK;

	mbedtls_x509_crt_init(&own);
	if (mbedtls_x509_crt_parse_file(&own, p->cert) != 0 ||
	    (mbedtls_x509_crt_verify(&own, all, NULL, NULL, &flags, NULL, NULL) != 0 &&
	     (flags & ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE))))
		e = fail(why, ERR_DENIED,
			 "our own certificate is of none of the CAs that headquarters wants to have pinned");
	mbedtls_x509_crt_free(&own);
	if (!e)
		e = write_file(p->ca, 0644, text, strlen(text), why);
	return e ? e : papers_load(p, why);
}

enum err papers_pin(struct papers *p, struct bytes cas, bool *changed, struct why *why)
{
	char text[PAPERS_PEM_MAX] = "";
	mbedtls_x509_crt all;
	enum err e;

	*changed = false;
	mbedtls_x509_crt_init(&all);
	e = read_cas(cas, text, sizeof(text), &all, why);
	if (!e && strcmp(text, p->ca_pem) != 0) {
		e = write_cas(p, text, &all, why);
		*changed = !e;
	}
	mbedtls_x509_crt_free(&all);
	return e;
}

enum err papers_take(struct papers *p, struct bytes certificate, struct bytes ca, struct why *why)
{
	char path[PAPERS_PATH_MAX + 8];
	struct bytes pinned = ca.at ? ca : (struct bytes){(const uint8_t *)p->ca_pem, strlen(p->ca_pem) + 1};
	enum err e = check_new(p, certificate, pinned, why);

	if (!e && ca.at)
		e = write_pem(p->ca, ca, why);
	if (!e)
		e = write_pem(p->cert, certificate, why);
	next_path(p, path);
	if (!e && rename(path, p->key) != 0)
		e = fail(why, ERR_IO, "%s: %s", p->key, strerror(errno));
	return e ? e : papers_load(p, why);
}
