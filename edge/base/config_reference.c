/*
 * The reference of a configuration file, from the table that reads it, so that it cannot fall behind.
 */
#include <inttypes.h>
#include <stdio.h>

#include "config_parts.h"

static void write_range(const struct option *o, const char *what, int fd)
{
	if (o->min || o->max)
		dprintf(fd, "%s, %" PRId64 " to %" PRId64, what, o->min, o->max);
	else
		dprintf(fd, "%s", what);
}

static void write_duration(const struct option *o, int fd)
{
	char least[DURATION_TEXT_MAX], most[DURATION_TEXT_MAX];

	dprintf(fd, "duration (ms, s, min, h, d)");
	if (o->min || o->max)
		dprintf(fd, ", %s to %s", config_format_duration(o->min, least),
			config_format_duration(o->max, most));
}

static void write_choices(const struct option *o, int fd)
{
	dprintf(fd, "one of");
	for (size_t i = 0; o->choices[i]; i++)
		dprintf(fd, "%s `%s`", i ? "," : "", o->choices[i]);
}

static void write_kind(const struct option *o, int fd)
{
	switch (o->kind) {
	case OPTION_TEXT:
		write_range(o, "text", fd);
		return;
	case OPTION_PATH:
		dprintf(fd, "absolute path");
		return;
	case OPTION_INT:
		write_range(o, "whole number", fd);
		return;
	case OPTION_BOOL:
		dprintf(fd, "`yes` or `no`");
		return;
	case OPTION_CHOICE:
		write_choices(o, fd);
		return;
	case OPTION_DURATION:
		write_duration(o, fd);
		return;
	case OPTION_LIST:
		write_range(o, "words, with blanks or commas between", fd);
		return;
	}
}

static void write_option(const struct option *o, int fd)
{
	dprintf(fd, "| `%s` | ", o->key);
	write_kind(o, fd);
	if (!o->fallback)
		dprintf(fd, " | required");
	else if (*o->fallback)
		dprintf(fd, " | `%s`", o->fallback);
	else
		dprintf(fd, " | none");
	dprintf(fd, " | %s%s |\n", o->text, o->restart ? " A change takes a restart." : "");
}

void config_reference(const struct section *sections, size_t count, int fd)
{
	for (size_t i = 0; i < count; i++) {
		const struct section *s = &sections[i];

		dprintf(fd, "%s## [%s%s]\n\n%s", i ? "\n" : "", s->name, s->named ? " NAME" : "", s->text);
		if (s->named)
			dprintf(fd, " At most %zu.", s->max);
		dprintf(fd, "\n\n| key | value | default | what it does |\n|---|---|---|---|\n");
		for (size_t k = 0; k < s->count; k++)
			write_option(&s->options[k], fd);
	}
}
