/*
 * Configuration: good files into structs, every kind of mistake named with file and line, the reference.
 */
#include "unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

struct daemon {
	const char *name, *socket;
	int64_t carts, strict, mode, wait_ms;
	struct config_words words;
};

struct lane {
	const char *name;
	const char *scanner;
	int64_t port;
};

struct whole {
	struct daemon daemon;
	struct config_list lanes;
};

static const char *const modes[] = {"slow", "normal", "fast", NULL};

static const struct option daemon_options[] = {
	{.key = "name",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct daemon, name),
	 .fallback = "box",
	 .min = 1,
	 .max = 8,
	 .text = "Name of the box."},
	{.key = "socket",
	 .kind = OPTION_PATH,
	 .offset = offsetof(struct daemon, socket),
	 .fallback = "/run/s",
	 .text = "Where it listens."},
	{.key = "carts",
	 .kind = OPTION_INT,
	 .offset = offsetof(struct daemon, carts),
	 .fallback = "4",
	 .min = 1,
	 .max = 64,
	 .text = "Carts at a time."},
	{.key = "strict",
	 .kind = OPTION_BOOL,
	 .offset = offsetof(struct daemon, strict),
	 .fallback = "no",
	 .text = "Refuse what is doubtful."},
	{.key = "mode",
	 .kind = OPTION_CHOICE,
	 .offset = offsetof(struct daemon, mode),
	 .fallback = "normal",
	 .choices = modes,
	 .text = "How it goes."},
	{.key = "wait",
	 .kind = OPTION_DURATION,
	 .offset = offsetof(struct daemon, wait_ms),
	 .fallback = "5s",
	 .min = 250,
	 .max = 600000,
	 .text = "How long it waits."},
	{.key = "words",
	 .kind = OPTION_LIST,
	 .offset = offsetof(struct daemon, words),
	 .fallback = "",
	 .text = "Some words."},
};

static const struct option lane_options[] = {
	{.key = "scanner",
	 .kind = OPTION_TEXT,
	 .offset = offsetof(struct lane, scanner),
	 .text = "Its scanner."},
	{.key = "port",
	 .kind = OPTION_INT,
	 .offset = offsetof(struct lane, port),
	 .fallback = "1",
	 .text = "A port."},
};

static const struct section sections[] = {
	{.name = "daemon",
	 .size = sizeof(struct daemon),
	 .offset = offsetof(struct whole, daemon),
	 .options = daemon_options,
	 .count = COUNT(daemon_options),
	 .text = "The program as a whole."},
	{.name = "lane",
	 .named = true,
	 .size = sizeof(struct lane),
	 .offset = offsetof(struct whole, lanes),
	 .max = 3,
	 .options = lane_options,
	 .count = COUNT(lane_options),
	 .text = "A lane."},
};

struct fixture {
	char folder[32];
	char path[64];
	struct arena arena;
	struct whole whole;
	struct config_report report;
};

static struct fixture f;

static int set_up(void **state)
{
	char drop_ins[80];

	f = (struct fixture){.folder = "/tmp/test_config.XXXXXX", .arena = ARENA_EMPTY};
	assert_non_null(mkdtemp(f.folder));
	snprintf(f.path, sizeof(f.path), "%s/till.conf", f.folder);
	snprintf(drop_ins, sizeof(drop_ins), "%s.d", f.path);
	assert_int_equal(mkdir(drop_ins, 0755), 0);
	*state = &f;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&f.arena);
	return nftw(f.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *name, const char *text, size_t n)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", f.folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static enum err load(void)
{
	return config_load(f.path, sections, COUNT(sections), &f.whole, &f.arena, &f.report);
}

static void assert_error(size_t i, const char *file, int line, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", f.folder, file);
	assert_true(i < f.report.count);
	assert_string_equal(f.report.errors[i].text, text);
	assert_string_equal(f.report.errors[i].file, path);
	assert_int_equal(f.report.errors[i].line, line);
}

static void a_full_file(void **state)
{
	const struct daemon *d = &f.whole.daemon;
	const struct lane *lanes;

	(void)state;
	put_text("till.conf", "\xEF\xBB\xBF# comment\n"
			      "; comment\n"
			      "[daemon] ; the whole\r\n"
			      "name = K\xC3\xA4se ; not part of it\r\n"
			      "socket=/run/till/sock;et\n"
			      "carts : 7\n"
			      "   \n"
			      "strict = on\n"
			      "mode = fast\n"
			      "wait = 2min\n"
			      "words = a, b c,,d\n"
			      "[lane 2]\n"
			      "scanner = front scanner\n"
			      "port = 9\n"
			      "[ lane   1 ]\n"
			      "scanner = back\n"
			      "port = -5"); /* no newline at the end */
	assert_int_equal(load(), ERR_OK);
	assert_int_equal(f.report.count, 0);
	assert_string_equal(d->name, "K\xC3\xA4se");
	assert_string_equal(d->socket, "/run/till/sock;et");
	assert_int_equal(d->carts, 7);
	assert_int_equal(d->strict, 1);
	assert_int_equal(d->mode, 2);
	assert_int_equal(d->wait_ms, 120000);
	assert_int_equal(d->words.count, 4);
	assert_string_equal(d->words.at[0], "a");
	assert_string_equal(d->words.at[3], "d");
	assert_int_equal(f.whole.lanes.count, 2);
	lanes = f.whole.lanes.at;
	assert_string_equal(lanes[0].name, "2");
	assert_string_equal(lanes[0].scanner, "front scanner");
	assert_int_equal(lanes[0].port, 9);
	assert_string_equal(lanes[1].name, "1");
	assert_int_equal(lanes[1].port, -5);
}

static void an_empty_file_is_all_defaults(void **state)
{
	const struct daemon *d = &f.whole.daemon;

	(void)state;
	memset(&f.whole, 0xEE, sizeof(f.whole));
	put_text("till.conf", "");
	assert_int_equal(load(), ERR_OK);
	assert_string_equal(d->name, "box");
	assert_string_equal(d->socket, "/run/s");
	assert_int_equal(d->carts, 4);
	assert_int_equal(d->strict, 0);
	assert_int_equal(d->mode, 1);
	assert_int_equal(d->wait_ms, 5000);
	assert_int_equal(d->words.count, 0);
	assert_int_equal(f.whole.lanes.count, 0);
}

static void drop_ins_replace_in_byte_order(void **state)
{
	const char *file;
	char path[128];
	int line;

	(void)state;
	put_text("till.conf", "[daemon]\ncarts = 1\nname = main\n[lane 1]\nscanner = a\n");
	put_text("till.conf.d/20-b.conf", "[daemon]\ncarts = 20\n");
	put_text("till.conf.d/10-a.conf", "[daemon]\ncarts = 10\nmode = slow\n[lane 2]\nscanner = b\n");
	put_text("till.conf.d/Z.conf", "[daemon]\nmode = fast\n"); /* capitals before small letters */
	put_text("till.conf.d/a.conf", "[daemon]\nmode = normal\n");
	put_text("till.conf.d/notes.txt", "not read\n");
	put_text("till.conf.d/.hidden.conf", "not read\n");
	assert_int_equal(load(), ERR_OK);
	assert_int_equal(f.whole.daemon.carts, 20);
	assert_int_equal(f.whole.daemon.mode, 1);
	assert_string_equal(f.whole.daemon.name, "main");
	assert_int_equal(f.whole.lanes.count, 2);

	config_where(&f.report, "daemon", "carts", &file, &line);
	snprintf(path, sizeof(path), "%s/till.conf.d/20-b.conf", f.folder);
	assert_string_equal(file, path);
	assert_int_equal(line, 2);
	config_where(&f.report, "lane 2", "port", &file, &line); /* by default: where the section stands */
	snprintf(path, sizeof(path), "%s/till.conf.d/10-a.conf", f.folder);
	assert_string_equal(file, path);
	assert_int_equal(line, 4);
	config_where(&f.report, "lane 7", "port", &file, &line);
	assert_string_equal(file, f.path);
	assert_int_equal(line, 0);
	config_complain(&f.report, &f.arena, file, line, "lane %d is missing", 7);
	assert_error(0, "till.conf", 0, "lane 7 is missing");
}

/* One mistake each, in the line that is given. */
static void mistakes(void **state)
{
	static const struct {
		const char *text;
		int line;
		const char *error;
	} rows[] = {
		{"[daemon]\ncart = 1\n", 2, "unknown key 'cart' in [daemon], did you mean 'carts'?"},
		{"[daemon]\nzzz = 1\n", 2, "unknown key 'zzz' in [daemon]"},
		{"[deamon]\ncarts = x\n", 1, "unknown section 'deamon', did you mean 'daemon'?"},
		{"[zzzzzz]\n", 1, "unknown section 'zzzzzz'"},
		{"[lane]\n", 1, "[lane] needs a name, as in [lane 1]"},
		{"[daemon x]\n", 1, "[daemon] takes no name: write [daemon]"},
		{"[daemon\ncarts = 1\n", 1, "']' is missing behind the section's name"},
		{"[daemon] x\n", 1, "nothing but a comment may follow the ']'"},
		{"carts = 1\n", 1, "'carts' stands before any [section]"},
		{"[daemon]\ncarts\n", 2, "this is no 'key = value'"},
		{"[daemon]\nname = a\n = 1\n", 3,
		 "the line begins with a blank: keys and sections start at the margin"},
		{"[daemon]\nname = a\n  b\n", 3,
		 "the line begins with a blank: keys and sections start at the margin"},
		{"[daemon]\n\tcarts = 1\n", 2,
		 "the line begins with a blank: keys and sections start at the margin"},
		{"[daemon]\ncarts = 1\nname = x\ncarts = 2\n", 4, "'carts' is set already in line 2"},
		{"[lane 1]\nscanner = a\n[daemon]\n[lane 1]\nscanner = a\n", 4,
		 "[lane 1] begins in line 1 already: give this one another name, or join the two"},
		{"[daemon]\n[daemon]\ncarts = 1\n", 2, "[daemon] begins in line 1 already: join the two"},
		{"[daemon]\nname = \xFF\n", 2, "the line is not UTF-8"},
		{"[daemon]\nname = a\x1b[1m\n", 2, "the line holds a control character: retype it"},
		{"[daemon]\n\rname = a\n", 2, "the line holds a control character: retype it"},
		{"[daemon]\ncarts = 0\n", 2, "carts: '0' is not from 1 to 64"},
		{"[daemon]\ncarts = 1.0\n", 2, "carts: '1.0' is no whole number"},
		{"[daemon]\ncarts =\n", 2, "carts: '' is no whole number"},
		{"[daemon]\ncarts = 4 # four\n", 2, "carts: '4 # four' is no whole number"},
		{"[daemon]\nstrict = maybe\n", 2, "strict: 'maybe' is neither yes nor no"},
		{"[daemon]\nmode = fats\n", 2, "mode: 'fats' is unknown, did you mean 'fast'?"},
		{"[daemon]\nmode = zzz\n", 2, "mode: 'zzz' is not one of slow, normal, fast"},
		{"[daemon]\nwait = 5\n", 2,
		 "wait: '5' is no duration: write it like 250ms, 5s, 10min, 2h or 30d"},
		{"[daemon]\nwait = s\n", 2,
		 "wait: 's' is no duration: write it like 250ms, 5s, 10min, 2h or 30d"},
		{"[daemon]\nwait = 99999999999999999d\n", 2,
		 "wait: '99999999999999999d' is no duration: write it like 250ms, 5s, 10min, 2h or 30d"},
		{"[daemon]\nwait = 11min\n", 2, "wait: '11min' is not from 250ms to 10min"},
		{"[daemon]\nsocket = run/s\n", 2, "socket: 'run/s' is no absolute path: begin it with '/'"},
		{"[daemon]\nname = much too long\n", 2,
		 "name: 'much too long' has 13 bytes and must have 1 to 8"},
		{"[lane 1]\n", 1, "[lane 1] needs 'scanner': Its scanner."},
		{"[lane 1]\nscanner=a\n[lane 2]\nscanner=a\n[lane 3]\nscanner=a\n[lane 4]\nscanner=a\n", 7,
		 "[lane 4] is one too many: there may be 3 of [lane ...]"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		put_text("till.conf", rows[i].text);
		assert_int_equal(load(), ERR_INVALID);
		assert_error(0, "till.conf", rows[i].line, rows[i].error);
		assert_int_equal(f.report.count, 1);
	}
}

static void all_mistakes_are_reported(void **state)
{
	(void)state;
	put_text("till.conf", "junk\n[daemon]\ncarts = 0\nbogus = 1\n[nonsense]\nx = 1\n[lane 1]\n");
	put_text("till.conf.d/a.conf", "[daemon]\nmore junk\n");
	assert_int_equal(load(), ERR_INVALID);
	assert_int_equal(f.report.count, 6);
	assert_error(0, "till.conf", 1, "this is no 'key = value'");
	assert_error(1, "till.conf", 4, "unknown key 'bogus' in [daemon]");
	assert_error(2, "till.conf", 5, "unknown section 'nonsense'");
	assert_error(3, "till.conf.d/a.conf", 2, "this is no 'key = value'");
	assert_error(4, "till.conf", 3, "carts: '0' is not from 1 to 64");
	assert_error(5, "till.conf", 7, "[lane 1] needs 'scanner': Its scanner.");
}

static void the_report_has_a_bound(void **state)
{
	char text[60 * 5 + 1] = "";

	(void)state;
	for (int i = 0; i < 60; i++)
		text_add(text, sizeof(text), "junk\n");
	put_text("till.conf", text);
	assert_int_equal(load(), ERR_INVALID);
	assert_int_equal(f.report.count, CONFIG_ERRORS_MAX);
	assert_int_equal(f.report.dropped, 10);
}

/* A second line of so many bytes, and one behind it. */
static void put_line_of(int length)
{
	char text[2000], word[2000];

	memset(word, 'x', sizeof(word));
	snprintf(text, sizeof(text), "[daemon]\nwords = %.*s\ncarts = 3\n", length - (int)strlen("words = "),
		 word);
	put_text("till.conf", text);
}

/* A line of the longest length is whole; one byte more is an error, and its tail is not read as a line. */
static void long_lines(void **state)
{
	(void)state;
	put_line_of(CONFIG_LINE_MAX);
	assert_int_equal(load(), ERR_OK);
	assert_int_equal(strlen(f.whole.daemon.words.at[0]), CONFIG_LINE_MAX - strlen("words = "));
	assert_int_equal(f.whole.daemon.carts, 3);
	put_line_of(CONFIG_LINE_MAX + 1);
	assert_int_equal(load(), ERR_INVALID);
	assert_int_equal(f.report.count, 1);
	assert_error(0, "till.conf", 2, "the line is longer than 198 bytes");
	assert_int_equal(f.whole.daemon.carts, 3);
}

static void bytes_that_are_no_text(void **state)
{
	static const char text[] = "[daemon]\nname = a\0b\ncarts = 3\n";

	(void)state;
	put("till.conf", text, sizeof(text) - 1);
	assert_int_equal(load(), ERR_INVALID);
	assert_int_equal(f.report.count, 1);
	assert_error(0, "till.conf", 2, "the line holds a NUL byte: is this a text file?");
}

static void files_that_cannot_be_read(void **state)
{
	(void)state;
	assert_int_equal(load(), ERR_IO);
	assert_error(0, "till.conf", 0, "cannot be read: No such file or directory");
	assert_int_equal(mkdir(f.path, 0755), 0);
	assert_int_equal(load(), ERR_IO);
	assert_error(0, "till.conf", 0, "cannot be read: Is a directory");
}

/* Nobody waits for what has no end, or does not come: a reload reads these, too. */
static void files_without_an_end(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(f.path, 0600), 0);
	assert_int_equal(load(), ERR_IO);
	assert_error(0, "till.conf", 0, "cannot be read: it is no regular file");
	assert_int_equal(unlink(f.path), 0);
	assert_int_equal(symlink("/dev/zero", f.path), 0);
	assert_int_equal(load(), ERR_IO);
	assert_error(0, "till.conf", 0, "cannot be read: it is no regular file");
	assert_int_equal(unlink(f.path), 0);
	put_text("till.conf", "[daemon]\n");
	assert_int_equal(truncate(f.path, (1 << 20) + 1), 0);
	assert_int_equal(load(), ERR_IO);
	assert_error(0, "till.conf", 0, "cannot be read: it is larger than 1 MiB: is this a configuration?");
}

static void the_reference(void **state)
{
	char text[4096];
	int ends[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	config_reference(sections, COUNT(sections), ends[1]);
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	assert_true(n > 0);
	text[n] = '\0';
	assert_non_null(
		strstr(text, "## [daemon]\n\nThe program as a whole.\n\n| key | value | default | what"));
	assert_non_null(strstr(text, "| `carts` | whole number, 1 to 64 | `4` | Carts at a time. |\n"));
	assert_non_null(strstr(text, "| `wait` | duration (ms, s, min, h, d), 250ms to 10min | `5s` |"));
	assert_non_null(strstr(text, "| `mode` | one of `slow`, `normal`, `fast` | `normal` |"));
	assert_non_null(strstr(text, "| `words` | words, with blanks or commas between | none |"));
	assert_non_null(strstr(text, "\n## [lane NAME]\n\nA lane. At most 3.\n"));
	assert_non_null(strstr(text, "| `scanner` | text | required | Its scanner. |\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_file),
		TEST(an_empty_file_is_all_defaults),
		TEST(drop_ins_replace_in_byte_order),
		TEST(mistakes),
		TEST(all_mistakes_are_reported),
		TEST(the_report_has_a_bound),
		TEST(long_lines),
		TEST(bytes_that_are_no_text),
		TEST(files_that_cannot_be_read),
		TEST(files_without_an_end),
		TEST(the_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
