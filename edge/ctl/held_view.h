/*
 * What imports hold, as JSON of the catalog and for people.
 */
#ifndef TILL_HELD_VIEW_H
#define TILL_HELD_VIEW_H

#include "ctl.h"

/*
 * All that waits or was rejected in catalog.db, oldest first; what nobody has decided in time has the state
 * void. version not 0: only what that import said. NULL: why not.
 */
json_t *held_read(const char *path, uint64_t version, struct why *why);

void held_show_list(const json_t *held);
void held_show_one(const json_t *h);

/*
 * Behind an import: what of it was kept aside, and what to do about that; nothing if there is nothing. So
 * many are kept aside in all, of earlier imports too: a file that says again what waits changes nothing.
 */
void held_show_import(const json_t *held, size_t in_all);

#endif
