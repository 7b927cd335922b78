/*
 * Making a CA, the hub's certificate and the signer's; and putting another CA in the place of one, in steps
 * that can each be done again. See authority.h.
 */
#include "authority_parts.h"

#include <mbedtls/oid.h>
#include <stdio.h>
#include <unistd.h>

#include "signed.h"

#define DAY_MS	      INT64_C(86400000)
#define YEAR_MS	      (366 * DAY_MS)
#define SERIAL_CA     1
#define SERIAL_HUB    2
#define SERIAL_SIGNER 3

/* A key of our own and its certificate, as two files. */
static enum err make_pair(struct authority *a, const char *dir, const struct leaf *l, const char *key_name,
			  const char *certificate_name, struct why *why)
{
	mbedtls_pk_context key;
	struct buf der;
	enum err e;

	mbedtls_pk_init(&key);
	buf_init(&der, DER_MAX);
	e = ca_make_key(a, &key, why);
	if (!e)
		e = ca_make_certificate(a, l, &key, &der, why);
	if (!e)
		e = ca_write_key(dir, key_name, &key, why);
	if (!e)
		e = ca_write_certificate(dir, certificate_name, &der, why);
	buf_free(&der);
	mbedtls_pk_free(&key);
	return e;
}

static enum err make_hub(struct authority *a, const struct authority_options *o, struct why *why)
{
	const struct leaf hub = {.common_name = AUTHORITY_HUB_NAME,
				 .use = MBEDTLS_OID_SERVER_AUTH,
				 .use_length = MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH),
				 .hosts = o,
				 .serial = SERIAL_HUB,
				 .from_ms = o->now_ms - DAY_MS,
				 .until_ms = o->now_ms + 2 * YEAR_MS};

	return make_pair(a, o->dir, &hub, "hub.key", "hub.pem", why);
}

static enum err make_signer(struct authority *a, const struct authority_options *o, struct why *why)
{
	const struct leaf signer = {.common_name = SIGNER_NAME,
				    .use = MBEDTLS_OID_CODE_SIGNING,
				    .use_length = MBEDTLS_OID_SIZE(MBEDTLS_OID_CODE_SIGNING),
				    .serial = SERIAL_SIGNER,
				    .from_ms = o->now_ms - DAY_MS,
				    .until_ms = o->now_ms + 20 * YEAR_MS};

	return make_pair(a, o->dir, &signer, "signer.key", "signer.pem", why);
}

/* A key that certifies itself; nothing is written. */
static enum err make_ca(struct authority *a, const struct authority_options *o, struct buf *der,
			struct why *why)
{
	const struct leaf ca = {.common_name = CA_NAME,
				.serial = SERIAL_CA,
				.from_ms = o->now_ms - DAY_MS,
				.until_ms = o->now_ms + 20 * YEAR_MS};
	enum err e = ca_seed(a, why);

	if (!e)
		e = ca_make_key(a, &a->key, why);
	return e ? e : ca_make_certificate(a, &ca, &a->key, der, why);
}

/* The CA's files are written last: with them there is a CA. */
static enum err make_all(struct authority *a, const struct authority_options *o, struct why *why)
{
	struct buf der;
	enum err e;

	buf_init(&der, DER_MAX);
	e = make_ca(a, o, &der, why);
	if (!e)
		e = make_hub(a, o, why);
	if (!e)
		e = make_signer(a, o, why);
	if (!e)
		e = ca_write_key(o->dir, "ca.key", &a->key, why);
	if (!e)
		e = ca_write_certificate(o->dir, "ca.pem", &der, why);
	buf_free(&der);
	return e ? e : authority_write_trusted(o->dir, why);
}

enum err authority_create(const struct authority_options *o, struct why *why)
{
	char path[CA_PATH_MAX];
	struct authority a;
	enum err e;

	snprintf(path, sizeof(path), "%s/ca.pem", o->dir);
	if (access(path, F_OK) == 0)
		return fail(why, ERR_EXISTS,
			    "%s: there is a CA already; boxes trust it, so it is not replaced", path);
	ca_init(&a);
	e = make_all(&a, o, why);
	ca_clear(&a);
	return e;
}

enum err authority_renew_hub(const struct authority_options *o, struct why *why)
{
	struct authority *a = NULL;
	enum err e = authority_open(o->dir, &a, why);

	if (e)
		return e;
	e = make_hub(a, o, why);
	authority_close(a);
	return e;
}

enum err authority_next(const struct authority_options *o, struct why *why)
{
	struct authority a;
	struct buf der;
	enum err e;

	ca_init(&a);
	buf_init(&der, DER_MAX);
	e = make_ca(&a, o, &der, why);
	if (!e)
		e = ca_write_key(o->dir, "ca-next.key", &a.key, why);
	if (!e)
		e = ca_write_certificate(o->dir, "ca-next.pem", &der, why);
	buf_free(&der);
	ca_clear(&a);
	return e ? e : authority_write_trusted(o->dir, why);
}

/* Each step can be done again: what is interrupted goes on where it was. */
static enum err put_in_place(const struct authority_options *o, int64_t since, struct why *why)
{
	char text[32], next[CA_PATH_MAX];
	struct buf old;
	enum err e = ca_path(o->dir, "ca-next.key", next, why);

	buf_init(&old, PEM_MAX + 1);
	snprintf(text, sizeof(text), "%lld\n", (long long)since);
	if (!e)
		e = ca_read_file(o->dir, "ca.pem", &old, why);
	if (!e)
		e = ca_write_file(o->dir, "ca-old.pem", (const char *)buf_front(&old), 0644, why);
	buf_free(&old);
	if (!e)
		e = ca_write_file(o->dir, "ca-since", text, 0644, why);
	if (!e && access(next, F_OK) == 0)
		e = ca_rename(o->dir, "ca-next.key", "ca.key", why);
	return e ? e : ca_rename(o->dir, "ca-next.pem", "ca.pem", why);
}

enum err authority_change(const struct authority_options *o, int64_t since, struct why *why)
{
	struct authority a;
	enum err e;

	ca_init(&a);
	e = ca_seed(&a, why);
	if (!e)
		e = ca_load_pair(&a, o->dir, "ca-next.key", "ca-next.pem", why);
	if (e == ERR_NOT_FOUND) /* it was interrupted behind the first of the two */
		e = ca_load_pair(&a, o->dir, "ca.key", "ca-next.pem", why);
	if (!e)
		e = put_in_place(o, since, why);
	if (!e)
		e = authority_write_trusted(o->dir, why);
	if (!e)
		e = make_hub(&a, o, why);
	if (!e)
		e = make_signer(&a, o, why);
	ca_clear(&a);
	return e;
}

enum err authority_retire(const char *dir, struct why *why)
{
	enum err e = ca_remove(dir, "ca-old.pem", why);

	return e ? e : authority_write_trusted(dir, why);
}
