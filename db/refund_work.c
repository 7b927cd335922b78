/*
 * Working a return out: the cart of what is kept, its price by the engine, and what is no longer given. See
 * refund.h.
 */
#include "refund.h"

#include <stdlib.h>
#include <string.h>

#include "cart_json.h"

/* One return being worked out. */
struct refunding {
	const struct refund_state *state;
	const struct catalog *catalog;
	struct arena *arena;
	struct qty *back;  /* by line of the sale: what comes back */
	uint32_t *line_of; /* by line of the cart of what is kept: the sale's */
	struct engine_cart kept;
	struct engine_result result; /* of kept; all zero if nothing is */
	bool cut;		     /* what is kept would cost more than is left: no refund */
	struct event_return *out;
};

static enum err no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

static bool is_whole(const struct refunding *w, size_t line)
{
	const struct engine_line *l = &w->kept.lines[line];

	return catalog_item(w->catalog, l->item)->unit == UNIT_EACH || l->given.minor != AMOUNT_NONE;
}

static enum err take_line(struct refunding *w, const struct return_line *wish, struct why *why)
{
	const struct refund_line *lines = w->state->lines;
	const struct sale_line *sold = w->state->sale->lines.at;
	char kept[DECIMAL_TEXT_MAX];
	size_t i = (size_t)wish->line;

	if (wish->line < 0 || i >= w->state->sale->lines.count)
		return fail(why, ERR_RANGE, "the order has %zu lines, and no line %lld",
			    w->state->sale->lines.count, (long long)wish->line + 1);
	if (wish->quantity.micro <= 0)
		return fail(why, ERR_INVALID, "line %zu: a quantity is more than 0", i + 1);
	if (is_whole(w, i) && wish->quantity.micro % QTY_ONE.micro)
		return fail(why, ERR_INVALID, "line %zu: %s is sold by the piece: give a whole number", i + 1,
			    sold[i].sku);
	if (wish->quantity.micro > lines[i].kept.micro - w->back[i].micro) {
		decimal_format(lines[i].kept.micro, QTY_EXPONENT, 0, kept);
		return fail(why, ERR_LIMIT, "line %zu: %s of %s are left to come back", i + 1, kept,
			    sold[i].sku);
	}
	w->back[i].micro += wish->quantity.micro;
	return ERR_OK;
}

/* kept is the whole sale by now, so that articles can be looked up. */
static enum err take_wish(struct refunding *w, const struct refund_wish *wish, struct why *why)
{
	enum err e = ERR_OK;

	if (!refund_keeps(w->state))
		return fail(why, ERR_LIMIT, "everything of it has come back already");
	for (size_t i = 0; i < wish->count && !e; i++)
		e = take_line(w, &wish->lines[i], why);
	for (size_t i = 0; wish->count == 0 && i < w->state->sale->lines.count; i++)
		w->back[i] = w->state->lines[i].kept;
	return e;
}

/* Leaves in the cart what is kept. */
static enum err keep_lines(struct refunding *w, struct why *why)
{
	struct engine_line *lines = arena_get(w->arena, w->kept.count * sizeof(*lines) + 1);
	uint32_t n = 0;

	w->line_of = arena_get(w->arena, w->kept.count * sizeof(*w->line_of) + 1);
	if (!lines || !w->line_of)
		return no_memory(why);
	for (uint32_t i = 0; i < w->kept.count; i++) {
		struct qty left = {w->state->lines[i].kept.micro - w->back[i].micro};

		if (left.micro <= 0)
			continue;
		lines[n] = w->kept.lines[i];
		lines[n].quantity = left;
		w->line_of[n++] = i;
	}
	w->kept.lines = lines;
	w->kept.count = n;
	return ERR_OK;
}

static const struct refund_promotion *held_by(const struct refund_state *s, const char *id)
{
	for (size_t i = 0; i < s->sale->promotions.count; i++)
		if (s->promotions[i].held && !strcmp(s->promotions[i].id, id))
			return &s->promotions[i];
	return NULL;
}

/* What limits beyond the order let a promotion do: what it did, and nothing if it did nothing. */
static enum err keep_counters(struct refunding *w, struct why *why)
{
	const struct catalog *c = w->catalog;
	struct counter *counters = arena_get(w->arena, c->promotion_count * sizeof(*counters) + 1);
	uint32_t n = 0;

	if (!counters)
		return no_memory(why);
	for (uint32_t i = 0; i < c->promotion_count; i++) {
		const struct promotion *p = &c->promotions[i];
		const struct refund_promotion *held = held_by(w->state, p->id);

		if (p->uses || p->customer_uses || p->budget.minor)
			counters[n++] = (struct counter){.promotion = i,
							 .uses_left = held ? 1 : 0,
							 .budget_left = held ? held->amount : MONEY_ZERO,
							 .customer_uses = held ? 0 : p->customer_uses};
	}
	w->kept.context.counters = counters;
	w->kept.context.counter_count = n;
	return ERR_OK;
}

/* A code that unlocked nothing is free, and so is one whose use was given back. */
static enum err keep_coupons(struct refunding *w, struct why *why)
{
	const struct refund_state *s = w->state;
	uint32_t *ids = arena_get(w->arena, s->sale->promotions.count * sizeof(*ids) + 1), n = 0;

	if (!ids)
		return no_memory(why);
	for (size_t i = 0; i < s->sale->promotions.count; i++) {
		if (!s->promotions[i].coupon || !s->promotions[i].held)
			continue;
		ids[n] = catalog_promotion(w->catalog, s->promotions[i].id);
		n += ids[n] != CATALOG_NONE;
	}
	w->kept.context.coupons = (struct ids){ids, n};
	return ERR_OK;
}

static enum err hash_result(struct refunding *w, struct why *why)
{
	struct digest *hash = arena_get(w->arena, sizeof(*hash));

	if (!hash)
		return no_memory(why);
	if (decision_hash(w->catalog, &w->result, hash))
		return fail(why, ERR_LIMIT, "the evaluation of what is kept is too large");
	w->out->result = (struct bytes){hash->bytes, DIGEST_SIZE};
	return ERR_OK;
}

/* Refund and what is left. Nothing that is kept costs nothing. */
static enum err price(struct refunding *w, struct decision_room *room, struct why *why)
{
	struct event_return *out = w->out;
	enum err e = ERR_OK;

	w->result = (struct engine_result){.optimal = true};
	out->whole = w->kept.count == 0;
	if (w->kept.count)
		e = decision_evaluate(w->catalog, &w->kept, room, &w->result, why);
	if (!e && w->kept.count)
		e = hash_result(w, why);
	if (e)
		return e;
	out->price = w->result.totals.total;
	w->cut = out->price.minor > w->state->left.minor;
	out->left = w->cut ? w->state->left : out->price;
	out->refund.minor = w->state->left.minor - out->left.minor;
	out->tax.minor = w->cut ? 0 : w->state->tax.minor - w->result.totals.tax.minor;
	return ERR_OK;
}

static enum err write_lines(struct refunding *w, struct why *why)
{
	const struct refund_state *s = w->state;
	const struct sale_line *of = s->sale->lines.at;
	struct return_line *at = arena_get(w->arena, s->sale->lines.count * sizeof(*at) + 1);
	uint32_t k = 0;
	size_t n = 0;

	if (!at)
		return no_memory(why);
	for (size_t i = 0; i < s->sale->lines.count; i++) {
		bool kept = k < w->kept.count && w->line_of[k] == i;
		struct money net = kept ? w->result.lines[k].net : MONEY_ZERO;

		k += kept;
		if (w->back[i].micro || net.minor != s->lines[i].net.minor)
			at[n++] = (struct return_line){
				(int64_t)i, w->back[i], net, of[i].sku, {s->lines[i].net.minor - net.minor}};
	}
	w->out->lines = (struct list){at, n};
	return ERR_OK;
}

static const struct verdict *applied(const struct refunding *w, const char *id)
{
	for (uint32_t i = 0; i < w->result.applied_count; i++)
		if (!strcmp(w->catalog->promotions[w->result.verdicts[i].promotion].id, id))
			return &w->result.verdicts[i];
	return NULL;
}

static int64_t less(int64_t before, int64_t now)
{
	return now < before ? before - now : 0;
}

/* While a refund is cut to nothing, what is kept still costs what the promotion made of it. */
static enum err write_promotions(struct refunding *w, struct why *why)
{
	const struct refund_state *s = w->state;
	struct return_promotion *at = arena_get(w->arena, s->sale->promotions.count * sizeof(*at) + 1);
	bool frees = w->catalog->settings.cancelled == CANCELLED_FREED;
	size_t n = 0;

	if (!at)
		return no_memory(why);
	for (size_t i = 0; i < s->sale->promotions.count && !w->cut; i++) {
		const struct refund_promotion *p = &s->promotions[i];
		const struct verdict *v = applied(w, p->id);
		bool freed = frees && p->held && !v;
		struct return_promotion back = {
			.id = p->id,
			.amount = {less(p->amount.minor, v ? v->amount.minor + v->extra.minor : 0)},
			.uses = freed,
			.times = less(p->times, v ? v->times : 0),
			.coupon = freed ? p->coupon : NULL,
			.counted = freed ? p->counted : 0,
		};

		if (back.amount.minor || back.uses || back.times)
			at[n++] = back;
	}
	w->out->promotions = (struct list){at, n};
	return ERR_OK;
}

/* What the evaluation of what is kept gives of a reward. */
static void still_given(const struct refunding *w, const struct refund_reward *r, struct money *amount,
			int64_t *count)
{
	for (uint32_t i = 0; i < w->result.reward_count; i++) {
		const struct reward *at = &w->result.rewards[i];
		const struct promotion *p = &w->catalog->promotions[at->promotion];

		if (strcmp(p->id, r->promotion) != 0 || strcmp(reward_name(at->kind), r->kind) != 0 ||
		    (r->sku && strcmp(p->gives[at->give].sku, r->sku) != 0))
			continue;
		amount->minor += at->amount.minor;
		*count += at->count;
	}
}

static enum err write_rewards(struct refunding *w, bool gifts_kept, struct why *why)
{
	const struct refund_state *s = w->state;
	struct return_reward *at = arena_get(w->arena, s->reward_count * sizeof(*at) + 1);
	size_t n = 0;

	if (!at)
		return no_memory(why);
	for (size_t i = 0; i < s->reward_count; i++) {
		const struct refund_reward *r = &s->rewards[i];
		struct money amount = MONEY_ZERO;
		int64_t count = 0;

		still_given(w, r, &amount, &count);
		amount.minor = less(r->amount.minor, amount.minor);
		count = less(r->count, count);
		if (amount.minor || count)
			at[n++] = (struct return_reward){r->promotion, r->kind, amount,
							 count,	       r->sku,	r->sku && gifts_kept};
	}
	w->out->rewards = (struct list){at, n};
	return ERR_OK;
}

/* Basket credit is not to be made into money: what it paid goes back to it first, whatever the wish. */
static void give_credit_back(struct refunding *w, struct sale_tender *at, size_t *n, struct money *due)
{
	const struct refund_state *s = w->state;

	for (size_t i = 0; i < s->tender_count; i++) {
		struct money left = s->tenders[i].left;

		if (strcmp(s->tenders[i].method, TENDER_BASKET_CREDIT) != 0 || left.minor <= 0 || !due->minor)
			continue;
		if (left.minor > due->minor)
			left = *due;
		at[(*n)++] = (struct sale_tender){TENDER_BASKET_CREDIT, left};
		due->minor -= left.minor;
		w->out->credit_to = s->sale->credit_to;
	}
}

/* As it was paid, the last way first, which is what paid the rest then. */
static enum err write_tenders(struct refunding *w, const char *method, struct why *why)
{
	const struct refund_state *s = w->state;
	struct sale_tender *at = arena_get(w->arena, (s->tender_count + 1) * sizeof(*at));
	struct money due = w->out->refund;
	size_t n = 0;

	if (!at)
		return no_memory(why);
	give_credit_back(w, at, &n, &due);
	if (due.minor > 0 && method && !strcmp(method, TENDER_BASKET_CREDIT))
		return fail(why, ERR_INVALID,
			    "method: " TENDER_BASKET_CREDIT " takes back what it paid, and no more");
	for (size_t i = s->tender_count; !method && i-- > 0 && due.minor > 0;) {
		struct money part = s->tenders[i].left.minor < due.minor ? s->tenders[i].left : due;

		if (part.minor <= 0 || !strcmp(s->tenders[i].method, TENDER_BASKET_CREDIT))
			continue;
		at[n++] = (struct sale_tender){s->tenders[i].method, part};
		due.minor -= part.minor;
	}
	if (due.minor > 0)
		at[n++] = (struct sale_tender){method ? method : "cash", due};
	w->out->tenders = (struct list){at, n};
	return ERR_OK;
}

static enum err open_cart(struct refunding *w, struct why *why)
{
	size_t missing;
	enum err e = decision_cart(w->state->sale, w->catalog, w->arena, &w->kept, &missing);

	if (e == ERR_NOT_FOUND)
		return fail(why, ERR_CORRUPT, "the extract lacks the article of line %zu", missing + 1);
	if (e)
		return fail(why, e, "the cart cannot be made again: %s", err_name(e));
	w->back = arena_get(w->arena, w->kept.count * sizeof(*w->back) + 1);
	return w->back ? ERR_OK : no_memory(why);
}

enum err refund_work_out(const struct refund_state *s, const struct refund_wish *wish,
			 const struct catalog *c, struct decision_room *room, struct arena *a,
			 struct event_return *out, struct why *why)
{
	struct refunding w = {.state = s, .catalog = c, .arena = a, .out = out};
	enum err e = open_cart(&w, why);

	if (!e)
		e = take_wish(&w, wish, why);
	if (!e)
		e = keep_lines(&w, why);
	if (!e)
		e = keep_counters(&w, why);
	if (!e)
		e = keep_coupons(&w, why);
	if (!e)
		e = price(&w, room, why);
	if (!e)
		e = write_lines(&w, why);
	if (!e)
		e = write_promotions(&w, why);
	if (!e)
		e = write_rewards(&w, wish->gifts_kept, why);
	return e ? e : write_tenders(&w, wish->method, why);
}
