/*
 * Configuration files: INI (inih) with drop-ins, read through one table of options.
 *
 * The table says what there is: section, key, type, range, default and a sentence. The parser, the checks,
 * "did you mean" and the reference documentation all come from it. FILE is read first, then FILE.d/ *.conf in
 * byte order; a later value replaces an earlier one of the same section and key, except in the same file,
 * where it is an error. So are control characters, lines that start with blanks and lines over
 * CONFIG_LINE_MAX: inih would read the second as a continuation and cut the third. Comments begin with '#' or
 * ';' at the start of a line, or with ';' after a blank.
 *
 * A section may be single ([daemon]) or named ([lane 1], [scanner front]); named ones are filled into one
 * struct each, in the order in which they first appear.
 */
#ifndef TILL_CONFIG_H
#define TILL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

#define CONFIG_LINE_MAX	  198 /* inih as Debian builds it has lines of 200 bytes, with newline and NUL */
#define CONFIG_ERRORS_MAX 50

enum option_kind {
	OPTION_TEXT,	 /* const char * */
	OPTION_PATH,	 /* const char *, absolute */
	OPTION_INT,	 /* int64_t, min to max */
	OPTION_BOOL,	 /* int64_t 0 or 1: yes, no, on, off, true, false */
	OPTION_CHOICE,	 /* int64_t, index into choices[] */
	OPTION_DURATION, /* int64_t milliseconds: 250ms, 5s, 10min, 2h, 30d */
	OPTION_LIST,	 /* struct config_words: words separated by blanks or commas */
};

struct config_words {
	const char **at;
	size_t count;
};

struct option {
	const char *key;
	enum option_kind kind;
	uint32_t offset;      /* in the section's struct */
	const char *fallback; /* as it would stand in the file; NULL: required */
	int64_t min, max;     /* OPTION_INT, OPTION_DURATION (ms), bytes of text, words; 0, 0: no bound */
	const char *const *choices; /* NULL-terminated */
	const char *text;	    /* what it does, its unit */
	bool restart;		    /* a change takes a restart, not a reload */
};

struct section {
	const char *name; /* "daemon", "lane" */
	bool named;	  /* [lane 1]: one struct a name, in a struct config_list */
	size_t size;	  /* of the struct; a named one starts with const char *name */
	uint32_t offset;  /* of the struct, or of its struct config_list, in the whole */
	size_t max;	  /* named: how many there may be */
	const struct option *options;
	size_t count;
	const char *text;
};

struct config_list {
	void *at; /* count structs one behind the other */
	size_t count;
};

/* A finding, kept so that a check can report all of them. line 0: the file as a whole. */
struct config_error {
	const char *file;
	int line;
	const char *text;
};

struct config_report {
	struct config_error errors[CONFIG_ERRORS_MAX];
	size_t count;			  /* at most CONFIG_ERRORS_MAX are kept */
	size_t dropped;			  /* and this many more were found */
	const struct config_files *files; /* what was read, for config_where */
};

/*
 * Reads path and its drop-ins (NULL: nothing) into *whole (zeroed and defaulted first), strings in the arena.
 * Every error is in the report; ERR_INVALID if there is any, ERR_IO if path cannot be read (also in the
 * report).
 */
enum err config_load(const char *path, const struct section *sections, size_t count, void *whole,
		     struct arena *a, struct config_report *report) MUST_CHECK;

/* Adds a finding of the caller's own: a check across sections, at a place that config_where tells. */
void config_complain(struct config_report *r, struct arena *a, const char *file, int line, const char *fmt,
		     ...) PRINTF_LIKE(5, 6);

/*
 * Where the value in force was set: section as it stands in the file ("lane 1"). A value by default has the
 * place of its section, and a section that is not there the whole of path.
 */
void config_where(const struct config_report *r, const char *section, const char *key, const char **file,
		  int *line);

/* Whether two structs of an option's section say the same there; and what one says, as a file would. */
bool config_same(const struct option *o, const void *a, const void *b);
#define CONFIG_SHOWN_MAX 128
const char *config_show(const struct option *o, const void *at, char out[CONFIG_SHOWN_MAX]);

/* Makes `to` say what `from` says there; strings are not copied. */
void config_take(const struct option *o, const void *from, void *to);

/* The sections and options as a reference in Markdown, for docs/ and man pages. */
void config_reference(const struct section *sections, size_t count, int fd);

#endif
