/*
 * tilld's command line, its help, and the reference of its configuration.
 */
#include "tilld_args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tilld_config.h"

static void print_help(void)
{
	fputs("Usage: tilld [OPTIONS]\n\n"
	      "Prices what the lanes of this box scan, and keeps what they sell.\n\n"
	      "  --config FILE    configuration (default " TILLD_CONFIG_PATH "), and FILE.d/*.conf\n"
	      "  --check-config   read the configuration, say what is wrong with it or what it\n"
	      "                   would run with, and end; nothing is opened for writing\n"
	      "  --json           with --check-config: as a line of JSON\n"
	      "  --help           show this help\n"
	      "  --version        show the version\n\n"
	      "It stays in the foreground and logs to standard error. SIGTERM ends it in order,\n"
	      "SIGHUP reads the configuration anew, as 'tillctl reload' does. Under systemd it is a\n"
	      "service of Type=notify.\n\n"
	      "Exit codes: 0 ended when told to, 1 could not start, 2 wrong command line or\n"
	      "configuration, 3 the ledger could not be written.\n\n"
	      "Example:\n  tilld --config /etc/tilld/tilld.conf --check-config\n",
	      stdout);
}

static void print_version(void)
{
	puts("tilld " TILL_VERSION);
}

/* docs/configuration.md; a test holds the file against it. */
static void print_reference(void)
{
	fputs("# Configuration\n\n"
	      "<!-- Made by `tilld --config-reference` from the table of options: change that, not this. "
	      "-->\n\n"
	      "`tilld` reads `" TILLD_CONFIG_PATH "`, or the file that `--config` names, then the drop-ins\n"
	      "beside it, `FILE.d/*.conf`, in the order of their names; a later file's value replaces an "
	      "earlier one's.\n"
	      "Lines are `key = value` under a `[section]`; a line that begins with `;` or `#` is a comment. "
	      "An unknown\n"
	      "key, a value that does not fit and a section or key that a file has twice are errors: `tilld "
	      "--check-config` shows all\n"
	      "of them, each with its file and line. `packaging/tilld.conf.example` is a file to start "
	      "from.\n\n"
	      "`tillctl reload`, or SIGHUP, puts a changed configuration in force while the lanes work; "
	      "what takes a\n"
	      "restart says so below. docs/operations.md tells more.\n\n",
	      stdout);
	fflush(stdout);
	config_reference(tilld_sections, tilld_section_count, STDOUT_FILENO);
	puts("\n## Profiles of scanners\n\n| profile | what it is for |\n|---|---|");
	for (const struct scanner_profile *p = scanner_profiles; p->name; p++)
		printf("| `%s` | %s |\n", p->name, p->text);
	puts("\n## Transports\n\n| transport | what it is for |\n|---|---|");
	for (size_t i = 0; transports[i]; i++)
		printf("| `%s` | %s |\n", transports[i]->name, transports[i]->text);
}

static const struct {
	const char *name;
	void (*print)(void);
} printers[] = {{"--help", print_help},
		{"-h", print_help},
		{"--version", print_version},
		{"--config-reference", print_reference}};

static void print_and_end(const char *name)
{
	for (size_t i = 0; i < sizeof(printers) / sizeof(printers[0]); i++) {
		if (strcmp(name, printers[i].name) != 0)
			continue;
		printers[i].print();
		exit(fflush(stdout) == 0 ? EXIT_DONE : EXIT_START);
	}
}

void tilld_args_parse(int argc, char **argv, struct tilld_args *out)
{
	*out = (struct tilld_args){0};
	for (int i = 1; i < argc; i++) {
		print_and_end(argv[i]);
		if (strcmp(argv[i], "--check-config") == 0) {
			out->check = true;
		} else if (strcmp(argv[i], "--json") == 0) {
			out->json = true;
		} else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
			out->config = argv[++i];
		} else if (strncmp(argv[i], "--config=", strlen("--config=")) == 0) {
			out->config = argv[i] + strlen("--config=");
		} else {
			fprintf(stderr, "tilld: what is '%s'? 'tilld --help' shows the options\n", argv[i]);
			exit(EXIT_CONFIG);
		}
	}
	if (out->json && !out->check) {
		fputs("tilld: --json goes with --check-config\n", stderr);
		exit(EXIT_CONFIG);
	}
}
