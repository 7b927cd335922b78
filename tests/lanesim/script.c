/*
 * The parser of scripts: lines are gathered, cut into a word and the rest, and given to the word's row.
 */
#include "script.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "money.h"
#include "record.h"

#define BLANKS " \t"

/* fail() with the place in front. */
#define REFUSE(p, why, fmt, ...) \
	fail((why), ERR_INVALID, "%s:%u: " fmt, (p)->file, (p)->number, ##__VA_ARGS__)

static const struct {
	const char *name, *bytes;
} suffixes[] = {{"cr", "\r"}, {"lf", "\n"}, {"crlf", "\r\n"}, {"tab", "\t"}, {"etx", "\x03"}, {"none", ""}};

void script_free(struct script *s)
{
	free(s->steps);
	arena_free(&s->texts);
	memset(s, 0, sizeof(*s));
}

void script_begin(struct script_parser *p, struct script *script, const char *file)
{
	memset(p, 0, sizeof(*p));
	p->script = script;
	p->file = file;
	p->suffix = "\r";
	p->number = 1;
}

static enum err add_step(struct script_parser *p, const struct step *step, struct why *why)
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

static enum err add_text_step(struct script_parser *p, enum step_kind kind, const char *text, size_t n,
			      int64_t value, struct why *why)
{
	const struct step step = {
		.kind = kind, .text = arena_text(&p->script->texts, text, n), .length = n, .value = value};

	if (!step.text)
		return fail(why, ERR_MEMORY, "%s: out of memory", p->file);
	return add_step(p, &step, why);
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

/* Two digits at text to a byte; -1 if they are not. */
static int hex_byte(const char *text)
{
	int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

	return low < 0 ? -1 : high * 16 + low;
}

/* A code with its escapes to bytes, which are never more than its characters. */
static enum err unescape(struct script_parser *p, const char *code, char *out, size_t *n, struct why *why)
{
	*n = 0;
	while (*code) {
		int byte = (unsigned char)*code;

		if (*code == '\\' && code[1] == '\\') {
			code++;
		} else if (*code == '\\') {
			byte = code[1] == 'x' ? hex_byte(code + 2) : -1;
			if (byte < 0)
				return REFUSE(p, why, "'%s': write \\xNN for a byte and \\\\ for a backslash",
					      code);
			code += 3;
		}
		out[(*n)++] = (char)byte;
		code++;
	}
	return ERR_OK;
}

static enum err parse_scan(struct script_parser *p, const char *rest, struct why *why)
{
	char bytes[SCRIPT_LINE_MAX + 4];
	size_t n;
	enum err e;

	if (strpbrk(rest, BLANKS))
		return REFUSE(p, why, "scan takes one code; write \\x20 for a blank in it");
	e = unescape(p, rest, bytes, &n, why);
	if (e)
		return e;
	memcpy(bytes + n, p->suffix, strlen(p->suffix));
	return add_text_step(p, STEP_SEND, bytes, n + strlen(p->suffix), 1, why);
}

static enum err parse_raw(struct script_parser *p, const char *rest, struct why *why)
{
	char bytes[SCRIPT_LINE_MAX];
	size_t n = 0;

	while (*rest) {
		int byte = hex_byte(rest);

		if (byte < 0 || (rest[2] && !strchr(BLANKS, rest[2])))
			return REFUSE(p, why, "'%s': raw takes bytes of two hexadecimal digits: raw 30 31 0d",
				      rest);
		bytes[n++] = (char)byte;
		rest += 2;
		rest += strspn(rest, BLANKS);
	}
	return add_text_step(p, STEP_SEND, bytes, n, 0, why);
}

static enum err parse_suffix(struct script_parser *p, const char *rest, struct why *why)
{
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		if (strcmp(suffixes[i].name, rest) == 0) {
			p->suffix = suffixes[i].bytes;
			return ERR_OK;
		}
	}
	return REFUSE(p, why, "no suffix '%s'; it is cr, lf, crlf, tab, etx or none", rest);
}

static enum err parse_wait(struct script_parser *p, const char *rest, struct why *why)
{
	size_t n = strspn(rest, "0123456789.");
	bool seconds = strcmp(rest + n, "s") == 0;
	int64_t ms;

	if ((!seconds && strcmp(rest + n, "ms") != 0) || decimal_parse(rest, n, seconds ? 3 : 0, &ms))
		return REFUSE(p, why, "'%s' is no time; write it as 500ms or 2s", rest);
	if (ms > SCRIPT_WAIT_MAX_MS)
		return REFUSE(p, why, "'%s' is too long; an hour is the most", rest);
	return add_step(p, &(struct step){.kind = STEP_WAIT, .value = ms}, why);
}

static enum err parse_shopper(struct script_parser *p, const char *rest, struct why *why)
{
	size_t n = strlen(rest);

	if (n >= 2 && rest[0] == '"' && rest[n - 1] == '"')
		return add_text_step(p, STEP_SHOPPER, rest + 1, n - 2, 0, why);
	return add_text_step(p, STEP_SHOPPER, rest, n, 0, why);
}

static enum err parse_unplug(struct script_parser *p, const char *rest, struct why *why)
{
	(void)rest;
	return add_step(p, &(struct step){.kind = STEP_UNPLUG}, why);
}

static enum err parse_plug(struct script_parser *p, const char *rest, struct why *why)
{
	(void)rest;
	return add_step(p, &(struct step){.kind = STEP_PLUG}, why);
}

static enum err parse_request(struct script_parser *p, const char *rest, bool ok, struct why *why)
{
	json_error_t at;
	json_t *request = json_loads(rest, JSON_REJECT_DUPLICATES, &at);
	bool has_verb = json_is_string(json_object_get(request, "verb"));

	json_decref(request);
	if (!request)
		return REFUSE(p, why, "not JSON: %s", at.text);
	if (!has_verb)
		return REFUSE(p, why, "a request is an object with \"verb\", such as {\"verb\":\"tender\"}");
	return add_text_step(p, STEP_VERB, rest, strlen(rest), ok, why);
}

static enum err parse_verb(struct script_parser *p, const char *rest, struct why *why)
{
	return parse_request(p, rest, true, why);
}

static enum err parse_refused(struct script_parser *p, const char *rest, struct why *why)
{
	return parse_request(p, rest, false, why);
}

static enum err parse_expect(struct script_parser *p, const char *rest, struct why *why)
{
	return add_text_step(p, STEP_EXPECT, rest, strlen(rest), 0, why);
}

static enum err parse_repeat(struct script_parser *p, const char *rest, struct why *why)
{
	int64_t times;

	if (decimal_parse(rest, strlen(rest), 0, &times) || times < 1 || times > SCRIPT_REPEAT_MAX)
		return REFUSE(p, why, "repeat '%s' times? write a number from 1 to %d", rest,
			      SCRIPT_REPEAT_MAX);
	if (p->depth == SCRIPT_DEPTH_MAX)
		return REFUSE(p, why, "repeats in repeats, more than %d deep", SCRIPT_DEPTH_MAX);
	p->open[p->depth++] = p->script->count;
	return add_step(p, &(struct step){.kind = STEP_REPEAT, .value = times}, why);
}

static enum err parse_end(struct script_parser *p, const char *rest, struct why *why)
{
	(void)rest;
	if (p->depth == 0)
		return REFUSE(p, why, "end without repeat before it");
	p->depth--;
	return add_step(p, &(struct step){.kind = STEP_END, .target = p->open[p->depth] + 1}, why);
}

/* The words. example shows what follows, and is NULL for words that stand alone. */
static const struct word {
	const char *name, *example;
	bool verbatim; /* " #" in the rest starts no comment */
	enum err (*parse)(struct script_parser *p, const char *rest, struct why *why);
} words[] = {
	{"end", NULL, false, parse_end},
	{"expect", "expect \"event\":\"line\"", true, parse_expect},
	{"plug", NULL, false, parse_plug},
	{"raw", "raw 30 31 0d", false, parse_raw},
	{"refused", "refused {\"verb\":\"tender\"}", true, parse_refused},
	{"repeat", "repeat 3", false, parse_repeat},
	{"scan", "scan 4006381333931", false, parse_scan},
	{"shopper", "shopper \"Ann\"", true, parse_shopper},
	{"suffix", "suffix crlf", false, parse_suffix},
	{"unplug", NULL, false, parse_unplug},
	{"verb", "verb {\"verb\":\"tender\"}", true, parse_verb},
	{"wait", "wait 500ms", false, parse_wait},
};
#define WORDS (sizeof(words) / sizeof(*words))

static enum err unknown_word(const struct script_parser *p, const char *word, struct why *why)
{
	const char *names[WORDS], *near;

	for (size_t i = 0; i < WORDS; i++)
		names[i] = words[i].name;
	near = nearest_name(word, names, WORDS);
	if (near)
		return REFUSE(p, why, "unknown word '%s'; did you mean '%s'?", word, near);
	return REFUSE(p, why, "unknown word '%s'; lanesim --help lists them", word);
}

static void cut_blanks(char *text)
{
	size_t n = strlen(text);

	while (n > 0 && strchr(BLANKS "\r", text[n - 1]))
		text[--n] = '\0';
}

static void cut_comment(char *text)
{
	for (char *hash = strchr(text, '#'); hash; hash = strchr(hash + 1, '#')) {
		if (hash == text || strchr(BLANKS, hash[-1])) {
			*hash = '\0';
			return;
		}
	}
}

static enum err parse_word(struct script_parser *p, const char *word, char *rest, struct why *why)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (strcmp(words[i].name, word) != 0)
			continue;
		if (!words[i].verbatim)
			cut_comment(rest);
		cut_blanks(rest);
		if (words[i].example && !*rest)
			return REFUSE(p, why, "nothing follows; write for example: %s", words[i].example);
		if (!words[i].example && *rest)
			return REFUSE(p, why, "'%s' stands alone; take '%s' away", word, rest);
		return words[i].parse(p, rest, why);
	}
	return unknown_word(p, word, why);
}

static enum err parse_line(struct script_parser *p, struct why *why)
{
	char *word = p->line + strspn(p->line, BLANKS), *rest;

	if (strlen(p->line) < p->used)
		return REFUSE(p, why, "a NUL byte: this is no text file");
	cut_blanks(word);
	if (*word == '\0' || *word == '#')
		return ERR_OK;
	rest = word + strcspn(word, BLANKS);
	if (*rest) {
		*rest++ = '\0';
		rest += strspn(rest, BLANKS);
	}
	return parse_word(p, word, rest, why);
}

static enum err end_line(struct script_parser *p, struct why *why)
{
	enum err e;

	p->line[p->used] = '\0';
	e = parse_line(p, why);
	p->used = 0;
	p->number++;
	return e;
}

enum err script_feed(struct script_parser *p, const char *bytes, size_t n, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && !e; i++) {
		if (bytes[i] == '\n')
			e = end_line(p, why);
		else if (p->used == SCRIPT_LINE_MAX)
			e = REFUSE(p, why, "a line of more than %d bytes; make it shorter", SCRIPT_LINE_MAX);
		else
			p->line[p->used++] = bytes[i];
	}
	return e;
}

enum err script_end(struct script_parser *p, struct why *why)
{
	enum err e = p->used > 0 ? end_line(p, why) : ERR_OK;

	if (e)
		return e;
	if (p->depth == 0)
		return ERR_OK;
	p->number = p->script->steps[p->open[p->depth - 1]].line;
	return REFUSE(p, why, "repeat without end; put 'end' behind its steps");
}
