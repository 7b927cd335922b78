/*
 * A subscriber that only reads lines: it keeps each line by its number and each promotion by its id, takes in
 * what each line says, and so has the cart, to the last amount.
 */
#include "mini_walk.h"

#include <stdlib.h>
#include <string.h>

#define APPLE "2000000000015"
#define BREAD "2000000000022"
#define CIDER "2000000000039"

/* A free piece of three, an amount shared over all lines, a break by quantity, and a coupon. */
static const char book[] =
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\",\"tax\":\"inclusive\"}\n"
	"{\"type\":\"tax\",\"id\":\"food\",\"rate\":\"7\"}\n"
	"{\"type\":\"price_list\",\"id\":\"base\",\"rank\":0}\n"
	"{\"type\":\"item\",\"sku\":\"A\",\"name\":\"Apple\",\"gtins\":[\"" APPLE "\"],\"tax\":\"food\"}\n"
	"{\"type\":\"item\",\"sku\":\"B\",\"name\":\"Bread\",\"gtins\":[\"" BREAD "\"],\"tax\":\"food\"}\n"
	"{\"type\":\"item\",\"sku\":\"C\",\"name\":\"Cider\",\"gtins\":[\"" CIDER "\"],\"tax\":\"food\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"A\",\"price\":\"1.00\","
	"\"breaks\":[{\"from\":\"4\",\"price\":\"0.90\"}]}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"B\",\"price\":\"3.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"C\",\"price\":\"2.50\"}\n"
	"{\"type\":\"promotion\",\"id\":\"THREE\",\"name\":\"Three for two\","
	"\"gives\":[{\"kind\":\"units\",\"select\":{\"skus\":[\"B\",\"C\"]},\"buy\":2,\"get\":1,"
	"\"percent\":\"100\"}]}\n"
	"{\"type\":\"promotion\",\"id\":\"TEN\",\"name\":\"One off ten\","
	"\"needs\":[{\"amount\":\"10.00\"}],\"gives\":[{\"kind\":\"amount\",\"amount\":\"1.00\"}]}\n"
	"{\"type\":\"promotion\",\"id\":\"FIVE\",\"name\":\"Five per cent\",\"coupon\":true,"
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"5\"}]}\n"
	"{\"type\":\"coupon\",\"code\":\"FIVE\",\"promotion\":\"FIVE\"}\n";

static uint32_t line_told;

static void line_members(struct lane *l, struct jsonw *w)
{
	lane_line_json(l, line_told, w);
}

/* What the subscriber keeps: "unit_price", "list" and "net" a line, an amount a promotion, the totals. */
struct known {
	json_t *lines, *applied, *totals;
	unsigned changes, drops; /* of other lines; of promotions: told so far */
};

static void copy_members(json_t *to, const json_t *from)
{
	static const char *const names[] = {"unit_price", "list", "net"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (json_object_get(from, names[i]))
			json_object_set(to, names[i], json_object_get(from, names[i]));
}

static void take_promotions(struct known *k, const json_t *applied)
{
	const json_t *one;
	size_t i;

	json_array_foreach (applied, i, one) {
		json_object_set(k->applied, json_path(one, "promotion"), json_object_get(one, "amount"));
	}
}

/* A whole cart: it begins anew with that. */
static void take_cart(struct known *k, const json_t *cart)
{
	const json_t *line;
	size_t i;

	json_array_clear(k->lines);
	json_object_clear(k->applied);
	json_array_foreach (json_object_get(cart, "lines"), i, line) {
		json_array_append_new(k->lines, json_object());
		copy_members(json_array_get(k->lines, i), line);
	}
	take_promotions(k, json_object_get(cart, "applied"));
	if (json_object_get(cart, "totals"))
		json_object_update(k->totals, json_object_get(cart, "totals"));
}

static void take_line(struct known *k, const json_t *line)
{
	const json_t *changed = json_object_get(line, "changed"), *one;
	size_t at = (size_t)json_integer_value(json_object_get(line, "line")) - 1, i;

	if (at == json_array_size(k->lines))
		json_array_append_new(k->lines, json_object());
	copy_members(json_array_get(k->lines, at), line);
	json_array_foreach (json_object_get(changed, "lines"), i, one) {
		at = (size_t)json_integer_value(json_object_get(one, "line")) - 1;
		assert_true(json_object_size(one) > 1); /* nothing is told that did not change */
		copy_members(json_array_get(k->lines, at), one);
		k->changes++;
	}
	take_promotions(k, json_object_get(changed, "applied"));
	json_array_foreach (json_object_get(changed, "dropped"), i, one) {
		assert_int_equal(json_object_del(k->applied, json_string_value(one)), 0);
		k->drops++;
	}
	json_object_update(k->totals, json_object_get(line, "totals"));
}

static void check_same(const struct known *k, const struct known *cart, const char *after)
{
	if (!json_equal(k->lines, cart->lines) || !json_equal(k->applied, cart->applied) ||
	    !json_equal(k->totals, cart->totals))
		fail_msg("after %s:\n%s%s\nnot\n%s%s", after, json_dumps(k->lines, 0),
			 json_dumps(k->applied, 0), json_dumps(cart->lines, 0), json_dumps(cart->applied, 0));
}

static struct known known_new(void)
{
	return (struct known){.lines = json_array(), .applied = json_object(), .totals = json_object()};
}

static void known_free(struct known *k)
{
	json_decref(k->lines);
	json_decref(k->applied);
	json_decref(k->totals);
}

/* A command, and what the subscriber makes of it: of one that tells no line, the cart. */
static void follow(struct mini_shop *m, struct known *k, const char *command)
{
	struct answer a = mini_shop_do(m, command);
	bool is_line = !strncmp(command, "scan", 4) || !strncmp(command, "qty", 3);
	struct known whole = known_new();
	json_t *cart = mini_shop_json(m->lane, lane_cart_json), *line;

	line_told = a.line;
	line = mini_shop_json(m->lane, line_members);
	if (!a.refusal && is_line)
		take_line(k, line);
	else if (!a.refusal)
		take_cart(k, cart);
	take_cart(&whole, cart);
	check_same(k, &whole, command);
	known_free(&whole);
	json_decref(cart);
	json_decref(line);
}

static void lines_alone_make_the_cart(void **state)
{
	static const char *const commands[] = {
		"scan " BREAD,
		"scan " CIDER,
		"scan " CIDER, /* THREE comes: a cider is free */
		"scan ]C101"
		"0" APPLE "17261130", /* an apple that keeps till the 30th */
		"scan " APPLE " 2",   /* another line of apples */
		"scan " APPLE,	      /* four in all: both lines by the break */
		"scan " BREAD " 3",   /* TEN comes, on each line a share of it */
		"scan 2000000000016", /* refused: a check digit */
		"scan " CIDER,	      /* shares move */
		"qty 9 1",	      /* refused: no such line */
		"qty 1 1",
		"qty 2 1",     /* TEN drops, and THREE */
		"coupon FIVE", /* a cart */
		"scan " BREAD " 4",
		"qty 2 1",
		"void 3", /* a cart again, with other numbers */
		"scan " BREAD,
		"qty 3 1", /* the apples' break is over */
	};
	static struct mini_shop m;
	struct known k = known_new();

	(void)state;
	mini_shop_start(&m, book);
	for (size_t i = 0; i < COUNT(commands); i++)
		follow(&m, &k, commands[i]);
	assert_true(k.changes > 5 && k.drops > 0);
	known_free(&k);
	mini_shop_stop(&m);
}

/* Any order of scans and quantities. */
static void lines_alone_make_any_cart(void **state)
{
	static const char *const codes[] = {APPLE, BREAD, CIDER,
					    "]C101"
					    "0" APPLE "17261130"};
	uint64_t random = 952;
	static struct mini_shop m;
	struct known k = known_new();
	char command[64];

	(void)state;
	mini_shop_start(&m, book);
	for (int i = 0; i < 200; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
		unsigned r = (unsigned)(random >> 40);

		if (r % 3)
			snprintf(command, sizeof(command), "scan %s %u", codes[r / 3 % COUNT(codes)],
				 r / 64 % 3 + 1);
		else
			snprintf(command, sizeof(command), "qty %u %u", r / 3 % 4 + 1, r / 64 % 5 + 1);
		follow(&m, &k, command);
	}
	assert_true(k.changes > 50 && k.drops > 0);
	known_free(&k);
	mini_shop_stop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_alone_make_the_cart),
		cmocka_unit_test(lines_alone_make_any_cart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
