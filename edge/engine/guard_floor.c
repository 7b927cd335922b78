/*
 * Which margin floor goes for an article and the customer: docs/engine.md, "Margin guard". Rows for a segment
 * are looked up by bisection, and only if the customer is in one of theirs; those for a category alone are
 * resolved in the catalog.
 */
#include "engine_work.h"

static struct rate lower(struct rate a, struct rate b)
{
	if (a.ppm == AMOUNT_NONE || b.ppm == AMOUNT_NONE)
		return a.ppm == AMOUNT_NONE ? b : a;
	return a.ppm < b.ppm ? a : b;
}

static struct rate higher(struct rate a, struct rate b)
{
	return a.ppm > b.ppm ? a : b; /* AMOUNT_NONE is below any */
}

/* The first row of that segment and category, or of what stands behind them. */
static uint32_t first_row(const struct catalog *c, uint32_t segment, uint32_t category)
{
	uint32_t from = 0, to = c->margin_floor_count;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		const struct margin_floor *f = &c->margin_floors[middle];

		if (f->segment < segment || (f->segment == segment && f->category < category))
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool row_is(const struct catalog *c, uint32_t row, uint32_t segment)
{
	return row < c->margin_floor_count && c->margin_floors[row].segment == segment;
}

static struct rate row_of(const struct catalog *c, uint32_t segment, uint32_t category)
{
	uint32_t row = first_row(c, segment, category);

	if (row_is(c, row, segment) && c->margin_floors[row].category == category)
		return c->margin_floors[row].margin;
	return (struct rate){AMOUNT_NONE};
}

void floors_read(struct work *w)
{
	const struct catalog *c = w->catalog;
	const struct ids *segments = &w->cart->context.segments;

	w->segment_floor.ppm = AMOUNT_NONE;
	w->pair_floors = false;
	for (uint32_t i = 0; c->margin_floor_count && i < segments->count; i++) {
		uint32_t row = first_row(c, segments->at[i], 0);

		if (!row_is(c, row, segments->at[i]))
			continue;
		w->pair_floors |= c->margin_floors[row].category != CATALOG_NONE;
		w->segment_floor = lower(w->segment_floor, row_of(c, segments->at[i], CATALOG_NONE));
	}
}

/* Of the nearest category with a row for one of the customer's segments the least. */
static struct rate pair_floor(const struct work *w, const struct ids *up)
{
	const struct ids *segments = &w->cart->context.segments;
	struct rate floor = {AMOUNT_NONE};

	for (uint32_t k = 0; k < up->count && floor.ppm == AMOUNT_NONE; k++)
		for (uint32_t i = 0; i < segments->count; i++)
			floor = lower(floor, row_of(w->catalog, segments->at[i], up->at[k]));
	return floor;
}

struct rate floor_of(const struct work *w, const struct item *article)
{
	const struct category *category;
	struct rate floor = w->segment_floor;

	if (article->category != CATALOG_NONE) {
		category = &w->catalog->categories[article->category];
		if (w->pair_floors) {
			struct rate pair = pair_floor(w, &category->up);

			if (pair.ppm != AMOUNT_NONE)
				return pair;
		}
		floor = higher(floor, category->margin_floor);
	}
	return floor.ppm == AMOUNT_NONE ? w->catalog->settings.margin_floor : floor;
}
