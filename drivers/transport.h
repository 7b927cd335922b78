/*
 * Transports: how bytes come from a device. A driver is one file that ends in the only symbol it exports,
 * and a line in transports.c; transport_skel.c is a small working one to copy.
 *
 * The contract. open gives a non-blocking descriptor or an error that names the device and the fix; it is
 * called again after every loss, and resolves by-id names anew each time. read takes what is there, at
 * most size bytes: more than 0 is a count, 0 means nothing now, and TRANSPORT_GONE that the device went
 * away. close gives back what open took, and is called once after each open. State lives in the port, so
 * two identical devices work side by side.
 */
#ifndef TILL_TRANSPORT_H
#define TILL_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

enum parity { PARITY_NONE, PARITY_EVEN, PARITY_ODD };
enum flow { FLOW_NONE, FLOW_XONXOFF, FLOW_RTSCTS };

struct line_settings {
	int64_t baud;	   /* 300 to 921600 */
	int64_t data_bits; /* 7 or 8 */
	int64_t parity;	   /* enum parity */
	int64_t stop_bits; /* 1 or 2 */
	int64_t flow;	   /* enum flow */
};

#define TRANSPORT_GONE (-1)

struct transport_port; /* each driver defines its own */

struct transport {
	const char *name;
	const char *text; /* for help and docs */
	enum err (*open)(const char *device, const struct line_settings *line, struct transport_port **out,
			 int *fd, struct why *why);
	ssize_t (*read)(struct transport_port *p, void *bytes, size_t size);
	ssize_t (*write)(struct transport_port *p, const void *bytes,
			 size_t n); /* may write less; TRANSPORT_GONE */
	void (*close)(struct transport_port *p);
};

/* "serial" (libserialport, real ports), "tty" (termios, ptys and virtual ports) or "pipe"; NULL if there is
 * none. */
const struct transport *transport_find(const char *name);

/* All of them, NULL-terminated, for help and for the test that lints the table. */
extern const struct transport *const transports[];

/* For drivers: what open returns when the system refuses device, with the fix. number is errno's value. */
enum err transport_refused(struct why *why, const char *device, int number) MUST_CHECK;

/*
 * For drivers: takes the device for this process alone, as far as others ask too (flock), so that two
 * daemons, or two lanes by mistake, do not each get half of a scan. ERR_BUSY names the fix.
 */
enum err transport_claim(int fd, const char *device, struct why *why) MUST_CHECK;

#endif
