/*
 * Requests in flight: see coaps_call.h. A body that does not fit a message goes up block by block (Block1),
 * an answer that did not fit is fetched block by block (Block2); each block waits for the one before.
 */
#include "coaps_call.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void call_end(struct call *k, struct coaps_answer *a)
{
	struct coaps_client *c = k->client;
	struct call was = *k;

	loop_timer_free(k->timer);
	*k = (struct call){0};
	c->in_flight--;
	if (!c->freeing)
		was.done(a, was.arg);
	free(was.path);
	free(was.query);
	free(was.body);
	buf_free(&was.answer);
}

static void call_fail(struct call *k, const char *reason)
{
	struct coaps_answer a = {.code = 0};

	(void)fail(&a.why, ERR_CLOSED, "%s", reason);
	call_end(k, &a);
}

void calls_fail(struct coaps_client *c, const char *reason)
{
	/* What a callback sends anew is not among them: there is no connection. */
	for (size_t i = 0; i < COAPS_CALLS_MAX; i++)
		if (c->calls[i].token)
			call_fail(&c->calls[i], reason);
}

static void too_late(void *arg)
{
	struct call *k = arg;
	struct coaps_client *c = k->client;

	call_fail(k, "no answer in time");
	client_answer_late(c);
}

static struct call *find(struct coaps_client *c, coap_bin_const_t token)
{
	uint64_t wanted;

	if (token.length != sizeof(wanted))
		return NULL;
	memcpy(&wanted, token.s, sizeof(wanted));
	for (size_t i = 0; i < COAPS_CALLS_MAX; i++)
		if (c->calls[i].token == wanted && wanted)
			return &c->calls[i];
	return NULL;
}

static bool add_options(const struct call *k, coap_pdu_t *pdu, const struct coaps_block *up,
			const struct coaps_block *down)
{
	if (k->observe && !down && !coaps_number_add(pdu, COAP_OPTION_OBSERVE, 0))
		return false;
	if (!coaps_pieces_add(pdu, COAP_OPTION_URI_PATH, k->path, '/'))
		return false;
	if ((up || k->length) && !coaps_number_add(pdu, COAP_OPTION_CONTENT_FORMAT, COAPS_FORMAT_CBOR))
		return false;
	if (!coaps_pieces_add(pdu, COAP_OPTION_URI_QUERY, k->query, '&'))
		return false;
	if (down && !coaps_block_add(pdu, COAP_OPTION_BLOCK2, down))
		return false;
	if (up && !coaps_block_add(pdu, COAP_OPTION_BLOCK1, up))
		return false;
	return !up || up->number > 0 || coaps_number_add(pdu, COAP_OPTION_SIZE1, (uint32_t)k->length);
}

static enum err transmit(struct call *k, const struct coaps_block *up, const struct coaps_block *down,
			 const void *body, size_t n)
{
	coap_session_t *session = k->client->session;
	coap_pdu_t *pdu;

	if (coap_session_get_state(session) !=
	    COAP_SESSION_STATE_ESTABLISHED) { /* libcoap would connect anew */
		client_look_soon(k->client);
		return ERR_CLOSED;
	}
	pdu = coap_pdu_init(COAP_MESSAGE_CON, (coap_pdu_code_t)k->method, coap_new_message_id(session),
			    coap_session_max_pdu_size(session));

	if (!pdu)
		return ERR_MEMORY;
	if (!coap_add_token(pdu, sizeof(k->token), (const uint8_t *)&k->token) ||
	    !add_options(k, pdu, up, down) || (n && !coap_add_data(pdu, n, body))) {
		coap_delete_pdu(pdu);
		return ERR_LIMIT;
	}
	if (coap_send(session, pdu) != COAP_INVALID_MID &&
	    coap_session_get_state(session) == COAP_SESSION_STATE_ESTABLISHED)
		return ERR_OK;
	client_look_soon(k->client); /* it broke while it was written to: no event tells */
	return ERR_CLOSED;
}

static enum err send_block(struct call *k)
{
	size_t size = coaps_block_size(k->sent.szx), from = k->sent.number * size;
	size_t n = k->length - from < size ? k->length - from : size;

	k->sent.more = from + n < k->length;
	return transmit(k, &k->sent, NULL, k->body + from, n);
}

static bool next_up(struct call *k, const coap_pdu_t *received)
{
	struct coaps_block taken;

	if (!k->body || !k->sent.more || !coaps_block_read(received, COAP_OPTION_BLOCK1, &taken) ||
	    taken.number != k->sent.number)
		return false;
	if (taken.szx < k->sent.szx &&
	    k->sent.number == 0) { /* it wants smaller ones: begin behind what it took */
		k->sent.number = (uint32_t)(coaps_block_size(k->sent.szx) / coaps_block_size(taken.szx)) - 1;
		k->sent.szx = taken.szx;
	}
	k->sent.number++;
	return send_block(k) == ERR_OK;
}

/* Whether it is a block of the same answer as the first. */
static bool same_answer(struct call *k, const coap_pdu_t *received, bool first)
{
	coap_opt_iterator_t i;
	coap_opt_t *found = coap_check_option(received, COAP_OPTION_ETAG, &i);
	uint8_t etag[sizeof(k->etag)] = {0};

	if (found && coap_opt_length(found) <= sizeof(etag))
		memcpy(etag, coap_opt_value(found), coap_opt_length(found));
	if (first)
		memcpy(k->etag, etag, sizeof(etag));
	return memcmp(k->etag, etag, sizeof(etag)) == 0;
}

/* An answer's block. True: there is more to come, and it was asked for. */
static bool next_down(struct call *k, const coap_pdu_t *received, const uint8_t *bytes, size_t n,
		      const char **wrong)
{
	struct coaps_block b;

	if (!coaps_block_read(received, COAP_OPTION_BLOCK2, &b) || (b.number == 0 && !b.more))
		return false;
	if (b.number == 0)
		buf_cut(&k->answer, 0);
	*wrong = "its answer in blocks is too large, changed meanwhile, or they do not follow each other";
	if (!same_answer(k, received, b.number == 0) ||
	    b.number * coaps_block_size(b.szx) != buf_length(&k->answer) || !buf_add(&k->answer, bytes, n) ||
	    (b.more && n != coaps_block_size(b.szx)))
		return false;
	*wrong = NULL;
	if (!b.more)
		return false;
	b = (struct coaps_block){.number = b.number + 1, .szx = b.szx};
	if (transmit(k, NULL, &b, NULL, 0) == ERR_OK)
		return true;
	*wrong = "the connection ended";
	return false;
}

static void deliver(struct call *k, const coap_pdu_t *received, const uint8_t *bytes, size_t n)
{
	struct coaps_answer a = {.code = coap_pdu_get_code(received), .body = bytes, .length = n};
	uint32_t number;

	if (buf_length(&k->answer)) {
		a.body = buf_front(&k->answer);
		a.length = buf_length(&k->answer);
	}
	a.notified = k->notified;
	if (k->observe && a.code >> 5 == 2 && coaps_number_read(received, COAP_OPTION_OBSERVE, &number)) {
		loop_timer_stop(k->timer);
		k->notified = true;
		k->done(&a, k->arg); /* may close the connection, which frees k */
		return;
	}
	call_end(k, &a);
}

bool call_answered(struct coaps_client *c, const coap_pdu_t *received)
{
	struct call *k = find(c, coap_pdu_get_token(received));
	const uint8_t *bytes = NULL;
	const char *wrong = NULL;
	size_t n = 0;

	if (!k)
		return false;
	(void)coap_get_data(received, &n, &bytes);
	if (coap_pdu_get_code(received) == COAP_RESPONSE_CODE_CONTINUE) {
		if (!next_up(k, received))
			call_fail(k, "an upload in blocks went wrong");
		return true;
	}
	if (next_down(k, received, bytes, n, &wrong))
		return true;
	if (wrong)
		call_fail(k, wrong);
	else
		deliver(k, received, bytes, n);
	return true;
}

void call_not_delivered(struct coaps_client *c, const coap_pdu_t *sent, const char *reason)
{
	struct call *k = find(c, coap_pdu_get_token(sent));

	if (k)
		call_fail(k, reason);
}

static struct call *call_new(struct coaps_client *c, const struct coaps_call *what)
{
	struct call *k = NULL;

	for (size_t i = 0; i < COAPS_CALLS_MAX && !k; i++)
		if (!c->calls[i].token)
			k = &c->calls[i];
	if (!k)
		return NULL;
	*k = (struct call){
		.client = c, .method = what->method, .length = what->length, .observe = what->observe};
	k->timeout_ms = what->timeout_ms;
	k->done = what->done;
	k->arg = what->arg;
	buf_init(&k->answer, COAPS_BODY_MAX);
	k->path = strdup(what->path);
	k->query = strdup(what->query ? what->query : "");
	if (!k->path || !k->query || loop_timer_new(c->loop, too_late, k, &k->timer) != ERR_OK) {
		free(k->path);
		free(k->query);
		*k = (struct call){0};
		return NULL;
	}
	k->token = ++c->tokens;
	c->in_flight++;
	return k;
}

static enum err begin(struct call *k, const void *body)
{
	if (k->length <= coaps_room(k->client->session))
		return transmit(k, NULL, NULL, body, k->length);
	k->body = malloc(k->length);
	if (!k->body)
		return ERR_MEMORY;
	memcpy(k->body, body, k->length);
	k->sent = (struct coaps_block){.szx = COAPS_SZX_MAX};
	return send_block(k);
}

enum err coaps_client_send(struct coaps_client *c, const struct coaps_call *call)
{
	struct call *k;
	enum err e;

	if (c->state != COAPS_UP)
		return ERR_STATE;
	if (call->length > COAPS_BODY_MAX)
		return ERR_LIMIT;
	k = call_new(c, call);
	if (!k)
		return ERR_LIMIT;
	e = begin(k, call->body);
	if (e == ERR_OK) {
		loop_timer_set(k->timer, k->timeout_ms);
		return ERR_OK;
	}
	loop_timer_free(k->timer);
	free(k->path);
	free(k->query);
	free(k->body);
	*k = (struct call){0};
	c->in_flight--;
	return e;
}
