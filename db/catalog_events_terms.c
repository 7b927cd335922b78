/*
 * What changes many prices at once without changing one: the volume grid of a price list, and the segments
 * that a customer is in. See catalog_events.h.
 */
#include "catalog_events.h"

#include <string.h>

static struct stamp now_of(const struct catalog_store *s)
{
	return (struct stamp){.seconds = s->note.now_s};
}

static bool same_grid(const struct list *a, const struct list *b)
{
	const struct record_grid_step *x = a->at, *y = b->at;

	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (x[i].from.micro != y[i].from.micro || x[i].percent.ppm != y[i].percent.ppm)
			return false;
	return true;
}

/* A list that comes or goes with a grid makes an event too, as its prices do. */
enum err events_of_list(struct catalog_store *s, const struct became *b, struct why *why)
{
	static const struct record_price_list none;
	const struct record_price_list *was = b->before ? &b->before->as.price_list : &none;
	const struct record_price_list *is = b->after ? &b->after->as.price_list : &none;
	const struct record_price_list *told = b->after ? is : was;
	struct shop_event e = {.type = SHOP_PRICE_GRID_CHANGED, .key = told->id, .list = told->id};

	if (same_grid(&was->grid, &is->grid))
		return ERR_OK;
	e.as.grid = (struct price_grid_changed){
		.list = told->id,
		.before = was->grid,
		.after = is->grid,
		.segments = told->segments,
		.effective = now_of(s),
		.reason = s->note.reason,
		.user = s->note.user,
	};
	return events_add(s, &e, why);
}

static bool holds(const struct list *l, const char *text)
{
	const char *const *at = l->at;

	for (size_t i = 0; i < l->count; i++)
		if (strcmp(at[i], text) == 0)
			return true;
	return false;
}

static bool holds_all(const struct list *l, const struct list *of)
{
	const char *const *at = of->at;

	for (size_t i = 0; i < of->count; i++)
		if (!holds(l, at[i]))
			return false;
	return true;
}

/* In which order they stand means nothing. */
enum err events_of_segments(struct catalog_store *s, const struct became *b, struct why *why)
{
	static const struct record_customer nobody;
	const struct record_customer *was = b->before ? &b->before->as.customer : &nobody;
	const struct record_customer *is = b->after ? &b->after->as.customer : &nobody;
	struct shop_event e = {.type = SHOP_CUSTOMER_SEGMENTS_CHANGED, .key = b->after ? is->id : was->id};

	if (holds_all(&was->segments, &is->segments) && holds_all(&is->segments, &was->segments))
		return ERR_OK;
	e.as.segments = (struct segments_changed){
		.customer = e.key,
		.before = was->segments,
		.after = is->segments,
		.effective = now_of(s),
		.reason = s->note.reason,
		.user = s->note.user,
	};
	return events_add(s, &e, why);
}
