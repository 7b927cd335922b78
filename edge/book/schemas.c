/*
 * Names of the JSON Schemas, and where each is made.
 */
#include "schemas.h"

#include <string.h>

#include "cart_json.h"
#include "plan_offer.h"
#include "records.h"
#include "shop_event.h"

#define EVENTS "events/" /* the folder of their files, and what their names begin with */

/* Records first, in the order of their types. */
const char *const schema_names[] = {"book",
				    "tax",
				    "category",
				    "price_list",
				    "item",
				    "price",
				    "promotion",
				    "coupon",
				    "customer",
				    "floor",
				    "zone",
				    "signal",
				    "price_rule",
				    "override",
				    "exchange_rate",
				    "landed_cost",
				    "plan",
				    "remove",
				    "cart",
				    "evaluation",
				    "plan_quote",
				    "events/PriceChanged",
				    "events/PriceCalculated",
				    "events/PriceRuleActivated",
				    "events/PromotionActivated",
				    "events/PromotionUpdated",
				    "events/PromotionEnded",
				    "events/MarkdownTriggered",
				    "events/ImportCostUpdated",
				    "events/SubscriptionUpgraded",
				    "events/SubscriptionChanged",
				    "events/MarginAlert",
				    "events/MarginViolationDetected",
				    "events/CostAnomalyDetected",
				    "events/ApprovalRequested",
				    "events/ApprovalGranted",
				    "events/ApprovalRefused",
				    "events/ExchangeRateStale",
				    "events/ApprovalExpired",
				    "events/OverrideUsed",
				    "events/PriceGridChanged",
				    "events/CustomerSegmentsChanged",
				    NULL};

enum err schema_write(const char *name, struct jsonw *w)
{
	enum record_type type;
	enum shop_event_type event;

	if (!record_type_named(name, &type))
		record_to_schema(record_schema(type), name, w);
	else if (strcmp(name, remove_schema.name) == 0)
		record_to_schema(&remove_schema, name, w);
	else if (strcmp(name, cart_schema.name) == 0)
		record_to_schema(&cart_schema, NULL, w);
	else if (strcmp(name, plan_offer_schema.name) == 0)
		record_to_schema(&plan_offer_schema, NULL, w);
	else if (strncmp(name, EVENTS, sizeof(EVENTS) - 1) == 0 &&
		 !shop_event_named(name + sizeof(EVENTS) - 1, &event))
		record_to_schema(shop_event_schema(event), NULL, w);
	else if (strcmp(name, "evaluation") == 0)
		evaluation_schema(w);
	else
		return ERR_NOT_FOUND;
	return ERR_OK;
}
