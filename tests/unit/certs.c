#include "certs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_bits;
static int serial;

static void seed(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	mbedtls_entropy_init(&entropy);
	mbedtls_ctr_drbg_init(&random_bits);
	assert(mbedtls_ctr_drbg_seed(&random_bits, mbedtls_entropy_func, &entropy, NULL, 0) == 0);
}

static void path_of(char out[256], const char *dir, const char *file, const char *end)
{
	int n = snprintf(out, 256, "%s/%s.%s", dir, file, end);

	assert(n > 0 && n < 256);
}

static void write_file(const char *path, const unsigned char *text)
{
	FILE *f = fopen(path, "w");
	int written, closed;

	assert(f);
	written = fputs((const char *)text, f);
	closed = fclose(f);
	assert(written >= 0 && closed == 0);
}

static void make_key(mbedtls_pk_context *key, const char *path, bool p384)
{
	unsigned char text[2048];

	mbedtls_pk_init(key);
	assert(mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) == 0);
	assert(mbedtls_ecp_gen_key(p384 ? MBEDTLS_ECP_DP_SECP384R1 : MBEDTLS_ECP_DP_SECP256R1,
				   mbedtls_pk_ec(*key), mbedtls_ctr_drbg_random, &random_bits) == 0);
	assert(mbedtls_pk_write_key_pem(key, text, sizeof(text)) == 0);
	write_file(path, text);
}

/* ExtKeyUsageSyntax: SEQUENCE of OIDs, each 1.3.6.1.5.5.7.3.x in 8 bytes of content. */
static void add_usage(mbedtls_x509write_cert *crt, unsigned use)
{
	unsigned char der[32];
	size_t n = 2;

	if (use & CERT_SERVER) {
		memcpy(der + n, "\x06\x08" MBEDTLS_OID_SERVER_AUTH, 10);
		n += 10;
	}
	if (use & CERT_CLIENT) {
		memcpy(der + n, "\x06\x08" MBEDTLS_OID_CLIENT_AUTH, 10);
		n += 10;
	}
	if (n == 2)
		return;
	der[0] = 0x30;
	der[1] = (unsigned char)(n - 2);
	assert(mbedtls_x509write_crt_set_extension(crt, MBEDTLS_OID_EXTENDED_KEY_USAGE,
						   MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE), 0, der,
						   n) == 0);
}

static void load_issuer(const char *dir, const char *file, mbedtls_x509_crt *ca, mbedtls_pk_context *key)
{
	char path[256];

	path_of(path, dir, file, "pem");
	assert(mbedtls_x509_crt_parse_file(ca, path) == 0);
	path_of(path, dir, file, "key");
	assert(mbedtls_pk_parse_keyfile(key, path, NULL) == 0);
}

static void load_key(const char *dir, const char *file, mbedtls_pk_context *key)
{
	char path[256];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, file);

	assert(n > 0 && n < (int)sizeof(path));
	mbedtls_pk_init(key);
	assert(mbedtls_pk_parse_keyfile(key, path, NULL) == 0);
}

void cert_make(const char *dir, const struct cert_wish *w)
{
	mbedtls_x509write_cert crt;
	mbedtls_x509_crt ca;
	mbedtls_pk_context key, ca_key;
	mbedtls_mpi number;
	unsigned char text[4096];
	char path[256], name[128], issuer[128];

	seed();
	mbedtls_x509_crt_init(&ca);
	mbedtls_pk_init(&ca_key);
	mbedtls_mpi_init(&number);
	path_of(path, dir, w->file, "key");
	if (w->key)
		load_key(dir, w->key, &key);
	else
		make_key(&key, path, w->use & CERT_P384);
	mbedtls_x509write_crt_init(&crt);
	snprintf(name, sizeof(name), "CN=%s", w->name);
	snprintf(issuer, sizeof(issuer), "%s", name);
	if (w->issuer) {
		load_issuer(dir, w->issuer, &ca, &ca_key);
		assert(mbedtls_x509_dn_gets(issuer, sizeof(issuer), &ca.subject) > 0);
	}
	serial++;
	assert(mbedtls_mpi_lset(&number, serial) == 0);
	mbedtls_x509write_crt_set_version(&crt, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&crt, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&crt, &key);
	mbedtls_x509write_crt_set_issuer_key(&crt, w->issuer ? &ca_key : &key);
	assert(mbedtls_x509write_crt_set_serial(&crt, &number) == 0);
	assert(mbedtls_x509write_crt_set_subject_name(&crt, name) == 0);
	assert(mbedtls_x509write_crt_set_issuer_name(&crt, issuer) == 0);
	assert(mbedtls_x509write_crt_set_validity(&crt, w->from ? w->from : "20200101000000",
						  w->to ? w->to : "20491231235959") == 0);
	assert(mbedtls_x509write_crt_set_basic_constraints(&crt, (w->use & CERT_CA) != 0, -1) == 0);
	add_usage(&crt, w->use);
	assert(mbedtls_x509write_crt_pem(&crt, text, sizeof(text), mbedtls_ctr_drbg_random, &random_bits) ==
	       0);
	path_of(path, dir, w->file, "pem");
	write_file(path, text);
	mbedtls_mpi_free(&number);
	mbedtls_x509write_crt_free(&crt);
	mbedtls_x509_crt_free(&ca);
	mbedtls_pk_free(&ca_key);
	mbedtls_pk_free(&key);
}
