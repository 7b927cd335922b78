/*
 * Log lines for people and journald: one line a message on stderr, "<level>name: text", the level as
 * sd-daemon(3) wants it when stderr is not a terminal.
 *
 * log_warn appends errno's words, log_warnx does not (as in warn(3)). A message that a broken device can
 * repeat for ever goes through a struct log_limit. Control characters become '?', and what passes
 * LOG_LINE_MAX is cut and ends in "...". Any thread may log.
 */
#ifndef TILL_LOG_H
#define TILL_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

#define LOG_LINE_MAX 1024

enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_INFO = 6, LOG_DEBUG = 7 };

/* Names the program in its lines and sets the least important level that is still written. */
void log_open(const char *name, enum log_level most);

/* Another level from now on; any thread may be logging meanwhile. */
void log_set_level(enum log_level most);

/* "error", "warn", "info", "debug"; ERR_NOT_FOUND for anything else. */
enum err log_level_named(const char *name, enum log_level *level) MUST_CHECK;

void log_warn(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warnx(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Start-up alone: says why and exits with 1. */
void fatal(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

/*
 * A bound on one kind of message: burst lines, then one a period that counts the ones left out, until a
 * period passes with none left out. Zero the struct and set the two limits, both 1 or more; now_ms is
 * monotonic. True when the message may be written, *skipped then holds how many were left out before it.
 */
struct log_limit {
	uint32_t burst;
	uint32_t period_ms;
	int64_t window_start_ms;
	uint32_t in_window, left_out;
};
bool log_limit_pass(struct log_limit *l, int64_t now_ms, uint32_t *skipped);

#endif
