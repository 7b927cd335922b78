/*
 * The doctor's table of checks, and the list of what they found. See doctor.h.
 */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	void (*run)(struct doctor *d);
} checks[] = {
	{"config", doctor_config}, {"control", doctor_control},	    {"state", doctor_state},
	{"disk", doctor_disk},	   {"databases", doctor_databases}, {"ledger", doctor_ledger},
	{"rates", doctor_rates},   {"devices", doctor_devices},	    {"clock", doctor_clock},
	{"memory", doctor_memory},
};

void doctor_run(struct doctor *d)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		d->check = checks[i].name;
		checks[i].run(d);
	}
}

static const char *keep(struct doctor *d, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

static const char *keep(struct doctor *d, const char *fmt, va_list args)
{
	char text[1024];
	const char *kept;

	vsnprintf(text, sizeof(text), fmt, args);
	kept = arena_text(&d->ctl->arena, text, strlen(text));
	return kept ? kept : "out of memory";
}

const char *doctor_text(struct doctor *d, const char *fmt, ...)
{
	const char *text;
	va_list args;

	va_start(args, fmt);
	text = keep(d, fmt, args);
	va_end(args);
	return text;
}

/* The bound is above what the largest configuration gives; what would pass it has a like in the list. */
static void add(struct doctor *d, enum outcome outcome, const char *about, const char *text, const char *fix)
{
	if (d->count < FINDINGS_MAX)
		d->findings[d->count++] = (struct finding){outcome, d->check, about, text, fix};
}

/* va_start must stand in the function whose arguments it reads, hence a macro. */
#define ADD(outcome, fix)                          \
	do {                                       \
		const char *text;                  \
		va_list args;                      \
		va_start(args, fmt);               \
		text = keep(d, fmt, args);         \
		va_end(args);                      \
		add(d, outcome, about, text, fix); \
	} while (0)

void doctor_ok(struct doctor *d, const char *about, const char *fmt, ...)
{
	ADD(OUTCOME_OK, "");
}

void doctor_warn(struct doctor *d, const char *about, const char *fix, const char *fmt, ...)
{
	ADD(OUTCOME_WARN, fix);
}

void doctor_fail(struct doctor *d, const char *about, const char *fix, const char *fmt, ...)
{
	ADD(OUTCOME_FAIL, fix);
}

static void tell_errors(struct doctor *d, const struct config_report *report)
{
	const char *fix =
		doctor_text(d,
			    "correct the line; 'tilld --config %s --check-config' tells when all is "
			    "right",
			    d->config_path);

	for (size_t i = 0; i < report->count; i++) {
		const struct config_error *e = &report->errors[i];

		if (e->line > 0)
			doctor_fail(d, "", fix, "%s:%d: %s", e->file, e->line, e->text);
		else
			doctor_fail(d, "", fix, "%s: %s", e->file, e->text);
	}
	if (report->dropped > 0)
		doctor_fail(d, "", fix, "%s: and %zu more errors", d->config_path, report->dropped);
}

void doctor_config(struct doctor *d)
{
	struct config_report report = {0};
	struct ctl *ctl = d->ctl;

	if (access(d->config_path, F_OK) != 0) {
		doctor_fail(
			d, "",
			"copy packaging/tilld.conf.example there and say which lanes and scanners there are",
			"there is no %s", d->config_path);
	} else {
		d->configured = tilld_config_load(d->config_path, &d->config, &ctl->arena, &report) == ERR_OK;
		tell_errors(d, &report);
	}
	ctl_use_config(ctl, &d->config);
	if (!d->configured)
		return;
	doctor_ok(d, "", "%s: box %s, store %s; lanes: %zu, scanners: %zu", d->config_path,
		  d->config.daemon.box, d->config.daemon.store, d->config.lanes.count,
		  d->config.scanners.count);
	if (d->config.scanners.count == 0)
		doctor_warn(d, "", "add a section [scanner NAME] for each, with its lane and device",
			    "no scanner is configured: only programs can scan");
}
