/*
 * Margin alerts in the ledger: one for each article, whatever it is called.
 */
#include "mini_shop.h"

#include <stdio.h>
#include <string.h>

#include "ledger_note.h"
#include "ledger_reader.h"

/* 22 characters of three bytes, in which two SKUs are alike for the first 66 bytes. */
#define ALIKE "€€€€€€€€€€€€€€€€€€€€€€"

/* The floor of 30 % is 9.00 / 0.7 = 12.86, and both are sold for 10.00. */
#define LOSS(sku)                                                                       \
	"{\"type\":\"item\",\"sku\":\"" sku "\",\"name\":\"Loss\",\"cost\":\"9.00\"}\n" \
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"" sku "\",\"price\":\"10.00\"}\n"

static const char book[] =
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\",\"margin\":{\"floor\":\"30\"}}\n"
	"{\"type\":\"price_list\",\"id\":\"base\",\"rank\":0}\n" LOSS(ALIKE "A") LOSS(ALIKE "B");

static void expect_alert(const char *ledger, const char *sku)
{
	struct ledger_reader *reader;
	struct ledger_event event;
	struct why why = {0};
	int64_t id = 0;

	assert_int_equal(ledger_reader_open(ledger, &reader, &why), ERR_OK);
	if (ledger_reader_note(reader, sku, &id, &event, &why))
		fail_msg("%s", why.text);
	ledger_reader_close(reader);
}

static void each_article_has_its_own(void **state)
{
	static struct mini_shop m;

	(void)state;
	memset(&m, 0, sizeof(m));
	mini_shop_start(&m, book);
	mini_shop_do(&m, "sku " ALIKE "A");
	mini_shop_do(&m, "sku " ALIKE "B");
	assert_int_equal(mini_shop_do(&m, "tender cash").refusal, REFUSED_NOT);
	while (shop_pending(m.shop))
		loop_turn(m.loop, 10);
	expect_alert(m.ledger_path, ALIKE "A");
	expect_alert(m.ledger_path, ALIKE "B");
	mini_shop_stop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_article_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
