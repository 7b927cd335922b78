/*
 * Text in columns.
 */
#include "screen.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define COLUMNS_LEAST 40
#define UTF8_MAX      4 /* bytes of a character */

unsigned screen_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	return size.ws_col < COLUMNS_LEAST ? COLUMNS_LEAST : size.ws_col;
}

/* One character: its bytes and columns. What may not be printed is one byte, one column and not *printable.
 */
static size_t next_character(const char *text, unsigned *columns, bool *printable)
{
	mbstate_t state = {0};
	wchar_t c;
	size_t n = mbrtowc(&c, text, UTF8_MAX, &state);
	int width = n > 0 && n <= UTF8_MAX ? wcwidth(c) : -1;

	*printable = width >= 0;
	*columns = *printable ? (unsigned)width : 1;
	return n > 0 && n <= UTF8_MAX ? n : 1;
}

unsigned screen_width(const char *text)
{
	unsigned total = 0, columns;
	bool printable;

	while (*text) {
		text += next_character(text, &columns, &printable);
		total += columns;
	}
	return total;
}

/* Prints as many characters as fit into width; returns the columns used. */
static unsigned put_some(const char *text, unsigned width)
{
	unsigned used = 0, columns;
	bool printable;

	while (*text) {
		size_t n = next_character(text, &columns, &printable);

		if (used + columns > width)
			break;
		if (printable)
			fwrite(text, 1, n, stdout);
		else
			putchar('?');
		used += columns;
		text += n;
	}
	return used;
}

void screen_text(const char *text)
{
	put_some(text, UINT_MAX);
}

static void pad(unsigned n)
{
	printf("%*s", (int)n, "");
}

void screen_put(const char *text, unsigned width, bool right)
{
	unsigned needed = screen_width(text);

	if (needed > width && width > 0) {
		unsigned used = put_some(text, width - 1);

		fputs("…", stdout);
		pad(width - 1 - used);
		return;
	}
	if (right)
		pad(width - needed);
	screen_text(text);
	if (!right)
		pad(width - needed);
}

/* So many bytes of the text are one word, with the blanks before it. */
static size_t next_word(const char *text)
{
	size_t blanks = strspn(text, " \n");

	return blanks + strcspn(text + blanks, " \n");
}

void screen_wrap(const char *text, unsigned used, unsigned indent)
{
	unsigned screen = screen_columns(), wide;
	bool fresh = true; /* nothing of the text is on this line yet */
	char word[512];

	for (size_t n; (n = next_word(text)) > 0; text += n) {
		n = n < sizeof(word) ? n : sizeof(word) - 1;
		memcpy(word, text, n);
		word[n] = '\0';
		if (word[0] == '\n') /* where the source broke its line */
			word[0] = ' ';
		wide = screen_width(word);
		if (screen > 0 && !fresh && used + wide > screen) {
			printf("\n%*s", (int)indent, "");
			memmove(word, word + strspn(word, " "), n + 1 - strspn(word, " "));
			used = indent;
			wide = screen_width(word);
		}
		screen_text(word);
		used += wide;
		fresh = false;
	}
	putchar('\n');
}

void screen_rule(unsigned width)
{
	while (width-- > 0)
		fputs("─", stdout);
	putchar('\n');
}

struct table {
	unsigned columns, cells, room;
	char kind[TABLE_COLUMNS_MAX];
	unsigned width[TABLE_COLUMNS_MAX];
	char **text; /* rows one behind the other, the header first */
};

struct table *table_new(const char *const *headers, unsigned columns)
{
	struct table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	t->columns = columns;
	for (unsigned i = 0; i < columns; i++) {
		t->kind[i] = headers[i][0];
		table_cell(t, headers[i] + 1);
	}
	return t;
}

void table_cell(struct table *t, const char *text)
{
	unsigned column = t->cells % t->columns, width = screen_width(text);

	if (t->cells == t->room) {
		t->room = t->room ? t->room * 2 : 64;
		t->text = realloc(t->text, t->room * sizeof(*t->text));
		if (t->text == NULL)
			abort();
	}
	t->text[t->cells] = strdup(text);
	if (t->text[t->cells++] == NULL)
		abort();
	if (width > t->width[column])
		t->width[column] = width;
}

void table_cell_int(struct table *t, long long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", value);
	table_cell(t, text);
}

#define GAP	  2
#define CUT_LEAST 8 /* columns that a cut column keeps, and the indent of what is wrapped */

/* Takes from the '~' columns, last first, what the terminal lacks. */
static void fit(struct table *t)
{
	unsigned screen = screen_columns(), needed = 0;

	for (unsigned i = 0; i < t->columns; i++) {
		if (t->kind[i] == '+')
			t->width[i] = CUT_LEAST;
		needed += t->width[i] + (i ? GAP : 0);
	}
	for (unsigned i = t->columns; i-- > 0 && screen > 0 && needed > screen;) {
		unsigned most = t->width[i] > CUT_LEAST ? t->width[i] - CUT_LEAST : 0;
		unsigned cut = needed - screen < most ? needed - screen : most;

		if (t->kind[i] != '~')
			continue;
		t->width[i] -= cut;
		needed -= cut;
	}
}

/* Where the last column begins. */
static unsigned last_begins(const struct table *t)
{
	unsigned at = 0;

	for (unsigned i = 0; i + 1 < t->columns; i++)
		at += t->width[i] + GAP;
	return at;
}

/* The last column is not padded, so that no line ends in blanks. */
static void print_cell(const struct table *t, const char *text, unsigned column)
{
	bool last = column + 1 == t->columns, right = t->kind[column] == '>';

	if (column > 0)
		pad(GAP);
	if (t->kind[column] == '+') {
		screen_wrap(text, last_begins(t), CUT_LEAST);
		return;
	}
	if (last && !right && screen_width(text) <= t->width[column])
		screen_text(text);
	else
		screen_put(text, t->width[column], right);
	if (last)
		putchar('\n');
}

void table_print(struct table *t)
{
	fit(t);
	for (unsigned i = 0; i < t->cells; i++)
		print_cell(t, t->text[i], i % t->columns);
	table_free(t);
}

void table_free(struct table *t)
{
	for (unsigned i = 0; i < t->cells; i++)
		free(t->text[i]);
	free(t->text);
	free(t);
}
