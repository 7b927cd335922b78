/*
 * tillctl's command line: which commands there are, what they take, and help, all from the commands' entries.
 */
#include "ctl.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"
#include "screen.h"

extern const struct ctl_command cmd_approve, cmd_audit, cmd_backup, cmd_cart, cmd_coupon, cmd_customer,
	cmd_doctor, cmd_enrol, cmd_evaluate, cmd_events, cmd_exchange, cmd_explain, cmd_held, cmd_help,
	cmd_import, cmd_lanes, cmd_ledger, cmd_override, cmd_plan, cmd_price, cmd_promotion, cmd_qty,
	cmd_reject, cmd_reload, cmd_replay, cmd_restore, cmd_resume, cmd_return, cmd_scan, cmd_schema,
	cmd_status, cmd_subscribe, cmd_suspend, cmd_sync, cmd_tender, cmd_version, cmd_void, cmd_void_order,
	cmd_watch, cmd_whatif;

static const struct ctl_command *const commands[] = {
	&cmd_status,	 &cmd_lanes,	&cmd_price,   &cmd_cart,      &cmd_scan,   &cmd_qty,
	&cmd_void,	 &cmd_customer, &cmd_coupon,  &cmd_tender,    &cmd_return, &cmd_exchange,
	&cmd_void_order, &cmd_suspend,	&cmd_resume,  &cmd_explain,   &cmd_watch,  &cmd_override,
	&cmd_approve,	 &cmd_reject,	&cmd_held,    &cmd_subscribe, &cmd_import, &cmd_promotion,
	&cmd_evaluate,	 &cmd_plan,	&cmd_events,  &cmd_ledger,    &cmd_audit,  &cmd_replay,
	&cmd_whatif,	 &cmd_backup,	&cmd_restore, &cmd_schema,    &cmd_reload, &cmd_sync,
	&cmd_enrol,	 &cmd_doctor,	&cmd_version, &cmd_help,
};
#define HELP_LEFT 28 /* columns of a command in the list; a longer one has a line to itself */
#define COMMANDS  (sizeof(commands) / sizeof(commands[0]))

static const struct ctl_option globals[] = {
	{"socket", "PATH", "the control socket (TILL_SOCKET; else as configured)"},
	{"config", "FILE", "the daemon's configuration (else /etc/tilld/tilld.conf)"},
	{"state-dir", "DIR", "where the databases are (else as configured)"},
	{"lane", "LANE", "which lane (TILL_LANE; else the only one)"},
	{"json", NULL, "print the daemon's answer as it is, a line of JSON"},
	{"help", NULL, "show this help"},
};
#define GLOBALS (sizeof(globals) / sizeof(globals[0]))

void ctl_print(json_t *json)
{
	json_dumpf(json, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(json);
}

enum ctl_exit ctl_fail(enum ctl_exit code, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("tillctl: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
}

const char *ctl_option(const struct ctl *ctl, const char *name)
{
	for (size_t i = 0; i < CTL_OPTIONS_MAX && ctl->command->options[i].name; i++)
		if (strcmp(ctl->command->options[i].name, name) == 0)
			return ctl->given[i];
	return NULL;
}

#define OPTION_TEXT 23 /* columns before it */

static void print_options(const struct ctl_option *options, size_t n)
{
	for (size_t i = 0; i < n && options[i].name; i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", options[i].name, options[i].value ? " " : "",
			 options[i].value ? options[i].value : "");
		printf("  %-20s ", left);
		screen_wrap(options[i].text, OPTION_TEXT, OPTION_TEXT);
	}
}

static void print_indented(const char *text)
{
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");

		printf("  %.*s\n", (int)n, line);
		line += n + (line[n] == '\n');
	}
}

static void print_command_help(const struct ctl_command *c)
{
	printf("Usage: tillctl %s%s%s%s\n\n%s\n", c->name, c->arguments[0] ? " " : "", c->arguments,
	       c->options[0].name ? " [OPTIONS]" : "", c->text);
	if (c->more && screen_columns() > 0)
		screen_wrap(c->more, 0, 0);
	else if (c->more)
		puts(c->more);
	if (c->options[0].name)
		puts("\nOptions:");
	print_options(c->options, CTL_OPTIONS_MAX);
	puts("\nOptions of every command:");
	print_options(globals, GLOBALS);
	puts("\nExample:");
	print_indented(c->example);
}

static void print_all_help(void)
{
	puts("Usage: tillctl COMMAND [ARGUMENTS] [OPTIONS]\n\n"
	     "Asks and tells the till daemon, tilld, and looks into its databases.\n\nCommands:");
	for (size_t i = 0; i < COMMANDS; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", commands[i]->name, commands[i]->arguments);
		if (strlen(left) > HELP_LEFT)
			printf("  %s\n  %-*s %s\n", left, HELP_LEFT, "", commands[i]->text);
		else
			printf("  %-*s %s\n", HELP_LEFT, left, commands[i]->text);
	}
	puts("\nOptions of every command:");
	print_options(globals, GLOBALS);
	puts("\nExit codes:\n"
	     "  0  done\n"
	     "  1  refused or failed: \"tillctl: CODE: reason\" on standard error\n"
	     "  2  wrong command line or configuration\n"
	     "  3  no tilld answers\n\n"
	     "'tillctl COMMAND --help' tells more, with an example.");
}

void ctl_print_help(const struct ctl_command *one)
{
	if (one)
		print_command_help(one);
	else
		print_all_help();
}

static const struct ctl_command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static enum ctl_exit unknown_command(const char *name)
{
	const char *names[COMMANDS], *near;

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i]->name;
	near = nearest_name(name, names, COMMANDS);
	if (near)
		return ctl_fail(CTL_USAGE, "there is no command '%s'; did you mean '%s'?", name, near);
	return ctl_fail(CTL_USAGE, "there is no command '%s'; 'tillctl help' lists them", name);
}

static enum ctl_exit unknown_option(const struct ctl *ctl, const char *name)
{
	const char *names[CTL_OPTIONS_MAX + GLOBALS], *near;
	size_t n = 0;

	for (size_t i = 0; ctl->command && i < CTL_OPTIONS_MAX && ctl->command->options[i].name; i++)
		names[n++] = ctl->command->options[i].name;
	for (size_t i = 0; i < GLOBALS; i++)
		names[n++] = globals[i].name;
	near = nearest_name(name, names, n);
	if (near)
		return ctl_fail(CTL_USAGE, "there is no option '--%s'; did you mean '--%s'?", name, near);
	return ctl_fail(CTL_USAGE, "there is no option '--%s'; '--help' lists them", name);
}

static void set_global(struct ctl *ctl, size_t i, const char *value)
{
	switch (i) {
	case 0:
		ctl->socket = value;
		break;
	case 1:
		ctl->config = value;
		break;
	case 2:
		ctl->state_dir = value;
		break;
	case 3:
		ctl->lane = value;
		break;
	case 4:
		ctl->json = true;
		break;
	default:
		ctl->help = true;
		break;
	}
}

static const struct ctl_option *match(const struct ctl_option *options, size_t count, const char *name,
				      size_t n, size_t *at)
{
	for (size_t i = 0; i < count && options[i].name; i++) {
		if (strlen(options[i].name) != n || memcmp(options[i].name, name, n) != 0)
			continue;
		*at = i;
		return &options[i];
	}
	return NULL;
}

/* "--name value" or "--name=value"; *i moves past what was used. */
static enum ctl_exit take_option(struct ctl *ctl, int argc, char **argv, int *i)
{
	const char *name = argv[*i] + 2, *value = strchr(name, '=');
	size_t n = value ? (size_t)(value - name) : strlen(name);
	const struct ctl_option *own = NULL, *o = NULL;
	size_t at = 0;

	if (ctl->command)
		own = o = match(ctl->command->options, CTL_OPTIONS_MAX, name, n, &at);
	if (o == NULL)
		o = match(globals, GLOBALS, name, n, &at);
	if (o == NULL)
		return unknown_option(ctl, name);
	if (value && o->value == NULL)
		return ctl_fail(CTL_USAGE, "--%s takes no value", o->name);
	if (o->value == NULL)
		value = "";
	else if (value)
		value++;
	else if (*i + 1 < argc)
		value = argv[++*i];
	else
		return ctl_fail(CTL_USAGE, "--%s needs a value: %s", o->name, o->value);
	if (own)
		ctl->given[at] = value;
	else
		set_global(ctl, at, value);
	return CTL_DONE;
}

static enum ctl_exit take_word(struct ctl *ctl, const char *word)
{
	if (ctl->command == NULL) {
		ctl->command = find_command(word);
		return ctl->command ? CTL_DONE : unknown_command(word);
	}
	if (ctl->arg_count == ctl->command->most)
		return ctl_fail(CTL_USAGE, "'%s' is one argument too many; 'tillctl %s --help' tells more",
				word, ctl->command->name);
	ctl->args[ctl->arg_count++] = word;
	return CTL_DONE;
}

static enum ctl_exit parse(struct ctl *ctl, int argc, char **argv)
{
	enum ctl_exit e = CTL_DONE;
	bool words_only = false;

	for (int i = 1; i < argc && e == CTL_DONE; i++) {
		if (!words_only && strcmp(argv[i], "--") == 0)
			words_only = true;
		else if (!words_only && strcmp(argv[i], "-h") == 0)
			ctl->help = true;
		else if (!words_only && !ctl->command && strcmp(argv[i], "--version") == 0)
			ctl->command = &cmd_version; /* as all programs have it */
		else if (!words_only && strncmp(argv[i], "--", 2) == 0)
			e = take_option(ctl, argc, argv, &i);
		else
			e = take_word(ctl, argv[i]);
	}
	if (e != CTL_DONE || ctl->help || ctl->command == NULL || ctl->arg_count >= ctl->command->least)
		return e;
	return ctl_fail(CTL_USAGE, "usage: tillctl %s %s", ctl->command->name, ctl->command->arguments);
}

static enum ctl_exit run(struct ctl *ctl)
{
	if (ctl->help || ctl->command == NULL) {
		ctl_print_help(ctl->command);
		return ctl->help ? CTL_DONE : CTL_USAGE;
	}
	return ctl->command->run(ctl);
}

/* Names in the book are UTF-8 whatever the locale; widths need to know. */
static void use_utf8(void)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

int ctl_main(int argc, char **argv)
{
	struct ctl ctl = {
		.net = &net_system, .fd = -1, .lane = getenv("TILL_LANE"), .socket = getenv("TILL_SOCKET")};
	enum ctl_exit e;

	use_utf8();
	e = parse(&ctl, argc, argv);
	if (e == CTL_DONE)
		e = run(&ctl);
	ctl_disconnect(&ctl);
	arena_free(&ctl.arena);
	if ((fflush(stdout) != 0 || ferror(stdout)) && e == CTL_DONE)
		e = ctl_fail(CTL_FAILED, "the output could not be written");
	return (int)e;
}

static enum ctl_exit help(struct ctl *ctl)
{
	const struct ctl_command *one = NULL;

	if (ctl->arg_count == 1) {
		one = find_command(ctl->args[0]);
		if (one == NULL)
			return unknown_command(ctl->args[0]);
	}
	ctl_print_help(one);
	return CTL_DONE;
}

const struct ctl_command cmd_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.most = 1,
	.text = "Tells what there is, or more about one command.",
	.example = "tillctl help tender",
	.run = help,
};
