/*
 * A record with a field of every kind, for tests of the tables that describe records, and what they read and
 * write.
 */
#ifndef TILL_RECORD_THING_H
#define TILL_RECORD_THING_H

#include "unit.h"

#include "money.h"
#include "record.h"

struct need {
	const char *sku;
	struct qty quantity;
};

struct thing {
	const char *name;
	int64_t count;
	struct money price;
	struct rate share;
	int64_t active, colour;
	struct stamp from, to;
	int64_t opens;
	struct bytes hash;
	const struct need *main_need;
	struct list needs, tags, counts, labels;
};

extern const struct schema thing_schema;
extern const struct record_context thing_euro;

#define THING_FULL                                                                                       \
	"{\"name\":\"K\xC3\xA4se\",\"count\":-5,\"price\":\"2.40\",\"share\":\"12.5\",\"active\":false," \
	"\"colour\":\"blue\",\"from\":\"2026-11-21T10:00:00Z\",\"to\":\"2026-11-21T23:59:59\","          \
	"\"opens\":\"24:00\",\"hash\":\"00abff\",\"main\":{\"sku\":\"MILK\"},"                           \
	"\"needs\":[{\"sku\":\"A\",\"quantity\":\"0.000001\"},{\"sku\":\"B\",\"quantity\":\"2.5\"}],"    \
	"\"tags\":[\"x\",\"\"],\"counts\":[0,300],"                                                      \
	"\"labels\":{\"de\":\"K\xC3\xA4se\",\"fr\":\"\",\"pt-BR\":\"queijo\"}}"

struct fixture {
	struct arena arena;
	struct buf out;
	struct thing thing;
	struct why why;
};

/* *state is a fixture. */
int thing_set_up(void **state);
int thing_tear_down(void **state);

/* Into f->thing, with f->why; from f->thing. What to_json and to_cbor make is in f->out. */
enum err thing_from_json(struct fixture *f, const char *text, const char *skip);
enum err thing_from_cbor(struct fixture *f, const void *bytes, size_t n);
const char *thing_to_json(struct fixture *f);
void thing_to_cbor(struct fixture *f);

/* As to_cbor with a judge: what it finds, and that it leaves the same bytes, or none. */
enum err thing_put(struct fixture *f, struct why *why);

#endif
