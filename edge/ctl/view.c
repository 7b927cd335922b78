/*
 * Carts, lines and receipts for people. Amounts are shown as the daemon wrote them: nothing is reckoned here.
 */
#include "view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "civil.h"
#include "ctl.h"
#include "money.h"
#include "screen.h"

#define PAPER_WIDTH  72 /* a receipt's columns, on a wider terminal too */
#define NUMBER_WIDTH 5
#define PRICE_WIDTH  20 /* "0.355 kg x 19.90" */
#define AMOUNT_WIDTH 11
#define HINTS_MAX    5
#define NEAR_END_S   172800 /* two days */

static unsigned paper_width(void)
{
	unsigned columns = screen_columns();

	return columns > 0 && columns < PAPER_WIDTH ? columns : PAPER_WIDTH;
}

const char *view_time(const char *rfc3339, char out[32])
{
	struct tm tm;
	int64_t seconds;
	bool local;
	time_t t;

	if (civil_parse(rfc3339, strlen(rfc3339), &seconds, &local) != ERR_OK) {
		snprintf(out, 32, "%.31s", rfc3339);
		return out;
	}
	t = (time_t)seconds;
	if (local) /* on the store's clock as it is */
		gmtime_r(&t, &tm);
	else
		localtime_r(&t, &tm);
	strftime(out, 32, "%Y-%m-%d %H:%M", &tm);
	return out;
}

/* A row of the receipt: indented text on the left, an amount at the right edge. */
static void put_row(unsigned indent, const char *text, const char *amount)
{
	unsigned width = paper_width();

	printf("%*s", (int)indent, "");
	screen_put(text, width - indent - AMOUNT_WIDTH, false);
	screen_put(amount, AMOUNT_WIDTH, true);
	putchar('\n');
}

static const char *minus(const char *amount, char out[40])
{
	snprintf(out, 40, "-%s", amount);
	return out;
}

static bool is_zero(const char *amount)
{
	return strspn(amount, "0.") == strlen(amount);
}

/* What a promotion says to customers: its text, its name, or its id as it stands in a line's discounts. */
static const char *promotion_text(const json_t *one, const json_t *applied)
{
	const json_t *other;
	size_t i;

	if (text_of(one, "text")[0])
		return text_of(one, "text");
	if (text_of(one, "name")[0])
		return text_of(one, "name");
	json_array_foreach (applied, i, other) {
		if (strcmp(text_of(other, "promotion"), text_of(one, "promotion")) == 0 &&
		    (text_of(other, "text")[0] || text_of(other, "name")[0]))
			return promotion_text(other, NULL);
	}
	return text_of(one, "promotion");
}

static void put_discounts(const json_t *line, const json_t *applied)
{
	const json_t *discount;
	char amount[40];
	size_t i;

	json_array_foreach (json_object_get(line, "discounts"), i, discount) {
		put_row(NUMBER_WIDTH + 2, promotion_text(discount, applied),
			minus(text_of(discount, "amount"), amount));
	}
}

static void put_line(const json_t *line, long long number, const json_t *applied)
{
	const char *unit = text_of(line, "unit"), *name = text_of(line, "name");
	unsigned width = paper_width() - NUMBER_WIDTH - PRICE_WIDTH - AMOUNT_WIDTH;
	char price[96];

	snprintf(price, sizeof(price), "%s%s%s x %s", text_of(line, "quantity"),
		 unit[0] && strcmp(unit, "each") != 0 ? " " : "", strcmp(unit, "each") != 0 ? unit : "",
		 text_of(line, "unit_price"));
	printf("%3lld  ", number);
	screen_put(name[0] ? name : text_of(line, "sku"), width, false);
	screen_put(price, PRICE_WIDTH, true);
	screen_put(text_of(line, "list"), AMOUNT_WIDTH, true);
	putchar('\n');
	put_discounts(line, applied);
}

static void put_lines(const json_t *cart)
{
	const json_t *line;
	size_t i;

	json_array_foreach (json_object_get(cart, "lines"), i, line) {
		put_line(line, (long long)i + 1, json_object_get(cart, "applied"));
	}
}

/* In steps of the last decimal, of which amounts of one currency have equally many. */
static int64_t steps_of(const json_t *totals, const char *name)
{
	const char *text = text_of(totals, name), *point = strchr(text, '.');
	int64_t steps = 0;

	if (decimal_parse(text, strlen(text), point ? (unsigned)strlen(point + 1) : 0, &steps))
		return 0;
	return steps;
}

static bool tax_is_added(const json_t *totals)
{
	int64_t shipping = steps_of(totals, "shipping") - steps_of(totals, "shipping_discount");

	return steps_of(totals, "total") - shipping != steps_of(totals, "net");
}

static void put_totals(const json_t *cart)
{
	const json_t *totals = json_object_get(cart, "totals");
	char text[40];

	if (totals == NULL)
		return;
	screen_rule(paper_width());
	if (!is_zero(text_of(totals, "discount"))) {
		put_row(NUMBER_WIDTH, "Before discounts", text_of(totals, "list"));
		put_row(NUMBER_WIDTH, "You save", minus(text_of(totals, "discount"), text));
	}
	if (!is_zero(text_of(totals, "tax")))
		put_row(NUMBER_WIDTH, tax_is_added(totals) ? "Tax, added" : "Tax, included",
			text_of(totals, "tax"));
	if (text_of(totals, "shipping")[0])
		put_row(NUMBER_WIDTH, "Shipping", text_of(totals, "shipping"));
	if (!is_zero(text_of(totals, "shipping_discount")))
		put_row(NUMBER_WIDTH, "Off the shipping", minus(text_of(totals, "shipping_discount"), text));
	snprintf(text, sizeof(text), "Total %.8s", text_of(cart, "currency"));
	put_row(NUMBER_WIDTH, text, text_of(totals, "total"));
}

/* "ends in 2 h 10 min" of what is near, else the day. */
static void put_end(const char *ends, int64_t now_s)
{
	int64_t seconds;
	char when[32];
	bool local;

	if (civil_parse(ends, strlen(ends), &seconds, &local) != ERR_OK)
		return;
	seconds -= now_s;
	if (seconds < 0 || seconds > NEAR_END_S)
		printf(", until %s\n", view_time(ends, when));
	else if (seconds >= 3600)
		printf(", ends in %d h %d min\n", (int)(seconds / 3600), (int)(seconds % 3600 / 60));
	else
		printf(", ends in %d min %d s\n", (int)(seconds / 60), (int)(seconds % 60));
}

/* Time is left from now on a lane; in an evaluation, from the time it was made for. */
static int64_t now_of(const json_t *cart)
{
	const char *now = text_of(cart, "now");
	int64_t seconds;
	bool local;

	if (json_object_get(cart, "lane") == NULL &&
	    civil_parse(now, strlen(now), &seconds, &local) == ERR_OK)
		return seconds;
	return (int64_t)time(NULL);
}

static void put_ends(const json_t *applied, int64_t now_s)
{
	const json_t *one;
	size_t i;

	json_array_foreach (applied, i, one) {
		if (text_of(one, "ends")[0] == '\0')
			continue;
		printf("%*s", NUMBER_WIDTH, "");
		screen_text(promotion_text(one, NULL));
		put_end(text_of(one, "ends"), now_s);
	}
}

/* Promotions that little is missing for. Where they stand among the rejected, "text" tells the reason. */
static void put_hints(const json_t *list)
{
	const json_t *one;
	unsigned told = 0;
	size_t i;

	json_array_foreach (list, i, one) {
		const json_t *facts = json_object_get(one, "facts");

		if (text_of(one, "lacking")[0] == '\0' || told++ == HINTS_MAX)
			continue;
		printf("%*s%s more of ", NUMBER_WIDTH, "", text_of(facts, "lacking"));
		screen_text(text_of(facts, "articles"));
		fputs(": ", stdout);
		screen_text(text_of(one, json_object_get(one, "label") ? "label" : "text"));
		putchar('\n');
	}
}

/* What promotions give besides; what is off the shipping stands among the totals. */
static void put_reward(const json_t *reward)
{
	const char *kind = text_of(reward, "kind"), *name = text_of(reward, "name");

	if (strcmp(kind, "shipping") == 0)
		return;
	printf("%*s", NUMBER_WIDTH, "");
	if (strcmp(kind, "gift") == 0) {
		printf("Gift: %lld x ", int_of(reward, "count"));
		screen_text(name[0] ? name : text_of(reward, "sku"));
	} else if (strcmp(kind, "points") == 0) {
		printf("Points: %lld", int_of(reward, "count"));
	} else {
		printf("%s: %s", strcmp(kind, "credit") == 0 ? "Credit for later" : "Cashback",
		       text_of(reward, "amount"));
	}
	putchar('\n');
}

static void put_rewards(const json_t *cart)
{
	const json_t *reward;
	size_t i;

	json_array_foreach (json_object_get(cart, "rewards"), i, reward) {
		put_reward(reward);
	}
}

static void put_head(const json_t *cart)
{
	const json_t *coupon, *credit = json_object_get(cart, "credit");
	size_t i;

	if (json_object_get(cart, "lane") == NULL)
		return;
	fputs("Lane ", stdout);
	screen_text(text_of(cart, "lane"));
	printf(", %s", text_of(cart, "state"));
	if (text_of(cart, "cart")[0])
		printf(", cart %s", text_of(cart, "cart"));
	if (text_of(cart, "customer")[0]) {
		fputs(", customer ", stdout);
		screen_text(text_of(cart, "customer"));
	}
	if (credit)
		printf(", basket credit %s until %s", text_of(credit, "left"), text_of(credit, "to"));
	json_array_foreach (json_object_get(cart, "coupons"), i, coupon) {
		fputs(i ? ", " : ", coupon ", stdout);
		screen_text(json_string_value(coupon));
	}
	putchar('\n');
}

static void put_cart(const json_t *cart)
{
	put_head(cart);
	if (json_array_size(json_object_get(cart, "lines")) == 0) {
		if (strcmp(text_of(cart, "state"), "idle") != 0)
			puts("The cart is empty.");
		return;
	}
	screen_rule(paper_width());
	put_lines(cart);
	put_totals(cart);
	put_rewards(cart);
	put_ends(json_object_get(cart, "applied"), now_of(cart));
}

void view_cart(const json_t *cart)
{
	put_cart(cart);
	put_hints(json_object_get(cart, "rejected"));
}

/* What paid, where it was not cash alone; basket credit says what is left of it. */
static void put_tenders(const json_t *receipt)
{
	const json_t *tenders = json_object_get(receipt, "tenders"), *one;
	char left[64];
	size_t i;

	if (json_array_size(tenders) > 1 || json_object_get(receipt, "credit_to")) {
		json_array_foreach (tenders, i, one) {
			put_row(NUMBER_WIDTH + 2, text_of(one, "method"), text_of(one, "amount"));
		}
	}
	if (!json_object_get(receipt, "credit_left"))
		return;
	snprintf(left, sizeof(left), "Basket credit left until %s", text_of(receipt, "credit_to"));
	put_row(NUMBER_WIDTH, left, text_of(receipt, "credit_left"));
}

void view_line(const json_t *line)
{
	if (json_object_get(line, "line") == NULL) { /* a scanned coupon: the whole cart has changed */
		view_cart(line);
		return;
	}
	put_line(line, int_of(line, "line"), NULL);
	put_totals(line);
	put_ends(json_object_get(json_object_get(line, "changed"), "applied"), now_of(line));
	put_hints(json_object_get(line, "hints"));
}

void view_receipt(const json_t *receipt)
{
	if (json_is_true(json_object_get(receipt, "repeated")))
		puts("This order was paid before; this is its first receipt.");
	fputs("Order ", stdout);
	screen_text(text_of(receipt, "order"));
	putchar('\n');
	screen_rule(paper_width());
	put_lines(receipt);
	put_totals(receipt);
	put_row(NUMBER_WIDTH, "Tendered", text_of(receipt, "tendered"));
	put_row(NUMBER_WIDTH, "Change", text_of(receipt, "change"));
	put_tenders(receipt);
	printf("%*sLedger segment %lld, sequence %lld\n", NUMBER_WIDTH, "", int_of(receipt, "segment"),
	       int_of(receipt, "sequence"));
	if (json_object_get(receipt, "warning")) {
		fputs("Warning: ", stdout);
		screen_text(text_of(receipt, "warning"));
		putchar('\n');
	}
}

/* A table of the promotions that were not applied, and why. */
static void put_rejected(const json_t *cart)
{
	static const char *const headers[] = {"<PROMOTION", "<REASON", "~WHY"};
	const json_t *rejected = json_object_get(cart, "rejected"), *one;
	struct table *t;
	size_t i;

	if (json_array_size(rejected) == 0) {
		puts("\nNo other promotion could apply.");
		return;
	}
	puts("\nNot applied");
	t = table_new(headers, 3);
	json_array_foreach (rejected, i, one) {
		char why[512];

		snprintf(why, sizeof(why), "%s%s%s", text_of(one, "text"),
			 text_of(one, "alone")[0] ? "; alone it would give " : "", text_of(one, "alone"));
		table_cell(t, text_of(one, "promotion"));
		table_cell(t, text_of(one, "reason"));
		table_cell(t, why);
	}
	table_print(t);
}

/* Of the policy best_deal, where there are more choices than it looks at. */
static void put_gap(const json_t *cart)
{
	if (text_of(cart, "gap")[0])
		printf("%*sThere may be a better choice of promotions, by %s at most.\n", NUMBER_WIDTH, "",
		       text_of(cart, "gap"));
}

/* What the margin guard took off the discounts. */
static void put_cuts(const json_t *cart)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_object_get(cart, "applied"), i, one) {
		if (text_of(one, "cut")[0] == '\0')
			continue;
		printf("%*s", NUMBER_WIDTH, "");
		screen_text(promotion_text(one, NULL));
		printf(": %s less, for the least margin\n", text_of(one, "cut"));
	}
}

void view_explained(const json_t *cart)
{
	put_cart(cart);
	put_cuts(cart);
	put_gap(cart);
	put_rejected(cart);
}
