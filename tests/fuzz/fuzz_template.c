/*
 * Templates from anybody, and scans read by them. The input's lines are patterns, up to an empty one; what
 * follows is a scan. Numbers are also made to fit each pattern, with digits drawn from the input: such a
 * number must be read by its template, and its price, weight or count be what was put in.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "gs1.h"

#define TEMPLATES 4
#define NUMBER	  13

struct input {
	const uint8_t *at, *end;
};

static void check_template(const struct gs1_template *t)
{
	size_t n = strlen(t->pattern);

	assert(n == t->length && (n == 8 || n == 12 || n == 13));
	assert(t->pattern[0] >= '0' && t->pattern[0] <= '9' && t->pattern[n - 1] == 'C');
	assert(strspn(t->pattern, "0123456789IPWNVC") == n);
}

/* One line; false for the empty one, or at the end. */
static bool take_line(struct input *in, char line[64])
{
	size_t n = 0;

	while (in->at < in->end && *in->at != '\n' && n < 63)
		line[n++] = (char)*in->at++;
	line[n] = '\0';
	if (in->at < in->end && *in->at == '\n')
		in->at++;
	return n > 0;
}

static size_t take_templates(struct input *in, struct gs1_template out[TEMPLATES])
{
	static const char *const names[TEMPLATES] = {"a", "b", "c", "d"};
	char line[64];
	size_t count = 0;

	while (count < TEMPLATES && take_line(in, line)) {
		struct why why = {""};

		if (gs1_template_parse(names[count], line, &out[count], &why))
			assert(why.text[0] != '\0');
		else
			check_template(&out[count++]);
	}
	return count;
}

/* The digits in the places of a letter, as a number. */
static int64_t value_in(const struct gs1_template *t, const char *number, char letter)
{
	int64_t value = 0;

	for (size_t i = 0; i < t->length; i++)
		if (t->pattern[i] == letter)
			value = value * 10 + (number[i] - '0');
	return value;
}

/* All of its article is zeros: no GTIN, whatever price comes with it. */
static bool names_nothing(const struct gs1_template *t, const char *number)
{
	for (size_t i = 0; i + 1 < t->length; i++)
		if (!strchr("PWNV", t->pattern[i]) && number[i] != '0')
			return false;
	return true;
}

static void check_values(const struct gs1_template *t, const char *number, const struct gs1_scan *scan)
{
	int64_t price = value_in(t, number, 'P'), weight = value_in(t, number, 'W');
	int64_t pieces = value_in(t, number, 'N');

	assert(scan->price.minor == (price > 0 ? price : AMOUNT_NONE));
	if (weight > 0)
		assert(scan->quantity.micro == weight * 1000 && scan->unit == GS1_UNIT_ARTICLE);
	else if (pieces > 0)
		assert(scan->quantity.micro == pieces * 1000000 && scan->unit == GS1_UNIT_PIECE);
	else
		assert(scan->quantity.micro == AMOUNT_NONE);
}

static void check_made(const struct gs1_template *t, const struct input *in)
{
	char number[NUMBER] = {0};
	struct gs1_scan scan;
	size_t n = t->length, given = (size_t)(in->end - in->at);

	for (size_t i = 0; i + 1 < n; i++) {
		char drawn = (char)('0' + (given ? in->at[i % given] % 10 : 0));

		number[i] = strchr("IPWNV", t->pattern[i]) ? drawn : t->pattern[i];
	}
	number[n - 1] = (char)('0' + gs1_check_digit(number, n - 1));
	if (gs1_parse(number, n, t, 1, &scan, NULL) != ERR_OK || names_nothing(t, number)) {
		assert(names_nothing(t, number));
		return;
	}
	assert(scan.template == t->name && scan.kind == GS1_GTIN && scan.gtins == 1);
	assert(gs1_check_digit(number, n - 1) == number[n - 1] - '0');
	check_values(t, number, &scan);
}

static bool same(const struct gs1_scan *a, const struct gs1_scan *b)
{
	return a->kind == b->kind && a->gtins == b->gtins && a->gtin[0] == b->gtin[0] &&
	       a->gtin[1] == b->gtin[1] && a->price.minor == b->price.minor &&
	       a->quantity.micro == b->quantity.micro && a->unit == b->unit && a->template == b->template;
}

/* Templates that do not overlap: at most one reads the scan, and the others change nothing. */
static void check_scan(const struct gs1_template *t, size_t count, const struct input *in)
{
	const char *text = (const char *)in->at;
	size_t n = (size_t)(in->end - in->at), readers = 0;
	struct gs1_scan all, alone;
	enum err e = gs1_parse(text, n, t, count, &all, NULL);

	for (size_t i = 0; i < count; i++) {
		if (gs1_parse(text, n, &t[i], 1, &alone, NULL) || !alone.template)
			continue;
		readers++;
		assert(e == ERR_OK && same(&all, &alone));
	}
	assert(readers <= 1 && (e || (readers == 1) == (all.template != NULL)));
	for (size_t i = 0; !e && i < all.gtins; i++)
		assert(all.gtin[i] > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input in = {bytes, bytes + n};
	struct gs1_template templates[TEMPLATES];
	struct why why = {""};
	size_t count;

	if (n == 0)
		return 0;
	count = take_templates(&in, templates);
	for (size_t i = 0; i < count; i++)
		check_made(&templates[i], &in);
	if (gs1_templates_check(templates, count, &why) == ERR_OK)
		check_scan(templates, count, &in);
	else
		assert(strstr(why.text, "match the same numbers"));
	return 0;
}
