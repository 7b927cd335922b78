/*
 * A return for people: what comes back, what is taken back of promotions, and what to pay out.
 */
#include "view_return.h"

#include <stdio.h>
#include <string.h>

#include "screen.h"
#include "view.h"

static void put_lines(const json_t *answer)
{
	static const char *const headers[] = {">LINE", "<ARTICLE", ">BACK", ">KEPT COSTS"};
	const json_t *lines = json_object_get(answer, "lines"), *line;
	struct table *t = table_new(headers, 4);
	size_t i;

	json_array_foreach (lines, i, line) {
		const char *name = text_of(line, "name");

		table_cell_int(t, int_of(line, "line"));
		table_cell(t, name[0] ? name : text_of(line, "sku"));
		table_cell(t, strcmp(text_of(line, "quantity"), "0") == 0 ? "-" : text_of(line, "quantity"));
		table_cell(t, text_of(line, "net"));
	}
	table_print(t);
}

/* Gifts are what somebody at the till has to ask for. */
static void put_rewards(const json_t *answer)
{
	const json_t *rewards = json_object_get(answer, "rewards"), *r;
	size_t i;

	json_array_foreach (rewards, i, r) {
		const char *sku = text_of(r, "sku");

		if (sku[0] && json_is_true(json_object_get(r, "kept")))
			printf("Gift kept: %lld x %s\n", int_of(r, "count"), sku);
		else if (sku[0])
			printf("Take back the gift: %lld x %s\n", int_of(r, "count"), sku);
		else if (int_of(r, "count"))
			printf("Taken back: %lld %s\n", int_of(r, "count"), text_of(r, "kind"));
		else
			printf("Taken back: %s %s\n", text_of(r, "amount"), text_of(r, "kind"));
	}
}

static void put_codes(const json_t *answer)
{
	const json_t *promotions = json_object_get(answer, "promotions"), *p;
	size_t i;

	json_array_foreach (promotions, i, p) {
		if (!text_of(p, "coupon")[0])
			continue;
		fputs("Good again: coupon ", stdout);
		screen_text(text_of(p, "coupon"));
		putchar('\n');
	}
}

static void put_tenders(const json_t *answer)
{
	const json_t *tenders = json_object_get(answer, "tenders"), *t;
	size_t i;

	json_array_foreach (tenders, i, t) {
		printf("  %-14s %s\n", text_of(t, "method"), text_of(t, "amount"));
	}
}

void view_return(const json_t *answer)
{
	bool preview = json_is_true(json_object_get(answer, "preview"));

	if (json_is_true(json_object_get(answer, "repeated")))
		puts("This was done before; nothing is paid out again. The first answer:");
	printf("%s ", strcmp(text_of(answer, "kind"), "void") == 0 ? "Void" : "Return");
	screen_text(text_of(answer, "return_id"));
	fputs(" of order ", stdout);
	screen_text(text_of(answer, "order"));
	puts(preview ? " (a preview: nothing was done)" : "");
	put_lines(answer);
	put_rewards(answer);
	put_codes(answer);
	printf("%s %s %s (tax in it %s), %s of the payment is left\n", preview ? "Would pay out" : "Pay out",
	       text_of(answer, "refund"), text_of(answer, "currency"), text_of(answer, "tax"),
	       text_of(answer, "left"));
	put_tenders(answer);
	if (!preview)
		printf("Ledger segment %lld, sequence %lld\n", int_of(answer, "segment"),
		       int_of(answer, "sequence"));
	if (json_object_get(answer, "warning")) {
		fputs("Warning: ", stdout);
		screen_text(text_of(answer, "warning"));
		putchar('\n');
	}
}

static bool is_nothing(const char *amount)
{
	return strspn(amount, "0.") == strlen(amount);
}

static void put_settled(const json_t *answer, bool preview)
{
	const char *to_pay = text_of(answer, "to_pay"), *given_back = text_of(answer, "given_back");
	const json_t *give = json_object_get(answer, "give_back"), *t;
	size_t i;

	printf("What comes back %s, new goods %s %s\n", text_of(answer, "refund"), text_of(answer, "total"),
	       text_of(answer, "currency"));
	if (!is_nothing(to_pay))
		printf("%s %s\n", preview ? "To pay" : "Paid besides", to_pay);
	if (!is_nothing(given_back))
		printf("%s %s\n", preview ? "Would give back" : "Give back", given_back);
	json_array_foreach (give, i, t) {
		printf("  %-14s %s\n", text_of(t, "method"), text_of(t, "amount"));
	}
}

void view_exchange(const json_t *answer)
{
	const json_t *back = json_object_get(answer, "return");
	bool preview = json_is_true(json_object_get(answer, "preview"));

	if (json_is_true(json_object_get(answer, "repeated")))
		puts("This was done before; nothing is paid again. The first answer:");
	fputs("Exchange of goods of order ", stdout);
	screen_text(text_of(back, "order"));
	puts(preview ? " (a preview: nothing was done)" : "");
	put_lines(back);
	put_rewards(back);
	put_codes(back);
	if (!preview)
		view_receipt(json_object_get(answer, "sale"));
	put_settled(answer, preview);
}
