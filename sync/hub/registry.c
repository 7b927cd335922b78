/*
 * Boxes by name. See registry.h.
 */
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 4096 /* chains stay short up to some ten thousand boxes */

struct registry {
	struct hub_box *slots[SLOTS];
	size_t count;
};

static struct hub_box **slot_of(struct registry *r, const char *name)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (const char *at = name; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 16777619U;
	return &r->slots[hash % SLOTS];
}

enum err registry_new(struct registry **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? ERR_OK : ERR_MEMORY;
}

void registry_free(struct registry *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < SLOTS; i++) {
		struct hub_box *next;

		for (struct hub_box *b = r->slots[i]; b; b = next) {
			next = b->next;
			free(b);
		}
	}
	free(r);
}

struct hub_box *registry_find(struct registry *r, const char *name)
{
	struct hub_box *b = *slot_of(r, name);

	while (b && strcmp(b->name, name) != 0)
		b = b->next;
	return b;
}

static struct hub_box *add(struct registry *r, const char *name)
{
	struct hub_box **slot = slot_of(r, name), *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	snprintf(b->name, sizeof(b->name), "%s", name);
	b->next = *slot;
	*slot = b;
	r->count++;
	return b;
}

/* At the start alone: from then on the one in memory is ahead. */
static void take_told(const struct state_box *from, struct hub_box *b)
{
	struct hub_told *t = &b->told;

	snprintf(t->program, sizeof(t->program), "%s", from->program ? from->program : "");
	snprintf(t->features, sizeof(t->features), "%s", from->features);
	t->semantics = from->semantics;
	t->min_reader = from->min_reader;
	b->seen_ms = b->noted_ms = from->seen_ms;
	if (from->trusts.at && from->trusts.length <= sizeof(t->trusts)) {
		memcpy(t->trusts, from->trusts.at, from->trusts.length);
		t->trusts_length = from->trusts.length;
	}
}

/*
 * A later incarnation has its head from the state: whoever released the box said so in the log, and nothing
 * was taken of it meanwhile. Otherwise the head in memory is ahead.
 */
static enum err take(const struct state_box *from, void *arg, struct why *why)
{
	struct registry *r = arg;
	struct hub_box *b = registry_find(r, from->name);
	bool fresh = !b;

	if (fresh)
		b = add(r, from->name);
	if (!b)
		return fail(why, ERR_MEMORY, "out of memory");
	snprintf(b->store, sizeof(b->store), "%s", from->store);
	b->serial = from->serial;
	b->least_serial = from->least_serial;
	if (fresh)
		take_told(from, b);
	if (fresh || from->incarnation > b->incarnation) {
		b->incarnation = from->incarnation;
		b->held = b->pending = from->head;
		memset(b->recent, 0, sizeof(b->recent));
		b->quarantined = from->quarantine != NULL;
		snprintf(b->reason, sizeof(b->reason), "%s", from->quarantine ? from->quarantine : "");
	}
	return ERR_OK;
}

enum err registry_load(struct registry *r, struct state *s, struct why *why)
{
	return state_boxes(s, take, r, why);
}

size_t registry_page(struct registry *r, size_t from, size_t most, registry_fn *fn, void *arg)
{
	size_t n = 0;

	for (; from < SLOTS && n < most; from++)
		for (struct hub_box *b = r->slots[from]; b; b = b->next, n++)
			fn(b, arg);
	return from < SLOTS ? from : 0;
}

size_t registry_count(const struct registry *r)
{
	return r->count;
}
