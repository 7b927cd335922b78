/*
 * The steps of an evaluation, private to the engine: what evaluate.c calls, one file each, and what they call
 * of one another. They work on struct work (work.h).
 */
#ifndef TILL_ENGINE_WORK_H
#define TILL_ENGINE_WORK_H

#include "work.h"

/*
 * room.c: lays work out in a room of that size, or measures it (room NULL). Returns the bytes needed,
 * SIZE_MAX if too many or more than the room has. base_lay lays out a base that is kept elsewhere.
 */
size_t room_lay(struct work *w, const struct catalog *c, uint32_t lines, void *room, size_t size);
size_t base_lay(struct base *b, const struct catalog *c, uint32_t lines, void *memory);

/* sort.c: stable merge sort of n indices, quick when they are sorted already; spare has room for n. */
typedef bool before_fn(const void *of, uint32_t a, uint32_t b);
void sort_indices(uint32_t *at, uint32_t *spare, uint32_t n, before_fn *before, const void *of);
void sort_numbers(uint64_t *at, uint32_t n); /* ascending; at has room for 2 n */

/* context.c: the context against what lists and promotions ask of it; an empty list asks nothing. */
void now_read(struct now *now, const struct engine_context *x);
bool now_started(const struct now *now, const struct window *w);
bool now_ended(const struct now *now, const struct window *w);
bool now_within_hours(const struct now *now, const struct promotion *p);
bool ids_hold(const struct ids *ids, uint32_t id);
bool ids_admit(const struct ids *ids, uint32_t id);
bool ids_admit_any(const struct ids *ids, const struct ids *any);

/* memo.c: fills base, from the memo as far as that holds, else from scratch. memo may be NULL. */
enum err memo_base(struct work *w, struct engine_memo *memo, uint32_t *bad_line) MUST_CHECK;

/* gate.c: checks that few promotions ask for (promotion.gated); what is left of a budget, MONEY_NONE without
 * one. */
enum reason gate_check(const struct work *w, uint32_t promotion);
struct money gate_budget_left(const struct work *w, uint32_t promotion);
bool names_admit(const struct names *names, const char *text); /* an empty list admits everyone */

/* needs.c: one need of a promotion; v->need and v->lacking say what is missing. */
enum reason need_check(struct work *w, struct verdict *v, uint32_t index);

/*
 * Weight, volume or length of what is weighed or measured of w->selected.goods[from] to [to - 1], and so many
 * millionths of a unit: both in steps of that dimension, so that they compare.
 */
int64_t goods_measure(const struct work *w, uint8_t unit, uint32_t from, uint32_t to);
int64_t measure_from(uint8_t unit, int64_t micro);
bool ids_meet(const struct catalog *c, const struct ids *stores, const struct ids *zones, uint32_t store);
int64_t now_seconds_since(const struct now *now, const struct moment *m); /* 0: it is still to come */

/* A unit price on its way: where it comes from, and what has been added since. */
struct unit_price {
	struct money base, price;
	uint32_t list;	   /* CATALOG_NONE: none */
	uint32_t override; /* CATALOG_NONE: none */
	struct qty volume;
	struct price_step *step; /* what was added, PRICE_STEPS_MAX places */
	uint32_t steps;
};
#define PRICE_UNKNOWN ((struct unit_price){.list = CATALOG_NONE, .override = CATALOG_NONE})

/*
 * price_list.c. The list price of a line: that of the highest rank; or, if the book takes the best, of the
 * lists for everyone and, apart, of those for segments. Where there is none, the caller's PRICE_UNKNOWN is
 * left as it is.
 */
enum err price_of_rank(const struct work *w, const struct engine_line *line,
		       struct unit_price *list) MUST_CHECK;
enum err price_of_best(const struct work *w, const struct engine_line *line, struct unit_price *list,
		       struct unit_price *tier) MUST_CHECK;

/* price_rules.c: the rules that count for a line, one a kind (CATALOG_NONE: none); what they do to its price.
 */
void rules_find(const struct work *w, uint32_t item, uint32_t list, uint32_t found[RULE_KINDS]);
enum err rules_apply(const struct work *w, const struct engine_line *line, const uint32_t found[RULE_KINDS],
		     struct unit_price *p) MUST_CHECK;
void price_step(struct unit_price *p, enum step_kind kind, uint32_t rule, struct money amount); /* 0: none */

/* What a rule function looks at. */
struct rule_view {
	const struct work *work;
	const struct engine_line *line;
	const struct signal *signal; /* NULL: nothing is known */
	struct money price;	     /* what the rule works on */
};

/* One kind of rule (price_kinds.c, price_markdown.c): what it adds to the price; nothing if what it needs is
 * not known. */
typedef enum err rule_fn(const struct rule_view *v, const struct price_rule *r, struct money *out);
rule_fn rule_surge, rule_overstock, rule_stock, rule_demand, rule_competitor, rule_season, rule_age,
	rule_expiry;

/* price.c: unit price and list amount of every line, or of one; price_fetch goes before, the sooner the
 * better. */
void price_fetch(const struct catalog *c, const struct engine_cart *cart);
enum err price_lines(struct work *w, uint32_t *bad_line) MUST_CHECK;
enum err price_line(const struct work *w, uint32_t i, struct line_result *out) MUST_CHECK;

/*
 * guard.c: the lowest legal amount of a good, and what it is for a promotion with a floor of its own, from
 * guard_raise until guard_restore.
 */
void guard_good(const struct work *w, struct good *g);
void guard_set_floors(struct work *w, const struct promotion *p, bool its_own);

/* The lowest amount of a piece while that promotion is carried out, if it may go below what its floor says;
 * else MONEY_NONE. */
struct money guard_compensated(const struct work *w, const struct promotion *p, const struct good *g);

static inline bool has_floor(const struct promotion *p)
{
	return p->margin_floor.ppm || p->on_breach == BREACH_COMPENSATE;
}

static inline void guard_raise(struct work *w, const struct promotion *p)
{
	if (has_floor(p))
		guard_set_floors(w, p, true);
}

static inline void guard_restore(struct work *w, const struct promotion *p)
{
	if (has_floor(p))
		guard_set_floors(w, p, false);
}

/* What discounts may still take off a good: never more than it costs. */
static inline struct money good_room(const struct good *g)
{
	return (struct money){g->running.minor > g->least.minor ? g->running.minor - g->least.minor : 0};
}

/* The same of one of its pieces, worth `value`. */
static inline int64_t piece_room(const struct good *g, int64_t value)
{
	return value > g->unit_least.minor ? value - g->unit_least.minor : 0;
}

/* The lowest legal price of one unit; 0: unguarded. After floors_read. */
int64_t guard_unit(const struct work *w, uint32_t item);

/* guard_floor.c: which floor goes for an article and the customer. */
void floors_read(struct work *w);
struct rate floor_of(const struct work *w, const struct item *article);

/*
 * goods.c: joins lines to goods, puts them in canonical order, and shares amounts back to lines. goods_add
 * and goods_change do for one line what goods_gather does for all: for the last one, if no other is of its
 * article (*at: its place among the goods), and for one that is a good of its own.
 */
enum err goods_gather(struct work *w) MUST_CHECK;
enum err goods_add(struct work *w, const struct line_result *priced, uint32_t *at) MUST_CHECK;
enum err goods_change(struct work *w, uint32_t line, const struct line_result *priced,
		      uint32_t at) MUST_CHECK;
enum err goods_share_discount(struct work *w, uint32_t promotion) MUST_CHECK;
void goods_put_back(struct work *w); /* what the promotion being carried out has taken */
enum err goods_tax(const struct catalog *c, const struct good *g, struct money amount,
		   struct money *out) MUST_CHECK; /* in result.c: in that amount, or on top of it */
/* The tax to its lines. */
enum err goods_finish(struct work *w, const struct good *g, struct money tax) MUST_CHECK;

/* select.c: the goods that a selector of that promotion means, to w->selected; free if they are there
 * already. */
const struct selection *select_anew(struct work *w, uint32_t promotion, const struct selector *s);

/* Of a sole promotion any selector stands for all, and the first give's is known by its place. */
static inline const struct selection *select_goods(struct work *w, uint32_t promotion,
						   const struct selector *s)
{
	const struct promotion *p = &w->catalog->promotions[promotion];

	if (p->sole)
		s = &p->gives[0].on;
	return w->selected.of == s ? &w->selected : select_anew(w, promotion, s);
}

bool select_touches(struct work *w, uint32_t promotion);
uint64_t *select_touching(const struct work *w, uint32_t promotion);

/*
 * candidates.c: which promotions to judge, and those that fail whatever the goods. The others get a turn.
 * candidates_add does for one good, put among the others, what candidates_collect does for all.
 */
enum err candidates_collect(struct work *w) MUST_CHECK;
void candidates_add(struct work *w, uint32_t good);
void candidates_judge(struct work *w);

/* Whether a promotion that is touched is to be judged; what context and limits say of it then. */
bool candidate_concerned(struct work *w, uint32_t promotion, enum reason *reason);

/* eligible.c: REASON_APPLIED if no check fails; the first is for promotions that are not open. */
enum reason eligible_in_context(const struct work *w, uint32_t promotion);
enum reason eligible_with_goods(struct work *w, struct verdict *v);

/* give.c: carries out all gives of a promotion. v->reason says if it gave nothing, and so changed nothing. */
enum err give_all(struct work *w, struct verdict *v) MUST_CHECK;

/* The same without telling lines of it: what is taken stands in goods, until goods_put_back. */
enum err give_carry_out(struct work *w, struct verdict *v) MUST_CHECK;

/* What it is worth to the customer, as far as that is money. */
static inline struct money verdict_worth(const struct verdict *v)
{
	return (struct money){v->amount.minor + v->extra.minor};
}

/* The verdict that give_all would leave, with nothing taken off anything. */
enum err give_trial(struct work *w, struct verdict *v) MUST_CHECK;

/*
 * One kind of give: w->part[k] is what it takes off w->selected.goods[k]. No part is above its good's room;
 * w->wanted is what the parts would add up to if rooms were the running amounts.
 */
typedef enum err give_fn(struct work *w, const struct promotion *p, const struct give *g);
give_fn give_goods_percent, give_goods_amount, give_goods_price; /* give_goods.c */
give_fn give_units, give_picked, give_sets;			 /* give_pieces.c */
give_fn give_tiers, give_steps;					 /* give_tiers.c */

/* give_rewards.c: what is no discount of goods; so it goes to w->rewards, if it is worth anything. */
typedef enum err reward_fn(struct work *w, struct verdict *v, uint32_t give);
reward_fn give_reward;

/* What its maximum and budget leave to a promotion; MONEY_NONE: no limit. */
struct money give_left(const struct work *w, const struct verdict *v);

/* An amount to w->part, by w->weight, none above its cap (caps may be w->part). */
enum err give_spread(struct work *w, struct money amount, const struct money *caps) MUST_CHECK;

/*
 * give_goods.c: an amount off the selected goods as a rate makes it, by the w->weight that percents_weigh
 * left. A rate is promised article by article: what one has no room for, others do not make up for.
 */
enum err give_rated(struct work *w, struct money amount) MUST_CHECK;

/* An amount for every unit of a good, its pieces or what it measures; at most limit. */
struct money give_on_units(const struct work *w, const struct good *good, struct money each,
			   struct money limit);

struct money sum_of_running(const struct work *w); /* of the selected goods */
struct money sum_of_lists(const struct work *w);

/* Base times rate as a per cent off is rounded, but at most limit; both 0 or more. */
struct money rate_at_most(const struct work *w, struct money base, struct rate rate, struct money limit);

/* What one piece of that value is to get; at most its value. Not for what is given once. */
int64_t piece_off(const struct work *w, const struct give *g, int64_t value);

/*
 * pieces.c: runs of the selected goods, dearest first, each with bits `of` (0: of w->parts_of). Returns how
 * many pieces. pool_drop_worthless leaves out those of 0.00, which are the last.
 */
struct pool {
	uint32_t runs;
	int64_t pieces;
};
struct pool pool_of_selected(struct work *w, uint8_t of);
void pool_drop_worthless(const struct work *w, struct pool *pool);

/* Pieces that a set takes of the runs with its bit. */
struct taking {
	uint8_t of;
	int64_t count;
	enum piece_order order;
	bool rewarded;
};

/* Sets to be formed: of those parts, at most `times` of them that promise something (INT64_MAX: all). */
struct sets {
	const struct taking *parts;
	uint32_t count;
	int64_t times;
	bool only; /* one set, whether it promises something or not */
};

/*
 * pieces.c: forms sets of the pool, one after the other, each part in turn taking its first pieces; gives g
 * on what they reward, to w->part; as many pieces as the promotion's limit of units leaves.
 */
enum err pool_form_sets(struct work *w, struct pool pool, const struct promotion *p, const struct give *g,
			const struct sets *sets) MUST_CHECK;

/* pieces.c: pieces that the promotion may still reward. */
int64_t units_left(const struct work *w, const struct promotion *p);

/* A policy gives the turns their order, and applies. */
typedef enum err policy_fn(struct work *w);
policy_fn precedence_apply, one_per_order_apply, best_deal_apply;

/* precedence.c in parts: the order of turns; how many do not stack, which come first; turns from that one on.
 */
void precedence_order(struct work *w);
uint32_t precedence_alone(const struct work *w);
enum err precedence_take(struct work *w, uint32_t first) MUST_CHECK;

/* exclusive.c: REASON_OUTRANKED, and v->by, if another one keeps that promotion from applying; of one that
 * does not stack or is in a group. */
enum err exclusive_judge(struct work *w, struct turn *t, struct verdict *v) MUST_CHECK;

/* Says that `by` keeps it from applying; and what it would have given, if that is asked for. */
enum err outrank(struct work *w, struct verdict *v, uint32_t by) MUST_CHECK;

/* percents.c: how the per cents of several promotions meet; see enum percents. */
void percents_begin(struct work *w);
struct money percents_weigh(struct work *w, const struct promotion *p, struct money *base);
void percents_take(struct work *w, uint32_t promotion);
uint32_t percents_holder(struct work *w, uint32_t promotion);

/* result.c: tax, totals, and everything in the order that the result promises. */
enum err result_write(struct work *w, struct engine_result *out) MUST_CHECK;

#endif
