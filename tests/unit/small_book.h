/*
 * Price books for tests, written as the lines of a file are. A small one is here; a test changes or adds
 * lines.
 */
#ifndef TILL_SMALL_BOOK_H
#define TILL_SMALL_BOOK_H

#include "snapshot.h"

/* The lines up to a NULL as a snapshot, numbered from 1; the first error and its reason otherwise. */
enum err book_of(const char *const *lines, struct snapshot **out, struct why *why) MUST_CHECK;

/*
 * EUR, prices with 19 % tax. Milk 1.00 (0.90 for members, 1.10 in the app), brie at 12.00 a kg, a pen 2.00.
 * Two articles share the GTIN 96385074. Milk: two for one; dairy 10 %; members 0.50 off from 5.00; SAVE: 20
 * %, at most 1.00.
 */
extern const char *const small_book[];

/* The small book, which must build. The caller lets go of it. */
struct snapshot *small_snapshot(void);

#endif
