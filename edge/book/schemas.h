/*
 * The JSON Schemas of all that people and programs write and read: one a record type, the cart, the
 * evaluation. Made from the tables that the program itself reads by; docs/schemas/ holds them as files.
 */
#ifndef TILL_SCHEMAS_H
#define TILL_SCHEMAS_H

#include "err.h"
#include "jsonw.h"

/* "book", "tax" ... "cart", "evaluation" ...; NULL at the end. */
extern const char *const schema_names[];

/* Writes that schema as one value. ERR_NOT_FOUND for a name that is none of them. */
enum err schema_write(const char *name, struct jsonw *w) MUST_CHECK;

#endif
