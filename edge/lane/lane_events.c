/*
 * Events of a lane: prices as they are calculated, and markdowns that set in. See lane_events.h.
 */
#include "lane_events.h"

#include <stdio.h>
#include <string.h>

#include "lane_parts.h"

#define LINE_MAX  8192
#define STEPS_MAX 16 /* rules that move a price: one a kind */

static struct stamp instant(int64_t s)
{
	return (struct stamp){.seconds = s};
}

static struct shop_event event_of(const struct cart *c, enum shop_event_type type, uint32_t item)
{
	return (struct shop_event){
		.type = type,
		.at_s = c->now_s,
		.version = (int64_t)c->catalog->version,
		.key = catalog_sku(c->catalog, item),
	};
}

static size_t rules_of(const struct cart *c, const struct line_result *r, const char *ids[STEPS_MAX])
{
	size_t n = 0;

	for (uint32_t i = 0; i < r->steps && n < STEPS_MAX; i++) {
		const struct price_step *step = &c->now.result.steps[r->first_step + i];

		if (step->kind == STEP_RULE)
			ids[n++] = c->catalog->rules[step->rule].id;
	}
	return n;
}

/* As many as there is room for. */
const char *customer_segments(const struct customer *who, char out[SEGMENTS_TEXT_MAX])
{
	const char *const *at = who ? who->segments.at : NULL;
	size_t n = 0;

	if (!who || !who->segments.count)
		return "guest";
	out[0] = '\0';
	for (size_t i = 0; i < who->segments.count && n + strlen(at[i]) + 2 <= SEGMENTS_TEXT_MAX; i++)
		n += (size_t)snprintf(out + n, SEGMENTS_TEXT_MAX - n, "%s%s", i ? "," : "", at[i]);
	return out;
}

void lane_price_calculated(const struct lane *l, uint32_t line, struct jsonw *w)
{
	const struct cart *c = l->cart;
	const struct line_result *r = &c->now.result.lines[line];
	const struct customer *who = c->now.customer;
	const struct catalog *catalog = c->catalog;
	const char *rules[STEPS_MAX];
	char segments[SEGMENTS_TEXT_MAX];
	const struct price_context context = {
		.store = l->shop->config->store,
		.channel = c->channel_name,
		.lane = l->name,
		.cart = c->id,
		.customer = who ? who->id : NULL,
		.plan = who ? who->plan : NULL,
		.at = instant(c->now_s),
		.quantity = c->now.lines[line].quantity,
		.list = r->price_list == CATALOG_NONE ? NULL : catalog->lists[r->price_list].id,
		.override = r->override == CATALOG_NONE ? NULL : catalog->rules[r->override].id,
		.locked = r->locked,
	};
	struct shop_event e = event_of(c, SHOP_PRICE_CALCULATED, c->now.lines[line].item);

	e.as.price_calculated = (struct price_calculated){
		.product = e.key,
		.price = r->unit_price,
		.base = r->base,
		.rules = {rules, rules_of(c, r, rules)},
		.segment = customer_segments(who, segments),
		.context = &context,
	};
	shop_event_to_json(&e, catalog->settings.currency, w);
}

bool lane_markdown_of(const struct lane *l, uint32_t line, struct shop_event *out)
{
	const struct cart *c = l->cart;
	const struct line_result *r = &c->now.result.lines[line];
	struct money before = r->base;

	for (uint32_t i = 0; i < r->steps; i++) {
		const struct price_step *step = &c->now.result.steps[r->first_step + i];
		const struct price_rule *rule =
			step->kind == STEP_RULE ? &c->catalog->rules[step->rule] : NULL;

		if (!rule || (rule->kind != RULE_AGE && rule->kind != RULE_EXPIRY)) {
			before.minor += step->amount.minor; /* the engine has added them up */
			continue;
		}
		*out = event_of(c, SHOP_MARKDOWN_TRIGGERED, c->now.lines[line].item);
		out->as.markdown = (struct markdown_triggered){
			.product = out->key,
			.before = before,
			.after = {before.minor + step->amount.minor},
			.rule = rule->id,
			.kind = record_rule_kind(rule->kind),
			.justification = rule->kind == RULE_AGE ? "aging stock: D(t,d,p)" : "near its expiry",
		};
		return true;
	}
	return false;
}

void shop_event_write(const struct shop *s, const struct shop_event *e, struct jsonw *w)
{
	shop_event_to_json(e, snapshot_catalog(s->snapshot)->settings.currency, w);
}

void shop_event_tell(struct shop *s, const struct shop_event *e)
{
	struct buf line;
	struct jsonw w;

	buf_init(&line, LINE_MAX);
	jsonw_begin(&w, &line);
	jsonw_object(&w, NULL);
	shop_event_write(s, e, &w);
	jsonw_close(&w);
	if (jsonw_end(&w) == ERR_OK)
		shop_catalog_event(s, (const char *)buf_front(&line), buf_length(&line));
	buf_free(&line);
}

void lane_overrides_used(const struct lane *l, const struct cart *c, const char *order)
{
	for (uint32_t i = 0; i < c->now.count; i++) {
		const struct line_result *r = &c->now.result.lines[i];
		struct shop_event e = event_of(c, SHOP_OVERRIDE_USED, c->now.lines[i].item);

		if (r->override == CATALOG_NONE)
			continue;
		e.as.used = (struct override_used){.override = c->catalog->rules[r->override].id,
						   .product = e.key,
						   .order = order,
						   .lane = l->name,
						   .quantity = c->now.lines[i].quantity,
						   .price = r->unit_price,
						   .net = r->net};
		shop_event_tell(l->shop, &e);
	}
}
