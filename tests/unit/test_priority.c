/*
 * Priorities are a thread's own: whoever steps back leaves the others where they are.
 */
#include "unit.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "priority.h"

static int nice_now(void)
{
	return getpriority(PRIO_PROCESS, (id_t)gettid());
}

static void *step_back(void *arg)
{
	priority_behind();
	*(int *)arg = nice_now();
	return NULL;
}

static void a_thread_steps_back_alone(void **state)
{
	int before = nice_now(), behind = -1;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, step_back, &behind), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(behind, before > 10 ? before : 10);
	assert_int_equal(nice_now(), before);
}

/* It asks for shorter turns, not for more of them. */
static void prompt_is_not_first(void **state)
{
	int before = nice_now();

	(void)state;
	priority_prompt();
	assert_int_equal(nice_now(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_steps_back_alone),
		cmocka_unit_test(prompt_is_not_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
