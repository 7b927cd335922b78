/*
 * What an evaluation works with: the caller's room laid out as arrays (room.c). engine_work.h says what the
 * steps do with it.
 */
#ifndef TILL_WORK_H
#define TILL_WORK_H

#include "engine.h"

/* The context, with the store's civil clock read off once. */
struct now {
	const struct engine_context *context;
	int64_t civil_s;	  /* now_s on the store's clock */
	int32_t second;		  /* of the civil day */
	uint8_t today, yesterday; /* a bit each, as in promotion.weekdays */
	uint16_t date;		  /* month * 100 + day */
	int32_t day;		  /* since 1970-01-01, civil */
};

/* Lines of one article at one price that promotions treat as one; docs/engine.md, "Goods". */
struct good {
	const struct item *article;
	const uint32_t *tags;
	uint32_t item;
	uint32_t first, lines; /* work->order[first ...]: its lines in scan order */
	bool priced;	       /* the price is from the label: a good of its own */
	int64_t pieces;	       /* 0: weighed or measured */
	struct qty quantity;
	struct money unit_price, list;
	struct money running; /* what promotions have left of list */
	/* The margin guard's: of the whole and of a piece (0 without pieces); 0 when unguarded, AMOUNT_MAX
	 * when no price is legal. While a promotion with a floor of its own is carried out, by that floor. */
	struct money least, unit_least;
	struct rate floor;	      /* the margin that least comes from; AMOUNT_NONE: unguarded */
	struct money taken;	      /* by the promotion that is being carried out; 0 between promotions */
	struct money taxed, tax;      /* of base.goods: an amount and the tax for it, once that is known */
	struct money before_percents; /* what was left of list when the round of per cents began */
	uint32_t percent_by;	      /* PERCENTS_BEST_ONLY: the per cent it got; else CATALOG_NONE */
};

/* Goods that a selector means, in canonical order. */
struct selection {
	const struct selector *of; /* NULL: nothing selected yet */
	uint32_t *goods;
	uint32_t count;
};

/* Pieces of one good that are worth the same (pieces.c). */
struct run {
	int64_t value, room;	/* of a piece */
	int64_t pieces;		/* not yet used up by sets */
	uint32_t part;		/* index into the selection */
	uint8_t of;		/* bits: parts of the set that may take them */
	int64_t take, rewarded; /* of them in the set at hand, and how many of those it is to reward */
	int64_t off;		/* what it takes off those, together */
};

/* What promotions did to a good. */
struct kept_good {
	struct money running, before_percents;
	uint32_t percent_by;
};

#define SET_PARTS_MAX 8 /* bits of run.of */

/* A promotion that passed what needs no goods. */
struct turn {
	uint32_t judged;  /* index into judged */
	uint32_t place;	  /* promotion.turn */
	uint32_t best[2]; /* EXCLUSIVE_BEST_TOTAL: the best promotion of each set it is in (exclusive.c) */
};

#define PRICE_STEPS_MAX (RULE_KINDS + 3) /* of a line: one a kind, its bounds twice, margin and lock */

/*
 * What an evaluation knows before any promotion takes something off: it depends on catalog, context and lines
 * alone, so it may be kept from one evaluation to the next (memo.c). Arrays for n lines and p promotions.
 */
struct base {
	struct line_result *lines; /* n; priced */
	struct price_step *steps;  /* n times PRICE_STEPS_MAX: each line has places of its own */
	struct good *goods;	   /* n; in canonical order */
	uint32_t *order;	   /* n; lines by good, then in scan order */
	uint64_t *touched;	   /* p bits: promotions to judge */
	uint64_t *touching;	   /* p times n bits: the goods that touch it; valid if it is touched */
	uint8_t *checked;	   /* p: what the context says of it (candidates.c); valid if it is touched */
#define CHECKED_ANEW 0x40
	size_t words; /* of 64 bits, for a bit a line */
	uint32_t good_count;
	bool kept;	   /* by a memo; else promotions may work on its lines and goods themselves */
	struct money list; /* of all lines */
};

/* Arrays end with how many entries they have room for: n lines, p promotions, d discounts. */
struct work {
	const struct catalog *catalog;
	const struct engine_cart *cart;
	struct now now;
	struct base base;
	struct line_result *lines;  /* n; net is the running amount of the line */
	struct good *goods;	    /* n; those of base, with what promotions leave of them */
	struct good *aside;	    /* n; goods of an article, while they are put in order */
	uint64_t *numbers;	    /* 2 n; lines by article, to be sorted */
	uint32_t *heads;	    /* n; goods of an article, to be sorted */
	struct money *weight, *cap; /* 2 n each; of an allocation over goods, lines or runs */
	struct money *share;	    /* 2 n; its result over runs */
	struct money *part;	    /* n; over goods or lines */
	struct kept_good *kept;	    /* n; while a promotion is tried alone (give.c) */
	uint64_t *taken; /* n bits: goods with something taken by the promotion being carried out */
	struct share_scratch *scratch; /* 2 n */
	struct selection selected;     /* n */
	struct run *runs;	       /* 2 n */
	uint32_t *run_order;	       /* 2 n; dearest first */
	uint32_t *in_set;	       /* 2 n; runs that the set at hand takes of, dearest first in the end */
	uint8_t *parts_of;	       /* n; of goods, while a give with several selectors is carried out */
	uint8_t *usable;	       /* enum usable, one a price list; 0 at first */
	struct price_step *steps;      /* n times PRICE_STEPS_MAX; one line's behind another's */
	struct verdict *judged;	       /* p; ascending by promotion, as the result wants the rest */
	uint64_t *turn_bits;	       /* p bits: promotion.turn of those that have one here */
	uint32_t *judged_by_turn;      /* p; index into judged, by promotion.turn */
	struct turn *turns;	       /* p; in the order of precedence, once it is asked for */
	uint32_t *applied;	       /* p; indices into judged, in order of application */
	uint32_t *spare;	       /* max(2 n, p); for sorting */
	struct discount *given;	       /* d; in order of application */
	struct discount *discounts;    /* d; sorted by line */
	struct verdict *verdicts;      /* p */
	uint32_t *ranked;	       /* p */
	struct best *best;	       /* of the policy best_deal (best.h) */
	struct money gap;	       /* of best_deal */
	uint32_t states;	       /* the same */
	struct money wanted;	       /* what that give would take off if there were no margin guard */
	struct rate segment_floor;     /* the customer's, whatever the category; AMOUNT_NONE: none */
	bool pair_floors;	       /* there are rows for a segment of the customer's and a category */
	struct reward *rewards;	       /* ENGINE_REWARDS_MAX */
	/* Of the promotion being carried out. */
	struct money most; /* it may give in all; MONEY_NONE: no limit */
	int64_t groups;	   /* and sets that it has rewarded so far */
	int64_t formed;	   /* by the give at hand */
	int64_t units;	   /* pieces rewarded so far */

	/* What promotions did in the evaluation before (past.h). */
	struct past *past;  /* NULL: there is none to be kept */
	bool repeats;	    /* it may be done again; then the rest means something */
	bool others;	    /* other ones of those that exclude one another apply */
	uint32_t unchanged; /* turns to come that may do what they did */
	uint64_t *changed;  /* n bits: goods */
	uint32_t *good_of;  /* n; by line */

	struct money shipping; /* what promotions have left of it */
	uint32_t good_words;   /* of 64 bits, for a bit a line */
	uint32_t good_count, judged_count, turn_count, applied_count, given_count;
	uint32_t given_max, reward_count;
};

#endif
