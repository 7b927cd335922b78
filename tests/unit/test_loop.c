/*
 * The loop: descriptors, timers on a clock turned by hand, signals, wake-ups from a thread, and the cases in
 * which handlers pull the rug from under each other.
 */
#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "loop.h"

struct fixture {
	struct clock_manual clock;
	struct loop *loop;
	int pipes[4][2];
	char told[64]; /* one letter for each thing that happened */
};

static struct fixture f;

static int set_up(void **state)
{
	f = (struct fixture){.told = ""};
	clock_manual_init(&f.clock, 1795255200000);
	assert_int_equal(loop_new(&f.clock.clock, &f.loop), ERR_OK);
	for (size_t i = 0; i < COUNT(f.pipes); i++)
		assert_int_equal(pipe(f.pipes[i]), 0);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	loop_free(f.loop);
	for (size_t i = 0; i < COUNT(f.pipes); i++) {
		close(f.pipes[i][0]);
		close(f.pipes[i][1]);
	}
	return 0;
}

static void tell(const char *what)
{
	text_add(f.told, sizeof(f.told), what);
}

/* What was told since the last time. */
static void assert_told(const char *expected)
{
	assert_string_equal(f.told, expected);
	f.told[0] = '\0';
}

static void on_anything(void *arg)
{
	tell(arg);
}

static void on_fd(int fd, unsigned events, void *arg)
{
	char byte;

	tell(arg);
	if (events & LOOP_READ && read(fd, &byte, 1) == 1)
		tell("r");
	if (events & LOOP_WRITE)
		tell("w");
	if (events & LOOP_HANGUP)
		tell("h");
}

static void poke(int i)
{
	assert_int_equal(write(f.pipes[i][1], "x", 1), 1);
}

static char name_a[] = "A", name_b[] = "B", name_c[] = "C", name_d[] = "D";

static void descriptors(void **state)
{
	(void)state;
	assert_int_equal(loop_watch(f.loop, f.pipes[0][0], LOOP_READ, on_fd, name_a), ERR_OK);
	loop_turn(f.loop, 0);
	assert_told("");
	poke(0);
	loop_turn(f.loop, 0);
	assert_told("Ar");
	assert_int_equal(loop_watch(f.loop, f.pipes[0][1], LOOP_WRITE, on_fd, name_b), ERR_OK);
	loop_turn(f.loop, 0);
	assert_told("Bw");
	assert_int_equal(loop_watch(f.loop, f.pipes[0][1], 0, on_fd, name_b),
			 ERR_OK); /* no interest for now */
	loop_turn(f.loop, 0);
	assert_told("");
	assert_int_equal(loop_watch(f.loop, f.pipes[0][0], LOOP_READ, on_fd, name_c),
			 ERR_OK); /* other handler */
	poke(0);
	loop_turn(f.loop, 0);
	assert_told("Cr");
	loop_unwatch(f.loop, f.pipes[0][1]);
	close(f.pipes[0][1]);
	f.pipes[0][1] = -1;
	loop_turn(f.loop, 0);
	assert_told("Ch");
	loop_unwatch(f.loop, f.pipes[0][0]);
	loop_turn(f.loop, 0);
	assert_told("");
}

/* Those that are to wait do, whoever was ready first; and one of them may be the other kind from now on. */
static void the_last_wait_for_all_others(void **state)
{
	(void)state;
	assert_int_equal(loop_watch(f.loop, f.pipes[0][0], LOOP_READ | LOOP_LAST, on_fd, name_a), ERR_OK);
	assert_int_equal(loop_watch(f.loop, f.pipes[1][0], LOOP_READ, on_fd, name_b), ERR_OK);
	poke(0);
	poke(1);
	loop_turn(f.loop, 0);
	assert_told("BrAr");
	assert_int_equal(loop_watch(f.loop, f.pipes[0][0], LOOP_READ, on_fd, name_a), ERR_OK);
	assert_int_equal(loop_watch(f.loop, f.pipes[1][0], LOOP_READ | LOOP_LAST, on_fd, name_b), ERR_OK);
	poke(1);
	poke(0);
	loop_turn(f.loop, 0);
	assert_told("ArBr");
	close(f.pipes[1][1]);
	f.pipes[1][1] = -1;
	loop_turn(f.loop, 0);
	assert_told("Bh");
	loop_unwatch(f.loop, f.pipes[1][0]);
	loop_turn(f.loop, 0);
	assert_told("");
}

/* It stays ready. */
static void on_fd_counted(int fd, unsigned events, void *arg)
{
	unsigned *count = arg;

	(void)fd;
	(void)events;
	++*count;
}

static void the_last_take_turns(void **state)
{
	enum { MANY = LOOP_LAST_A_TURN * 3 / 2 };
	unsigned counts[MANY] = {0};
	int fds[MANY];

	(void)state;
	poke(0);
	for (int i = 0; i < MANY; i++) {
		fds[i] = dup(f.pipes[0][0]);
		assert_int_equal(loop_watch(f.loop, fds[i], LOOP_READ | LOOP_LAST, on_fd_counted, &counts[i]),
				 ERR_OK);
	}
	assert_int_equal(loop_watch(f.loop, f.pipes[1][0], LOOP_READ, on_fd, name_b), ERR_OK);
	for (unsigned turn = 1; turn <= 3; turn++) {
		unsigned total = 0;

		poke(1);
		loop_turn(f.loop, 0);
		assert_told("Br");
		for (int i = 0; i < MANY; i++)
			total += counts[i];
		assert_int_equal(total, turn * LOOP_LAST_A_TURN);
	}
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(counts[i], 2);
		loop_unwatch(f.loop, fds[i]);
		close(fds[i]);
	}
}

static void descriptors_refused(void **state)
{
	(void)state;
	assert_int_equal(loop_watch(f.loop, -1, LOOP_READ, on_fd, name_a), ERR_INVALID);
	assert_int_equal(loop_watch(f.loop, 9999, LOOP_READ, on_fd, name_a), ERR_IO);
	loop_unwatch(f.loop, -1);
	loop_unwatch(f.loop, 9999);
	loop_unwatch(f.loop, 123456);
	loop_turn(f.loop, 0);
}

/* Closes the other pipe and opens a new one, which gets its numbers, and watches that. */
static void on_fd_replace(int fd, unsigned events, void *arg)
{
	int other = fd == f.pipes[0][0] ? 1 : 0;
	int was = f.pipes[other][0];

	(void)events;
	(void)arg;
	loop_unwatch(f.loop, fd);
	loop_unwatch(f.loop, was);
	close(f.pipes[other][0]);
	close(f.pipes[other][1]);
	assert_int_equal(pipe(f.pipes[other]), 0);
	assert_int_equal(f.pipes[other][0], was);
	assert_int_equal(loop_watch(f.loop, was, LOOP_READ, on_fd, name_d), ERR_OK);
	tell("replaced");
}

static void an_event_of_a_closed_descriptor_reaches_nobody(void **state)
{
	(void)state;
	assert_int_equal(loop_watch(f.loop, f.pipes[0][0], LOOP_READ, on_fd_replace, NULL), ERR_OK);
	assert_int_equal(loop_watch(f.loop, f.pipes[1][0], LOOP_READ, on_fd_replace, NULL), ERR_OK);
	poke(0);
	poke(1);
	loop_turn(f.loop, 0); /* both are ready: one replaces the other, whose event is in the same batch */
	assert_told("replaced");
	loop_turn(f.loop, 0);
	assert_told("");
}

/* Loses interest in both, whichever comes first. */
static void on_fd_satisfied(int fd, unsigned events, void *arg)
{
	(void)fd;
	(void)events;
	tell(arg);
	assert_int_equal(loop_watch(f.loop, f.pipes[0][0], 0, on_fd_satisfied, name_a), ERR_OK);
	assert_int_equal(loop_watch(f.loop, f.pipes[1][0], 0, on_fd_satisfied, name_a), ERR_OK);
}

static void an_event_nobody_waits_for_any_more_is_dropped(void **state)
{
	(void)state;
	assert_int_equal(loop_watch(f.loop, f.pipes[0][0], LOOP_READ, on_fd_satisfied, name_a), ERR_OK);
	assert_int_equal(loop_watch(f.loop, f.pipes[1][0], LOOP_READ, on_fd_satisfied, name_a), ERR_OK);
	poke(0);
	poke(1);
	loop_turn(f.loop, 0);
	loop_turn(f.loop, 0);
	assert_told("A");
}

static void a_descriptor_closed_while_watched_can_be_watched_again(void **state)
{
	int was = f.pipes[0][0];

	(void)state;
	assert_int_equal(loop_watch(f.loop, was, LOOP_READ, on_fd, name_a), ERR_OK);
	close(f.pipes[0][0]);
	close(f.pipes[0][1]);
	assert_int_equal(pipe(f.pipes[0]), 0);
	assert_int_equal(f.pipes[0][0], was);
	assert_int_equal(loop_watch(f.loop, was, LOOP_READ, on_fd, name_b), ERR_OK);
	poke(0);
	loop_turn(f.loop, 0);
	assert_told("Br");
}

static void timers_run_in_order_and_once(void **state)
{
	struct loop_timer *a, *b, *c;

	(void)state;
	assert_int_equal(loop_timer_new(f.loop, on_anything, name_a, &a), ERR_OK);
	assert_int_equal(loop_timer_new(f.loop, on_anything, name_b, &b), ERR_OK);
	assert_int_equal(loop_timer_new(f.loop, on_anything, name_c, &c), ERR_OK);
	loop_timer_set(a, 30);
	loop_timer_set(b, 10);
	loop_timer_set(c, 10); /* set later than b: runs later */
	loop_turn(f.loop, 0);
	assert_told("");
	clock_manual_advance_ms(&f.clock, 9);
	loop_turn(f.loop, 0);
	assert_told("");
	clock_manual_advance_ms(&f.clock, 1);
	loop_turn(f.loop, 0);
	assert_told("BC");
	loop_timer_set(a, 30); /* moved: now due at 40 */
	loop_timer_set(b, 35);
	loop_timer_stop(b);
	loop_timer_stop(b);
	clock_manual_advance_ms(&f.clock, 29);
	loop_turn(f.loop, 0);
	assert_told("");
	clock_manual_advance_ms(&f.clock, 100);
	loop_turn(f.loop, 0);
	assert_told("A");
	loop_turn(f.loop, 0);
	assert_told("");
	loop_timer_free(a);
	loop_timer_free(b);
	loop_timer_set(c, -5);
	loop_turn(f.loop, 0);
	assert_told("C");
	loop_timer_free(c);
	loop_timer_free(NULL);
}

static struct loop_timer *again, *victim;

static void on_again(void *arg)
{
	tell(arg);
	loop_timer_set(again, 0);
}

static void on_free(void *arg)
{
	tell(arg);
	loop_timer_free(victim);
	loop_timer_free(again);
	again = victim = NULL;
}

static void handlers_may_set_and_free_timers(void **state)
{
	(void)state;
	assert_int_equal(loop_timer_new(f.loop, on_again, name_a, &again), ERR_OK);
	loop_timer_set(again, 0);
	loop_turn(f.loop, 0);
	assert_told("A"); /* and not for ever */
	loop_turn(f.loop, 0);
	assert_told("A");
	loop_timer_free(again);
	assert_int_equal(loop_timer_new(f.loop, on_free, name_b, &again), ERR_OK);
	assert_int_equal(loop_timer_new(f.loop, on_anything, name_c, &victim), ERR_OK);
	loop_timer_set(again, 0);
	loop_timer_set(victim, 0);
	loop_turn(f.loop, 0);
	assert_told("B"); /* freed itself and C before C's turn */
}

#define MANY 200

static int64_t due[MANY], last_due;
static int runs;

static void on_many(void *arg)
{
	const int64_t *mine = arg;

	assert_true(*mine >= last_due);
	assert_true(*mine * 1000 <= f.clock.monotonic_us);
	last_due = *mine;
	runs++;
}

static void many_timers_at_random(void **state)
{
	uint64_t s = seed_start("loop");
	struct loop_timer *timers[MANY];
	int expected = 0;

	(void)state;
	last_due = runs = 0;
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(loop_timer_new(f.loop, on_many, &due[i], &timers[i]), ERR_OK);
	for (int i = 0; i < 3 * MANY; i++) {
		size_t k = seed_next(&s) % MANY;

		due[k] = (int64_t)(seed_next(&s) % 1000);
		loop_timer_set(timers[k], due[k]);
		if (i % 5 == 0)
			loop_timer_stop(timers[seed_next(&s) % MANY]);
	}
	for (size_t i = 0; i < MANY; i++) { /* all set in the end */
		loop_timer_set(timers[i], due[i]);
		expected++;
	}
	for (int ms = 0; ms < 1000; ms += 50) {
		loop_turn(f.loop, 0);
		clock_manual_advance_ms(&f.clock, 50);
	}
	loop_turn(f.loop, 0);
	assert_int_equal(runs, expected);
	for (size_t i = 0; i < MANY; i++)
		loop_timer_free(timers[i]);
}

static void hooks_run_before_waiting(void **state)
{
	(void)state;
	for (int i = 0; i < LOOP_HOOKS_MAX; i++)
		assert_int_equal(loop_before_sleep(f.loop, on_anything, i % 2 ? name_b : name_a), ERR_OK);
	assert_int_equal(loop_before_sleep(f.loop, on_anything, name_c), ERR_LIMIT);
	loop_turn(f.loop, 0);
	assert_told("ABABABAB"); /* before the first wait, and after it */
	assert_int_equal(loop_watch(f.loop, f.pipes[0][0], LOOP_READ, on_fd, name_c), ERR_OK);
	poke(0);
	loop_turn(f.loop, 0);
	assert_told("CrABAB");
}

static void on_stop(void *arg)
{
	(void)arg;
	tell("stop");
	loop_stop(f.loop);
}

static void it_runs_until_it_is_stopped(void **state)
{
	struct loop_timer *t;
	struct loop *l;

	(void)state;
	assert_int_equal(loop_new(&clock_system, &l), ERR_OK); /* really waits 20 ms */
	assert_ptr_equal(loop_clock(l), &clock_system);
	loop_free(f.loop);
	f.loop = l;
	assert_int_equal(loop_timer_new(l, on_stop, NULL, &t), ERR_OK);
	for (int i = 0; i < 2; i++) {
		int64_t began = clock_monotonic_us(&clock_system);

		loop_timer_set(t, 20);
		loop_run(l);
		assert_told("stop");
		assert_true(clock_monotonic_us(&clock_system) - began >= 20000);
	}
	loop_timer_free(t);
}

static void on_signal(int signo, void *arg)
{
	tell(arg);
	tell(signo == SIGUSR1 ? "1" : "2");
}

static void signals(void **state)
{
	(void)state;
	assert_int_equal(loop_signal(f.loop, SIGUSR1, on_signal, name_a), ERR_OK);
	assert_int_equal(loop_signal(f.loop, SIGUSR2, on_signal, name_b), ERR_OK);
	assert_int_equal(loop_signal(f.loop, -1, on_signal, name_b), ERR_INVALID);
	assert_int_equal(loop_signal(f.loop, 9999, on_signal, name_b), ERR_INVALID);
	kill(getpid(), SIGUSR1);
	loop_turn(f.loop, 0);
	assert_told("A1");
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR1);
	loop_turn(f.loop, 0);
	assert_told("A1B2"); /* the lower number is delivered first */
}

#define CALLS 1000

static void *wake_often(void *arg)
{
	for (int i = 0; i < CALLS; i++)
		loop_wake_up(arg);
	return NULL;
}

static int woken;

static void on_wake(void *arg)
{
	(void)arg;
	woken++;
}

static void a_thread_wakes_the_loop(void **state)
{
	struct loop_wake *w;
	pthread_t thread;

	(void)state;
	woken = 0;
	assert_int_equal(loop_wake_new(f.loop, on_wake, NULL, &w), ERR_OK);
	loop_turn(f.loop, 0);
	assert_int_equal(woken, 0);
	assert_int_equal(pthread_create(&thread, NULL, wake_often, w), 0);
	loop_turn(f.loop, -1);
	assert_int_equal(woken, 1);
	pthread_join(thread, NULL);
	loop_turn(f.loop, 0);
	loop_turn(f.loop, 0);
	assert_true(woken >= 1 && woken <= 3);
	woken = 0;
	loop_wake_up(w);
	loop_wake_up(w);
	loop_turn(f.loop, 0);
	loop_turn(f.loop, 0);
	assert_int_equal(woken, 1); /* two calls, one run */
	loop_wake_free(w);
	loop_wake_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(descriptors),
		TEST(the_last_wait_for_all_others),
		TEST(the_last_take_turns),
		TEST(descriptors_refused),
		TEST(an_event_of_a_closed_descriptor_reaches_nobody),
		TEST(an_event_nobody_waits_for_any_more_is_dropped),
		TEST(a_descriptor_closed_while_watched_can_be_watched_again),
		TEST(timers_run_in_order_and_once),
		TEST(handlers_may_set_and_free_timers),
		TEST(many_timers_at_random),
		TEST(hooks_run_before_waiting),
		TEST(it_runs_until_it_is_stopped),
		TEST(signals),
		TEST(a_thread_wakes_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
