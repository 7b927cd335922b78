/*
 * A snapshot as files: a folder with `manifest` and `page-00000`, `page-00001` ..., the same bytes as over
 * the link (docs/protocol.md). Nothing is believed because it is here: the manifest's signature and each
 * page's hash are checked whenever they are read.
 */
#ifndef TILL_PAGE_FOLDER_H
#define TILL_PAGE_FOLDER_H

#include "buf.h"
#include "catalog_store.h"
#include "signed.h"

#define PAGE_FOLDER_PATH_MAX  256
#define PAGE_FOLDER_PAGES_MAX 65536

struct page_folder {
	char dir[PAGE_FOLDER_PATH_MAX];
	char store[WIRE_NAME_MAX + 1], cursor[WIRE_CURSOR_MAX + 1];
	int64_t version, records;
	size_t pages;
	struct digest *hashes; /* of the pages */
};

/* A signed manifest. ERR_DENIED and ERR_INVALID say what is wrong with it; dir is left empty. */
enum err page_folder_read(struct page_folder *s, const struct trust *trust, const void *manifest, size_t n,
			  struct why *why) MUST_CHECK;
void page_folder_free(struct page_folder *s);

/* The manifest of the folder. */
enum err page_folder_open(struct page_folder *s, const struct trust *trust, const char *dir,
			  struct why *why) MUST_CHECK;

/* A new folder below `parent`, called by the version, with the manifest in it. */
enum err page_folder_make(struct page_folder *s, const char *parent, const void *manifest, size_t n,
			  struct why *why) MUST_CHECK;

/* Whether the bytes are that page, and whether the folder has it. */
bool page_folder_fits(const struct page_folder *s, size_t page, const void *bytes, size_t n);
bool page_folder_has(const struct page_folder *s, size_t page);
enum err page_folder_keep(const struct page_folder *s, size_t page, const void *bytes, size_t n,
			  struct why *why) MUST_CHECK;

/*
 * All pages in place of what the catalog holds, in one transaction. *unknown counts records that say what
 * this version does not know. *cancel becomes true (from any thread): ERR_CLOSED, soon, and the catalog is as
 * it was.
 */
enum err page_folder_apply(const struct page_folder *s, struct catalog_store *catalog,
			   const _Atomic bool *cancel, uint64_t *unknown, struct why *why) MUST_CHECK;

/* Deletes the sets below parent but for the two newest. */
void page_folder_prune(const char *parent);

#endif
