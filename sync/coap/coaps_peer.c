/*
 * Certificates: reading our own, and judging the peer's. libcoap with mbedTLS checks the chain and the dates;
 * names and what a certificate is for are looked at here, after every handshake, also one that resumed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>

#include "coaps_lib.h"

/* What libcoap would find out, and log in its own words, with each new session. */
static enum err check_certificate(const char *path, const char *what, struct why *why)
{
	mbedtls_x509_crt crt;
	int rc;

	if (access(path, R_OK) != 0)
		return fail(why, ERR_INVALID, "%s: %s: %s", path, what, strerror(errno));
	mbedtls_x509_crt_init(&crt);
	rc = mbedtls_x509_crt_parse_file(&crt, path);
	mbedtls_x509_crt_free(&crt);
	if (rc != 0)
		return fail(why, ERR_INVALID, "%s: this is no certificate in PEM (%s)", path, what);
	return ERR_OK;
}

static enum err check_key(const struct coaps_identity *id, struct why *why)
{
	mbedtls_x509_crt crt;
	mbedtls_pk_context key;
	enum err e = ERR_OK;

	if (access(id->key, R_OK) != 0)
		return fail(why, ERR_INVALID, "%s: the key: %s", id->key, strerror(errno));
	mbedtls_x509_crt_init(&crt);
	mbedtls_pk_init(&key);
	if (mbedtls_pk_parse_keyfile(&key, id->key, NULL) != 0)
		e = fail(why, ERR_INVALID, "%s: this is no key in PEM", id->key);
	else if (mbedtls_x509_crt_parse_file(&crt, id->cert) != 0 ||
		 mbedtls_pk_check_pair(&crt.pk, &key) != 0)
		e = fail(why, ERR_INVALID, "%s is not the key of the certificate %s", id->key, id->cert);
	mbedtls_pk_free(&key);
	mbedtls_x509_crt_free(&crt);
	return e;
}

/* In a handshake, about a certificate that is not all that it should be; validated: but for its name. */
static int judge(const char *cn, const uint8_t *der, size_t n, coap_session_t *session, unsigned depth,
		 int validated, void *arg)
{
	struct coaps_expect *e = arg;
	mbedtls_x509_crt crt;

	(void)cn, (void)session;
	if (depth > 0)
		return 1;
	mbedtls_x509_crt_init(&crt);
	if (mbedtls_x509_crt_parse_der(&crt, der, n) != 0)
		(void)fail(&e->refused, ERR_DENIED, "it has shown no certificate");
	else if (coaps_peer_check(&crt, e, &e->refused) == ERR_OK && !validated)
		(void)fail(&e->refused, ERR_DENIED, "its certificate is not of the pinned CA");
	mbedtls_x509_crt_free(&crt);
	return e->refused.text[0] == '\0';
}

enum err coaps_identity_set(coap_context_t *ctx, const struct coaps_identity *id, bool verify,
			    struct coaps_expect *expect, struct why *why)
{
	coap_dtls_pki_t pki = {.version = COAP_DTLS_PKI_SETUP_VERSION};
	enum err e = ERR_OK;

	if (id->ca)
		e = check_certificate(id->ca, "the CA", why);
	if (e == ERR_OK && id->cert)
		e = check_certificate(id->cert, "our own certificate", why);
	if (e == ERR_OK && id->cert)
		e = check_key(id, why);
	if (e != ERR_OK)
		return e;
	pki.verify_peer_cert = verify;
	pki.check_common_ca = verify;
	pki.cert_chain_validation = 1;
	pki.cert_chain_verify_depth = 2;
	if (expect) {
		pki.allow_expired_certs =
			expect->future_ok; /* both ways; coaps_peer_check tells them apart */
		/* libcoap has no const here; it only reads */
		pki.client_sni = (char *)(uintptr_t)expect->name; /* NOLINT(performance-no-int-to-ptr) */
		pki.validate_cn_call_back = judge;
		pki.cn_call_back_arg = expect;
	}
	pki.pki_key.key_type = COAP_PKI_KEY_PEM;
	pki.pki_key.key.pem.ca_file = id->ca;
	pki.pki_key.key.pem.public_cert = id->cert;
	pki.pki_key.key.pem.private_key = id->key;
	if (!coap_context_set_pki(ctx, &pki))
		return fail(why, ERR_INVALID, "libcoap does not take the certificates");
	return ERR_OK;
}

bool coaps_peer_name(const mbedtls_x509_crt *crt, char out[COAPS_NAME_MAX + 1])
{
	for (const mbedtls_x509_name *n = &crt->subject; n; n = n->next) {
		if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &n->oid) != 0)
			continue;
		if (n->val.len == 0 || n->val.len > COAPS_NAME_MAX || memchr(n->val.p, '\0', n->val.len))
			return false;
		memcpy(out, n->val.p, n->val.len);
		out[n->val.len] = '\0';
		return true;
	}
	return false;
}

void coaps_peer_serial(const mbedtls_x509_crt *crt, char out[2 * 20 + 1])
{
	out[0] = '\0';
	for (size_t i = 0; i < crt->serial.len && i < 20; i++)
		snprintf(out + 2 * i, 3, "%02x", crt->serial.p[i]);
}

void coaps_secret(const mbedtls_ssl_context *tls, struct digest *out)
{
#ifdef MBEDTLS_PRIVATE
	const mbedtls_ssl_session *session = tls->MBEDTLS_PRIVATE(session);

	digest_of(session->MBEDTLS_PRIVATE(master), sizeof(session->MBEDTLS_PRIVATE(master)), out);
#else
	digest_of(tls->session->master, sizeof(tls->session->master), out);
#endif
}

int64_t coaps_utc_ms(const mbedtls_x509_time *t)
{
	struct tm tm = {.tm_year = t->year - 1900, .tm_mon = t->mon - 1, .tm_mday = t->day};

	tm.tm_hour = t->hour;
	tm.tm_min = t->min;
	tm.tm_sec = t->sec;
	return (int64_t)timegm(&tm) * 1000;
}

static bool same_name(const mbedtls_x509_buf *b, const char *name)
{
	return b->len == strlen(name) && strncasecmp((const char *)b->p, name, b->len) == 0;
}

/* As RFC 6125 has it: if there are names of kind DNS, the common name does not count. */
static bool carries_name(const mbedtls_x509_crt *crt, const char *name)
{
	char common[COAPS_NAME_MAX + 1];
	bool any = false;

	if (crt->ext_types & MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) {
		for (const mbedtls_x509_sequence *s = &crt->subject_alt_names; s; s = s->next) {
			if ((s->buf.tag & 0x1f) != MBEDTLS_X509_SAN_DNS_NAME)
				continue;
			any = true;
			if (same_name(&s->buf, name))
				return true;
		}
	}
	return !any && coaps_peer_name(crt, common) && strcasecmp(common, name) == 0;
}

static bool has_usage(const mbedtls_x509_crt *crt, const char *oid, size_t n)
{
	for (const mbedtls_x509_sequence *s = &crt->ext_key_usage; s; s = s->next)
		if (s->buf.len == n && memcmp(s->buf.p, oid, n) == 0)
			return true;
	return false;
}

/* That it says what it is for, and that it is this alone: mbedTLS lets one pass that says nothing. */
static bool is_for(const mbedtls_x509_crt *crt, bool server)
{
	bool servers = has_usage(crt, MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH));
	bool clients = has_usage(crt, MBEDTLS_OID_CLIENT_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH));

	return !crt->ca_istrue && servers == server && clients == !server;
}

enum err coaps_peer_check(const mbedtls_x509_crt *crt, const struct coaps_expect *e, struct why *why)
{
	char name[COAPS_NAME_MAX + 1] = "?";
	const char *role = e->server ? "servers" : "clients";

	if (!crt)
		return fail(why, ERR_DENIED, "no certificate was shown");
	if (!coaps_peer_name(crt, name))
		return fail(why, ERR_DENIED, "its certificate has no common name of 1 to %d bytes",
			    COAPS_NAME_MAX);
	if (!is_for(crt, e->server))
		return fail(why, ERR_DENIED, "the certificate of '%s' is not one for %s alone", name, role);
	if (e->name && !carries_name(crt, e->name))
		return fail(why, ERR_DENIED, "its certificate is of '%s', not of '%s'", name, e->name);
	if (mbedtls_x509_time_is_past(&crt->valid_to))
		return fail(why, ERR_DENIED, "the certificate of '%s' expired on %04d-%02d-%02d", name,
			    crt->valid_to.year, crt->valid_to.mon, crt->valid_to.day);
	if (!e->future_ok && mbedtls_x509_time_is_future(&crt->valid_from))
		return fail(why, ERR_DENIED, "the certificate of '%s' is valid from %04d-%02d-%02d on only",
			    name, crt->valid_from.year, crt->valid_from.mon, crt->valid_from.day);
	return ERR_OK;
}
