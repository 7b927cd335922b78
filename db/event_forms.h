/*
 * The kinds of ledger events and the tables of their bodies: for people's JSON and its schemas. Private to
 * db/.
 */
#ifndef TILL_EVENT_FORMS_H
#define TILL_EVENT_FORMS_H

#include "event.h"

#define EVENT_FORMS 11

/* Every kind that is written. The JSON of one has its body under the name of the schema. */
extern const struct event_form {
	int64_t kind;
	const struct schema *schema;
	size_t currency; /* where its struct has the code that its money is of; SIZE_MAX: it has none */
} event_forms[EVENT_FORMS];

#endif
