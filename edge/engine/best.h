/*
 * The line stage of the policy "best_deal", private to its files: which pieces go to which promotion that
 * does not stack, so that all of them together give most. docs/engine.md, "The best deal".
 *
 * Piles are pieces that are worth the same, deals are promotions, and an edge stands between each deal and
 * each pile that it may take pieces of. A choice is how many: edge->take. The search walks piles, dearest
 * first, one component after the other; what it remembers of the piles behind it is a state.
 */
#ifndef TILL_BEST_H
#define TILL_BEST_H

#include "engine_work.h"

#define BEST_BEAM	((size_t)1024) /* states that are kept from one pile to the next ... */
#define BEST_BEAM_FIRST 4U	       /* ... in the first walk, if no dive has found a choice */
#define BEST_BEAM_DIVED 64U	       /* ... in the first one if it has; it mostly proves the best choice */
#define BEST_CROWD	48U	       /* edges of a component that is worth a closer bound before that */
#define BEST_BEAM_NEXT	16U	       /* ... in the one behind that, and once a walk has cost enough */
#define BEST_WORK_LEAST 1024U	       /* states that the last walk may cost until then ... */
#define BEST_WORK_JOIN	64U	       /* ... and what each edge adds to that */
#define BEST_WORK_DIVED 24U	       /* for each edge, in the walk after a dive */
#define BEST_AT_BITS	11
#define BEST_STATES	((size_t)1 << BEST_AT_BITS) /* that there is room for */
#define BEST_SLOTS	(4 * BEST_BEAM)		    /* of the hash over them; a power of two */
#define BEST_FEW	256U			    /* states that there is room for in a walk with few */
#define BEST_FEW_SLOTS	512U			    /* twice as many */
#define BEST_NODES	(128 * BEST_BEAM)	    /* joins that a component remembers */
#define BEST_SHORTS	12			    /* groups under way that may lack room at the same time */
#define BEST_GROUP	16U			    /* pieces of a group, for the dual bound */
#define BEST_DUAL_JOINS 8U			    /* edges that make it worth its while */
#define BEST_TRIES	64			    /* choices of members of exclusive groups */
#define BEST_STRETCH	INT64_C(32)	  /* numbers of pieces tried from either end, if there are more */
#define BEST_EDGES(n)	(2048 + 16 * (n)) /* for n lines */

/* How a promotion takes part. */
enum form {
	FORM_WHOLE,  /* all pieces that its gives select, or none */
	FORM_GROUPS, /* pieces in groups of `size`, dearest first */
	FORM_SINGLE, /* pieces one by one, all of a pile that are in no group */
};
#define FORMS	 3
#define OUT_EVER UINT32_MAX

struct deal {
	uint32_t judged, promotion;
	enum form form;
	uint32_t out;  /* not to be taken in this search; 0: it may be; OUT_EVER: nor in another */
	bool unplaced; /* there is no place for it in a state */
	bool tight;    /* some rewarded piece has less room than it would get */
	bool roomy;    /* its bound comes from rewards, else from rooms */
	int64_t buy, size;
	int64_t most;		    /* pieces in groups; 0: no limit */
	int64_t reward;		    /* of the last edge that the walk has passed */
	int64_t pieces;		    /* of all its piles */
	int64_t alone, wanted;	    /* what it would give by itself, with and without the guard */
	int64_t tie;		    /* what each pile it takes costs against a choice that gives as much */
	uint32_t first_edge, edges; /* by pile */
	unsigned shift, bits, shortage; /* of its progress in a state's key; its place in state->shortage */
	uint64_t mask;
	uint32_t first_cell;	       /* best_dual.c: what may still come, by edges behind and progress */
	int64_t mixture, mixture_kept; /* of rewards and rooms */
};

struct edge {
	uint32_t deal, pile;
	int64_t reward; /* FORM_GROUPS: of a rewarded piece; else what the deal gives on the pile as a whole
			 */
	int64_t bound;	/* no pieces of the pile give more */
	int64_t room;	/* of a piece */
	int64_t lack;	/* the most that a rewarded piece of a later pile lacks of room */
	int64_t next;	/* reward of the next pile */
	int64_t after;	/* pieces of later piles */
	uint32_t take, kept; /* the choice; the best choice so far */
	bool first, last;    /* of the deal's piles */
};

struct pile {
	uint32_t good;
	int64_t pieces; /* 1 for what is weighed or measured */
	bool measured;
	int64_t value;			     /* of a piece */
	uint32_t first_edge, joins, singles; /* into by_pile: wholes and groups, then singles */
	uint32_t root, next;		     /* component, and the next pile of it */
	uint32_t taker;			     /* the first deal that has pieces of it, once chosen */
	int64_t singly;			     /* what all its pieces give as single ones */
	int64_t bound;			     /* all its pieces together give no more */
	int64_t rest;			     /* nor do the later ones of its component */
	/* best_dual.c, in parts: price of a piece, and the best so far; how many are wanted too much; what
	 * single pieces gain; and what may come of later piles. */
	int64_t price, price_kept, wanted, gain, dual_rest;
};

/* The piles of a good, CATALOG_NONE where there is none. */
struct places {
	uint32_t pile[2];
};

/* What is known at some point of the walk. Two that agree in key, used and shortage have the same future. */
struct state {
	uint64_t key;		       /* progress of the deals under way */
	int64_t value, tie;	       /* given so far; lower is better among equals */
	int64_t bound;		       /* what it may come to, at most; in parts if there is a dual bound */
	uint32_t used;		       /* pieces of the pile at hand */
	uint32_t node;		       /* last join on the way here */
	uint32_t next;		       /* the next one with this key and used */
	int64_t shortage[BEST_SHORTS]; /* room of a group under way, less its rewards; as far as it matters */
};
#define STATE_DEAD UINT32_MAX /* in used */

struct node {
	uint32_t before, edge, take;
};

/* What the free pieces of a pile give together, as single ones of one deal. */
struct pick {
	int64_t pieces, value, tie;
	uint32_t edge;
};
#define BEST_PICKS 8 /* states of a pile mostly leave one of a few numbers of pieces free */

/* A whole choice. */
struct outcome {
	int64_t value, tie;
	int64_t missed; /* another one gives no more than this besides */
};

struct best {
	struct deal *deals;
	struct pile *piles; /* by value, dearest first */
	struct pile *unsorted;
	uint32_t *by_value;    /* into unsorted */
	uint64_t *numbers;     /* to sort them; twice as many */
	struct places *places; /* of goods */
	struct edge *edges;    /* by deal, then pile */
	uint32_t *by_pile;     /* edges by pile: wholes, groups, singles */
	uint64_t *chosen;      /* a bit a pile */
	struct state *now, *then;
	uint32_t *slots; /* stamp of the step, and place in then of the first with a key and used */
	struct node *nodes;
	int64_t *scores;
	int64_t *cells; /* of the dual bound */
	size_t cell_max;
	bool dual;		       /* there is one for the component at hand ... */
	int64_t dual_all;	       /* ... which gives no more than that; in parts */
	int64_t scale;		       /* of states' bounds: DUAL_PARTS with a dual bound, else 1 */
	uint32_t work_most;	       /* of the walk at hand: with more the beam gets narrow */
	uint32_t work, looked;	       /* states that the component at hand has cost, and all of them */
	struct pick picks[BEST_PICKS]; /* of the pile at hand */
	uint32_t *open;		       /* deals under way */
	uint32_t deal_count, pile_count, edge_count, edge_max;
	uint32_t now_count, then_count, node_count, open_count;
	uint32_t slot_count, state_max; /* what the walk at hand uses of them */
	uint32_t slots_clear; /* how many slots hold what a step of this evaluation put there, or 0 */
	uint32_t stamp, beam, root, join_count; /* the last three of the component at hand */
	unsigned shorts;			/* how many of a state's shortages are in use */
	uint64_t key_free;			/* bits */
	unsigned short_free;			/* bits */
	int64_t dropped; /* what the best of the dropped states might have come to; 0: none was */
	bool skipped;	 /* not every number of pieces was tried */
	bool passed;	 /* the pile at hand is done with, but for its single pieces */
	int64_t found;	 /* what a choice for the component gives that is known already */
	int64_t unheard; /* what promotions there was no room for might give */
};

/* best_deals.c: deals of the promotions in turns up to that many, piles of the goods, edges between them.
 */
enum err best_build(struct work *w, uint32_t turns) MUST_CHECK;
int64_t single_gives(const struct work *w, const struct edge *e, int64_t pieces);
int64_t single_wants(const struct work *w, const struct edge *e, int64_t pieces);

/* best_piles.c: piles by value, and, once the edges are there, what belongs together. */
void piles_make(struct work *w);
void piles_link(struct work *w);

/* best_reduce.c: deals that no best choice has are out. */
void best_reduce(struct work *w);

/* best_bound.c: what edges, piles and states can give at most; cutting states down to the beam. */
void bound_edges(struct best *b);
void bound_piles(struct best *b);
int64_t bound_deal(const struct best *b, const struct deal *d);
void bound_rest(struct best *b, uint32_t root);
void bound_late(struct best *b);
void bound_cut(struct best *b);
void bound_drop(struct best *b, const struct state *s);
int64_t bound_state(const struct best *b, const struct pile *p, const struct state *s);

/* best_groups.c: pieces that join a group under way, of which `at` are there; group_add is for one of them.
 */
struct joining {
	int64_t at, shortage, gained;
};
void group_join(const struct deal *d, const struct edge *e, int64_t pieces, struct joining *j);

static inline void group_add(const struct deal *d, const struct edge *e, struct joining *j)
{
	bool rewarded = j->at >= d->buy;

	j->gained += rewarded ? e->reward : 0;
	j->shortage += rewarded ? e->room - e->reward : e->room;
	if (++j->at < d->size)
		return;
	j->gained += j->shortage < 0 ? j->shortage : 0;
	j->at = j->shortage = 0;
}

/* Once a pile is behind, no more of what was lent matters than the rest of the group could want. */
static inline void group_forget(const struct deal *d, const struct edge *e, struct joining *j)
{
	int64_t most = (d->size - (j->at > d->buy ? j->at : d->buy)) * e->lack;

	if (j->at && j->shortage > most)
		j->shortage = most;
}

/*
 * Numbers of pieces that may join, to be tried one after the other up to `most`: on the last pile those that
 * leave no group under way. The middle of many is passed over, and b->skipped then.
 */
struct numbers {
	int64_t pieces, stride, most;
};

static inline struct numbers numbers_from(const struct deal *d, const struct edge *e, int64_t at,
					  int64_t most)
{
	return (struct numbers){
		.pieces = e->last && at ? d->size - at : 0, .stride = e->last ? d->size : 1, .most = most};
}

static inline void numbers_next(struct best *b, struct numbers *n)
{
	bool stretch = n->most > 2 * BEST_STRETCH * n->stride && n->pieces / n->stride == BEST_STRETCH;

	if (stretch)
		b->skipped = true;
	n->pieces += n->stride * (stretch ? n->most / n->stride - 2 * BEST_STRETCH + 1 : 1);
}

/* A group that so many pieces leave under way can still be filled. */
static inline bool numbers_fill(const struct deal *d, const struct edge *e, int64_t pieces)
{
	int64_t at = pieces < d->size ? pieces : pieces % d->size;

	return !at || e->last || d->size - at <= e->after;
}

#define DUAL_PARTS    INT64_C(256) /* of a minor unit, in which best_dual.c counts */
#define DUAL_MIXTURES 16	   /* of which deal.mixture is rewards, and the rest rooms */

static inline uint32_t dual_states(const struct deal *d)
{
	return d->form == FORM_WHOLE ? 2 : (uint32_t)d->size;
}

/* What may still come of a deal behind so many of its edges, by its progress. */
static inline int64_t *dual_cells(const struct best *b, const struct deal *d, uint32_t edge)
{
	return b->cells + d->first_cell + (size_t)edge * dual_states(d);
}

/* best_dual.c: a closer bound for the component at hand. */
void dual_make(struct work *w);
void dual_improve(struct best *b);

/*
 * The part of a state's bound that is the deal's, by its progress and what the group under way has lent: so
 * far as the mixture is of rooms, what it lent less the rewards it got counts. What a step changes of the
 * bound is that, what was given, and the price of pieces that are taken; all else stays as it was.
 */
static inline int64_t dual_lent(const struct deal *d)
{
	return d->tight && d->form == FORM_GROUPS
		       ? (DUAL_MIXTURES - d->mixture) * (DUAL_PARTS / DUAL_MIXTURES)
		       : 0;
}

/* best_plan.c: places of the component's deals in states, and which deals are under way at a pile; the next
 * of its joins whose deal has a say, from that one on. */
void plan_component(struct work *w, struct outcome *out);
void plan_open(struct best *b, const struct pile *p);
void plan_close(struct best *b, const struct pile *p);
uint32_t plan_next_join(const struct best *b, const struct pile *p, uint32_t join);

/* Pieces in the group under way. Of deals without a limit that is all their progress: no division. */
static inline int64_t deal_at(const struct deal *d, uint64_t key)
{
	int64_t progress = (int64_t)((key & d->mask) >> d->shift);

	return d->most ? progress % d->size : progress;
}

/*
 * best_states.c. make_room comes before a walk. States of the next step, b->then, which begin makes empty and
 * end makes b->now; cut_down makes room for more of them. best_step.c makes them: all that may come about on
 * one of the pile's joins, but those that another one outdoes, or whose bound is below what is found already.
 */
bool state_better(const struct state *x, const struct state *y);
void states_make_room(struct best *b, bool few);
void states_begin(struct best *b);
void states_cut_down(struct best *b);
void states_end(struct best *b);
void best_step(struct work *w, const struct pile *p, uint32_t join);

/*
 * best_search.c: the best choice for the deals that are not out, to edge->take. In parts: what single pieces
 * of a pile give; and a component's edges without a choice.
 */
void best_search(struct work *w, struct outcome *out);
struct pick best_pick(const struct work *w, const struct pile *p, int64_t pieces);
void best_take_none(struct best *b);

/* best_dive.c: a good choice for the component, by its dual bound, to edge->take, and what it gives to *s. */
void best_dive(struct work *w, struct state *s);

/* best_exclusive.c: the same where no two of a group may be taken, to edge->take. */
void best_choose(struct work *w, struct outcome *out);

bool best_takes(const struct best *b, const struct deal *d);
bool best_excludes(const struct work *w, const struct deal *a, const struct deal *b);

/* best_carry.c: takes off what was chosen; says of the others why not. */
enum err best_carry_out(struct work *w) MUST_CHECK;

#endif
