/*
 * Records: a struct, described once by a table of its fields, in three forms.
 *
 *	JSON	for people and Kafka: names, decimal text, enumerations by name
 *	CBOR	for databases, the wire and the audit chain: small integer keys, deterministic (base/cbor.h)
 *	Schema	a JSON Schema document made from the same table, so that paper and program agree
 *
 * Price-book lines, carts, evaluations' inputs and ledger events are all records. The rules of change: a
 * key is never renumbered or used again; a new field is optional; a reader passes over keys it does not
 * know (whoever forwards a record forwards its bytes, so nothing is lost). JSON from people is stricter:
 * an unknown name is an error that suggests the nearest known one.
 */
#ifndef TILL_RECORD_H
#define TILL_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "cbor.h"
#include "err.h"
#include "jsonw.h"
#include "text.h"

/* How a field is kept in the struct, and what it looks like outside. */
enum field_kind {
	FIELD_TEXT,  /* const char *; NULL when absent */
	FIELD_INT,   /* int64_t; JSON integer */
	FIELD_MONEY, /* struct money; JSON decimal "2.49" or whole integer, in the currency of the context */
	FIELD_QTY,   /* struct qty; JSON decimal "1.5" or integer */
	FIELD_PERCENT,	/* struct rate; JSON decimal: "25" is 25 %, 250000 ppm */
	FIELD_BOOL,	/* int64_t 0 or 1; JSON true or false */
	FIELD_ENUM,	/* int64_t; JSON one of names[] */
	FIELD_TIME,	/* struct stamp; JSON RFC 3339 text, with or without a zone (core/civil.h) */
	FIELD_TIME_END, /* the same, for an inclusive end: civil time without seconds means its last second */
	FIELD_DURATION, /* int64_t seconds of the day; JSON "HH:MM" or "HH:MM:SS", 24:00 allowed */
	FIELD_BYTES,	/* struct bytes; JSON lower-case hexadecimal */
	FIELD_STRUCT,	/* const void * to a struct of schema `of`; NULL when absent */
	FIELD_LIST, /* struct list of structs of schema `of`, or of texts (const char *) when `of` is NULL */
	FIELD_NUMBERS, /* struct list of int64_t from 0 */
	FIELD_WORDS,   /* struct list of struct keyed_text; JSON an object of texts */
};

struct stamp {
	int64_t seconds; /* AMOUNT_NONE when absent */
	int64_t local;	 /* 1: on the store's civil clock; 0: UTC */
};

struct bytes {
	const uint8_t *at;
	size_t length;
};

struct list {
	const void *at; /* count structs one behind the other, or count const char *, or count int64_t */
	size_t count;
};

/* A text by its key, of letters, digits and hyphens. In a list: shorter keys first, then bytewise, each once.
 */
struct keyed_text {
	const char *key, *text;
};

struct field {
	uint8_t key;	  /* in CBOR; ascending in the table; 1 to 255 */
	const char *name; /* in JSON */
	enum field_kind kind;
	uint32_t offset; /* offsetof the member */
	bool required;
	bool has_default; /* absent means `absent`, which is not written; else numbers are AMOUNT_NONE */
	int64_t absent;
	/*
	 * Numbers: range of the stored integer. Text, bytes, lists, words: length, text in characters. 0, 0
	 * is the kind's own range, and so is the upper end when max is below min.
	 */
	int64_t min, max;
	const char *const *names; /* FIELD_ENUM: NULL-terminated; the index is the value */
	const struct schema *of;  /* FIELD_STRUCT, FIELD_LIST */
	const char *text;	  /* what it means and its unit, a sentence for the schema and the docs */
};

struct schema {
	const char *name; /* "promotion" */
	size_t size;	  /* sizeof the struct */
	const struct field *fields;
	size_t count;
	const char *text; /* what it is, for the schema and the docs */
};

/* Limits on what one record may hold, whatever its table says. */
#define RECORD_TEXT_MAX	 4096
#define RECORD_LIST_MAX	 65536
#define RECORD_KEY_MAX	 64 /* of a word */
#define RECORD_DEPTH_MAX 8

/* What JSON forms need to know that is not in the record. */
struct record_context {
	unsigned exponent; /* decimals of the currency, for FIELD_MONEY */
};

/*
 * JSON object to struct. Text, lists and nested structs are copied into the arena, so the JSON may go.
 * skip names one member that is not a field ("type"), or is NULL. why gets the path and the reason:
 * "needs[1].quantity: '0' is below the least, 0.000001".
 */
enum err record_from_json(const struct schema *s, const json_t *object, const char *skip,
			  const struct record_context *c, struct arena *a, void *out,
			  struct why *why) MUST_CHECK;

/*
 * Struct to JSON: writes the members into the object that is open in w, leaving out absent ones: numbers
 * that are AMOUNT_NONE or their default, NULL, and lists without items unless they are required.
 */
void record_to_json(const struct schema *s, const void *in, const struct record_context *c, struct jsonw *w);

/* Struct to deterministic CBOR, one map, leaving out absent fields as record_to_json does. */
void record_to_cbor(const struct schema *s, const void *in, struct cborw *out);

/*
 * The same for what is to be read again: refuses what record_from_cbor would refuse (ranges, lengths, what is
 * required, text that is not UTF-8), with its reason. ERR_LIMIT: there is no room. cborw_end takes it back.
 */
enum err record_put(const struct schema *s, const void *in, struct cborw *out, struct why *why) MUST_CHECK;

/*
 * CBOR to struct; text is copied into the arena (NUL-terminated), byte strings point into the input. The
 * cursor moves past the map. Ranges are checked as for JSON; unknown keys are passed over.
 */
enum err record_from_cbor(const struct schema *s, struct cborr *r, struct arena *a, void *out,
			  struct why *why) MUST_CHECK;

/* The same; *plain: all its text is printable ASCII, so nobody has to look for characters that could harm. */
enum err record_from_cbor_plain(const struct schema *s, struct cborr *r, struct arena *a, void *out,
				bool *plain, struct why *why) MUST_CHECK;

/* The same; *known: no key was passed over, at any depth. */
enum err record_from_cbor_known(const struct schema *s, struct cborr *r, struct arena *a, void *out,
				bool *known, struct why *why) MUST_CHECK;

/* Writes the JSON Schema (2020-12) of s as one value; type, unless NULL, is the constant of its "type"
 * member. */
void record_to_schema(const struct schema *s, const char *type, struct jsonw *w);

/* The same as a property of another's, under that name. */
void record_to_schema_member(const struct schema *s, const char *name, struct jsonw *w);

#endif
