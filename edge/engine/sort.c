/*
 * Sorting indices: merge sort from the bottom up, stable, in memory of the caller's. Halves that are in
 * order already are left as they are, which makes sorted input linear.
 */
#include "engine_work.h"

#include <string.h>

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
	for (uint32_t width = 1; width<n; width = width> n / 2 ? n : 2 * width) {
		for (uint32_t from = 0; n - from > width; from += 2 * width) {
			uint32_t both = n - from < 2 * width ? n - from : 2 * width;

			if (before(of, at[from + width], at[from + width - 1]))
				merge(at + from, spare, width, both, before, of);
			if (n - from <= 2 * width)
				break;
		}
	}
}
