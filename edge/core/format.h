/*
 * Words for a person, as fail() makes them: for who has no struct why to put them in.
 */
#ifndef TILL_FORMAT_H
#define TILL_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

#include "err.h"

/*
 * As vsnprintf and snprintf, but what is cut is cut at a character: by size, marked with "...", or by a
 * precision such as
 * "%.64s". So valid UTF-8 stays valid on its way to logs and JSON.
 */
void format_words(char *text, size_t size, const char *fmt, va_list args) PRINTF_LIKE(3, 0);
void print_words(char *text, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
