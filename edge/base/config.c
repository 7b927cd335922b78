/*
 * Configuration as a whole: which files, in which order, and from what they said to structs.
 */
#include "config.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_parts.h"
#include "format.h"

#define PATH_LONGEST 4096

void config_complain(struct config_report *r, struct arena *a, const char *file, int line, const char *fmt,
		     ...)
{
	char text[512];
	const char *kept;
	va_list args;

	if (r->count == CONFIG_ERRORS_MAX) {
		r->dropped++;
		return;
	}
	va_start(args, fmt);
	format_words(text, sizeof(text), fmt, args);
	va_end(args);
	kept = arena_text(a, text, strlen(text));
	r->errors[r->count++] = (struct config_error){file, line, kept ? kept : "out of memory"};
}

static bool is_drop_in(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n > strlen(".conf") && strcmp(name + n - strlen(".conf"), ".conf") == 0;
}

static int filter(const struct dirent *d)
{
	return is_drop_in(d->d_name);
}

/* Bytes, not the locale's order: the same on every box. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum err read_drop_ins(struct config_files *all)
{
	char folder[PATH_LONGEST], path[PATH_LONGEST + 256 + 1];
	struct dirent **names;
	enum err e = ERR_OK;
	int n;

	if ((size_t)snprintf(folder, sizeof(folder), "%s.d", all->path) >= sizeof(folder))
		return ERR_OK; /* no such folder can be opened */
	n = scandir(folder, &names, filter, by_bytes);
	if (n < 0 && errno == ENOENT)
		return ERR_OK;
	if (n < 0) {
		config_complain(all->report, all->arena, all->path, 0, "%s cannot be read: %s", folder,
				strerror(errno));
		return ERR_IO;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		if (!e)
			e = config_read_file(all, path);
		free(names[i]);
	}
	free(names);
	return e;
}

static const struct config_entry *in_force(const struct config_files *all, const struct config_seen *seen,
					   const struct option *o)
{
	const struct config_entry *last = NULL;

	for (const struct config_entry *e = all->entries; e; e = e->next)
		if (e->seen == seen && e->option == o)
			last = e;
	return last;
}

static void fill_default(struct config_files *all, const struct section *spec, const struct config_seen *seen,
			 const struct option *o, void *at)
{
	enum err e;

	if (!o->fallback) {
		config_complain(all->report, all->arena, seen ? seen->file : all->path, seen ? seen->line : 0,
				"[%s] needs '%s': %s", seen ? seen->title : spec->name, o->key, o->text);
		return;
	}
	e = config_read_value(o, o->fallback, all->arena, at, &(struct why){""});
	assert(!e || e == ERR_MEMORY);
	if (e)
		config_complain(all->report, all->arena, all->path, 0, "%s: out of memory", o->key);
}

/* seen is NULL for a single section that no file mentions. */
static void fill_section(struct config_files *all, const struct section *spec, const struct config_seen *seen,
			 char *out)
{
	struct why why;

	for (size_t i = 0; i < spec->count; i++) {
		const struct option *o = &spec->options[i];
		const struct config_entry *e = seen ? in_force(all, seen, o) : NULL;

		if (!e)
			fill_default(all, spec, seen, o, out + o->offset);
		else if (config_read_value(o, e->value, all->arena, out + o->offset, &why))
			config_complain(all->report, all->arena, e->file, e->line, "%s: %s", o->key,
					why.text);
	}
}

static const struct config_seen *next_of(const struct config_seen *from, const struct section *spec)
{
	while (from && from->spec != spec)
		from = from->next;
	return from;
}

static enum err fill_list(struct config_files *all, const struct section *spec, struct config_list *out)
{
	char *at;

	*out = (struct config_list){NULL, 0};
	for (const struct config_seen *s = next_of(all->seen, spec); s; s = next_of(s->next, spec))
		out->count++;
	out->at = at = arena_get(all->arena, out->count * spec->size);
	if (!at)
		return ERR_MEMORY;
	for (const struct config_seen *s = next_of(all->seen, spec); s; s = next_of(s->next, spec)) {
		*(const char **)(void *)at = s->name;
		fill_section(all, spec, s, at);
		at += spec->size;
	}
	return ERR_OK;
}

static enum err fill(struct config_files *all, char *whole)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct section *spec = &all->sections[i];
		void *at = whole + spec->offset;

		if (!spec->named) {
			memset(at, 0, spec->size);
			fill_section(all, spec, next_of(all->seen, spec), at);
		} else if (fill_list(all, spec, at)) {
			return ERR_MEMORY;
		}
	}
	return ERR_OK;
}

enum err config_load(const char *path, const struct section *sections, size_t count, void *whole,
		     struct arena *a, struct config_report *report)
{
	struct config_files *all = arena_get(a, sizeof(*all));
	enum err e;

	*report = (struct config_report){.files = all};
	if (!all)
		return ERR_MEMORY;
	*all = (struct config_files){
		.path = path ? arena_text(a, path, strlen(path)) : "the defaults",
		.sections = sections,
		.count = count,
		.arena = a,
		.report = report,
		.seen_end = &all->seen,
		.entries_end = &all->entries,
	};
	if (!all->path)
		return ERR_MEMORY;
	e = path ? config_read_file(all, path) : ERR_OK;
	if (!e && path)
		e = read_drop_ins(all);
	if (!e)
		e = fill(all, whole);
	if (e == ERR_MEMORY)
		config_complain(report, a, all->path, 0, "out of memory");
	return !e && report->count ? ERR_INVALID : e;
}

void config_where(const struct config_report *r, const char *section, const char *key, const char **file,
		  int *line)
{
	*file = r->files->path;
	*line = 0;
	for (const struct config_seen *s = r->files->seen; s; s = s->next) {
		if (strcmp(s->title, section) == 0) {
			*file = s->file;
			*line = s->line;
		}
	}
	for (const struct config_entry *e = r->files->entries; e; e = e->next) {
		if (strcmp(e->seen->title, section) == 0 && strcmp(e->option->key, key) == 0) {
			*file = e->file;
			*line = e->line;
		}
	}
}
