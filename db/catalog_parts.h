/*
 * What the files of catalog.db share. Private to them.
 */
#ifndef TILL_CATALOG_PARTS_H
#define TILL_CATALOG_PARTS_H

#include "catalog_store.h"
#include "db_examine.h"

#define CATALOG_RECORD_MAX (1U << 20) /* bytes of a body */

enum catalog_statement {
	CATALOG_SQL_DATA_VERSION,
	CATALOG_SQL_VERSION,
	CATALOG_SQL_SET_VERSION,
	CATALOG_SQL_EMPTY,
	CATALOG_SQL_PUT,
	CATALOG_SQL_REMOVE,
	CATALOG_SQL_KIND,
	CATALOG_SQL_STRANGE,
	CATALOG_SQL_ONE,
	CATALOG_SQL_LIST_KEYS,
	CATALOG_SQL_LOG,
	CATALOG_SQL_LOG_EMPTY,
	CATALOG_SQL_LOG_OLD,
	CATALOG_SQL_LOG_DROP,
	CATALOG_SQL_LOG_BEGINS,
	CATALOG_SQL_LOG_SET_BEGIN,
	CATALOG_SQL_CHANGES,
	CATALOG_SQL_KIND_KEYS,
	CATALOG_SQL_EVENT_ADD,
	CATALOG_SQL_EVENT_DROP,
	CATALOG_SQL_EVENT_NEWEST,
	CATALOG_SQL_EVENTS,
	CATALOG_SQL_EVENTS_OF,
	CATALOG_SQL_UNLOG,
	CATALOG_SQL_HELD,
	CATALOG_SQL_HELD_ID,
	CATALOG_SQL_HELD_OF,
	CATALOG_SQL_HELD_PUT,
	CATALOG_SQL_HELD_SEEN,
	CATALOG_SQL_HELD_DROP,
	CATALOG_SQL_HELD_UNSEEN,
	CATALOG_SQL_HELD_CLEAR,
	CATALOG_SQL_APPROVED,
	CATALOG_SQL_APPROVED_PUT,
	CATALOG_SQL_APPROVED_DROP,
	CATALOG_SQL_APPROVED_DROP_SKU,
	CATALOG_SQL_APPROVED_CLEAR,
	CATALOG_SQL_COUNT,
};

struct catalog_store {
	struct db db;
	int64_t data_version; /* -1: not asked yet */
	uint64_t next;	      /* version of the change that is open */
	uint64_t changed;     /* records that it touched */
	bool replacing;
	struct arena arena; /* of one record */
	struct buf buf;
	struct catalog_note note;
	struct catalog_events *events; /* of the open transaction; NULL: it makes none */
};

/*
 * catalog_costs.c: stores what cost-plus lists make of landed costs and exchange rates as they are in the
 * open transaction, and takes away prices of what has no landed cost any more.
 */
enum err catalog_make_costs(struct catalog_store *s, struct why *why) MUST_CHECK;

/* catalog_load.c: all that the open transaction has made, as a snapshot. */
enum err catalog_store_build(struct catalog_store *s, bool coupons, struct snapshot **out,
			     struct why *why) MUST_CHECK;

/* Says of a row that does not decode that it was not written by this program. */
enum err catalog_damaged(const struct catalog_store *s, struct why *why);

#endif
