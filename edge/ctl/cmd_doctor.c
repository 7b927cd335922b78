/*
 * tillctl doctor: what is wrong with this box, and what helps.
 */
#include <stdio.h>
#include <stdlib.h>

#include "doctor.h"
#include "screen.h"

#define COLUMN 16 /* where texts begin */

static const char *const outcomes[] = {[OUTCOME_OK] = "ok", [OUTCOME_WARN] = "warn", [OUTCOME_FAIL] = "fail"};

static size_t count(const struct doctor *d, enum outcome outcome)
{
	size_t n = 0;

	for (size_t i = 0; i < d->count; i++)
		n += d->findings[i].outcome == outcome;
	return n;
}

static void print_finding(const struct finding *f)
{
	char said[1024];

	printf("%-5s %-10s", outcomes[f->outcome], f->check);
	snprintf(said, sizeof(said), "%s%s%s", f->about, *f->about ? ": " : "", f->text);
	screen_wrap(said, COLUMN, COLUMN);
	if (!*f->fix)
		return;
	printf("%-*sfix: ", COLUMN, ""); /* often a command to be copied: in one piece */
	screen_text(f->fix);
	putchar('\n');
}

static void print(const struct doctor *d)
{
	size_t fails = count(d, OUTCOME_FAIL), warnings = count(d, OUTCOME_WARN);

	for (size_t i = 0; i < d->count; i++)
		print_finding(&d->findings[i]);
	if (fails + warnings == 0)
		puts("\nNothing is wrong");
	else
		printf("\n%zu to be mended, %zu to be looked at\n", fails, warnings);
}

static void print_json(const struct doctor *d)
{
	json_t *list = json_array(), *all;

	for (size_t i = 0; i < d->count; i++) {
		const struct finding *f = &d->findings[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "check", f->check,
						      "verdict", outcomes[f->outcome], "about", f->about,
						      "text", f->text, "fix", f->fix));
	}
	all = json_pack("{s:b, s:I, s:I, s:o}", "ok", count(d, OUTCOME_FAIL) == 0, "fail",
			(json_int_t)count(d, OUTCOME_FAIL), "warn", (json_int_t)count(d, OUTCOME_WARN),
			"findings", list);
	ctl_print(all);
}

static enum ctl_exit doctor(struct ctl *ctl)
{
	struct doctor *d = calloc(1, sizeof(*d));
	enum ctl_exit e;

	if (!d)
		return ctl_fail(CTL_FAILED, "out of memory");
	d->ctl = ctl;
	d->clock = &clock_system;
	d->config_path = ctl->config ? ctl->config : TILLD_CONFIG_PATH;
	doctor_run(d);
	if (ctl->json)
		print_json(d);
	else
		print(d);
	e = count(d, OUTCOME_FAIL) == 0 ? CTL_DONE : CTL_FAILED;
	json_decref(d->lanes);
	free(d);
	return e;
}

const struct ctl_command cmd_doctor = {
	.name = "doctor",
	.arguments = "",
	.text = "Looks for what is wrong with this box.",
	.more = "Configuration, daemon, permissions, databases, devices, clock, disk and memory are looked "
		"at, with or\n"
		"without the daemon; nothing is changed. Each fault comes with its fix. Exit code 1: there "
		"is one that\n"
		"keeps the box from working. As root it sees more.",
	.example = "sudo tillctl doctor\ntillctl doctor --json",
	.run = doctor,
};
