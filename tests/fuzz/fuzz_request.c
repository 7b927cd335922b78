/*
 * What boxes, and whoever else reaches the ports, may ask of headquarters: a real hub with its log, a book
 *and a box. The input is
 *
 *	a byte		who asks, and how: see ask()
 *	up to LF	the path
 *	up to LF	the query
 *	the rest	the body
 *
 * Each request has one answer: a message in deterministic CBOR, or a reason in UTF-8; and the hub is never at
 * fault (5.00), whatever was asked.
 */
#include "mini_hub.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cbor.h"
#include "fuzz.h"
#include "log.h"
#include "small_book.h"
#include "text.h"

#define TEXT_MAX 400

static struct mini_hub hub;
static char serial[20]; /* of the box's certificate */

static void close_hub(void)
{
	mini_hub_free(&hub);
}

static void open_hub(void)
{
	struct desk_published out;
	struct why why;

	log_open("fuzz", LOG_ERROR);
	mini_hub_new(&hub);
	atexit(close_hub);
	assert(mini_hub_publish(&hub, small_book, false, NULL, &out, &why) == ERR_OK);
	mini_hub_add_box(&hub, "box-1", "S1");
	mini_hub_serial(&hub, "box-1", serial);
}

/* Up to a line feed, as text without NUL; *at moves behind it. */
static void take_text(const uint8_t **at, const uint8_t *end, char out[TEXT_MAX + 1])
{
	size_t n = 0;

	while (*at < end && **at != '\n') {
		if (n < TEXT_MAX && **at != '\0')
			out[n++] = (char)**at;
		++*at;
	}
	if (*at < end)
		++*at;
	out[n] = '\0';
}

static struct mini_answer ask(uint8_t how, const char *path, const char *query, struct bytes body)
{
	static const enum coaps_method methods[] = {COAPS_GET, COAPS_POST, COAPS_PUT, COAPS_DELETE};
	enum coaps_method method = methods[how & 3];

	if (how & 4)
		return mini_hub_ask(&hub, "", method, path, query, body); /* where boxes enrol */
	if (how & 8)
		return mini_hub_ask_as(&hub, "box-9", "1", method, path, query, body); /* not registered */
	if (how & 16)
		return mini_hub_ask_as(&hub, "box-1", "0", method, path, query, body); /* revoked */
	return mini_hub_ask_as(&hub, "box-1", serial, method, path, query, body);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const uint8_t *at = bytes + 1, *end = bytes + n;
	char path[TEXT_MAX + 1], query[TEXT_MAX + 1];
	struct mini_answer a;

	if (n == 0)
		return 0;
	if (!hub.hub)
		open_hub();
	take_text(&at, end, path);
	take_text(&at, end, query);
	a = ask(bytes[0], path, query, (struct bytes){at, (size_t)(end - at)});
	assert(a.answers == 1 && a.code >= 200 && a.code != 500 && a.code < 506);
	assert(a.length > 0);
	if (cbor_check(a.body, a.length) != ERR_OK)
		assert(a.code >= 400 && text_is_utf8((const char *)a.body, a.length));
	mini_answer_free(&a);
	return 0;
}
