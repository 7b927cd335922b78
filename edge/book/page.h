/*
 * A page of articles with all that they need (prices, tags, text), in one piece of memory. Pages are counted,
 * so that a catalog shares with the one before it those that did not change. Private to edge/book.
 */
#ifndef TILL_PAGE_H
#define TILL_PAGE_H

#include "catalog.h"

/* An article on its way into a page, or out of one. page_new sets the offsets in item; the counts are the
 * caller's. */
struct page_item {
	struct item item;
	const char *sku, *name;
	const struct price_row *prices;
	const struct price_break *breaks; /* what the rows' first_break counts in */
	const struct signal *signal;	  /* NULL: nothing is known; item.signal is not looked at */
	const uint32_t *tags;
};

/* The caller owns one reference. NULL: memory is short. */
const struct item_page *page_new(const struct page_item *items, uint32_t count);
const struct item_page *page_ref(const struct item_page *page);
void page_unref(const struct item_page *page); /* NULL is fine */

/* The articles of a page, page->count of them, pointing into it. */
void page_read(const struct item_page *page, struct page_item *out);

size_t page_bytes(const struct item_page *page);

#endif
