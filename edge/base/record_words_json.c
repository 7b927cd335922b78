/*
 * Words as JSON: an object of texts. Apart from record_words.c, so that what reads CBOR alone needs no JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "record_field.h"

enum err words_from_json(const struct field *f, const json_t *value, struct arena *a, struct list *out,
			 struct why *why)
{
	/* jansson's iterators take the object as not const, and leave it as it is */
	json_t *object = (json_t *)(uintptr_t)value; /* NOLINT(performance-no-int-to-ptr) */
	struct keyed_text *words = NULL;
	size_t n = 0;
	enum err e = words_make_room(f, json_object_size(value), a, &words, why);

	for (void *at = json_object_iter(object); at && !e; at = json_object_iter_next(object, at), n++) {
		const char *key = json_object_iter_key(at);

		e = text_from_json(f, json_object_iter_value(at), a, &words[n].text, why);
		if (!e)
			e = words_copy_key(a, key, strlen(key), &words[n].key, why);
		if (e)
			path_field(why, key);
	}
	if (e)
		return e;
	qsort(words, n, sizeof(*words), words_by_key);
	*out = (struct list){words, n};
	return ERR_OK;
}

void words_to_json(struct jsonw *w, const struct field *f, const struct list *list)
{
	const struct keyed_text *words = list->at;

	jsonw_object(w, f->name);
	for (size_t i = 0; i < list->count; i++)
		jsonw_text(w, words[i].key, words[i].text);
	jsonw_close(w);
}
