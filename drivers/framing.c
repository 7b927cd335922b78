/*
 * Splits bytes into frames, and it makes no difference how the line cut them: bytes that can mean nothing
 * are kept in runs, all others are looked at one at a time.
 */
#include "framing.h"

#include <string.h>

void framing_init(struct framing *f, const struct framing_config *c, framing_fn *fn, void *arg)
{
	memset(f, 0, sizeof(*f));
	f->config = *c;
	f->fn = fn;
	f->arg = arg;
}

static void forget(struct framing *f)
{
	f->length = 0;
	f->over_long = false;
	f->after_cr = false;
}

/* An empty frame is nobody's scan: the LF of a CR LF under SUFFIX_ANY_EOL, a second ETX. */
static void end_frame(struct framing *f)
{
	size_t n = f->length;
	bool over_long = f->over_long;

	forget(f);
	if (n > 0)
		f->fn((const char *)f->bytes, n, over_long, f->arg);
}

static void keep(struct framing *f, const uint8_t *bytes, size_t n)
{
	size_t room = FRAME_MAX - f->length;

	f->over_long |= n > room;
	n = n < room ? n : room;
	if (n)
		memcpy(f->bytes + f->length, bytes, n);
	f->length += n;
}

/* How many bytes in front are data whatever the suffix: all suffixes are control characters. */
static size_t plain_run(const struct framing *f, const uint8_t *bytes, size_t n)
{
	uint8_t prefix = f->config.prefix;
	size_t i = 0;

	while (i < n && bytes[i] >= 0x20 && bytes[i] != prefix)
		i++;
	return i;
}

static bool ends_frame(enum framing_suffix suffix, uint8_t byte)
{
	switch (suffix) {
	case SUFFIX_NONE:
	case SUFFIX_CRLF: /* two bytes: take_crlf */
		return false;
	case SUFFIX_CR:
		return byte == '\r';
	case SUFFIX_LF:
		return byte == '\n';
	case SUFFIX_ANY_EOL:
		return byte == '\r' || byte == '\n';
	case SUFFIX_TAB:
		return byte == '\t';
	case SUFFIX_ETX:
		return byte == 0x03;
	}
	return false;
}

/* CR LF: true when byte was part of a suffix, or may become it with the next one. */
static bool take_crlf(struct framing *f, uint8_t byte)
{
	bool after_cr = f->after_cr;

	f->after_cr = byte == '\r';
	if (after_cr && byte == '\n') {
		end_frame(f);
		return true;
	}
	if (after_cr)
		keep(f, (const uint8_t *)"\r", 1); /* the one before was data after all */
	return byte == '\r';
}

size_t framing_feed(struct framing *f, const uint8_t *bytes, size_t n)
{
	size_t cut_off = 0;

	for (size_t i = 0; i < n; i++) {
		size_t run = f->after_cr ? 0 : plain_run(f, bytes + i, n - i);
		uint8_t byte;

		keep(f, bytes + i, run);
		i += run;
		if (i == n)
			break;
		byte = bytes[i];
		if (f->config.prefix && byte == f->config.prefix)
			cut_off += framing_reset(f);
		else if (f->config.suffix == SUFFIX_CRLF && take_crlf(f, byte))
			continue;
		else if (ends_frame(f->config.suffix, byte))
			end_frame(f);
		else
			keep(f, &byte, 1);
	}
	return cut_off;
}

bool framing_pending(const struct framing *f)
{
	return f->length > 0 || f->after_cr;
}

bool framing_idle(struct framing *f)
{
	if (f->config.suffix != SUFFIX_NONE)
		return framing_reset(f);
	end_frame(f);
	return false;
}

bool framing_reset(struct framing *f)
{
	bool pending = framing_pending(f);

	forget(f);
	return pending;
}
