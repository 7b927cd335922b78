/*
 * Any bytes as a script of lanesim, whole and in pieces: the same steps or the same refusal. The first byte
 * is the length of the pieces. What was parsed must be safe to play.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "script.h"

static enum err parse(const uint8_t *bytes, size_t n, size_t piece, struct script *out, struct why *why)
{
	struct script_parser p;
	enum err e = ERR_OK;

	script_begin(&p, out, "f");
	for (size_t at = 0; at < n && !e; at += piece)
		e = script_feed(&p, (const char *)bytes + at, n - at < piece ? n - at : piece, why);
	return e ? e : script_end(&p, why);
}

/* Repeats and ends pair up like brackets, and an end goes back to behind its own repeat. */
static void check_jumps(const struct script *s)
{
	size_t open[SCRIPT_DEPTH_MAX], depth = 0;

	for (size_t i = 0; i < s->count; i++) {
		if (s->steps[i].kind == STEP_REPEAT) {
			assert(depth < SCRIPT_DEPTH_MAX);
			open[depth++] = i;
		} else if (s->steps[i].kind == STEP_END) {
			assert(depth > 0);
			depth--;
			assert(s->steps[i].target == open[depth] + 1);
		}
	}
	assert(depth == 0);
}

static void check_step(const struct step *s)
{
	switch (s->kind) {
	case STEP_SEND:
		assert(s->text && s->length <= SCRIPT_GARBAGE_MAX + 2);
		return;
	case STEP_FLOOD:
		assert(s->text && s->value >= 1);
		return;
	case STEP_SHOPPER:
	case STEP_VERB:
	case STEP_EXPECT:
		assert(s->text && s->length <= SCRIPT_LINE_MAX && s->text[s->length] == '\0');
		return;
	case STEP_WAIT:
		assert(s->value >= 0 && s->value <= SCRIPT_WAIT_MAX_MS);
		return;
	case STEP_REPEAT:
		assert(s->value >= 1 && s->value <= SCRIPT_REPEAT_MAX);
		return;
	case STEP_DRAIN:
	case STEP_REPLUG:
	case STEP_UNPLUG:
	case STEP_PLUG:
	case STEP_END:
		return;
	}
	assert(0);
}

static void check_same(const struct script *a, const struct script *b)
{
	assert(a->count == b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct step *x = &a->steps[i], *y = &b->steps[i];

		assert(x->kind == y->kind && x->line == y->line && x->value == y->value);
		assert(x->length == y->length && x->target == y->target);
		assert(!x->text || memcmp(x->text, y->text, x->length) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct script whole = {0}, pieces = {0};
	struct why why = {""}, why_pieces = {""};
	enum err e;

	if (n == 0)
		return 0;
	e = parse(bytes + 1, n - 1, n, &whole, &why);
	assert(e == parse(bytes + 1, n - 1, bytes[0] ? bytes[0] : 1, &pieces, &why_pieces));
	assert(strcmp(why.text, why_pieces.text) == 0);
	if (e) {
		assert(strncmp(why.text, "f:", 2) == 0 && strtoul(why.text + 2, NULL, 10) > 0);
	} else {
		check_jumps(&whole);
		check_same(&whole, &pieces);
		for (size_t i = 0; i < whole.count; i++)
			check_step(&whole.steps[i]);
	}
	script_free(&whole);
	script_free(&pieces);
	return 0;
}
