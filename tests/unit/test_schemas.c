/*
 * The JSON Schemas in docs/schemas are what the program's tables say. When a table changes:
 *	for s in $(tillctl schema); do tillctl schema $s > docs/schemas/$s.json; done
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "buf.h"
#include "event.h"
#include "records.h"
#include "schemas.h"

#ifndef TILL_SCHEMAS
#error "TILL_SCHEMAS: the folder of the schema files"
#endif

static json_t *generated(const char *name)
{
	struct buf text;
	struct jsonw w;

	buf_init(&text, 1 << 20);
	jsonw_begin(&w, &text);
	if (schema_write(name, &w))
		assert_int_equal(event_schema_write(name, &w), ERR_OK);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	json_t *schema =
		json_loadb((const char *)buf_front(&text), buf_length(&text), JSON_REJECT_DUPLICATES, NULL);
	buf_free(&text);
	assert_non_null(schema);
	return schema;
}

static char *file_text(const char *name)
{
	static char text[1 << 20];
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.json", TILL_SCHEMAS, name);
	FILE *f = fopen(path, "re");
	if (!f)
		fail_msg("%s is missing", path);
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

static void check_file(const char *name)
{
	json_t *schema = generated(name);
	char *text = json_dumps(schema, JSON_INDENT(2)), *file = file_text(name);
	size_t n = strlen(file);

	assert_true(n > 0 && file[n - 1] == '\n');
	file[n - 1] = '\0';
	assert_string_equal(file, text);
	free(text);
	json_decref(schema);
}

static void test_files_are_current(void **state)
{
	(void)state;
	for (size_t i = 0; schema_names[i]; i++)
		check_file(schema_names[i]);
	for (size_t i = 0; event_schema_names[i]; i++)
		check_file(event_schema_names[i]);
}

/* Every kind of event but the one that nothing writes yet: a subscription is the catalog's. */
static void test_kinds(void **state)
{
	size_t named = 0;

	(void)state;
	for (int64_t kind = EVENT_START; kind <= EVENT_PRICE; kind++, named++) {
		char name[64];

		snprintf(name, sizeof(name), "ledger/%s", event_kind_name(kind));
		json_decref(generated(name));
	}
	assert_null(event_schema_names[named]);
}

/* Every record type has one, and says its type. */
static void test_types(void **state)
{
	(void)state;
	for (unsigned t = 0; t < RECORD_TYPES; t++) {
		const char *name = record_schema((enum record_type)t)->name, *constant = NULL;
		json_t *schema = generated(name);

		assert_string_equal(schema_names[t], name);
		assert_int_equal(
			json_unpack(schema, "{s:{s:{s:s}}}", "properties", "type", "const", &constant), 0);
		assert_string_equal(constant, name);
		json_decref(schema);
	}
}

static void test_unknown(void **state)
{
	struct buf text;
	struct jsonw w;

	(void)state;
	buf_init(&text, 1 << 10);
	jsonw_begin(&w, &text);
	assert_int_equal(schema_write("warehouse", &w), ERR_NOT_FOUND);
	assert_int_equal(event_schema_write("ledger/warehouse", &w), ERR_NOT_FOUND);
	assert_int_equal(event_schema_write("sale", &w), ERR_NOT_FOUND);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_are_current),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
