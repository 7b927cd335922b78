/*
 * Sorting. Indices: merge sort from the bottom up, stable, in memory of the caller's. It starts from short
 * stretches sorted by insertion, and leaves halves that are in order as they are: sorted input is linear.
 */
#include "engine_work.h"

#include <string.h>

#define STRETCH 8
#define NUMBERS 24 /* numbers are compared in one instruction */

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

static void insert_numbers(uint64_t *at, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		uint64_t moving = at[i];
		uint32_t to = i;

		for (; to > 0 && at[to - 1] > moving; to--)
			at[to] = at[to - 1];
		at[to] = moving;
	}
}

static void merge_numbers(uint64_t *at, uint64_t *spare, uint32_t middle, uint32_t n)
{
	uint32_t left = 0, right = middle, to = 0;

	memcpy(spare, at, middle * sizeof(*at));
	while (left < middle && right < n)
		at[to++] = at[right] < spare[left] ? at[right++] : spare[left++];
	memcpy(at + to, spare + left, (middle - left) * sizeof(*at));
}

/* A cart is a stretch or two; the calls of sort_indices would cost as much as all the rest of sorting it. */
void sort_numbers(uint64_t *at, uint32_t n)
{
	for (uint32_t from = 0; from < n; from += NUMBERS)
		insert_numbers(at + from, n - from < NUMBERS ? n - from : NUMBERS);
	for (uint32_t width = NUMBERS; width < n; width *= 2)
		for (uint32_t from = 0; from + width < n; from += 2 * width)
			merge_numbers(at + from, at + n, width, n - from < 2 * width ? n - from : 2 * width);
}
