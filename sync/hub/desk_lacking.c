/*
 * Boxes that do not know what a publication makes use of: its rules are inactive there, and an operator is to
 * know. By what each box said of itself last.
 */
#include <stdlib.h>
#include <string.h>

#include "book_features.h"
#include "desk.h"
#include "topic.h"

#define ALERTS_MAX 256 /* of one publication; the count is of all */

struct lacking {
	const struct desk_publication *in;
	uint32_t needed;
	struct arena arena;
	struct buf values;
	struct log_entry entries[ALERTS_MAX];
	struct desk_published *out;
	size_t count;
};

static bool is_concerned(const struct desk_publication *in, const char *store)
{
	for (size_t i = 0; i < in->store_count; i++)
		if (strcmp(in->stores[i], store) == 0)
			return true;
	return in->store_count == 0;
}

/* A name among names with blanks between them. */
static bool has_name(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = names; (at = strstr(at, name)) != NULL; at += n)
		if ((at == names || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

static uint32_t missing(const struct state_box *b, uint32_t needed)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < BOOK_FEATURES; i++)
		if (needed >> i & 1 && !has_name(b->features, book_features[i]))
			bits |= 1U << i;
	return bits;
}

static void names_of(uint32_t bits, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < BOOK_FEATURES && used < size; i++)
		if (bits >> i & 1)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
						 book_features[i]);
}

static enum err add_alert(struct lacking *l, const struct state_box *b, const char *names, struct why *why)
{
	struct log_entry *entry = &l->entries[l->count];
	size_t from = buf_length(&l->values);
	struct topic_alert alert;
	char text[300];
	enum err e;

	snprintf(text, sizeof(text),
		 "%s (%s) does not know %s: rules with that are inactive there until it is upgraded", b->name,
		 b->program, names);
	topic_init(TOPIC_ALERTS, &alert);
	alert.kind = ALERT_LACKING;
	alert.box = b->name;
	alert.text = text;
	*entry = (struct log_entry){.topic = TOPIC_ALERTS,
				    .key = arena_text(&l->arena, b->name, strlen(b->name))};
	e = entry->key ? topic_encode(TOPIC_ALERTS, &alert, &l->values, why)
		       : fail(why, ERR_MEMORY, "out of memory");
	entry->value.length = buf_length(&l->values) - from;
	if (!e)
		l->count++;
	return e;
}

/* Of a box that never said anything nothing is known. */
static enum err look_at(const struct state_box *b, void *arg, struct why *why)
{
	struct lacking *l = arg;
	uint32_t bits;
	char names[sizeof(l->out->lacks)];

	if (!b->program || !is_concerned(l->in, b->store))
		return ERR_OK;
	bits = missing(b, l->needed);
	if (!bits)
		return ERR_OK;
	names_of(bits, names, sizeof(names));
	if (l->out->lacking++ == 0) {
		snprintf(l->out->lacks, sizeof(l->out->lacks), "%s", names);
		snprintf(l->out->lacking_box, sizeof(l->out->lacking_box), "%s", b->name);
	}
	return l->count < ALERTS_MAX ? add_alert(l, b, names, why) : ERR_OK;
}

enum err desk_tell_lacking(struct desk *d, const struct desk_publication *in, uint32_t needed,
			   struct desk_published *out, struct why *why)
{
	struct lacking *l = needed ? calloc(1, sizeof(*l)) : NULL;
	const uint8_t *at;
	enum err e;

	if (!needed)
		return ERR_OK;
	if (!l)
		return fail(why, ERR_MEMORY, "out of memory");
	l->in = in;
	l->needed = needed;
	l->out = out;
	buf_init(&l->values, LOG_QUEUE_BYTES_MAX);
	e = state_boxes(d->state, look_at, l, why);
	at = buf_front(&l->values);
	for (size_t i = 0; i < l->count; i++) {
		l->entries[i].value.at = at;
		at += l->entries[i].value.length;
	}
	if (!e && l->count > 0)
		e = desk_append(d, l->entries, l->count, why);
	buf_free(&l->values);
	arena_free(&l->arena);
	free(l);
	return e;
}
