/*
 * tillctl schema: the JSON Schemas of price books, carts and evaluations.
 */
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "record.h"
#include "schemas.h"

#define SCHEMA_MAX 4194304

static enum ctl_exit list_schemas(void)
{
	for (size_t i = 0; schema_names[i]; i++)
		puts(schema_names[i]);
	return CTL_DONE;
}

static enum ctl_exit unknown(const char *name)
{
	const char *near;
	size_t n = 0;

	while (schema_names[n])
		n++;
	near = nearest_name(name, schema_names, n);
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
		return list_schemas();
	buf_init(&line, SCHEMA_MAX);
	jsonw_begin(&w, &line);
	e = schema_write(ctl->args[0], &w);
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
	.example = "tillctl schema\ntillctl schema promotion",
	.run = schema,
};
