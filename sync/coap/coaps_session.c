/*
 * Sessions of the server: see coaps_session.h.
 */
#include "coaps_session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

struct session *session_of(struct coaps_server *s, coap_session_t *coap)
{
	struct session *p = coap_session_get_app_data(coap);

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->server = s;
	p->coap = coap;
	buf_init(&p->upload, COAPS_BODY_MAX);
	buf_init(&p->served, COAPS_BODY_MAX);
	coaps_address_show(coap_session_get_addr_remote(coap), p->address);
	p->next = s->sessions;
	if (p->next)
		p->next->prev = p;
	s->sessions = p;
	s->counts.sessions++;
	s->counts.open++;
	coap_session_set_app_data(coap, p);
	coap_session_set_nstart(coap, COAPS_DATAGRAMS);
	return p;
}

void session_free_if_idle(struct session *p)
{
	struct coaps_server *s = p->server;

	if (!p->gone || p->pending)
		return;
	if (p->prev)
		p->prev->next = p->next;
	else
		s->sessions = p->next;
	if (p->next)
		p->next->prev = p->prev;
	free(p);
}

void session_gone(struct session *p)
{
	if (p->gone)
		return;
	session_upload_end(p);
	session_serve_end(p);
	session_unobserve_all(p);
	coap_session_set_app_data(p->coap, NULL);
	p->coap = NULL;
	p->gone = true;
	p->server->counts.open--;
	session_free_if_idle(p);
}

static enum err look_at(struct session *p, const mbedtls_x509_crt **crt, struct why *why)
{
	const struct coaps_expect expect = {.server = false};
	mbedtls_ssl_context *tls = coaps_tls(p->coap);

	if (!tls)
		return fail(why, ERR_CLOSED, "the connection has ended");
	*crt = mbedtls_ssl_get_peer_cert(tls);
	if (*crt && mbedtls_ssl_get_verify_result(tls) != 0)
		return fail(why, ERR_DENIED, "its certificate was not verified");
	return coaps_peer_check(*crt, &expect, why);
}

bool session_admitted(struct session *p, struct why *why)
{
	const mbedtls_x509_crt *crt = NULL;

	if (p->server->o.anonymous)
		return true;
	if (look_at(p, &crt, why) == ERR_OK) {
		if (!p->known) {
			if (!coaps_peer_name(crt, p->peer)) /* coaps_peer_check has looked */
				return false;
			coaps_peer_serial(crt, p->serial);
			p->known = true;
		}
		return true;
	}
	if (!p->refused)
		log_warnx("%s is refused: %s", p->address, why->text);
	p->refused = true;
	p->server->counts.refused++;
	return false;
}

static bool same_token(const struct token *a, const struct token *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static void forget(struct session *p, struct observation *o)
{
	if (!o->path)
		return;
	free(o->path);
	o->path = NULL;
	p->server->counts.observed--;
}

void session_unobserve(struct session *p, const struct token *token)
{
	for (size_t i = 0; i < COAPS_OBSERVED_MAX; i++)
		if (p->observed[i].path && same_token(&p->observed[i].token, token))
			forget(p, &p->observed[i]);
}

void session_unobserve_all(struct session *p)
{
	for (size_t i = 0; i < COAPS_OBSERVED_MAX; i++)
		forget(p, &p->observed[i]);
}

void session_observe(struct session *p, const struct token *token, const char *path)
{
	struct observation *o = &p->observed[0];

	session_unobserve(p, token);
	for (size_t i = 0; i < COAPS_OBSERVED_MAX; i++) {
		if (!p->observed[i].path) {
			o = &p->observed[i];
			break;
		}
		if (p->observed[i].since < o->since)
			o = &p->observed[i];
	}
	forget(p, o);
	o->path = strdup(path);
	if (!o->path)
		return; /* it polls all the same */
	o->token = *token;
	o->number = 1;
	o->since = ++p->server->observations;
	p->server->counts.observed++;
}

void session_upload_end(struct session *p)
{
	p->server->uploads -= buf_length(&p->upload);
	buf_free(&p->upload);
	buf_init(&p->upload, COAPS_BODY_MAX);
}

enum err session_upload(struct session *p, const char *path, const struct coaps_block *b,
			const uint8_t *bytes, size_t n, const uint8_t **body, size_t *length)
{
	if (b->number == 0) {
		session_upload_end(p);
		strncpy(p->upload_path, path, sizeof(p->upload_path) - 1);
	}
	if (strcmp(path, p->upload_path) != 0 ||
	    b->number * coaps_block_size(b->szx) != buf_length(&p->upload) ||
	    (b->more && n != coaps_block_size(b->szx)))
		return ERR_INVALID;
	if (p->server->uploads + n > COAPS_UPLOADS_MAX)
		return ERR_BUSY;
	if (buf_length(&p->upload) + n > COAPS_BODY_MAX || !buf_add(&p->upload, bytes, n)) {
		session_upload_end(p);
		return ERR_LIMIT;
	}
	p->server->uploads += n;
	if (b->more)
		return ERR_STATE;
	*body = buf_front(&p->upload);
	*length = buf_length(&p->upload);
	return ERR_OK;
}

void session_serve_end(struct session *p)
{
	buf_free(&p->served);
	buf_init(&p->served, COAPS_BODY_MAX);
	p->served_key[0] = '\0';
}

void session_serve(struct session *p, const char *key, const uint8_t *body, size_t length)
{
	session_serve_end(p);
	if (strlen(key) < sizeof(p->served_key) && buf_add(&p->served, body, length))
		snprintf(p->served_key, sizeof(p->served_key), "%s", key);
}
