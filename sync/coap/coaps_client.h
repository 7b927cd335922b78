/*
 * The client: one connection to one address at a time, several requests in flight. It neither connects again
 * nor falls back by itself: that is sync/link's.
 */
#ifndef TILL_COAPS_CLIENT_H
#define TILL_COAPS_CLIENT_H

#include "coaps.h"
#include "loop.h"

#define COAPS_CALLS_MAX 64 /* in flight, observations among them */

/*
 * A connection on which an answer is late and nothing was heard for so long is taken down: over DTLS a server
 * that began anew is silent to its old sessions, and over TLS a line may be cut without a word.
 */
#define COAPS_SILENCE_MS 5000

struct coaps_client;

enum coaps_state { COAPS_DOWN, COAPS_CONNECTING, COAPS_UP };

struct coaps_client_options {
	struct coaps_identity identity; /* what it points to must outlive the client */
	const char
		*name; /* that the server's certificate must carry: a SAN of kind DNS, else the common name */
	/*
	 * Takes a server certificate that is not yet valid by this machine's clock: for a clock that stands
	 * years back. Everything else is checked. Without a CA (identity.ca NULL) any server is taken: to ask
	 * for its CA, which is then compared with what is known of it; send it no secret.
	 */
	bool future_ok;
	int64_t connect_ms; /* an attempt is given up after; 0: 10 s */

	/* On the loop's thread, never inside a call of this header; reason is why it is down, else "". */
	void (*changed)(enum coaps_state state, const char *reason, void *arg);
	void *arg;
};

enum err coaps_client_new(struct loop *loop, const struct coaps_client_options *o, struct coaps_client **out,
			  struct why *why) MUST_CHECK;
void coaps_client_free(struct coaps_client *c); /* no callback runs any more; not inside one */

/* Begins to connect: `changed` tells how it went. ERR_STATE: it is not down. */
enum err coaps_client_open(struct coaps_client *c, const struct coaps_uri *to, struct why *why) MUST_CHECK;

/* Down without `changed`; what is in flight fails. Safe inside callbacks. */
void coaps_client_close(struct coaps_client *c);

enum coaps_state coaps_client_state(const struct coaps_client *c);
enum coaps_transport coaps_client_transport(const struct coaps_client *c);

/* Whether this connection took up an earlier one's session (a ticket) instead of a whole handshake. */
bool coaps_client_resumed(const struct coaps_client *c);

/* Whether the server's certificate is valid at that time (UTC): for who has future_ok, once the time is
 * known.
 */
bool coaps_client_valid_at(const struct coaps_client *c, int64_t utc_ms);

/* The certificate's files have changed: used from the next open on. ERR_INVALID: they cannot be read. */
enum err coaps_client_reload(struct coaps_client *c, bool future_ok, struct why *why) MUST_CHECK;

struct coaps_answer {
	unsigned code; /* as in coaps.h; 0: there is none, and why says why */
	struct why why;
	const uint8_t *body; /* valid while `done` runs */
	size_t length;
	bool notified; /* of an observation, not the first */
};
typedef void coaps_done(const struct coaps_answer *a, void *arg);

struct coaps_call {
	enum coaps_method method;
	const char *path;  /* "v1/stores/7/feed" */
	const char *query; /* "after=9"; NULL or "": none */
	const void *body;
	size_t length;
	bool observe; /* of a GET: `done` runs for each notification, until code 0 */
	int64_t timeout_ms;
	coaps_done *done; /* once; never inside coaps_client_send */
	void *arg;
};

/* Copies what it is given. ERR_LIMIT: COAPS_CALLS_MAX are in flight; ERR_STATE: not connected. */
enum err coaps_client_send(struct coaps_client *c, const struct coaps_call *call) MUST_CHECK;

/* Bytes of a body that go in one message on this connection: no blocks. */
size_t coaps_client_message_room(const struct coaps_client *c);

#endif
