/*
 * Sharing an amount over parts by largest remainder, under caps.
 *
 * First the parts whose exact share is above their cap get the cap and leave; each one that leaves can only
 * raise the share of the rest, so who leaves in the end does not depend on the order of asking. A few rounds
 * of asking all mostly settle it; if not, taking them in ascending order of cap / weight does, in one pass.
 * The rest get their share rounded down, and the units that are left go to the largest remainders. Those
 * need no look at the cap: a part with a remainder has a share that is no integer and at most its cap, so
 * one more unit still fits.
 *
 * Orders come from a heap in the caller's scratch, popped only as often as needed: in the common case, few
 * parts and no cap binding, nothing is sorted at all.
 */
#include "money.h"
#include "wide.h"

#define CAP_ROUNDS 4
#define FEW	   32 /* parts: looking for the largest again and again is quicker than a heap ... */
#define OFTEN	   3  /* ... unless more of them than that are looked for: then all are put in order */

/* One kind of parts being shared over: all with a weight, or all without, which then count as equal. */
struct share {
	uint64_t total;	 /* still to be shared */
	uint64_t weight; /* of all parts still in the heap */
	const struct money *weights, *caps;
	bool equal, capped; /* some cap is below its weight, so it may bind whatever the total is */
	enum remainder how;
	struct share_scratch *heap;
	size_t n;
};

typedef bool before_fn(const struct share *s, const struct share_scratch *a, const struct share_scratch *b);

static uint64_t weight_of(const struct share *s, uint32_t i)
{
	return s->equal ? 1 : (uint64_t)s->weights[i].minor;
}

static uint64_t cap_of(const struct share *s, uint32_t i)
{
	return (uint64_t)s->caps[i].minor;
}

/* Lower cap / weight first: cap[a] * weight[b] < cap[b] * weight[a]. */
static bool sooner_full(const struct share *s, const struct share_scratch *a, const struct share_scratch *b)
{
	int c = wide_cmp(wide_mul(cap_of(s, a->index), weight_of(s, b->index)),
			 wide_mul(cap_of(s, b->index), weight_of(s, a->index)));

	return c ? c < 0 : a->index < b->index;
}

static bool larger_remainder(const struct share *s, const struct share_scratch *a,
			     const struct share_scratch *b)
{
	(void)s;
	return a->remainder != b->remainder ? a->remainder > b->remainder : a->index < b->index;
}

static void sift_down(const struct share *s, size_t at, before_fn *before)
{
	struct share_scratch moving = s->heap[at];

	for (size_t child; (child = 2 * at + 1) < s->n; at = child) {
		if (child + 1 < s->n && before(s, &s->heap[child + 1], &s->heap[child]))
			child++;
		if (!before(s, &s->heap[child], &moving))
			break;
		s->heap[at] = s->heap[child];
	}
	s->heap[at] = moving;
}

static void heap_make(const struct share *s, before_fn *before)
{
	for (size_t i = s->n / 2; i-- > 0;)
		sift_down(s, i, before);
}

static uint32_t heap_pop(struct share *s, before_fn *before)
{
	uint32_t top = s->heap[0].index;

	s->heap[0] = s->heap[--s->n];
	if (s->n)
		sift_down(s, 0, before);
	return top;
}

/*
 * total * weight / all weights > cap. In the usual case, a discount over lines with their amounts as weights
 * and caps, the answer needs no product.
 */
static inline bool cap_binds(const struct share *s, uint32_t i)
{
	if (s->total <= s->weight && weight_of(s, i) <= cap_of(s, i))
		return false;
	if ((s->total | s->weight | weight_of(s, i) | cap_of(s, i)) >> 32 == 0)
		return s->total * weight_of(s, i) > cap_of(s, i) * s->weight;
	return wide_cmp(wide_mul(s->total, weight_of(s, i)), wide_mul(cap_of(s, i), s->weight)) > 0;
}

static void fill(struct share *s, uint32_t i, struct money *out)
{
	s->total -= cap_of(s, i);
	s->weight -= weight_of(s, i);
	out[i].minor = s->caps[i].minor;
}

/* Asks all once; false if nobody left. Those that stay keep their order. */
static bool fill_bound(struct share *s, struct money *out)
{
	size_t kept = 0, n = s->n;

	for (size_t k = 0; k < n; k++) {
		uint32_t i = s->heap[k].index;

		if (cap_binds(s, i))
			fill(s, i, out);
		else
			s->heap[kept++].index = i;
	}
	s->n = kept;
	return kept < n;
}

static void settle_capped(struct share *s, struct money *out)
{
	if (!s->capped && s->total <= s->weight)
		return;
	for (unsigned round = 0; round < CAP_ROUNDS; round++)
		if (!fill_bound(s, out))
			return;
	heap_make(s, sooner_full);
	while (s->n && cap_binds(s, s->heap[0].index))
		fill(s, heap_pop(s, sooner_full), out);
}

static uint64_t share_down(const struct share *s, uint32_t i, uint64_t *remainder)
{
	return wide_div(wide_mul(s->total, weight_of(s, i)), s->weight, remainder);
}

/* The largest remainder, of equal ones the first; it is not found again. */
static uint32_t next_largest(struct share *s)
{
	struct share_scratch *found = &s->heap[0];

	if (s->n > FEW)
		return heap_pop(s, larger_remainder);
	for (size_t k = 1; k < s->n; k++)
		if (larger_remainder(s, &s->heap[k], found))
			found = &s->heap[k];
	found->remainder = -1;
	return found->index;
}

/* Few parts, each a number that is the lower the sooner it gets a unit: by insertion. */
static void give_in_order(const struct share *s, uint64_t units, struct money *out)
{
	uint64_t order[FEW];

	for (size_t k = 0; k < s->n; k++) {
		uint64_t moving = (uint64_t)(UINT32_MAX - s->heap[k].remainder) << 32 | s->heap[k].index;
		size_t to = k;

		for (; to > 0 && order[to - 1] > moving; to--)
			order[to] = order[to - 1];
		order[to] = moving;
	}
	for (size_t k = 0; k < units && k < s->n; k++)
		out[(uint32_t)order[k]].minor++;
}

static void settle_largest(struct share *s, struct money *out)
{
	uint64_t left = s->total;

	for (size_t k = 0; k < s->n; k++) {
		uint32_t i = s->heap[k].index;
		uint64_t remainder, part = share_down(s, i, &remainder);

		s->heap[k].remainder = (int64_t)remainder;
		out[i].minor = (int64_t)part;
		left -= part;
	}
	if (left > OFTEN && s->n <= FEW && s->weight <= UINT32_MAX) {
		give_in_order(s, left, out);
		return;
	}
	if (left && s->n > FEW)
		heap_make(s, larger_remainder);
	while (left-- > 0)
		out[next_largest(s)].minor++;
}

static bool later(const struct share *s, const struct share_scratch *a, const struct share_scratch *b)
{
	(void)s;
	return a->index > b->index;
}

static bool earlier(const struct share *s, const struct share_scratch *a, const struct share_scratch *b)
{
	(void)s;
	return a->index < b->index;
}

/* Shares wait in the heap: caps may lie where they go, and the last part needs its cap. */
static void settle_last(struct share *s, struct money *out)
{
	uint64_t left = s->total, remainder;

	for (size_t k = 0; k < s->n; k++) {
		uint64_t part = share_down(s, s->heap[k].index, &remainder);

		s->heap[k].remainder = (int64_t)part;
		left -= part;
	}
	heap_make(s, later);
	while (s->n) {
		uint64_t part = (uint64_t)s->heap[0].remainder;
		uint32_t i = heap_pop(s, later);
		uint64_t room = cap_of(s, i) - part, more = left < room ? left : room;

		out[i].minor = (int64_t)(part + more);
		left -= more;
	}
}

/* A part gets its share rounded down or up, so it stays below its cap here, too. */
static void settle_carry(struct share *s, struct money *out)
{
	uint64_t weight = 0, given = 0, remainder;

	heap_make(s, earlier);
	while (s->n) {
		uint32_t i = heap_pop(s, earlier);
		uint64_t upto;

		weight += weight_of(s, i);
		upto = wide_div(wide_mul(s->total, weight), s->weight, &remainder);
		out[i].minor = (int64_t)(upto - given);
		given = upto;
	}
}

static void (*const settle_rest[])(struct share *s, struct money *out) = {
	[REMAINDER_LARGEST] = settle_largest,
	[REMAINDER_LAST] = settle_last,
	[REMAINDER_CARRY] = settle_carry,
};

/* Returns what these parts could not take: 0 unless all of them are full. */
static uint64_t settle(struct share *s, struct money *out)
{
	settle_capped(s, out);
	if (!s->n)
		return s->total;
	settle_rest[s->how](s, out);
	return 0;
}

/* What the contract excludes; sums weights, and caps as far as total. Indices of parts that weigh something
 * go to the front of scratch, the others behind. */
static enum err split(struct money total, struct share *weighing, struct share *others)
{
	size_t front = 0, n = others->n, back = n;
	int64_t room = 0, weights = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t weight = weighing->weights[i].minor, cap = weighing->caps[i].minor;

		if ((weight | cap) < 0)
			return ERR_INVALID;
		if (__builtin_add_overflow(weights, weight, &weights))
			return ERR_RANGE;
		if (__builtin_add_overflow(room, cap, &room))
			room = INT64_MAX;
		weighing->capped |= weight > cap;
		weighing->heap[weight ? front++ : --back].index = (uint32_t)i;
	}
	weighing->weight = (uint64_t)weights;
	weighing->n = front;
	others->heap = weighing->heap + front;
	others->n = others->weight = n - front;
	return room < total.minor ? ERR_LIMIT : ERR_OK;
}

enum err money_share(enum remainder r, struct money total, const struct money *weight,
		     const struct money *cap, size_t n, struct share_scratch *scratch, struct money *out)
{
	struct share weighing = {.weights = weight, .caps = cap, .heap = scratch, .how = r};
	struct share others = {
		.weights = weight, .caps = cap, .equal = true, .capped = true, .how = r, .n = n};
	enum err e = total.minor < 0 ? ERR_INVALID : split(total, &weighing, &others);

	if (e)
		return e;
	weighing.total = (uint64_t)total.minor;
	others.total = settle(&weighing, out);
	if (others.n)
		settle(&others, out);
	return ERR_OK;
}

enum err money_allocate(struct money total, const struct money *weight, const struct money *cap, size_t n,
			struct share_scratch *scratch, struct money *out)
{
	return money_share(REMAINDER_LARGEST, total, weight, cap, n, scratch, out);
}
