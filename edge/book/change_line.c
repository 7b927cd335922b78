/*
 * One line of a file of changes: a record as in a price book, or one that is to go, named by its key.
 */
#include <jansson.h>
#include <string.h>

#include "fields.h"
#include "records.h"

struct record_key {
	const char *id, *sku, *list, *code, *currency;
};

struct record_remove {
	int64_t of;
	const struct record_key *key;
};

/* In the order of the types, without the book, which cannot go. */
static const char *const removable[] = {
	"tax",	    "category",	     "price_list",  "item", "price",  "promotion",
	"coupon",   "customer",	     "floor",	    "zone", "signal", "price_rule",
	"override", "exchange_rate", "landed_cost", "plan", NULL};

static const struct field key_fields[] = {
	FIELD(1, record_key, id, ID,
	      .text = "Of a tax, category, price_list, promotion, customer, floor, zone, price_rule, "
		      "override or "
		      "plan."),
	FIELD(2, record_key, sku, ID, .text = "Of an item, a price, a signal or a landed_cost."),
	FIELD(3, record_key, list, ID, .text = "Of a price, besides its sku."),
	FIELD(4, record_key, code, ID, .text = "Of a coupon."),
	FIELD(5, record_key, currency, FIELD_OF(TEXT, 3, 3), .text = "Of an exchange_rate."),
};
static const struct schema key_schema =
	SCHEMA("key", record_key, key_fields, "What the record is called, as in the record itself.");

static const struct field remove_fields[] = {
	FIELD(1, record_remove, of, .kind = FIELD_ENUM, .names = removable, .required = true,
	      .text = "Type of the record that goes."),
	FIELD(2, record_remove, key, STRUCT(key_schema), .required = true, .text = "Which one."),
};
const struct schema remove_schema =
	SCHEMA("remove", record_remove, remove_fields,
	       "A record that goes, in a file of changes. One that is not there is no error.");

/* Members of a key: R wanted, dot must not be there. The rows are in the order of the types. */
static const char *const key_members[] = {"id", "sku", "list", "code", "currency"};
static const char key_wants[RECORD_TYPES][6] = {
	[RECORD_TAX] = "R....",	     [RECORD_CATEGORY] = "R....",      [RECORD_PRICE_LIST] = "R....",
	[RECORD_ITEM] = ".R...",     [RECORD_PRICE] = ".RR..",	       [RECORD_PROMOTION] = "R....",
	[RECORD_COUPON] = "...R.",   [RECORD_CUSTOMER] = "R....",      [RECORD_FLOOR] = "R....",
	[RECORD_ZONE] = "R....",     [RECORD_SIGNAL] = ".R...",	       [RECORD_PRICE_RULE] = "R....",
	[RECORD_OVERRIDE] = "R....", [RECORD_EXCHANGE_RATE] = "....R", [RECORD_LANDED_COST] = ".R...",
	[RECORD_PLAN] = "R....",
#ifdef TILL_NEXT
	[RECORD_MEMO] = "R....",
#endif
};

static enum err check_key(const struct record_key *key, enum record_type t, struct why *why)
{
	const char *const members[] = {key->id, key->sku, key->list, key->code, key->currency};
	const char *type = record_schema(t)->name;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		bool wanted = key_wants[t][i] == 'R';

		if (wanted && !members[i])
			return fail(why, ERR_INVALID, "key.%s: missing; it names a record of type '%s'",
				    key_members[i], type);
		if (!wanted && members[i])
			return fail(why, ERR_INVALID, "key.%s: is no part of what names a '%s'; leave it out",
				    key_members[i], type);
	}
	return ERR_OK;
}

/* The members were checked: but for a price there is one. */
static void fill(const struct record_key *key, enum record_type t, struct record *out)
{
	const char *const members[] = {key->id, key->code, key->currency};
	const char *name = key->sku;

	*out = (struct record){.type = t};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && !name; i++)
		name = members[i];
	record_set_name(out, name);
	if (t == RECORD_PRICE)
		out->as.price.list = key->list;
}

static enum err read_removal(const json_t *object, struct arena *a, struct change *out, struct why *why)
{
	const struct record_context context = {0};
	struct record_remove r = {0};
	enum err e = record_from_json(&remove_schema, object, "type", &context, a, &r, why);

	if (!e)
		e = record_check_texts(&remove_schema, &r, why);
	if (e)
		return e;
	enum record_type t = (enum record_type)(r.of + RECORD_TAX);
	e = check_key(r.key, t, why);
	if (e)
		return e;
	out->removed = true;
	fill(r.key, t, &out->record);
	return ERR_OK;
}

static bool is_removal(const json_t *object)
{
	const char *type = json_string_value(json_object_get(object, "type"));

	return type && strcmp(type, remove_schema.name) == 0;
}

enum err change_parse_line(const char *line, size_t n, unsigned exponent, struct arena *a, struct change *out,
			   struct why *why)
{
	json_error_t error;
	json_t *object = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
	enum err e;

	if (!object)
		return fail(why, ERR_INVALID, "not JSON: %s (column %d)", error.text, error.column);
	out->removed = false;
	if (is_removal(object))
		e = read_removal(object, a, out, why);
	else
		e = record_parse_object(object, exponent, a, &out->record, why);
	json_decref(object);
	return e;
}
