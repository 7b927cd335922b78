/*
 * Overrides for programs. See overrides.h.
 */
#include "overrides_parts.h"

#include "civil.h"
#include "lane_json.h"

static void write_instant(struct jsonw *w, const char *name, int64_t utc_s)
{
	char text[CIVIL_TEXT_MAX];

	jsonw_text_n(w, name, text, civil_format(utc_s, true, text));
}

static const char *state_name(const struct override *one)
{
	if (one->state == OVERRIDE_PENDING)
		return "pending";
	return one->said.needs == NEEDS_REVIEW && !one->approved_by ? "emergency" : "active";
}

static void write_article(struct jsonw *w, const struct catalog *c, const char *sku)
{
	uint32_t item;

	jsonw_text(w, "sku", sku);
	if (c && catalog_find_sku(c, sku, &item) == ERR_OK)
		jsonw_text(w, "name", catalog_name(c, item));
}

static void write_one(struct jsonw *w, const struct overrides *o, const struct override *one)
{
	const struct event_override *said = &one->said;
	const struct catalog *c = shop_catalog(o->shop);
	unsigned exponent = 0;

	(void)!currency_exponent(said->currency, &exponent); /* one of later: whole minor units */
	jsonw_text(w, "id", said->id);
	jsonw_text(w, "state", state_name(one));
	write_article(w, c, said->sku);
	json_money(w, "price", said->price, exponent);
	json_money(w, "before", said->before, exponent);
	if (said->change.ppm != AMOUNT_NONE)
		jsonw_decimal(w, "change", said->change.ppm, 4, 0);
	if (said->floor.minor != AMOUNT_NONE)
		json_money(w, "floor", said->floor, exponent);
	jsonw_text(w, "currency", said->currency);
	jsonw_text(w, "needs", approval_need_name(said->needs));
	write_instant(w, "from", said->from_s);
	write_instant(w, "to", said->to_s);
	if (one->state == OVERRIDE_PENDING)
		write_instant(w, "decide_until", said->decide_until_s);
	jsonw_text(w, "by", said->by);
	jsonw_text(w, "role", said->role);
	jsonw_text(w, "reason", said->reason);
	if (one->approved_by)
		jsonw_text(w, "approved_by", one->approved_by);
}

void override_json(const struct overrides *o, const char *id, struct jsonw *w)
{
	const struct override *one = override_find(o, id);

	if (one)
		write_one(w, o, one);
	else
		jsonw_text(w, "id", id);
}

static void write_those(struct jsonw *w, const struct overrides *o, enum override_state state)
{
	for (const struct override *one = o->first; one; one = one->next) {
		if (one->state != state || one->over)
			continue;
		jsonw_object(w, NULL);
		write_one(w, o, one);
		jsonw_close(w);
	}
}

void overrides_json(const struct overrides *o, struct jsonw *w)
{
	jsonw_array(w, "overrides");
	write_those(w, o, OVERRIDE_PENDING);
	write_those(w, o, OVERRIDE_ACTIVE);
	jsonw_close(w);
}
