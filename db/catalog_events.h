/*
 * Which events a change of the catalog makes. What a record was is remembered when the transaction first
 * touches it; before the commit it is held against what it is then, so that a record that was changed three
 * times, or taken away and put back, makes one event or none. Private to the catalog's files.
 */
#ifndef TILL_CATALOG_EVENTS_H
#define TILL_CATALOG_EVENTS_H

#include "catalog_parts.h"
#include "landed.h"
#include "shop_event.h"

/* Begins to remember; replacing: everything that is there. ERR_MEMORY, or the database's. */
enum err events_begin(struct catalog_store *s, bool replacing, struct why *why) MUST_CHECK;

/* Before a record is put or taken away. */
enum err events_remember(struct catalog_store *s, enum record_type t, const char *key,
			 struct why *why) MUST_CHECK;

/* Before the commit: writes the events, and drops those that are too old. */
enum err events_write(struct catalog_store *s, struct why *why) MUST_CHECK;

void events_forget(struct catalog_store *s);

/* catalog_events_make.c: what became of one record; before or after is NULL if it was or is not there. */
struct became {
	const struct record *before, *after;
	struct arena *arena;
};
enum err events_of_price(struct catalog_store *s, const struct became *b, struct why *why) MUST_CHECK;
enum err events_of_override(struct catalog_store *s, const struct became *b, struct why *why) MUST_CHECK;
enum err events_of_promotion(struct catalog_store *s, const struct became *b, struct why *why) MUST_CHECK;
enum err events_of_rule(struct catalog_store *s, const struct became *b, struct why *why) MUST_CHECK;
enum err events_of_cost(struct catalog_store *s, const struct became *b, struct why *why) MUST_CHECK;
enum err events_of_rate(struct catalog_store *s, const struct became *b, struct why *why) MUST_CHECK;
enum err events_of_item(struct catalog_store *s, const struct became *b, struct why *why) MUST_CHECK;
enum err events_of_customer(struct catalog_store *s, const struct became *b, struct why *why) MUST_CHECK;

/* catalog_events_terms.c: of a list its volume grid, of a customer the segments. */
enum err events_of_list(struct catalog_store *s, const struct became *b, struct why *why) MUST_CHECK;
enum err events_of_segments(struct catalog_store *s, const struct became *b, struct why *why) MUST_CHECK;

/* What an article costs landed, by the exchange rate of before the transaction or that of now. */
enum err events_landed(struct catalog_store *s, bool before, const struct record_landed_cost *c,
		       struct arena *a, struct landed *out, struct why *why) MUST_CHECK;

/* SKUs of what a selector means, ascending, the first AFFECTED_MAX; none if there is no selector. */
enum err events_affected(struct catalog_store *s, const struct record_selector *select, struct arena *a,
			 struct list *out, struct why *why) MUST_CHECK;

/*
 * Tells each record of a type that is not as it was when the transaction began, and may change it; text is in
 * an arena of its own until fn returns.
 */
typedef enum err events_changed_fn(const char *key, const struct became *b, void *arg, struct why *why);
enum err events_each_changed(struct catalog_store *s, enum record_type t, events_changed_fn *fn, void *arg,
			     struct why *why) MUST_CHECK;

/* Makes a record what it was when the transaction began. */
enum err events_put_back(struct catalog_store *s, enum record_type t, const char *key,
			 struct why *why) MUST_CHECK;

/* Fills in what nobody has said of who, why and when. */
void events_complete_note(struct catalog_store *s);

/* Writes one. */
enum err events_add(struct catalog_store *s, const struct shop_event *e, struct why *why) MUST_CHECK;

/* A record as it was when the transaction began; ERR_NOT_FOUND: it was not there. */
enum err events_before(struct catalog_store *s, enum record_type t, const char *key, struct arena *a,
		       struct record *out, struct why *why) MUST_CHECK;

#endif
