/*
 * The change feed. See docs/protocol.md, "Down".
 *
 * A cursor is the id of the last change and the offset of the next grant: "118.4". It means something to this
 * hub and to every other that folded the same log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub_parts.h"

#define CHANGES_MAX 20000 /* of one answer */
#define GRANTS_MAX  1000

struct feeding {
	struct call const *c;
	struct arena *arena;
	struct wire_change *changes;
	size_t count, size, bytes;
	size_t whole; /* changes up to the end of the last version that fits */
	int64_t whole_id, whole_version, last_id, last_version;
	bool full;
	struct wire_grant *grants;
	size_t grant_count;
	int64_t next_grant;
	bool more_grants;
};

struct cursor {
	int64_t change, grant;
};

/* False: it is none of ours. */
static bool read_cursor(const char *query, struct cursor *out)
{
	const char *at = strncmp(query, "after=", 6) == 0 ? query + 6 : NULL;
	char *end;

	*out = (struct cursor){0, 0};
	if (query[0] == '\0')
		return true;
	if (!at || *at < '0' || *at > '9')
		return false;
	out->change = strtoll(at, &end, 10);
	if (*end != '.' || end[1] < '0' || end[1] > '9')
		return false;
	out->grant = strtoll(end + 1, &end, 10);
	return *end == '\0';
}

static enum err no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

static enum err grow(struct feeding *f, struct why *why)
{
	size_t size = f->size ? f->size * 4 : 256;
	struct wire_change *grown = arena_get(f->arena, size * sizeof(*grown));

	if (!grown)
		return no_memory(why);
	if (f->count > 0)
		memcpy(grown, f->changes, f->count * sizeof(*grown));
	f->changes = grown;
	f->size = size;
	return ERR_OK;
}

/* The version before is whole: this row begins another. */
static void end_version(struct feeding *f)
{
	f->whole = f->count;
	f->whole_id = f->last_id;
	f->whole_version = f->last_version;
}

static enum err take(const struct state_row *r, void *arg, struct why *why)
{
	struct feeding *f = arg;
	struct wire_change *c;
	size_t cost = r->cbor.length + strlen(r->key) + 24;

	if (f->count > 0 && r->version != f->last_version)
		end_version(f);
	if (f->count == CHANGES_MAX || f->bytes + cost > WIRE_FEED_MAX) {
		f->full = true;
		return ERR_CLOSED;
	}
	if (f->count == f->size && grow(f, why))
		return ERR_MEMORY;
	c = &f->changes[f->count++];
	*c = (struct wire_change){.type = r->type, .version = r->version};
	if (r->cbor.at) {
		c->record.length = r->cbor.length;
		c->record.at =
			(const uint8_t *)arena_text(f->arena, (const char *)r->cbor.at, r->cbor.length);
	} else {
		c->key = arena_text(f->arena, r->key, strlen(r->key));
	}
	if (!c->record.at && !c->key)
		return no_memory(why);
	f->bytes += cost;
	f->last_id = r->id;
	f->last_version = r->version;
	return ERR_OK;
}

static const char *copy(struct feeding *f, const char *text)
{
	return text ? arena_text(f->arena, text, strlen(text)) : NULL;
}

static enum err take_grant(const struct wire_grant *g, int64_t offset, void *arg, struct why *why)
{
	struct feeding *f = arg;
	struct wire_grant *to;

	if (f->grant_count == GRANTS_MAX) {
		f->more_grants = true;
		f->next_grant = offset;
		return ERR_CLOSED;
	}
	to = &f->grants[f->grant_count++];
	*to = *g;
	to->promotion = copy(f, g->promotion);
	to->box = copy(f, g->box);
	to->currency = copy(f, g->currency);
	return to->promotion && to->box ? ERR_OK : no_memory(why);
}

/* Too far behind for changes: never here, ahead of what is known, or from before the store's own book. */
static bool is_lost(const struct cursor *at, const struct state_catalog *c, const struct state_counters *n)
{
	return at->change < n->forgotten || at->change > n->newest || (c->own && at->change < c->own_since);
}

static enum err collect(struct feeding *f, const struct cursor *at, const struct state_catalog *catalog,
			const struct state_counters *n, struct why *why)
{
	struct state *s = f->c->h->state;
	enum err e;

	f->whole_id = at->change;
	e = state_changes(s, catalog, at->change, take, f, why);
	if (e)
		return e;
	if (!f->full) {
		end_version(f);
		f->whole_id = n->newest; /* what is of other stores, too */
		f->whole_version = catalog->version;
	}
	f->grants = arena_get(f->arena, GRANTS_MAX * sizeof(*f->grants));
	if (!f->grants)
		return no_memory(why);
	f->next_grant = n->next_lease;
	return state_grants(s, f->c->name, at->grant, take_grant, f, why);
}

static void answer(struct feeding *f, const struct cursor *at, const struct state_catalog *catalog, bool lost)
{
	char cursor[WIRE_CURSOR_MAX];
	struct wire_feed feed;
	bool snapshot = lost || (f->full && f->whole == 0); /* one version that is too large for an answer */

	wire_init(&wire_feed_schema, &feed);
	if (snapshot) {
		snprintf(cursor, sizeof(cursor), "%lld.%lld", (long long)at->change, (long long)at->grant);
		feed.version = catalog->version;
		feed.snapshot = 1;
	} else {
		snprintf(cursor, sizeof(cursor), "%lld.%lld", (long long)f->whole_id,
			 (long long)f->next_grant);
		feed.version = f->whole_version;
		feed.more = f->full || f->more_grants;
		feed.changes = (struct list){f->changes, f->whole};
		feed.grants = (struct list){f->grants, f->grant_count};
	}
	feed.cursor = cursor;
	call_message(f->c, COAPS_CONTENT, &wire_feed_schema, &feed);
}

void hub_feed(const struct call *c)
{
	struct feeding f = {.c = c, .arena = &c->h->arena};
	struct state_catalog catalog = {0};
	struct state_counters n = {0};
	struct cursor at;
	struct why why = {""};
	bool lost = !read_cursor(c->r->query, &at);
	enum err e = state_begin(c->h->state, &why);

	if (!e)
		e = state_counters(c->h->state, &n, &why);
	if (!e)
		e = state_catalog(c->h->state, c->name, &catalog, &why);
	lost = lost || is_lost(&at, &catalog, &n);
	if (!e && !lost)
		e = collect(&f, &at, &catalog, &n, &why);
	state_end(c->h->state);
	if (e)
		call_failed(c, e, &why);
	else
		answer(&f, &at, &catalog, lost && catalog.version > 0);
}
