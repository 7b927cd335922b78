/*
 * Waiting awake: until it has happened, or its time is over.
 */
#include "unit.h"

#include <pthread.h>

#include "awake.h"

static void what_has_happened_is_not_waited_for(void **state)
{
	static const atomic_bool over = false;

	(void)state;
	assert_true(awake_wait(&over, 0));
	assert_true(awake_wait(&over, INT64_C(3600) * 1000000));
}

static void what_does_not_happen_ends_with_its_time(void **state)
{
	static const atomic_bool pending = true;
	int64_t began = awake_now_us();

	(void)state;
	assert_false(awake_wait(&pending, 0));
	assert_false(awake_wait(&pending, 500));
	assert_true(awake_now_us() - began >= 500);
}

static void *clear(void *arg)
{
	atomic_store((atomic_bool *)arg, false);
	return NULL;
}

static void another_thread_ends_it(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		atomic_bool pending = true;
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, clear, &pending), 0);
		assert_true(awake_wait(&pending, INT64_C(3600) * 1000000));
		pthread_join(thread, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_happened_is_not_waited_for),
		cmocka_unit_test(what_does_not_happen_ends_with_its_time),
		cmocka_unit_test(another_thread_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
