/*
 * What a memo keeps of a cart is used again only where nothing that it depends on has changed: from each
 * state of a shop's cart to each other one, with a memo that saw the first, comes what comes without.
 */
#include "mini_catalog.h"

#include <stdlib.h>
#include <string.h>

enum { ALE, BUN };
enum { MEMBER = 1, VIP };
enum { STORE_A, STORE_B };
enum { TILL, WEB };
enum { SAVE = 1 }; /* the second promotion */

static const struct promotion promotions[] = {
	PROMOTION("old", GIVES(PERCENT_OFF(10, ONLY(TERM(ITEM, BUN))))),
	PROMOTION("save", GIVES(PERCENT_OFF(50, ALL)), .coupon = true),
};

/* Lists: dawn (a window), members, web, store b, everyone. */
static struct mini *shop(void)
{
	static const uint32_t members[] = {MEMBER, VIP}, web[] = {WEB}, b[] = {STORE_B};
	struct mini *m = mini_new();

	m->lists[0].window = (struct window){{.seconds = 1000}, {.seconds = 1999}};
	mini_list(m, "members")->segments = (struct ids){members, 2};
	mini_list(m, "web")->channels = (struct ids){web, 1};
	mini_list(m, "b")->stores = (struct ids){b, 1};
	mini_list(m, "everyone");
	mini_item(m, "ALE", 500);
	mini_price(m, 1, 600);
	mini_price(m, 2, 700);
	mini_price(m, 3, 800);
	mini_price(m, 4, 900);
	mini_item(m, "BUN", AMOUNT_NONE);
	mini_price(m, 4, 200);
	mini_promotion(m, &promotions[0]);
	mini_promotion(m, &promotions[1]);
	mini_finish(m);
	return m;
}

#define GUEST(...)                                             \
	{                                                      \
		.store = STORE_A, .channel = TILL, __VA_ARGS__ \
	}
#define SEGMENT(id) .segments = {(const uint32_t[]){id}, 1}

static const struct state {
	struct engine_line lines[3];
	struct engine_context context;
	const char *nets; /* worked by hand: 10 % off buns, half off all by coupon */
} states[] = {
	{{PIECES(ALE, 1), PIECES(BUN, 1)}, GUEST(), "900 180"},
	{{PIECES(ALE, 1), PIECES(BUN, 2)}, GUEST(), "900 360"},
	{{PIECES(ALE, 2), PIECES(BUN, 1)}, GUEST(), "1800 180"},
	{{PIECES(ALE, 1)}, GUEST(), "900"},
	{{PIECES(BUN, 1)}, GUEST(), "180"},
	{{PIECES(BUN, 1), PIECES(ALE, 1)}, GUEST(), "180 900"},
	{{PIECES(ALE, 1), PIECES(BUN, 1), PIECES(ALE, 1)}, GUEST(), "900 180 900"},
	{{PRICED(ALE, 1, 850), PIECES(BUN, 1)}, GUEST(), "850 180"},
	{{LOCKED(ALE, 1, 880), PIECES(BUN, 1)}, GUEST(), "880 180"},
	{{LOCKED(ALE, 1, 870), PIECES(BUN, 1)}, GUEST(), "870 180"},
	{{PIECES(ALE, 1), PIECES(BUN, 1)}, {.store = STORE_B, .channel = TILL}, "800 180"},
	{{PIECES(ALE, 1), PIECES(BUN, 1)}, {.store = STORE_A, .channel = WEB}, "700 180"},
	{{PIECES(ALE, 1), PIECES(BUN, 1)}, GUEST(.now_s = 1000), "500 180"},
	{{PIECES(ALE, 1), PIECES(BUN, 1)}, GUEST(.now_s = 1999), "500 180"},
	{{PIECES(ALE, 1), PIECES(BUN, 1)}, GUEST(SEGMENT(MEMBER)), "600 180"},
	{{PIECES(ALE, 1), PIECES(BUN, 1)}, GUEST(SEGMENT(VIP)), "600 180"},
	{{PIECES(ALE, 1), PIECES(BUN, 1)},
	 GUEST(SEGMENT(VIP), .coupons = {(const uint32_t[]){SAVE}, 1}),
	 "300 90"},
	{{PIECES(ALE, 1), PIECES(BUN, 1)}, GUEST(.coupons = {(const uint32_t[]){SAVE}, 1}), "450 90"},
};

static void evaluate(struct mini *m, const struct state *s, struct engine_memo *memo, void *room)
{
	struct engine_cart cart = {s->lines, lines_count(s->lines, COUNT(s->lines)), s->context};
	struct engine_result r;
	char nets[TEXT_MAX];
	uint32_t bad_line;

	assert_int_equal(engine_evaluate_next(&m->catalog, &cart, memo, room,
					      engine_room_size(&m->catalog, COUNT(s->lines)), &r, &bad_line),
			 ERR_OK);
	assert_adds_up(&m->catalog, &cart, &r);
	assert_string_equal(nets_text(&r, nets), s->nets);
}

static void from_each_to_each(void **state)
{
	struct mini *m = shop();
	uint32_t most = COUNT(states[0].lines);
	void *memory = malloc(engine_memo_size(&m->catalog, most));
	void *room = malloc(engine_room_size(&m->catalog, most));

	(void)state;
	assert_true(memory && room);
	for (size_t i = 0; i < COUNT(states); i++) {
		for (size_t k = 0; k < COUNT(states); k++) {
			struct engine_memo *memo =
				engine_memo_make(memory, &m->catalog, COUNT(states[0].lines));

			print_message("%zu to %zu\n", i, k);
			evaluate(m, &states[i], memo, room);
			evaluate(m, &states[k], memo, room);
			evaluate(m, &states[i], memo, room);
		}
	}
	free(memory);
	free(room);
	mini_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(from_each_to_each)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
