/*
 * tilld --check-config: what is wrong with a configuration, all of it, or what the daemon would run with.
 * Files are read and nothing else is touched: no device, no database, no socket.
 */
#ifndef TILLD_CHECK_H
#define TILLD_CHECK_H

#include <stdbool.h>

/* The exit code: 0, or 2 when something is wrong. */
int tilld_check(const char *path, bool json);

#endif
