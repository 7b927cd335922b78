/*
 * One line of a price book: a JSON object with a "type", through its table and its checks into a record.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "records.h"

static enum err unknown_type(const char *type, struct why *why)
{
	const char *known[RECORD_TYPES];

	for (unsigned t = 0; t < RECORD_TYPES; t++)
		known[t] = record_schema((enum record_type)t)->name;
	const char *near = nearest_name(type, known, RECORD_TYPES);
	if (near)
		return fail(why, ERR_INVALID, "type: unknown '%s'; did you mean '%s'?", type, near);
	return fail(why, ERR_INVALID, "type: unknown '%s'; such as item, price or promotion is expected",
		    type);
}

static enum err read_type(const json_t *object, enum record_type *out, struct why *why)
{
	const json_t *type = json_object_get(object, "type");

	if (!type)
		return fail(why, ERR_INVALID,
			    "type: missing; say what the record is, such as \"type\": \"item\"");
	if (!json_is_string(type))
		return fail(why, ERR_INVALID, "type: must be text, such as \"item\"");
	if (record_type_named(json_string_value(type), out))
		return unknown_type(json_string_value(type), why);
	return ERR_OK;
}

enum err record_parse_object(const json_t *object, unsigned exponent, struct arena *a, struct record *out,
			     struct why *why)
{
	const struct record_context context = {.exponent = exponent};

	memset(out, 0, sizeof(*out));
	if (!json_is_object(object))
		return fail(why, ERR_INVALID, "a record is a JSON object: {\"type\": ...}");
	enum err e = read_type(object, &out->type, why);
	if (!e)
		e = record_from_json(record_schema(out->type), object, "type", &context, a, &out->as, why);
	if (e)
		return e;
	/* Said outright from here on, so that a later tilld reads the stored book as it was meant. */
	if (out->type == RECORD_BOOK && out->as.book.semantics == AMOUNT_NONE)
		out->as.book.semantics = ENGINE_SEMANTICS;
	return record_check(out, why);
}

enum err record_parse_line(const char *line, size_t n, unsigned exponent, struct arena *a, struct record *out,
			   struct why *why)
{
	json_error_t error;
	json_t *object = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);

	if (!object)
		return fail(why, ERR_INVALID, "not JSON: %s (column %d)", error.text, error.column);
	enum err e = record_parse_object(object, exponent, a, out, why);
	json_decref(object);
	return e;
}
