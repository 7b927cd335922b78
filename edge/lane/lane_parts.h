/*
 * What the files of this folder share: shop, lane, cart, and the steps they are made of. Private to it.
 */
#ifndef TILL_LANE_PARTS_H
#define TILL_LANE_PARTS_H

#include "alerts.h"
#include "arena.h"
#include "coupons.h"
#include "credit.h"
#include "extract.h"
#include "lane.h"
#include "limits.h"
#include "shown.h"
#include "snapshot.h"

/* A customer as a cart knows one: a copy of the record, for the catalog that the cart is pinned to. */
struct customer {
	struct arena arena;
	const char *id, *name;
	const char *plan;     /* paid for when the cart opened; NULL: none */
	struct list segments; /* texts, all of them; the plan's is among them */
	struct ids known;     /* ids of those that the catalog speaks of */
	struct money credit;  /* basket credit that the plan brought to the month ... */
	int32_t credit_to;    /* ... that ends that day, since 1970; 0: none */
};

/* What is in a cart, and what it costs. customer and coupons are the cart's; the rest is owned. */
struct basket {
	struct engine_line *lines;
	uint32_t count, size; /* lines in it; lines that there is room for */
	const struct customer *customer;
	uint32_t coupons;  /* so many of the cart's coupons */
	uint32_t unlocked; /* so many of the promotions they unlock */
	void *room;
	size_t room_size;
	struct engine_result result; /* in room */
	struct counter *counters;    /* one each of the cart's limits: what it was priced with */
	struct mine *mine;	     /* the same */
	struct mine orders;	     /* of the customer */
	int64_t order_number;	     /* this one's, of the customer's; 0: not known */
};

/*
 * A cart. A change is made to `next` and takes the place of `now` when the engine has priced it; what cannot
 * be priced leaves no trace. Until the next change is drafted `next` is the cart as it was before the last.
 * Their memory is kept and doubled, so that a scan hardly ever allocates.
 */
struct cart {
	struct cart *next_suspended;
	int64_t serial; /* number in the segment, below 0 if it came back; 0: it has no id yet */
	char id[ORDER_ID_MAX + 1];
	enum lane_state state; /* LANE_IDLE: not on a lane yet */
	struct snapshot *snapshot;
	const struct catalog *catalog;
	int64_t now_s;
	int32_t utc_offset_s;
	bool clock_uncertain;	 /* nobody vouched for now_s */
	uint32_t store, channel; /* ids in the catalog */
	const char *lane_name;	 /* where it is, or was put aside */
	const char *channel_name;
	int64_t suspended_s;
	bool apart;		/* the catalog is its own extract */
	struct cart_note *note; /* the journal's */
	struct customer *customer;
	const char *coupon[ENGINE_COUPONS_MAX];	       /* codes, in arena */
	uint32_t coupon_of[ENGINE_COUPONS_MAX];	       /* the promotion of each code */
	uint32_t unlocked[ENGINE_COUPONS_MAX];	       /* the same without repetitions */
	struct coupon_claim claim[ENGINE_COUPONS_MAX]; /* of each code */
	uint32_t coupons_held;			       /* so many of them are held by this cart */
	struct arena arena;
	struct basket now, next;
	struct limits *limits; /* of the catalog */
	struct hold *holds;    /* one each of these: what `now` holds */
	bool loose;	       /* it holds nothing: paid, or put aside for too long */
	const struct event_return
		*back;		  /* it is being exchanged for what flows back by that; NULL: it is not */
	struct engine_memo *memo; /* of the catalog; NULL: none yet, or memory is short */
	uint32_t memo_lines;	  /* it has room for */
};

struct sale_job;
struct return_job;

struct lane {
	struct shop *shop;
	char *name, *channel;
	char *language; /* of what customers read; NULL: the book's */
	bool retired;
	struct cart *cart;	     /* open, tendering or closed */
	struct sale_job *receipt;    /* the last sale, or the last repeated answer */
	struct return_job *returned; /* the last return or preview, or the last repeated answer */
	struct shown shown;
};

struct shop {
	struct loop *loop;
	const struct shop_config *config;
	int64_t segment, carts, restored; /* how many carts were opened in this segment, and came back */
	struct loader *loader;
	struct ledger_worker *worker;
	struct cart_journal *journal; /* NULL: carts are not kept */
	struct why no_journal;	      /* why not; "": nobody asked */
	struct snapshot *snapshot;
	struct time_state time;
	bool time_known; /* it was told */
	struct alerts alerts;
	struct body_memo *memo; /* for the extracts of sales */
	struct uses *uses;
	struct limits *limits;	 /* of the snapshot */
	int64_t folded, noted;	 /* newest event that uses has; and that was handed to the ledger with it */
	bool noting;		 /* a hand-over is under way */
	struct loop_timer *held; /* a suspended cart's holds lapse */
	struct lane *lanes[SHOP_LANES_MAX];
	uint32_t lane_count;
	struct lane *retired[SHOP_RETIRED_MAX];
	uint32_t retired_count;
	struct arena names;	/* of lanes and channels that carts came back from */
	struct cart *suspended; /* oldest first */
	uint32_t suspended_count, pending;
	void *scratch; /* a room for what is not a cart's */
	size_t scratch_size;
	shop_listen_fn *listen;
	void *listen_arg;
};

/* shop.c */
int64_t shop_now_s(const struct shop *s);
void shop_tell(const struct shop *s, const struct lane_news *news);
void *shop_scratch(struct shop *s, size_t size); /* NULL: memory is short */

/* refusal.c: answers false, so that a refusal is one statement. */
bool refuse(struct answer *a, enum refusal r, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool refuse_memory(struct answer *a);
bool refuse_no_catalog(struct answer *a);
/* The engine's failure in words; line may be CATALOG_NONE. */
bool refuse_evaluation(struct answer *a, enum err e, const struct catalog *c, const struct engine_line *line);

/* Hands a sale, return or note to the ledger's worker; false: refused. Who gets the answer counts it off
 * pending.
 */
bool shop_submit(struct shop *s, struct ledger_job *job, struct answer *a);
/* The same of a note whose body the record becomes, in the arena. */
bool shop_submit_note(struct shop *s, struct ledger_job *job, struct ledger_note *note,
		      const struct schema *schema, const void *record, struct arena *arena, struct answer *a);

/* shop_uses.c: the fold of uses, and what becomes of it. */
enum err shop_uses_start(struct shop *s) MUST_CHECK; /* empty */
void shop_uses_free(struct shop *s);
bool shop_give_limits(const struct shop *s, struct cart *c);	 /* of its snapshot; false: no memory */
void shop_uses_catalog(struct shop *s, const struct catalog *c); /* in force: grants what it is to have */
bool shop_uses_due(const struct shop *s, int64_t event);	 /* with that one they will be handed over */
void shop_folded(struct shop *s, int64_t event);		 /* events up to that one are in the fold */
void shop_watch_holds(struct shop *s);				 /* a cart was put aside, or taken up again */

/* cart.c */
struct cart *cart_new(struct shop *s, const struct lane *l); /* NULL: memory is short; needs a catalog */
void cart_number(struct cart *c, struct shop *s);	     /* its id, when it comes on a lane */
void cart_free(struct cart *c);				     /* NULL is fine */
struct engine_cart cart_view(const struct cart *c, const struct basket *b);
bool cart_add(struct cart *c, const struct engine_line *line,
	      struct answer *a); /* a->line: which one it is */
bool cart_change(struct cart *c, uint32_t line, struct qty quantity, struct answer *a);
bool cart_remove(struct cart *c, uint32_t line, struct answer *a);
bool cart_take_customer(struct cart *c, const struct found_customer *f, struct answer *a); /* NULL: none */
bool cart_has_coupon(const struct cart *c, const char *code);
bool cart_take_coupon(struct cart *c, const char *code, uint32_t promotion, const struct coupon_claim *claim,
		      struct answer *a);
bool basket_reserve(struct basket *b, const struct catalog *c, uint32_t lines);
bool cart_take_draft(struct cart *c, struct answer *a); /* prices next, which then is the cart */
bool cart_reprice(struct cart *c, struct answer *a);	/* as it is, with what is left of limits now */
/* In next; false: no memory. Of the claim, uses and token; its entry is found by the code. */
bool cart_note_coupon(struct cart *c, const char *code, uint32_t promotion, const struct coupon_claim *claim);
void cart_unlock(struct cart *c, struct basket *b, uint32_t promotion);
struct customer *customer_copy(const struct catalog *c, const struct record_customer *r);
bool item_takes_quantity(const struct catalog *c, const struct engine_line *line, struct answer *a);

/*
 * cart_pin.c. Lets go of the catalog, for an extract of the cart's own, which costs the same: false, memory
 * is short, it stays pinned. Renew pins it to the catalog in force, and to the present if repin_after is
 * over, but never dearer than it is: false, that cannot be had, it stays as it is.
 */
bool cart_let_go(struct cart *c, struct shop *s);
bool cart_renew(struct cart *c, struct shop *s);

/* lane.c */
void lane_enter_state(struct lane *l, struct cart *c, enum lane_state to);
void lane_tell(struct lane *l, enum lane_event event);
void lane_tell_refused(struct lane *l, const struct answer *a, const char *text, size_t n);
struct cart *lane_open_cart(const struct lane *l);		     /* NULL: it has none that is open */
struct cart *lane_need_cart(const struct lane *l, struct answer *a); /* or refuses */
bool lane_takes_goods(const struct lane *l, struct answer *a);	     /* or refuses */
struct cart *lane_cart_for_change(struct lane *l,
				  struct answer *a); /* the open one, or one not yet on the lane */
/* Ends a change that lane_cart_for_change began: puts a new cart on the lane, or drops it again. */
bool lane_end_change(struct lane *l, struct cart *c, bool done, struct answer *a);

/* lane_suspend.c: a cart that came back and could not be pinned anew then perhaps can by now. */
void lane_renew_cart(struct lane *l);

/* lane_scan.c: article and label price that a code or SKU names, on that lane, even while it is being paid.
 */
bool lane_find_article(const struct lane *l, const char *code_or_sku, bool is_sku, struct engine_line *line,
		       struct answer *a);

/* lane_scan.c: the price lock: what was shown, and how low it was; MONEY_NONE: there is no lock. */
void lane_note_shown(struct lane *l, const struct catalog *c, const struct engine_line *line,
		     const struct engine_result *r, uint32_t i);
struct money lane_lowest_shown(const struct lane *l, const struct catalog *c, uint32_t item);

/* lane_people.c: a scanned text that is no GTIN, as a coupon; the listener hears what came of it. */
void lane_scanned_coupon(struct lane *l, const char *text, size_t n);

/* payment.c: tenders against a total. */
struct payment {
	struct sale_tender tenders[CART_TENDERS_MAX];
	size_t count;
	struct money tendered, change;
	int64_t credit_to; /* last day of the month whose basket credit is among them; 0: none is */
};
bool payment_method_fits(const char *method, struct answer *a); /* or refuses */
bool payment_settle(const struct catalog *c, struct money total, const struct tender *tenders, size_t n,
		    struct payment *out, struct answer *a);

/* sale.c: a cart paid for as the ledger wants it; everything in the arena or the cart's snapshot. */
enum err sale_build(const struct lane *l, const struct cart *c, const char *order, const char *cashier,
		    const struct payment *p, struct arena *arena, struct event_sale *sale,
		    struct ledger_sale *out) MUST_CHECK;

/* lane_return.c */
void return_job_free(struct return_job *j); /* NULL is fine */

/* lane_tender.c */
void sale_job_free(struct sale_job *j);	  /* NULL is fine */
void sale_job_let_go(struct sale_job *j); /* of the catalog, when it is only a receipt; NULL is fine */
const struct event_sale *sale_job_sale(const struct sale_job *j, struct ledger_position *at, bool *repeated);

#endif
