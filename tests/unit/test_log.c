/*
 * Log lines as they arrive on stderr, and the limit on a repeating one. Each program under test is a child.
 */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

static char heard[8192];

/* Runs fn with stderr going into a pipe, and returns its exit status. */
static int listen_to(void (*fn)(void))
{
	size_t n = 0;
	int ends[2], status;
	ssize_t got;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		fn();
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], heard + n, sizeof(heard) - 1 - n)) > 0)
		n += (size_t)got;
	heard[n] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void say_all(void)
{
	log_open("tilld", LOG_DEBUG);
	errno = ENOENT;
	log_warn("cannot open %s", "x");
	log_warnx("lane %d is down", 1);
	log_error("disk full");
	log_info("ready");
	log_debug("tick");
	log_info("two\nlines\x7f\x1b[0m");
}

static void say_important(void)
{
	log_open("tilld", LOG_WARN);
	log_info("ready");
	log_warnx("lane down");
}

static void say_much(void)
{
	char text[2 * LOG_LINE_MAX];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_open("tilld", LOG_INFO);
	log_info("%s", text);
}

static void give_up(void)
{
	log_open("tilld", LOG_ERROR);
	fatal("no lane in %s", "tilld.conf");
}

static void lines(void **state)
{
	(void)state;
	assert_int_equal(listen_to(say_all), 0);
	assert_string_equal(heard, "<4>tilld: cannot open x: No such file or directory\n"
				   "<4>tilld: lane 1 is down\n"
				   "<3>tilld: disk full\n"
				   "<6>tilld: ready\n"
				   "<7>tilld: tick\n"
				   "<6>tilld: two?lines??[0m\n");
}

static void the_level_holds(void **state)
{
	(void)state;
	assert_int_equal(listen_to(say_important), 0);
	assert_string_equal(heard, "<4>tilld: lane down\n");
}

static void long_lines_are_marked(void **state)
{
	(void)state;
	assert_int_equal(listen_to(say_much), 0);
	assert_true(strlen(heard) <= LOG_LINE_MAX);
	assert_true(strlen(heard) > LOG_LINE_MAX - 8);
	assert_string_equal(heard + strlen(heard) - 5, "x...\n");
}

static void fatal_exits(void **state)
{
	(void)state;
	assert_int_equal(listen_to(give_up), 1);
	assert_string_equal(heard, "<3>tilld: no lane in tilld.conf\n");
}

static void level_names(void **state)
{
	enum log_level level = LOG_ERROR;

	(void)state;
	assert_int_equal(log_level_named("debug", &level), ERR_OK);
	assert_int_equal(level, LOG_DEBUG);
	assert_int_equal(log_level_named("loud", &level), ERR_NOT_FOUND);
	assert_int_equal(level, LOG_DEBUG);
}

static void repeating_messages_are_counted(void **state)
{
	static const struct {
		int64_t now_ms;
		bool pass;
		uint32_t skipped;
	} rows[] = {
		/* three at once, then one a second; quiet for a second, then three again */
		{50000, true, 0}, {50000, true, 0},  {50100, true, 0}, {50200, false, 0}, {50999, false, 0},
		{51000, true, 2}, {51500, false, 0}, {52400, true, 1}, {52500, false, 0}, {60000, true, 1},
		{61000, true, 0}, {61001, true, 0},  {61002, true, 0}, {61003, false, 0},
	};
	struct log_limit l = {.burst = 3, .period_ms = 1000};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t skipped = 0;

		if (log_limit_pass(&l, rows[i].now_ms, &skipped) != rows[i].pass ||
		    skipped != rows[i].skipped)
			fail_msg("row %zu: skipped %u", i, skipped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(the_level_holds),
		cmocka_unit_test(long_lines_are_marked),
		cmocka_unit_test(fatal_exits),
		cmocka_unit_test(level_names),
		cmocka_unit_test(repeating_messages_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
