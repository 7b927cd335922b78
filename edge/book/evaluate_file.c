/*
 * Reads carts one by one and evaluates each against the same book. Book, room and arena serve all of them.
 */
#include "evaluate_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "clock.h"
#include "snapshot.h"

#define CART_MAX (1U << 20) /* bytes of a cart: ENGINE_LINES_MAX lines are a tenth of it */

struct run {
	const char *path; /* of the carts, for errors */
	FILE *file;
	uint32_t line; /* where reading is */
	size_t length; /* of the cart at hand, so far */
	struct snapshot *snapshot;
	const struct catalog *catalog;
	int64_t now_s;
	bool every_reason;
	struct arena arena; /* of the cart at hand */
	void *room;
	size_t room_size;
	evaluation_fn *fn;
	void *arg;
};

static int next_byte(struct run *r)
{
	int c = getc_unlocked(r->file);

	r->line += c == '\n';
	return c;
}

/* For jansson: byte by byte, so that it takes nothing of the next cart. */
static size_t feed(void *buffer, size_t size, void *arg)
{
	struct run *r = arg;

	if (size == 0 || r->length++ == CART_MAX)
		return (size_t)-1;
	int c = next_byte(r);
	if (c == EOF)
		return 0;
	*(char *)buffer = (char)c;
	return 1;
}

/* Passes blanks, and a byte order mark where the file begins. False at the end. */
static bool find_cart(struct run *r, bool first)
{
	int c = next_byte(r);

	if (first && c == 0xef && next_byte(r) == 0xbb && next_byte(r) == 0xbf)
		c = next_byte(r);
	while (c == ' ' || c == '\t' || c == '\r' || c == '\n')
		c = next_byte(r);
	if (c == EOF)
		return false;
	ungetc(c, r->file);
	return true;
}

static enum err parse_cart(struct run *r, json_t **out, struct why *why)
{
	json_error_t error;

	r->length = 0;
	*out = json_load_callback(feed, r, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
	if (json_is_object(*out))
		return ERR_OK;
	if (*out) {
		json_decref(*out);
		return fail(why, ERR_INVALID, "a cart is a JSON object: {\"lines\": [...]}");
	}
	if (r->length > CART_MAX)
		return fail(why, ERR_LIMIT, "the cart is longer than %u bytes", CART_MAX);
	return fail(why, ERR_INVALID, "not JSON: %s", error.text);
}

static enum err room_for(struct run *r, uint32_t lines, struct why *why)
{
	size_t size = engine_room_size(r->catalog, lines);

	if (size <= r->room_size)
		return ERR_OK;
	free(r->room);
	r->room = malloc(size);
	r->room_size = r->room ? size : 0;
	return r->room ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

/* What the engine says, in the cart's words. */
static enum err explain(const struct run *r, const struct engine_cart *cart, enum err e, uint32_t bad_line,
			struct why *why)
{
	if (bad_line == CATALOG_NONE)
		return fail(why, e,
			    e == ERR_RANGE ? "the totals are too large" : "too many promotions for one cart");
	const char *sku = catalog_sku(r->catalog, cart->lines[bad_line].item);
	if (e == ERR_NOT_FOUND)
		return fail(why, e, "lines[%u]: '%s' has no price in this store, channel, segment and time",
			    bad_line, sku);
	if (e == ERR_STATE)
		return fail(why, e, "lines[%u].expires: this unit of '%s' has expired and is not sold",
			    bad_line, sku);
	if (e == ERR_INVALID)
		return fail(why, e,
			    "lines[%u].quantity: '%s' is sold by the piece: a whole number is expected",
			    bad_line, sku);
	return fail(why, e, "lines[%u]: the amount is too large", bad_line);
}

static enum err evaluate(struct run *r, const struct cart_record *record, uint32_t line, struct why *why)
{
	struct engine_cart cart;
	struct engine_result result;
	uint32_t bad_line;
	enum err e = cart_resolve(r->snapshot, record, r->now_s, &r->arena, &cart, why);

	cart.context.every_reason = r->every_reason;
	cart.context.ranked = true;
	if (!e)
		e = room_for(r, cart.count, why);
	if (e)
		return e;
	e = engine_evaluate(r->catalog, &cart, r->room, r->room_size, &result, &bad_line);
	if (e)
		return explain(r, &cart, e, bad_line, why);
	const struct evaluation out = {.id = record->id,
				       .language = record->language,
				       .line = line,
				       .catalog = r->catalog,
				       .cart = &cart,
				       .result = &result};
	return r->fn(&out, r->arg, why);
}

static enum err read_cart(struct run *r, struct why *why)
{
	const struct record_context context = {.exponent = r->catalog->settings.exponent};
	uint32_t line = r->line;
	struct cart_record record = {0};
	json_t *json = NULL;
	enum err e = parse_cart(r, &json, why);

	arena_reset(&r->arena);
	if (!e) {
		e = record_from_json(&cart_schema, json, NULL, &context, &r->arena, &record, why);
		json_decref(json);
	} else {
		line = r->line; /* of the mistake, not of the beginning */
	}
	if (!e)
		e = evaluate(r, &record, line, why);
	if (e)
		why_prefix(why, "%s:%u: ", r->path, line);
	return e;
}

static enum err read_carts(struct run *r, struct why *why)
{
	uint32_t count = 0;
	enum err e = ERR_OK;

	while (!e && find_cart(r, count == 0)) {
		e = read_cart(r, why);
		count++;
	}
	if (!e && ferror(r->file))
		return fail(why, ERR_IO, "%s: %s", r->path, strerror(errno));
	if (!e && count == 0)
		return fail(why, ERR_INVALID, "%s: no cart in it", r->path);
	return e;
}

static enum err open_carts(struct run *r, const char *path, struct why *why)
{
	bool standard = strcmp(path, "-") == 0;

	r->path = standard ? "standard input" : path;
	r->file = standard ? stdin : fopen(path, "re");
	if (!r->file)
		return fail(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path, strerror(errno));
	return ERR_OK;
}

enum err evaluate_files(const char *book, const char *carts, int64_t now_s, bool every_reason,
			evaluation_fn *fn, void *arg, struct why *why)
{
	struct run r = {.line = 1, .now_s = now_s, .every_reason = every_reason, .fn = fn, .arg = arg};

	if (strcmp(book, "-") == 0 && strcmp(carts, "-") == 0)
		return fail(why, ERR_INVALID, "book and carts cannot both be standard input");
	if (now_s == AMOUNT_NONE)
		r.now_s = clock_utc_ms(&clock_system) / 1000;
	enum err e = book_load(book, &r.snapshot, why);
	if (e)
		return e;
	r.catalog = snapshot_catalog(r.snapshot);
	e = open_carts(&r, carts, why);
	if (!e)
		e = read_carts(&r, why);
	if (r.file && r.file != stdin)
		fclose(r.file);
	free(r.room);
	arena_free(&r.arena);
	snapshot_unref(r.snapshot);
	return e;
}

void evaluation_write(const struct evaluation *e, struct jsonw *w)
{
	jsonw_object(w, NULL);
	if (e->id)
		jsonw_text(w, "cart", e->id);
	evaluation_to_json(e->catalog, e->cart, e->result, e->language, w);
	jsonw_close(w);
}
