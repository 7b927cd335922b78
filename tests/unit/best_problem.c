/*
 * Problems and how the engine sees them. See best_problem.h.
 */
#include "best_problem.h"

#include <stdlib.h>
#include <string.h>

int64_t below(uint64_t *seed, uint64_t n)
{
	return (int64_t)(seed_next(seed) % n);
}

void make_good(uint64_t *seed, struct oracle_good *g, int64_t *cost)
{
	g->value = 1 + below(seed, below(seed, 2) ? 8 : 400);
	g->measured = below(seed, 8) == 0;
	g->pieces = g->measured ? 0 : 1 + below(seed, 3);
	*cost = below(seed, 2) ? below(seed, (uint64_t)g->value + 1) : AMOUNT_NONE;
	g->room = g->value;
	if (*cost != AMOUNT_NONE) /* p - cost >= 0.3 p */
		g->room -= (*cost * 10 + 6) / 7;
	if (g->room < 0)
		g->room = 0;
}

void make_offer(uint64_t *seed, struct oracle_offer *f, int goods, int64_t priority)
{
	*f = (struct oracle_offer){
		.kind = (enum offer_kind)below(seed, 4),
		.goods = 1 + (unsigned)below(seed, (UINT64_C(1) << goods) - 1),
		.ppm = PERCENT(below(seed, 2) ? 100 : 1 + below(seed, 100)),
		.amount = 1 + below(seed, 200),
		.buy = 1 + below(seed, 2),
		.get = 1 + below(seed, 2),
		.times = below(seed, 4) ? 0 : 1 + below(seed, 2),
		.priority = priority,
		.group = below(seed, 4) ? 0 : 1 + (int)below(seed, 2),
	};
}

static const char *const letters[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l",
				      "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x"};

static void pose_offer(struct posed *p, const struct oracle *o, int k)
{
	static const struct give kinds[] = {
		[OFFER_PERCENT] = {.kind = GIVE_PERCENT},
		[OFFER_EACH] = {.kind = GIVE_AMOUNT, .per = PER_UNIT},
		[OFFER_GROUPS] = {.kind = GIVE_UNITS},
		[OFFER_ONCE] = {.kind = GIVE_AMOUNT},
	};
	const struct oracle_offer *f = &o->offers[k];
	struct promotion promotion = PROMOTION(letters[k], .stackable = false);
	uint32_t n = 0;

	for (int i = 0; i < o->good_count; i++)
		if (f->goods >> i & 1)
			p->terms[k][n++] = (struct term)TERM(ITEM, (uint32_t)i);
	p->gives[k] = kinds[f->kind];
	p->gives[k].on = (struct selector){.include = p->terms[k], .includes = n};
	p->gives[k].rate.ppm = f->ppm;
	p->gives[k].amount.minor = f->amount;
	p->gives[k].buy = f->buy;
	p->gives[k].get = f->get;
	promotion.gives = &p->gives[k];
	promotion.give_count = 1;
	promotion.priority = f->priority;
	promotion.group = (uint32_t)f->group;
	promotion.times = f->times ? f->times : AMOUNT_NONE;
	mini_promotion(p->m, &promotion);
}

/* Rooms of this policy are large: one for all problems, and the junk in it is what the one before left. */
static void evaluate(struct posed *p, const struct engine_cart *cart)
{
	static void *room;
	static size_t size;
	uint32_t bad_line;

	if (engine_room_size(&p->m->catalog, cart->count) > size) {
		free(room);
		size = engine_room_size(&p->m->catalog, cart->count);
		room = malloc(size);
		assert_non_null(room);
		memset(room, 0xa5, size);
	}
	assert_int_equal(engine_evaluate(&p->m->catalog, cart, room, size, &p->result, &bad_line), ERR_OK);
	assert_adds_up(&p->m->catalog, cart, &p->result);
}

void pose(struct posed *p, const struct oracle *o, const int64_t *cost)
{
	struct engine_cart cart = {p->lines, (uint32_t)o->good_count, {0}};

	p->m = mini_new();
	p->m->catalog.settings.policy = POLICY_BEST_DEAL;
	for (int i = 0; i < o->good_count; i++) {
		struct item *item = mini_item(p->m, letters[i], o->goods[i].value);

		item->cost.minor = cost[i];
		if (o->goods[i].measured)
			item->unit = UNIT_KG;
		p->lines[i] = (struct engine_line)PIECES((uint32_t)i,
							 o->goods[i].measured ? 1 : o->goods[i].pieces);
	}
	for (int k = 0; k < o->offer_count; k++)
		pose_offer(p, o, k);
	mini_finish(p->m);
	evaluate(p, &cart);
}

void check_floors(const struct posed *p, const struct oracle *o)
{
	for (int i = 0; i < o->good_count; i++) {
		const struct oracle_good *g = &o->goods[i];
		int64_t pieces = g->measured ? 1 : g->pieces;

		assert_true(p->result.lines[i].net.minor >= (g->value - g->room) * pieces);
	}
}

bool print_problem(const struct oracle *o)
{
	for (int i = 0; i < o->good_count; i++)
		print_error("good %d: %lld each, room %lld, %lld pieces\n", i, (long long)o->goods[i].value,
			    (long long)o->goods[i].room, (long long)o->goods[i].pieces);
	for (int k = 0; k < o->offer_count; k++) {
		const struct oracle_offer *f = &o->offers[k];

		print_error(
			"offer %s: kind %d on %x, %lld ppm, amount %lld, %lld + %lld, %lld times, priority "
			"%lld, group %d: %lld\n",
			letters[k], (int)f->kind, f->goods, (long long)f->ppm, (long long)f->amount,
			(long long)f->buy, (long long)f->get, (long long)f->times, (long long)f->priority,
			f->group, (long long)o->amounts[k]);
	}
	return true;
}
