/*
 * Text on a terminal: its width in columns, not bytes (East Asian characters take two, combining ones none),
 * and nothing in it that would steer the terminal.
 */
#ifndef TILL_SCREEN_H
#define TILL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* Columns of standard output: the terminal's, at least 40; 0 when it is no terminal. */
unsigned screen_columns(void);

/* Columns that text takes. */
unsigned screen_width(const char *text);

/* Prints text in exactly width columns: padded, or cut with an ellipsis. right: padded on the left. */
void screen_put(const char *text, unsigned width, bool right);

/* Prints text as it is, but control characters and broken UTF-8 as '?'. */
void screen_text(const char *text);

/*
 * Prints text and ends the line, which has so many columns used already. What the terminal has no room for
 * goes on at the next blank in further lines, behind an indent. Ends of lines in the text are blanks.
 */
void screen_wrap(const char *text, unsigned used, unsigned indent);

/* A line of so many columns, and its end. */
void screen_rule(unsigned width);

/*
 * A table. Columns are described by a header each: '<' or '>' (left or right), '~' for left and first to be
 * cut when the terminal is too narrow, '+' for left, last and never cut but wrapped; then the title.
 */
#define TABLE_COLUMNS_MAX 10

struct table;
struct table *table_new(const char *const *headers, unsigned columns);
void table_cell(struct table *t, const char *text); /* row by row; text is copied */
void table_cell_int(struct table *t, long long value);
void table_print(struct table *t); /* and frees it */
void table_free(struct table *t);

#endif
