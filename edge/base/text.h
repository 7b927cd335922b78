/*
 * Small helpers on text that comes from outside.
 */
#ifndef TILL_TEXT_H
#define TILL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* n bytes are well-formed UTF-8 (RFC 3629) without NUL. */
bool text_is_utf8(const char *text, size_t n);

/* n bytes are printable ASCII: the quick answer for nearly all text, that needs no look at its characters. */
bool text_is_plain(const char *text, size_t n);

/*
 * Bytes from a device made fit for a log line or a terminal: printable ASCII stays, the rest becomes \xNN.
 * Cut to size with "..." at the end. Returns out.
 */
char *text_printable(const void *bytes, size_t n, char *out, size_t size);

/* A tag of a language by the form of RFC 5646: letters, then parts of letters and digits behind hyphens. */
bool text_is_language(const char *tag);

/*
 * The known name nearest to a mistyped one, or NULL: for "did you mean". Edit distance at most 3, and at most
 * half of what was typed.
 */
const char *nearest_name(const char *typed, const char *const *known, size_t n);

#endif
