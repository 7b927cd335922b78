/*
 * Small helpers on text that comes from outside.
 */
#ifndef TILL_TEXT_H
#define TILL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* n bytes are well-formed UTF-8 (RFC 3629) without NUL. */
bool text_is_utf8(const char *text, size_t n);

/*
 * Bytes from a device made fit for a log line or a terminal: printable ASCII stays, the rest becomes \xNN.
 * Cut to size with "..." at the end. Returns out.
 */
char *text_printable(const void *bytes, size_t n, char *out, size_t size);

#endif
