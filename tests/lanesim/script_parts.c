/*
 * Steps added to a script, and the words of a line read as codes, counts and times.
 */
#include "script_parts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "money.h"

enum err script_add_step(struct script_parser *p, const struct step *step, struct why *why)
{
	struct script *s = p->script;

	if (s->count == SCRIPT_STEPS_MAX)
		return REFUSE(p, why, "more than %d steps; use repeat or several scripts", SCRIPT_STEPS_MAX);
	if (s->count == s->size) {
		size_t size = s->size ? s->size * 2 : 64;
		struct step *steps = realloc(s->steps, size * sizeof(*steps));

		if (!steps)
			return fail(why, ERR_MEMORY, "%s: out of memory", p->file);
		s->steps = steps;
		s->size = size;
	}
	s->steps[s->count] = *step;
	s->steps[s->count++].line = p->number;
	return ERR_OK;
}

enum err script_add_text_step(struct script_parser *p, enum step_kind kind, const char *text, size_t n,
			      int64_t value, struct why *why)
{
	const struct step step = {
		.kind = kind, .text = arena_text(&p->script->texts, text, n), .length = n, .value = value};

	if (!step.text)
		return fail(why, ERR_MEMORY, "%s: out of memory", p->file);
	return script_add_step(p, &step, why);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int script_hex_byte(const char *text)
{
	int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

	return low < 0 ? -1 : high * 16 + low;
}

/* A code of n characters with its escapes to bytes, which are never more than that. */
static enum err unescape(struct script_parser *p, const char *code, size_t n, struct script_frame *out,
			 struct why *why)
{
	const char *end = code + n;

	out->n = 0;
	while (code < end) {
		int byte = (unsigned char)*code;

		if (*code == '\\' && code[1] == '\\') {
			code++;
		} else if (*code == '\\') {
			byte = code[1] == 'x' ? script_hex_byte(code + 2) : -1;
			if (byte < 0)
				return REFUSE(p, why,
					      "'%.*s': write \\xNN for a byte and \\\\ for a backslash",
					      (int)(end - code), code);
			code += 3;
		}
		out->bytes[out->n++] = (char)byte;
		code++;
	}
	return ERR_OK;
}

/* Length of the first word; *behind is the next one. */
static size_t take_word(const char *rest, const char **behind)
{
	size_t n = strcspn(rest, SCRIPT_BLANKS);

	*behind = rest + n + strspn(rest + n, SCRIPT_BLANKS);
	return n;
}

enum err script_take_frame(struct script_parser *p, const char **rest, struct script_frame *out,
			   struct why *why)
{
	const char *code = *rest;
	size_t n = take_word(code, rest), suffix_n = strlen(p->suffix);
	enum err e = n > 0 ? unescape(p, code, n, out, why) : REFUSE(p, why, "a code is missing");

	if (e)
		return e;
	memcpy(out->bytes + out->n, p->suffix, suffix_n);
	out->n += suffix_n;
	return ERR_OK;
}

enum err script_take_count(struct script_parser *p, const char **rest, const char *what, int64_t min,
			   int64_t max, int64_t *out, struct why *why)
{
	const char *word = *rest;
	size_t n = take_word(word, rest);

	if (decimal_parse(word, n, 0, out) || *out < min || *out > max)
		return REFUSE(p, why, "'%.*s' where %s is due; write a number from %lld to %lld", (int)n,
			      word, what, (long long)min, (long long)max);
	return ERR_OK;
}

enum err script_take_end(struct script_parser *p, const char *rest, struct why *why)
{
	return *rest ? REFUSE(p, why, "'%s' is too much; take it away", rest) : ERR_OK;
}

enum err script_read_time(struct script_parser *p, const char *text, int64_t *ms, struct why *why)
{
	size_t n = strspn(text, "0123456789.");
	bool seconds = strcmp(text + n, "s") == 0;

	if ((!seconds && strcmp(text + n, "ms") != 0) || decimal_parse(text, n, seconds ? 3 : 0, ms))
		return REFUSE(p, why, "'%s' is no time; write it as 500ms or 2s", text);
	if (*ms > SCRIPT_WAIT_MAX_MS)
		return REFUSE(p, why, "'%s' is too long; an hour is the most", text);
	return ERR_OK;
}
