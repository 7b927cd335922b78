/*
 * The client: its connection and how that fares. What is in flight is in coaps_call.c.
 */
#include "coaps_client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coaps_call.h"
#include "log.h"

#define NOBODY	   "nothing listens there, or the network is down"
#define CONNECT_MS 10000

/* libcoap holds the session while it calls us: it is let go of after its turn. */
static void drop_session(struct coaps_client *c)
{
	if (!c->session)
		return;
	coap_session_set_app_data(c->session, NULL);
	if (c->in_turn)
		coap_session_disconnected(c->session, COAP_NACK_NOT_DELIVERABLE);
	assert(c->dropped_count < CLIENT_DROPPED_MAX);
	c->dropped[c->dropped_count++] = c->session;
	c->session = NULL;
}

static void release_dropped(struct coaps_client *c)
{
	while (c->dropped_count)
		coap_session_release(c->dropped[--c->dropped_count]);
}

static void drop_lookup(struct coaps_client *c)
{
	coaps_lookup_cancel(c->lookup);
	c->lookup = NULL;
}

static void set_state(struct coaps_client *c, enum coaps_state state, const char *reason)
{
	c->state = state;
	if (c->o.changed)
		c->o.changed(state, reason, c->o.arg);
}

static void take_down(struct coaps_client *c, const char *reason)
{
	char kept[sizeof(c->reason)];

	if (c->state == COAPS_DOWN)
		return;
	snprintf(kept, sizeof(kept), "%s", reason);
	loop_timer_stop(c->timer);
	c->state = COAPS_DOWN;
	drop_lookup(c);
	drop_session(c);
	calls_fail(c, kept);
	if (c->state == COAPS_DOWN) /* no callback opened it anew */
		set_state(c, COAPS_DOWN, kept);
}

/* The handshake is done: is it the one we want to talk to? */
static void greet(struct coaps_client *c)
{
	mbedtls_ssl_context *tls = coaps_tls(c->session);
	struct why why = {""};
	struct digest secret;

	if (!tls) {
		take_down(c, "the connection ended during the handshake");
		return;
	}
	if (c->o.identity.ca &&
	    (mbedtls_ssl_get_verify_result(tls) != 0 ||
	     coaps_peer_check(mbedtls_ssl_get_peer_cert(tls), &c->expect, &why) != ERR_OK)) {
		take_down(c, why.text[0] ? why.text : "its certificate was not verified");
		return;
	}
	loop_timer_stop(c->timer);
	coaps_secret(tls, &secret);
	c->resumed = memcmp(secret.bytes, c->secret.bytes, sizeof(secret.bytes)) == 0;
	c->secret = secret;
	c->heard_us = clock_monotonic_us(loop_clock(c->loop));
	set_state(c, COAPS_UP, "");
}

/* Over DTLS no event tells that it is up: the session's state does. */
static void look(struct coaps_client *c)
{
	coap_session_state_t now;

	if (!c->session)
		return;
	now = coap_session_get_state(c->session);
	if (c->state == COAPS_CONNECTING && now == COAP_SESSION_STATE_ESTABLISHED)
		greet(c);
	else if (now == COAP_SESSION_STATE_NONE)
		take_down(c, c->reason[0] ? c->reason : "the connection ended");
}

/* When libcoap tells that a session is closed, its TLS is gone already. */
static void note_progress(struct coaps_client *c)
{
	const mbedtls_ssl_context *tls = coaps_tls(c->session);

	c->heard_server |= tls && tls->state > MBEDTLS_SSL_SERVER_HELLO;
}

static void turn(int fd, unsigned events, void *arg)
{
	struct coaps_client *c = arg;

	(void)fd;
	(void)events;
	if (c->state == COAPS_CONNECTING && c->session)
		note_progress(c);
	c->in_turn = true;
	(void)coap_io_process(c->ctx, COAP_IO_NO_WAIT);
	c->in_turn = false;
	look(c);
	release_dropped(c);
}

static void too_late(void *arg)
{
	struct coaps_client *c = arg;

	if (c->state == COAPS_UP)
		look(c);
	else
		take_down(c, c->lookup ? "name servers do not answer" : "no answer in time");
	release_dropped(c);
}

static int64_t now_us(const struct coaps_client *c)
{
	return clock_monotonic_us(loop_clock(c->loop));
}

void client_answer_late(struct coaps_client *c)
{
	if (c->state == COAPS_UP && now_us(c) - c->heard_us >= COAPS_SILENCE_MS * INT64_C(1000))
		take_down(c, "the other end is silent");
	if (!c->in_turn)
		release_dropped(c);
}

void client_look_soon(struct coaps_client *c)
{
	loop_timer_set(c->timer, 0);
}

/* Over UDP a port that nobody hears shows in nothing but that no handshake begins. */
static const char *why_closed(const struct coaps_client *c)
{
	if (c->state == COAPS_UP)
		return "the other end closed the connection";
	if (c->transport == COAPS_DTLS && !c->heard_server)
		return NOBODY;
	return "the handshake failed: it takes no certificate of ours, or its own is not one for servers";
}

static int happened(coap_session_t *session, const coap_event_t event)
{
	struct coaps_client *c = coap_session_get_app_data(session);

	if (!c)
		return 0;
	if (c->state == COAPS_CONNECTING && c->expect.refused.text[0])
		snprintf(c->reason, sizeof(c->reason), "%.159s", c->expect.refused.text);
	switch ((int)event) {
	case COAP_EVENT_TCP_FAILED:
		snprintf(c->reason, sizeof(c->reason), NOBODY);
		break;
	case COAP_EVENT_DTLS_ERROR:
		if (!c->reason[0])
			snprintf(c->reason, sizeof(c->reason),
				 "the handshake failed: certificates do not suit");
		break;
	case COAP_EVENT_DTLS_CLOSED:
	case COAP_EVENT_TCP_CLOSED:
	case COAP_EVENT_SESSION_CLOSED:
		if (!c->reason[0])
			snprintf(c->reason, sizeof(c->reason), "%s", why_closed(c));
		break;
	default:
		break;
	}
	return 0;
}

static coap_response_t answered(coap_session_t *session, const coap_pdu_t *sent, const coap_pdu_t *received,
				const coap_mid_t mid)
{
	struct coaps_client *c = coap_session_get_app_data(session);

	(void)sent;
	(void)mid;
	if (!c || c->state != COAPS_UP)
		return COAP_RESPONSE_OK;
	c->heard_us = now_us(c);
	return call_answered(c, received) ? COAP_RESPONSE_OK : COAP_RESPONSE_FAIL;
}

static void not_delivered(coap_session_t *session, const coap_pdu_t *sent, const coap_nack_reason_t reason,
			  const coap_mid_t mid)
{
	struct coaps_client *c = coap_session_get_app_data(session);

	(void)mid;
	if (c && sent && reason != COAP_NACK_ICMP_ISSUE)
		call_not_delivered(
			c, sent, reason == COAP_NACK_RST ? "it was refused (RST)" : "nobody acknowledged it");
}

static enum err set_identity(struct coaps_client *c, struct why *why)
{
	return coaps_identity_set(c->ctx, &c->o.identity, c->o.identity.ca != NULL, &c->expect, why);
}

enum err coaps_client_new(struct loop *loop, const struct coaps_client_options *o, struct coaps_client **out,
			  struct why *why)
{
	struct coaps_client *c = calloc(1, sizeof(*c));
	enum err e;

	if (!c)
		return fail(why, ERR_MEMORY, "no memory for a CoAP client");
	c->loop = loop;
	c->o = *o;
	c->fd = -1;
	c->expect = (struct coaps_expect){.server = true, .future_ok = o->future_ok, .name = o->name};
	c->ctx = coaps_context();
	e = c->ctx ? set_identity(c, why) : fail(why, ERR_MEMORY, "no memory for a CoAP client");
	if (e == ERR_OK)
		e = loop_timer_new(loop, too_late, c, &c->timer);
	if (e == ERR_OK)
		e = loop_watch(loop, coap_context_get_coap_fd(c->ctx), LOOP_READ, turn, c);
	if (e != ERR_OK) {
		coaps_client_free(c);
		return e;
	}
	c->fd = coap_context_get_coap_fd(c->ctx);
	coap_register_event_handler(c->ctx, happened);
	coap_register_response_handler(c->ctx, answered);
	coap_register_nack_handler(c->ctx, not_delivered);
	*out = c;
	return ERR_OK;
}

void coaps_client_free(struct coaps_client *c)
{
	if (!c)
		return;
	c->o.changed = NULL;
	c->freeing = true;
	coaps_client_close(c);
	release_dropped(c);
	if (c->fd >= 0)
		loop_unwatch(c->loop, c->fd);
	loop_timer_free(c->timer);
	if (c->ctx)
		coap_free_context(c->ctx);
	free(c);
}

static enum err connect_to(struct coaps_client *c, const coap_address_t *at, struct why *why)
{
	coap_tick_t now;

	c->session = coap_new_client_session(c->ctx, NULL, at,
					     c->transport == COAPS_TLS ? COAP_PROTO_TLS : COAP_PROTO_DTLS);
	if (!c->session)
		return fail(why, ERR_IO, "there is no way there");
	coap_session_set_app_data(c->session, c);
	coap_session_set_nstart(c->session, COAPS_DATAGRAMS);
	coap_ticks(&now);
	(void)coap_io_prepare_epoll(c->ctx, now); /* sets the timer of the handshake */
	return ERR_OK;
}

static void looked_up(const coap_address_t *at, const char *reason, void *arg)
{
	struct coaps_client *c = arg;
	struct why why;

	c->lookup = NULL; /* it goes by itself */
	if (!at)
		take_down(c, reason);
	else if (connect_to(c, at, &why) != ERR_OK)
		take_down(c, why.text);
}

enum err coaps_client_open(struct coaps_client *c, const struct coaps_uri *to, struct why *why)
{
	coap_address_t at;
	enum err e;

	if (c->state != COAPS_DOWN)
		return fail(why, ERR_STATE, "it is connected or connecting");
	if (!c->in_turn)
		release_dropped(c);
	c->expect.refused.text[0] = '\0';
	c->reason[0] = '\0';
	c->heard_server = false;
	c->transport = to->transport;
	if (coaps_resolve_number(to, &at))
		e = connect_to(c, &at, why);
	else
		e = coaps_lookup_begin(c->loop, to, looked_up, c, &c->lookup, why);
	if (e != ERR_OK)
		return e;
	c->state = COAPS_CONNECTING;
	loop_timer_set(c->timer, c->o.connect_ms ? c->o.connect_ms : CONNECT_MS);
	return ERR_OK;
}

void coaps_client_close(struct coaps_client *c)
{
	if (c->state == COAPS_DOWN)
		return;
	loop_timer_stop(c->timer);
	c->state = COAPS_DOWN;
	drop_lookup(c);
	drop_session(c);
	calls_fail(c, "the connection was closed");
	if (!c->in_turn)
		release_dropped(c);
}

enum coaps_state coaps_client_state(const struct coaps_client *c)
{
	return c->state;
}

enum coaps_transport coaps_client_transport(const struct coaps_client *c)
{
	return c->transport;
}

bool coaps_client_valid_at(const struct coaps_client *c, int64_t utc_ms)
{
	mbedtls_ssl_context *tls = c->state == COAPS_UP ? coaps_tls(c->session) : NULL;
	const mbedtls_x509_crt *crt = tls ? mbedtls_ssl_get_peer_cert(tls) : NULL;

	return crt && coaps_utc_ms(&crt->valid_from) <= utc_ms && utc_ms <= coaps_utc_ms(&crt->valid_to);
}

bool coaps_client_resumed(const struct coaps_client *c)
{
	return c->resumed;
}

enum err coaps_client_reload(struct coaps_client *c, bool future_ok, struct why *why)
{
	c->expect.future_ok = future_ok;
	return set_identity(c, why);
}

size_t coaps_client_message_room(const struct coaps_client *c)
{
	return c->state == COAPS_UP ? coaps_room(c->session) : COAPS_DATAGRAM_BLOCK;
}
