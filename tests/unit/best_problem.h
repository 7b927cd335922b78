/*
 * Random problems for the policy best_deal: as the oracle reads them (best_oracle.h), and posed to the engine
 * as a shop and a cart.
 */
#ifndef TILL_BEST_PROBLEM_H
#define TILL_BEST_PROBLEM_H

#include "best_oracle.h"
#include "mini_catalog.h"

/* A number below n. */
int64_t below(uint64_t *seed, uint64_t n);

/* Prices that tie often, rooms that bind often. cost: AMOUNT_NONE, there is none. */
void make_good(uint64_t *seed, struct oracle_good *g, int64_t *cost);
void make_offer(uint64_t *seed, struct oracle_offer *f, int goods, int64_t priority);

/* The same problem as a shop, a cart and a result; mini_free(m) in the end. */
struct posed {
	struct mini *m;
	struct term terms[ORACLE_OFFERS][ORACLE_GOODS];
	struct give gives[ORACLE_OFFERS];
	struct engine_line lines[ORACLE_GOODS];
	struct engine_result result;
};
void pose(struct posed *p, const struct oracle *o, const int64_t *cost);

/* No line is below what the margin guard leaves it. */
void check_floors(const struct posed *p, const struct oracle *o);

/* True, for conditions that fail. */
bool print_problem(const struct oracle *o);

#endif
