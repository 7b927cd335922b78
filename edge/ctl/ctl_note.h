/*
 * Who changes the catalog and why: --by and --reason, else whoever runs tillctl.
 */
#ifndef TILL_CTL_NOTE_H
#define TILL_CTL_NOTE_H

#include "catalog_store.h"
#include "ctl.h"

/* reason: what it is without --reason. False after an error that was told: exit with CTL_USAGE. */
bool ctl_note(const struct ctl *ctl, const char *reason, struct catalog_note *out);

/* Whoever runs tillctl; through sudo the person, not root. */
const char *ctl_login(void);

#define CTL_NOTE_OPTIONS                                                            \
	{"reason", "TEXT", "why, for the history of prices; else the file's name"}, \
	{                                                                           \
		"by", "USER", "who, for the same; else whoever runs tillctl"        \
	}

#endif
