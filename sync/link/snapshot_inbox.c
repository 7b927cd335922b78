/*
 * Snapshots that somebody brought: folders in the inbox, checked as those from headquarters are. See
 * snapshot_load.h.
 */
#include "snapshot_load_parts.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "log.h"

#define REFUSED_US INT64_C(60000000) /* until one is looked at again: somebody may still be copying it */

static struct refused *find_refused(struct snapshot_load *s, uint64_t state)
{
	for (unsigned i = 0; i < REFUSED_MAX; i++)
		if (s->refused[i].at_us && s->refused[i].state == state)
			return &s->refused[i];
	return NULL;
}

void snapshot_refuse(struct snapshot_load *s, uint64_t state, const char *dir, const struct why *why)
{
	struct refused *r = find_refused(s, state);

	if (!r) {
		log_warnx("%s is refused: %s", dir, why->text);
		r = &s->refused[s->refused_next++ % REFUSED_MAX];
	}
	*r = (struct refused){state, clock_monotonic_us(loop_clock(s->u->loop))};
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	while (n-- > 0)
		hash = (hash ^ *at++) * UINT64_C(1099511628211); /* FNV-1a */
	return hash;
}

static uint64_t state_of(const char *dir, const struct stat *folder, const struct stat *manifest)
{
	uint64_t hash = mix(UINT64_C(14695981039346656037), dir, strlen(dir));

	hash = mix(hash, &folder->st_mtim, sizeof(folder->st_mtim));
	return mix(hash, &manifest->st_mtim, sizeof(manifest->st_mtim));
}

/* One folder of the inbox. What was refused is left alone for a while. */
static void look_at(struct snapshot_load *s, const char *dir)
{
	char path[PAGE_FOLDER_PATH_MAX + 32];
	struct stat folder, manifest;
	const struct refused *r;
	struct page_folder set;
	uint64_t state;
	struct why why;
	enum err e;

	snprintf(path, sizeof(path), "%s/manifest", dir);
	if (stat(dir, &folder) != 0 || stat(path, &manifest) != 0)
		return;
	state = state_of(dir, &folder, &manifest);
	r = find_refused(s, state);
	if (r && clock_monotonic_us(loop_clock(s->u->loop)) - r->at_us < REFUSED_US)
		return;
	e = page_folder_open(&set, s->u->trust, dir, &why);
	if (!e)
		e = snapshot_check_set(s, &set, &why);
	if (!e && set.version > s->u->marks.version)
		e = snapshot_begin_apply(s, &set, true, state, &why);
	page_folder_free(&set);
	if (e)
		snapshot_refuse(s, state, dir, &why);
}

void snapshot_load_inbox(struct snapshot_load *s)
{
	char inbox[PAGE_FOLDER_PATH_MAX], dir[PAGE_FOLDER_PATH_MAX];
	struct dirent *entry;
	DIR *d;

	snprintf(inbox, sizeof(inbox), "%s/inbox", s->u->config->daemon.state_dir);
	d = opendir(inbox);
	while (d && !s->runs && (entry = readdir(d)) != NULL) {
		int n = snprintf(dir, sizeof(dir), "%s/%s", inbox, entry->d_name);

		if (entry->d_name[0] != '.' && n < (int)sizeof(dir))
			look_at(s, dir);
	}
	if (d)
		closedir(d);
}
