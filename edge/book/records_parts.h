/*
 * What the files of the record tables share. Private to edge/book.
 */
#ifndef TILL_RECORDS_PARTS_H
#define TILL_RECORDS_PARTS_H

#include "record.h"
#include "records.h"

#define RECORD_PROMOTION_FIELDS 14
extern const struct field record_promotion_fields[RECORD_PROMOTION_FIELDS]; /* records_promotion.c */

#define RECORD_FLOOR_MOST 990000 /* 99 %: what is left of a price for cost and tax */

/* Kinds and targets of gives, as record_give has them; in the order of record_give_names,
 * record_target_names. */
enum record_give_kind {
	RECORD_GIVE_PERCENT,
	RECORD_GIVE_AMOUNT,
	RECORD_GIVE_UNITS,
	RECORD_GIVE_PRICE,
	RECORD_GIVE_SHIPPING,
	RECORD_GIVE_GIFT,
	RECORD_GIVE_POINTS,
	RECORD_GIVE_CASHBACK,
	RECORD_GIVE_CREDIT
};
#define RECORD_GIVE_KINDS 9

enum record_target {
	RECORD_TARGET_GOODS,
	RECORD_TARGET_ORDER,
	RECORD_TARGET_GROUPS,
	RECORD_TARGET_NTH,
	RECORD_TARGET_CHEAPEST,
	RECORD_TARGET_DEAREST,
	RECORD_TARGET_SETS
};
#define RECORD_TARGETS 7

extern const char *const record_give_names[], *const record_target_names[];
extern const char *const record_per_names[], *const record_order_names[];
extern const char *const record_threshold_names[], *const record_threshold_tax_names[];

/* records_check_promotion.c: the checks of needs and gives, see record_check. */
enum err record_check_need(const struct record_need *n, struct why *why) MUST_CHECK;
enum err record_check_give(const struct record_give *g, struct why *why) MUST_CHECK;

/* records_promotion.c */
extern const struct schema record_selector_schema;

/* records_price.c: from RECORD_ZONE on. */
extern const struct schema record_price_schemas[RECORD_TYPES - RECORD_ZONE];

/* Only ends on the same clock compare: an instant and a civil time have no order until a store is known. */
enum err record_check_window(struct stamp from, struct stamp to, struct why *why) MUST_CHECK;

/* records_check_price.c: the checks of those types, and what prices add to the others. */
typedef enum err record_check_fn(const union record_any *r, struct why *why);
record_check_fn record_check_price_list, record_check_price, record_check_item_bounds, record_check_zone,
	record_check_signal, record_check_price_rule, record_check_override, record_check_exchange_rate,
	record_check_landed_cost, record_check_plan, record_check_customer;

/* "MM-DD" as month * 100 + day; 29 February is a day. ERR_INVALID. */
enum err record_day_of_year(const char *text, uint16_t *out) MUST_CHECK;

#endif
