/*
 * Names of errors, and the sentences that go with them. The words are cut to fit where a character ends,
 * since they reach logs and JSON, both of which must be UTF-8.
 */
#include "err.h"

#include <stdio.h>
#include <string.h>

#include "format.h"

static const char *const names[] = {
	[ERR_OK] = "ok",
	[ERR_INVALID] = "invalid",
	[ERR_NOT_FOUND] = "not_found",
	[ERR_EXISTS] = "exists",
	[ERR_AMBIGUOUS] = "ambiguous",
	[ERR_RANGE] = "range",
	[ERR_LIMIT] = "limit",
	[ERR_STATE] = "state",
	[ERR_DENIED] = "denied",
	[ERR_BUSY] = "busy",
	[ERR_IO] = "io",
	[ERR_CORRUPT] = "corrupt",
	[ERR_NEWER] = "newer",
	[ERR_CLOSED] = "closed",
	[ERR_MEMORY] = "memory",
};

const char *err_name(enum err e)
{
	size_t i = (size_t)e;

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : "unknown";
}

/* A full text ends in "...", put where a UTF-8 character starts, so that none is left in halves. */
static void mark_cut(char *text, size_t size)
{
	size_t at = size - sizeof("...");

	while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80)
		at--;
	memcpy(text + at, "...", sizeof("..."));
}

/* How long a character is by its first byte; 0: that is no first byte. */
static size_t character_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xC0)
		return 0;
	return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Takes out what a precision such as "%.64s" left of a character. */
static void drop_halves(char *text)
{
	char *to = text;
	size_t there;

	for (const char *at = text; *at; at += there) {
		size_t n = character_length((unsigned char)*at);

		there = 1;
		while (there < n && ((unsigned char)at[there] & 0xC0) == 0x80)
			there++;
		if (there != n)
			continue;
		memmove(to, at, n);
		to += n;
	}
	*to = '\0';
}

void format_words(char *text, size_t size, const char *fmt, va_list args)
{
	int n = vsnprintf(text, size, fmt, args);

	if (n < 0)
		text[0] = '\0';
	else if ((size_t)n >= size)
		mark_cut(text, size);
	drop_halves(text);
}

void print_words(char *text, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format_words(text, size, fmt, args);
	va_end(args);
}

enum err fail(struct why *why, enum err e, const char *fmt, ...)
{
	struct why made; /* apart: the arguments may point into *why */
	va_list args;

	if (!why)
		return e;
	va_start(args, fmt);
	format_words(made.text, sizeof(made.text), fmt, args);
	va_end(args);
	memcpy(why->text, made.text, strlen(made.text) + 1);
	return e;
}

void why_prefix(struct why *why, const char *fmt, ...)
{
	struct why made;
	va_list args;
	size_t n, tail, room;

	if (!why)
		return;
	va_start(args, fmt);
	format_words(made.text, sizeof(made.text), fmt, args);
	va_end(args);
	n = strlen(made.text);
	tail = strlen(why->text);
	room = sizeof(made.text) - 1 - n;
	memcpy(made.text + n, why->text, tail < room ? tail : room);
	made.text[n + (tail < room ? tail : room)] = '\0';
	if (tail > room)
		mark_cut(made.text, sizeof(made.text));
	memcpy(why->text, made.text, sizeof(made.text));
}
