/*
 * What has to hold of a small shop's ledger at any time: every sale replays from what it stored, events add
 * up to what the lanes count, and the check of the chain agrees.
 */
#ifndef TILL_REPLAYS_H
#define TILL_REPLAYS_H

#include "mini_shop.h"

void expect_replays(const struct mini_shop *m);

#endif
