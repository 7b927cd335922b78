/*
 * Any bytes as a scanned text, with and without templates. What comes out must keep its own rules.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "fuzz.h"
#include "gs1.h"

#define MAX_GTIN 99999999999999u

static const char *const patterns[] = {"22IIIIIPPPPPC", "28IIIIVWWWWWC", "0212IIIINNNNC", "21IIPPPC"};
#define TEMPLATES (sizeof(patterns) / sizeof(*patterns))

static void check(const struct gs1_scan *scan)
{
	assert(scan->gtins <= 2 && (scan->kind == GS1_GTIN) == (scan->gtins > 0));
	for (size_t i = 0; i < scan->gtins; i++)
		assert(scan->gtin[i] > 0 && scan->gtin[i] <= MAX_GTIN);
	assert(strlen(scan->text) <= GS1_TEXT_MAX && strlen(scan->lot) <= GS1_LOT_MAX);
	assert(scan->price.minor == AMOUNT_NONE || scan->price.minor >= 0);
	assert(scan->quantity.micro == AMOUNT_NONE || scan->quantity.micro > 0);
	assert(scan->expiry == 0 || (scan->expiry >= 19510101 && scan->expiry <= 20501231));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct gs1_template templates[TEMPLATES];
	struct gs1_scan scan;
	struct why why = {0};
	struct money price;

	for (size_t i = 0; i < TEMPLATES; i++)
		if (gs1_template_parse("t", patterns[i], &templates[i], NULL))
			return 0;
	for (size_t count = 0; count <= TEMPLATES; count += TEMPLATES) {
		why.text[0] = '\0';
		if (gs1_parse((const char *)bytes, n, templates, count, &scan, &why)) {
			assert(why.text[0] != '\0');
			continue;
		}
		check(&scan);
		if (gs1_price(&scan, 2, &price) == ERR_OK)
			assert(price.minor >= 0);
	}
	return 0;
}
