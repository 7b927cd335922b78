/*
 * Any bytes through any framing, in one piece and cut up: the frames must be the same. The first byte picks
 * suffix and prefix, the second the length of the pieces.
 */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "framing.h"
#include "fuzz.h"

/* A running sum over the frames (FNV-1a), so that comparing needs no memory. */
struct sum {
	uint64_t hash;
	size_t frames, bytes;
};

static void add(const char *text, size_t n, bool over_long, void *arg)
{
	struct sum *s = arg;

	assert(n > 0 && n <= FRAME_MAX && (!over_long || n == FRAME_MAX));
	for (size_t i = 0; i < n; i++)
		s->hash = (s->hash ^ (uint8_t)text[i]) * 0x100000001b3u;
	s->hash = (s->hash ^ (over_long ? 257u : 256u)) * 0x100000001b3u;
	s->frames++;
	s->bytes += n;
}

static struct sum run(const struct framing_config *c, const uint8_t *bytes, size_t n, size_t piece)
{
	struct sum s = {.hash = 0xcbf29ce484222325u};
	struct framing f;

	framing_init(&f, c, add, &s);
	for (size_t at = 0; at < n; at += piece)
		framing_feed(&f, bytes + at, n - at < piece ? n - at : piece);
	framing_idle(&f);
	assert(!framing_pending(&f));
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct framing_config c = {.idle_ms = 50};
	struct sum whole, pieces;

	if (n < 2)
		return 0;
	c.suffix = (enum framing_suffix)(bytes[0] % (SUFFIX_ETX + 1));
	c.prefix = bytes[0] & 0x80 ? 0x02 : 0;
	whole = run(&c, bytes + 2, n - 2, n);
	pieces = run(&c, bytes + 2, n - 2, bytes[1] == 0 ? 1 : bytes[1]);
	assert(whole.hash == pieces.hash && whole.frames == pieces.frames && whole.bytes <= n - 2);
	return 0;
}
