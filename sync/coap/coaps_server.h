/*
 * The server: listens on TCP and UDP ports, hands each request to one function, answers now or later, and
 * tells those who observe a path that it changed.
 *
 * Malformed messages never reach the handler. Bounds: COAPS_BODY_MAX a body, one upload in blocks a session,
 * COAPS_UPLOADS_MAX bytes of them together (5.03 beyond), COAPS_PENDING_MAX requests of a session without an
 * answer (4.29 beyond), COAPS_OBSERVED_MAX observations a session (the oldest goes).
 */
#ifndef TILL_COAPS_SERVER_H
#define TILL_COAPS_SERVER_H

#include "coaps.h"
#include "loop.h"

#define COAPS_UPLOADS_MAX  (64 << 20)
#define COAPS_PENDING_MAX  64
#define COAPS_OBSERVED_MAX 8

struct coaps_server;
struct coaps_exchange; /* a request that has no answer yet */

/* Valid while the handler runs. */
struct coaps_request {
	/*
	 * Of the client's certificate: its common name, its serial number in hexadecimal, the whole in DER.
	 * The chain, the dates and the purpose were checked, now and not only when it connected; whether it
	 * was revoked is the handler's to look up. "" from a server that takes clients without certificate.
	 */
	const char *peer, *serial;
	const uint8_t *certificate;
	size_t certificate_length;

	const char *address; /* "192.0.2.7:40312" */
	enum coaps_transport transport;
	enum coaps_method method;
	const char *path;  /* "v1/boxes/7/events": no slash at the beginning */
	const char *query; /* "after=9&n=2"; "" */
	const uint8_t *body;
	size_t length;
	int format;   /* content format; -1: it does not say */
	bool observe; /* wants to hear of changes: answer COAPS_CONTENT, and it is registered */
};

/* Answers x once, at once or later, with coaps_respond. */
typedef void coaps_handler(struct coaps_exchange *x, const struct coaps_request *r, void *arg);

struct coaps_server_options {
	struct coaps_identity identity;
	const char *const *listen; /* "coaps+tcp://[::]:5684", "coaps://0.0.0.0:5684" ...; port 0: any */
	size_t listen_count;
	bool anonymous;	       /* takes clients without a certificate, and asks for none: enrolment */
	unsigned sessions_max; /* in handshake and idle, each; 0: 4096 */
	coaps_handler *handler;
	void *arg;
};

/* What the options point to must outlive the server. ERR_INVALID names the file or address that is wrong. */
enum err coaps_server_new(struct loop *loop, const struct coaps_server_options *o, struct coaps_server **out,
			  struct why *why) MUST_CHECK;

/* Exchanges that are open are dropped; do not answer them any more. */
void coaps_server_free(struct coaps_server *s);

/* New sessions use the identity's files as they are now; sessions that exist go on. On failure nothing
 * changed. */
enum err coaps_server_reload(struct coaps_server *s, struct why *why) MUST_CHECK;

/* The port behind listen[i]: what port 0 came to. */
uint16_t coaps_server_port(const struct coaps_server *s, size_t i);

/* Ends the exchange. A client that has gone is no matter. body is copied. */
void coaps_respond(struct coaps_exchange *x, unsigned code, const void *body, size_t length);

/* The same with words for a person as the body (a diagnostic payload, RFC 7252 section 5.5.2). */
void coaps_refuse(struct coaps_exchange *x, unsigned code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Sends each that observes exactly this path the body, 1,000 bytes at most. */
void coaps_server_notify(struct coaps_server *s, const char *path, const void *body, size_t length);

/* Closes all sessions of the peer of that name: revoked. */
void coaps_server_drop(struct coaps_server *s, const char *peer);

struct coaps_server_counts {
	uint64_t sessions, requests,
		refused; /* since start; refused: no valid certificate, no valid message */
	unsigned open, observed;
};
void coaps_server_counts(const struct coaps_server *s, struct coaps_server_counts *out);

#endif
