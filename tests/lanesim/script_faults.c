/*
 * Words for what goes wrong between a scanner and its till. Most are short for steps that could be written
 * out; a flood is a step of its own, since it ignores the line's pace.
 */
#include <string.h>

#include "script_parts.h"

/*
 * splitmix64 (Sebastiano Vigna's public domain generator): a few lines anybody can write again, so that
 * noise that once hurt can be told by its seed.
 */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

enum err script_parse_garbage(struct script_parser *p, const char *rest, struct why *why)
{
	char bytes[SCRIPT_GARBAGE_MAX];
	int64_t n, seed;
	uint64_t state;
	enum err e = script_take_count(p, &rest, "how many bytes", 1, SCRIPT_GARBAGE_MAX, &n, why);

	if (!e)
		e = script_take_count(p, &rest, "a seed", 0, INT64_MAX, &seed, why);
	if (!e)
		e = script_take_end(p, rest, why);
	if (e)
		return e;
	state = (uint64_t)seed;
	for (int64_t i = 0; i < n; i++)
		bytes[i] = (char)(next_random(&state) >> 56);
	return script_add_text_step(p, STEP_SEND, bytes, (size_t)n, 0, why);
}

enum err script_parse_double(struct script_parser *p, const char *rest, struct why *why)
{
	struct script_frame f;
	char twice[2 * sizeof(f.bytes)];
	enum err e = script_take_frame(p, &rest, &f, why);

	if (!e)
		e = script_take_end(p, rest, why);
	if (e)
		return e;
	memcpy(twice, f.bytes, f.n);
	memcpy(twice + f.n, f.bytes, f.n);
	return script_add_text_step(p, STEP_SEND, twice, 2 * f.n, 1, why);
}

/* A code and how many of its bytes come first; there must be some left behind them. */
static enum err take_head(struct script_parser *p, const char **rest, struct script_frame *f, size_t *head,
			  struct why *why)
{
	int64_t n;
	enum err e = script_take_frame(p, rest, f, why);

	if (!e && f->n < 2)
		e = REFUSE(p, why, "a code of one byte cannot be cut; write a longer one");
	if (!e)
		e = script_take_count(p, rest, "how many bytes come first", 1, (int64_t)f->n - 1, &n, why);
	if (!e)
		*head = (size_t)n;
	return e;
}

static enum err add_head(struct script_parser *p, const struct script_frame *f, size_t head, struct why *why)
{
	enum err e = script_add_text_step(p, STEP_SEND, f->bytes, head, 0, why);

	return e ? e : script_add_step(p, &(struct step){.kind = STEP_DRAIN}, why);
}

enum err script_parse_split(struct script_parser *p, const char *rest, struct why *why)
{
	struct script_frame f;
	size_t head;
	int64_t ms = 0;
	enum err e = take_head(p, &rest, &f, &head, why);

	if (!e && *rest)
		e = script_read_time(p, rest, &ms, why);
	if (!e)
		e = add_head(p, &f, head, why);
	if (!e && ms > 0)
		e = script_add_step(p, &(struct step){.kind = STEP_WAIT, .value = ms}, why);
	return e ? e : script_add_text_step(p, STEP_SEND, f.bytes + head, f.n - head, 1, why);
}

enum err script_parse_cut(struct script_parser *p, const char *rest, struct why *why)
{
	struct script_frame f;
	size_t head;
	enum err e = take_head(p, &rest, &f, &head, why);

	if (!e)
		e = script_take_end(p, rest, why);
	if (!e)
		e = add_head(p, &f, head, why);
	return e ? e : script_add_step(p, &(struct step){.kind = STEP_UNPLUG}, why);
}

enum err script_parse_flood(struct script_parser *p, const char *rest, struct why *why)
{
	char round[2 * SCRIPT_LINE_MAX]; /* a byte and its blank become a byte, CR and LF at most */
	size_t used = 0;
	int64_t times;
	enum err e = script_take_count(p, &rest, "how many times", 1, SCRIPT_REPEAT_MAX, &times, why);

	do {
		struct script_frame f;

		if (!e)
			e = script_take_frame(p, &rest, &f, why);
		if (e)
			return e;
		memcpy(round + used, f.bytes, f.n);
		used += f.n;
	} while (*rest);
	return script_add_text_step(p, STEP_FLOOD, round, used, times, why);
}
