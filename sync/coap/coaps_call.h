/*
 * Requests in flight, by token: their blocks, their timers, their ends. Private to the client.
 */
#ifndef TILL_COAPS_CALL_H
#define TILL_COAPS_CALL_H

#include "buf.h"
#include "coaps_client.h"
#include "coaps_lib.h"
#include "coaps_lookup.h"

#define CLIENT_DROPPED_MAX 8

struct call {
	uint64_t token; /* 0: a free place; the first places of a new client count from 1 */
	struct coaps_client *client;
	enum coaps_method method;
	char *path, *query;
	uint8_t *body; /* NULL: it went in one message */
	size_t length;
	struct coaps_block sent;
	unsigned szx;	   /* of blocks, both ways */
	struct buf answer; /* blocks of it so far */
	uint8_t etag[8];   /* of the answer that they are blocks of */
	bool observe, notified;
	int64_t timeout_ms;
	struct loop_timer *timer;
	coaps_done *done;
	void *arg;
};

struct coaps_client {
	struct loop *loop;
	coap_context_t *ctx;
	int fd;
	struct coaps_client_options o;
	bool in_turn, freeing;
	bool heard_server;	    /* its half of the handshake has begun */
	struct coaps_expect expect; /* of the server */
	enum coaps_state state;
	enum coaps_transport transport;
	struct digest secret; /* of the last connection's session: the next has the same if it resumed that */
	bool resumed;
	struct coaps_lookup *lookup;		     /* while the host's address is looked up */
	coap_session_t *session;		     /* NULL while down or that */
	coap_session_t *dropped[CLIENT_DROPPED_MAX]; /* to be released after libcoap's turn */
	size_t dropped_count;
	struct loop_timer *timer; /* of connecting; and client_look_soon's */
	char reason[160];
	int64_t heard_us; /* when the other end was heard last */
	uint64_t tokens;
	struct call calls[COAPS_CALLS_MAX];
	size_t in_flight;
};

/* An answer is late: if nothing at all was heard for COAPS_SILENCE_MS, the connection is dead. */
void client_answer_late(struct coaps_client *c);

/* The connection may have ended outside of libcoap's turn: the loop's next turn looks. */
void client_look_soon(struct coaps_client *c);

/* All of them end without an answer. */
void calls_fail(struct coaps_client *c, const char *reason);

/* False: nobody asked. */
bool call_answered(struct coaps_client *c, const coap_pdu_t *received);
void call_not_delivered(struct coaps_client *c, const coap_pdu_t *sent, const char *reason);

#endif
