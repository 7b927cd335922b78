/*
 * tillctl: what its commands share. A command is a file cmd_<name>.c that ends in the only symbol it exports,
 * an entry with its arguments, options, help and function, and a line in the table of ctl.c. Parsing of the
 * command line, checks of it and help come from the entry.
 */
#ifndef TILL_CTL_H
#define TILL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "err.h"
#include "money.h"
#include "net.h"

/* Exit codes, as help tells them. */
enum ctl_exit {
	CTL_DONE = 0,
	CTL_FAILED = 1,	   /* refused, or it went wrong */
	CTL_USAGE = 2,	   /* the command line or the configuration is wrong */
	CTL_NO_DAEMON = 3, /* no tilld answers */
};

struct ctl_option {
	const char *name;  /* without "--" */
	const char *value; /* what it takes, as help shows it: "N"; NULL: nothing */
	const char *text;
};

#define CTL_OPTIONS_MAX 8
#define CTL_ARGS_MAX	16

struct ctl;

struct ctl_command {
	const char *name;
	const char *arguments; /* "CODE": as help shows them */
	unsigned least, most;  /* how many arguments there may be */
	struct ctl_option options[CTL_OPTIONS_MAX];
	const char *text;    /* a sentence that fits a list: 50 characters */
	const char *more;    /* what there is to tell besides; NULL: nothing */
	const char *example; /* whole command lines, a line each */
	enum ctl_exit (*run)(struct ctl *ctl);
};

/* One run of tillctl. */
struct ctl {
	const struct ctl_command *command;
	const char *args[CTL_ARGS_MAX];
	unsigned arg_count;
	const char
		*given[CTL_OPTIONS_MAX]; /* by the command's options: value, "" for a flag, NULL: not given */

	const char *socket, *config, *state_dir, *lane; /* as given, then as found out */
	bool json, help;
	bool configured;    /* the configuration has been looked at */
	bool has_hq;	    /* it names a headquarters */
	bool approvers;	    /* it names somebody who may approve what an import holds */
	struct rate change; /* a price that moves further is held */
	int64_t patience_s; /* for so long */
	struct arena arena;

	const struct net *net;
	int fd; /* connection, -1: none yet */
	struct ctl_input *input;
};

/* The value of one of the command's options; "" for a flag; NULL: not given. */
const char *ctl_option(const struct ctl *ctl, const char *name);

/* Prints it as a line, and lets go of it: what --json asks for, of whatever a command makes itself. */
void ctl_print(json_t *json);

/* "tillctl: ...": says what is wrong on stderr and hands back the exit code. */
enum ctl_exit ctl_fail(enum ctl_exit code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The whole program. */
int ctl_main(int argc, char **argv);
void ctl_print_help(const struct ctl_command *one); /* NULL: of all */

/* Fills socket and state_dir from the configuration, as far as the command line left them open. */
enum ctl_exit ctl_configure(struct ctl *ctl) MUST_CHECK;

/* The same from a configuration that was read already, perhaps with errors. */
struct tilld_config;
void ctl_use_config(struct ctl *ctl, const struct tilld_config *config);

/* The name of a database in the state directory, in the arena; NULL after an error that was told. */
const char *ctl_database(struct ctl *ctl, const char *file);

/* Connects once; CTL_NO_DAEMON tells why not, unless quiet. */
enum ctl_exit ctl_connect(struct ctl *ctl, bool quiet) MUST_CHECK;
void ctl_disconnect(struct ctl *ctl);

/* The next line of the daemon, without its newline and valid until the next call; NULL: it went away. */
const char *ctl_read_line(struct ctl *ctl, size_t *length);
bool ctl_send(struct ctl *ctl, const json_t *request); /* false: it went away */

/*
 * Asks, and waits for the answer; takes the request. An answer with "ok":false is told on stderr. With --json
 * the answer's line is printed as it is. *answer is the caller's to free, NULL unless CTL_DONE.
 */
enum ctl_exit ctl_ask(struct ctl *ctl, json_t *request, json_t **answer) MUST_CHECK;

/* A request of the verb to the lane that --lane, TILL_LANE or the only lane names; NULL with *code after an
 * error. */
json_t *ctl_lane_request(struct ctl *ctl, const char *verb, enum ctl_exit *code);

/* ctl_ask, then show prints the answer for people unless --json printed it. */
enum ctl_exit ctl_show(struct ctl *ctl, json_t *request, void (*show)(const json_t *answer)) MUST_CHECK;

/* A line's number, 1 or more; false after an error that was told (exit with CTL_USAGE). */
bool ctl_line(const char *text, long long *line);

/* The number of an option, 1 or more; *count stays if it is not given. False as above. */
bool ctl_count(const struct ctl *ctl, const char *option, long long *count);

/* Members of a JSON object that may be missing: "" and 0. */
const char *text_of(const json_t *object, const char *name);
long long int_of(const json_t *object, const char *name);

#endif
