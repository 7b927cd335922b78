/*
 * memo_same BOOK CARTS SEED: a memo saves time and changes nothing. For each cart of a file a walk begins at
 * it: STEPS random changes as a lane makes them, and some that it never would. After each the cart is
 * evaluated with the memo of the evaluation before and once more without one: answers and results must be the
 * same bytes, whatever of the cart and its context changed; and no line may be discounted below its lowest
 * legal price. Prints how many carts were walked from. (No promotion of the random shops compensates by
 * volume, which alone may go below.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "evaluate_file.h"

#define STEPS	     60
#define LINES_MAX    150 /* of a cart: more than two words of bits */
#define RESULT_MAX   (1 << 20)
#define COUNTERS_MAX 8

struct walk {
	const struct catalog *catalog;
	struct engine_cart cart;
	struct engine_line lines[LINES_MAX];
	uint32_t segments[64], coupons[ENGINE_COUPONS_MAX];
	struct counter counters[COUNTERS_MAX];
	uint32_t labels; /* one in so many lines has a price of its own, and so is a good of its own */
	uint64_t random;
};

static uint32_t below(struct walk *w, uint32_t n)
{
	w->random ^= w->random >> 12; /* xorshift64* */
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return (uint32_t)((w->random * UINT64_C(2685821657736338717)) >> 33) % n;
}

static struct qty some_quantity(struct walk *w, uint32_t item)
{
	int64_t micro = (int64_t)(1 + below(w, 4)) * QTY_ONE.micro;

	if (catalog_item(w->catalog, item)->unit != UNIT_EACH)
		micro -= INT64_C(1000) * below(w, 1000);
	return (struct qty){below(w, 500) ? micro : 0}; /* 0: the engine refuses it */
}

static struct engine_line some_line(struct walk *w, uint32_t items)
{
	uint32_t item = below(w, items);
	int64_t given = below(w, w->labels) ? AMOUNT_NONE : below(w, 500);
	int64_t locked = below(w, 8) ? AMOUNT_NONE : below(w, 300);

	return (struct engine_line){
		.item = item, .quantity = some_quantity(w, item), .given = {given}, .locked = {locked}};
}

static void scan_one_of(struct walk *w, uint32_t items)
{
	if (w->cart.count < LINES_MAX)
		w->lines[w->cart.count++] = some_line(w, items);
}

static void scan(struct walk *w)
{
	scan_one_of(w, w->catalog->item_count);
}

/* Of a few articles, so that others are still to come. */
static void scan_many(struct walk *w)
{
	uint32_t items = 1 + below(w, (w->catalog->item_count + 2) / 3);

	for (uint32_t n = below(w, LINES_MAX); n > 0; n--)
		scan_one_of(w, items);
}

static void change_quantity(struct walk *w)
{
	for (uint32_t n = below(w, 4) ? 1 : 2; n > 0 && w->cart.count; n--) {
		uint32_t i = below(w, w->cart.count);

		w->lines[i].quantity = some_quantity(w, w->lines[i].item);
	}
}

static void replace(struct walk *w)
{
	if (w->cart.count)
		w->lines[below(w, w->cart.count)] = some_line(w, w->catalog->item_count);
}

static void void_line(struct walk *w)
{
	uint32_t i;

	if (!w->cart.count)
		return;
	i = below(w, w->cart.count--);
	memmove(&w->lines[i], &w->lines[i + 1], (w->cart.count - i) * sizeof(w->lines[0]));
}

static void void_many(struct walk *w)
{
	if (below(w, 3) == 0)
		w->cart.count = below(w, w->cart.count + 1);
}

static void change_customer(struct walk *w)
{
	uint32_t known = w->catalog->segments.count, most = below(w, 4) ? 2 : 64;

	w->cart.context.segments = (struct ids){w->segments, known ? below(w, most) : 0};
	for (uint32_t i = 0; i < w->cart.context.segments.count; i++)
		w->segments[i] = below(w, known);
}

static void change_coupons(struct walk *w)
{
	uint32_t known = w->catalog->promotion_count;

	w->cart.context.coupons = (struct ids){w->coupons, known ? below(w, 4) : 0};
	for (uint32_t i = 0; i < w->cart.context.coupons.count; i++)
		w->coupons[i] = below(w, known + (below(w, 30) == 0)); /* one past the end is refused */
}

static void change_when_and_where(struct walk *w)
{
	struct engine_context *x = &w->cart.context;

	x->now_s += INT64_C(3600) * below(w, 2);
	x->store = below(w, w->catalog->stores.count + 1);
	x->every_reason = below(w, 2);
}

/* Of every few promotions one, in ascending order. */
static void change_counters(struct walk *w)
{
	uint32_t apart = 1 + w->catalog->promotion_count / COUNTERS_MAX, n = 0;

	for (uint32_t i = below(w, apart); i < w->catalog->promotion_count && n < COUNTERS_MAX; n++) {
		w->counters[n] = (struct counter){.promotion = i,
						  .uses_left = below(w, 3) ? AMOUNT_NONE : below(w, 2),
						  .budget_left = {below(w, 2) ? AMOUNT_NONE : below(w, 900)},
						  .customer_uses = below(w, 3)};
		i += 1 + below(w, apart);
	}
	w->cart.context.counters = w->counters;
	w->cart.context.counter_count = n;
}

static const char *some_name(struct walk *w, const struct names *names)
{
	return names->count && below(w, 2) ? names->at[below(w, names->count)] : NULL;
}

/* Whatever only some promotions ask about, and what they may take off. */
static void change_order(struct walk *w)
{
	struct engine_context *x = &w->cart.context;
	const struct promotion *p = w->catalog->promotions;

	if (w->catalog->promotion_count)
		p += below(w, w->catalog->promotion_count);
	x->order_number = below(w, 7);
	if (w->catalog->promotion_count) {
		x->customer = some_name(w, &p->customers);
		x->plan = some_name(w, &p->plans);
	}
	x->shipping.method = below(w, 2) ? "parcel" : NULL;
	x->shipping.amount.minor = below(w, 900);
	x->ranked = below(w, 4) == 0;
}

typedef void step_fn(struct walk *w);
static step_fn *const steps[] = {
	scan,
	scan,
	scan,
	scan,
	scan,
	scan,
	scan,
	scan,
	change_quantity,
	change_quantity,
	replace,
	void_line,
	void_many,
	scan_many,
	change_customer,
	change_coupons,
	change_when_and_where,
	change_counters,
	change_order,
};

/* What costs less than that by its own price stays as it is. */
static bool above_floors(const struct engine_result *r)
{
	for (uint32_t i = 0; i < r->line_count; i++) {
		const struct line_result *line = &r->lines[i];

		if (line->net.minor < line->list.minor && line->net.minor < line->least.minor)
			return false;
	}
	return true;
}

/* The answer and the result as bytes. */
static enum err evaluate(const struct walk *w, struct engine_memo *memo, struct buf *out, bool *refused)
{
	size_t size = engine_room_size(w->catalog, w->cart.count);
	void *room = malloc(size);
	struct engine_result result;
	uint32_t answer[2]; /* and the line to blame */
	enum err e = ERR_MEMORY;

	buf_cut(out, 0);
	if (!room)
		return e;
	answer[0] = engine_evaluate_next(w->catalog, &w->cart, memo, room, size, &result, &answer[1]);
	*refused = answer[0] != ERR_OK;
	if (!*refused && !above_floors(&result)) {
		free(room);
		return ERR_CORRUPT;
	}
	e = buf_add(out, answer, sizeof(answer)) ? ERR_OK : ERR_MEMORY;
	if (!e && !*refused)
		e = evaluation_to_cbor(w->catalog, &result, out);
	free(room);
	return e;
}

static enum err compare(struct walk *w, struct engine_memo *memo, struct buf *with, struct buf *without,
			struct why *why)
{
	for (int i = 0; i < STEPS; i++) {
		struct walk before = *w;
		bool refused;
		enum err e;

		steps[below(w, sizeof(steps) / sizeof(steps[0]))](w);
		e = evaluate(w, memo, with, &refused);
		if (!e)
			e = evaluate(w, NULL, without, &refused);
		if (e)
			return e;
		if (buf_length(with) != buf_length(without) ||
		    memcmp(buf_front(with), buf_front(without), buf_length(with)) != 0)
			return fail(why, ERR_CORRUPT, "step %d, %u lines: the memo gives another result", i,
				    w->cart.count);
		before.random = w->random;
		if (refused && below(&before, 4)) /* as a lane does: the cart stays what it was */
			*w = before;
	}
	return ERR_OK;
}

static enum err start(const struct evaluation *e, struct walk *w)
{
	const struct engine_context *x = &e->cart->context;

	w->catalog = e->catalog;
	w->cart = *e->cart;
	w->cart.lines = w->lines;
	w->cart.context.segments.at = w->segments;
	w->cart.context.coupons.at = w->coupons;
	if (e->cart->count > LINES_MAX || x->segments.count > sizeof(w->segments) / sizeof(w->segments[0]))
		return ERR_LIMIT;
	memcpy(w->lines, e->cart->lines, e->cart->count * sizeof(w->lines[0]));
	if (x->segments.count)
		memcpy(w->segments, x->segments.at, x->segments.count * sizeof(w->segments[0]));
	if (x->coupons.count)
		memcpy(w->coupons, x->coupons.at, x->coupons.count * sizeof(w->coupons[0]));
	return ERR_OK;
}

struct run {
	unsigned same;
	uint64_t seed;
};

static enum err check(const struct evaluation *e, void *arg, struct why *why)
{
	static const uint32_t sizes[] = {LINES_MAX, 32, 3}; /* of the memo: the cart often is larger */
	struct run *r = arg;
	struct walk w = {.random = r->seed + r->same + 1};
	struct buf with, without;
	enum err rc = start(e, &w);
	uint32_t size = sizes[below(&w, 3)];
	void *memory = malloc(engine_memo_size(e->catalog, size));

	w.labels = below(&w, 2) ? 1 : 8;
	buf_init(&with, RESULT_MAX);
	buf_init(&without, RESULT_MAX);
	if (!memory)
		rc = ERR_MEMORY;
	if (!rc)
		rc = compare(&w, engine_memo_make(memory, e->catalog, size), &with, &without, why);
	if (!rc)
		r->same++;
	buf_free(&with);
	buf_free(&without);
	free(memory);
	return rc;
}

int main(int argc, char **argv)
{
	struct why why = {0};
	struct run r = {0};

	if (argc != 4) {
		fprintf(stderr, "usage: memo_same BOOK CARTS SEED\n");
		return 2;
	}
	r.seed = strtoull(argv[3], NULL, 10);
	if (evaluate_files(argv[1], argv[2], AMOUNT_NONE, false, check, &r, &why)) {
		fprintf(stderr, "memo_same: %s\n", why.text);
		return 1;
	}
	printf("%u\n", r.same);
	return 0;
}
