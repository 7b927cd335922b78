/*
 * The configuration in force beside a new one, by the table of options.
 */
#include <string.h>

#include "tilld_config.h"

static const char *name_of(const struct section *spec, const void *at)
{
	return spec->named ? *(const char *const *)at : "";
}

static const void *part(const struct tilld_config *c, const struct section *spec)
{
	return (const char *)c + spec->offset;
}

/* The i-th struct of a section; a single section has one. NULL past the end. */
static const void *nth(const struct tilld_config *c, const struct section *spec, size_t i)
{
	const struct config_list *list = part(c, spec);

	if (!spec->named)
		return i == 0 ? part(c, spec) : NULL;
	return i < list->count ? (const char *)list->at + i * spec->size : NULL;
}

static const void *find(const struct tilld_config *c, const struct section *spec, const char *name)
{
	const void *at;

	for (size_t i = 0; (at = nth(c, spec, i)) != NULL; i++)
		if (strcmp(name_of(spec, at), name) == 0)
			return at;
	return NULL;
}

static void compare_options(struct tilld_difference d, tilld_difference_fn *fn, void *arg)
{
	d.change = TILLD_CHANGED;
	for (size_t i = 0; i < d.section->count; i++) {
		d.option = &d.section->options[i];
		if (!config_same(d.option, d.before, d.after))
			fn(&d, arg);
	}
}

static void compare_section(const struct tilld_config *before, const struct tilld_config *after,
			    const struct section *spec, tilld_difference_fn *fn, void *arg)
{
	struct tilld_difference d = {.section = spec};

	for (size_t i = 0; (d.before = nth(before, spec, i)) != NULL; i++) {
		d.name = name_of(spec, d.before);
		d.after = find(after, spec, d.name);
		d.change = TILLD_REMOVED;
		if (d.after)
			compare_options(d, fn, arg);
		else
			fn(&d, arg);
	}
	d.change = TILLD_ADDED;
	for (size_t i = 0; (d.after = nth(after, spec, i)) != NULL; i++) {
		d.name = name_of(spec, d.after);
		if (!find(before, spec, d.name))
			fn(&d, arg);
	}
}

void tilld_config_compare(const struct tilld_config *before, const struct tilld_config *after,
			  tilld_difference_fn *fn, void *arg)
{
	for (size_t i = 0; i < tilld_section_count; i++)
		compare_section(before, after, &tilld_sections[i], fn, arg);
}

/* Only [daemon] has options that take a restart; a named section of such would have to be found first. */
void tilld_config_keep(const struct tilld_config *before, struct tilld_config *after)
{
	for (size_t i = 0; i < tilld_section_count; i++) {
		const struct section *spec = &tilld_sections[i];
		char *to = (char *)after + spec->offset;

		for (size_t k = 0; !spec->named && k < spec->count; k++)
			if (spec->options[k].restart)
				config_take(&spec->options[k], part(before, spec), to);
	}
}

static const struct section *section_at(size_t offset)
{
	const struct section *spec = tilld_sections;

	while (spec->offset != offset)
		spec++;
	return spec;
}

const struct lane_section *tilld_config_find_lane(const struct tilld_config *c, const char *name)
{
	return find(c, section_at(offsetof(struct tilld_config, lanes)), name);
}

const struct scanner_section *tilld_config_find_scanner(const struct tilld_config *c, const char *name)
{
	return find(c, section_at(offsetof(struct tilld_config, scanners)), name);
}

bool tilld_scanner_same(const struct scanner_section *a, const struct scanner_section *b)
{
	const struct section *spec = section_at(offsetof(struct tilld_config, scanners));

	for (size_t i = 0; i < spec->count; i++) {
		const struct option *o = &spec->options[i];

		if (o->offset != offsetof(struct scanner_section, lane) && !config_same(o, a, b))
			return false;
	}
	return true;
}
