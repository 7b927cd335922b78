/*
 * The control socket over the small shop, and its clients, for the tests of both ends. Clients and server
 * share a thread: a client sends, the loop turns, the client reads.
 */
#ifndef TILL_MINI_DESK_H
#define TILL_MINI_DESK_H

#include "mini_shop.h"

#include "control.h"

struct desk {
	struct mini_shop m;
	struct control *control;
	struct control_config config;
	char path[128];
};

/* A client's end. */
struct peer {
	int fd;
	struct buf in;
	char *line; /* the last one read */
};

struct desk *desk_new(const struct net *net); /* its clients are on the system's */
void desk_free(struct desk *d);

void peer_open(struct peer *p, const struct desk *d);
void peer_close(struct peer *p);

/* Sends all of it, and a newline behind a line, turning the loop when the socket is full. */
void say_n(const struct desk *d, const struct peer *p, const char *bytes, size_t n);
void say(const struct desk *d, const struct peer *p, const char *line);

/* What has come, without turning the loop. False at the end of the connection. */
bool hear_now(struct peer *p);
const char *next_line(struct peer *p);

/* The next line, as long as it takes; NULL at the end of the connection. */
const char *hear(const struct desk *d, struct peer *p);
const char *ask(const struct desk *d, struct peer *p, const char *request);

/* A member of a line by path, "" if absent; whole numbers and truth values as text. Valid until the next
 * call. */
const char *member(const char *line, const char *path);
void expect(const char *line, const char *path, const char *value);

#define TURNS_MAX 2000 /* of the loop that are waited for what has to come */

#define DESK_PEN "4006381333931" /* GTIN */

/* A scan of the pen, as from the lane's device. */
void device_scan(const struct desk *d, const char *lane);

#endif
