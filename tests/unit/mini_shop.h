/*
 * A small shop for the tests of lanes: a book imported into a real catalog.db, the loader over it, a real
 * ledger with its worker, a clock that stands still, two lanes, and a cashier who takes orders as text.
 *
 * Commands, as "VERB REST"; a lane's name (a number) may precede the verb, else it is lane 1:
 *	scan CODE [QUANTITY]	sku SKU [QUANTITY]	qty LINE QUANTITY	void LINE	void cart
 *	suspend			resume CART		customer [ID]		coupon CODE
 *	tender [order=ID] [METHOD=AMOUNT | METHOD] ...		device CODE
 *	price CODE_OR_SKU
 */
#ifndef TILL_MINI_SHOP_H
#define TILL_MINI_SHOP_H

#include "unit.h"

#include <jansson.h>

#include "lane.h"
#include "scratch.h"

#define MINI_NOON_MS INT64_C(1795255200000) /* Saturday 2026-11-21T10:00:00Z, 11:00 in Berlin */
#define ANSWERS_MAX  2048

struct mini_shop {
	struct scratch scratch;
	char catalog_path[SCRATCH_PATH_MAX], ledger_path[SCRATCH_PATH_MAX];
	struct clock_manual clock;
	struct loop *loop;
	struct shop_config config;
	struct gs1_template templates[3];
	struct loader *loader;
	struct ledger_worker *worker;
	struct shop *shop;
	struct lane *lane;   /* of the last command */
	unsigned lane_count; /* 2 if 0 when it starts; SHOP_LANES_MAX at most */
	bool keep_carts;     /* in a carts.db, so that they outlive a restart */

	/* what the listener heard */
	unsigned news[LANE_CATALOG_EVENT + 1];
	enum refusal refused;
	char scanned[128], reason[320];
	char events[4096]; /* lines of LANE_CATALOG_EVENT: a test that looks at them empties it */

	/* what lane_done_fn was told, in order */
	struct answer answers[ANSWERS_MAX];
	char receipts[4][64]; /* "order repeated sequence" of the first four */
	unsigned answered;
};

extern const char mini_book[];

void mini_shop_start(struct mini_shop *m, const char *book);
void mini_shop_stop(struct mini_shop *m);		      /* removes the folder */
void mini_shop_restart(struct mini_shop *m);		      /* a new process on the same files */
void mini_shop_import(struct mini_shop *m, const char *book); /* until it is in force */
void mini_shop_turn_until(struct mini_shop *m, const unsigned *counter, unsigned value);

/* Gives a command. begin returns before what waits is answered; the answer is then in m->answers. */
void mini_shop_begin(struct mini_shop *m, const char *command);
struct answer mini_shop_do(struct mini_shop *m, const char *command);

typedef void lane_json_fn(struct lane *l, struct jsonw *w);
json_t *mini_shop_json(struct lane *l, lane_json_fn *members); /* the caller's */
const char *json_path(const json_t *j, const char *path); /* "totals.total", "lines.0.sku"; "" if absent */

#endif
