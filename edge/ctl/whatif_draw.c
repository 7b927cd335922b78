/*
 * The picture of a what-if: bars as it was and as it would be, the sums first, then the promotions that give
 * most. See whatif_view.h.
 */
#include "whatif_view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH	 900
#define LEFT	 230 /* where bars begin */
#define RIGHT	 130 /* room for an amount behind a bar */
#define BAR	 13
#define ROW	 46
#define TOP	 92
#define ROWS_MAX 20 /* promotions shown */
#define BEFORE	 "#8d99ae"
#define AFTER	 "#2a7f62"

struct drawing {
	const struct whatif *w;
	FILE *file;
	int y;
	int64_t most; /* amount of the longest bar of the group */
};

/* Ids are the shop's own text. */
static void put_text(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", f);
		else if (*text == '&')
			fputs("&amp;", f);
		else if (*text == '>')
			fputs("&gt;", f);
		else
			fputc((unsigned char)*text < ' ' ? '?' : *text, f);
	}
}

static void put_bar(struct drawing *d, struct money m, int y, const char *color)
{
	unsigned exponent = d->w->catalog->settings.exponent;
	int64_t size = m.minor > 0 ? m.minor : 0;
	double width = d->most > 0 ? (double)size / (double)d->most * (WIDTH - LEFT - RIGHT) : 0;
	char text[DECIMAL_TEXT_MAX];

	decimal_format(m.minor, exponent, exponent, text);
	fprintf(d->file, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", LEFT, y,
		width < 1 ? 1 : width, BAR, color);
	fprintf(d->file, "<text x=\"%.1f\" y=\"%d\" font-size=\"12\">%s</text>\n", LEFT + width + 6,
		y + BAR - 2, text);
}

static void put_row(struct drawing *d, const char *label, struct money before, struct money after)
{
	fprintf(d->file, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LEFT - 10, d->y + BAR + 4);
	put_text(d->file, label);
	fputs("</text>\n", d->file);
	put_bar(d, before, d->y, BEFORE);
	put_bar(d, after, d->y + BAR + 2, AFTER);
	d->y += ROW;
}

static void put_heading(struct drawing *d, const char *text)
{
	d->y += 14;
	fprintf(d->file, "<text x=\"20\" y=\"%d\" font-weight=\"bold\">", d->y);
	put_text(d->file, text);
	fputs("</text>\n", d->file);
	d->y += 14;
}

static void grow(struct drawing *d, struct money m)
{
	if (m.minor > d->most)
		d->most = m.minor;
}

static void put_sums(struct drawing *d)
{
	const struct whatif_side *s = d->w->sides;

	for (int i = 0; i < 2; i++)
		grow(d, s[i].paid);
	put_row(d, "paid by customers", s[0].paid, s[1].paid);
	put_row(d, "revenue without tax", s[0].revenue, s[1].revenue);
	put_row(d, "margin", s[0].margin, s[1].margin);
	put_row(d, "customers' savings", s[0].savings, s[1].savings);
}

static void put_promotions(struct drawing *d, size_t rows)
{
	struct whatif_promotion *all = whatif_ranked(d->w);

	d->most = 0;
	for (size_t i = 0; all && i < rows; i++) {
		grow(d, all[i].amount[0]);
		grow(d, all[i].amount[1]);
	}
	put_heading(d, d->w->promotion_count > rows ? "Promotions that give most" : "Promotions");
	for (size_t i = 0; all && i < rows; i++)
		put_row(d, all[i].id, all[i].amount[0], all[i].amount[1]);
	free(all);
}

static void put_head(struct drawing *d, int height)
{
	const struct whatif *w = d->w;

	fprintf(d->file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"font-family=\"Helvetica, Arial, DejaVu Sans, sans-serif\" font-size=\"14\" fill=\"#222\">"
		"<title>What if</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
		WIDTH, height, WIDTH, height);
	fprintf(d->file,
		"<text x=\"20\" y=\"32\" font-size=\"18\" font-weight=\"bold\">%" PRId64 " carts: %" PRId64
		" cheaper, %" PRId64 " dearer</text>\n",
		w->carts, w->cheaper, w->dearer);
	fprintf(d->file,
		"<rect x=\"20\" y=\"46\" width=\"13\" height=\"13\" fill=\"" BEFORE
		"\"/><text x=\"40\" y=\"57\">as "
		"it was</text><rect x=\"130\" y=\"46\" width=\"13\" height=\"13\" fill=\"" AFTER
		"\"/><text x=\"150\" y=\"57\">by the book</text><text x=\"%d\" y=\"57\" "
		"text-anchor=\"end\">%s%s</text>\n",
		WIDTH - 20, w->catalog->settings.currency, w->left_out ? "; some carts are left out" : "");
}

enum err whatif_draw(const struct whatif *w, const char *path, struct why *why)
{
	size_t rows = w->promotion_count < ROWS_MAX ? w->promotion_count : ROWS_MAX;
	struct drawing d = {.w = w, .file = fopen(path, "w"), .y = TOP};
	bool failed;

	if (!d.file)
		return fail(why, ERR_IO, "%s: %s", path, strerror(errno));
	put_head(&d, TOP + (4 + (int)rows) * ROW + (rows ? 40 : 10));
	put_sums(&d);
	if (rows)
		put_promotions(&d, rows);
	fputs("</svg>\n", d.file);
	failed = ferror(d.file) != 0;
	failed |= fclose(d.file) != 0;
	return failed ? fail(why, ERR_IO, "%s: %s", path, strerror(errno)) : ERR_OK;
}
