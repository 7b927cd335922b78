/*
 * The state of a paid order: what is kept, what is left of the payment, what its promotions still give. See
 * refund.h.
 */
#include "refund.h"

#include <string.h>

static enum err no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

static void begin_lines(struct refund_state *s)
{
	const struct sale_line *lines = s->sale->lines.at;

	for (size_t i = 0; i < s->sale->lines.count; i++)
		s->lines[i] = (struct refund_line){lines[i].quantity, lines[i].net};
}

/* One promotion may give several rewards of a kind: they are one sum here. */
static void add_reward(struct refund_state *s, const struct refund_reward *r)
{
	for (size_t i = 0; i < s->reward_count; i++) {
		struct refund_reward *at = &s->rewards[i];

		if (strcmp(at->promotion, r->promotion) != 0 || strcmp(at->kind, r->kind) != 0 ||
		    (r->sku && strcmp(at->sku, r->sku) != 0))
			continue;
		at->amount.minor += r->amount.minor;
		at->count += r->count;
		return;
	}
	s->rewards[s->reward_count++] = *r;
}

static void begin_promotions(struct refund_state *s)
{
	const struct sale_promotion *from = s->sale->promotions.at;
	const struct sale_reward *rewards = s->sale->rewards.at;

	for (size_t i = 0; i < s->sale->promotions.count; i++)
		s->promotions[i] = (struct refund_promotion){.id = from[i].id,
							     .coupon = from[i].coupon,
							     .amount = from[i].amount,
							     .times = from[i].times,
							     .counted = from[i].counted,
							     .held = true};
	for (size_t i = 0; i < s->sale->rewards.count; i++) {
		const struct sale_reward *r = &rewards[i];

		if ((uint64_t)r->promotion >= s->sale->promotions.count)
			continue;
		s->promotions[r->promotion].amount.minor += r->amount.minor;
		add_reward(s, &(struct refund_reward){from[r->promotion].id, r->kind, r->sku, r->amount,
						      r->count});
	}
}

static struct refund_tender *tender_of(struct refund_state *s, const char *method)
{
	for (size_t i = 0; i < s->tender_count; i++)
		if (!strcmp(s->tenders[i].method, method))
			return &s->tenders[i];
	if (s->tender_count == REFUND_TENDERS_MAX)
		return NULL;
	s->tenders[s->tender_count] = (struct refund_tender){method, MONEY_ZERO};
	return &s->tenders[s->tender_count++];
}

/* Change was given of cash. */
static enum err begin_tenders(struct refund_state *s, struct why *why)
{
	const struct sale_tender *from = s->sale->tenders.at;

	for (size_t i = 0; i < s->sale->tenders.count; i++) {
		struct refund_tender *t = tender_of(s, from[i].method);

		if (!t)
			return fail(why, ERR_LIMIT, "the sale was paid in more than %d ways",
				    REFUND_TENDERS_MAX);
		t->left.minor += from[i].amount.minor;
	}
	for (size_t i = 0; i < s->tender_count; i++)
		if (!strcmp(s->tenders[i].method, "cash"))
			s->tenders[i].left.minor -= s->sale->change.minor;
	return ERR_OK;
}

enum err refund_begin(struct refund_state *s, const struct event_sale *sale, struct arena *a, struct why *why)
{
	*s = (struct refund_state){
		.sale = sale,
		.lines = arena_get(a, sale->lines.count * sizeof(*s->lines) + 1),
		.promotions = arena_get(a, sale->promotions.count * sizeof(*s->promotions) + 1),
		.rewards = arena_get(a, sale->rewards.count * sizeof(*s->rewards) + 1),
		.left = sale->total,
		.tax = sale->tax,
	};
	if (!s->lines || !s->promotions || !s->rewards)
		return no_memory(why);
	begin_lines(s);
	begin_promotions(s);
	return begin_tenders(s, why);
}

static enum err fold_lines(struct refund_state *s, const struct event_return *r)
{
	const struct return_line *at = r->lines.at;

	for (size_t i = 0; i < r->lines.count; i++) {
		struct refund_line *line;

		if ((uint64_t)at[i].line >= s->sale->lines.count)
			return ERR_CORRUPT;
		line = &s->lines[at[i].line];
		if (at[i].quantity.micro < 0 || at[i].quantity.micro > line->kept.micro)
			return ERR_CORRUPT;
		line->kept.micro -= at[i].quantity.micro;
		line->net = at[i].net;
	}
	return ERR_OK;
}

static enum err fold_promotions(struct refund_state *s, const struct event_return *r)
{
	const struct return_promotion *at = r->promotions.at;

	for (size_t i = 0; i < r->promotions.count; i++) {
		size_t k = 0;

		while (k < s->sale->promotions.count && strcmp(s->promotions[k].id, at[i].id) != 0)
			k++;
		if (k == s->sale->promotions.count || at[i].amount.minor > s->promotions[k].amount.minor)
			return ERR_CORRUPT;
		s->promotions[k].amount.minor -= at[i].amount.minor;
		s->promotions[k].times -= at[i].times;
		s->promotions[k].held = s->promotions[k].held && !at[i].uses;
	}
	return ERR_OK;
}

static enum err fold_rewards(struct refund_state *s, const struct event_return *r)
{
	const struct return_reward *at = r->rewards.at;

	for (size_t i = 0; i < r->rewards.count; i++) {
		size_t k = 0;

		while (k < s->reward_count && (strcmp(s->rewards[k].promotion, at[i].promotion) != 0 ||
					       strcmp(s->rewards[k].kind, at[i].kind) != 0 ||
					       (at[i].sku && strcmp(s->rewards[k].sku, at[i].sku) != 0)))
			k++;
		if (k == s->reward_count || at[i].amount.minor > s->rewards[k].amount.minor ||
		    at[i].count > s->rewards[k].count)
			return ERR_CORRUPT;
		s->rewards[k].amount.minor -= at[i].amount.minor;
		s->rewards[k].count -= at[i].count;
	}
	return ERR_OK;
}

enum err refund_fold(struct refund_state *s, const struct event_return *r, bool is_void, struct why *why)
{
	const struct sale_tender *tenders = r->tenders.at;
	enum err e = r->refund.minor < 0 || s->left.minor - r->refund.minor != r->left.minor ? ERR_CORRUPT
											     : ERR_OK;

	if (!e)
		e = fold_lines(s, r);
	if (!e)
		e = fold_promotions(s, r);
	if (!e)
		e = fold_rewards(s, r);
	if (e)
		return fail(why, e, "return '%.64s' of order '%.64s' does not fit what was sold", r->id,
			    r->order);
	for (size_t i = 0; i < r->tenders.count; i++) {
		struct refund_tender *t = tender_of(s, tenders[i].method);

		if (t)
			t->left.minor -= tenders[i].amount.minor;
	}
	s->left = r->left;
	s->tax.minor -= r->tax.minor;
	s->returns++;
	s->voided |= is_void;
	return ERR_OK;
}

bool refund_keeps(const struct refund_state *s)
{
	for (size_t i = 0; i < s->sale->lines.count; i++)
		if (s->lines[i].kept.micro > 0)
			return true;
	return false;
}
