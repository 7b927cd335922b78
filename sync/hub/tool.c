/*
 * tillhub's commands, and help, from their entries. See tool.h.
 */
#include "tool.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

extern const struct tool_command tool_serve, tool_box_add, tool_box_list, tool_box_revoke, tool_box_release,
	tool_ca_init, tool_ca_issue, tool_ca_show, tool_ca_next, tool_ca_change, tool_ca_retire, tool_publish,
	tool_held_list, tool_held_show, tool_approve, tool_reject, tool_grant, tool_snapshot, tool_log_tail,
	tool_state_rebuild, tool_state_verify, tool_check_config, tool_help, tool_version;

static const struct tool_command *const commands[] = {
	&tool_serve,	 &tool_box_add,	     &tool_box_list,  &tool_box_revoke,	   &tool_box_release,
	&tool_publish,	 &tool_held_list,    &tool_held_show, &tool_approve,	   &tool_reject,
	&tool_snapshot,	 &tool_grant,	     &tool_log_tail,  &tool_state_rebuild, &tool_state_verify,
	&tool_ca_init,	 &tool_ca_issue,     &tool_ca_show,   &tool_ca_next,	   &tool_ca_change,
	&tool_ca_retire, &tool_check_config, &tool_version,   &tool_help,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct tool_option globals[] = {
	{"config", "FILE", false, "configuration (else " HUB_CONFIG_PATH ", if it is there)"},
	{"state-dir", "DIR", false, "folder of the log and all else (else as configured)"},
	{"json", NULL, false, "print answers as a line of JSON"},
	{"help", NULL, false, "show this help"},
};
#define GLOBALS (sizeof(globals) / sizeof(globals[0]))

enum tool_exit tool_fail(enum tool_exit code, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("tillhub: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
}

const char *tool_option(const struct tool *t, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < t->given_count; i++)
		if (strcmp(t->command->options[t->given[i].option].name, name) == 0)
			value = t->given[i].value;
	return value;
}

bool tool_number(const struct tool *t, const char *name, int64_t least, int64_t otherwise, int64_t *out)
{
	const char *text = tool_option(t, name);
	char *end;

	*out = otherwise;
	if (!text)
		return true;
	errno = 0;
	*out = strtoll(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && *out >= least)
		return true;
	tool_fail(TOOL_USAGE, "--%s '%s': a whole number, %lld or more", name, text, (long long)least);
	return false;
}

const char *tool_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

long long tool_int(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

const char *tool_who(void)
{
	const struct passwd *user = getpwuid(getuid());

	return user ? user->pw_name : "unknown";
}

static void print_options(const struct tool_option *options, size_t n)
{
	for (size_t i = 0; i < n && options[i].name; i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", options[i].name, options[i].value ? " " : "",
			 options[i].value ? options[i].value : "");
		printf("  %-20s %s\n", left, options[i].text);
	}
}

static void print_command_help(const struct tool_command *c)
{
	printf("Usage: tillhub %s%s%s%s\n\n%s\n", c->name, c->arguments[0] ? " " : "", c->arguments,
	       c->options[0].name ? " [OPTIONS]" : "", c->text);
	if (c->more)
		puts(c->more);
	if (c->options[0].name)
		puts("\nOptions:");
	print_options(c->options, TOOL_OPTIONS_MAX);
	puts("\nOptions of every command:");
	print_options(globals, GLOBALS);
	puts("\nExample:");
	for (const char *line = c->example; *line;) {
		size_t n = strcspn(line, "\n");

		printf("  %.*s\n", (int)n, line);
		line += n + (line[n] == '\n');
	}
}

static void print_all_help(void)
{
	puts("Usage: tillhub COMMAND [ARGUMENTS] [OPTIONS]\n\n"
	     "Headquarters of tilld: takes what boxes sell, and publishes what they price "
	     "with.\n\nCommands:");
	for (size_t i = 0; i < COMMANDS; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", commands[i]->name, commands[i]->arguments);
		printf("  %-26s %s\n", left, commands[i]->text);
	}
	puts("\nOptions of every command:");
	print_options(globals, GLOBALS);
	puts("\nExit codes:\n"
	     "  0  done\n"
	     "  1  refused or failed: \"tillhub: reason\" on standard error\n"
	     "  2  wrong command line or configuration\n"
	     "  3  the log could not be written (serve)\n\n"
	     "'tillhub COMMAND --help' tells more, with an example.");
}

void tool_print_help(const struct tool_command *one)
{
	if (one)
		print_command_help(one);
	else
		print_all_help();
}

/* A command of one word, or of two: 0, no such one; else how many words it took. */
static int find_command(int argc, char **argv, int at, const struct tool_command **out)
{
	char two[64];

	for (size_t i = 0; i < COMMANDS; i++) {
		if (at + 1 < argc) {
			snprintf(two, sizeof(two), "%s %s", argv[at], argv[at + 1]);
			if (strcmp(commands[i]->name, two) == 0) {
				*out = commands[i];
				return 2;
			}
		}
		if (strcmp(commands[i]->name, argv[at]) == 0) {
			*out = commands[i];
			return 1;
		}
	}
	return 0;
}

/* "box" alone: the commands that begin with it. */
static bool is_half(const char *word, char out[256])
{
	size_t n = strlen(word), used = 0;

	for (size_t i = 0; i < COMMANDS && used < 200; i++)
		if (strncmp(commands[i]->name, word, n) == 0 && commands[i]->name[n] == ' ')
			used += (size_t)snprintf(out + used, 256 - used, "%s'%s'", used ? ", " : "",
						 commands[i]->name);
	return used > 0;
}

static enum tool_exit unknown_command(int argc, char **argv, int at)
{
	const char *names[COMMANDS], *near;
	char typed[64], halves[256];

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i]->name;
	snprintf(typed, sizeof(typed), "%s%s%s", argv[at], at + 1 < argc ? " " : "",
		 at + 1 < argc ? argv[at + 1] : "");
	near = nearest_name(typed, names, COMMANDS);
	if (!near)
		near = nearest_name(argv[at], names, COMMANDS);
	if (near)
		return tool_fail(TOOL_USAGE, "there is no command '%s'; did you mean '%s'?", typed, near);
	if (is_half(argv[at], halves))
		return tool_fail(TOOL_USAGE, "there is no command '%s'; say %s", typed, halves);
	return tool_fail(TOOL_USAGE, "there is no command '%s'; 'tillhub help' lists them", argv[at]);
}

static enum tool_exit unknown_option(const struct tool *t, const char *name)
{
	const char *names[TOOL_OPTIONS_MAX + GLOBALS], *near;
	size_t n = 0;

	for (size_t i = 0; t->command && i < TOOL_OPTIONS_MAX && t->command->options[i].name; i++)
		names[n++] = t->command->options[i].name;
	for (size_t i = 0; i < GLOBALS; i++)
		names[n++] = globals[i].name;
	near = nearest_name(name, names, n);
	if (near)
		return tool_fail(TOOL_USAGE, "there is no option '--%s'; did you mean '--%s'?", name, near);
	return tool_fail(TOOL_USAGE, "there is no option '--%s'; '--help' lists them", name);
}

static const struct tool_option *match(const struct tool_option *options, size_t count, const char *name,
				       size_t n, size_t *at)
{
	for (*at = 0; *at < count && options[*at].name; ++*at)
		if (strlen(options[*at].name) == n && memcmp(options[*at].name, name, n) == 0)
			return &options[*at];
	return NULL;
}

static void set_global(struct tool *t, size_t i, const char *value)
{
	if (i == 0)
		t->config_path = value;
	else if (i == 1)
		t->state_dir = value;
	else if (i == 2)
		t->json = true;
	else
		t->help = true;
}

/* "--name value" or "--name=value"; *i moves past what was used. */
static enum tool_exit take_option(struct tool *t, int argc, char **argv, int *i)
{
	const char *name = argv[*i] + 2, *value = strchr(name, '=');
	size_t n = value ? (size_t)(value - name) : strlen(name), at = 0;
	const struct tool_option *own = NULL, *o;

	if (t->command)
		own = match(t->command->options, TOOL_OPTIONS_MAX, name, n, &at);
	o = own ? own : match(globals, GLOBALS, name, n, &at);
	if (!o)
		return unknown_option(t, name);
	if (value && !o->value)
		return tool_fail(TOOL_USAGE, "--%s takes no value", o->name);
	if (o->value && !value && *i + 1 == argc)
		return tool_fail(TOOL_USAGE, "--%s needs a value: %s", o->name, o->value);
	value = !o->value ? "" : value ? value + 1 : argv[++*i];
	if (!own) {
		set_global(t, at, value);
		return TOOL_DONE;
	}
	if (t->given_count == sizeof(t->given) / sizeof(t->given[0]))
		return tool_fail(TOOL_USAGE, "too many options");
	t->given[t->given_count].option = at;
	t->given[t->given_count++].value = value;
	return TOOL_DONE;
}

static enum tool_exit take_word(struct tool *t, int argc, char **argv, int *i)
{
	int words;

	if (!t->command) {
		words = find_command(argc, argv, *i, &t->command);
		if (words == 0)
			return unknown_command(argc, argv, *i);
		*i += words - 1;
		return TOOL_DONE;
	}
	if (t->arg_count == t->command->most)
		return tool_fail(TOOL_USAGE, "'%s' is one argument too many; 'tillhub %s --help' tells more",
				 argv[*i], t->command->name);
	t->args[t->arg_count++] = argv[*i];
	return TOOL_DONE;
}

static enum tool_exit parse(struct tool *t, int argc, char **argv)
{
	enum tool_exit e = TOOL_DONE;
	bool words_only = false;

	for (int i = 1; i < argc && e == TOOL_DONE; i++) {
		if (!words_only && strcmp(argv[i], "--") == 0)
			words_only = true;
		else if (!words_only && strcmp(argv[i], "-h") == 0)
			t->help = true;
		else if (!words_only && !t->command && strcmp(argv[i], "--version") == 0)
			t->command = &tool_version; /* as all programs have it */
		else if (!words_only && strncmp(argv[i], "--", 2) == 0)
			e = take_option(t, argc, argv, &i);
		else
			e = take_word(t, argc, argv, &i);
	}
	if (e != TOOL_DONE || t->help || !t->command || t->arg_count >= t->command->least)
		return e;
	return tool_fail(TOOL_USAGE, "usage: tillhub %s %s", t->command->name, t->command->arguments);
}

enum tool_exit tool_configure(struct tool *t)
{
	struct config_report report;
	enum err e = hub_config_load(t->config_path, &t->config, &t->arena, &report);

	for (size_t i = 0; i < report.count; i++) {
		if (report.errors[i].line > 0)
			fprintf(stderr, "%s:%d: %s\n", report.errors[i].file, report.errors[i].line,
				report.errors[i].text);
		else
			fprintf(stderr, "%s: %s\n", report.errors[i].file, report.errors[i].text);
	}
	if (report.dropped > 0)
		fprintf(stderr, "and %zu more errors\n", report.dropped);
	if (e)
		return TOOL_USAGE;
	if (t->state_dir)
		t->config.state_dir = t->state_dir;
	return TOOL_DONE;
}

int tool_main(int argc, char **argv)
{
	struct tool t = {0};
	enum tool_exit e = parse(&t, argc, argv);

	if (e == TOOL_DONE && (t.help || !t.command)) {
		tool_print_help(t.command);
		e = t.help ? TOOL_DONE : TOOL_USAGE;
	} else if (e == TOOL_DONE) {
		e = t.command->run(&t);
	}
	arena_free(&t.arena);
	if ((fflush(stdout) != 0 || ferror(stdout)) && e == TOOL_DONE)
		e = tool_fail(TOOL_FAILED, "the output could not be written");
	return (int)e;
}

static enum tool_exit help(struct tool *t)
{
	tool_print_help(NULL);
	(void)t;
	return TOOL_DONE;
}

const struct tool_command tool_help = {
	.name = "help",
	.arguments = "",
	.text = "Tells what there is.",
	.example = "tillhub help",
	.run = help,
};

static enum tool_exit version(struct tool *t)
{
	if (t->json)
		puts("{\"program\":\"tillhub\",\"version\":\"" TILL_VERSION "\"}");
	else
		puts("tillhub " TILL_VERSION);
	return TOOL_DONE;
}

const struct tool_command tool_version = {
	.name = "version",
	.arguments = "",
	.text = "Tells the program's version.",
	.example = "tillhub version",
	.run = version,
};
