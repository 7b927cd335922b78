/*
 * One value of a configuration file, by the kind of its option.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config_parts.h"
#include "money.h"
#include "text.h"

static const struct {
	const char *unit;
	int64_t ms;
} units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};

#define UNITS (sizeof(units) / sizeof(units[0]))

const char *config_format_duration(int64_t ms, char out[DURATION_TEXT_MAX])
{
	size_t i = UNITS - 1;

	while (i > 0 && (ms == 0 || ms % units[i].ms))
		i--;
	snprintf(out, DURATION_TEXT_MAX, "%" PRId64 "%s", ms / units[i].ms, units[i].unit);
	return out;
}

static bool in_range(const struct option *o, int64_t value)
{
	return (o->min == 0 && o->max == 0) || (value >= o->min && value <= o->max);
}

static enum err read_int(const struct option *o, const char *text, int64_t *out, struct why *why)
{
	if (decimal_parse(text, strlen(text), 0, out) || strchr(text, '.'))
		return fail(why, ERR_INVALID, "'%s' is no whole number", text);
	if (!in_range(o, *out))
		return fail(why, ERR_INVALID, "'%s' is not from %" PRId64 " to %" PRId64, text, o->min,
			    o->max);
	return ERR_OK;
}

static enum err read_bool(const char *text, int64_t *out, struct why *why)
{
	static const char *const names[] = {"no", "yes", "off", "on", "false", "true"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*out = i % 2;
			return ERR_OK;
		}
	}
	return fail(why, ERR_INVALID, "'%s' is neither yes nor no", text);
}

static enum err read_choice(const struct option *o, const char *text, int64_t *out, struct why *why)
{
	const char *nearest;
	size_t n = 0;
	enum err e;

	for (; o->choices[n]; n++) {
		if (strcmp(text, o->choices[n]) == 0) {
			*out = (int64_t)n;
			return ERR_OK;
		}
	}
	nearest = nearest_name(text, o->choices, n);
	if (nearest)
		return fail(why, ERR_INVALID, "'%s' is unknown, did you mean '%s'?", text, nearest);
	e = fail(why, ERR_INVALID, "'%s' is not one of %s", text, o->choices[0]);
	for (size_t i = 1; i < n; i++)
		e = fail(why, ERR_INVALID, "%s, %s", why->text, o->choices[i]);
	return e;
}

static enum err read_duration(const struct option *o, const char *text, int64_t *out, struct why *why)
{
	char least[DURATION_TEXT_MAX], most[DURATION_TEXT_MAX];
	size_t digits = strspn(text, "0123456789"), i = 0;
	int64_t number;

	while (i < UNITS && strcmp(text + digits, units[i].unit) != 0)
		i++;
	if (i == UNITS || decimal_parse(text, digits, 0, &number) ||
	    __builtin_mul_overflow(number, units[i].ms, out))
		return fail(why, ERR_INVALID,
			    "'%s' is no duration: write it like 250ms, 5s, 10min, 2h or 30d", text);
	if (!in_range(o, *out))
		return fail(why, ERR_INVALID, "'%s' is not from %s to %s", text,
			    config_format_duration(o->min, least), config_format_duration(o->max, most));
	return ERR_OK;
}

static enum err read_text(const struct option *o, const char *text, struct arena *a, const char **out,
			  struct why *why)
{
	size_t n = strlen(text);

	if (o->kind == OPTION_PATH && text[0] != '/')
		return fail(why, ERR_INVALID, "'%s' is no absolute path: begin it with '/'", text);
	if (!in_range(o, (int64_t)n))
		return fail(why, ERR_INVALID, "'%s' has %zu bytes and must have %" PRId64 " to %" PRId64,
			    text, n, o->min, o->max);
	*out = arena_text(a, text, n);
	return *out ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

#define BETWEEN " \t,"

static size_t count_words(const char *text)
{
	size_t n = 0;

	for (text += strspn(text, BETWEEN); *text; text += strspn(text, BETWEEN)) {
		text += strcspn(text, BETWEEN);
		n++;
	}
	return n;
}

static enum err read_words(const struct option *o, const char *text, struct arena *a,
			   struct config_words *out, struct why *why)
{
	size_t n = count_words(text);

	if (!in_range(o, (int64_t)n))
		return fail(why, ERR_INVALID, "%zu words, but it takes %" PRId64 " to %" PRId64, n, o->min,
			    o->max);
	out->count = n;
	out->at = arena_get(a, n * sizeof(const char *));
	for (size_t i = 0; i < n && out->at; i++) {
		size_t length;

		text += strspn(text, BETWEEN);
		length = strcspn(text, BETWEEN);
		out->at[i] = arena_text(a, text, length);
		if (!out->at[i])
			return fail(why, ERR_MEMORY, "out of memory");
		text += length;
	}
	return out->at ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

enum err config_read_value(const struct option *o, const char *text, struct arena *a, void *at,
			   struct why *why)
{
	switch (o->kind) {
	case OPTION_TEXT:
	case OPTION_PATH:
		return read_text(o, text, a, at, why);
	case OPTION_INT:
		return read_int(o, text, at, why);
	case OPTION_BOOL:
		return read_bool(text, at, why);
	case OPTION_CHOICE:
		return read_choice(o, text, at, why);
	case OPTION_DURATION:
		return read_duration(o, text, at, why);
	case OPTION_LIST:
		return read_words(o, text, a, at, why);
	}
	return ERR_INVALID;
}
