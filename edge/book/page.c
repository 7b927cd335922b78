/*
 * Pages of articles. See page.h.
 */
#include "page.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct page {
	struct item_page head; /* first: who holds it holds the page */
	atomic_uint references;
	size_t bytes;
	alignas(sizeof(struct item)) struct item
		items[]; /* then signals, prices, breaks, tags and text: widest alignment first */
};

/* What is used of each part while a page is written. */
struct pen {
	struct item *items;
	struct signal *signals;
	struct price_row *prices;
	struct price_break *breaks;
	uint32_t *tags;
	char *text;
	uint32_t item, signal, price, broken, tag, used;
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

static void write_prices(struct pen *pen, const struct page_item *from)
{
	for (uint16_t i = 0; i < from->item.prices; i++) {
		struct price_row *row = &pen->prices[pen->price++];

		*row = from->prices[i];
		if (row->breaks == 0)
			continue;
		memcpy(pen->breaks + pen->broken, from->breaks + row->first_break,
		       row->breaks * sizeof(*pen->breaks));
		row->first_break = pen->broken;
		pen->broken += row->breaks;
	}
}

static void write_item(struct pen *pen, const struct page_item *from)
{
	struct item *item = &pen->items[pen->item++];

	*item = from->item;
	item->sku = write_text(pen, from->sku);
	item->name = write_text(pen, from->name);
	item->first_price = pen->price;
	item->first_tag = pen->tag;
	item->signal = 0;
	if (from->signal) {
		pen->signals[pen->signal++] = *from->signal;
		item->signal = (uint16_t)pen->signal; /* of a page's 256 articles */
	}
	item->shelf = item->prices ? item_shelf(&from->prices[0]) : 0;
	write_prices(pen, from);
	if (item->tags)
		memcpy(pen->tags + pen->tag, from->tags, item->tags * sizeof(*from->tags));
	pen->tag += item->tags;
}

const struct item_page *page_new(const struct page_item *items, uint32_t count)
{
	size_t signals = 0, prices = 0, breaks = 0, tags = 0, text = 0, all;
	struct page *p;
	struct pen pen;

	for (uint32_t i = 0; i < count; i++) {
		signals += items[i].signal != NULL;
		prices += items[i].item.prices;
		for (uint16_t k = 0; k < items[i].item.prices; k++)
			breaks += items[i].prices[k].breaks;
		tags += items[i].item.tags;
		text += strlen(items[i].sku) + strlen(items[i].name) + 2;
	}
	all = sizeof(*p) + count * sizeof(struct item) + signals * sizeof(struct signal) +
	      prices * sizeof(struct price_row) + breaks * sizeof(struct price_break) +
	      tags * sizeof(uint32_t) + text;
	all = (all + alignof(struct page) - 1) & ~(alignof(struct page) - 1);
	p = aligned_alloc(alignof(struct page), all);
	if (!p)
		return NULL;
	pen = (struct pen){.items = p->items, .signals = (void *)(p->items + count)};
	pen.prices = (void *)(pen.signals + signals);
	pen.breaks = (void *)(pen.prices + prices);
	pen.tags = (void *)(pen.breaks + breaks);
	pen.text = (char *)(pen.tags + tags);
	p->head = (struct item_page){.items = pen.items,
				     .prices = pen.prices,
				     .breaks = pen.breaks,
				     .signals = pen.signals,
				     .tags = pen.tags,
				     .text = pen.text,
				     .count = count};
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
			.breaks = page->breaks,
			.signal = item->signal ? &page->signals[item->signal - 1] : NULL,
			.tags = page->tags + item->first_tag,
		};
	}
}

size_t page_bytes(const struct item_page *page)
{
	return of(page)->bytes;
}
