/*
 * A running tilld as its neighbours see it: a scanner on a pty, a subscriber of the control socket. Its
 * folder holds tilld.conf (lane 1, scanner DIR/scanner, socket DIR/control.sock) and catalog.db.
 */
#ifndef BENCH_BOX_H
#define BENCH_BOX_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "measure.h"
#include "port.h"

#define BOX_LINE_MAX (1 << 18)

/* Lines from a socket, each lent until the next is read. */
struct lines {
	int fd;
	size_t from, end; /* unread: bytes[from] to bytes[end - 1] */
	char bytes[BOX_LINE_MAX];
};

/*
 * Waits for the next line, its newline taken off. first_ns (or NULL) is when its first byte was here: the
 * time after the read that brought it. NULL: nothing came within the patience of a benchmark.
 */
const char *lines_next(struct lines *l, size_t *n, int64_t *first_ns);

/* Forgets what was read, for a peer known to be quiet. */
void lines_drop(struct lines *l);

struct box {
	const char *program, *dir;
	char scanner[256], socket[256], config[256], log[256];
	struct port port;
	pid_t pid;
	int64_t next_id;
	struct lines *lines; /* subscribed to all lanes */
};

void box_init(struct box *b, const char *program, const char *dir);

/* Starts the program and returns when it has priced a first scan of the code, whose cart is still open. */
void box_start(struct box *b, const char *code);

/* Asks it to end, and waits. */
void box_stop(struct box *b);

/* Another connection to a program that runs already: to ask by, subscribed to nothing. */
void box_connect(const struct box *b, struct box *out);

/* Sends the code and its suffix. */
void box_scan(struct port *p, const char *code);

/*
 * A scan and its answer: the line, lent until the next is read, and the microseconds from before the code was
 * sent until its first byte was here. Lines that tell of a new catalog are passed over.
 */
const char *box_time_scan(struct port *p, struct lines *l, const char *code, size_t *n, double *us);

/*
 * Does a verb; members are those after "verb", such as "\"lane\":\"1\"". The answer, which must be ok, is the
 * caller's to free. Events before it are passed over.
 */
json_t *box_ask(struct box *b, const char *verb, const char *members);

#endif
