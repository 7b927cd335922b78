/*
 * One client of the control socket: its lines in, its bytes out. Knows nothing of what the lines say.
 *
 * A client that broke off, does not read or made the system fail is doomed, and is closed at the end of the
 * loop's turn, so that nobody up the stack holds a client that is gone. A slot's generation rises with each
 * client, so an answer that comes late finds out that its client left.
 */
#ifndef TILL_CLIENT_H
#define TILL_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "buf.h"
#include "loop.h"
#include "net.h"

#define CLIENT_ID_MAX 128 /* bytes of a request's id, as JSON */

struct control;
struct lane;

/* The line; it with hints; the whole cart; and whatever its lane, events of prices and promotions. */
enum { CLIENT_HEARS_LINE = 1, CLIENT_HEARS_HINTS = 2, CLIENT_HEARS_CART = 4, CLIENT_HEARS_SHOP = 8 };

struct client {
	struct control *control;
	const struct net *net;
	int fd; /* -1: a free slot */
	uint32_t generation;
	struct ucred peer;
	struct buf in, out;
	size_t looked;	 /* bytes of `in` that hold no newline, so far as it was looked */
	bool discarding; /* the rest of a line that was too long */
	bool more;	 /* there may be lines left: the turn is over, or too much waits for the client */
	bool eof;	 /* it sends no more; what it asked for is still answered */
	bool doomed;
	unsigned watched;
	uint32_t pending; /* requests that wait */

	/* What it subscribed to: one lane, or all; and what it hears of a change of a line. */
	const struct lane *lane;
	bool all;
	unsigned hears; /* CLIENT_HEARS_LINE or CLIENT_HEARS_HINTS, and CLIENT_HEARS_CART */
};

/* A whole line without its newline; over_long: text is its beginning only. */
typedef void client_line_fn(struct client *c, const char *line, size_t n, bool over_long);

void client_open(struct client *c, struct control *control, const struct net *net, int fd);
void client_close(struct client *c, struct loop *loop);
void client_doom(struct client *c, const char *reason);

/* Reads once, at most CLIENT_READ_SIZE bytes. */
void client_read(struct client *c);

/*
 * Hands over a whole line, if there is one and no more than CONTROL_OUTPUT_PAUSE bytes wait for the client:
 * false if not. `more` then says whether there may be one later without more being read.
 */
bool client_line(struct client *c, client_line_fn *fn);

/* Too much waits for it: it has to read before it is heard again. */
bool client_paused(const struct client *c);

/* Sends at once, past the queue if that is empty; what does not go is queued. Too much dooms the client. */
void client_send(struct client *c, const void *bytes, size_t n);

/* Sends what is queued, as far as it goes. */
void client_flush(struct client *c);

/* Gives back the memory that a large request or answer took; how much. */
size_t client_shrink(struct client *c);

/* Watches for what the client's state calls for. */
void client_watch(struct client *c, struct loop *loop, loop_fd_fn *fn);

#endif
