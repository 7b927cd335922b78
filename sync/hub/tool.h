/*
 * tillhub's command line: a command is an entry with its arguments, options, help and function, and a line in
 * the table of tool.c; parsing, checks of it and help come from the entry. Names may be two words ("box
 * add").
 */
#ifndef TILL_TOOL_H
#define TILL_TOOL_H

#include <jansson.h>
#include <stdbool.h>

#include "desk.h"
#include "hub_config.h"

enum tool_exit {
	TOOL_DONE = 0,
	TOOL_FAILED = 1,   /* refused, or it went wrong */
	TOOL_USAGE = 2,	   /* the command line or the configuration is wrong */
	TOOL_LOG_LOST = 3, /* serve: the log could not be written any more */
};

#define TOOL_OPTIONS_MAX 6
#define TOOL_ARGS_MAX	 16

struct tool_option {
	const char *name;  /* without "--" */
	const char *value; /* what it takes, as help shows it; NULL: nothing */
	bool many;	   /* may be given more than once: tool_values */
	const char *text;
};

struct tool;

/* The state directory, if it is not there. */
enum err tool_make_folder(const char *dir, struct why *why) MUST_CHECK;

struct tool_command {
	const char *name;
	const char *arguments;
	unsigned least, most;
	struct tool_option options[TOOL_OPTIONS_MAX];
	const char *text;    /* a sentence for the list */
	const char *more;    /* or NULL */
	const char *example; /* whole command lines, a line each */
	enum tool_exit (*run)(struct tool *t);
};

/* One run of tillhub. */
struct tool {
	const struct tool_command *command;
	const char *args[TOOL_ARGS_MAX];
	unsigned arg_count;
	struct {
		size_t option;
		const char *value;
	} given[64];
	size_t given_count;
	const char *config_path, *state_dir; /* as given */
	bool json, help;
	struct hub_config config;
	struct arena arena;
};

/* The (last) value of one of the command's options; "" for a flag; NULL: not given. */
const char *tool_option(const struct tool *t, const char *name);

/* A number of at least `least`; `otherwise` if the option is not given. False: told. */
bool tool_number(const struct tool *t, const char *name, int64_t least, int64_t otherwise, int64_t *out);

/* "tillhub: ...": says what is wrong on stderr and hands back the exit code. */
enum tool_exit tool_fail(enum tool_exit code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Reads the configuration. */
enum tool_exit tool_configure(struct tool *t) MUST_CHECK;

/*
 * Does one request of admin.h, by the hub that runs or by a desk of its own; takes the request. show prints
 * the answer for people unless --json printed it.
 */
enum tool_exit tool_ask(struct tool *t, json_t *request,
			void (*show)(const struct tool *t, const json_t *answer)) MUST_CHECK;

/* Members of an answer: "" and 0 if they are missing. */
const char *tool_text(const json_t *object, const char *name);
long long tool_int(const json_t *object, const char *name);

/* Who runs it, for the log's records. */
const char *tool_who(void);

void tool_print_help(const struct tool_command *one); /* NULL: of all */

int tool_main(int argc, char **argv);

#endif
