/*
 * What the two faces of a failing disk share: what was written to a file, and whether that worked. Private to
 * faulty_disk.c and faulty_vfs.c.
 */
#ifndef TILL_FAULTY_DISK_PARTS_H
#define TILL_FAULTY_DISK_PARTS_H

#include <stddef.h>

#include "faulty_disk.h"

/* What is known of a file, which was opened just now; one that is known keeps what is known of it. */
struct faulty_file *faulty_file_of(struct faulty_disk *d, const char *path);

/* A write, or with n = 0 a truncation, or a sync is about to happen: 0, or the errno that it fails with. */
int faulty_note_write(struct faulty_disk *d, struct faulty_file *f, int64_t at, const void *bytes, size_t n);
int faulty_note_sync(struct faulty_disk *d, struct faulty_file *f);
void faulty_note_delete(struct faulty_file *f);

/* faulty_vfs.c: the VFS in d, as "faulty". */
void faulty_vfs_register(struct faulty_disk *d);

#endif
