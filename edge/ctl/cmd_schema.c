/*
 * tillctl schema: the JSON Schemas of price books, carts, evaluations and events.
 */
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "event.h"
#include "schemas.h"

#define SCHEMA_MAX 4194304

static const char *const *const all_names[] = {schema_names, event_schema_names};

static enum ctl_exit list_schemas(const struct ctl *ctl)
{
	json_t *names = json_array();

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; all_names[k][i]; i++)
			json_array_append_new(names, json_string(all_names[k][i]));
	if (ctl->json) {
		ctl_print(names);
		return CTL_DONE;
	}
	for (size_t i = 0; i < json_array_size(names); i++)
		puts(json_string_value(json_array_get(names, i)));
	json_decref(names);
	return CTL_DONE;
}

static enum ctl_exit unknown(const char *name)
{
	const char *near = NULL;

	for (size_t k = 0; k < 2 && !near; k++) {
		size_t n = 0;

		while (all_names[k][n])
			n++;
		near = nearest_name(name, all_names[k], n);
	}
	if (near)
		return ctl_fail(CTL_USAGE, "there is no schema '%s'; did you mean '%s'?", name, near);
	return ctl_fail(CTL_USAGE, "there is no schema '%s'; 'tillctl schema' lists them", name);
}

/* People read schemas, too: written with one member a line. */
static enum ctl_exit print(const struct buf *line)
{
	json_t *json = json_loadb((const char *)buf_front(line), buf_length(line), 0, NULL);

	if (json == NULL)
		return ctl_fail(CTL_FAILED, "the schema could not be written");
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
	return CTL_DONE;
}

static enum ctl_exit schema(struct ctl *ctl)
{
	enum ctl_exit code = CTL_DONE;
	struct jsonw w;
	struct buf line;
	enum err e;

	if (ctl->arg_count == 0)
		return list_schemas(ctl);
	buf_init(&line, SCHEMA_MAX);
	jsonw_begin(&w, &line);
	e = schema_write(ctl->args[0], &w);
	if (e == ERR_NOT_FOUND)
		e = event_schema_write(ctl->args[0], &w);
	if (e != ERR_OK)
		code = unknown(ctl->args[0]);
	else if (jsonw_end(&w) != ERR_OK)
		code = ctl_fail(CTL_FAILED, "the schema is too large");
	else if (ctl->json)
		fwrite(buf_front(&line), 1, buf_length(&line), stdout);
	else
		code = print(&line);
	buf_free(&line);
	return code;
}

const struct ctl_command cmd_schema = {
	.name = "schema",
	.arguments = "[NAME]",
	.most = 1,
	.text = "Prints a JSON Schema; without a NAME lists them.",
	.example = "tillctl schema\ntillctl schema promotion\ntillctl schema ledger/sale",
	.run = schema,
};
