/*
 * Framing: where one scan ends and the next begins in a scanner's stream of bytes. By a suffix (CR, LF,
 * CR LF, TAB, ETX), or by silence on the line for those that send none. Never reads a descriptor, so
 * port, file, test and fuzzer share it.
 */
#ifndef TILL_FRAMING_H
#define TILL_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 512 /* longest scan; what is longer is thrown away up to its end, and reported once */

enum framing_suffix {
	SUFFIX_NONE,
	SUFFIX_CR,
	SUFFIX_LF,
	SUFFIX_CRLF,
	SUFFIX_ANY_EOL,
	SUFFIX_TAB,
	SUFFIX_ETX
};

struct framing_config {
	enum framing_suffix suffix;
	uint32_t idle_ms; /* silence that ends a frame (SUFFIX_NONE) or throws a half one away; 0: never */
	uint8_t prefix; /* a byte that starts a frame and is dropped, such as STX; 0: none. Frames without it
			   are taken too */
};

/*
 * A whole frame, without prefix and suffix, at least one byte; valid during the call. over_long: text is
 * its first FRAME_MAX bytes.
 */
typedef void framing_fn(const char *text, size_t n, bool over_long, void *arg);

struct framing {
	struct framing_config config;
	framing_fn *fn;
	void *arg;
	size_t length;
	bool over_long;
	bool after_cr; /* SUFFIX_CRLF: a CR came that is data unless LF follows */
	uint8_t bytes[FRAME_MAX];
};

void framing_init(struct framing *f, const struct framing_config *c, framing_fn *fn, void *arg);

/* Bytes as they came; calls fn zero or more times. Returns how many half frames a new prefix cut off. */
size_t framing_feed(struct framing *f, const uint8_t *bytes, size_t n);

/* idle_ms have passed without a byte: ends the frame (SUFFIX_NONE) or drops it. True if something was
 * dropped. */
bool framing_idle(struct framing *f);

/* The line went away: what is half there belongs to no scan. True if something was dropped. */
bool framing_reset(struct framing *f);

/* True while a frame has begun and not ended, so that the owner keeps the idle timer running. */
bool framing_pending(const struct framing *f);

#endif
