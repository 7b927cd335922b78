/*
 * What a promotion says to customers, in the language that is asked for.
 */
#include "reason_facts.h"

#include <string.h>

static const struct label *label_in(const struct promotion *p, const char *language, size_t n)
{
	for (uint32_t i = 0; i < p->label_count; i++)
		if (strlen(p->labels[i].language) == n &&
		    strncasecmp(p->labels[i].language, language, n) == 0)
			return &p->labels[i];
	return NULL;
}

/* Shorter by one part of the tag each time, as RFC 4647, 3.4 looks up. */
const struct label *promotion_label(const struct promotion *p, const char *language)
{
	size_t n = language && p->label_count ? strlen(language) : 0;
	const struct label *label = NULL;

	while (n > 0 && !label) {
		label = label_in(p, language, n);
		do
			n--;
		while (n > 0 && language[n] != '-');
	}
	return label;
}

const char *promotion_text(const struct promotion *p, const char *language)
{
	const struct label *label = promotion_label(p, language);

	return label ? label->text : p->text;
}
