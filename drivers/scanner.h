/*
 * A scanner: a transport, a profile that says how it talks, and the framing between them. Opens its device,
 * hands over whole scans, notices when the device goes away and takes it back when it returns (backoff from
 * 100 ms, doubling to 5 s). A device fault never ends the daemon.
 */
#ifndef TILL_SCANNER_H
#define TILL_SCANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "framing.h"
#include "loop.h"
#include "transport.h"

/* A named way to talk: what a scanner's data sheet gives as its factory setting. Every value can be set apart
 * in the configuration. */
struct scanner_profile {
	const char *name; /* "generic-serial", "honeywell", "zebra", "datalogic", "newland", "usb-cdc", ... */
	const char *text;
	struct line_settings line;
	struct framing_config framing;
};

const struct scanner_profile *scanner_profile_find(const char *name);
extern const struct scanner_profile scanner_profiles[]; /* ends with name NULL */

struct scanner_config {
	const char *name;
	const char *device;
	const struct transport *transport;
	struct line_settings line;
	struct framing_config framing;
	/*
	 * The same code again within this time of its last read is a double read and is dropped, so an
	 * article held before the scanner counts once; 0: every read counts.
	 */
	uint32_t repeat_ms;
};

enum scanner_state { SCANNER_DOWN, SCANNER_UP };

struct scanner_status {
	enum scanner_state state;
	uint64_t scans, bytes, dropped, opens; /* since start; dropped: half, over-long or double frames */
	char reason[160];		       /* why it is down, or "" */
};

struct scanner;

/* One scan: text without framing, valid during the call. n is at most FRAME_MAX. */
typedef void scanner_scan_fn(struct scanner *s, const char *text, size_t n, void *arg);

/* The scanner sent what is no scan (over-long, cut off); reason is a sentence fit for the log and the lane.
 */
typedef void scanner_fault_fn(struct scanner *s, const char *reason, void *arg);

/* Starts it; a device that is not there yet is no error. config is copied, its strings too. */
enum err scanner_new(struct loop *l, const struct scanner_config *config, scanner_scan_fn *on_scan,
		     scanner_fault_fn *on_fault, void *arg, struct scanner **out) MUST_CHECK;
void scanner_free(struct scanner *s); /* NULL is fine; not from its own on_scan or on_fault */

/* Told after each change of its state; scanner_status says why. Not told of the state it has already. */
typedef void scanner_state_fn(struct scanner *s, enum scanner_state state, void *arg);
void scanner_on_state(struct scanner *s, scanner_state_fn *fn);

const char *scanner_name(const struct scanner *s);
const char *scanner_device(const struct scanner *s);
void scanner_status(const struct scanner *s, struct scanner_status *out);

#endif
