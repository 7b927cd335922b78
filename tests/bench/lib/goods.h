/*
 * What a book says an article costs, read from the file apart from tilld's own reader, so that a benchmark
 * can tell a fast price from a right one.
 */
#ifndef BENCH_GOODS_H
#define BENCH_GOODS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define GOODS_LIST "shelf" /* the price list of everybody */

struct good {
	char sku[16], code[16]; /* code: its first GTIN */
	int64_t price;		/* minor units */
};

struct goods {
	struct good *at; /* by SKU; each has a code and a price */
	size_t count, promotions;
};

void goods_load(const char *path, struct goods *out);
void goods_free(struct goods *g);

/* "12.34" in minor units; the end if it is no such text. */
int64_t goods_minor(const json_t *text);

#endif
