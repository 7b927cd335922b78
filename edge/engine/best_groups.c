/*
 * Pieces that join a group: the first `buy` of a group are paid, the others rewarded. Under the margin guard
 * a group gives at most the room of all its pieces, so what its pieces have lent so far is remembered until
 * it is full.
 */
#include "best.h"

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Groups that lie in the pile as a whole are alike. */
static int64_t full_groups(const struct deal *d, const struct edge *e, int64_t groups)
{
	int64_t wanted = (d->size - d->buy) * e->reward;

	return groups * least(wanted, d->size * e->room);
}

static int64_t join_some(const struct deal *d, const struct edge *e, int64_t at, int64_t most,
			 struct joining *j)
{
	bool bought = at < d->buy;
	int64_t pieces = least(most, bought ? d->buy - at : d->size - at);

	if (!bought)
		j->gained += pieces * e->reward;
	j->shortage += pieces * (bought ? e->room : e->room - e->reward);
	if (at + pieces == d->size) {
		j->gained += least(0, j->shortage);
		j->shortage = 0;
	}
	return pieces;
}

void group_join(const struct deal *d, const struct edge *e, int64_t pieces, struct joining *j)
{
	int64_t at = j->at;

	while (pieces > 0) {
		int64_t joined;

		if (at == 0 && pieces >= d->size) {
			j->gained += full_groups(d, e, pieces / d->size);
			pieces %= d->size;
			continue;
		}
		joined = join_some(d, e, at, pieces, j);
		at = at + joined == d->size ? 0 : at + joined;
		pieces -= joined;
	}
	j->at = at;
}
