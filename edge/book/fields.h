/*
 * Short forms for the field tables of records.c and cart.c. A row reads
 *	FIELD(key, struct, member, kind and range, .text = "...")
 * and its JSON name is the member's.
 */
#ifndef TILL_FIELDS_H
#define TILL_FIELDS_H

#include <stddef.h>

#include "record.h"

#define FIELD(k, owner, member, ...)                                                               \
	{                                                                                          \
		.key = (k), .name = #member, .offset = offsetof(struct owner, member), __VA_ARGS__ \
	}

/* A kind with a range of its value, or of its length. */
#define FIELD_OF(of_kind, least, most) .kind = FIELD_##of_kind, .min = (least), .max = (most)

#define ID	    FIELD_OF(TEXT, 1, 64)
#define NAME	    FIELD_OF(TEXT, 1, 200)
#define LANGUAGE    FIELD_OF(TEXT, 2, 35)   /* a tag of RFC 5646 */
#define TEXTS(most) FIELD_OF(LIST, 1, most) /* if given at all: an empty list would mean everything */

/* Money up to 10^15 minor units: a thousand of that, times the lines of a cart, still fits an int64_t. */
#define MONEY_FROM(least) FIELD_OF(MONEY, least, 1000000000000000)

#define ENUM(of_names, by_default) \
	.kind = FIELD_ENUM, .names = (of_names), .has_default = true, .absent = (by_default)
#define STRUCT(schema_of) .kind = FIELD_STRUCT, .of = &(schema_of)

#define SCHEMA(called, owner, table, what)                                         \
	{                                                                          \
		.name = (called), .size = sizeof(struct owner), .fields = (table), \
		.count = sizeof(table) / sizeof((table)[0]), .text = (what)        \
	}

#endif
