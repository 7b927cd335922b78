/*
 * The best deal by trying everything: written from docs/engine.md, "The best deal", apart from the engine.
 * For a handful of goods and promotions only; a problem may have more, which nobody can try.
 */
#ifndef TILL_BEST_ORACLE_H
#define TILL_BEST_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#define ORACLE_GOODS  24
#define ORACLE_OFFERS 8

enum offer_kind {
	OFFER_PERCENT, /* of each good by itself */
	OFFER_EACH,    /* money off each piece */
	OFFER_GROUPS,  /* buy X get Y */
	OFFER_ONCE,    /* money off all that it selects, all its pieces or none */
};

/* In canonical order. value and room are of a piece, or of all that was weighed. */
struct oracle_good {
	int64_t value, room, pieces;
	bool measured;
};

/* In order of precedence. */
struct oracle_offer {
	enum offer_kind kind;
	unsigned goods;			      /* a bit each */
	int64_t ppm, amount, buy, get, times; /* times 0: no limit */
	int64_t priority;
	int group; /* 0: none */
};

struct oracle {
	struct oracle_good goods[ORACLE_GOODS];
	struct oracle_offer offers[ORACLE_OFFERS];
	int good_count, offer_count;
	/* the answer */
	int64_t given, amounts[ORACLE_OFFERS];
	int64_t joins, priorities; /* what ties are settled by */
	int64_t tried;		   /* choices */
	/* the choice being tried: pieces of each good that join each offer */
	int order[ORACLE_GOODS]; /* of goods, dearest first */
	int64_t pieces[ORACLE_GOODS][ORACLE_OFFERS];
};

void oracle_solve(struct oracle *o);

#endif
