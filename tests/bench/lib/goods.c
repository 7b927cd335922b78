/*
 * Articles, codes and prices of a book. See goods.h.
 */
#include "goods.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

int64_t goods_minor(const json_t *text)
{
	const char *s = json_string_value(text), *point = s ? strchr(s, '.') : NULL;
	char *end = NULL;

	if (!point || strlen(point) != 3)
		measure_fail("'%s' is no amount with two decimals", s ? s : "null");
	int64_t whole = strtoll(s, &end, 10), cents = strtoll(point + 1, NULL, 10);

	return *s == '-' ? whole * 100 - cents : whole * 100 + cents;
}

static const char *text_of(const json_t *record, const char *member)
{
	const char *text = json_string_value(json_object_get(record, member));

	return text ? text : "";
}

static struct good *add(struct goods *g, const char *sku)
{
	if ((g->count & (g->count - 1)) == 0) {
		struct good *grown = realloc(g->at, (g->count ? g->count * 2 : 1) * sizeof(*grown));

		if (!grown)
			measure_fail("out of memory");
		g->at = grown;
	}
	g->at[g->count] = (struct good){.price = -1};
	snprintf(g->at[g->count].sku, sizeof(g->at->sku), "%s", sku);
	return &g->at[g->count++];
}

/* Half of what an article is: its code from one list, its price from the other. */
struct halves {
	struct goods coded, priced;
};

static void take(const json_t *record, struct halves *h)
{
	const char *type = text_of(record, "type"), *sku = text_of(record, "sku");
	const json_t *gtin = json_array_get(json_object_get(record, "gtins"), 0);

	if (!strcmp(type, "promotion"))
		h->coded.promotions++;
	else if (!strcmp(type, "price") && !strcmp(text_of(record, "list"), GOODS_LIST))
		add(&h->priced, sku)->price = goods_minor(json_object_get(record, "price"));
	else if (!strcmp(type, "item") && gtin)
		snprintf(add(&h->coded, sku)->code, sizeof(h->coded.at->code), "%s", json_string_value(gtin));
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct good *)a)->sku, ((const struct good *)b)->sku);
}

static void join(struct halves *h, struct goods *out)
{
	size_t kept = 0;

	if (h->coded.count == 0 || h->priced.count == 0)
		return;
	qsort(h->coded.at, h->coded.count, sizeof(*h->coded.at), compare);
	qsort(h->priced.at, h->priced.count, sizeof(*h->priced.at), compare);
	for (size_t i = 0; i < h->coded.count; i++) {
		struct good *good = &h->coded.at[i];
		const struct good *priced =
			bsearch(good, h->priced.at, h->priced.count, sizeof(*good), compare);

		if (!priced)
			continue;
		good->price = priced->price;
		h->coded.at[kept++] = *good;
	}
	h->coded.count = kept;
	goods_free(&h->priced);
	*out = h->coded;
}

void goods_load(const char *path, struct goods *out)
{
	FILE *f = fopen(path, "re");
	struct halves halves = {0};
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (!f)
		measure_fail("%s: %s", path, strerror(errno));
	while ((n = getline(&line, &size, f)) > 0) {
		json_t *record = json_loadb(line, (size_t)n, 0, NULL);

		if (!record)
			measure_fail("%s: a line is no JSON", path);
		take(record, &halves);
		json_decref(record);
	}
	free(line);
	fclose(f);
	join(&halves, out);
	if (out->count == 0)
		measure_fail("%s: no article has a code and a price in list '%s'", path, GOODS_LIST);
}

void goods_free(struct goods *g)
{
	free(g->at);
	*g = (struct goods){0};
}
