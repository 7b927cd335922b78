/*
 * What the commands about overrides share.
 */
#ifndef TILL_OVERRIDE_VIEW_H
#define TILL_OVERRIDE_VIEW_H

#include "ctl.h"

/* Says the verb of that override, with --reason and --by, and shows what it then is. */
enum ctl_exit override_say(struct ctl *ctl, const char *verb, const char *id);

void override_show(const json_t *o);

/* --by, if it was given. */
void override_speak_for(const struct ctl *ctl, json_t *request);

#endif
