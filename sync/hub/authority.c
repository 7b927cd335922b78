/*
 * Keys and certificates, by mbedTLS (2.28 and 3.x). See authority.h.
 */
#include "authority.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecp.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "signed.h"

#define DAY_MS	      INT64_C(86400000)
#define YEAR_MS	      (366 * DAY_MS)
#define CA_NAME	      "tilld CA"
#define PATH_MAX_CA   256
#define PEM_MAX	      8192
#define DER_MAX	      4096
#define BACKDATE_MS   INT64_C(3600000) /* a box's clock may be a little slow */
#define SERIAL_CA     1
#define SERIAL_HUB    2
#define SERIAL_SIGNER 3

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

static enum err tls_failed(enum err e, int rc, const char *doing, struct why *why)
{
	char words[128];

	mbedtls_strerror(rc, words, sizeof(words));
	return fail(why, e, "%s: %s", doing, words);
}

static void init(struct authority *a)
{
	mbedtls_entropy_init(&a->entropy);
	mbedtls_ctr_drbg_init(&a->random);
	mbedtls_pk_init(&a->key);
	mbedtls_x509_crt_init(&a->certificate);
	mbedtls_x509_crt_init(&a->other);
}

static void clear(struct authority *a)
{
	mbedtls_x509_crt_free(&a->other);
	mbedtls_x509_crt_free(&a->certificate);
	mbedtls_pk_free(&a->key);
	mbedtls_ctr_drbg_free(&a->random);
	mbedtls_entropy_free(&a->entropy);
}

static enum err seed(struct authority *a, struct why *why)
{
	int rc = mbedtls_ctr_drbg_seed(&a->random, mbedtls_entropy_func, &a->entropy, NULL, 0);

	return rc ? tls_failed(ERR_IO, rc, "random numbers", why) : ERR_OK;
}

static enum err make_key(struct authority *a, mbedtls_pk_context *key, struct why *why)
{
	int rc = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));

	if (!rc)
		rc = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key),
					 mbedtls_ctr_drbg_random, &a->random);
	return rc ? tls_failed(ERR_IO, rc, "cannot make a key", why) : ERR_OK;
}

/* Writes a new file whole; one that is there is replaced at once. */
static enum err write_file(const char *dir, const char *name, const char *text, mode_t mode, struct why *why)
{
	char path[PATH_MAX_CA], temporary[PATH_MAX_CA + 8];
	size_t n = strlen(text);
	bool good;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return fail(why, ERR_LIMIT, "%s: the path is too long", dir);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return fail(why, ERR_IO, "%s: %s", temporary, strerror(errno));
	good = fchmod(fd, mode) == 0 && write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	good = close(fd) == 0 && good && rename(temporary, path) == 0;
	return good ? ERR_OK : fail(why, ERR_IO, "%s: %s", path, strerror(errno));
}

static enum err write_key(const char *dir, const char *name, mbedtls_pk_context *key, struct why *why)
{
	unsigned char pem[PEM_MAX];
	int rc = mbedtls_pk_write_key_pem(key, pem, sizeof(pem));
	enum err e = rc ? tls_failed(ERR_IO, rc, "cannot write a key", why)
			: write_file(dir, name, (const char *)pem, 0600, why);

	memset(pem, 0, sizeof(pem));
	return e;
}

static enum err write_certificate(const char *dir, const char *name, const struct buf *der, struct why *why)
{
	unsigned char pem[PEM_MAX];
	size_t n;
	int rc = mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n",
					  buf_front(der), buf_length(der), pem, sizeof(pem), &n);

	return rc ? tls_failed(ERR_IO, rc, "cannot write a certificate", why)
		  : write_file(dir, name, (const char *)pem, 0644, why);
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
static enum err make_certificate(struct authority *a, const struct leaf *l, mbedtls_pk_context *subject,
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
		return tls_failed(ERR_INVALID, rc, "cannot make a certificate", why);
	return buf_add(out, der + sizeof(der) - rc, (size_t)rc) ? ERR_OK
								: fail(why, ERR_MEMORY, "out of memory");
}

static enum err read_file(const char *dir, const char *name, struct buf *out, struct why *why)
{
	char path[PATH_MAX_CA];
	uint8_t *room;
	ssize_t n;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return fail(why, ERR_LIMIT, "%s: the path is too long", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path, strerror(errno));
	room = buf_room(out, PEM_MAX + 1);
	n = room ? read(fd, room, PEM_MAX) : -1;
	close(fd);
	if (n <= 0)
		return fail(why, ERR_IO, "%s: cannot be read", path);
	room[n] = '\0'; /* as mbedTLS wants PEM */
	buf_grow(out, (size_t)n + 1);
	return ERR_OK;
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
		return tls_failed(ERR_INVALID, rc, "ca.key", why);
	rc = mbedtls_x509_crt_parse(&a->certificate, buf_front(certificate), buf_length(certificate));
	return rc ? tls_failed(ERR_INVALID, rc, "ca.pem", why) : ERR_OK;
}

static enum err load_pair(struct authority *a, const char *dir, const char *key_name,
			  const char *certificate_name, struct why *why)
{
	struct buf key, certificate;
	enum err e;

	buf_init(&key, PEM_MAX + 1);
	buf_init(&certificate, PEM_MAX + 1);
	e = read_file(dir, key_name, &key, why);
	if (!e)
		e = read_file(dir, certificate_name, &certificate, why);
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
	e = read_file(dir, name, &certificate, why);
	rc = e ? 0 : mbedtls_x509_crt_parse(&a->other, buf_front(&certificate), buf_length(&certificate));
	buf_free(&certificate);
	if (rc)
		return tls_failed(ERR_INVALID, rc, name, why);
	if (!e)
		a->phase = phase;
	return e;
}

static enum err load_since(struct authority *a, const char *dir, struct why *why)
{
	struct buf text;
	enum err e;

	buf_init(&text, PEM_MAX + 1);
	e = read_file(dir, "ca-since", &text, why);
	if (!e)
		a->since = strtoll((const char *)buf_front(&text), NULL, 10);
	buf_free(&text);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err load(struct authority *a, const char *dir, struct why *why)
{
	enum err e = load_pair(a, dir, "ca.key", "ca.pem", why);

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
	init(a);
	e = seed(a, why);
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
	clear(a);
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

/* A key of our own and its certificate, as two files. */
static enum err make_pair(struct authority *a, const char *dir, const struct leaf *l, const char *key_name,
			  const char *certificate_name, struct why *why)
{
	mbedtls_pk_context key;
	struct buf der;
	enum err e;

	mbedtls_pk_init(&key);
	buf_init(&der, DER_MAX);
	e = make_key(a, &key, why);
	if (!e)
		e = make_certificate(a, l, &key, &der, why);
	if (!e)
		e = write_key(dir, key_name, &key, why);
	if (!e)
		e = write_certificate(dir, certificate_name, &der, why);
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

/* The CA's files are written last: with them there is a CA. */
static enum err make_all(struct authority *a, const struct authority_options *o, struct why *why)
{
	const struct leaf ca = {.common_name = CA_NAME,
				.serial = SERIAL_CA,
				.from_ms = o->now_ms - DAY_MS,
				.until_ms = o->now_ms + 20 * YEAR_MS};
	struct buf der;
	enum err e = seed(a, why);

	buf_init(&der, DER_MAX);
	if (!e)
		e = make_key(a, &a->key, why);
	if (!e)
		e = make_certificate(a, &ca, &a->key, &der, why);
	if (!e)
		e = make_hub(a, o, why);
	if (!e)
		e = make_signer(a, o, why);
	if (!e)
		e = write_key(o->dir, "ca.key", &a->key, why);
	if (!e)
		e = write_certificate(o->dir, "ca.pem", &der, why);
	buf_free(&der);
	return e ? e : authority_write_trusted(o->dir, why);
}

enum err authority_create(const struct authority_options *o, struct why *why)
{
	char path[PATH_MAX_CA];
	struct authority a;
	enum err e;

	snprintf(path, sizeof(path), "%s/ca.pem", o->dir);
	if (access(path, F_OK) == 0)
		return fail(why, ERR_EXISTS,
			    "%s: there is a CA already; boxes trust it, so it is not replaced", path);
	init(&a);
	e = make_all(&a, o, why);
	clear(&a);
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

static enum err path_in(const char *dir, const char *name, char out[PATH_MAX_CA], struct why *why)
{
	if (snprintf(out, PATH_MAX_CA, "%s/%s", dir, name) >= PATH_MAX_CA)
		return fail(why, ERR_LIMIT, "%s: the path is too long", dir);
	return ERR_OK;
}

static enum err rename_in(const char *dir, const char *from, const char *to, struct why *why)
{
	char a[PATH_MAX_CA], b[PATH_MAX_CA];
	enum err e = path_in(dir, from, a, why);

	if (!e)
		e = path_in(dir, to, b, why);
	if (!e && rename(a, b) != 0)
		e = fail(why, ERR_IO, "%s: %s", b, strerror(errno));
	return e;
}

static enum err remove_in(const char *dir, const char *name, struct why *why)
{
	char path[PATH_MAX_CA];
	enum err e = path_in(dir, name, path, why);

	if (!e && unlink(path) != 0 && errno != ENOENT)
		e = fail(why, ERR_IO, "%s: %s", path, strerror(errno));
	return e;
}

enum err authority_write_trusted(const char *dir, struct why *why)
{
	static const char *const names[] = {"ca.pem", "ca-next.pem", "ca-old.pem"};
	char text[3 * PEM_MAX + 1];
	size_t used = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; i < 3 && !e; i++) {
		struct buf one;

		buf_init(&one, PEM_MAX + 1);
		e = read_file(dir, names[i], &one, why);
		if (!e)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s",
						 (const char *)buf_front(&one));
		if (i > 0 && e == ERR_NOT_FOUND)
			e = ERR_OK;
		buf_free(&one);
	}
	return e ? e : write_file(dir, "trusted.pem", text, 0644, why);
}

enum err authority_next(const struct authority_options *o, struct why *why)
{
	const struct leaf ca = {.common_name = CA_NAME,
				.serial = SERIAL_CA,
				.from_ms = o->now_ms - DAY_MS,
				.until_ms = o->now_ms + 20 * YEAR_MS};
	struct authority a;
	struct buf der;
	enum err e;

	init(&a);
	buf_init(&der, DER_MAX);
	e = seed(&a, why);
	if (!e)
		e = make_key(&a, &a.key, why);
	if (!e)
		e = make_certificate(&a, &ca, &a.key, &der, why);
	if (!e)
		e = write_key(o->dir, "ca-next.key", &a.key, why);
	if (!e)
		e = write_certificate(o->dir, "ca-next.pem", &der, why);
	buf_free(&der);
	clear(&a);
	return e ? e : authority_write_trusted(o->dir, why);
}

/* Each step can be done again: what is interrupted goes on where it was. */
static enum err put_in_place(const struct authority_options *o, int64_t since, struct why *why)
{
	char text[32], next[PATH_MAX_CA];
	struct buf old;
	enum err e = path_in(o->dir, "ca-next.key", next, why);

	buf_init(&old, PEM_MAX + 1);
	snprintf(text, sizeof(text), "%lld\n", (long long)since);
	if (!e)
		e = read_file(o->dir, "ca.pem", &old, why);
	if (!e)
		e = write_file(o->dir, "ca-old.pem", (const char *)buf_front(&old), 0644, why);
	buf_free(&old);
	if (!e)
		e = write_file(o->dir, "ca-since", text, 0644, why);
	if (!e && access(next, F_OK) == 0)
		e = rename_in(o->dir, "ca-next.key", "ca.key", why);
	return e ? e : rename_in(o->dir, "ca-next.pem", "ca.pem", why);
}

enum err authority_change(const struct authority_options *o, int64_t since, struct why *why)
{
	struct authority a;
	enum err e;

	init(&a);
	e = seed(&a, why);
	if (!e)
		e = load_pair(&a, o->dir, "ca-next.key", "ca-next.pem", why);
	if (e == ERR_NOT_FOUND) /* it was interrupted behind the first of the two */
		e = load_pair(&a, o->dir, "ca.key", "ca-next.pem", why);
	if (!e)
		e = put_in_place(o, since, why);
	if (!e)
		e = authority_write_trusted(o->dir, why);
	if (!e)
		e = make_hub(&a, o, why);
	if (!e)
		e = make_signer(&a, o, why);
	clear(&a);
	return e;
}

enum err authority_retire(const char *dir, struct why *why)
{
	enum err e = remove_in(dir, "ca-old.pem", why);

	return e ? e : authority_write_trusted(dir, why);
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
	e = rc ? tls_failed(ERR_INVALID, rc, "the certificate request", why) : check_request(&csr, why);
	if (!e)
		e = make_certificate(a, &leaf, &csr.pk, out, why);
	mbedtls_x509_csr_free(&csr);
	return e;
}
