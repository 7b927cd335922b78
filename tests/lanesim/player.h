/*
 * Plays a script: bytes to the port at the line's pace, requests to the control socket.
 */
#ifndef LANESIM_PLAYER_H
#define LANESIM_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "control.h"
#include "port.h"
#include "script.h"

struct player {
	const char *file; /* the script's name, for messages */
	const struct script *script;
	struct port *port;
	struct control *control;
	int64_t baud;	     /* ten bits a byte: start, eight of data, stop */
	int64_t speed_milli; /* 2000: everything twice as fast */
	bool paced;	     /* wait for the lane's answer to each scan */
};

/* Subscribes to the lane, if there is a control socket. */
enum err player_subscribe(struct player *p, struct why *why) MUST_CHECK;

/*
 * Plays the script once. ERR_STATE when told to stop; else why says which step failed: ERR_NOT_FOUND or
 * ERR_CLOSED for what did not come, ERR_INVALID for a step that cannot be, ERR_IO for the port.
 */
enum err player_run(struct player *p, struct why *why) MUST_CHECK;

/* Waits, at most two seconds, until all that was sent is read: an unplugged pty forgets the rest. */
enum err player_drain(struct player *p) MUST_CHECK;

#endif
