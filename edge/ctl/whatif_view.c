/*
 * What-if sums as a table and as JSON. See whatif_view.h.
 */
#include "whatif_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen.h"

static const char *amount_text(const struct whatif *w, struct money m, char out[DECIMAL_TEXT_MAX])
{
	unsigned exponent = w->catalog->settings.exponent;

	decimal_format(m.minor, exponent, exponent, out);
	return out;
}

static struct money less(struct money a, struct money b)
{
	return (struct money){a.minor - b.minor};
}

static int by_amount(const void *a, const void *b)
{
	const struct whatif_promotion *x = a, *y = b;
	int64_t p = x->amount[0].minor > x->amount[1].minor ? x->amount[0].minor : x->amount[1].minor;
	int64_t q = y->amount[0].minor > y->amount[1].minor ? y->amount[0].minor : y->amount[1].minor;

	return p != q ? (p < q) - (p > q) : strcmp(x->id, y->id);
}

struct whatif_promotion *whatif_ranked(const struct whatif *w)
{
	struct whatif_promotion *all = calloc(w->promotion_count + 1, sizeof(*all));

	if (all && w->promotion_count)
		memcpy(all, w->promotions, w->promotion_count * sizeof(*all));
	if (all)
		qsort(all, w->promotion_count, sizeof(*all), by_amount);
	return all;
}

static void add_row(const struct whatif *w, struct table *t, const char *what, struct money before,
		    struct money after)
{
	char text[DECIMAL_TEXT_MAX];

	table_cell(t, what);
	table_cell(t, amount_text(w, before, text));
	table_cell(t, amount_text(w, after, text));
	table_cell(t, amount_text(w, less(after, before), text));
}

static void print_sums(const struct whatif *w)
{
	static const char *const headers[] = {"<", ">AS IT WAS", ">BY THE BOOK", ">CHANGE"};
	const struct whatif_side *s = w->sides;
	struct table *t = table_new(headers, 4);

	add_row(w, t, "paid by customers", s[0].paid, s[1].paid);
	add_row(w, t, "revenue without tax", s[0].revenue, s[1].revenue);
	add_row(w, t, "margin", s[0].margin, s[1].margin);
	add_row(w, t, "customers' savings", s[0].savings, s[1].savings);
	table_print(t);
}

static void print_promotions(const struct whatif *w)
{
	static const char *const headers[] = {"~PROMOTION", ">CARTS",	   ">THEN",
					      ">GAVE",	    ">WOULD GIVE", ">CHANGED CARTS"};
	struct whatif_promotion *all = whatif_ranked(w);
	char text[DECIMAL_TEXT_MAX];
	struct table *t = table_new(headers, 6);

	for (size_t i = 0; all && i < w->promotion_count; i++) {
		table_cell(t, all[i].id);
		table_cell_int(t, all[i].carts[0]);
		table_cell_int(t, all[i].carts[1]);
		table_cell(t, amount_text(w, all[i].amount[0], text));
		table_cell(t, amount_text(w, all[i].amount[1], text));
		table_cell_int(t, all[i].changed);
	}
	table_print(t);
	free(all);
}

static void print_missing(const struct whatif *w)
{
	static const char *const headers[] = {"~ARTICLE", ">CARTS", "<WHY"};
	struct table *t = table_new(headers, 3);

	printf("\nCarts left out, since the book cannot price them: %" PRId64 "\n", w->left_out);
	for (size_t i = 0; i < w->missing_count; i++) {
		table_cell(t, w->missing[i].sku);
		table_cell_int(t, w->missing[i].carts);
		table_cell(t, w->missing[i].unpriced ? "has no price" : "is not in the book");
	}
	table_print(t);
}

void whatif_print(const struct whatif *w)
{
	const struct whatif_side *s = w->sides;

	if (w->carts == 0 && w->left_out == 0) {
		puts("No cart was sold in that time.");
		return;
	}
	printf("%" PRId64 " cart%s: %" PRId64 " would be cheaper, %" PRId64 " dearer\n\n", w->carts,
	       w->carts == 1 ? "" : "s", w->cheaper, w->dearer);
	print_sums(w);
	if (s[0].costed.minor != s[0].revenue.minor || s[1].costed.minor != s[1].revenue.minor)
		printf("Margin is of articles with a known cost: %" PRId64 " %% of the revenue, and %" PRId64
		       " %%\n",
		       s[0].revenue.minor ? s[0].costed.minor * 100 / s[0].revenue.minor : 0,
		       s[1].revenue.minor ? s[1].costed.minor * 100 / s[1].revenue.minor : 0);
	if (w->promotion_count) {
		putchar('\n');
		print_promotions(w);
	}
	if (w->left_out)
		print_missing(w);
}

static json_t *money_json(const struct whatif *w, struct money m)
{
	char text[DECIMAL_TEXT_MAX];

	return json_string(amount_text(w, m, text));
}

static json_t *side_json(const struct whatif *w, const struct whatif_side *s)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "paid", money_json(w, s->paid), "revenue",
			 money_json(w, s->revenue), "margin", money_json(w, s->margin), "costed",
			 money_json(w, s->costed), "savings", money_json(w, s->savings));
}

json_t *whatif_json(const struct whatif *w)
{
	json_t *promotions = json_array(), *missing = json_array();

	for (size_t i = 0; i < w->promotion_count; i++) {
		const struct whatif_promotion *p = &w->promotions[i];

		json_array_append_new(
			promotions,
			json_pack("{s:s, s:{s:I, s:o}, s:{s:I, s:o}, s:I}", "promotion", p->id, "before",
				  "carts", (json_int_t)p->carts[0], "amount", money_json(w, p->amount[0]),
				  "after", "carts", (json_int_t)p->carts[1], "amount",
				  money_json(w, p->amount[1]), "changed", (json_int_t)p->changed));
	}
	for (size_t i = 0; i < w->missing_count; i++)
		json_array_append_new(missing, json_pack("{s:s, s:I, s:s}", "sku", w->missing[i].sku, "carts",
							 (json_int_t)w->missing[i].carts, "why",
							 w->missing[i].unpriced ? "no_price" : "unknown"));
	return json_pack("{s:b, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "ok", 1, "currency",
			 w->catalog->settings.currency, "carts", (json_int_t)w->carts, "cheaper",
			 (json_int_t)w->cheaper, "dearer", (json_int_t)w->dearer, "left_out",
			 (json_int_t)w->left_out, "before", side_json(w, &w->sides[0]), "after",
			 side_json(w, &w->sides[1]), "promotions", promotions, "missing", missing);
}
