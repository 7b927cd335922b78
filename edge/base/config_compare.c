/*
 * Two readings of a configuration side by side, option by option: what a reload has to know.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config_parts.h"

/* A value in its struct, by the kind of its option. */
union value {
	const char *text;
	int64_t number;
	struct config_words words;
};

static size_t size_of(const struct option *o)
{
	switch (o->kind) {
	case OPTION_TEXT:
	case OPTION_PATH:
		return sizeof(const char *);
	case OPTION_INT:
	case OPTION_BOOL:
	case OPTION_CHOICE:
	case OPTION_DURATION:
		return sizeof(int64_t);
	case OPTION_LIST:
		return sizeof(struct config_words);
	}
	return 0;
}

static union value value_of(const struct option *o, const void *at)
{
	union value v = {0};

	memcpy(&v, (const char *)at + o->offset, size_of(o));
	return v;
}

static bool same_words(const struct config_words *a, const struct config_words *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->at[i], b->at[i]) != 0)
			return false;
	return true;
}

bool config_same(const struct option *o, const void *a, const void *b)
{
	union value left = value_of(o, a), right = value_of(o, b);

	switch (o->kind) {
	case OPTION_TEXT:
	case OPTION_PATH:
		return strcmp(left.text, right.text) == 0;
	case OPTION_INT:
	case OPTION_BOOL:
	case OPTION_CHOICE:
	case OPTION_DURATION:
		return left.number == right.number;
	case OPTION_LIST:
		return same_words(&left.words, &right.words);
	}
	return false;
}

static void show_words(const struct config_words *words, char out[CONFIG_SHOWN_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < words->count && used < CONFIG_SHOWN_MAX - 1; i++)
		used += (size_t)snprintf(out + used, CONFIG_SHOWN_MAX - used, "%s%s", i ? " " : "",
					 words->at[i]);
}

const char *config_show(const struct option *o, const void *at, char out[CONFIG_SHOWN_MAX])
{
	union value v = value_of(o, at);
	char duration[DURATION_TEXT_MAX];

	switch (o->kind) {
	case OPTION_TEXT:
	case OPTION_PATH:
		snprintf(out, CONFIG_SHOWN_MAX, "%s", v.text);
		break;
	case OPTION_INT:
		snprintf(out, CONFIG_SHOWN_MAX, "%" PRId64, v.number);
		break;
	case OPTION_BOOL:
		snprintf(out, CONFIG_SHOWN_MAX, "%s", v.number ? "yes" : "no");
		break;
	case OPTION_CHOICE:
		snprintf(out, CONFIG_SHOWN_MAX, "%s", o->choices[v.number]);
		break;
	case OPTION_DURATION:
		snprintf(out, CONFIG_SHOWN_MAX, "%s", config_format_duration(v.number, duration));
		break;
	case OPTION_LIST:
		show_words(&v.words, out);
		break;
	}
	return out;
}

void config_take(const struct option *o, const void *from, void *to)
{
	memcpy((char *)to + o->offset, (const char *)from + o->offset, size_of(o));
}
