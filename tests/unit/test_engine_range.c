/*
 * Amounts at the end of their range: shops with every rule and promotion there is, whose prices reach from
 * one cent to the most that a book may say, and carts of up to a million pieces. An evaluation either fails
 * with ERR_RANGE, and leaves the result alone, or adds up; with a memo it does the same.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "mini_catalog.h"
#include "small_book.h"

#define SHOPS	   200
#define CARTS	   12
#define LINES	   8
#define ITEMS	   6
#define BOOK_LINES 64

static uint64_t state;

static uint32_t below(uint32_t n)
{
	return (uint32_t)(seed_next(&state) >> 33) % n;
}

/* From 0.01 to 10^13 - 0.01: any number of digits is as likely as any other. */
static const char *amount(void)
{
	static char texts[32][32];
	static unsigned at;
	char *text = texts[at++ % 32];
	unsigned digits = 1 + below(15), n = 0;
	char all[16];

	for (; n < digits; n++)
		all[n] = (char)(n ? '0' + (int)below(10) : '1' + (int)below(9));
	all[n] = '\0';
	if (n > 2)
		snprintf(text, 32, "%.*s.%s", (int)n - 2, all, all + n - 2);
	else
		snprintf(text, 32, n == 1 ? "0.0%s" : "0.%s", all);
	return text;
}

/* In place of each $ an amount, of each # a number from 1 to 9. */
static char *fill(const char *pattern)
{
	char *line = calloc(1, 2048), *to = line;

	assert_non_null(line);
	for (const char *at = pattern; *at; at++) {
		if (*at == '$')
			to += sprintf(to, "\"%s\"", amount());
		else if (*at == '#')
			*to++ = (char)('1' + below(9));
		else
			*to++ = *at;
	}
	return line;
}

static const char *const books[] = {
	"\"tax\":\"inclusive\",\"policy\":\"best_deal\"",
	"\"tax\":\"inclusive\",\"policy\":\"best_deal\",\"prices\":\"best\",\"exclusive\":\"best_total\"",
	"\"tax\":\"exclusive\",\"policy\":\"precedence\",\"prices\":\"best\",\"threshold_tax\":\"after\"",
	"\"tax\":\"exclusive\",\"policy\":\"precedence\",\"percents\":\"additive\",\"threshold\":\"running\"",
	"\"tax\":\"inclusive\",\"policy\":\"one_per_order\",\"prices\":\"best\",\"threshold_tax\":\"before\"",
	"\"tax\":\"exclusive\",\"policy\":\"best_deal\",\"threshold_tax\":\"after\",\"remainder\":\"carry\"",
	"\"tax\":\"inclusive\",\"policy\":\"precedence\",\"percents\":\"best_only\",\"exclusive\":\"best_"
	"total\"",
	"\"tax\":\"exclusive\",\"policy\":\"precedence\",\"percents\":\"parallel\",\"budget_overrun\":"
	"\"reject\"",
	"\"tax\":\"none\",\"policy\":\"best_deal\",\"exclusive\":\"best_total\",\"remainder\":\"last_line\"",
	"\"tax\":\"inclusive\",\"policy\":\"one_per_order\",\"fixed_amount\":\"unit\",\"margin\":{\"guard\":"
	"\"off\"}",
	"\"tax\":\"exclusive\",\"policy\":\"best_deal\",\"exclusive\":\"same_priority\",\"percents\":"
	"\"additive\"",
};

#define MORE "\"stacking\":{\"priority\":#}"
static const char *const promotions[] = {
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"3#\"}]," MORE,
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"2#\",\"select\":{\"skus\":[\"A1\",\"A2\"]}}]," MORE,
	"\"gives\":[{\"kind\":\"amount\",\"amount\":$,\"per\":\"unit\"}]," MORE,
	"\"gives\":[{\"kind\":\"amount\",\"amount\":$,\"per\":\"line\"}]",
	"\"gives\":[{\"kind\":\"amount\",\"amount\":$,\"target\":\"order\"}],\"stacking\":{\"stackable\":"
	"false,\"priority\":#}",
	"\"gives\":[{\"kind\":\"price\",\"price\":$,\"select\":{\"skus\":[\"A3\"]}}]",
	"\"gives\":[{\"kind\":\"price\",\"price\":$,\"select\":{\"skus\":[\"A5\"]}}]," MORE,
	"\"gives\":[{\"kind\":\"units\",\"buy\":#,\"get\":1,\"percent\":\"100\"}]",
	"\"gives\":[{\"kind\":\"units\",\"buy\":1,\"get\":#,\"percent\":\"5#\"}],\"limits\":{\"times\":#}",
	"\"gives\":[{\"kind\":\"amount\",\"target\":\"groups\",\"buy\":1,\"get\":1,\"amount\":$,\"got\":{"
	"\"skus\":[\"A2\"]},"
	"\"select\":{\"skus\":[\"A1\"]}}]",
	"\"gives\":[{\"kind\":\"price\",\"target\":\"sets\",\"price\":$,\"sets\":[{\"select\":{\"skus\":["
	"\"A1\",\"A2\"]},"
	"\"quantity\":#},{\"select\":{\"skus\":[\"A3\"]},\"quantity\":1}]}]",
	"\"gives\":[{\"kind\":\"amount\",\"target\":\"sets\",\"amount\":$,\"per\":\"once\",\"sets\":[{"
	"\"quantity\":2}]}],"
	"\"limits\":{\"times\":#}",
	"\"gives\":[{\"kind\":\"percent\",\"target\":\"nth\",\"count\":2,\"percent\":\"5#\"}]," MORE,
	"\"gives\":[{\"kind\":\"percent\",\"target\":\"cheapest\",\"count\":1,\"percent\":\"100\"}]",
	"\"gives\":[{\"kind\":\"amount\",\"target\":\"dearest\",\"count\":#,\"amount\":$}]," MORE,
	"\"gives\":[{\"kind\":\"percent\",\"tiers\":[{\"from_amount\":\"0.05\",\"percent\":\"5\"},{\"from_"
	"amount\":\"999.00\","
	"\"percent\":\"1#\"}],\"spread\":\"steps\"}]",
	"\"gives\":[{\"kind\":\"amount\",\"per\":\"unit\",\"tiers\":[{\"from_quantity\":2,\"amount\":\"0."
	"01\"},"
	"{\"from_quantity\":900,\"amount\":$}],\"spread\":\"steps\"}]",
	"\"gives\":[{\"kind\":\"percent\",\"tiers\":[{\"from_measure\":\"0.5\",\"percent\":\"5\"},{\"from_"
	"measure\":\"500\","
	"\"percent\":\"1#\"}]}]",
	"\"gives\":[{\"kind\":\"shipping\"}]",
	"\"gives\":[{\"kind\":\"shipping\",\"amount\":$}],\"needs\":[{\"amount\":$}]",
	"\"gives\":[{\"kind\":\"points\",\"points\":1000#,\"every\":\"0.0#\"}]",
	"\"gives\":[{\"kind\":\"cashback\",\"percent\":\"#\"},{\"kind\":\"credit\",\"amount\":$}]",
	"\"gives\":[{\"kind\":\"gift\",\"sku\":\"A1\",\"count\":#}],\"needs\":[{\"quantity\":#}]",
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"9#\"}],\"limits\":{\"max_discount\":$,\"budget\":$,"
	"\"uses\":#}," MORE,
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"1#\"}],\"stacking\":{\"base\":\"list\",\"group\":"
	"\"g\"}",
	"\"gives\":[{\"kind\":\"amount\",\"amount\":$}],\"stacking\":{\"group\":\"g\",\"priority\":#}",
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"4#\"}],\"margin\":{\"floor\":\"6#\",\"on_breach\":"
	"\"block\"}",
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"4#\"}],\"margin\":{\"floor\":\"5#\"},\"stacking\":{"
	"\"stackable\":false}",
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"1#\"}],\"needs\":[{\"amount\":$,\"threshold\":"
	"\"running\",\"tax\":\"after\"}]",
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"1#\"}],\"needs\":[{\"amount\":$,\"per\":\"article\","
	"\"tax\":\"before\"}]",
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"1#\"}],\"needs\":[{\"measure\":\"#\",\"unit\":\"lb\"}"
	"]",
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"1#\"}],\"needs\":[{\"select\":{\"skus\":[\"A6\"]},"
	"\"none\":true}]",
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"1#\"}],\"limits\":{\"units\":#,\"first\":"
	"\"cheapest\"}," MORE,
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"1#\",\"select\":{\"price_from\":$,\"price_to\":"
	"\"9999999999999.99\"}}]",
};

static const char *const rules[] = {
	"\"kind\":\"surge\",\"steps\":[{\"above\":\"0.#\",\"percent\":\"90#\"}],\"up\":\"900\"",
	"\"kind\":\"overstock\",\"steps\":[{\"above\":\"#\",\"percent\":\"2#\"}],\"down\":\"1#\"",
	"\"kind\":\"stock\",\"steps\":[{\"below\":\"9#\",\"percent\":\"1#\"}]",
	"\"kind\":\"demand\",\"up\":\"99#\",\"k\":$,\"half_life\":#",
	"\"kind\":\"competitor\",\"target\":\"9#\",\"up\":\"900\",\"down\":\"5#\"",
	"\"kind\":\"season\",\"days\":{\"from\":\"11-01\",\"to\":\"01-31\"},\"percent\":\"99#\"",
	"\"kind\":\"age\",\"least\":\"2#\"",
	"\"kind\":\"expiry\",\"steps\":[{\"days\":#,\"percent\":\"3#\"}]",
};

static const char *const records[] = {
	"\"type\":\"tax\",\"id\":\"vat\",\"rate\":\"1#\"",
	"\"type\":\"tax\",\"id\":\"deposit\",\"amount\":\"0.0#\"",
	"\"type\":\"price_list\",\"id\":\"base\",\"grid\":[{\"from\":\"100\",\"percent\":\"1#\"}]",
	"\"type\":\"price_list\",\"id\":\"gold\",\"rank\":5,\"segments\":[\"gold\"]",
	"\"type\":\"floor\",\"id\":\"f\",\"segment\":\"gold\",\"margin\":\"1#\"",
	"\"type\":\"item\",\"sku\":\"A1\",\"name\":\"A1\",\"tax\":\"vat\",\"cost\":$,\"logistics\":$",
	"\"type\":\"item\",\"sku\":\"A2\",\"name\":\"A2\",\"tax\":\"deposit\",\"cost\":$",
	"\"type\":\"item\",\"sku\":\"A3\",\"name\":\"A3\",\"unit\":\"kg\",\"tax\":\"vat\",\"cost\":$",
	"\"type\":\"item\",\"sku\":\"A4\",\"name\":\"A4\",\"tax\":\"vat\"",
	"\"type\":\"item\",\"sku\":\"A5\",\"name\":\"A5\",\"unit\":\"lb\",\"tax\":\"deposit\"",
	"\"type\":\"item\",\"sku\":\"A6\",\"name\":\"A6\",\"cost\":\"0.01\",\"discountable\":false",
	"\"type\":\"price\",\"list\":\"gold\",\"sku\":\"A1\",\"price\":$,\"breaks\":[{\"from\":\"50\","
	"\"price\":$}]",
	"\"type\":\"signal\",\"sku\":\"A1\",\"stock\":\"8#\",\"sold\":\"9#\",\"expected\":\"#\",\"received\":"
	"\"2026-01-01\","
	"\"until\":\"2026-11-25\",\"at\":\"2026-11-21T0#:00:00Z\",\"views\":99999999#,\"carts\":99999999#,"
	"\"purchases\":#,"
	"\"competitor\":$",
	"\"type\":\"signal\",\"sku\":\"A3\",\"stock\":\"99999999#\",\"expected\":\"0.00000#\",\"received\":"
	"\"2020-01-01\","
	"\"competitor\":$",
};

static void free_lines(char **lines)
{
	for (size_t i = 0; lines[i]; i++)
		free(lines[i]);
}

static void add(char **lines, size_t *n, const char *pattern)
{
	assert_true(*n + 1 < BOOK_LINES);
	lines[(*n)++] = fill(pattern);
	lines[*n] = NULL;
}

#define ADD(...)                                                 \
	do {                                                     \
		char pattern[1536];                              \
		snprintf(pattern, sizeof(pattern), __VA_ARGS__); \
		add(lines, &n, pattern);                         \
	} while (0)

/* NULL: the book says what no shop could mean, such as a tax above its price. */
static struct snapshot *make_shop(void)
{
	char *lines[BOOK_LINES];
	struct snapshot *s = NULL;
	struct why why;
	size_t n = 0;

	ADD("{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",%s}", books[below(COUNT(books))]);
	for (size_t i = 0; i < COUNT(records); i++)
		ADD("{%s}", records[i]);
	if (below(3) == 0)
		ADD("{\"type\":\"override\",\"id\":\"o\",\"sku\":\"A%u\",\"price\":$,\"role\":\"r\","
		    "\"reason\":\"why\","
		    "\"by\":\"who\",\"to\":\"2027-01-01\",\"hold\":%s}",
		    1 + below(ITEMS), below(2) ? "true" : "false");
	for (int i = 1; i <= ITEMS; i++)
		if (below(12)) /* else it may have none, or that of the list for gold alone */
			ADD("{\"type\":\"price\",\"list\":\"base\",\"sku\":\"A%d\",\"price\":$}", i);
	for (size_t i = 0; i < COUNT(rules); i++)
		if (below(3) == 0)
			ADD("{\"type\":\"price_rule\",\"id\":\"r%zu\",%s}", i, rules[i]);
	for (int i = 0; i < 12; i++)
		ADD("{\"type\":\"promotion\",\"id\":\"p%d\",\"name\":\"p\",%s}", i,
		    promotions[below(COUNT(promotions))]);
	if (book_of((const char *const *)lines, &s, &why))
		s = NULL;
	free_lines(lines);
	return s;
}

static int64_t quantity(const struct catalog *c, uint32_t item)
{
	static const int64_t most[] = {3, 20, 1000, 1000000};
	int64_t n = 1 + below((uint32_t)most[below(COUNT(most))]);

	return catalog_item(c, item)->unit == UNIT_EACH ? n * 1000000 : n * 1000000 - (int64_t)below(999999);
}

static struct engine_line line_of(const struct catalog *c)
{
	struct engine_line l = {.item = below(c->item_count), .given = MONEY_NONE, .locked = MONEY_NONE};

	l.quantity.micro = quantity(c, l.item);
	if (below(9) == 0) {
		l.given.minor = INT64_MAX >> below(60);
		l.quantity.micro = l.quantity.micro / 1000000 * 1000000 + 1000000;
	}
	if (below(5) == 0) /* yesterday, when it is refused, to in three days */
		l.expires = 20778 - 1 + (int32_t)below(5);
	if (below(9) == 0)
		l.locked.minor = INT64_MAX >> below(63);
	if (l.quantity.micro > ENGINE_QUANTITY_MAX * INT64_C(1000000))
		l.quantity.micro = ENGINE_QUANTITY_MAX * INT64_C(1000000);
	return l;
}

struct outcome {
	enum err e;
	struct engine_result r;
};

static void evaluate(const struct catalog *c, const struct engine_cart *cart, struct engine_memo *memo,
		     void *room, struct outcome *out)
{
	uint32_t bad = 0;

	out->e = engine_evaluate_next(c, cart, memo, room, engine_room_size(c, cart->count), &out->r, &bad);
	if (out->e && ((out->e != ERR_RANGE && out->e != ERR_NOT_FOUND && out->e != ERR_STATE) ||
		       (bad != CATALOG_NONE && bad >= cart->count)))
		fail_msg("%s, line %u", err_name(out->e), bad);
	if (!out->e)
		assert_adds_up(c, cart, &out->r);
}

/* One cart that grows, line by line, with a memo and without. */
static void grow_a_cart(const struct catalog *c, void *rooms[2], struct engine_memo *memo, unsigned counts[2])
{
	static uint32_t gold;
	struct engine_line lines[LINES];
	struct engine_cart cart = {
		.lines = lines,
		.context = {.now_s = INT64_C(1795255200), .store = CATALOG_NONE, .channel = CATALOG_NONE}};

	gold = catalog_id(&c->segments, "gold");
	cart.context.segments = (struct ids){&gold, below(2)};
	cart.context.every_reason = below(4) == 0;
	cart.context.ranked = below(2) == 0;
	if (below(2))
		cart.context.shipping = (struct shipping){"van", {INT64_MAX >> below(60)}};
	while (cart.count < LINES) {
		struct outcome with, without;

		if (cart.count && below(4) == 0)
			lines[below(cart.count)] = line_of(c);
		else
			lines[cart.count++] = line_of(c);
		evaluate(c, &cart, memo, rooms[0], &with);
		evaluate(c, &cart, NULL, rooms[1], &without);
		assert_int_equal(with.e, without.e);
		if (!with.e)
			assert_memory_equal(&with.r.totals, &without.r.totals, sizeof(with.r.totals));
		counts[with.e != ERR_OK]++;
	}
}

static void fill_carts(const struct catalog *c, unsigned counts[2])
{
	void *rooms[2] = {malloc(engine_room_size(c, LINES)), malloc(engine_room_size(c, LINES))};
	void *memory = malloc(engine_memo_size(c, LINES));

	assert_true(rooms[0] && rooms[1] && memory);
	for (int k = 0; k < CARTS; k++)
		grow_a_cart(c, rooms, engine_memo_make(memory, c, LINES), counts);
	free(rooms[0]);
	free(rooms[1]);
	free(memory);
}

static void amounts_at_the_end_of_their_range(void **unused)
{
	unsigned counts[2] = {0}, shops = 0;

	(void)unused;
	state = seed_start("test_engine_range");
	for (int i = 0; i < SHOPS; i++) {
		struct snapshot *s = make_shop();

		if (!s)
			continue;
		shops++;
		fill_carts(snapshot_catalog(s), counts);
		snapshot_unref(s);
	}
	print_message("%u shops, %u evaluations, %u beyond the range\n", shops, counts[0], counts[1]);
	assert_true(shops > SHOPS / 4 && counts[0] > 1000 && counts[1] > 1000);
}

/*
 * Rules are told in the order in which they count, whatever of an article finds them: its SKU first, then its
 * category, brand and tags, then what is about every article. As many as there is room for.
 */
static void rules_are_told_as_they_count(void **unused)
{
	static const char *const lines[] = {
		"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\"}",
		"{\"type\":\"price_list\",\"id\":\"base\"}",
		"{\"type\":\"category\",\"id\":\"tea\",\"name\":\"Tea\"}",
		"{\"type\":\"item\",\"sku\":\"T\",\"name\":\"T\",\"category\":\"tea\",\"brand\":\"Leaf\"}",
		"{\"type\":\"item\",\"sku\":\"U\",\"name\":\"U\"}",
		"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"T\",\"price\":\"1.00\"}",
		"{\"type\":\"price_rule\",\"id\":\"first\",\"kind\":\"season\",\"percent\":\"1\",\"days\":{"
		"\"from\":\"11-21\","
		"\"to\":\"11-21\"},\"priority\":1,\"select\":{\"brands\":[\"Leaf\"]}}",
		"{\"type\":\"price_rule\",\"id\":\"fourth\",\"kind\":\"season\",\"percent\":\"1\",\"days\":{"
		"\"from\":\"11-21\","
		"\"to\":\"11-21\"},\"priority\":4,\"select\":{\"skus\":[\"T\"]}}",
		"{\"type\":\"price_rule\",\"id\":\"second\",\"kind\":\"season\",\"percent\":\"1\",\"days\":{"
		"\"from\":\"11-21\","
		"\"to\":\"11-21\"},\"priority\":2}",
		"{\"type\":\"price_rule\",\"id\":\"third\",\"kind\":\"season\",\"percent\":\"1\",\"days\":{"
		"\"from\":\"11-21\","
		"\"to\":\"11-21\"},\"priority\":3,\"select\":{\"categories\":[\"tea\"]}}",
		NULL,
	};
	static const char *const want[] = {"first", "second", "third", "fourth"};
	struct snapshot *s;
	struct why why = {0};
	uint32_t told[8], item;

	(void)unused;
	if (book_of(lines, &s, &why))
		fail_msg("%s", why.text);
	const struct catalog *c = snapshot_catalog(s);

	assert_int_equal(catalog_find_sku(c, "T", &item), ERR_OK);
	assert_int_equal(engine_rules_of(c, item, NULL, 0), 4);
	assert_int_equal(engine_rules_of(c, item, told, 8), 4);
	for (size_t i = 0; i < COUNT(want); i++)
		assert_string_equal(c->rules[told[i]].id, want[i]);
	assert_int_equal(catalog_find_sku(c, "U", &item), ERR_OK);
	assert_int_equal(engine_rules_of(c, item, told, 8), 1);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rules_are_told_as_they_count),
					   cmocka_unit_test(amounts_at_the_end_of_their_range)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
