/*
 * Records of the log from anybody's bytes: the first byte says of which topic. What its table takes encodes
 * to what its table takes, and shows as one line of JSON, or gives a reason.
 */
#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "fuzz.h"
#include "topic.h"

#define ROOM_MAX (8U << 20)

union any {
	struct topic_upload upload;
	struct topic_box box;
	struct topic_record record;
	struct topic_publication publication;
	struct topic_grant grant;
	struct topic_lines lines;
	struct topic_alert alert;
};

static void check_json(enum log_topic t, struct bytes value)
{
	const struct log_record r = {.topic = t, .key = "k", .value = value};
	struct why why = {""};
	struct jsonw w;
	struct buf out;
	json_t *json;

	buf_init(&out, ROOM_MAX);
	jsonw_begin(&w, &out);
	if (topic_to_json(&r, &w, &why) != ERR_OK) {
		assert(why.text[0] != '\0');
	} else if (jsonw_end(&w) == ERR_OK) {
		json = json_loadb((const char *)buf_front(&out), buf_length(&out), JSON_REJECT_DUPLICATES,
				  NULL);
		assert(json_is_object(json));
		json_decref(json);
	}
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena a = ARENA_EMPTY;
	union any first, second;
	struct buf once;
	enum log_topic t;

	if (n == 0)
		return 0;
	t = (enum log_topic)(bytes[0] % LOG_TOPICS);
	buf_init(&once, ROOM_MAX);
	if (topic_decode(t, (struct bytes){bytes + 1, n - 1}, &a, &first, NULL) == ERR_OK) {
		enum err e = topic_encode(t, &first, &once, NULL);

		assert(!e && buf_length(&once) <= n - 1);
		e = topic_decode(t, (struct bytes){buf_front(&once), buf_length(&once)}, &a, &second, NULL);
		assert(!e);
		(void)e;
	}
	check_json(t, (struct bytes){bytes + 1, n - 1});
	buf_free(&once);
	arena_free(&a);
	return 0;
}
