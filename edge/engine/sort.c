/*
 * Sorting indices: merge sort from the bottom up, stable, in memory of the caller's. It starts from short
 * stretches sorted by insertion, and leaves halves that are in order as they are: sorted input is linear.
 */
#include "engine_work.h"

#include <string.h>

#define STRETCH 8

static void insert_all(uint32_t *at, uint32_t n, before_fn *before, const void *of)
{
	for (uint32_t i = 1; i < n; i++) {
		uint32_t moving = at[i], to = i;

		for (; to > 0 && before(of, moving, at[to - 1]); to--)
			at[to] = at[to - 1];
		at[to] = moving;
	}
}

static void merge(uint32_t *at, uint32_t *spare, uint32_t middle, uint32_t n, before_fn *before,
		  const void *of)
{
	uint32_t left = 0, right = middle, to = 0;

	memcpy(spare, at, middle * sizeof(*at)); /* the right half is only overtaken once it is read */
	while (left < middle && right < n)
		at[to++] = before(of, at[right], spare[left]) ? at[right++] : spare[left++];
	memcpy(at + to, spare + left, (middle - left) * sizeof(*at));
}

void sort_indices(uint32_t *at, uint32_t *spare, uint32_t n, before_fn *before, const void *of)
{
	for (uint32_t from = 0; from < n; from += STRETCH)
		insert_all(at + from, n - from < STRETCH ? n - from : STRETCH, before, of);
	for (uint32_t width = STRETCH; width<n; width = width> n / 2 ? n : 2 * width) {
		for (uint32_t from = 0; n - from > width; from += 2 * width) {
			uint32_t both = n - from < 2 * width ? n - from : 2 * width;

			if (before(of, at[from + width], at[from + width - 1]))
				merge(at + from, spare, width, both, before, of);
			if (n - from <= 2 * width)
				break;
		}
	}
}
