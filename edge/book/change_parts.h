/*
 * What the files of snapshot_change share. Private to them.
 */
#ifndef TILL_CHANGE_PARTS_H
#define TILL_CHANGE_PARTS_H

#include "builder.h"

/* A change of an article or its prices, found its place. */
struct edit {
	uint32_t item;
	uint32_t order; /* among the changes */
	const struct change *change;
};

/* A promotion, rule or override of the new version. */
struct kept_named {
	const char *id;
	struct kept kept; /* body NULL: taken away */
};

/* Those of one type: as they were, and behind them what came since. */
struct kept_all {
	struct kept_named *at; /* NULL: none of them changed */
	uint32_t count;
};

struct changing {
	const struct catalog *old;
	struct snapshot *made;
	struct arena arena; /* working memory */
	struct edit *edits;
	uint32_t edit_count;
	struct kept_all promotions, rules, overrides;
	struct page_item *page; /* ITEM_PAGE_ITEMS of them: the page at hand */
	struct why *why;
};

/* Says that the change cannot be had in a snapshot: ERR_STATE. */
enum err change_rebuild(struct changing *g, const char *what, const char *name) MUST_CHECK;

/* change_articles.c: puts all edits into effect, page by page. */
enum err change_edit_pages(struct changing *g) MUST_CHECK;

#endif
