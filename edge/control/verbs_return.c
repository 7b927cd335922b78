/*
 * Verbs that take goods back: they wait for the ledger.
 */
#include <stdlib.h>

#include "verbs.h"

static void return_done(struct lane *l, const struct answer *a, void *arg)
{
	pending_finish(arg, l, a, lane_return_json, true);
}

static bool refuse_line(const struct request *r, size_t i, const char *what)
{
	reply_error(&r->reply, "bad_request", "lines[%zu]: %s", i, what);
	return false;
}

/* {"line": 2, "quantity": "1.5"}: the line counts from 1, and the quantity is one unit if it is not there. */
static bool take_line(const struct request *r, size_t i, const json_t *json, struct return_line *out)
{
	const json_t *line = json_object_get(json, "line"), *quantity = json_object_get(json, "quantity");

	if (!json_is_integer(line) || json_integer_value(line) < 1 || json_integer_value(line) > INT32_MAX ||
	    json_object_size(json) != (quantity ? 2U : 1U))
		return refuse_line(r, i,
				   "needs 'line', a whole number from 1, may have 'quantity', nothing else");
	out->line = json_integer_value(line) - 1;
	out->quantity = QTY_ONE;
	if (json_is_integer(quantity)) {
		if (json_integer_value(quantity) < 1 || json_integer_value(quantity) > ENGINE_QUANTITY_MAX)
			return refuse_line(r, i, "quantity: from 1 to 1000000 units");
		out->quantity.micro = json_integer_value(quantity) * QTY_ONE.micro;
	} else if (quantity && (!json_is_string(quantity) ||
				decimal_parse(json_string_value(quantity), json_string_length(quantity),
					      QTY_EXPONENT, &out->quantity.micro))) {
		return refuse_line(r, i, "quantity: a decimal in quotes, such as \"1.5\"");
	}
	return true;
}

static bool take_lines(const struct request *r, struct return_line *out, size_t *n)
{
	const json_t *list = json_object_get(r->json, "lines");

	*n = json_array_size(list);
	if (list && (*n == 0 || *n > CART_LINES_MAX)) {
		reply_error(&r->reply, "bad_request", "lines: 1 to %d of them, or left out: all that is kept",
			    CART_LINES_MAX);
		return false;
	}
	for (size_t i = 0; i < *n; i++)
		if (!take_line(r, i, json_array_get(list, i), &out[i]))
			return false;
	return true;
}

static void take_back(struct request *r, bool is_void, const struct return_line *lines, size_t n)
{
	const struct goods_back goods = {
		.order = request_text(r, "order"),
		.id = request_text(r, "return_id"),
		.is_void = is_void,
		.lines = lines,
		.count = n,
		.method = request_text(r, "method"),
		.cashier = request_text(r, "cashier"),
		.reason = request_text(r, "reason"),
		.gifts_kept = request_flag(r, "gifts_kept"),
		.preview = request_flag(r, "preview"),
	};
	struct pending *p = request_wait(r);

	if (p)
		lane_return(r->lane, &goods, return_done, p);
}

void verb_return(struct request *r)
{
	struct return_line lines[CART_LINES_MAX];
	size_t n;

	if (take_lines(r, lines, &n))
		take_back(r, false, lines, n);
}

void verb_void_order(struct request *r)
{
	take_back(r, true, NULL, 0);
}

static void exchange_done(struct lane *l, const struct answer *a, void *arg)
{
	pending_finish(arg, l, a, lane_exchange_json, true);
}

void verb_exchange(struct request *r)
{
	struct return_line lines[CART_LINES_MAX];
	struct tender tenders[CART_TENDERS_MAX];
	struct goods_back goods = {.order = request_text(r, "order"),
				   .id = request_text(r, "return_id"),
				   .lines = lines,
				   .cashier = request_text(r, "cashier"),
				   .reason = request_text(r, "reason"),
				   .gifts_kept = request_flag(r, "gifts_kept"),
				   .preview = request_flag(r, "preview")};
	struct pending *p;
	size_t n;

	if (!take_lines(r, lines, &goods.count) || !request_tenders(r, tenders, &n))
		return;
	p = request_wait(r);
	if (p)
		lane_exchange(r->lane, &goods, request_text(r, "new_order"), tenders, n, exchange_done, p);
}
