/*
 * What the server keeps of a session: who it is, its upload, its open exchanges, what it observes. Private to
 * the server.
 */
#ifndef TILL_COAPS_SESSION_H
#define TILL_COAPS_SESSION_H

#include "buf.h"
#include "coaps_lib.h"
#include "coaps_server.h"

#define TOKEN_MAX 8

struct token {
	uint8_t bytes[TOKEN_MAX];
	uint8_t length;
};

struct observation {
	struct token token;
	char *path;	 /* NULL: a free place */
	uint32_t number; /* of the last notification: RFC 7641 section 3.4 */
	uint64_t since;
};

struct session {
	struct coaps_server *server;
	coap_session_t *coap;
	char peer[COAPS_NAME_MAX + 1], serial[2 * 20 + 1], address[64];
	bool known;   /* the certificate was looked at */
	bool refused; /* and did not pass; said once */
	bool gone;    /* libcoap has dropped it; the last exchange frees it */
	struct buf upload;
	char upload_path[COAPS_PATH_MAX + 1];
	struct buf served; /* a large answer, while its blocks are fetched */
	char served_key[COAPS_PATH_MAX + COAPS_QUERY_MAX + 2];
	struct coaps_exchange *exchanges; /* that are not answered yet: */
	unsigned pending;
	struct observation observed[COAPS_OBSERVED_MAX];
	struct session *next, *prev;
};

struct coaps_server {
	struct loop *loop;
	coap_context_t *ctx;
	int fd; /* libcoap's epoll; -1: not watched */
	struct coaps_server_options o;
	uint16_t *ports;
	struct session *sessions;
	struct coaps_server_counts counts;
	size_t uploads; /* bytes of all together */
	uint64_t observations;
};

struct coaps_exchange {
	struct session *session;
	coap_pdu_t *answer; /* libcoap's, while the handler runs; NULL: it answers by a message of its own */
	struct token token;
	coap_mid_t mid;
	bool confirmable, observe, has_block1, has_block2;
	struct coaps_block block1, block2;
	enum coaps_method method;
	char *path; /* of an observation, else NULL */
	char *key;  /* "path?query" of a GET that asks for a block, else NULL */
	bool done;
	struct coaps_exchange *next, *prev;
};

/* libcoap's call for each request. */
void exchange_handle(coap_resource_t *resource, coap_session_t *coap, const coap_pdu_t *request,
		     const coap_string_t *query, coap_pdu_t *response);

/* An answer that comes later, or a notification: a message of its own, with the exchange's token. NULL: no
 * memory. */
coap_pdu_t *exchange_message(const struct coaps_exchange *x);
struct token exchange_token(coap_bin_const_t from);
void exchange_drop(struct coaps_exchange *x); /* its session has forgotten it */

/* The session's own, made when it is first seen; NULL: no memory. */
struct session *session_of(struct coaps_server *s, coap_session_t *coap);

/* libcoap is about to drop it. */
void session_gone(struct session *p);
void session_free_if_idle(struct session *p);

/* Whether its certificate may speak; the first time it is looked at, the answer is logged if it is no. */
bool session_admitted(struct session *p, struct why *why);

/* Registers, ends or finds what it observes. */
void session_observe(struct session *p, const struct token *token, const char *path);
void session_unobserve(struct session *p, const struct token *token);
void session_unobserve_all(struct session *p);

/*
 * Takes a block of an upload. ERR_OK: it was the last, *body is whole and valid until session_upload_end;
 * ERR_STATE: there is more to come; ERR_INVALID: it does not fit what came before; ERR_LIMIT: too large;
 * ERR_BUSY: the server has no room.
 */
enum err session_upload(struct session *p, const char *path, const struct coaps_block *b,
			const uint8_t *bytes, size_t n, const uint8_t **body, size_t *length) MUST_CHECK;
void session_upload_end(struct session *p);

/* Keeps an answer of which only a block goes out now; what was kept before is forgotten. */
void session_serve(struct session *p, const char *key, const uint8_t *body, size_t length);
void session_serve_end(struct session *p);

#endif
