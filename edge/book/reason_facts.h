/*
 * Why a promotion does not apply, in words: the sentence of its reason (engine/reason.c) with the facts of
 * the verdict put in, and what a promotion says to customers.
 */
#ifndef TILL_REASON_FACTS_H
#define TILL_REASON_FACTS_H

#include "engine.h"
#include "jsonw.h"

#define SENTENCE_MAX 400 /* bytes; what is longer ends in "..." */

/* A verdict, and what it was judged by. */
struct judged {
	const struct catalog *catalog;
	const struct engine_context *context;
	const struct verdict *verdict;
};

/* What may stand in braces in a sentence; the last has no name. */
struct sentence;
struct reason_fact {
	const char *name;
	const char *text; /* what it is, for the schema */
	void (*tell)(const struct judged *j, struct sentence *s);
};
extern const struct reason_fact reason_facts[];

/* "needs 2 more of Coffee". */
void reason_tell(const struct judged *j, char out[SENTENCE_MAX]);

/* The members of the open object: reason, the sentence by that name, and facts, if it has any. */
void reason_to_json(const struct judged *j, const char *sentence_name, struct jsonw *w);

/*
 * What the customer reads of a promotion in that language (NULL: of nobody's choice), looked up as RFC
 * 4647, 3.4 does: "fr-CA", then "fr". promotion_label: NULL, it does not speak it; promotion_text: then in
 * the book's language or, if it does not speak that, its text, which falls back to its name.
 */
const struct label *promotion_label(const struct promotion *p, const char *language);
const char *promotion_text(const struct promotion *p, const char *language);

#endif
