/*
 * Templates of shop numbers: what scales and in-store labels put between a prefix and the check digit
 * (restricted circulation numbers, GS1 General Specifications section 2.1.11).
 *
 * Numbers of 12 and 13 digits are compared filled up to 14, since scanners send a UPC-A in either length.
 * Eight digits are a kind of their own: an EAN-8 is not the EAN-13 with five zeros in front.
 */
#include <assert.h>
#include <string.h>

#include "gs1_parts.h"

#define PLACES	14
#define LETTERS "IPWNVC"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Each letter in one run, so that a slip of the finger does not split an article number. */
static enum err check_runs(const char *name, const char *pattern, struct why *why)
{
	for (const char *letter = LETTERS; *letter; letter++) {
		const char *first = strchr(pattern, *letter);
		const char *last = strrchr(pattern, *letter);

		if (first && (size_t)(last - first) + 1 != strspn(first, (char[]){*letter, '\0'}))
			return fail(why, ERR_INVALID,
				    "template '%s': '%s' has %c in two places; put them side by side", name,
				    pattern, *letter);
	}
	return ERR_OK;
}

static enum err check_letters(const char *name, const char *pattern, size_t n, struct why *why)
{
	size_t odd = strspn(pattern, "0123456789" LETTERS);

	if (odd < n)
		return fail(
			why, ERR_INVALID,
			"template '%s': place %zu of '%s' is '%c'; write a digit or one of I, P, W, N, V, C",
			name, odd + 1, pattern,
			is_digit(pattern[odd]) || pattern[odd] > ' ' ? pattern[odd] : '?');
	if (!is_digit(pattern[0]))
		return fail(why, ERR_INVALID,
			    "template '%s': '%s' starts with no digit and would take other shops' articles; "
			    "start it with the prefix of your labels, such as 22",
			    name, pattern);
	if (!strchr(pattern, 'I') && strcspn(pattern, "123456789") == n)
		return fail(why, ERR_INVALID,
			    "template '%s': '%s' names no article; put its number in I, or as digits", name,
			    pattern);
	if (pattern[n - 1] != 'C' || strchr(pattern, 'C') != pattern + n - 1)
		return fail(why, ERR_INVALID,
			    "template '%s': '%s' must have C at its last place, and only there", name,
			    pattern);
	if ((strchr(pattern, 'P') != NULL) + (strchr(pattern, 'W') != NULL) + (strchr(pattern, 'N') != NULL) >
	    1)
		return fail(why, ERR_INVALID,
			    "template '%s': '%s' has more than one of P (price), W (weight) and N (pieces); "
			    "keep one",
			    name, pattern);
	return check_runs(name, pattern, why);
}

enum err gs1_template_parse(const char *name, const char *pattern, struct gs1_template *out, struct why *why)
{
	size_t n = strlen(pattern), name_n = strlen(name);
	enum err e;

	if (name_n == 0 || name_n >= sizeof(out->name))
		return fail(why, ERR_INVALID, "template '%s': a name has 1 to %zu characters", name,
			    sizeof(out->name) - 1);
	if (n != 8 && n != 12 && n != 13)
		return fail(why, ERR_INVALID, "template '%s': '%s' has %zu places; write 8, 12 or 13", name,
			    pattern, n);
	e = check_letters(name, pattern, n, why);
	if (e)
		return e;
	memset(out, 0, sizeof(*out));
	memcpy(out->name, name, name_n);
	memcpy(out->pattern, pattern, n);
	out->length = (uint8_t)n;
	return ERR_OK;
}

/* The pattern filled up to 14 places. */
static void fill(const struct gs1_template *t, char out[PLACES])
{
	memset(out, '0', PLACES);
	memcpy(out + PLACES - t->length, t->pattern, t->length);
}

/* Some number matches both, unless they ask for different digits at some place. */
static bool overlap(const struct gs1_template *a, const struct gs1_template *b)
{
	char x[PLACES], y[PLACES];

	if ((a->length == 8) != (b->length == 8))
		return false;
	fill(a, x);
	fill(b, y);
	for (int i = 0; i < PLACES; i++)
		if (is_digit(x[i]) && is_digit(y[i]) && x[i] != y[i])
			return false;
	return true;
}

enum err gs1_templates_check(const struct gs1_template *t, size_t n, struct why *why)
{
	if (n > GS1_TEMPLATES_MAX)
		return fail(why, ERR_LIMIT, "%zu templates; at most %d are possible", n, GS1_TEMPLATES_MAX);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (overlap(&t[i], &t[j]))
				return fail(why, ERR_AMBIGUOUS,
					    "templates '%s' (%s) and '%s' (%s) match the same numbers; "
					    "give them different prefixes",
					    t[i].name, t[i].pattern, t[j].name, t[j].pattern);
	return ERR_OK;
}

static bool matches(const char pattern[PLACES], const char digits[PLACES])
{
	for (int i = 0; i < PLACES; i++)
		if (is_digit(pattern[i]) && pattern[i] != digits[i])
			return false;
	return true;
}

/* The number that the run of letter holds; 0 also if there is no such run. */
static uint64_t value_of(const char pattern[PLACES], const char digits[PLACES], char letter)
{
	uint64_t value = 0;

	for (int i = 0; i < PLACES; i++)
		if (pattern[i] == letter)
			value = value * 10 + (uint64_t)(digits[i] - '0');
	return value;
}

/* The article's own number: zeros for what changes from label to label, and its own check digit. */
static uint64_t article_of(const char pattern[PLACES], const char digits[PLACES])
{
	char own[PLACES];

	for (int i = 0; i < PLACES; i++)
		own[i] = pattern[i] == 'I' || is_digit(pattern[i]) ? digits[i] : '0';
	own[PLACES - 1] = (char)('0' + gs1_check_digit(own, PLACES - 1));
	return gs1_number(own, PLACES);
}

/* At most twelve digits, so no product below leaves its type. */
static void take_values(const char pattern[PLACES], const char digits[PLACES], struct gs1_scan *out)
{
	int64_t price = (int64_t)value_of(pattern, digits, 'P');
	int64_t thousandths = (int64_t)value_of(pattern, digits, 'W');
	int64_t pieces = (int64_t)value_of(pattern, digits, 'N');

	if (price > 0)
		out->price.minor = price;
	if (thousandths > 0) {
		out->quantity.micro = thousandths * 1000;
		out->unit = GS1_UNIT_ARTICLE;
	}
	if (pieces > 0) {
		out->quantity.micro = pieces * QTY_ONE.micro;
		out->unit = GS1_UNIT_PIECE;
	}
}

bool gs1_template_apply(const struct gs1_template *templates, size_t count, const char digits[PLACES],
			bool eight, struct gs1_scan *out, uint64_t *gtin)
{
	for (size_t i = 0; i < count; i++) {
		const struct gs1_template *t = &templates[i];
		char pattern[PLACES];
		uint64_t article;

		fill(t, pattern);
		if ((t->length == 8) != eight || !matches(pattern, digits))
			continue;
		article = article_of(pattern, digits);
		if (article == 0) /* a price or weight of nothing */
			return false;
		out->template = t->name;
		take_values(pattern, digits, out);
		*gtin = article;
		return true;
	}
	return false;
}
