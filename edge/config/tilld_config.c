/*
 * Reading tilld's configuration, and a scanner's settings out of its section and its profile.
 */
#include "tilld_config.h"

#include <stdio.h>
#include <string.h>

/* The choices of tilld_options.c after "profile", in the same order. */
static const int64_t bauds[] = {300,   600,   1200,   2400,   4800,   9600,  19200,
				38400, 57600, 115200, 230400, 460800, 921600};
static const int64_t data_bits[] = {7, 8};
static const int64_t parities[] = {PARITY_NONE, PARITY_EVEN, PARITY_ODD};
static const int64_t stop_bits[] = {1, 2};
static const int64_t flows[] = {FLOW_NONE, FLOW_XONXOFF, FLOW_RTSCTS};
static const enum framing_suffix suffixes[] = {SUFFIX_NONE,    SUFFIX_CR,  SUFFIX_LF, SUFFIX_CRLF,
					       SUFFIX_ANY_EOL, SUFFIX_TAB, SUFFIX_ETX};
static const uint8_t prefixes[] = {0, 0x02};

enum err tilld_config_load(const char *path, struct tilld_config *out, struct arena *a,
			   struct config_report *report)
{
	enum err e = config_load(path, tilld_sections, tilld_section_count, out, a, report);

	if (e == ERR_IO)
		return e;
	tilld_config_check(path, out, a, report);
	return report->count > 0 ? ERR_INVALID : e;
}

void tilld_config_print(const struct config_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct config_error *e = &report->errors[i];

		if (e->line > 0)
			fprintf(stderr, "%s:%d: %s\n", e->file, e->line, e->text);
		else
			fprintf(stderr, "%s: %s\n", e->file, e->text);
	}
	if (report->dropped > 0)
		fprintf(stderr, "and %zu more errors\n", report->dropped);
}

bool tilld_sync_socket(const char *control_socket, char *out, size_t size)
{
	const char *slash = strrchr(control_socket, '/');
	int folder = slash ? (int)(slash + 1 - control_socket) : 0;
	int n = snprintf(out, size, "%.*ssync.sock", folder, control_socket);

	return n > 0 && (size_t)n < size;
}

enum log_level tilld_config_level(const struct tilld_config *c)
{
	static const enum log_level levels[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};

	return levels[c->daemon.log_level];
}

const struct lane_section *tilld_config_lane(const struct tilld_config *c, size_t i)
{
	const struct lane_section *all = c->lanes.at;

	return &all[i];
}

const struct scanner_section *tilld_config_scanner(const struct tilld_config *c, size_t i)
{
	const struct scanner_section *all = c->scanners.at;

	return &all[i];
}

static void choose(int64_t chosen, const int64_t *values, int64_t *out)
{
	if (chosen > 0)
		*out = values[chosen - 1];
}

void tilld_config_settings(const struct scanner_section *s, struct scanner_config *out)
{
	const struct scanner_profile *profile = scanner_profile_find(s->profile);

	*out = (struct scanner_config){.name = s->name,
				       .device = s->device,
				       .transport = transport_find(s->transport),
				       .line = profile->line,
				       .framing = profile->framing,
				       .repeat_ms = (uint32_t)s->repeat_ms};
	choose(s->baud, bauds, &out->line.baud);
	choose(s->data_bits, data_bits, &out->line.data_bits);
	choose(s->parity, parities, &out->line.parity);
	choose(s->stop_bits, stop_bits, &out->line.stop_bits);
	choose(s->flow, flows, &out->line.flow);
	if (s->suffix > 0)
		out->framing.suffix = suffixes[s->suffix - 1];
	if (s->prefix > 0)
		out->framing.prefix = prefixes[s->prefix - 1];
	if (s->idle_ms > 0)
		out->framing.idle_ms = (uint32_t)s->idle_ms;
}
