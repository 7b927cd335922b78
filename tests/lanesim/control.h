/*
 * lanesim's client of the control socket (docs/control.md): subscribed to one lane, it keeps the lines that
 * come for steps that look for one. Also the clock of the player: every wait goes through control_pump, so
 * the socket is read and a signal is seen whatever the script is at.
 */
#ifndef LANESIM_CONTROL_H
#define LANESIM_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

#define CONTROL_PATIENCE_MS 5000
#define CONTROL_KEPT_MAX    (1u << 20) /* lines kept for expect; older ones are dropped */

struct control {
	int fd;	     /* -1: none */
	int stop_fd; /* readable: stop, a signalfd; or -1 */
	const char *lane;
	int64_t next_id;
	struct buf in;
	uint64_t gone; /* bytes that were dropped off in's front: places are counted from the first byte ever
			*/
	uint64_t cursor; /* place behind the last line that an expect took */
};

void control_init(struct control *c, int stop_fd);
void control_free(struct control *c);

/* Connects, waiting CONTROL_PATIENCE_MS for the socket to appear. lane is not copied. */
enum err control_open(struct control *c, const char *path, const char *lane, struct why *why) MUST_CHECK;

int64_t control_now_us(void);

/* Reads what comes until then. ERR_STATE when told to stop, ERR_CLOSED when the daemon hung up. */
enum err control_pump(struct control *c, int64_t until_us) MUST_CHECK;

/* The place where the lines that come from now on start. */
uint64_t control_mark(const struct control *c);

/* Sends a request, id and (if it has none) lane added; its answer is a line whose id is *id. */
enum err control_send(struct control *c, const char *request, int64_t *id, struct why *why) MUST_CHECK;

/*
 * Waits for a line from *place on that fits, and lends it until the next pump; *place is behind it then.
 * ERR_NOT_FOUND if none comes within CONTROL_PATIENCE_MS, or as control_pump.
 */
typedef bool control_fits_fn(const char *line, size_t n, const void *arg);
enum err control_await(struct control *c, uint64_t *place, control_fits_fn *fits, const void *arg,
		       const char **line, size_t *n) MUST_CHECK;

#endif
