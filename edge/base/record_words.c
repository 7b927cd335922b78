/*
 * Words: texts by a key, such as a label in several languages. An object of texts in JSON
 * (record_words_json.c); in CBOR, whose maps have numbers for keys here, an array of key, text, key, text. In
 * it and in the struct they have one order: shorter keys first, then bytewise.
 */
#include <string.h>

#include "record_field.h"

int words_by_key(const void *a, const void *b)
{
	const struct keyed_text *x = a, *y = b;
	size_t n = strlen(x->key), m = strlen(y->key);

	return n != m ? (n > m) - (n < m) : strcmp(x->key, y->key);
}

static enum err check_key(const char *key, size_t n, struct why *why)
{
	bool fits = n > 0 && n <= RECORD_KEY_MAX;

	for (size_t i = 0; i < n && fits; i++)
		fits = key[i] == '-' || (key[i] >= '0' && key[i] <= '9') ||
		       ((key[i] | 0x20) >= 'a' && (key[i] | 0x20) <= 'z');
	if (fits)
		return ERR_OK;
	return fail(why, ERR_INVALID, "a name here is 1 to %d letters, digits and hyphens", RECORD_KEY_MAX);
}

enum err words_copy_key(struct arena *a, const char *key, size_t n, const char **out, struct why *why)
{
	enum err e = check_key(key, n, why);

	if (e)
		return e;
	*out = arena_text(a, key, n);
	return *out ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

enum err words_make_room(const struct field *f, size_t n, struct arena *a, struct keyed_text **out,
			 struct why *why)
{
	enum err e = field_check_length(f, n, why);

	if (e)
		return e;
	*out = arena_get(a, (n + 1) * sizeof(**out));
	return *out ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

void words_to_cbor(struct cborw *w, const struct list *list)
{
	const struct keyed_text *words = list->at;

	cborw_array(w, 2 * list->count);
	for (size_t i = 0; i < list->count; i++) {
		cborw_text(w, words[i].key, strlen(words[i].key));
		cborw_text(w, words[i].text, strlen(words[i].text));
	}
}

static enum err expect(struct cborr *in, enum cbor_kind kind, const char *what, struct cbor_item *item,
		       struct why *why)
{
	if (cborr_expect(in, kind, item))
		return fail(why, ERR_INVALID, "%s in deterministic CBOR is expected", what);
	return ERR_OK;
}

static enum err read_word(const struct field *f, struct cborr *in, struct arena *a, struct keyed_text *out,
			  bool *plain, struct why *why)
{
	struct cbor_item key = {0}, text = {0};
	enum err e = expect(in, CBOR_KIND_TEXT, "text", &key, why);

	if (!e)
		e = words_copy_key(a, key.at, key.length, &out->key, why);
	if (!e)
		e = expect(in, CBOR_KIND_TEXT, "text", &text, why);
	if (!e)
		e = field_check_text(f, text.at, text.length, why);
	if (e)
		return e;
	*plain = *plain && text_is_plain(key.at, key.length) && text_is_plain(text.at, text.length);
	out->text = arena_text(a, text.at, text.length);
	return out->text ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

enum err words_from_cbor(const struct field *f, struct cborr *in, struct arena *a, struct list *out,
			 bool *plain, struct why *why)
{
	struct cbor_item array = {0};
	struct keyed_text *words = NULL;
	enum err e = expect(in, CBOR_KIND_ARRAY, "an array", &array, why);
	size_t n = e ? 0 : (size_t)array.value / 2;

	if (!e && array.value % 2)
		e = fail(why, ERR_INVALID, "a text for each key is expected");
	if (!e)
		e = words_make_room(f, n, a, &words, why);
	for (size_t i = 0; i < n && !e; i++) {
		e = read_word(f, in, a, &words[i], plain, why);
		if (!e && i > 0 && words_by_key(&words[i - 1], &words[i]) >= 0)
			e = fail(why, ERR_INVALID, "key '%s' does not ascend", words[i].key);
	}
	if (e)
		return e;
	*out = (struct list){words, n};
	return ERR_OK;
}

enum err words_check(const struct field *f, const struct list *list, struct why *why)
{
	const struct keyed_text *words = list->at;
	enum err e = field_check_length(f, list->count, why);

	for (size_t i = 0; i < list->count && !e; i++) {
		e = check_key(words[i].key, strlen(words[i].key), why);
		if (!e)
			e = field_check_text(f, words[i].text, strlen(words[i].text), why);
		if (!e && i > 0 && words_by_key(&words[i - 1], &words[i]) >= 0)
			e = fail(why, ERR_INVALID, "key '%s' does not ascend", words[i].key);
		if (e)
			path_field(why, words[i].key);
	}
	return e;
}
