/*
 * All that judges a mutant of the engine, in one process: its unit tests, whether memo and extract change a
 * byte, and evaluations of many books and carts, whose results `mutate` compares with what they ought to be.
 *
 *	check UNIT-TESTS BOOK CARTS SEED ... -- BOOK CARTS EVERY-REASON ... > RESULTS
 *
 * The engine is a shared library beside it, so that a mutant costs a file to compile and a library to link.
 * Exit code 1: a test failed. One line of JSON a result; an error is told as {"error": TEXT}.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate_file.h"

/*
 * main() of the unit tests, X(test_engine_guard) and so on, which `mutate` names, and of the property tests'
 * programs; renamed as they are compiled.
 */
#define X(name) int name##_main(int argc, char **argv);
UNIT_TESTS
#undef X
int memo_same_main(int argc, char **argv);
int extract_same_main(int argc, char **argv);

static const struct program {
	const char *name;
	int (*main)(int argc, char **argv);
} programs[] = {
#define X(name) {#name, name##_main},
	UNIT_TESTS
#undef X
};

static enum err print(const struct evaluation *e, void *arg, struct why *why)
{
	struct buf line;
	struct jsonw w;
	enum err failed;

	(void)arg;
	buf_init(&line, 64 << 20);
	jsonw_begin(&w, &line);
	evaluation_write(e, &w);
	failed = jsonw_end(&w);
	if (!failed)
		fwrite(buf_front(&line), 1, buf_length(&line), stdout);
	buf_free(&line);
	return failed ? fail(why, failed, "the result is too large") : ERR_OK;
}

/* Unit tests print what they did: that is not what is compared. */
static int run_programs(FILE *quiet)
{
	FILE *out = stdout;
	int failed = 0;

	stdout = quiet;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]) && !failed; i++) {
		char *argv[] = {(char *)(uintptr_t)programs[i].name, NULL};

		failed = programs[i].main(1, argv);
	}
	stdout = out;
	return failed;
}

int main(int argc, char **argv)
{
	FILE *quiet = fopen("/dev/null", "w");
	int i = 1, failed;

	if (!quiet)
		return 2;
	failed = run_programs(quiet);
	for (; !failed && i < argc && strcmp(argv[i], "--") != 0; i += 3) {
		char *same[] = {"same", argv[i], argv[i + 1], argv[i + 2], NULL};

		stdout = quiet;
		failed = memo_same_main(4, same) || extract_same_main(3, same);
		stdout = fdopen(1, "w");
	}
	if (failed)
		return 1;
	for (i++; i + 2 < argc; i += 3) {
		struct why why = {0};

		if (evaluate_files(argv[i], argv[i + 1], AMOUNT_NONE, strcmp(argv[i + 2], "1") == 0, print,
				   NULL, &why))
			printf("{\"error\":1}\n");
		printf("\n"); /* the end of these carts */
	}
	return fclose(quiet) || fflush(stdout) ? 2 : 0;
}
