/*
 * Errors: what a function that can fail returns, and where the words go.
 *
 * A function returns an enum err and leaves its result through an out-parameter. When a person will need
 * the reason (a file, a line, a field and the fix) the caller passes a struct why, which the place that
 * failed fills in; the place that handles the failure logs or shows it once.
 *
 * Three kinds of failure, three ways: our own bug asserts; bad input is returned; inability to start is
 * fatal() (base/log.h), called during start-up alone.
 */
#ifndef TILL_ERR_H
#define TILL_ERR_H

#define MUST_CHECK	       __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum err {
	ERR_OK = 0,
	ERR_INVALID,   /* input that breaks its own rules: syntax, range, type */
	ERR_NOT_FOUND, /* nothing by that name */
	ERR_EXISTS,    /* there is one by that name already */
	ERR_AMBIGUOUS, /* more than one thing answers to it */
	ERR_RANGE,     /* arithmetic left the range of its type */
	ERR_LIMIT,     /* a named bound was reached: queue, lines, clients */
	ERR_STATE,     /* not now: the lane, cart or file is in another state */
	ERR_DENIED,    /* permissions, or a role that lacks the right */
	ERR_BUSY,      /* someone else holds it; try again */
	ERR_IO,	       /* the system said no: see why->text for errno's words */
	ERR_CORRUPT,   /* stored bytes are not what was written */
	ERR_NEWER,     /* written by a newer version than this one understands */
	ERR_CLOSED,    /* the other end went away */
	ERR_MEMORY,    /* out of memory */
};

/* A short lower-case name, such as "not_found": stable, used in JSON and tests. Never NULL. */
const char *err_name(enum err e);

/* The reason for a failure, in one sentence for a person. Empty means none was given. */
struct why {
	char text[320];
};

/*
 * Writes a reason and hands back e, so that a failure is one statement:
 *	return fail(why, ERR_INVALID, "%s:%d: unknown key '%s'", file, line, key);
 * why may be NULL. Text that does not fit is cut at a character boundary and ends in "...".
 */
enum err fail(struct why *why, enum err e, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts words before a reason that is there already: "book.jsonl:12: " before "price: not a number". */
void why_prefix(struct why *why, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
