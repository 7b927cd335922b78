/*
 * One line a message, built on the stack and written with one write(2), so that lines of several threads
 * and programs do not mix. The state here is the only mutable global in the project: who logs is never in
 * doubt, and a log handed through every call would be in everybody's way.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_SHOWN 32

static struct {
	char name[NAME_MAX_SHOWN];
	_Atomic int most; /* enum log_level; a reload changes it while workers log */
	bool tagged;	  /* "<4>" before the line: journald reads it, a person does not want it */
} state = {.name = "tilld", .most = LOG_INFO};

static const struct {
	const char *name;
	enum log_level level;
} levels[] = {{"error", LOG_ERROR}, {"warn", LOG_WARN}, {"info", LOG_INFO}, {"debug", LOG_DEBUG}};

void log_set_level(enum log_level most)
{
	state.most = (int)most;
}

void log_open(const char *name, enum log_level most)
{
	snprintf(state.name, sizeof(state.name), "%s", name);
	log_set_level(most);
	state.tagged = !isatty(STDERR_FILENO);
}

enum err log_level_named(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(name, levels[i].name) == 0) {
			*level = levels[i].level;
			return ERR_OK;
		}
	}
	return ERR_NOT_FOUND;
}

struct line {
	char text[LOG_LINE_MAX];
	size_t used; /* without NUL; one byte stays free for the newline */
	bool cut;
};

static void add_args(struct line *l, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

static void add_args(struct line *l, const char *fmt, va_list args)
{
	size_t room = sizeof(l->text) - 1 - l->used;
	int n = vsnprintf(l->text + l->used, room, fmt, args);

	if (n < 0)
		return;
	if ((size_t)n >= room) {
		l->cut = true;
		n = (int)room - 1;
	}
	l->used += (size_t)n;
}

static void add(struct line *l, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void add(struct line *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_args(l, fmt, args);
	va_end(args);
}

/* A line is one line whatever a device or a client put into it. */
static void finish(struct line *l)
{
	for (size_t i = 0; i < l->used; i++)
		if ((unsigned char)l->text[i] < 0x20 || l->text[i] == 0x7F)
			l->text[i] = '?';
	if (l->cut) {
		size_t at = l->used - 3;

		while (at > 0 && ((unsigned char)l->text[at] & 0xC0) == 0x80)
			at--;
		memcpy(l->text + at, "...", 3);
		l->used = at + 3;
	}
	l->text[l->used++] = '\n';
}

static void write_all(const char *at, size_t n)
{
	while (n > 0) {
		ssize_t wrote = write(STDERR_FILENO, at, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return; /* nowhere left to say so */
		at += wrote;
		n -= (size_t)wrote;
	}
}

/* number: an errno to explain, or 0. */
static void put(enum log_level level, int number, const char *fmt, va_list args) PRINTF_LIKE(3, 0);

static void put(enum log_level level, int number, const char *fmt, va_list args)
{
	int saved = errno;
	struct line l = {.used = 0};
	char words[128];

	if ((int)level > state.most)
		return;
	if (state.tagged)
		add(&l, "<%d>", (int)level);
	add(&l, "%s: ", state.name);
	add_args(&l, fmt, args);
	if (number)
		add(&l, ": %s", strerror_r(number, words, sizeof(words)));
	finish(&l);
	write_all(l.text, l.used);
	errno = saved;
}

/* va_start must stand in the function whose arguments it reads, hence a macro. */
#define PUT(level, number, fmt)                \
	do {                                   \
		va_list args;                  \
		va_start(args, fmt);           \
		put(level, number, fmt, args); \
		va_end(args);                  \
	} while (0)

void log_warn(const char *fmt, ...)
{
	PUT(LOG_WARN, errno, fmt);
}

void log_warnx(const char *fmt, ...)
{
	PUT(LOG_WARN, 0, fmt);
}

void log_error(const char *fmt, ...)
{
	PUT(LOG_ERROR, 0, fmt);
}

void log_info(const char *fmt, ...)
{
	PUT(LOG_INFO, 0, fmt);
}

void log_debug(const char *fmt, ...)
{
	PUT(LOG_DEBUG, 0, fmt);
}

void fatal(const char *fmt, ...)
{
	PUT(LOG_ERROR, 0, fmt);
	exit(1);
}

bool log_limit_pass(struct log_limit *l, int64_t now_ms, uint32_t *skipped)
{
	if (now_ms - l->window_start_ms >= l->period_ms) {
		l->window_start_ms = now_ms;
		l->in_window = l->left_out ? l->burst - 1 : 0;
	}
	if (l->in_window >= l->burst) {
		l->left_out++;
		return false;
	}
	l->in_window++;
	*skipped = l->left_out;
	l->left_out = 0;
	return true;
}
