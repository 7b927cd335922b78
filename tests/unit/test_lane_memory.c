/*
 * The way of a scan allocates nothing: from the scanned text to the line that is told, in a cart that has
 * room, with malloc and its like counted (linked with --wrap).
 */
#include "mini_shop.h"

#include <string.h>

/* The linker gives these names their meaning. NOLINTBEGIN(cert-dcl51-cpp,cert-dcl37-c) */
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

/* NOLINTEND(cert-dcl51-cpp,cert-dcl37-c) */

/* Of the loop's thread: the workers do as they like. */
static _Thread_local unsigned allocations;

void *__wrap_malloc(size_t n)
{
	allocations++;
	return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	allocations++;
	return __real_realloc(p, n);
}

struct display {
	struct buf out;
	unsigned lines;
};

static void show(const struct lane_news *news, void *arg)
{
	struct display *d = arg;
	struct jsonw w;

	if (news->event != LANE_LINE)
		return;
	buf_cut(&d->out, 0);
	jsonw_begin(&w, &d->out);
	jsonw_object(&w, NULL);
	lane_line_json(news->lane, news->line, &w);
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	d->lines++;
}

static void a_scan_allocates_nothing(void **state)
{
	static const char *const codes[] = {"4006381333931", "4000417025005", "]E02212345003990",
					    "2312345012500", "4000417025005", "01234770"};
	static struct mini_shop m;
	struct display display = {0};
	struct lane *l;
	unsigned before;

	(void)state;
	mini_shop_start(&m, mini_book);
	buf_init(&display.out, 1 << 16);
	shop_listen(m.shop, show, &display);
	l = shop_lane(m.shop, "1");
	before = allocations;
	for (size_t i = 0; i < 2 * COUNT(codes); i++)
		lane_device_scan(l, codes[i % COUNT(codes)], strlen(codes[i % COUNT(codes)]));
	assert_true(allocations > before); /* the cart's own: counting works */
	before = allocations;
	for (size_t i = 0; i < COUNT(codes); i++)
		lane_device_scan(l, codes[i], strlen(codes[i]));
	assert_int_equal(allocations - before, 0);
	assert_int_equal(display.lines, 3 * COUNT(codes));
	buf_free(&display.out);
	mini_shop_stop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scan_allocates_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
