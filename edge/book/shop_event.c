/*
 * The payloads of events as tables of fields. See shop_event.h. Their names in JSON are those that the other
 * systems of a chain use.
 */
#include "shop_event.h"

#include <stdio.h>
#include <string.h>

#include "civil.h"
#include "fields.h"
#include "records_parts.h"

/* A row whose name in JSON is not the member's. */
#define AS(k, owner, member, called, ...)                                                           \
	{                                                                                           \
		.key = (k), .name = (called), .offset = offsetof(struct owner, member), __VA_ARGS__ \
	}
#define MONEY .kind = FIELD_MONEY
#define TIME  .kind = FIELD_TIME
#define WORDS FIELD_OF(TEXT, 0, RECORD_TEXT_MAX)
#define RATIO FIELD_OF(PERCENT, INT64_C(-1000000000000), INT64_C(1000000000000))

static const struct field price_changed_fields[] = {
	AS(1, price_changed, product, "productId", ID, .required = true, .text = "The article."),
	AS(2, price_changed, before, "oldPrice", MONEY, .text = "Absent: it had none in that list."),
	AS(3, price_changed, after, "newPrice", MONEY, .text = "Absent: it has none any more."),
	AS(4, price_changed, effective, "effectiveDate", TIME, .required = true,
	   .text = "From when on it counts."),
	AS(5, price_changed, reason, "changeReason", WORDS, .required = true, .text = "Why."),
	AS(6, price_changed, user, "userId", WORDS, .required = true, .text = "Who."),
	AS(7, price_changed, margin_impact, "marginImpact", RATIO,
	   .text = "Margin by the new price less that by the old one, in percentage points; absent if the "
		   "cost or one of the prices is not known."),
	AS(8, price_changed, override, "overrideId", WORDS,
	   .text = "The override that it is by: a price set by hand, which counts in place of the lists'."),
	AS(9, price_changed, from, "fromQuantity", .kind = FIELD_QTY,
	   .text = "It is a volume break: of a unit, from so many in the cart on."),
	AS(10, price_changed, until, "effectiveUntil", TIME,
	   .text = "The last moment of a price that was set by hand; then what the lists say counts again."),
};

static const struct field price_context_fields[] = {
	FIELD(1, price_context, store, WORDS, .text = "Where."),
	FIELD(2, price_context, channel, WORDS, .text = "How it is sold."),
	FIELD(3, price_context, lane, WORDS, .text = "The lane."),
	FIELD(4, price_context, cart, WORDS, .text = "The cart."),
	FIELD(5, price_context, customer, WORDS, .text = "Who buys; absent: nobody that is known."),
	FIELD(6, price_context, plan, WORDS, .text = "The customer's subscription."),
	FIELD(7, price_context, at, TIME, .required = true, .text = "The moment the price is of."),
	FIELD(8, price_context, quantity, .kind = FIELD_QTY, .required = true, .text = "How much of it."),
	FIELD(9, price_context, list, WORDS, .text = "The price list that the base is from."),
	FIELD(10, price_context, override, WORDS, .text = "The override that it is from."),
	FIELD(11, price_context, locked, .kind = FIELD_BOOL, .has_default = true, .absent = 0,
	      .text = "The price lock made it lower: the lane had shown that price before."),
};
static const struct schema price_context_schema =
	SCHEMA("context", price_context, price_context_fields, "What the price was calculated for.");

static const struct field price_calculated_fields[] = {
	AS(1, price_calculated, product, "productId", ID, .required = true, .text = "The article."),
	AS(2, price_calculated, price, "calculatedPrice", MONEY, .required = true, .text = "Of one unit."),
	AS(3, price_calculated, base, "basePrice", MONEY, .required = true,
	   .text = "Of one unit, before any rule."),
	AS(4, price_calculated, rules, "appliedRules", .kind = FIELD_LIST, .required = true,
	   .text = "Pricing rules that moved it, in their order."),
	AS(5, price_calculated, segment, "customerSegment", WORDS, .required = true,
	   .text = "Segments of the customer, with commas between them; guest if there are none."),
	AS(6, price_calculated, context, "calculationContext", STRUCT(price_context_schema), .required = true,
	   .text = "What it was calculated for."),
};

static const struct field rule_activated_fields[] = {
	AS(1, rule_activated, rule, "ruleId", ID, .required = true, .text = "The pricing rule."),
	AS(2, rule_activated, kind, "ruleType", ID, .required = true, .text = "Its kind."),
	AS(3, rule_activated, from, "effectiveFrom", TIME, .text = "Absent: from now on."),
	AS(4, rule_activated, to, "effectiveTo", TIME, .text = "Absent: without an end."),
	AS(5, rule_activated, products, "affectedProductIds", FIELD_OF(LIST, 0, AFFECTED_MAX),
	   .required = true, .text = "Articles it selects, the first 1,000 by SKU; none: every article."),
};

/* Of all three. */
static const struct field promotion_event_fields[] = {
	AS(1, promotion_event, promotion, "promotionId", ID, .required = true, .text = "The promotion."),
	AS(2, promotion_event, name, "name", WORDS, .required = true, .text = "What staff call it."),
	AS(3, promotion_event, type, "type", WORDS, .required = true, .text = "Kind of what it gives first."),
	AS(4, promotion_event, discount, "discount", WORDS, .required = true,
	   .text = "What it gives first, in words: 20 %, 5.00."),
	AS(5, promotion_event, segments, "segments", .kind = FIELD_LIST, .required = true,
	   .text = "Whom it is for; none: everybody."),
	AS(6, promotion_event, start, "startDate", TIME, .text = "Absent: it has begun."),
	AS(7, promotion_event, end, "endDate", TIME, .text = "Its last moment; absent: no end."),
	AS(8, promotion_event, terms, "terms", WORDS, .required = true, .text = "What customers read of it."),
	AS(9, promotion_event, card, "tbiCard", .kind = FIELD_BOOL, .required = true,
	   .text = "Whether a customer has to show a card: it asks for customers, plans, segments, orders or "
		   "uses of a customer."),
};

static const struct field markdown_fields[] = {
	AS(1, markdown_triggered, product, "productId", ID, .required = true, .text = "The article."),
	AS(2, markdown_triggered, before, "oldPrice", MONEY, .required = true,
	   .text = "Of one unit, without the markdown."),
	AS(3, markdown_triggered, after, "newPrice", MONEY, .required = true, .text = "With it."),
	AS(4, markdown_triggered, rule, "ruleId", ID, .required = true, .text = "The pricing rule."),
	AS(5, markdown_triggered, kind, "ruleType", ID, .required = true, .text = "age or expiry."),
	AS(6, markdown_triggered, justification, "justification", WORDS, .required = true, .text = "Why."),
};

static const struct field component_fields[] = {
	FIELD(1, cost_component, name, WORDS, .required = true, .text = "What it is, such as freight."),
	FIELD(2, cost_component, amount, MONEY, .required = true, .text = "Of one unit."),
};
static const struct schema component_schema =
	SCHEMA("component", cost_component, component_fields, "A part of the cost.");

static const struct field import_cost_fields[] = {
	AS(1, import_cost_updated, product, "productId", ID, .required = true, .text = "The article."),
	AS(2, import_cost_updated, before, "previousCost", MONEY, .text = "Absent: it was not known."),
	AS(3, import_cost_updated, after, "newCost", MONEY, .required = true, .text = "Of one unit, landed."),
	AS(4, import_cost_updated, components, "costComponents", .kind = FIELD_LIST, .of = &component_schema,
	   .required = true, .text = "What it is made of, the FOB amount first."),
	AS(5, import_cost_updated, effective, "effectiveDate", TIME, .required = true,
	   .text = "Since when it costs that."),
};

static const struct field subscription_fields[] = {
	AS(1, subscription_event, customer, "customerId", ID, .required = true, .text = "Whose."),
	AS(2, subscription_event, from, "fromPlan", ID, .text = "Absent: there was none."),
	AS(3, subscription_event, to, "toPlan", ID, .text = "Absent: there is none any more."),
	AS(4, subscription_event, effective, "effectiveDate", TIME, .required = true,
	   .text = "From when on."),
	AS(5, subscription_event, user, "userId", WORDS, .required = true, .text = "Who changed it."),
};

static const struct field grid_step_fields[] = {
	AS(1, record_grid_step, from, "fromQuantity", .kind = FIELD_QTY, .required = true,
	   .text = "From so many units of one article in the cart."),
	AS(2, record_grid_step, percent, "discountPct", .kind = FIELD_PERCENT, .required = true,
	   .text = "Per cent off its price in the list."),
};
static const struct schema grid_step_schema =
	SCHEMA("step", record_grid_step, grid_step_fields, "A step of the grid.");

static const struct field price_grid_fields[] = {
	AS(1, price_grid_changed, list, "priceListId", ID, .required = true, .text = "The price list."),
	AS(2, price_grid_changed, before, "oldGrid", .kind = FIELD_LIST, .of = &grid_step_schema,
	   .required = true, .text = "By rising quantity; none: it had no grid."),
	AS(3, price_grid_changed, after, "newGrid", .kind = FIELD_LIST, .of = &grid_step_schema,
	   .required = true, .text = "None: it has no grid any more."),
	AS(4, price_grid_changed, segments, "segments", .kind = FIELD_LIST, .required = true,
	   .text = "Whom the list is for; none: everybody."),
	AS(5, price_grid_changed, effective, "effectiveDate", TIME, .required = true,
	   .text = "From when on it counts."),
	AS(6, price_grid_changed, reason, "changeReason", WORDS, .required = true, .text = "Why."),
	AS(7, price_grid_changed, user, "userId", WORDS, .required = true, .text = "Who."),
};

static const struct field segments_fields[] = {
	AS(1, segments_changed, customer, "customerId", ID, .required = true, .text = "Who is in them."),
	AS(2, segments_changed, before, "oldSegments", .kind = FIELD_LIST, .required = true,
	   .text = "As the book said; none: guest."),
	AS(3, segments_changed, after, "newSegments", .kind = FIELD_LIST, .required = true,
	   .text = "As it says now."),
	AS(4, segments_changed, effective, "effectiveDate", TIME, .required = true, .text = "From when on."),
	AS(5, segments_changed, reason, "changeReason", WORDS, .required = true, .text = "Why."),
	AS(6, segments_changed, user, "userId", WORDS, .required = true, .text = "Who changed it."),
};

/* Of both. */
static const struct field margin_fields[] = {
	AS(1, margin_event, product, "productId", ID, .required = true, .text = "The article."),
	AS(2, margin_event, price, "currentPrice", MONEY, .required = true,
	   .text = "Of one unit, after all that was taken off it."),
	AS(3, margin_event, floor_price, "floorPrice", MONEY, .required = true,
	   .text = "Lowest legal price of one unit."),
	AS(4, margin_event, margin, "marginPct", .kind = FIELD_PERCENT, .required = true,
	   .text = "Margin that the price leaves, in per cent of it."),
	AS(5, margin_event, floor, "floorPct", .kind = FIELD_PERCENT, .required = true,
	   .text = "Margin that it should leave at least."),
	AS(6, margin_event, segment, "segment", WORDS, .required = true,
	   .text = "Segments of the customer, with commas between them; guest if there are none."),
	AS(7, margin_event, promotion, "promotionId", ID,
	   .text = "The last promotion that took something off it."),
};

static const struct field anomaly_fields[] = {
	AS(1, cost_anomaly, product, "productId", ID, .text = "The article; absent: an exchange rate."),
	AS(2, cost_anomaly, currency, "currency", FIELD_OF(TEXT, 3, 3), .text = "Of an exchange rate."),
	AS(3, cost_anomaly, before, "previousCost", MONEY, .text = "What stays in force, of one unit."),
	AS(4, cost_anomaly, after, "newCost", MONEY, .text = "What was sent."),
	AS(5, cost_anomaly, usual, "usualCost", MONEY, .text = "Median of what it has cost so far."),
	AS(6, cost_anomaly, rate_before, "previousRate", .kind = FIELD_QTY, .text = "Of an exchange rate."),
	AS(7, cost_anomaly, rate_after, "newRate", .kind = FIELD_QTY, .text = "Of an exchange rate."),
	AS(8, cost_anomaly, change, "changePct", RATIO, .text = "Of what is usual; absent: that is nothing."),
	AS(9, cost_anomaly, approval, "approvalId", ID, .required = true,
	   .text = "What to call it when somebody approves or rejects it."),
};

/* Of all four. */
static const struct field approval_event_fields[] = {
	AS(1, approval_event, approval, "approvalId", ID, .required = true, .text = "What it is called."),
	AS(2, approval_event, subject, "subject", ID, .required = true,
	   .text = "What would change: price, cost, landed_cost, exchange_rate or override."),
	AS(3, approval_event, product, "productId", ID, .text = "The article."),
	AS(4, approval_event, list, "priceList", ID, .text = "The price list of a price."),
	AS(5, approval_event, currency, "currency", FIELD_OF(TEXT, 3, 3), .text = "Of an exchange rate."),
	AS(6, approval_event, before, "oldValue", MONEY, .text = "What is in force, of one unit."),
	AS(7, approval_event, after, "newValue", MONEY, .text = "What it would be."),
	AS(8, approval_event, rate_before, "oldRate", .kind = FIELD_QTY, .text = "Of an exchange rate."),
	AS(9, approval_event, rate_after, "newRate", .kind = FIELD_QTY, .text = "Of an exchange rate."),
	AS(10, approval_event, change, "changePct", RATIO, .text = "Of the last approved price."),
	AS(11, approval_event, why, "why", WORDS, .required = true, .text = "Why it has to be approved."),
	AS(12, approval_event, needs, "needs", ID, .required = true,
	   .text = "manager, cfo, or review: it counts already."),
	AS(13, approval_event, requested_by, "requestedBy", WORDS, .required = true, .text = "Who wants it."),
	AS(14, approval_event, reason, "reason", WORDS, .required = true, .text = "What for."),
	AS(15, approval_event, until, "expiresAt", TIME, .text = "What nobody has approved by then is void."),
	AS(16, approval_event, decided_by, "decidedBy", WORDS,
	   .text = "Who approved, rejected or withdrew it."),
	AS(17, approval_event, decision, "decisionReason", WORDS, .text = "And why."),
};

static const struct field override_used_fields[] = {
	AS(1, override_used, override, "overrideId", ID, .required = true, .text = "The override."),
	AS(2, override_used, product, "productId", ID, .required = true, .text = "The article."),
	AS(3, override_used, order, "orderId", WORDS, .required = true, .text = "The sale."),
	AS(4, override_used, lane, "laneId", WORDS, .required = true, .text = "Where."),
	AS(5, override_used, quantity, "quantity", .kind = FIELD_QTY, .required = true,
	   .text = "How much of it."),
	AS(6, override_used, price, "unitPrice", MONEY, .required = true, .text = "Of one unit."),
	AS(7, override_used, net, "netAmount", MONEY, .required = true,
	   .text = "Of all of it, after what promotions took off."),
};

static const struct field rate_stale_fields[] = {
	FIELD(1, rate_stale, currency, FIELD_OF(TEXT, 3, 3), .required = true, .text = "Of the rate."),
	FIELD(2, rate_stale, at, TIME, .required = true, .text = "When it was so."),
};

static const struct schema schemas[SHOP_EVENT_TYPES] = {
	[SHOP_PRICE_CHANGED] = SCHEMA("PriceChanged", price_changed, price_changed_fields,
				      "The price of an article in a list is another one."),
	[SHOP_PRICE_CALCULATED] = SCHEMA("PriceCalculated", price_calculated, price_calculated_fields,
					 "An article was priced for a cart."),
	[SHOP_PRICE_RULE_ACTIVATED] = SCHEMA("PriceRuleActivated", rule_activated, rule_activated_fields,
					     "A pricing rule counts from now on."),
	[SHOP_PROMOTION_ACTIVATED] = SCHEMA("PromotionActivated", promotion_event, promotion_event_fields,
					    "A promotion became active, or its time has come."),
	[SHOP_PROMOTION_UPDATED] = SCHEMA("PromotionUpdated", promotion_event, promotion_event_fields,
					  "An active promotion says something else."),
	[SHOP_PROMOTION_ENDED] = SCHEMA("PromotionEnded", promotion_event, promotion_event_fields,
					"A promotion is no longer active, or its time is over."),
	[SHOP_MARKDOWN_TRIGGERED] = SCHEMA("MarkdownTriggered", markdown_triggered, markdown_fields,
					   "A markdown made an article cheaper."),
	[SHOP_IMPORT_COST_UPDATED] = SCHEMA("ImportCostUpdated", import_cost_updated, import_cost_fields,
					    "What an imported article costs has changed."),
	[SHOP_SUBSCRIPTION_UPGRADED] = SCHEMA("SubscriptionUpgraded", subscription_event, subscription_fields,
					      "A customer went to a plan of a higher level."),
	[SHOP_SUBSCRIPTION_CHANGED] = SCHEMA("SubscriptionChanged", subscription_event, subscription_fields,
					     "A subscription began, ended, was prolonged or changed."),
	[SHOP_MARGIN_ALERT] = SCHEMA("MarginAlert", margin_event, margin_fields,
				     "An article was sold close to its margin floor."),
	[SHOP_MARGIN_VIOLATION] = SCHEMA("MarginViolationDetected", margin_event, margin_fields,
					 "An article was sold below its margin floor."),
	[SHOP_COST_ANOMALY] = SCHEMA("CostAnomalyDetected", cost_anomaly, anomaly_fields,
				     "A cost or exchange rate leaves its own history, and is kept aside."),
	[SHOP_APPROVAL_REQUESTED] = SCHEMA("ApprovalRequested", approval_event, approval_event_fields,
					   "A change waits for somebody's approval."),
	[SHOP_APPROVAL_GRANTED] = SCHEMA("ApprovalGranted", approval_event, approval_event_fields,
					 "A change was approved, and counts."),
	[SHOP_RATE_STALE] = SCHEMA("ExchangeRateStale", rate_stale, rate_stale_fields,
				   "An exchange rate that costs are reckoned with is more than a day old."),
	[SHOP_APPROVAL_EXPIRED] = SCHEMA("ApprovalExpired", approval_event, approval_event_fields,
					 "Nobody has approved a change in time: it is void."),
	[SHOP_OVERRIDE_USED] = SCHEMA("OverrideUsed", override_used, override_used_fields,
				      "An article was sold at a price set by hand."),
	[SHOP_PRICE_GRID_CHANGED] = SCHEMA("PriceGridChanged", price_grid_changed, price_grid_fields,
					   "The volume grid of a price list is another one."),
	[SHOP_CUSTOMER_SEGMENTS_CHANGED] = SCHEMA("CustomerSegmentsChanged", segments_changed,
						  segments_fields, "A customer is in other segments."),
	[SHOP_APPROVAL_REFUSED] =
		SCHEMA("ApprovalRefused", approval_event, approval_event_fields, "A change was rejected."),
};

const struct schema *shop_event_schema(enum shop_event_type t)
{
	return &schemas[t];
}

const char *shop_event_topic(enum shop_event_type t)
{
	static const char *const topics[SHOP_EVENT_TYPES] = {
		[SHOP_PRICE_CHANGED] = "price_updates",
		[SHOP_PRICE_CALCULATED] = "price_updates",
		[SHOP_PRICE_RULE_ACTIVATED] = "promo_rules",
		[SHOP_PROMOTION_ACTIVATED] = "promo_rules",
		[SHOP_PROMOTION_UPDATED] = "promo_rules",
		[SHOP_PROMOTION_ENDED] = "promo_rules",
		[SHOP_MARKDOWN_TRIGGERED] = "price_updates",
		[SHOP_IMPORT_COST_UPDATED] = "cost_updates",
		[SHOP_SUBSCRIPTION_UPGRADED] = "subscription_events",
		[SHOP_SUBSCRIPTION_CHANGED] = "subscription_events",
		[SHOP_MARGIN_ALERT] = "alerts",
		[SHOP_MARGIN_VIOLATION] = "alerts",
		[SHOP_COST_ANOMALY] = "alerts",
		[SHOP_APPROVAL_REQUESTED] = "alerts",
		[SHOP_APPROVAL_GRANTED] = "alerts",
		[SHOP_APPROVAL_REFUSED] = "alerts",
		[SHOP_RATE_STALE] = "alerts",
		[SHOP_APPROVAL_EXPIRED] = "alerts",
		[SHOP_OVERRIDE_USED] = "alerts",
		[SHOP_PRICE_GRID_CHANGED] = "price_updates",
		[SHOP_CUSTOMER_SEGMENTS_CHANGED] = "subscription_events",
	};

	return topics[t];
}

enum err shop_event_named(const char *name, enum shop_event_type *out)
{
	for (unsigned t = 1; t < SHOP_EVENT_TYPES; t++) {
		if (strcmp(schemas[t].name, name) == 0) {
			*out = (enum shop_event_type)t;
			return ERR_OK;
		}
	}
	return ERR_NOT_FOUND;
}

void shop_event_to_json(const struct shop_event *e, const char *currency, struct jsonw *w)
{
	struct record_context c = {0};
	char text[CIVIL_TEXT_MAX];

	if (currency_exponent(currency, &c.exponent))
		c.exponent = 0; /* one of later: whole minor units */
	jsonw_text(w, "event", schemas[e->type].name);
	jsonw_text(w, "topic", shop_event_topic(e->type));
	jsonw_text_n(w, "at", text, civil_format(e->at_s, true, text));
	if (e->version > 0) /* what is of the box's ledger has none */
		jsonw_int(w, "version", e->version);
	jsonw_text(w, "currency", currency);
	if (e->list)
		jsonw_text(w, "list", e->list);
	jsonw_object(w, "payload");
	record_to_json(&schemas[e->type], &e->as, &c, w);
	jsonw_close(w);
}

static const char *say_percent(struct rate r, char out[64])
{
	char decimal[DECIMAL_TEXT_MAX];

	decimal_format(r.ppm == AMOUNT_NONE ? RATE_ONE.ppm : r.ppm, RATE_PERCENT_EXPONENT, 0, decimal);
	snprintf(out, 64, "%s %%", decimal);
	return out;
}

/* What a give gives, in a few words. */
static const char *say_give(const struct record_give *g, unsigned exponent, char out[64])
{
	const struct record_tier *tier = g->tiers.at;
	struct money amount = g->amount.minor != AMOUNT_NONE ? g->amount : g->price;

	if (tier && tier->percent.ppm != AMOUNT_NONE)
		return say_percent(tier->percent, out);
	if (tier)
		amount = tier->amount.minor != AMOUNT_NONE ? tier->amount : tier->price;
	if (g->kind == RECORD_GIVE_POINTS)
		snprintf(out, 64, "%lld points", (long long)g->points);
	else if (g->kind == RECORD_GIVE_GIFT)
		snprintf(out, 64, "%.50s", g->sku);
	else if (amount.minor == AMOUNT_NONE)
		return say_percent(g->percent, out);
	else
		decimal_format(amount.minor, exponent, exponent, out);
	return out;
}

enum err promotion_event_of(const struct record_promotion *p, unsigned exponent, struct arena *a,
			    struct promotion_event *out)
{
	const struct record_give *first = p->gives.at;
	const struct record_who *who = p->who;
	char discount[64];

	say_give(first, exponent, discount);
	*out = (struct promotion_event){
		.promotion = p->id,
		.name = p->name,
		.type = record_give_names[first->kind],
		.discount = arena_text(a, discount, strlen(discount)),
		.start = {.seconds = AMOUNT_NONE},
		.end = {.seconds = AMOUNT_NONE},
		.terms = p->text ? p->text : p->name,
		.card = who != NULL || (p->limits && p->limits->customer_uses != AMOUNT_NONE),
	};
	if (who)
		out->segments = who->segments;
	if (p->when) {
		out->start = p->when->from;
		out->end = p->when->to;
	}
	return out->discount ? ERR_OK : ERR_MEMORY;
}
