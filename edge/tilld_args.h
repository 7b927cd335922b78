/*
 * tilld's command line and what it prints about itself.
 */
#ifndef TILLD_ARGS_H
#define TILLD_ARGS_H

#include <stdbool.h>

enum { EXIT_DONE = 0, EXIT_START = 1, EXIT_CONFIG = 2, EXIT_LEDGER = 3 };

struct tilld_args {
	const char *config; /* NULL: the default */
	bool check;
	bool json; /* with check */
};

/* Ends the program after --help, --version and --config-reference (0), and after what is wrong (2). */
void tilld_args_parse(int argc, char **argv, struct tilld_args *out);

#endif
