/*
 * Looking at catalog.db again and again. See loader_look.h.
 */
#include "loader_look.h"

#include <malloc.h>
#include <string.h>
#include <sys/stat.h>

#include "log.h"

void look_close(struct look *look)
{
	catalog_store_close(look->store);
	look->store = NULL;
	snapshot_unref(look->last);
	look->last = NULL;
	look->events_known = false; /* another file may have others */
	look->event_id = 0;
	override_set_free(look->within);
	look->within = NULL;
}

void look_end(struct look *look)
{
	look_close(look);
	override_set_free(look->overrides);
	look->overrides = NULL;
}

/* What `last` was made with is remembered until a snapshot has the new ones. */
void look_take_overrides(struct look *look, struct override_set *set)
{
	if (look->last && !look->within)
		look->within = look->overrides ? look->overrides : override_set_new();
	else
		override_set_free(look->overrides);
	look->overrides = set;
}

/* Somebody moved the file away: the reader would go on with one that nobody writes any more. */
static bool moved(const struct look *look)
{
	struct stat st;

	return stat(look->path, &st) != 0 || st.st_dev != look->device || st.st_ino != look->inode;
}

/*
 * A file that a version before this one made, after an upgrade: its writer may not come for days. Whoever has
 * the writer's lock may bring it up to date; if another has it, that one does.
 */
static enum err bring_up_to_date(struct look *look)
{
	struct catalog_store *writer;
	struct why why = {0};
	enum err e = catalog_store_open_writer(look->path, &writer, &why);

	if (e == ERR_BUSY)
		return ERR_STATE;
	if (e)
		return fail(&look->why, e, "an older version's catalog cannot be brought up to date: %s",
			    why.text);
	catalog_store_close(writer);
	log_info("catalog: %s was an older version's, and was brought up to date", look->path);
	return catalog_store_open_reader(look->path, &look->store, &look->why);
}

static enum err open_store(struct look *look)
{
	struct stat st = {0};
	enum err e = catalog_store_open_reader(look->path, &look->store, &look->why);

	if (e == ERR_STATE)
		e = bring_up_to_date(look);
	if (e == ERR_NOT_FOUND)
		return fail(&look->why, e, "%s: no price book yet: run tillctl import BOOK", look->path);
	if (e)
		return e;
	if (stat(look->path, &st) == 0) { /* gone again already: moved() will see */
		look->device = st.st_dev;
		look->inode = st.st_ino;
	}
	return ERR_OK;
}

/* By what changed, if that is enough. *whole: it was not, so the box's own overrides are not in it. */
static enum err load(struct look *look, struct snapshot **out, bool *whole)
{
	enum err e = ERR_STATE;

	if (look->last) {
		e = catalog_store_follow(look->store, look->last, out, &look->why);
		if (e == ERR_STATE)
			log_debug("catalog: %s", look->why.text);
	}
	*whole = e == ERR_STATE;
	if (*whole) {
		e = catalog_store_load(look->store, out, &look->why);
		malloc_trim(0); /* what the build worked with is as much as the snapshot itself */
	}
	return e;
}

/* Puts the box's own overrides in place of those that the snapshot has; on failure it is gone. */
static enum err set_overrides(struct look *look, const struct override_set *before, struct snapshot **s)
{
	struct snapshot *made = NULL;
	enum err e = override_set_apply(look->overrides, before, *s, &made, &look->why);

	snapshot_unref(*s);
	*s = made;
	return e;
}

/* What changed may be no more than what a checkpoint moved. */
static enum err is_another(struct look *look, bool *another)
{
	uint64_t version = 0;
	enum err e = catalog_store_version(look->store, &version, &look->why);

	*another = !look->last || version != snapshot_catalog(look->last)->version;
	return e;
}

static enum err write_event(int64_t id, const struct shop_event *e, void *arg, struct why *why)
{
	struct look *look = arg;
	struct jsonw w;

	(void)why;
	look->event_id = id;
	jsonw_begin(&w, &look->events);
	jsonw_object(&w, NULL);
	shop_event_to_json(e, snapshot_catalog(look->last)->settings.currency, &w);
	jsonw_close(&w);
	if (jsonw_end(&w))
		log_debug("catalog: an event does not fit and is left out");
	return ERR_OK;
}

/* What happened since the last look. Whatever goes wrong costs no catalog. */
static void read_events(struct look *look)
{
	const struct event_query q = {.after_id = look->event_id, .last = LOOK_EVENTS_MAX};
	struct why why;
	enum err e;

	if (!look->events.max)
		buf_init(&look->events, LOOK_EVENTS_BYTES);
	if (look->events_known)
		e = catalog_store_events(look->store, &q, write_event, look, &why);
	else
		e = catalog_store_newest_event(look->store, &look->event_id, &why);
	look->events_known |= !e;
	if (e)
		log_warnx("catalog: its events cannot be read: %s", why.text);
}

/* *out stays NULL while what was loaded is still what there is. */
static enum err load_if_changed(struct look *look, struct snapshot **out)
{
	bool newer = false, whole = false;
	enum err e = catalog_store_changed(look->store, &newer, &look->why);

	if (!e && newer)
		e = look->trouble = is_another(look, &newer); /* it can be read: what was wrong is over */
	if (e || (!newer && !(look->within && look->last)))
		return e ? e : look->trouble;
	if (newer)
		e = load(look, out, &whole);
	else
		*out = snapshot_ref(look->last);
	if (!e && look->overrides && (whole || look->within))
		e = set_overrides(look, whole ? NULL : look->within, out);
	if (e)
		return e;
	override_set_free(look->within);
	look->within = NULL;
	snapshot_unref(look->last);
	look->last = snapshot_ref(*out);
	if (newer)
		read_events(look);
	return ERR_OK;
}

static enum err look_once(struct look *look, struct snapshot **out)
{
	enum err e = ERR_OK;

	if (look->store && moved(look))
		look_close(look);
	if (!look->store)
		e = open_store(look);
	if (!e)
		e = load_if_changed(look, out);
	if (e && e != ERR_NOT_FOUND)
		look_close(look);
	return e;
}

static bool due(struct look *look, bool asked)
{
	if (!asked && look->waited_s < look->wait_s) {
		look->waited_s++;
		return false;
	}
	look->waited_s = 0;
	return true;
}

static void set_wait(struct look *look)
{
	if (look->trouble == ERR_OK || look->trouble == ERR_NOT_FOUND)
		look->wait_s = 0;
	else if (look->wait_s < LOOK_WAIT_MAX_S)
		look->wait_s = look->wait_s ? look->wait_s * 2 : 1;
}

bool look_again(struct look *look, bool asked, struct snapshot **out)
{
	*out = NULL;
	if (!due(look, asked))
		return false;
	look->trouble = look_once(look, out);
	set_wait(look);
	if (!look->trouble) {
		look->told.text[0] = '\0';
		return *out != NULL;
	}
	if (!asked && strcmp(look->why.text, look->told.text) == 0)
		return false;
	look->told = look->why;
	return true;
}
