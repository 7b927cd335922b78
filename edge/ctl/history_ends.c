/*
 * Ends of prices that were set by hand. See history_ends.h.
 */
#include "history_ends.h"

#include <stdlib.h>
#include <string.h>

#include "intern.h"
#include "zone.h"

static int64_t utc_of(struct stamp t)
{
	return t.local ? t.seconds - zone_offset_s(t.seconds - zone_offset_s(t.seconds)) : t.seconds;
}

static bool same(const struct shop_event *a, const struct shop_event *b)
{
	return !strcmp(a->key, b->key) && !strcmp(a->as.price_changed.override, b->as.price_changed.override);
}

static void drop(struct history_ends *h, uint32_t i)
{
	memmove(&h->at[i], &h->at[i + 1], (--h->count - i) * sizeof(*h->at));
}

static enum err add(struct history_ends *h, const struct shop_event *e)
{
	const struct price_changed *p = &e->as.price_changed;
	struct shop_event end = {.type = SHOP_PRICE_CHANGED, .version = e->version};

	if (!array_room(&h->at, &h->size, h->count, sizeof(*h->at)))
		return ERR_MEMORY;
	end.at_s = utc_of(p->until) + 1;
	end.key = arena_text(&h->arena, e->key, strlen(e->key));
	end.as.price_changed = (struct price_changed){
		.product = end.key,
		.before = p->after,
		.after = MONEY_NONE,
		.effective = {.seconds = end.at_s},
		.reason = "its time is over",
		.user = "tilld",
		.margin_impact = {AMOUNT_NONE},
		.override = arena_text(&h->arena, p->override, strlen(p->override)),
		.from = {AMOUNT_NONE},
		.until = {.seconds = AMOUNT_NONE},
	};
	if (!end.key || !end.as.price_changed.override)
		return ERR_MEMORY;
	h->at[h->count++] = end;
	return ERR_OK;
}

enum err history_ends_note(struct history_ends *h, const struct shop_event *e)
{
	if (e->type != SHOP_PRICE_CHANGED || !e->as.price_changed.override)
		return ERR_OK;
	for (uint32_t i = h->count; i-- > 0;)
		if (same(&h->at[i], e))
			drop(h, i);
	return e->as.price_changed.until.seconds == AMOUNT_NONE ? ERR_OK : add(h, e);
}

bool history_ends_next(struct history_ends *h, int64_t before_s, struct shop_event *out)
{
	uint32_t first = h->count;

	for (uint32_t i = 0; i < h->count; i++)
		if (h->at[i].at_s < before_s && (first == h->count || h->at[i].at_s < h->at[first].at_s))
			first = i;
	if (first == h->count)
		return false;
	*out = h->at[first];
	drop(h, first);
	return true;
}

void history_ends_free(struct history_ends *h)
{
	arena_free(&h->arena);
	free(h->at);
}
