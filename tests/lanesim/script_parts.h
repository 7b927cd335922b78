/*
 * What the files of the script parser share: steps added to a script, and the parts of a line.
 */
#ifndef LANESIM_SCRIPT_PARTS_H
#define LANESIM_SCRIPT_PARTS_H

#include "script.h"

#define SCRIPT_BLANKS " \t"

/* fail() with the place in front. */
#define REFUSE(p, why, fmt, ...) \
	fail((why), ERR_INVALID, "%s:%u: " fmt, (p)->file, (p)->number, ##__VA_ARGS__)

enum err script_add_step(struct script_parser *p, const struct step *step, struct why *why) MUST_CHECK;
enum err script_add_text_step(struct script_parser *p, enum step_kind kind, const char *text, size_t n,
			      int64_t value, struct why *why) MUST_CHECK;

/* Two hexadecimal digits at text to a byte; -1 if they are not. */
int script_hex_byte(const char *text);

/* A code's bytes with the suffix that holds. */
struct script_frame {
	char bytes[SCRIPT_LINE_MAX + 4];
	size_t n;
};

/* Each takes the next word off *rest and the blanks behind it. */
enum err script_take_frame(struct script_parser *p, const char **rest, struct script_frame *out,
			   struct why *why) MUST_CHECK;
enum err script_take_count(struct script_parser *p, const char **rest, const char *what, int64_t min,
			   int64_t max, int64_t *out, struct why *why) MUST_CHECK;

/* Nothing may follow any more. */
enum err script_take_end(struct script_parser *p, const char *rest, struct why *why) MUST_CHECK;

/* A time as "500ms" or "2s" to milliseconds. */
enum err script_read_time(struct script_parser *p, const char *text, int64_t *ms, struct why *why) MUST_CHECK;

/* The words of script_faults.c. */
enum err script_parse_cut(struct script_parser *p, const char *rest, struct why *why) MUST_CHECK;
enum err script_parse_double(struct script_parser *p, const char *rest, struct why *why) MUST_CHECK;
enum err script_parse_flood(struct script_parser *p, const char *rest, struct why *why) MUST_CHECK;
enum err script_parse_garbage(struct script_parser *p, const char *rest, struct why *why) MUST_CHECK;
enum err script_parse_split(struct script_parser *p, const char *rest, struct why *why) MUST_CHECK;

#endif
