/*
 * Making a certificate, by mbedTLS (2.28 and 3.x). See authority_parts.h.
 */
#include "authority_parts.h"

#include <arpa/inet.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/version.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum err ca_failed(enum err e, int rc, const char *doing, struct why *why)
{
	char words[128];

	mbedtls_strerror(rc, words, sizeof(words));
	return fail(why, e, "%s: %s", doing, words);
}

enum err ca_make_key(struct authority *a, mbedtls_pk_context *key, struct why *why)
{
	int rc = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));

	if (!rc)
		rc = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key),
					 mbedtls_ctr_drbg_random, &a->random);
	return rc ? ca_failed(ERR_IO, rc, "cannot make a key", why) : ERR_OK;
}

/* YYYYMMDDhhmmss, UTC, as mbedTLS wants it. */
static void format_time(int64_t ms, char out[16])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, 16, "%Y%m%d%H%M%S", &tm);
}

static int set_serial(mbedtls_x509write_cert *w, int64_t serial)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)((uint64_t)serial >> (56 - 8 * i));
#if MBEDTLS_VERSION_NUMBER >= 0x03040000
	return mbedtls_x509write_crt_set_serial_raw(w, bytes, sizeof(bytes));
#else
	mbedtls_mpi number;
	int rc;

	mbedtls_mpi_init(&number);
	rc = mbedtls_mpi_read_binary(&number, bytes, sizeof(bytes));
	if (!rc)
		rc = mbedtls_x509write_crt_set_serial(w, &number);
	mbedtls_mpi_free(&number);
	return rc;
#endif
}

/* ExtKeyUsage (RFC 5280 section 4.2.1.12): a sequence of one OID. */
static int set_use(mbedtls_x509write_cert *w, const struct leaf *l)
{
	unsigned char der[32] = {0x30, (unsigned char)(l->use_length + 2), 0x06,
				 (unsigned char)l->use_length};

	memcpy(der + 4, l->use, l->use_length);
	return mbedtls_x509write_crt_set_extension(w, MBEDTLS_OID_EXTENDED_KEY_USAGE,
						   MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE), 1, der,
						   l->use_length + 4);
}

/* SubjectAltName (section 4.2.1.6): [2] names and [7] addresses; each shorter than 128 bytes. */
static int set_hosts(mbedtls_x509write_cert *w, const struct authority_options *o)
{
	unsigned char names[AUTHORITY_HOSTS_MAX * 80] = {0}, der[sizeof(names) + 4];
	size_t n = 0, head = 0;

	for (size_t i = 0; i < o->host_count && i < AUTHORITY_HOSTS_MAX; i++) {
		struct in_addr address;
		size_t length = strlen(o->hosts[i]);

		if (length > 64 || n + length + 2 > sizeof(names))
			return MBEDTLS_ERR_X509_BAD_INPUT_DATA;
		if (inet_pton(AF_INET, o->hosts[i], &address) == 1) {
			names[n++] = 0x87;
			names[n++] = 4;
			memcpy(names + n, &address, 4);
			n += 4;
			continue;
		}
		names[n++] = 0x82;
		names[n++] = (unsigned char)length;
		memcpy(names + n, o->hosts[i], length);
		n += length;
	}
	der[head++] = 0x30;
	if (n > 255)
		der[head++] = 0x82, der[head++] = (unsigned char)(n >> 8);
	else if (n > 127)
		der[head++] = 0x81;
	der[head++] = (unsigned char)n;
	memcpy(der + head, names, n);
	return mbedtls_x509write_crt_set_extension(w, MBEDTLS_OID_SUBJECT_ALT_NAME,
						   MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, der,
						   head + n);
}

static int set_extensions(mbedtls_x509write_cert *w, const struct leaf *l)
{
	bool ca = !l->use;
	int rc = mbedtls_x509write_crt_set_basic_constraints(w, ca, ca ? 0 : -1);

	if (!rc)
		rc = mbedtls_x509write_crt_set_key_usage(w, ca ? MBEDTLS_X509_KU_KEY_CERT_SIGN |
									    MBEDTLS_X509_KU_CRL_SIGN
							       : MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
	if (!rc && !ca)
		rc = set_use(w, l);
	if (!rc && l->hosts && l->hosts->host_count > 0)
		rc = set_hosts(w, l->hosts);
	if (!rc)
		rc = mbedtls_x509write_crt_set_subject_key_identifier(w);
	if (!rc)
		rc = mbedtls_x509write_crt_set_authority_key_identifier(w);
	return rc;
}

static int fill(mbedtls_x509write_cert *w, struct authority *a, const struct leaf *l,
		mbedtls_pk_context *subject)
{
	char name[128], from[16], until[16];
	int rc;

	snprintf(name, sizeof(name), "CN=%s", l->common_name);
	format_time(l->from_ms, from);
	format_time(l->until_ms, until);
	mbedtls_x509write_crt_set_version(w, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(w, subject);
	mbedtls_x509write_crt_set_issuer_key(w, &a->key);
	rc = set_serial(w, l->serial);
	if (!rc)
		rc = mbedtls_x509write_crt_set_issuer_name(w, "CN=" CA_NAME);
	if (!rc)
		rc = mbedtls_x509write_crt_set_subject_name(w, name);
	if (!rc)
		rc = mbedtls_x509write_crt_set_validity(w, from, until);
	return rc ? rc : set_extensions(w, l);
}

/* DER is written from the end of the room. */
enum err ca_make_certificate(struct authority *a, const struct leaf *l, mbedtls_pk_context *subject,
			     struct buf *out, struct why *why)
{
	unsigned char der[DER_MAX];
	mbedtls_x509write_cert w;
	int rc;

	mbedtls_x509write_crt_init(&w);
	rc = fill(&w, a, l, subject);
	if (!rc)
		rc = mbedtls_x509write_crt_der(&w, der, sizeof(der), mbedtls_ctr_drbg_random, &a->random);
	mbedtls_x509write_crt_free(&w);
	if (rc <= 0)
		return ca_failed(ERR_INVALID, rc, "cannot make a certificate", why);
	return buf_add(out, der + sizeof(der) - rc, (size_t)rc) ? ERR_OK
								: fail(why, ERR_MEMORY, "out of memory");
}
