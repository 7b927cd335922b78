/*
 * Pages of articles. See page.h.
 */
#include "page.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct page {
	struct item_page head; /* first: who holds it holds the page */
	atomic_uint references;
	size_t bytes;
	struct item items[]; /* then prices, tags and text: widest alignment first */
};

/* What is used of each part while a page is written. */
struct pen {
	struct item *items;
	struct price_row *prices;
	uint32_t *tags;
	char *text;
	uint32_t item, price, tag, used;
};

/* Pages are made here and nowhere else, in memory that may be written. */
static struct page *of(const struct item_page *head)
{
	return (struct page *)(uintptr_t)head; /* NOLINT(performance-no-int-to-ptr) */
}

static uint32_t write_text(struct pen *pen, const char *text)
{
	uint32_t at = pen->used;
	size_t n = strlen(text) + 1;

	memcpy(pen->text + at, text, n);
	pen->used += (uint32_t)n;
	return at;
}

static void write_item(struct pen *pen, const struct page_item *from)
{
	struct item *item = &pen->items[pen->item++];

	*item = from->item;
	item->sku = write_text(pen, from->sku);
	item->name = write_text(pen, from->name);
	item->first_price = pen->price;
	item->first_tag = pen->tag;
	if (item->prices)
		memcpy(pen->prices + pen->price, from->prices, item->prices * sizeof(*from->prices));
	if (item->tags)
		memcpy(pen->tags + pen->tag, from->tags, item->tags * sizeof(*from->tags));
	pen->price += item->prices;
	pen->tag += item->tags;
}

const struct item_page *page_new(const struct page_item *items, uint32_t count)
{
	size_t prices = 0, tags = 0, text = 0, all;
	struct page *p;
	struct pen pen;

	for (uint32_t i = 0; i < count; i++) {
		prices += items[i].item.prices;
		tags += items[i].item.tags;
		text += strlen(items[i].sku) + strlen(items[i].name) + 2;
	}
	all = sizeof(*p) + count * sizeof(struct item) + prices * sizeof(struct price_row) +
	      tags * sizeof(uint32_t) + text;
	p = malloc(all);
	if (!p)
		return NULL;
	pen = (struct pen){.items = p->items, .prices = (void *)(p->items + count)};
	pen.tags = (void *)(pen.prices + prices);
	pen.text = (char *)(pen.tags + tags);
	p->head = (struct item_page){pen.items, pen.prices, pen.tags, pen.text, count};
	p->bytes = all;
	atomic_init(&p->references, 1);
	for (uint32_t i = 0; i < count; i++)
		write_item(&pen, &items[i]);
	return &p->head;
}

const struct item_page *page_ref(const struct item_page *page)
{
	atomic_fetch_add_explicit(&of(page)->references, 1, memory_order_relaxed);
	return page;
}

void page_unref(const struct item_page *page)
{
	if (page && atomic_fetch_sub_explicit(&of(page)->references, 1, memory_order_acq_rel) == 1)
		free(of(page));
}

void page_read(const struct item_page *page, struct page_item *out)
{
	for (uint32_t i = 0; i < page->count; i++) {
		const struct item *item = &page->items[i];

		out[i] = (struct page_item){
			.item = *item,
			.sku = page->text + item->sku,
			.name = page->text + item->name,
			.prices = page->prices + item->first_price,
			.tags = page->tags + item->first_tag,
		};
	}
}

size_t page_bytes(const struct item_page *page)
{
	return of(page)->bytes;
}
