/*
 * The table of verbs.
 */
#include "verbs.h"

#include <string.h>

const struct verb verbs[] = {
	{"version", {{0}}, verb_version, "which program and protocol this is"},
	{"status", {{0}}, verb_status, "the box, its catalog and its ledger"},
	{"lanes", {{0}}, verb_lanes, "lanes with their scanners, and suspended carts"},
	{"price",
	 {{"lane", MEMBER_LANE, false}, {"code", MEMBER_TEXT, false}, {"sku", MEMBER_TEXT, false}},
	 verb_price,
	 "what an article costs now"},
	{"cart", {{"lane", MEMBER_LANE, true}}, verb_cart, "the lane's cart"},
	{"scan",
	 {{"lane", MEMBER_LANE, true},
	  {"code", MEMBER_TEXT, false},
	  {"sku", MEMBER_TEXT, false},
	  {"quantity", MEMBER_DECIMAL, false},
	  {"hints", MEMBER_FLAG, false}},
	 verb_scan,
	 "adds an article, or a coupon's code"},
	{"qty",
	 {{"lane", MEMBER_LANE, true},
	  {"line", MEMBER_COUNT, true},
	  {"quantity", MEMBER_DECIMAL, true},
	  {"hints", MEMBER_FLAG, false}},
	 verb_qty,
	 "sets a line's quantity"},
	{"void",
	 {{"lane", MEMBER_LANE, true}, {"line", MEMBER_COUNT, false}, {"cart", MEMBER_FLAG, false}},
	 verb_void,
	 "takes a line off, or gives the whole cart up"},
	{"customer",
	 {{"lane", MEMBER_LANE, true}, {"customer", MEMBER_TEXT, true}},
	 verb_customer,
	 "says who is buying"},
	{"coupon",
	 {{"lane", MEMBER_LANE, true}, {"code", MEMBER_TEXT, true}, {"token", MEMBER_TEXT, false}},
	 verb_coupon,
	 "adds a coupon"},
	{"code",
	 {{"code", MEMBER_TEXT, true},
	  {"action", MEMBER_TEXT, false},
	  {"token", MEMBER_TEXT, false},
	  {"minutes", MEMBER_COUNT, false},
	  {"by", MEMBER_TEXT, false}},
	 verb_code,
	 "what became of a coupon; reserves, releases, returns or ends it"},
	{"usage",
	 {{"promotion", MEMBER_TEXT, false}},
	 verb_usage,
	 "how often promotions were used, and what is left"},
	{"tender",
	 {{"lane", MEMBER_LANE, true},
	  {"order", MEMBER_TEXT, false},
	  {"method", MEMBER_TEXT, false},
	  {"amount", MEMBER_DECIMAL, false},
	  {"tenders", MEMBER_LIST, false},
	  {"cashier", MEMBER_TEXT, false}},
	 verb_tender,
	 "pays; answered when the sale is durable"},
	{"return",
	 {{"lane", MEMBER_LANE, true},
	  {"order", MEMBER_TEXT, true},
	  {"return_id", MEMBER_TEXT, false},
	  {"lines", MEMBER_LIST, false},
	  {"method", MEMBER_TEXT, false},
	  {"cashier", MEMBER_TEXT, false},
	  {"reason", MEMBER_TEXT, false},
	  {"gifts_kept", MEMBER_FLAG, false},
	  {"preview", MEMBER_FLAG, false}},
	 verb_return,
	 "takes goods of an order back; answered when it is durable"},
	{"exchange",
	 {{"lane", MEMBER_LANE, true},
	  {"order", MEMBER_TEXT, true},
	  {"return_id", MEMBER_TEXT, false},
	  {"lines", MEMBER_LIST, false},
	  {"new_order", MEMBER_TEXT, false},
	  {"method", MEMBER_TEXT, false},
	  {"amount", MEMBER_DECIMAL, false},
	  {"tenders", MEMBER_LIST, false},
	  {"cashier", MEMBER_TEXT, false},
	  {"reason", MEMBER_TEXT, false},
	  {"gifts_kept", MEMBER_FLAG, false},
	  {"preview", MEMBER_FLAG, false}},
	 verb_exchange,
	 "takes goods of an order back for the cart; answered when both are durable"},
	{"void_order",
	 {{"lane", MEMBER_LANE, true},
	  {"order", MEMBER_TEXT, true},
	  {"return_id", MEMBER_TEXT, false},
	  {"method", MEMBER_TEXT, false},
	  {"cashier", MEMBER_TEXT, false},
	  {"reason", MEMBER_TEXT, false},
	  {"gifts_kept", MEMBER_FLAG, false},
	  {"preview", MEMBER_FLAG, false}},
	 verb_void_order,
	 "cancels an order that was paid; answered when it is durable"},
	{"suspend", {{"lane", MEMBER_LANE, true}}, verb_suspend, "puts the cart aside"},
	{"resume",
	 {{"lane", MEMBER_LANE, true}, {"cart", MEMBER_TEXT, true}},
	 verb_resume,
	 "takes a suspended cart up, on any lane"},
	{"explain",
	 {{"lane", MEMBER_LANE, true}},
	 verb_explain,
	 "the cart, with every promotion of the book judged"},
	{"subscribe",
	 {{"lane", MEMBER_TEXT, true},
	  {"full", MEMBER_FLAG, false},
	  {"hints", MEMBER_FLAG, false},
	  {"events", MEMBER_FLAG, false}},
	 verb_subscribe,
	 "tells events of a lane, or of \"*\", from now on"},
	{"override",
	 {{"sku", MEMBER_TEXT, true},
	  {"price", MEMBER_DECIMAL, true},
	  {"reason", MEMBER_TEXT, true},
	  {"to", MEMBER_TEXT, false},
	  {"minutes", MEMBER_COUNT, false},
	  {"emergency", MEMBER_FLAG, false},
	  {"by", MEMBER_TEXT, false}},
	 verb_override,
	 "sets a price for a while"},
	{"overrides", {{0}}, verb_overrides, "prices that are set here, or wait for approval"},
	{"override_end",
	 {{"override", MEMBER_TEXT, true}, {"reason", MEMBER_TEXT, true}, {"by", MEMBER_TEXT, false}},
	 verb_override_end,
	 "ends one before its time, or takes it back"},
	{"approve",
	 {{"override", MEMBER_TEXT, true}, {"reason", MEMBER_TEXT, true}, {"by", MEMBER_TEXT, false}},
	 verb_approve,
	 "approves a price that somebody else set, or what an import held"},
	{"reject",
	 {{"override", MEMBER_TEXT, true}, {"reason", MEMBER_TEXT, true}, {"by", MEMBER_TEXT, false}},
	 verb_reject,
	 "rejects a price that somebody else set, or what an import held"},
	{"refresh", {{0}}, verb_refresh, "asks for a look at catalog.db"},
	{"reload", {{0}}, verb_reload, "reads the configuration anew; answered when it is in force"},
	{.name = NULL},
};

const struct verb *verb_find(const char *name)
{
	for (const struct verb *v = verbs; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

const char *member_type_text(enum member_type t)
{
	switch (t) {
	case MEMBER_TEXT:
	case MEMBER_LANE:
		return "a text";
	case MEMBER_COUNT:
		return "a whole number, 1 or more";
	case MEMBER_DECIMAL:
		return "a decimal in quotes, such as \"2.50\"";
	case MEMBER_FLAG:
		return "true or false";
	case MEMBER_LIST:
		return "a list";
	}
	return "?";
}

static void describe_verb(struct buf *out, const struct verb *v)
{
	buf_add(out, v->name, strlen(v->name));
	for (const struct member *m = v->members; m < v->members + VERB_MEMBERS_MAX && m->name; m++) {
		buf_add(out, " ", 1);
		buf_add(out, m->name, strlen(m->name));
		if (!m->required)
			buf_add(out, "?", 1);
	}
	buf_add(out, "\n", 1);
}

enum err control_describe(struct buf *out)
{
	for (const struct verb *v = verbs; v->name; v++)
		describe_verb(out, v);
	return buf_add(out, "", 1) ? ERR_OK : ERR_LIMIT;
}
