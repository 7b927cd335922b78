/*
 * What the files of the CA share. Private to them; users include authority.h.
 */
#ifndef TILL_AUTHORITY_PARTS_H
#define TILL_AUTHORITY_PARTS_H

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <sys/types.h>

#include "authority.h"

#define CA_NAME	    "tilld CA"
#define CA_PATH_MAX 256
#define PEM_MAX	    8192
#define DER_MAX	    4096

struct authority {
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context random;
	mbedtls_pk_context key;
	mbedtls_x509_crt certificate;
	mbedtls_x509_crt other; /* the next one, or the one before, as the phase says */
	enum authority_phase phase;
	int64_t since;
};

/* What a certificate is for, and who is named in it. */
struct leaf {
	const char *common_name;
	const char *use; /* OID of the only extended key usage; NULL: a CA */
	size_t use_length;
	const struct authority_options *hosts; /* alternative names; or NULL */
	int64_t serial, from_ms, until_ms;
};

void ca_init(struct authority *a);
void ca_clear(struct authority *a);
enum err ca_seed(struct authority *a, struct why *why) MUST_CHECK; /* before keys and certificates are made */

/* What mbedTLS says of rc. */
enum err ca_failed(enum err e, int rc, const char *doing, struct why *why) MUST_CHECK;

enum err ca_make_key(struct authority *a, mbedtls_pk_context *key, struct why *why) MUST_CHECK;

/* Signed by the CA's key; DER is appended to out. */
enum err ca_make_certificate(struct authority *a, const struct leaf *l, mbedtls_pk_context *subject,
			     struct buf *out, struct why *why) MUST_CHECK;

/* A CA's key and certificate from these files. ERR_NOT_FOUND: one is not there. */
enum err ca_load_pair(struct authority *a, const char *dir, const char *key_name,
		      const char *certificate_name, struct why *why) MUST_CHECK;

/* Files of the folder. ca_read_file appends the text and a NUL. */
enum err ca_path(const char *dir, const char *name, char out[CA_PATH_MAX], struct why *why) MUST_CHECK;
enum err ca_write_file(const char *dir, const char *name, const char *text, mode_t mode,
		       struct why *why) MUST_CHECK;
enum err ca_read_file(const char *dir, const char *name, struct buf *out, struct why *why) MUST_CHECK;
enum err ca_rename(const char *dir, const char *from, const char *to, struct why *why) MUST_CHECK;
enum err ca_remove(const char *dir, const char *name, struct why *why) MUST_CHECK;
enum err ca_write_key(const char *dir, const char *name, mbedtls_pk_context *key, struct why *why) MUST_CHECK;
enum err ca_write_certificate(const char *dir, const char *name, const struct buf *der,
			      struct why *why) MUST_CHECK;

#endif
