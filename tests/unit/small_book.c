/*
 * A small price book for tests. See small_book.h.
 */
#include "small_book.h"

#include <string.h>

#include "unit.h"

/* clang-format off */
const char *const small_book[] = {
	"{\"type\":\"book\",\"id\":\"small\",\"currency\":\"EUR\",\"tax\":\"inclusive\",\"zone\":\"Europe/Berlin\"}",
	"{\"type\":\"tax\",\"id\":\"vat\",\"rate\":\"19\"}",
	"{\"type\":\"category\",\"id\":\"food\"}",
	"{\"type\":\"category\",\"id\":\"dairy\",\"parent\":\"food\"}",
	"{\"type\":\"category\",\"id\":\"cheese\",\"name\":\"Cheese\",\"parent\":\"dairy\"}",
	"{\"type\":\"category\",\"id\":\"office\"}",
	"{\"type\":\"price_list\",\"id\":\"base\"}",
	"{\"type\":\"price_list\",\"id\":\"members\",\"rank\":10,\"segments\":[\"member\"]}",
	"{\"type\":\"price_list\",\"id\":\"app\",\"rank\":10,\"channels\":[\"app\"]}",
	"{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"Pen\",\"gtins\":[\"96385074\"],\"category\":\"office\",\"brand\":\"ink\",\"tax\":\"vat\",\"tags\":[\"blue\",\"gift\"]}",
	"{\"type\":\"item\",\"sku\":\"BRIE\",\"name\":\"Brie\",\"gtins\":[\"4006381333931\"],\"category\":\"cheese\",\"supplier\":\"farm\",\"tax\":\"vat\",\"unit\":\"kg\",\"cost\":\"5.00\"}",
	"{\"type\":\"item\",\"sku\":\"MILK\",\"name\":\"Milk\",\"gtins\":[\"5901234123457\",\"036000291452\"],\"category\":\"dairy\",\"brand\":\"cow\",\"supplier\":\"farm\",\"tax\":\"vat\"}",
	"{\"type\":\"item\",\"sku\":\"INK\",\"name\":\"Ink\",\"gtins\":[\"00000096385074\"],\"category\":\"office\",\"brand\":\"ink\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"2.00\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"BRIE\",\"price\":\"12.00\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"MILK\",\"price\":\"1.00\"}",
	"{\"type\":\"price\",\"list\":\"members\",\"sku\":\"MILK\",\"price\":\"0.90\"}",
	"{\"type\":\"price\",\"list\":\"app\",\"sku\":\"MILK\",\"price\":\"1.10\"}",
	"{\"type\":\"promotion\",\"id\":\"milk-2-for-1\",\"name\":\"Milk\",\"needs\":[{\"select\":{\"skus\":[\"MILK\"]},\"quantity\":2}],\"gives\":[{\"kind\":\"units\",\"buy\":1,\"get\":1}]}",
	"{\"type\":\"promotion\",\"id\":\"dairy-10\",\"name\":\"Dairy\",\"text\":\"10 % off dairy\",\"when\":{\"to\":\"2026-12-31\"},\"gives\":[{\"kind\":\"percent\",\"percent\":\"10\",\"select\":{\"categories\":[\"dairy\"],\"except\":{\"skus\":[\"MILK\"]}}}]}",
	"{\"type\":\"promotion\",\"id\":\"members-50\",\"name\":\"Members\",\"who\":{\"segments\":[\"member\"]},\"needs\":[{\"amount\":\"5.00\"}],\"gives\":[{\"kind\":\"amount\",\"amount\":\"0.50\"}]}",
	"{\"type\":\"promotion\",\"id\":\"save\",\"name\":\"Coupon\",\"coupon\":true,\"gives\":[{\"kind\":\"percent\",\"percent\":\"20\",\"select\":{\"brands\":[\"ink\"],\"tags\":[\"blue\"],\"suppliers\":[\"none\"]}}],\"limits\":{\"max_discount\":\"1.00\"}}",
	"{\"type\":\"coupon\",\"code\":\"SAVE\",\"promotion\":\"save\",\"from\":\"2026-01-01\",\"to\":\"2026-12-31\"}",
	"{\"type\":\"customer\",\"id\":\"17\",\"name\":\"Ada\",\"segments\":[\"member\",\"elsewhere\"]}",
	NULL,
};
/* clang-format on */

static enum err add_lines(struct builder *b, const char *const *lines, struct why *why)
{
	struct arena arena = ARENA_EMPTY;
	enum err e = ERR_OK;

	for (uint32_t i = 0; lines[i] && !e; i++) {
		struct record record;
		e = record_parse_line(lines[i], strlen(lines[i]), 2, &arena, &record, why);
		if (!e)
			e = builder_add(b, &record, i + 1, why);
		arena_reset(&arena);
	}
	arena_free(&arena);
	return e;
}

enum err book_of(const char *const *lines, struct snapshot **out, struct why *why)
{
	struct builder *b;
	enum err e = builder_new(true, &b);

	if (e)
		return e;
	why->text[0] = '\0';
	e = add_lines(b, lines, why);
	if (!e)
		e = builder_finish(b, 7, out, why);
	builder_free(b);
	return e;
}

struct snapshot *small_snapshot(void)
{
	struct snapshot *s = NULL;
	struct why why;

	if (book_of(small_book, &s, &why))
		fail_msg("small book: %s", why.text);
	return s;
}
