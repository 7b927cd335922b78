/*
 * A change of the catalog that waits until somebody has looked at it: a price that moves further than the
 * shop allows without a second person, or below its margin floor, and a cost or exchange rate that leaves its
 * own history. catalog.db keeps them beside its records (db/catalog_held.h); what was in force stays so.
 */
#ifndef TILL_HELD_H
#define TILL_HELD_H

#include "records.h"

#define HELD_IMPORTED  "import-"  /* what ids begin with: of a box */
#define HELD_PUBLISHED "publish-" /* and of headquarters */

enum held_cause {
	HELD_CHANGE, /* of a price, by more than the limit */
	HELD_FLOOR,  /* a price below the lowest legal one */
	HELD_ANOMALY /* of a cost or a rate */
};

enum held_need { HELD_MANAGER, HELD_CFO }; /* whose approval it takes; the cfo may always */

enum held_state { HELD_WAITS, HELD_REJECTED, HELD_APPROVED };

struct held {
	const char *id;		/* "import-k3x9w2-4" */
	int64_t of;		/* enum record_type, of HELD_TYPES */
	const char *sku, *list; /* NULL: of an exchange rate; of anything but a price */
	const char *currency;	/* what its money is of; of an exchange rate, the other one */
	struct money before,
		after; /* of one unit: in force, and as it would be; MONEY_NONE: none, or a rate */
	struct qty rate_before, rate_after; /* of an exchange rate, else AMOUNT_NONE */
	struct qty from;       /* HELD_CHANGE: the quantity whose price moves furthest; one if AMOUNT_NONE */
	struct money approved; /* the last approved price, that the change is measured by */
	struct rate change;    /* of it; of a cost or rate, of its median; AMOUNT_NONE: of nothing */
	struct money floor;    /* lowest legal price of one unit; MONEY_NONE: unguarded */
	struct money usual;    /* of a cost: the median of its history */
	int64_t cause, needs, state;
	const char *by, *login, *reason;   /* who imported it, as which Unix user, and why */
	struct stamp asked, until;	   /* what nobody has approved by then is void */
	const char *decided_by, *decision; /* of a rejected one */
	const char *override;		   /* of a price set by hand in a book: its id there */
	struct bytes record;		   /* CBOR of the record as it would be */
};

/* By the schema JSON lacks `record` once that is empty. */
extern const struct schema held_schema;

/* What record_type it is of, as held_schema and the events name it: "price", "cost", "landed_cost", ... */
const char *held_subject(const struct held *h);

/* Why it waits, in a sentence without an end: "18.2 % above the last approved 2.49". */
#define HELD_WHY_MAX 200
void held_why(const struct held *h, char out[HELD_WHY_MAX]);

/* Whether it is the very change that is there, and that one is not void: then nobody is asked again. */
bool held_is_repeat(const struct held *there, const struct held *now, int64_t now_s);

/* Somebody who has to say something of it; role: the highest of all, for words; NULL: none. */
struct held_person {
	const char *name, *role;
	bool manager, cfo;
};

/*
 * Whether that person may approve or reject it: never who asked for it, be it under that name or as that Unix
 * user. ERR_STATE: it was rejected, or is void. ERR_DENIED: it takes somebody else. why says more.
 */
enum err held_may_decide(const struct held *h, const struct held_person *by, int64_t now_s,
			 struct why *why) MUST_CHECK;

/* (after - before) / before, away from zero, so that a little more than a limit is more. AMOUNT_NONE: of
 * nothing, or beyond any number. */
struct rate price_change(struct money before, struct money after);
bool price_change_is_large(struct rate change, struct rate limit);

#endif
