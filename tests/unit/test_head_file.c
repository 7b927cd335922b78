/*
 * ledger.head: what is written is read, a torn write leaves the mark before it, and damage is told.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faulty_disk.h"
#include "head_file.h"
#include "scratch.h"

static struct scratch scratch;
static char ledger[SCRATCH_PATH_MAX], path[DB_PATH_MAX];

static int set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	memcpy(ledger, scratch_path(&scratch, "ledger.db"), sizeof(ledger));
	head_file_path(ledger, path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

static struct head_mark mark_of(int64_t id)
{
	return (struct head_mark){
		.id = id, .segment = 3, .sequence = id - 7, .hash = {{(uint8_t)id, 0xab}}, .unknown = id % 2};
}

static void write_mark(struct head_file *f, int64_t id)
{
	struct head_mark mark = mark_of(id);

	assert_int_equal(head_file_write(f, &mark, NULL), ERR_OK);
}

static void open_file(struct head_file *f)
{
	struct why why = {0};

	if (head_file_open(&disk_system, ledger, f, &why))
		fail_msg("%s", why.text);
}

static void expect_mark(int64_t id)
{
	struct head_mark expect = mark_of(id), found;
	struct why why = {0};

	if (head_file_read(&disk_system, ledger, &found, &why))
		fail_msg("%s", why.text);
	assert_int_equal(found.id, expect.id);
	assert_int_equal(found.segment, expect.segment);
	assert_int_equal(found.sequence, expect.sequence);
	assert_int_equal(found.restored, expect.restored);
	assert_int_equal(found.unknown, expect.unknown);
	assert_memory_equal(found.hash.bytes, expect.hash.bytes, DIGEST_SIZE);
}

static void damage(off_t at)
{
	int fd = open(path, O_WRONLY);

	assert_int_equal(pwrite(fd, "?", 1, at), 1);
	close(fd);
}

static void it_stands_beside_the_ledger(void **state)
{
	(void)state;
	head_file_path("/a/ledger.db", path);
	assert_string_equal(path, "/a/ledger.head");
	head_file_path("/a/ledger", path);
	assert_string_equal(path, "/a/ledger.head");
}

static void the_newest_mark_counts(void **state)
{
	struct head_file f;
	struct stat st;

	(void)state;
	open_file(&f);
	for (int64_t id = 8; id < 30; id++) {
		write_mark(&f, id);
		expect_mark(id);
		if (id % 3 == 0)
			assert_int_equal(head_file_sync(&f, NULL), ERR_OK);
		if (id % 7)
			continue;
		head_file_close(&f);
		open_file(&f);
	}
	head_file_close(&f);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8192);
	assert_int_equal(st.st_mode & 0777, 0664);
}

static void nothing_written_is_nothing_found(void **state)
{
	struct head_mark mark;
	struct head_file f;

	(void)state;
	assert_int_equal(head_file_read(&disk_system, ledger, &mark, NULL), ERR_NOT_FOUND);
	open_file(&f);
	head_file_close(&f);
	assert_int_equal(head_file_read(&disk_system, ledger, &mark, NULL), ERR_NOT_FOUND);
}

/* The first mark goes to the second page, the one after a sync to the first. */
static void damage_is_told(void **state)
{
	struct head_mark mark;
	struct head_file f;
	struct why why = {0};

	(void)state;
	open_file(&f);
	write_mark(&f, 10);
	assert_int_equal(head_file_sync(&f, NULL), ERR_OK);
	write_mark(&f, 11);
	damage(40);
	expect_mark(10);
	damage(4096 + 40);
	assert_int_equal(head_file_read(&disk_system, ledger, &mark, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "ledger.head: damaged"));
	write_mark(&f, 12);
	expect_mark(12);
	head_file_close(&f);
}

/* However many marks were written since, a power cut leaves the synced one or a newer one. */
static void a_torn_mark_leaves_a_whole_one(void **state)
{
	uint64_t seed = seed_start("torn");
	struct faulty_disk disk;

	(void)state;
	faulty_disk_new(&disk);
	disk.remembers = true;
	disk.sector = 16; /* worse than any: a slot itself is torn */
	for (int64_t round = 1; round < 200; round++) {
		struct head_mark mark = mark_of(round * 100), found;
		struct head_file f;

		assert_int_equal(head_file_open(&disk.disk, ledger, &f, NULL), ERR_OK);
		assert_int_equal(head_file_write(&f, &mark, NULL), ERR_OK);
		assert_int_equal(head_file_sync(&f, NULL), ERR_OK);
		for (uint64_t i = seed_next(&seed) % 4; i > 0; i--) {
			mark.id++;
			assert_int_equal(head_file_write(&f, &mark, NULL), ERR_OK);
		}
		head_file_close(&f);
		faulty_disk_restart(&disk, &seed);
		assert_int_equal(head_file_read(&disk_system, ledger, &found, NULL), ERR_OK);
		assert_in_range(found.id, round * 100, mark.id);
	}
	faulty_disk_free(&disk);
}

static void a_failed_sync_is_final(void **state)
{
	struct faulty_disk disk;
	struct head_file f;
	struct why why = {0};

	(void)state;
	faulty_disk_new(&disk);
	assert_int_equal(head_file_open(&disk.disk, ledger, &f, NULL), ERR_OK);
	assert_int_equal(head_file_sync(&f, &why), ERR_OK); /* nothing to sync */
	write_mark(&f, 8);
	disk.fail_syncs = 1;
	assert_int_equal(head_file_sync(&f, &why), ERR_IO);
	assert_non_null(strstr(why.text, "Input/output error"));
	head_file_close(&f);
	faulty_disk_free(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_stands_beside_the_ledger, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_newest_mark_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_written_is_nothing_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damage_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_torn_mark_leaves_a_whole_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_sync_is_final, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
