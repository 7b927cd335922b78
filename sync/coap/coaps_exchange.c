/*
 * An exchange: a request from its message to its owner, who answers at once or later. See coaps_session.h.
 */
#include "coaps_session.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "format.h"
#include "log.h"

struct token exchange_token(coap_bin_const_t from)
{
	struct token t = {.length = (uint8_t)(from.length <= TOKEN_MAX ? from.length : TOKEN_MAX)};

	memcpy(t.bytes, from.s, t.length);
	return t;
}

static void set_code(coap_pdu_t *pdu, unsigned code)
{
	coap_pdu_set_code(pdu, (coap_pdu_code_t)code);
}

/* Blocks of two answers are told apart by it, if what is there changes while they are fetched. */
static bool etag_add(coap_pdu_t *pdu, const uint8_t *body, size_t length)
{
	struct digest d;

	digest_of(body, length, &d);
	return coap_add_option(pdu, COAP_OPTION_ETAG, 8, d.bytes) > 0;
}

/* An answer goes out in blocks: the first time all of it is kept, the last time it is forgotten. */
static void keep_blocks(struct coaps_exchange *x, const uint8_t *body, size_t length, bool more)
{
	struct session *p = x->session;

	if (!x->key)
		return;
	if (!more && strcmp(p->served_key, x->key) == 0)
		session_serve_end(p);
	else if (more && strcmp(p->served_key, x->key) != 0)
		session_serve(p, x->key, body, length);
}

static bool answer_add(coap_pdu_t *pdu, struct coaps_exchange *x, unsigned code, const uint8_t *body,
		       size_t length, bool words)
{
	const bool success = code >> 5 == 2;
	size_t room = coaps_room(x->session->coap), from = 0, n = length;
	struct coaps_block b = x->block2;

	if (x->has_block2 || n > room) {
		size_t size = coaps_block_size(b.szx);

		from = b.number * size;
		n = from >= length ? 0 : length - from < size ? length - from : size;
		b.more = from + n < length;
	}
	set_code(pdu, code);
	if (n < length && !etag_add(pdu, body, length))
		return false;
	if (success && x->observe && !coaps_number_add(pdu, COAP_OPTION_OBSERVE, 1))
		return false;
	if (length && !words && !coaps_number_add(pdu, COAP_OPTION_CONTENT_FORMAT, COAPS_FORMAT_CBOR))
		return false;
	if ((x->has_block2 || length > room) && !coaps_block_add(pdu, COAP_OPTION_BLOCK2, &b))
		return false;
	if (x->has_block1 && !coaps_block_add(pdu, COAP_OPTION_BLOCK1, &x->block1))
		return false;
	if (from == 0 && b.more && !coaps_number_add(pdu, COAP_OPTION_SIZE2, (uint32_t)length))
		return false;
	if (n && !coap_add_data(pdu, n, body + from))
		return false;
	if (n < length && x->method == COAPS_GET)
		keep_blocks(x, body, length, b.more); /* body may be what it frees */
	return true;
}

coap_pdu_t *exchange_message(const struct coaps_exchange *x)
{
	coap_session_t *coap = x->session->coap;
	coap_pdu_type_t type = x->confirmable ? COAP_MESSAGE_CON : COAP_MESSAGE_NON;
	coap_pdu_t *pdu = coap_pdu_init(type, 0, coap_new_message_id(coap), coap_session_max_pdu_size(coap));

	if (pdu && !coap_add_token(pdu, x->token.length, x->token.bytes)) {
		coap_delete_pdu(pdu);
		return NULL;
	}
	return pdu;
}

void exchange_drop(struct coaps_exchange *x)
{
	free(x->path);
	free(x->key);
	free(x);
}

static void exchange_free(struct coaps_exchange *x)
{
	struct session *p = x->session;

	if (x->prev)
		x->prev->next = x->next;
	else
		p->exchanges = x->next;
	if (x->next)
		x->next->prev = x->prev;
	p->pending--;
	session_free_if_idle(p);
	exchange_drop(x);
}

static void respond(struct coaps_exchange *x, unsigned code, const void *body, size_t length, bool words)
{
	coap_session_t *coap = x->session->coap;
	coap_pdu_t *pdu = x->answer;

	assert(!x->done && code);
	x->done = true;
	if (code >> 5 == 2 && x->observe && x->path && coap)
		session_observe(x->session, &x->token, x->path);
	if (pdu) { /* the handler is running: libcoap sends it */
		if (!coap || !answer_add(pdu, x, code, body, length, words))
			set_code(pdu, COAPS_INTERNAL);
		return;
	}
	if (coap && coap_session_get_state(coap) == COAP_SESSION_STATE_ESTABLISHED) {
		pdu = exchange_message(x);
		if (pdu && answer_add(pdu, x, code, body, length, words))
			(void)coap_send(coap, pdu);
		else if (pdu)
			coap_delete_pdu(pdu);
	}
	exchange_free(x);
}

void coaps_respond(struct coaps_exchange *x, unsigned code, const void *body, size_t length)
{
	respond(x, code, body, length, false);
}

void coaps_refuse(struct coaps_exchange *x, unsigned code, const char *fmt, ...)
{
	char text[320];
	va_list args;

	va_start(args, fmt);
	format_words(text, sizeof(text), fmt, args);
	va_end(args);
	respond(x, code, text, strlen(text), true);
}

static struct coaps_exchange *exchange_new(struct session *p, const coap_pdu_t *request)
{
	struct coaps_exchange *x = calloc(1, sizeof(*x));
	uint32_t observe;

	if (!x)
		return NULL;
	x->session = p;
	x->token = exchange_token(coap_pdu_get_token(request));
	x->mid = coap_pdu_get_mid(request);
	x->confirmable = coap_pdu_get_type(request) == COAP_MESSAGE_CON;
	x->method = (enum coaps_method)coap_pdu_get_code(request);
	x->has_block1 = coaps_block_read(request, COAP_OPTION_BLOCK1, &x->block1);
	x->block2.szx = COAPS_SZX_MAX;
	x->has_block2 = coaps_block_read(request, COAP_OPTION_BLOCK2, &x->block2);
	if (x->method == COAPS_GET && coaps_number_read(request, COAP_OPTION_OBSERVE, &observe)) {
		x->observe = observe == 0;
		if (observe)
			session_unobserve(p, &x->token);
	}
	x->next = p->exchanges;
	if (x->next)
		x->next->prev = x;
	p->exchanges = x;
	p->pending++;
	return x;
}

/* A datagram that came twice while its first is being worked on. */
static bool is_repeat(const struct session *p, const coap_pdu_t *request)
{
	if (coaps_stream(p->coap))
		return false;
	for (const struct coaps_exchange *x = p->exchanges; x; x = x->next)
		if (x->mid == coap_pdu_get_mid(request))
			return true;
	return false;
}

/* What a peer does wrong it may do wrong without end: a bound on the lines. */
static void tell_refusal(struct session *p, unsigned code, const char *words)
{
	static struct log_limit limit = {.burst = 20, .period_ms = 10000};
	uint32_t left_out;

	p->server->counts.refused++;
	if (!log_limit_pass(&limit, clock_monotonic_us(&clock_system) / 1000, &left_out))
		return;
	if (left_out)
		log_info("%u more requests were refused meanwhile", left_out);
	log_info("%s %s: %s: %s", p->address, p->peer, coaps_code_show(code).text, words);
}

static void refuse(struct session *p, coap_pdu_t *response, unsigned code, const char *words)
{
	tell_refusal(p, code, words);
	set_code(response, code);
	(void)coap_add_data(response, strlen(words), (const uint8_t *)words);
}

/* The body, all blocks of it. False: it was answered. */
static bool whole_body(struct coaps_exchange *x, const coap_pdu_t *request, coap_pdu_t *response,
		       struct coaps_request *r)
{
	size_t n = 0;
	const uint8_t *bytes = NULL;

	(void)coap_get_data(request, &n, &bytes);
	if (!x->has_block1) {
		r->body = bytes;
		r->length = n;
		return true;
	}
	switch ((int)session_upload(x->session, r->path, &x->block1, bytes, n, &r->body, &r->length)) {
	case ERR_OK:
		return true;
	case ERR_STATE:
		set_code(response, COAPS_CONTINUE);
		(void)coaps_block_add(response, COAP_OPTION_BLOCK1, &x->block1);
		return false;
	case ERR_BUSY:
		refuse(x->session, response, COAPS_UNAVAILABLE, "too many uploads at once");
		return false;
	case ERR_LIMIT:
		tell_refusal(x->session, COAPS_TOO_LARGE, "a body in blocks that is too large");
		set_code(response, COAPS_TOO_LARGE);
		(void)coaps_number_add(response, COAP_OPTION_SIZE1, COAPS_BODY_MAX);
		return false;
	default:
		refuse(x->session, response, COAPS_INCOMPLETE, "this block does not follow the one before");
		return false;
	}
}

static void run_handler(struct coaps_server *s, struct session *p, const coap_pdu_t *request,
			struct coaps_request *r, coap_pdu_t *response)
{
	struct coaps_exchange *x = exchange_new(p, request);
	uint32_t format;

	if (!x) {
		set_code(response, COAPS_UNAVAILABLE);
		return;
	}
	r->method = x->method;
	r->observe = x->observe;
	r->format = coaps_number_read(request, COAP_OPTION_CONTENT_FORMAT, &format) ? (int)format : -1;
	if (!whole_body(x, request, response, r)) {
		exchange_free(x);
		return;
	}
	if (x->observe)
		x->path = strdup(r->path);
	if (x->method == COAPS_GET && asprintf(&x->key, "%s?%s", r->path, r->query) < 0)
		x->key = NULL;
	assert(response); /* while it is there, an answer does not end the exchange */
	x->answer = response;
	if (x->has_block2 && x->block2.number && x->key && strcmp(x->key, p->served_key) == 0)
		coaps_respond(x, COAPS_CONTENT, buf_front(&p->served), buf_length(&p->served));
	else
		s->o.handler(x, r, s->o.arg);
	if (x->has_block1 && !x->block1.more)
		session_upload_end(p);
	x->answer = NULL;
	if (x->done)
		exchange_free(x);
}

static void got_request(struct coaps_server *s, struct session *p, const coap_pdu_t *request,
			const coap_string_t *query, coap_pdu_t *response)
{
	struct coaps_request r = {.peer = p->peer, .serial = p->serial, .address = p->address, .query = ""};
	coap_string_t *path = coap_get_uri_path(request);
	const mbedtls_x509_crt *crt = mbedtls_ssl_get_peer_cert(coaps_tls(p->coap));

	if (!path || path->length > COAPS_PATH_MAX || (query && query->length > COAPS_QUERY_MAX) ||
	    memchr(path->s, '\0', path->length) || (query && memchr(query->s, '\0', query->length))) {
		refuse(p, response, COAPS_BAD_REQUEST,
		       "a path or query of more than 255 bytes, or with a NUL");
		coap_delete_string(path);
		return;
	}
	r.path = (const char *)path->s; /* both end in NUL: coap_new_string */
	if (query)
		r.query = (const char *)query->s;
	r.transport = coaps_stream(p->coap) ? COAPS_TLS : COAPS_DTLS;
	if (crt) {
		r.certificate = crt->raw.p;
		r.certificate_length = crt->raw.len;
	}
	run_handler(s, p, request, &r, response);
	coap_delete_string(path);
}

static bool has_option(const coap_pdu_t *pdu, coap_option_num_t option)
{
	coap_opt_iterator_t i;

	return coap_check_option(pdu, option, &i) != NULL;
}

/* What its options say of it, as far as one can say without knowing the resource. False: it was answered. */
static bool well_formed(struct session *p, const coap_pdu_t *request, coap_pdu_t *response)
{
	static const coap_option_num_t blocks[] = {COAP_OPTION_BLOCK1, COAP_OPTION_BLOCK2};
	struct coaps_block b;
	uint32_t format;

	for (size_t i = 0; i < 2; i++) {
		if (has_option(request, blocks[i]) && !coaps_block_read(request, blocks[i], &b)) {
			refuse(p, response, COAPS_BAD_REQUEST, "a block option of no size from 16 to 1,024");
			return false;
		}
	}
	if (has_option(request, COAP_OPTION_CONTENT_FORMAT) &&
	    (!coaps_number_read(request, COAP_OPTION_CONTENT_FORMAT, &format) ||
	     format != COAPS_FORMAT_CBOR)) {
		refuse(p, response, COAPS_UNSUPPORTED, "a content format other than 60, CBOR");
		return false;
	}
	return true;
}

/* An answer with code 0 is none yet. */
void exchange_handle(coap_resource_t *resource, coap_session_t *coap, const coap_pdu_t *request,
		     const coap_string_t *query, coap_pdu_t *response)
{
	struct coaps_server *s = coap_resource_get_userdata(resource);
	struct session *p = session_of(s, coap);
	struct why why;

	s->counts.requests++;
	if (!p) {
		set_code(response, COAPS_UNAVAILABLE); /* out of memory */
		return;
	}
	if (p->pending >= COAPS_PENDING_MAX) {
		refuse(p, response, COAPS_TOO_MANY, "too many requests without an answer");
		return;
	}
	if (!session_admitted(p, &why)) {
		refuse(p, response, COAPS_FORBIDDEN, why.text);
		return;
	}
	if (!is_repeat(p, request) && well_formed(p, request, response))
		got_request(s, p, request, query, response);
}
