/*
 * Reasons in words: each of the table, by a promotion that fails for it; what docs/engine.md shows of the
 * table; and what promotions say to customers in their languages.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "reason_facts.h"
#include "small_book.h"

#ifndef TILL_ENGINE_MD
#error "TILL_ENGINE_MD: the page with the table of reasons"
#endif

#define NOON	  1792576800 /* 2026-10-21T10:00:00Z, a Wednesday */
#define TEXT_MOST 4096

/*
 * Coffee 5.00 at a cost of 3.00: with 30 % kept at least 4.29, so 0.71 may come off; tea 3.00, loose
 * tea 20.00 a kg. The group g is taken.
 */
/* clang-format off */
static const char *const shop[] = {
	"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"zone\":\"Europe/Berlin\",\"language\":\"de\"}",
	"{\"type\":\"category\",\"id\":\"drinks\",\"name\":\"Drinks\"}",
	"{\"type\":\"price_list\",\"id\":\"base\"}",
	"{\"type\":\"item\",\"sku\":\"COFFEE\",\"name\":\"Coffee\",\"category\":\"drinks\",\"cost\":\"3.00\"}",
	"{\"type\":\"item\",\"sku\":\"TEA\",\"name\":\"Tea\",\"brand\":\"leaf\",\"tags\":[\"green\"],\"supplier\":\"farm\"}",
	"{\"type\":\"item\",\"sku\":\"LOOSE\",\"name\":\"Loose tea\",\"unit\":\"kg\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"COFFEE\",\"price\":\"5.00\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"TEA\",\"price\":\"3.00\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"LOOSE\",\"price\":\"20.00\"}",
	"{\"type\":\"promotion\",\"id\":\"first\",\"name\":\"First\",\"stacking\":{\"group\":\"g\",\"priority\":0},\"gives\":[{\"kind\":\"percent\",\"percent\":\"1\"}]}",
	NULL, NULL, /* for a test's promotion */
};
/* clang-format on */

static struct snapshot *shop_with(const char *promotion)
{
	const char *lines[COUNT(shop)];
	struct snapshot *s = NULL;
	struct why why;

	memcpy(lines, shop, sizeof(lines));
	lines[COUNT(shop) - 2] = promotion;
	if (book_of(lines, &s, &why))
		fail_msg("%s: %s", promotion, why.text);
	return s;
}

/* Evaluates a cart, every promotion judged; the result lies in room. */
static void evaluate(const struct snapshot *s, const char *cart, struct arena *a, void **room,
		     struct engine_cart *ready, struct engine_result *out)
{
	const struct record_context context = {.exponent = 2};
	const struct catalog *c = snapshot_catalog(s);
	json_t *json = json_loads(cart, 0, NULL);
	struct cart_record record;
	struct why why = {""};
	uint32_t bad;
	enum err e = record_from_json(&cart_schema, json, NULL, &context, a, &record, &why);

	json_decref(json);
	if (!e)
		e = cart_resolve(s, &record, NOON, a, ready, &why);
	if (e)
		fail_msg("%s: %s", cart, why.text);
	ready->context.every_reason = true;
	*room = malloc(engine_room_size(c, ready->count));
	assert_int_equal(engine_evaluate(c, ready, *room, engine_room_size(c, ready->count), out, &bad),
			 ERR_OK);
}

/* The verdict on promotion "p": its code and sentence. */
static void told(const char *promotion, const char *cart, char out[TEXT_MOST])
{
	struct snapshot *s = shop_with(promotion);
	const struct catalog *c = snapshot_catalog(s);
	struct arena a = ARENA_EMPTY;
	struct engine_cart ready;
	struct engine_result r;
	void *room;

	evaluate(s, cart, &a, &room, &ready, &r);
	out[0] = '\0';
	for (uint32_t i = 0; i < r.verdict_count; i++) {
		const struct judged j = {c, &ready.context, &r.verdicts[i]};
		char sentence[SENTENCE_MAX];

		if (strcmp(c->promotions[r.verdicts[i].promotion].id, "p") != 0)
			continue;
		reason_tell(&j, sentence);
		snprintf(out, TEXT_MOST, "%s: %s", reason_code(r.verdicts[i].reason), sentence);
	}
	free(room);
	arena_free(&a);
	snapshot_unref(s);
}

#define COFFEE "{\"lines\":[{\"sku\":\"COFFEE\"}]}"
#define COUNTED(counter) \
	"{\"lines\":[{\"sku\":\"COFFEE\"}],\"context\":{\"counters\":[{\"promotion\":\"p\"," counter "}]}}"
#define TENTH	    "\"gives\":[{\"kind\":\"percent\",\"percent\":\"10\"}]"
#define P(members)  "{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"Sale\"," members "}"
#define GIVES(give) P("\"gives\":[" give "]")

#define UNSURE "{\"lines\":[{\"sku\":\"COFFEE\"}],\"context\":{\"clock_uncertain\":true}}"

/* Rows: the promotion, the cart, its verdict. */
static const struct {
	const char *promotion, *cart, *told;
} rows[] = {
	{P(TENTH), COFFEE, "applied: is applied"},
	{P("\"status\":\"draft\"," TENTH), COFFEE, "not_active: is draft"},
	{P("\"status\":\"exhausted\"," TENTH), COFFEE, "not_active: is exhausted"},
	{P("\"when\":{\"from\":\"2026-12-01\"}," TENTH), COFFEE,
	 "not_started: runs from 2026-12-01T00:00:00"},
	{P("\"when\":{\"from\":\"2026-12-01T18:00:00+01:00\"}," TENTH), COFFEE,
	 "not_started: runs from 2026-12-01T17:00:00Z"},
	{P("\"when\":{\"from\":\"2026-12-01\",\"uncertain_clock\":\"deny\"}," TENTH), UNSURE,
	 "clock_uncertain: waits until the clock of this box is sure"},
	{P("\"when\":{\"to\":\"2026-09-30\"}," TENTH), COFFEE, "ended: ended at 2026-09-30T23:59:59"},
	{P("\"when\":{\"hours\":[{\"from\":\"18:00\",\"to\":\"19:59:59\"}]}," TENTH), COFFEE,
	 "outside_hours: runs 18:00-19:59"},
	{P("\"when\":{\"weekdays\":[\"sat\",\"sun\"]}," TENTH), COFFEE, "outside_hours: runs sat, sun"},
	{P("\"when\":{\"weekdays\":[\"mon\"],\"hours\":[{\"from\":\"06:30:15\",\"to\":\"08:00\"},{\"from\":"
	   "\"22:00\",\"to\":\"02:00\"}]}," TENTH),
	 COFFEE, "outside_hours: runs mon 06:30:15-08:00, 22:00-02:00"},
	{P("\"where\":{\"stores\":[\"south\",\"north\"]}," TENTH), COFFEE,
	 "wrong_store: runs in store north, south alone"},
	{P("\"where\":{\"channels\":[\"app\"]}," TENTH), COFFEE, "wrong_channel: runs on channel app alone"},
	{P("\"who\":{\"segments\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]}," TENTH), COFFEE,
	 "wrong_segment: is for a, b, c, d, e, ... alone"},
	{P("\"coupon\":true," TENTH), COFFEE, "coupon_missing: needs a coupon of p"},
	{P("\"needs\":[{\"quantity\":3,\"select\":{\"skus\":[\"COFFEE\"]}}]," TENTH), COFFEE,
	 "needs_quantity: needs 2 more of Coffee"},
	{P("\"needs\":[{\"quantity\":1},{\"amount\":\"8.20\",\"select\":{\"categories\":[\"drinks\"]}}]"
	   "," TENTH),
	 COFFEE, "needs_amount: needs 3.20 EUR more of Drinks"},
	{P("\"who\":{\"customers\":[\"c1\"]}," TENTH), COFFEE, "wrong_customer: is for other customers"},
	{P("\"who\":{\"plans\":[\"vip\",\"gold\"]}," TENTH), COFFEE,
	 "wrong_plan: is for subscription gold, vip alone"},
	{P("\"who\":{\"orders\":{\"to\":1}}," TENTH), COFFEE, "wrong_order: is for the first order alone"},
	{P("\"who\":{\"orders\":{\"from\":10,\"to\":50,\"every\":5}}," TENTH), COFFEE,
	 "wrong_order: is for one order in 5 from number 10 to number 50 alone"},
	{P("\"who\":{\"orders\":{\"from\":2}}," TENTH), COFFEE,
	 "wrong_order: is for orders from number 2 alone"},
	{P("\"limits\":{\"uses\":100}," TENTH), COUNTED("\"uses_left\":0"),
	 "uses_spent: has been used 100 times, as often as it may be"},
	{P("\"limits\":{\"budget\":\"50.00\"}," TENTH), COUNTED("\"budget_left\":\"0.00\""),
	 "budget_spent: has 0.00 EUR left of its budget"},
	{P("\"limits\":{\"customer_uses\":2}," TENTH), COUNTED("\"customer_uses\":2"),
	 "customer_limit: is for 2 of a customer's orders"},
	{P("\"needs\":[{\"measure\":\"1.5\",\"select\":{\"skus\":[\"LOOSE\"]}}]," TENTH),
	 "{\"lines\":[{\"sku\":\"LOOSE\",\"quantity\":\"0.25\"}]}",
	 "needs_measure: needs 1.25 kg more of Loose tea"},
	{P("\"needs\":[{\"none\":true,\"select\":{\"skus\":[\"COFFEE\"]}}]," TENTH), COFFEE,
	 "needs_none: does not go with Coffee"},
	{P("\"needs\":[{\"quantity\":1,\"select\":{\"price_from\":\"10.00\",\"on_sale\":false}}]," TENTH),
	 COFFEE, "needs_quantity: needs 1 more of any article from 10.00 EUR not on sale"},
	{P("\"needs\":[{\"quantity\":1,\"select\":{\"price_to\":\"2.00\",\"on_sale\":true}}]," TENTH), COFFEE,
	 "needs_quantity: needs 1 more of any article up to 2.00 EUR on sale"},
	{P("\"needs\":[{\"amount\":\"8.20\"}]," TENTH), COFFEE,
	 "needs_amount: needs 3.20 EUR more of any article"},
	{P("\"needs\":[{\"quantity\":2,\"select\":{\"brands\":[\"leaf\"],\"tags\":[\"green\"],\"suppliers\":"
	   "[\"farm\"],\"except\":{\"skus\":[\"COFFEE\",\"LOOSE\"]}}}]," TENTH),
	 "{\"lines\":[{\"sku\":\"TEA\"}]}",
	 "needs_quantity: needs 1 more of leaf, green, farm (not Coffee, Loose tea)"},
	{GIVES("{\"kind\":\"percent\",\"percent\":\"10\",\"select\":{\"brands\":[\"leaf\"]}}"), COFFEE,
	 "nothing_selected: is on leaf, and none is in the cart"},
	{P("\"stacking\":{\"group\":\"g\"}," TENTH), COFFEE,
	 "outranked: does not combine with first, which applies"},
	{GIVES("{\"kind\":\"percent\",\"percent\":\"0.0001\"}"), COFFEE, "worth_zero: would give nothing"},
	{P("\"margin\":{\"on_breach\":\"block\"},\"gives\":[{\"kind\":\"amount\",\"amount\":\"1.00\"}]"),
	 COFFEE, "margin_blocked: would give 0.29 EUR more than the least margin allows"},
};

static void each_in_words(void **state)
{
	bool seen[REASON_COUNT] = {false};
	char text[TEXT_MOST];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		told(rows[i].promotion, rows[i].cart, text);
		assert_string_equal(text, rows[i].told);
		for (unsigned k = 0; k < REASON_COUNT; k++) {
			size_t n = strlen(reason_code((enum reason)k));

			seen[k] |= strncmp(text, reason_code((enum reason)k), n) == 0 && text[n] == ':';
		}
	}
	for (unsigned k = 0; k < REASON_COUNT; k++)
		if (!seen[k])
			fail_msg("no row for %s", reason_code((enum reason)k));
}

/* A sentence that is too long ends in dots, and not within a character. */
static void long_sentence(void **state)
{
	char promotion[TEXT_MOST], segment[128] = "", text[TEXT_MOST];

	(void)state;
	for (size_t i = 0; i < 63; i++)
		memcpy(segment + 2 * i, "\xC3\xA4", sizeof("\xC3\xA4"));
	snprintf(promotion, sizeof(promotion),
		 P("\"who\":{\"segments\":[\"%s1\",\"%s2\",\"%s3\",\"%s4\",\"%s5\",\"%s6\",\"%s7\"]}," TENTH),
		 segment, segment, segment, segment, segment, segment, segment);
	told(promotion, COFFEE, text);
	assert_int_equal(strlen(text), strlen("wrong_segment: ") + SENTENCE_MAX - 1);
	assert_true(text_is_utf8(text, strlen(text)));
	assert_string_equal(text + strlen(text) - 5, "\xC3\xA4...");
}

static const char *docs(void)
{
	static char text[1 << 20];
	FILE *f = fopen(TILL_ENGINE_MD, "re");

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* Every row of the table stands in the documentation, and every fact of a sentence has a function. */
static void documented(void **state)
{
	const char *page = docs();
	char row[512];

	(void)state;
	for (unsigned i = 0; i < REASON_COUNT; i++) {
		snprintf(row, sizeof(row), "\n| `%s` | %s |", reason_code((enum reason)i),
			 reason_sentence((enum reason)i));
		if (!strstr(page, row))
			fail_msg("docs/engine.md lacks the row%s", row);
	}
}

static bool has_fact(const char *name, size_t n)
{
	for (const struct reason_fact *f = reason_facts; f->name; f++)
		if (strlen(f->name) == n && strncmp(f->name, name, n) == 0)
			return true;
	return false;
}

static void facts_are_known(void **state)
{
	(void)state;
	for (unsigned i = 0; i < REASON_COUNT; i++)
		for (const char *at = strchr(reason_sentence((enum reason)i), '{'); at;
		     at = strchr(at + 1, '{'))
			if (!has_fact(at + 1, strcspn(at + 1, "}")))
				fail_msg("%s: no fact is called %s", reason_code((enum reason)i), at);
}

/* Rows: what the promotion has, the language asked for, what is read; the book's language is de. */
static const struct {
	const char *members, *language, *read;
} texts[] = {
	{"", NULL, "Sale"},
	{"\"text\":\"Off\",", "fr", "Off"},
	{"\"text\":\"Off\",\"texts\":{\"de\":\"Ab\",\"fr\":\"Moins\"},", NULL, "Ab"},
	{"\"text\":\"Off\",\"texts\":{\"de\":\"Ab\",\"fr\":\"Moins\"},", "fr", "Moins"},
	{"\"text\":\"Off\",\"texts\":{\"de\":\"Ab\",\"fr\":\"Moins\"},", "FR-ca", "Moins"},
	{"\"text\":\"Off\",\"texts\":{\"de\":\"Ab\",\"fr-CA\":\"Rabais\",\"fr\":\"Moins\"},", "fr-CA",
	 "Rabais"},
	{"\"text\":\"Off\",\"texts\":{\"de\":\"Ab\",\"fr-CA\":\"Rabais\"},", "fr",
	 "Ab"}, /* not from fr to fr-CA */
	{"\"text\":\"Off\",\"texts\":{\"de\":\"Ab\",\"zh-Hant\":\"Zhe\"},", "zh-Hant-TW", "Zhe"},
	{"\"text\":\"Off\",\"texts\":{\"fr\":\"Moins\"},", "en", "Off"},
	{"\"texts\":{\"fr\":\"Moins\"},", "en", "Sale"},
};

static void languages(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		char promotion[TEXT_MOST];
		struct snapshot *s;

		snprintf(promotion, sizeof(promotion), P("%s" TENTH), texts[i].members);
		s = shop_with(promotion);
		assert_string_equal(promotion_text(&snapshot_catalog(s)->promotions[1], texts[i].language),
				    texts[i].read);
		snapshot_unref(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_in_words), cmocka_unit_test(long_sentence),
		cmocka_unit_test(documented),	 cmocka_unit_test(facts_are_known),
		cmocka_unit_test(languages),
	};

	return cmocka_run_group_tests_name("reasons", tests, NULL, NULL);
}
