/*
 * Verbs on one lane's cart that are answered at once.
 */
#include "verbs.h"

static void answer_line(const struct request *r, uint32_t line)
{
	struct jsonw w;

	if (!reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	lane_line_json(r->lane, line, &w);
	if (request_flag(r, "hints"))
		lane_hints_json(r->lane, &w);
	reply_end(&r->reply, &w);
}

static void answer_cart(const struct request *r, void (*members)(struct lane *l, struct jsonw *w))
{
	struct jsonw w;

	if (!reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	members(r->lane, &w);
	reply_end(&r->reply, &w);
}

static void answer_change(const struct request *r, const struct answer *a)
{
	if (a->refusal != REFUSED_NOT)
		reply_refusal(&r->reply, a);
	else
		answer_line(r, a->line);
}

static void answer_edit(const struct request *r, const struct answer *a)
{
	if (a->refusal != REFUSED_NOT)
		reply_refusal(&r->reply, a);
	else
		answer_cart(r, lane_cart_json);
}

static void show_cart(const struct request *r, void (*members)(struct lane *l, struct jsonw *w))
{
	if (lane_state(r->lane) == LANE_IDLE)
		reply_error(&r->reply, refusal_code(REFUSED_NO_CART), "lane %s has no cart",
			    lane_name(r->lane));
	else
		answer_cart(r, members);
}

void verb_cart(struct request *r)
{
	show_cart(r, lane_cart_json);
}

void verb_explain(struct request *r)
{
	show_cart(r, lane_explain_json);
}

void verb_scan(struct request *r)
{
	const char *code = request_text(r, "code"), *sku = request_text(r, "sku");
	struct answer a = {0};
	struct qty quantity;

	if ((code == NULL) == (sku == NULL)) {
		reply_error(&r->reply, "bad_request", "code: give either 'code' or 'sku'");
		return;
	}
	if (!request_quantity(r, &quantity))
		return;
	if (quantity.micro == AMOUNT_NONE)
		quantity.micro = 0; /* one piece, or what the code says */
	if (code)
		lane_scan(r->lane, code, json_string_length(json_object_get(r->json, "code")), quantity, &a);
	else
		lane_add_sku(r->lane, sku, quantity, &a);
	if (a.no_gtin && quantity.micro == 0)
		verb_coupon(r); /* as with a scan from a device */
	else
		answer_change(r, &a);
}

void verb_qty(struct request *r)
{
	struct answer a = {0};
	struct qty quantity;
	uint32_t line;

	if (!request_line(r, &line) || !request_quantity(r, &quantity))
		return;
	lane_quantity(r->lane, line, quantity, &a);
	answer_change(r, &a);
}

void verb_void(struct request *r)
{
	struct answer a = {0};
	uint32_t line;
	bool has_line = request_line(r, &line);

	if (has_line == request_flag(r, "cart")) {
		reply_error(&r->reply, "bad_request", "line: give either 'line' or '\"cart\": true'");
		return;
	}
	if (has_line)
		lane_void_line(r->lane, line, &a);
	else
		lane_void_cart(r->lane, &a);
	answer_edit(r, &a);
}

void verb_suspend(struct request *r)
{
	struct answer a = {0};
	struct jsonw w;

	lane_suspend(r->lane, &a);
	if (a.refusal != REFUSED_NOT) {
		reply_refusal(&r->reply, &a);
		return;
	}
	if (!reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	jsonw_text(&w, "cart", a.cart);
	reply_end(&r->reply, &w);
}

void verb_resume(struct request *r)
{
	struct answer a = {0};

	lane_resume(r->lane, request_text(r, "cart"), &a);
	answer_edit(r, &a);
}
