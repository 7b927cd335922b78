/*
 * The server: libcoap's context, its ports, its turns in the loop, and notifications. Every path is libcoap's
 * "unknown resource": there is one handler (coaps_exchange.c), and what it means is its owner's.
 */
#include "coaps_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coaps_session.h"
#include "log.h"

#define SESSIONS_DEFAULT 4096
#define IDLE_S		 600 /* a session without a message ends */
#define ANONYMOUS_MAX	 16384

static int happened(coap_session_t *coap, const coap_event_t event)
{
	struct session *p = coap_session_get_app_data(coap);

	if (p && (event == COAP_EVENT_SERVER_SESSION_DEL || event == COAP_EVENT_SESSION_CLOSED ||
		  event == COAP_EVENT_TCP_CLOSED || event == COAP_EVENT_DTLS_CLOSED))
		session_gone(p);
	return 0;
}

/* A notification that nobody acknowledged, or that was not wanted. */
static void not_delivered(coap_session_t *coap, const coap_pdu_t *sent, const coap_nack_reason_t reason,
			  const coap_mid_t mid)
{
	struct session *p = coap_session_get_app_data(coap);
	struct token token;

	(void)reason;
	(void)mid;
	if (!p || !sent)
		return;
	token = exchange_token(coap_pdu_get_token(sent));
	session_unobserve(p, &token);
}

static void turn(int fd, unsigned events, void *arg)
{
	struct coaps_server *s = arg;

	(void)fd;
	(void)events;
	(void)coap_io_process(s->ctx, COAP_IO_NO_WAIT);
}

/* libcoap tells the address that it is bound to as text alone. */
static uint16_t port_of(const coap_endpoint_t *ep)
{
	char text[128];
	char *colon;

	snprintf(text, sizeof(text), "%s", coap_endpoint_str(ep));
	colon = strrchr(text, ':');
	return colon ? (uint16_t)strtoul(colon + 1, NULL, 10) : 0;
}

static enum err listen_on(struct coaps_server *s, size_t i, struct why *why)
{
	struct coaps_uri uri;
	coap_address_t at;
	coap_endpoint_t *ep;
	enum err e = coaps_uri_parse(s->o.listen[i], &uri, why);

	if (e == ERR_OK)
		e = coaps_resolve(&uri, true, &at, why);
	if (e != ERR_OK)
		return e;
	ep = coap_new_endpoint(s->ctx, &at, uri.transport == COAPS_TLS ? COAP_PROTO_TLS : COAP_PROTO_DTLS);
	if (!ep)
		return fail(why, ERR_INVALID, "%s: cannot listen there: is the port taken, and may we?",
			    s->o.listen[i]);
	s->ports[i] = uri.port ? uri.port : port_of(ep);
	return ERR_OK;
}

static enum err add_resource(struct coaps_server *s)
{
	static const coap_request_t methods[] = {COAP_REQUEST_GET, COAP_REQUEST_POST, COAP_REQUEST_PUT,
						 COAP_REQUEST_DELETE};
	coap_resource_t *r = coap_resource_unknown_init(exchange_handle);

	if (!r)
		return ERR_MEMORY;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		coap_register_request_handler(r, methods[i], exchange_handle);
	coap_resource_set_userdata(r, s);
	coap_add_resource(s->ctx, r);
	return ERR_OK;
}

static enum err set_up(struct coaps_server *s, struct why *why)
{
	unsigned most = s->o.sessions_max ? s->o.sessions_max : SESSIONS_DEFAULT;
	enum err e;

	s->ports = calloc(s->o.listen_count, sizeof(*s->ports));
	s->ctx = coaps_context();
	if (!s->ports || !s->ctx)
		return fail(why, ERR_MEMORY, "no memory for a CoAP server");
	coap_context_set_max_handshake_sessions(s->ctx, most);
	coap_context_set_max_idle_sessions(s->ctx, most);
	coap_context_set_session_timeout(s->ctx, IDLE_S);
	coap_register_event_handler(s->ctx, happened);
	coap_register_nack_handler(s->ctx, not_delivered);
	if (s->o.anonymous) /* who has shown nothing may not fill memory */
		coap_context_set_csm_max_message_size(s->ctx, ANONYMOUS_MAX);
	e = coaps_server_reload(s, why);
	if (e == ERR_OK)
		e = add_resource(s);
	for (size_t i = 0; i < s->o.listen_count && e == ERR_OK; i++)
		e = listen_on(s, i, why);
	if (e != ERR_OK)
		return e;
	s->fd = coap_context_get_coap_fd(s->ctx);
	return loop_watch(s->loop, s->fd, LOOP_READ, turn, s);
}

enum err coaps_server_new(struct loop *loop, const struct coaps_server_options *o, struct coaps_server **out,
			  struct why *why)
{
	struct coaps_server *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return fail(why, ERR_MEMORY, "no memory for a CoAP server");
	s->loop = loop;
	s->o = *o;
	s->fd = -1;
	e = set_up(s, why);
	if (e != ERR_OK) {
		coaps_server_free(s);
		return e;
	}
	*out = s;
	return ERR_OK;
}

void coaps_server_free(struct coaps_server *s)
{
	struct session *next;

	if (!s)
		return;
	for (struct session *p = s->sessions; p; p = next) {
		struct coaps_exchange *x;

		next = p->next;
		while ((x = p->exchanges) != NULL) {
			p->exchanges = x->next;
			exchange_drop(x);
		}
		p->pending = 0;
		session_free_if_idle(p);
	}
	if (s->fd >= 0)
		loop_unwatch(s->loop, s->fd);
	if (s->ctx)
		coap_free_context(s->ctx);
	assert(!s->sessions);
	free(s->ports);
	free(s);
}

enum err coaps_server_reload(struct coaps_server *s, struct why *why)
{
	return coaps_identity_set(s->ctx, &s->o.identity, !s->o.anonymous, NULL, why);
}

uint16_t coaps_server_port(const struct coaps_server *s, size_t i)
{
	assert(i < s->o.listen_count);
	return s->ports[i];
}

static void notify(struct session *p, struct observation *o, const void *body, size_t length)
{
	struct coaps_exchange as = {.session = p, .token = o->token, .confirmable = true};
	coap_pdu_t *pdu = exchange_message(&as);

	if (!pdu)
		return;
	coap_pdu_set_code(pdu, COAP_RESPONSE_CODE_CONTENT);
	if (coaps_number_add(pdu, COAP_OPTION_OBSERVE, ++o->number & 0xffffff) &&
	    coaps_number_add(pdu, COAP_OPTION_CONTENT_FORMAT, COAPS_FORMAT_CBOR) &&
	    coap_add_data(pdu, length, body))
		(void)coap_send(p->coap, pdu);
	else
		coap_delete_pdu(pdu);
}

void coaps_server_notify(struct coaps_server *s, const char *path, const void *body, size_t length)
{
	struct session *next;

	for (struct session *p = s->sessions; p; p = next) {
		next = p->next;
		for (size_t i = 0; i < COAPS_OBSERVED_MAX && !p->gone; i++)
			if (p->observed[i].path && strcmp(p->observed[i].path, path) == 0)
				notify(p, &p->observed[i], body, length);
	}
}

void coaps_server_drop(struct coaps_server *s, const char *peer)
{
	struct session *next;

	for (struct session *p = s->sessions; p; p = next) {
		next = p->next;
		if (p->coap && strcmp(p->peer, peer) == 0)
			coap_session_disconnected(p->coap, COAP_NACK_RST);
	}
}

void coaps_server_counts(const struct coaps_server *s, struct coaps_server_counts *out)
{
	*out = s->counts;
}
