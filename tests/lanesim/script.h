/*
 * Scripts of lanesim: one step a line, in plain words.
 *
 *	# a comment                 lines that start with it, and what follows " #" on the others
 *	suffix cr|lf|crlf|tab|etx|none   what ends each scan from here on; cr at the start
 *	scan 4006381333931          a code and the suffix; \xNN is a byte, \\ a backslash
 *	raw 30 31 ff 0d             bytes in hexadecimal, no suffix
 *	wait 500ms                  or 2s, 1.5s
 *	shopper "Ann"               a heading on standard output
 *	unplug, plug                the device goes away and comes back under its name
 *	replug                      another device takes the name, and the first goes away
 *	drain                       wait until all that was sent has been read, 5 s at most
 *	verb {"verb":"tender"}      a request on the control socket; its answer must be ok
 *	refused {"verb":"tender"}   a request whose answer must not be ok
 *	expect TEXT                 a line with TEXT comes from the control socket within 5 s
 *	repeat 3 ... end            the steps between, three times
 *
 * Faults, each with the suffix that holds:
 *	garbage 100 7               a hundred random bytes; 7 is the seed, and the same seed the same bytes
 *	double 4006381333931        one scan twice, with nothing between
 *	split 4006381333931 7 20ms  its first 7 bytes, and once they were read and 20 ms have passed (may be
 *	                            left out) the others
 *	cut 4006381333931 7         its first 7 bytes, and once they were read the plug is pulled
 *	flood 1000 CODE [CODE...]   a thousand times these codes, as fast as they are taken: no line's pace
 *
 * The parser takes bytes as they come and reads no file, so that a test can feed it.
 */
#ifndef LANESIM_SCRIPT_H
#define LANESIM_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

#define SCRIPT_LINE_MAX	   1024
#define SCRIPT_STEPS_MAX   20000
#define SCRIPT_DEPTH_MAX   8
#define SCRIPT_WAIT_MAX_MS 3600000
#define SCRIPT_REPEAT_MAX  1000000
#define SCRIPT_GARBAGE_MAX 65536

enum step_kind {
	STEP_SEND,  /* text: bytes; value 1 if the lane has something to say to them, raw: 0 */
	STEP_FLOOD, /* text: bytes; value: times */
	STEP_DRAIN,
	STEP_WAIT, /* value: milliseconds */
	STEP_SHOPPER,
	STEP_UNPLUG,
	STEP_PLUG,
	STEP_REPLUG,
	STEP_VERB, /* text: JSON; value 1 if it must be ok */
	STEP_EXPECT,
	STEP_REPEAT, /* value: times */
	STEP_END,    /* target: the step behind its repeat */
};

struct step {
	enum step_kind kind;
	unsigned line; /* in the file */
	const char *text;
	size_t length;
	int64_t value;
	size_t target;
};

/* A parsed script; a zeroed struct is empty. Its texts live until script_free. */
struct script {
	struct step *steps;
	size_t count, size;
	struct arena texts;
};

void script_free(struct script *s);

struct script_parser {
	struct script *script;
	const char *file; /* for messages */
	const char *suffix;
	char line[SCRIPT_LINE_MAX + 1];
	size_t used;
	unsigned number;	       /* of the line that is being read */
	size_t open[SCRIPT_DEPTH_MAX]; /* the repeats that wait for their end */
	size_t depth;
};

void script_begin(struct script_parser *p, struct script *script, const char *file);

/* ERR_INVALID with "file:line: what and the fix"; after a failure feed nothing more. */
enum err script_feed(struct script_parser *p, const char *bytes, size_t n, struct why *why) MUST_CHECK;

/* No more bytes: takes a last line without newline, and finds repeats without end. */
enum err script_end(struct script_parser *p, struct why *why) MUST_CHECK;

#endif
