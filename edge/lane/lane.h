/*
 * Lanes and carts: from a scan to a line, from a tender to a sale that is on the disk.
 *
 * A shop is a box's lanes with what they share: the catalog in force, suspended carts, the loader, the
 * ledger. A lane is where a cashier and a shopper meet; it has at most one cart. A cart is pinned to the
 * catalog and to the instant at which it opened, so a price never changes under a shopper. One that is put
 * aside or paid lets go of the catalog and keeps its extract; taken up again, it is pinned to what is in
 *force, but never dearer. So no more catalogs are held than SHOP_LANES_MAX, and the one in force.
 *
 *	idle --scan--> open --tender--> tendering --durable--> closed --scan--> open ...
 *	               open --suspend--> suspended (and the lane is idle) --resume, on any lane--> open
 *
 * Everything here runs on the loop's thread, and what may wait (ledger, loader) answers through a callback.
 * Whoever wants to know (the control socket, for displays) listens to the shop.
 */
#ifndef TILL_LANE_H
#define TILL_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine.h"
#include "gs1.h"
#include "jsonw.h"
#include "ledger.h"
#include "ledger_return.h"
#include "loader.h"
#include "loop.h"
#include "time_trust.h"
#include "uses.h"

#define SHOP_LANES_MAX	   64
#define SHOP_RETIRED_MAX   256 /* lanes taken off by reloads, in the life of a shop */
#define SHOP_SUSPENDED_MAX 256 /* carts put aside; one more is refused */
#define CART_LINES_MAX	   512
#define CART_TENDERS_MAX   8
#define ORDER_ID_MAX	   64 /* bytes of an order's or a cart's id */

enum lane_state { LANE_IDLE, LANE_OPEN, LANE_SUSPENDED, LANE_TENDERING, LANE_CLOSED };
const char *lane_state_name(enum lane_state s); /* "idle", "open", ... */

/* Refusals, each with a name that stays: docs/control.md lists them. */
enum refusal {
	REFUSED_NOT,		/* it was done */
	REFUSED_UNKNOWN_CODE,	/* well-formed, but nothing the shop sells */
	REFUSED_MALFORMED_CODE, /* no code at all: check digit, length, bytes */
	REFUSED_AMBIGUOUS_CODE, /* several articles answer to it */
	REFUSED_NO_PRICE,
	REFUSED_NO_CATALOG,
	REFUSED_NO_CART,
	REFUSED_EMPTY_CART,
	REFUSED_UNKNOWN_LINE,
	REFUSED_BAD_QUANTITY,
	REFUSED_CART_FULL,
	REFUSED_LANE_BUSY, /* tendering, or it has a cart and cannot take another */
	REFUSED_UNKNOWN_CUSTOMER,
	REFUSED_UNKNOWN_COUPON,
	REFUSED_COUPON_EXPIRED,
	REFUSED_COUPON_USED,	 /* in as many orders as it is good for */
	REFUSED_COUPON_RESERVED, /* another cart has it, or somebody's token */
	REFUSED_COUPON_UNUSED,	 /* there is no use to be given back */
	REFUSED_UNKNOWN_CART,
	REFUSED_TOO_MANY_CARTS,
	REFUSED_TENDER_SHORT,
	REFUSED_TENDER_INVALID,
	REFUSED_LEDGER,	     /* the sale could not be made durable */
	REFUSED_OVERFLOW,    /* the total left the range of money */
	REFUSED_NOT_ALLOWED, /* not in that person's roles, or it takes a second person */
	REFUSED_UNKNOWN_OVERRIDE,
	REFUSED_BAD_OVERRIDE,
	REFUSED_DECIDED, /* there is nothing to approve or reject any more */
	REFUSED_EXPIRED, /* the unit's own code says that it is not to be sold any more */
	REFUSED_UNKNOWN_ORDER,
	REFUSED_NOT_RETURNABLE, /* nothing is left to come back, or not so much; or it was voided */
	REFUSED_RETURN_INVALID,
};
const char *refusal_code(enum refusal r); /* "unknown_code" */

#define CANDIDATES_MAX 8 /* articles named for an ambiguous code */

/* What became of a command: done, or a refusal with its sentence. Valid while the catalog it speaks of is. */
struct answer {
	enum refusal refusal;
	struct why why;
	uint32_t line;		     /* done, by a scan or a quantity: index into the cart's lines */
	char cart[ORDER_ID_MAX + 1]; /* done: the cart it was done to; "" for none */
	bool no_gtin;	  /* REFUSED_UNKNOWN_CODE: text that is no article's code; lane_coupon may know it */
	struct money due; /* REFUSED_TENDER_SHORT: what is still to be paid */
	const struct catalog *catalog;	     /* REFUSED_AMBIGUOUS_CODE: the articles are of this one */
	uint32_t candidates[CANDIDATES_MAX]; /* by ascending SKU */
	uint32_t candidate_count;
};

struct shop;
struct lane;

/* What of a person's price has to be approved: see overrides.h. */
struct override_rules {
	struct rate change;  /* more than that, up or down, waits for approval */
	int64_t emergency_s; /* longest time of an emergency */
	int64_t patience_s;  /* what nobody has approved after that is void */
};

struct shop_config {
	const char *box, *store;
	const struct gs1_template *templates;
	size_t template_count;
	int64_t repin_after_s;	  /* a cart that comes back after that has the promotions of the present */
	int64_t hold_suspended_s; /* so long a cart that is put aside keeps what it holds of limits */
	struct override_rules overrides;
	int64_t price_lock_s; /* so long a price that was shown holds on its lane; 0: no longer than its cart
			       */
};

/* What listeners are told, always after the fact and on the loop's thread. */
enum lane_event {
	LANE_LINE,     /* a scan or quantity changed `line`: priced */
	LANE_CART,     /* anything else about the cart: void, customer, coupon, state */
	LANE_REFUSED,  /* a scan from a device was refused: answer, scanned; or it sent no scan: answer */
	LANE_TENDERED, /* the sale is durable */
	LANE_RETURNED, /* a return or void is durable */
	LANE_SCANNER,  /* a scanner of the lane went up or down; answer->why says why */
	LANE_CATALOG,  /* a new catalog is in force (lane NULL) */
	LANE_CATALOG_EVENT, /* what it changed (lane NULL): text, a line of JSON */
	LANE_CLOCK, /* the clock became uncertain, or certain again (lane NULL): shop_time says which */
};
struct lane_news {
	enum lane_event event;
	struct lane *lane;
	uint32_t line; /* LANE_LINE: index into the cart's lines */
	const struct answer *answer;
	const char *scanned; /* printable */
	const char *scanner;
	bool up;
	const char *text; /* LANE_CATALOG_EVENT */
	size_t text_length;
};
typedef void shop_listen_fn(const struct lane_news *news, void *arg);

/*
 * config and what it points to must outlive the shop; its templates may be set to others between turns of the
 * loop, and hold for the next scan. loader and worker are attached when they exist, and are
 * stopped before the shop is freed: that answers what still waits. ERR_INVALID: the box's name is too long to
 * be part of a cart's id (24 bytes).
 */
enum err shop_new(struct loop *loop, const struct shop_config *config, int64_t segment,
		  struct shop **out) MUST_CHECK;
void shop_free(struct shop *s);
void shop_attach(struct shop *s, struct loader *loader, struct ledger_worker *worker);
void shop_listen(struct shop *s, shop_listen_fn *fn, void *arg); /* one listener */

/*
 * Brings back the carts that the journal at path has, to their lanes and to those put aside, and from then on
 * keeps all open and suspended carts there. A cart that the ledger says was paid does not come back: `ledger`
 * is the path of the open ledger, `events` how many it has. Once, when the lanes are there, before the loop
 * turns, and after the hooks of those who answer clients. It never fails: without the journal, which the log
 * tells, the lanes work all the same.
 */
void shop_keep_carts(struct shop *s, const char *path, const char *ledger, int64_t events);

/* Writes what the journal still has to, and ends it. Also done by shop_free. */
void shop_leave_carts(struct shop *s);

/* Why open carts are not kept for a restart just now; "": they are, or nobody asked for it. */
void shop_carts_trouble(struct shop *s, struct why *out);

/* Asks the journal's thread for a sign of life: fn runs once, on the loop's thread. False: no carts are kept.
 */
bool shop_ask_journal(struct shop *s, loop_fn *fn, void *arg);

/*
 * What the ledger says of uses, and up to which event; before the lanes open, else nothing was ever used.
 * Takes it.
 */
void shop_take_uses(struct shop *s, struct uses *uses, int64_t event);
const struct uses *shop_uses(const struct shop *s);

/* A new catalog is in force for carts opened from now on; takes the reference. */
void shop_take_catalog(struct shop *s, struct snapshot *snapshot);
const struct catalog *shop_catalog(const struct shop *s);	     /* NULL before the first */
void shop_catalog_event(struct shop *s, const char *line, size_t n); /* what it changed, for the listener */

/*
 * What is known of the time, for carts opened from now on; before the first one it is certain. True: it is
 * another state than before, which the listener was told.
 */
bool shop_take_time(struct shop *s, const struct time_state *t);
const struct time_state *shop_time(const struct shop *s);

/* Tenders in flight; the daemon waits for 0 before it ends. */
uint32_t shop_pending(const struct shop *s);

enum err lane_new(struct shop *s, const char *name, const char *channel, struct lane **out) MUST_CHECK;
/*
 * Takes a lane off the shop; its name is free then. ERR_STATE and why while a cart is open on it or being
 * paid; ERR_LIMIT after SHOP_RETIRED_MAX of them. What still refers to it (a suspended cart, a look-up under
 * way) may go on doing so: its memory goes with the shop.
 */
enum err lane_retire(struct lane *l, struct why *why) MUST_CHECK;
enum err lane_may_retire(const struct lane *l, struct why *why) MUST_CHECK; /* asks only */
struct lane *shop_lane(const struct shop *s, const char *name);		    /* NULL: none of that name */
struct lane *shop_lane_at(const struct shop *s, uint32_t i);		    /* NULL past the end */
const char *lane_name(const struct lane *l);
const char *lane_channel(const struct lane *l);

/* Language of what customers read on it, a tag such as "fr"; NULL or "": the book's, told as NULL. */
enum err lane_set_language(struct lane *l, const char *language) MUST_CHECK;
const char *lane_language(const struct lane *l);
enum lane_state lane_state(const struct lane *l);
const char *lane_cart_id(const struct lane *l); /* NULL: it has none; valid until the cart leaves the lane */

/* A scan from a device: as lane_scan, its refusal being told to the listener. */
void lane_device_scan(struct lane *l, const char *text, size_t n);
void lane_device_fault(struct lane *l, const char *reason);
void lane_device_state(struct lane *l, const char *scanner, bool up, const char *reason);

/*
 * What a cashier does. Each answers REFUSED_NOT or why not; a refusal changes nothing. quantity micro 0 means
 * one piece, or what the code says; an article that is weighed or measured has no such default. A scan on a
 * lane without an open cart opens one. Text that is no GTIN in any reading is refused as unknown_code with
 * no_gtin set: the caller tries lane_coupon, as a device scan does by itself.
 */
void lane_scan(struct lane *l, const char *text, size_t n, struct qty quantity, struct answer *a);
void lane_add_sku(struct lane *l, const char *sku, struct qty quantity, struct answer *a);
void lane_quantity(struct lane *l, uint32_t line, struct qty quantity, struct answer *a); /* line from 1 */
void lane_void_line(struct lane *l, uint32_t line, struct answer *a);
void lane_void_cart(struct lane *l, struct answer *a);
void lane_suspend(struct lane *l, struct answer *a);
void lane_resume(struct lane *l, const char *cart, struct answer *a); /* any suspended cart of the box */

/*
 * Those that wait: done runs once, perhaps before the call returns. customer NULL or "" takes the customer
 * off the cart. token, or NULL, is what the code was reserved with (shop_coupon). On a lane without an open
 * cart, a known customer or coupon opens one: a card may come before the goods.
 */
typedef void lane_done_fn(struct lane *l, const struct answer *a, void *arg);
void lane_customer(struct lane *l, const char *customer, lane_done_fn *done, void *arg);
void lane_coupon(struct lane *l, const char *code, const char *token, lane_done_fn *done, void *arg);

/* Codes of coupons outside of carts. Texts are valid during the call that hands them out. */
struct coupon_view {
	const char *code, *promotion;
	const char *state;	 /* "unused", "reserved", "redeemed", "returned", "expired" */
	struct stamp from, to;	 /* of the book */
	int64_t uses, limit;	 /* orders it was redeemed in; it is good for; limit 0: any number */
	int64_t held, returned;	 /* carts that have it; how often it was given back */
	const char *cart, *lane; /* one that has it, or NULL */
	const char *token;	 /* that it is reserved with, or NULL */
	int64_t until_ms;
	const char *order; /* that it was redeemed in last, or NULL */
};
enum coupon_ask { ASK_SHOW, ASK_RESERVE, ASK_RELEASE, ASK_RETURN, ASK_EXPIRE };
struct coupon_order {
	enum coupon_ask ask;
	const char *code;
	const char *token; /* of release; of reserve NULL makes one */
	const char *by;	   /* who does it, or NULL */
	int64_t minutes;   /* of reserve */
};
/*
 * Does it, and hands out what became of the code; done runs once, perhaps before the call returns. What
 * changes something is durable by then.
 */
typedef void shop_coupon_fn(const struct coupon_view *view, const struct answer *a, void *arg);
void shop_coupon(struct shop *s, const struct coupon_order *o, shop_coupon_fn *done, void *arg);
void coupon_json(const struct coupon_view *v, struct jsonw *w); /* members */

/*
 * Members for `usage`: what promotions of the book in force were used, and what is left; of one alone, or
 * (NULL) of all that were used or have limits. False: refused; w NULL only asks whether it would be.
 */
bool shop_usage_json(const struct shop *s, const char *promotion, struct answer *a, struct jsonw *w);

struct tender {
	const char *method;  /* "cash", "card", ... up to 16 of a-z, 0-9, - */
	struct money amount; /* MONEY_NONE: what is due */
};
/*
 * Pays. order is the caller's id for idempotency, NULL: the cart's own. done runs when the sale is durable. A
 * repeat of an order that is in the ledger, or on its way there, is answered with the first sale
 * (lane_receipt_json shows it), even if the lane has no cart or one that could not be paid; whatever cart is
 * on the lane stays, unless its own id is the order. Only cash gives change. cashier, or NULL, is for the
 * record.
 */
void lane_tender(struct lane *l, const char *order, const struct tender *tenders, size_t n,
		 const char *cashier, lane_done_fn *done, void *arg);

/* Goods that come back, or an order that is cancelled after it was paid. */
struct goods_back {
	const char *order;
	const char *id;			 /* the caller's, for idempotency; NULL: one is made */
	bool is_void;			 /* the whole order, of which nothing came back yet */
	const struct return_line *lines; /* from 0; net is not looked at */
	size_t count;			 /* 0: all that is kept */
	const char *method;		 /* pay the refund out that way; NULL: as it was paid */
	const char *cashier, *reason;	 /* for the record, or NULL */
	bool gifts_kept;		 /* gifts that are due back are not handed back */
	bool preview;			 /* only says what it would come to */
};
/*
 * Takes goods back and says what to pay out (docs/returns.md); done runs when it is durable, and
 * lane_return_json shows it. A repeat of an id is answered with the first. The lane's cart is not touched.
 */
void lane_return(struct lane *l, const struct goods_back *g, lane_done_fn *done, void *arg);
void lane_return_json(struct lane *l, struct jsonw *w); /* the last return; none yet: nothing */

/*
 * Both at once: what comes back pays for the lane's cart, as the new order (NULL: the cart's id), the tenders
 * for what it costs besides. g->method does not count: what is left of the refund is paid out as it was paid.
 * One transaction, and a repeat of the order is answered with the first.
 */
void lane_exchange(struct lane *l, const struct goods_back *g, const char *order,
		   const struct tender *tenders, size_t n, lane_done_fn *done, void *arg);
void lane_exchange_json(struct lane *l, struct jsonw *w); /* the last one or its preview */

/*
 * Members for the open object of w, as docs/control.md shows them: the lane's cart evaluated (with `lane`);
 * one line, from 0, with `lane`, the totals and what its change changed besides (after that change and before
 * the next; the scan path: no allocation), and the array `hints` that may follow it; the cart with why each
 * promotion is or is not applied; the last sale (without `lane`); a short form for `lanes`; the array
 * `suspended`.
 */
void lane_cart_json(struct lane *l, struct jsonw *w);
void lane_line_json(struct lane *l, uint32_t line, struct jsonw *w); /* no cart or no such line: nothing */
void lane_hints_json(struct lane *l, struct jsonw *w);
void lane_explain_json(struct lane *l, struct jsonw *w);
void lane_receipt_json(struct lane *l, struct jsonw *w); /* no sale yet: nothing */
void lane_summary_json(const struct lane *l, struct jsonw *w);
void shop_suspended_json(const struct shop *s, struct jsonw *w);

/*
 * What an article costs now on that lane, for `price`: sku, name, unit, price, list (the price list it is
 * from), currency, and the promotions that touch it and hold here and now. With an open cart: as that cart
 * would pay. A refusal writes nothing.
 */
void lane_price_json(struct lane *l, const char *code_or_sku, bool is_sku, struct answer *a, struct jsonw *w);
void answer_json(const struct shop *s, const struct answer *a, struct jsonw *w); /* an "error" object */

#endif
