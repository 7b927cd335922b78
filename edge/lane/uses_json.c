/*
 * What was used of promotions and coupons, as JSON.
 */
#include "lane_json.h"
#include "lane_parts.h"

#include <string.h>

#include "civil.h"

static void put_moment(struct jsonw *w, const char *name, int64_t seconds, bool utc)
{
	char text[CIVIL_TEXT_MAX];

	if (seconds == AMOUNT_NONE)
		return;
	civil_format(seconds, utc, text);
	jsonw_text(w, name, text);
}

void coupon_json(const struct coupon_view *v, struct jsonw *w)
{
	jsonw_text(w, "code", v->code);
	jsonw_text(w, "promotion", v->promotion);
	jsonw_text(w, "state", v->state);
	jsonw_int(w, "uses", v->uses);
	if (v->limit)
		jsonw_int(w, "limit", v->limit);
	jsonw_int(w, "held", v->held);
	jsonw_int(w, "returned", v->returned);
	put_moment(w, "from", v->from.seconds, !v->from.local);
	put_moment(w, "to", v->to.seconds, !v->to.local);
	if (v->cart) {
		jsonw_text(w, "cart", v->cart);
		jsonw_text(w, "lane", v->lane);
	}
	if (v->token) {
		jsonw_text(w, "token", v->token);
		put_moment(w, "until", v->until_ms / 1000, true);
	}
	if (v->order)
		jsonw_text(w, "order", v->order);
}

static int64_t left(int64_t granted, int64_t spent, int64_t held)
{
	int64_t n = granted - spent - held;

	return n > 0 ? n : 0;
}

static void put_limits(const struct catalog *c, const struct promotion *p, const struct promotion_use *u,
		       struct jsonw *w)
{
	unsigned exponent = c->settings.exponent;

	if (p->uses) {
		jsonw_int(w, "uses_limit", p->uses);
		jsonw_int(w, "uses_left", left(u->granted_uses, u->use.uses, u->use.held));
	}
	if (p->budget.minor) {
		json_money(w, "budget", p->budget, exponent);
		json_money(
			w, "budget_left",
			(struct money){left(u->granted_amount.minor, u->amount.minor, u->held_amount.minor)},
			exponent);
	}
	if (p->customer_uses)
		jsonw_int(w, "customer_limit", p->customer_uses);
}

static void put_usage(const struct catalog *c, uint32_t promotion, const struct promotion_use *u,
		      struct jsonw *w)
{
	const struct promotion *p = &c->promotions[promotion];

	jsonw_object(w, NULL);
	jsonw_text(w, "promotion", p->id);
	jsonw_text(w, "name", p->name);
	jsonw_int(w, "uses", u->use.uses);
	json_money(w, "given", u->amount, c->settings.exponent);
	jsonw_int(w, "held", u->use.held);
	json_money(w, "held_amount", u->held_amount, c->settings.exponent);
	put_limits(c, p, u, w);
	if (u->grant) {
		jsonw_int(w, "incarnation", u->incarnation);
		jsonw_int(w, "grant", u->grant);
	}
	jsonw_close(w);
}

bool shop_usage_json(const struct shop *s, const char *promotion, struct answer *a, struct jsonw *w)
{
	static const struct promotion_use nothing;
	const struct catalog *c = shop_catalog(s);
	uint32_t only;

	*a = (struct answer){0};
	if (!c)
		return refuse_no_catalog(a);
	only = promotion ? catalog_promotion(c, promotion) : CATALOG_NONE;
	if (promotion && only == CATALOG_NONE)
		return refuse(a, REFUSED_UNKNOWN_CODE, "the book has no promotion %.80s", promotion);
	if (!w)
		return true;
	jsonw_text(w, "currency", c->settings.currency);
	jsonw_array(w, "promotions");
	for (uint32_t i = 0; i < c->promotion_count; i++) {
		const struct use *u = uses_find(s->uses, USE_PROMOTION, c->promotions[i].id, NULL);

		if (i == only || (!promotion && u))
			put_usage(c, i, u ? (const struct promotion_use *)u : &nothing, w);
	}
	jsonw_close(w);
	return true;
}
