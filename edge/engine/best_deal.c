/*
 * The policy "best_deal": first the line stage, in which pieces go to promotions that do not stack so that
 * they give most (best.h); then those that stack, in order of precedence, each on what is left.
 * docs/engine.md, "The best deal".
 */
#include "best.h"

static enum err line_stage(struct work *w, uint32_t turns)
{
	struct outcome out;
	enum err e;

	w->best->stamp = w->best->slots_clear = w->best->looked = 0;
	e = best_build(w, turns);
	if (e)
		return e;
	bound_edges(w->best);
	best_reduce(w);
	piles_link(w);
	bound_piles(w->best);
	best_choose(w, &out);
	w->gap.minor = out.missed;
	w->states = w->best->looked;
	return best_carry_out(w);
}

enum err best_deal_apply(struct work *w)
{
	uint32_t first;
	enum err e;

	precedence_order(w);
	first = precedence_alone(w);
	e = first ? line_stage(w, first) : ERR_OK;
	return e ? e : precedence_take(w, first);
}
