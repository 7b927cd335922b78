/*
 * How the per cents of several promotions that stack meet on an article: one after another, side by side, as
 * their sum, or the highest alone. docs/engine.md, "Several per cents".
 */
#include "engine_work.h"

void percents_begin(struct work *w)
{
	if (w->catalog->settings.percents != PERCENTS_ADDITIVE)
		return; /* nobody asks */
	for (uint32_t i = 0; i < w->good_count; i++)
		w->goods[i].before_percents = w->goods[i].running;
}

static bool best_only(const struct work *w, const struct promotion *p)
{
	return p->stackable && w->catalog->settings.percents == PERCENTS_BEST_ONLY;
}

static struct money base_of(const struct work *w, const struct promotion *p, const struct good *g)
{
	enum percents mode = p->stackable ? w->catalog->settings.percents : PERCENTS_SEQUENTIAL;

	if (p->base == BASE_LIST || mode == PERCENTS_PARALLEL)
		return g->list;
	return mode == PERCENTS_ADDITIVE ? g->before_percents : g->running;
}

/* Of the selected goods: what a per cent may take to w->weight and its sum back, and what it is taken of. */
struct money percents_weigh(struct work *w, const struct promotion *p, struct money *base)
{
	struct money sum = MONEY_ZERO;

	*base = MONEY_ZERO;
	for (uint32_t k = 0; k < w->selected.count; k++) {
		const struct good *g = &w->goods[w->selected.goods[k]];

		w->weight[k] = MONEY_ZERO;
		if (best_only(w, p) && g->percent_by != CATALOG_NONE)
			continue;
		w->weight[k] = g->running;
		sum.minor += g->running.minor;
		base->minor += base_of(w, p, g).minor;
	}
	return sum;
}

/* A per cent on goods as a whole, tiers and steps by amount among them; not one on so many pieces. */
static bool is_percent(const struct promotion *p)
{
	const struct give *g = &p->gives[0];
	bool steps = g->kind == GIVE_STEPS && g->tier_kind == TIER_AMOUNT;

	return !p->units && g->off == OFF_RATE && (g->kind == GIVE_PERCENT || g->kind == GIVE_TIERS || steps);
}

/* The goods that the promotion being carried out took something off got their per cent. */
void percents_take(struct work *w, uint32_t promotion)
{
	const struct promotion *p = &w->catalog->promotions[promotion];

	if (!best_only(w, p) || !is_percent(p))
		return;
	for (uint32_t i = 0; i < w->good_count; i++)
		if (w->goods[i].taken.minor && w->goods[i].percent_by == CATALOG_NONE)
			w->goods[i].percent_by = promotion;
}

/* Whose per cent the first good has that this one would take something off; CATALOG_NONE if it has none. */
uint32_t percents_holder(struct work *w, uint32_t promotion)
{
	const struct promotion *p = &w->catalog->promotions[promotion];
	const struct selection *s;

	if (!best_only(w, p) || !is_percent(p))
		return CATALOG_NONE;
	s = select_goods(w, promotion, &p->gives[0].on);
	return s->count ? w->goods[s->goods[0]].percent_by : CATALOG_NONE;
}
