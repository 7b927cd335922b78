/*
 * The parser of scripts: lines are gathered, cut into a word and the rest, and given to the word's row.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "money.h"
#include "record.h"
#include "script_parts.h"

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

static enum err parse_scan(struct script_parser *p, const char *rest, struct why *why)
{
	struct script_frame f;
	enum err e;

	if (strpbrk(rest, SCRIPT_BLANKS))
		return REFUSE(p, why, "scan takes one code; write \\x20 for a blank in it");
	e = script_take_frame(p, &rest, &f, why);
	return e ? e : script_add_text_step(p, STEP_SEND, f.bytes, f.n, 1, why);
}

static enum err parse_raw(struct script_parser *p, const char *rest, struct why *why)
{
	char bytes[SCRIPT_LINE_MAX];
	size_t n = 0;

	while (*rest) {
		int byte = script_hex_byte(rest);

		if (byte < 0 || (rest[2] && !strchr(SCRIPT_BLANKS, rest[2])))
			return REFUSE(p, why, "'%s': raw takes bytes of two hexadecimal digits: raw 30 31 0d",
				      rest);
		bytes[n++] = (char)byte;
		rest += 2;
		rest += strspn(rest, SCRIPT_BLANKS);
	}
	return script_add_text_step(p, STEP_SEND, bytes, n, 0, why);
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
	int64_t ms;
	enum err e = script_read_time(p, rest, &ms, why);

	return e ? e : script_add_step(p, &(struct step){.kind = STEP_WAIT, .value = ms}, why);
}

static enum err parse_shopper(struct script_parser *p, const char *rest, struct why *why)
{
	size_t n = strlen(rest);

	if (n >= 2 && rest[0] == '"' && rest[n - 1] == '"')
		return script_add_text_step(p, STEP_SHOPPER, rest + 1, n - 2, 0, why);
	return script_add_text_step(p, STEP_SHOPPER, rest, n, 0, why);
}

/* The words that stand alone and are a step each. */
static enum err add_plain(struct script_parser *p, enum step_kind kind, struct why *why)
{
	return script_add_step(p, &(struct step){.kind = kind}, why);
}

static enum err parse_drain(struct script_parser *p, const char *rest, struct why *why)
{
	(void)rest;
	return add_plain(p, STEP_DRAIN, why);
}

static enum err parse_unplug(struct script_parser *p, const char *rest, struct why *why)
{
	(void)rest;
	return add_plain(p, STEP_UNPLUG, why);
}

static enum err parse_plug(struct script_parser *p, const char *rest, struct why *why)
{
	(void)rest;
	return add_plain(p, STEP_PLUG, why);
}

static enum err parse_replug(struct script_parser *p, const char *rest, struct why *why)
{
	(void)rest;
	return add_plain(p, STEP_REPLUG, why);
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
	return script_add_text_step(p, STEP_VERB, rest, strlen(rest), ok, why);
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
	return script_add_text_step(p, STEP_EXPECT, rest, strlen(rest), 0, why);
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
	return script_add_step(p, &(struct step){.kind = STEP_REPEAT, .value = times}, why);
}

static enum err parse_end(struct script_parser *p, const char *rest, struct why *why)
{
	(void)rest;
	if (p->depth == 0)
		return REFUSE(p, why, "end without repeat before it");
	p->depth--;
	return script_add_step(p, &(struct step){.kind = STEP_END, .target = p->open[p->depth] + 1}, why);
}

/* The words. example shows what follows, and is NULL for words that stand alone. */
static const struct word {
	const char *name, *example;
	bool verbatim; /* " #" in the rest starts no comment */
	enum err (*parse)(struct script_parser *p, const char *rest, struct why *why);
} words[] = {
	{"cut", "cut 4006381333931 7", false, script_parse_cut},
	{"double", "double 4006381333931", false, script_parse_double},
	{"drain", NULL, false, parse_drain},
	{"end", NULL, false, parse_end},
	{"expect", "expect \"event\":\"line\"", true, parse_expect},
	{"flood", "flood 2000 4006381333931", false, script_parse_flood},
	{"garbage", "garbage 100 7", false, script_parse_garbage},
	{"plug", NULL, false, parse_plug},
	{"raw", "raw 30 31 0d", false, parse_raw},
	{"refused", "refused {\"verb\":\"tender\"}", true, parse_refused},
	{"repeat", "repeat 3", false, parse_repeat},
	{"replug", NULL, false, parse_replug},
	{"scan", "scan 4006381333931", false, parse_scan},
	{"shopper", "shopper \"Ann\"", true, parse_shopper},
	{"split", "split 4006381333931 7", false, script_parse_split},
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

	while (n > 0 && strchr(SCRIPT_BLANKS "\r", text[n - 1]))
		text[--n] = '\0';
}

static void cut_comment(char *text)
{
	for (char *hash = strchr(text, '#'); hash; hash = strchr(hash + 1, '#')) {
		if (hash == text || strchr(SCRIPT_BLANKS, hash[-1])) {
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
	char *word = p->line + strspn(p->line, SCRIPT_BLANKS), *rest;

	if (strlen(p->line) < p->used)
		return REFUSE(p, why, "a NUL byte: this is no text file");
	cut_blanks(word);
	if (*word == '\0' || *word == '#')
		return ERR_OK;
	rest = word + strcspn(word, SCRIPT_BLANKS);
	if (*rest) {
		*rest++ = '\0';
		rest += strspn(rest, SCRIPT_BLANKS);
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
