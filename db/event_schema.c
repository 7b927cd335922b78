/*
 * JSON Schemas of ledger events, as event_to_json writes them: the envelope, then the body under the name of
 * its kind. See event.h.
 */
#include <stdio.h>
#include <string.h>

#include "event_forms.h"

#define LEDGER	  "ledger/" /* the folder of their files, and what their names begin with */
#define HASH_TEXT "^[0-9a-f]{64}$"

const char *const event_schema_names[] = {LEDGER "start",  LEDGER "body",     LEDGER "sale",
					  LEDGER "return", LEDGER "void",     LEDGER "coupon",
					  LEDGER "grant",  LEDGER "override", LEDGER "approval",
					  LEDGER "alert",  LEDGER "price",    NULL};

static void write_text(struct jsonw *w, const char *name, const char *pattern, const char *text)
{
	jsonw_object(w, name);
	jsonw_text(w, "description", text);
	jsonw_text(w, "type", "string");
	if (pattern)
		jsonw_text(w, "pattern", pattern);
	jsonw_close(w);
}

static void write_counter(struct jsonw *w, const char *name, const char *text)
{
	jsonw_object(w, name);
	jsonw_text(w, "description", text);
	jsonw_text(w, "type", "integer");
	jsonw_int(w, "minimum", 1);
	jsonw_close(w);
}

static void write_numbers(struct jsonw *w)
{
	jsonw_object(w, "bodies");
	jsonw_text(w, "description", "Numbers of the records that it refers to: events of kind body.");
	jsonw_text(w, "type", "array");
	jsonw_object(w, "items");
	jsonw_text(w, "type", "integer");
	jsonw_int(w, "minimum", 1);
	jsonw_close(w);
	jsonw_close(w);
}

/* A record under the name of its type; of a type that this program does not know, its bytes. */
static void write_record(struct jsonw *w)
{
	jsonw_object(w, "body");
	jsonw_text(w, "description", "A record that decisions refer to, the first time one does.");
	jsonw_text(w, "type", "object");
	jsonw_object(w, "properties");
	write_counter(w, "number", "What sales call it by.");
	for (unsigned t = 0; t < RECORD_TYPES; t++) {
		jsonw_object(w, record_schema((enum record_type)t)->name);
		jsonw_text(w, "description", "As in a price book, without its type.");
		jsonw_text(w, "type", "object");
		jsonw_close(w);
	}
	jsonw_object(w, "type");
	jsonw_text(w, "type", "integer");
	jsonw_close(w);
	write_text(w, "cbor", "^([0-9a-f]{2})*$", "Of a record of a later version.");
	jsonw_close(w);
	jsonw_array(w, "required");
	jsonw_text(w, NULL, "number");
	jsonw_close(w);
	jsonw_int(w, "minProperties", 2);
	jsonw_bool(w, "additionalProperties", false);
	jsonw_close(w);
}

static void write_members(struct jsonw *w, const struct event_form *form)
{
	jsonw_object(w, "properties");
	write_text(w, "box", NULL, "Where it happened.");
	write_counter(w, "segment", "Which start of the box's program.");
	write_counter(w, "sequence", "Which event of it, without gaps.");
	jsonw_object(w, "kind");
	jsonw_text(w, "const", event_kind_name(form->kind));
	jsonw_close(w);
	write_text(w, "at", NULL, "When, by the box's clock.");
	write_text(w, "previous", HASH_TEXT, "Hash of the event before.");
	write_text(w, "hash", HASH_TEXT, "Its own.");
	if (form->kind == EVENT_BODY)
		write_record(w);
	else
		record_to_schema_member(form->schema, form->schema->name, w);
	write_numbers(w);
	jsonw_close(w);
}

static void write_required(struct jsonw *w, const char *body)
{
	static const char *const names[] = {"box", "segment", "sequence", "kind", "at", "previous", "hash"};

	jsonw_array(w, "required");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		jsonw_text(w, NULL, names[i]);
	jsonw_text(w, NULL, body);
	jsonw_close(w);
}

enum err event_schema_write(const char *name, struct jsonw *w)
{
	const struct event_form *form = NULL;

	for (size_t i = 0; i < EVENT_FORMS && strncmp(name, LEDGER, strlen(LEDGER)) == 0; i++)
		if (strcmp(event_kind_name(event_forms[i].kind), name + strlen(LEDGER)) == 0)
			form = &event_forms[i];
	if (!form)
		return ERR_NOT_FOUND;
	jsonw_object(w, NULL);
	jsonw_text(w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	jsonw_text(w, "title", name);
	jsonw_text(w, "description", form->schema->text);
	jsonw_text(w, "type", "object");
	write_members(w, form);
	write_required(w, form->schema->name);
	jsonw_bool(w, "additionalProperties", false);
	jsonw_close(w);
	return ERR_OK;
}
