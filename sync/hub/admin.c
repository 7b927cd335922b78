/*
 * Requests of operators, in one table. See admin.h.
 */
#include "admin.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "signed.h"

struct deed {
	struct desk *d;
	const char *login, *by; /* the Unix user who asks, and for whom: himself, if he names nobody */
	const json_t *request;
	struct jsonw *w; /* members of the answer */
	struct why *why;
};

static const char *text_member(const struct deed *x, const char *name)
{
	return json_string_value(json_object_get(x->request, name));
}

static enum err need_text(const struct deed *x, const char *name, const char **out)
{
	*out = text_member(x, name);
	return *out ? ERR_OK : fail(x->why, ERR_INVALID, "%s: missing", name);
}

static int64_t int_member(const struct deed *x, const char *name, int64_t otherwise)
{
	const json_t *value = json_object_get(x->request, name);

	return json_is_integer(value) ? (int64_t)json_integer_value(value) : otherwise;
}

static enum err box_add(struct deed *x)
{
	const char *box, *store;
	char code[DESK_CODE_MAX];
	enum err e = need_text(x, "box", &box);

	if (!e)
		e = need_text(x, "store", &store);
	if (!e)
		e = desk_add_box(x->d, box, store, int_member(x, "hours", 72), x->by, code, x->why);
	if (!e)
		jsonw_text(x->w, "code", code);
	return e;
}

static enum err box_revoke(struct deed *x)
{
	const char *box;
	enum err e = need_text(x, "box", &box);

	return e ? e : desk_revoke_box(x->d, box, x->by, x->why);
}

static enum err box_release(struct deed *x)
{
	const char *box;
	enum err e = need_text(x, "box", &box);

	return e ? e : desk_release_box(x->d, box, x->why);
}

#define STORES_MAX 1000

static enum err take_stores(struct deed *x, struct arena *a, struct desk_publication *p)
{
	const json_t *stores = json_object_get(x->request, "stores");
	size_t n = json_array_size(stores);
	const char **list = arena_get(a, (n + 1) * sizeof(*list));

	if (!list)
		return fail(x->why, ERR_MEMORY, "out of memory");
	if (n > STORES_MAX)
		return fail(x->why, ERR_LIMIT, "stores: at most %d of one publication", STORES_MAX);
	for (size_t i = 0; i < n; i++) {
		list[i] = json_string_value(json_array_get(stores, i));
		if (!list[i])
			return fail(x->why, ERR_INVALID, "stores: names as text");
	}
	p->stores = list;
	p->store_count = n;
	return ERR_OK;
}

static enum err publish(struct deed *x)
{
	struct desk_publication p = {.changes = json_is_true(json_object_get(x->request, "changes")),
				     .above = int_member(x, "above", 0),
				     .who = x->by,
				     .login = x->login,
				     .note = text_member(x, "note")};
	struct arena a = ARENA_EMPTY;
	struct desk_published out;
	enum err e = need_text(x, "path", &p.path);

	if (!e)
		e = take_stores(x, &a, &p);
	if (!e)
		e = desk_publish(x->d, &p, &out, x->why);
	arena_free(&a);
	if (e)
		return e;
	jsonw_int(x->w, "version", out.version);
	jsonw_int(x->w, "records", out.records);
	jsonw_bool(x->w, "changed", out.changed);
	if (out.held)
		jsonw_int(x->w, "held", out.held);
	if (out.refused)
		jsonw_int(x->w, "rejected", out.refused);
	if (out.lacking > 0) {
		jsonw_int(x->w, "lacking", out.lacking);
		jsonw_text(x->w, "lacking_box", out.lacking_box);
		jsonw_text(x->w, "lacks", out.lacks);
	}
	return ERR_OK;
}

static enum err decide(struct deed *x, bool rejected)
{
	struct desk_decision in = {.by = x->by, .rejected = rejected};
	struct record_context context = {0};
	struct arena a = ARENA_EMPTY;
	struct held what;
	int64_t version;
	enum err e = need_text(x, "id", &in.id);

	if (!e)
		e = need_text(x, "reason", &in.reason);
	if (!e && (!*in.reason || strlen(in.reason) > 200))
		e = fail(x->why, ERR_INVALID, "reason: 1 to 200 bytes");
	if (!e)
		e = desk_decide(x->d, &in, &a, &what, &version, x->why);
	if (!e) {
		if (currency_exponent(what.currency, &context.exponent))
			context.exponent = 0; /* of a rate there is no money */
		what.record = (struct bytes){0};
		record_to_json(&held_schema, &what, &context, x->w);
		jsonw_int(x->w, "version", version);
	}
	arena_free(&a);
	return e;
}

static enum err approve(struct deed *x)
{
	return decide(x, false);
}

static enum err reject(struct deed *x)
{
	return decide(x, true);
}

static enum err grant(struct deed *x)
{
	struct desk_grant g = {
		.uses = int_member(x, "uses", AMOUNT_NONE), .amount = text_member(x, "amount"), .who = x->by};
	int64_t number = 0;
	enum err e = need_text(x, "promotion", &g.promotion);

	if (!e)
		e = need_text(x, "box", &g.box);
	if (!e && (g.uses == AMOUNT_NONE) == (g.amount == NULL))
		e = fail(x->why, ERR_INVALID, "one of uses and amount is to be given");
	if (!e && g.uses != AMOUNT_NONE && g.uses < 1)
		e = fail(x->why, ERR_INVALID, "uses: 1 or more");
	if (!e)
		e = desk_grant(x->d, &g, &number, x->why);
	if (!e)
		jsonw_int(x->w, "number", number);
	return e;
}

static enum err read_pem(const struct desk *d, const char *name, char out[8192], size_t *n, struct why *why)
{
	char path[DESK_PATH_MAX];
	enum err e = desk_path(d->dir, name, path, why);
	FILE *f = e ? NULL : fopen(path, "re");

	if (e)
		return e;
	if (!f)
		return fail(why, ERR_NOT_FOUND, "%s: cannot be read", path);
	*n = fread(out, 1, 8191, f);
	out[(*n)++] = '\0';
	fclose(f);
	return ERR_OK;
}

static enum err open_signer(const struct desk *d, struct signer **out, struct why *why)
{
	char key[8192], certificate[8192];
	size_t k = 0, c = 0;
	enum err e = read_pem(d, "signer.key", key, &k, why);

	if (!e)
		e = read_pem(d, "signer.pem", certificate, &c, why);
	return e ? e : signer_new(key, k, certificate, c, out, why);
}

/* The manifest beside its pages: for a stick or a box's inbox. Last, so that a folder with one is whole. */
static enum err write_manifest(const struct desk *d, const struct page_set *set, const char *store,
			       struct why *why)
{
	char path[DESK_PATH_MAX];
	struct signer *signer = NULL;
	struct buf out;
	FILE *f;
	bool good;
	enum err e = open_signer(d, &signer, why);

	buf_init(&out, (size_t)2 * WIRE_MESSAGE_MAX);
	if (!e)
		e = page_set_manifest(set, store, signer, &out, why);
	if (!e)
		e = desk_path(set->dir, "manifest", path, why);
	signer_free(signer);
	if (!e) {
		f = fopen(path, "we");
		good = f && fwrite(buf_front(&out), 1, buf_length(&out), f) == buf_length(&out);
		good = f && fclose(f) == 0 && good;
		if (!good)
			e = fail(why, ERR_IO, "%s: cannot be written", path);
	}
	buf_free(&out);
	return e;
}

static enum err snapshot(struct deed *x)
{
	const char *store, *dir;
	struct page_set set = {0};
	enum err e = need_text(x, "store", &store);

	if (!e)
		e = need_text(x, "dir", &dir);
	if (!e)
		e = desk_make_pages(x->d, store, dir, &set, x->why);
	if (!e)
		e = write_manifest(x->d, &set, store, x->why);
	if (!e) {
		jsonw_int(x->w, "version", set.version);
		jsonw_int(x->w, "pages", (int64_t)set.count);
		jsonw_int(x->w, "records", set.records);
	}
	page_set_free(&set);
	return e;
}

static enum err ca_next(struct deed *x)
{
	return desk_authority_next(x->d, x->why);
}

/* The names are the hub's, as its configuration has them. */
static enum err ca_change(struct deed *x)
{
	const json_t *names = json_object_get(x->request, "names");
	const char *hosts[AUTHORITY_HOSTS_MAX];
	size_t n = 0;

	for (; n < json_array_size(names) && n < AUTHORITY_HOSTS_MAX; n++) {
		hosts[n] = json_string_value(json_array_get(names, n));
		if (!hosts[n])
			return fail(x->why, ERR_INVALID, "names: texts");
	}
	return desk_authority_change(x->d, hosts, n, json_is_true(json_object_get(x->request, "force")),
				     x->why);
}

static enum err ca_retire(struct deed *x)
{
	return desk_authority_retire(x->d, json_is_true(json_object_get(x->request, "force")), x->why);
}

static const struct {
	const char *name;
	enum err (*run)(struct deed *x);
} deeds[] = {{"box_add", box_add},     {"box_revoke", box_revoke}, {"box_release", box_release},
	     {"publish", publish},     {"grant", grant},	   {"snapshot", snapshot},
	     {"approve", approve},     {"ca_next", ca_next},	   {"ca_change", ca_change},
	     {"ca_retire", ca_retire}, {"reject", reject}};

static bool may_speak(const struct desk *d, const char *login)
{
	for (size_t i = 0; d->roles && i < d->roles->speak_for_others.count; i++)
		if (strcmp(d->roles->speak_for_others.at[i], login) == 0)
			return true;
	return false;
}

static enum err name_person(struct deed *x)
{
	const char *by = text_member(x, "by");

	x->by = by ? by : x->login;
	if (strcmp(x->by, x->login) == 0 || may_speak(x->d, x->login))
		return strlen(x->by) <= 64 ? ERR_OK : fail(x->why, ERR_INVALID, "by: at most 64 bytes");
	return fail(x->why, ERR_DENIED, "%.64s may not speak for %.64s: see speak_for_others in [roles]",
		    x->login, x->by);
}

static enum err run(struct deed *x)
{
	const char *name = text_member(x, "do");
	enum err e = name_person(x);

	if (e)
		return e;
	for (size_t i = 0; name && i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (strcmp(deeds[i].name, name) == 0)
			return deeds[i].run(x);
	return fail(x->why, ERR_NOT_FOUND, "do: there is no such request");
}

void admin_run(struct desk *d, const char *login, const char *line, size_t n, struct buf *out)
{
	json_error_t error;
	json_t *request = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
	struct why why = {""};
	struct jsonw w;
	struct deed x = {.d = d, .login = login, .request = request, .w = &w, .why = &why};
	size_t before = buf_length(out);
	enum err e;

	jsonw_begin(&w, out);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "ok", true);
	if (json_is_object(request))
		e = run(&x);
	else
		e = fail(&why, ERR_INVALID, "not a JSON object: %s", error.text);
	if (e) {
		buf_cut(out, before);
		jsonw_begin(&w, out);
		jsonw_object(&w, NULL);
		jsonw_bool(&w, "ok", false);
		jsonw_text(&w, "error", err_name(e));
		jsonw_text(&w, "reason", why.text);
	}
	jsonw_close(&w);
	if (jsonw_end(&w))
		buf_cut(out, before);
	json_decref(request);
}
