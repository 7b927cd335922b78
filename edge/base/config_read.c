/*
 * One configuration file through inih, line by line. inih takes keys, values and comments apart. What it
 * would pass over in silence is caught in the reader that feeds it: long lines, continuations, lines
 * without '=', bytes that are no text, and section headers, of which it tells only with their first key.
 */
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_parts.h"
#include "text.h"

#define BLANKS		" \t\r"
#define CONFIG_FILE_MAX (1 << 20)

struct source {
	struct config_files *all;
	FILE *stream;
	const char *file;
	int line;
	bool unanswered; /* the last line went to inih and no key came back */
	bool skipping;	 /* below a header that is wrong: one complaint is enough */
	bool memory_short;
	const struct config_seen *seen; /* the section whose keys are read; NULL before the first */
};

#define COMPLAIN(s, ...) config_complain((s)->all->report, (s)->all->arena, (s)->file, (s)->line, __VA_ARGS__)

static const struct section *find_section(const struct config_files *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->sections[i].name, name) == 0)
			return &all->sections[i];
	return NULL;
}

#define NAMES_MAX 64 /* sections, or keys of one, that suggestions look at */

static void complain_section(struct source *s, const char *typed)
{
	const char *names[NAMES_MAX], *nearest;
	size_t n = 0;

	for (; n < s->all->count && n < NAMES_MAX; n++)
		names[n] = s->all->sections[n].name;
	nearest = nearest_name(typed, names, n);
	if (nearest)
		COMPLAIN(s, "unknown section '%s', did you mean '%s'?", typed, nearest);
	else
		COMPLAIN(s, "unknown section '%s'", typed);
}

static void complain_key(struct source *s, const struct section *spec, const char *typed)
{
	const char *names[NAMES_MAX], *nearest;
	size_t n = 0;

	for (; n < spec->count && n < NAMES_MAX; n++)
		names[n] = spec->options[n].key;
	nearest = nearest_name(typed, names, n);
	if (nearest)
		COMPLAIN(s, "unknown key '%s' in [%s], did you mean '%s'?", typed, s->seen->title, nearest);
	else
		COMPLAIN(s, "unknown key '%s' in [%s]", typed, s->seen->title);
}

/* In another file it goes on; twice in one file is a copy whose name was forgotten. */
static const struct config_seen *see_again(const struct source *s, struct config_seen *seen)
{
	if (seen->last_file == s->file) {
		COMPLAIN(s, "[%s] begins in line %d already: %s", seen->title, seen->last_line,
			 seen->spec->named ? "give this one another name, or join the two" : "join the two");
		return NULL;
	}
	seen->last_file = s->file;
	seen->last_line = s->line;
	return seen;
}

/* The section of that title, made if it is new; NULL, with a complaint, if there are too many. */
static const struct config_seen *see(struct source *s, const struct section *spec, const char *title,
				     const char *name)
{
	struct config_files *all = s->all;
	struct config_seen *seen;
	size_t others = 0;

	for (seen = all->seen; seen; seen = seen->next) {
		if (strcmp(seen->title, title) == 0)
			return see_again(s, seen);
		others += seen->spec == spec;
	}
	if (spec->named && others >= spec->max) {
		COMPLAIN(s, "[%s] is one too many: there may be %zu of [%s ...]", title, spec->max,
			 spec->name);
		return NULL;
	}
	seen = arena_get(all->arena, sizeof(*seen));
	if (seen) {
		*seen = (struct config_seen){.spec = spec,
					     .file = s->file,
					     .line = s->line,
					     .last_file = s->file,
					     .last_line = s->line};
		seen->title = arena_text(all->arena, title, strlen(title));
		seen->name = arena_text(all->arena, name, strlen(name));
	}
	if (!seen || !seen->title || !seen->name) {
		s->memory_short = true;
		return NULL;
	}
	*all->seen_end = seen;
	all->seen_end = &seen->next;
	return seen;
}

/* What stands between the brackets, cut in two at the first blank. */
static void begin_section(struct source *s, char *word, const char *name)
{
	const struct section *spec = find_section(s->all, word);
	char title[CONFIG_LINE_MAX + 1];

	if (!spec) {
		complain_section(s, word);
		return;
	}
	if (spec->named && !*name) {
		COMPLAIN(s, "[%s] needs a name, as in [%s 1]", word, word);
		return;
	}
	if (!spec->named && *name) {
		COMPLAIN(s, "[%s] takes no name: write [%s]", word, word);
		return;
	}
	snprintf(title, sizeof(title), "%s%s%s", word, *name ? " " : "", name);
	s->seen = see(s, spec, title, name);
}

static void trim_end(char *text)
{
	size_t n = strlen(text);

	while (n > 0 && strchr(BLANKS, text[n - 1]))
		text[--n] = '\0';
}

/* "[lane 1]", with a comment behind it perhaps. line may be written over. */
static void read_header(struct source *s, char *line)
{
	char *end = strchr(line, ']'), *word = line + 1, *name;
	const char *rest;

	s->seen = NULL;
	if (!end) {
		COMPLAIN(s, "']' is missing behind the section's name");
	} else {
		rest = end + 1 + strspn(end + 1, BLANKS);
		if (*rest && *rest != ';' && *rest != '#')
			COMPLAIN(s, "nothing but a comment may follow the ']'");
		*end = '\0';
		trim_end(word);
		word += strspn(word, BLANKS);
		name = word + strcspn(word, BLANKS);
		if (*name)
			*name++ = '\0';
		begin_section(s, word, name + strspn(name, BLANKS));
	}
	s->skipping = !s->seen;
}

enum line_end { LINE_OK, LINE_LONG, LINE_NUL, LINE_NONE };

/* A line of the file without its newline. A line that is too long or holds a NUL is read to its end. */
static enum line_end read_line(FILE *stream, char line[CONFIG_LINE_MAX + 1])
{
	enum line_end end = LINE_OK;
	size_t n = 0;
	int c = getc(stream);

	if (c == EOF)
		return LINE_NONE;
	for (; c != EOF && c != '\n'; c = getc(stream)) {
		if (c == '\0')
			end = LINE_NUL;
		else if (n == CONFIG_LINE_MAX)
			end = LINE_LONG;
		else
			line[n++] = (char)c;
	}
	line[n] = '\0';
	return end;
}

/* Bytes that no editor shows and that a name would carry to terminals; a CR may end the line. */
static bool has_control(const char *line)
{
	for (; *line; line++)
		if (((unsigned char)*line < 0x20 && *line != '\t' && (*line != '\r' || line[1])) ||
		    *line == 0x7f)
			return true;
	return false;
}

/* Complains about a line that inih must not see; true if it may. */
static bool check_line(struct source *s, enum line_end end, const char *line)
{
	if (end == LINE_NUL)
		COMPLAIN(s, "the line holds a NUL byte: is this a text file?");
	else if (end == LINE_LONG)
		COMPLAIN(s, "the line is longer than %d bytes", CONFIG_LINE_MAX);
	else if (!text_is_utf8(line, strlen(line)))
		COMPLAIN(s, "the line is not UTF-8");
	else if (has_control(line))
		COMPLAIN(s, "the line holds a control character: retype it");
	else if (strchr(BLANKS, line[0]) && line[strspn(line, BLANKS)])
		COMPLAIN(s, "the line begins with a blank: keys and sections start at the margin");
	else
		return true;
	return false;
}

/* A byte order mark, as some editors write. */
static size_t mark_length(const char *line)
{
	return line[0] == '\xEF' && line[1] == '\xBB' && line[2] == '\xBF' ? 3 : 0;
}

/* The reader that inih calls: a line that is for it, or an empty one in place of all others. */
static char *next_line(char *out, int size, void *user)
{
	struct source *s = user;
	char buffer[CONFIG_LINE_MAX + 1], *line = buffer;
	enum line_end end;

	if (s->unanswered)
		COMPLAIN(s, "this is no 'key = value'");
	s->unanswered = false;
	end = read_line(s->stream, buffer);
	if (end == LINE_NONE)
		return NULL;
	s->line++;
	if (s->line == 1)
		line += mark_length(line);
	snprintf(out, (size_t)size, "\n");
	if (!check_line(s, end, line) || strchr(BLANKS ";#", line[0])) /* strchr finds the end, too: empty */
		return out;
	if (line[0] == '[') {
		read_header(s, line);
		return out;
	}
	s->unanswered = true;
	if (snprintf(out, (size_t)size, "%s\n", line) >= size) { /* inih was built with shorter lines */
		COMPLAIN(s, "the line is longer than %d bytes", size - 2);
		snprintf(out, (size_t)size, "\n");
		s->unanswered = false;
	}
	return out;
}

static const struct option *find_option(const struct section *spec, const char *key)
{
	for (size_t i = 0; i < spec->count; i++)
		if (strcmp(spec->options[i].key, key) == 0)
			return &spec->options[i];
	return NULL;
}

/* The same key of the same section earlier in the same file. */
static const struct config_entry *find_twin(const struct source *s, const struct option *o)
{
	for (const struct config_entry *e = s->all->entries; e; e = e->next)
		if (e->option == o && e->seen == s->seen && e->file == s->file)
			return e;
	return NULL;
}

static void keep(struct source *s, const struct option *o, const char *value)
{
	struct config_entry *e = arena_get(s->all->arena, sizeof(*e));
	const char *copy = arena_text(s->all->arena, value, strlen(value));

	if (!e || !copy) {
		s->memory_short = true;
		return;
	}
	*e = (struct config_entry){
		.seen = s->seen, .option = o, .value = copy, .file = s->file, .line = s->line};
	*s->all->entries_end = e;
	s->all->entries_end = &e->next;
}

/* The handler that inih calls with each key. The section it names is the one it knows of: none. */
static int on_key(void *user, const char *section, const char *key, const char *value)
{
	struct source *s = user;
	const struct option *o;
	const struct config_entry *twin;

	(void)section;
	s->unanswered = false;
	if (s->skipping)
		return 1;
	if (!s->seen) {
		COMPLAIN(s, "'%s' stands before any [section]", key);
		return 1;
	}
	o = find_option(s->seen->spec, key);
	twin = o ? find_twin(s, o) : NULL;
	if (!o)
		complain_key(s, s->seen->spec, key);
	else if (twin)
		COMPLAIN(s, "'%s' is set already in line %d", key, twin->line);
	else
		keep(s, o, value);
	return 1;
}

static enum err cannot_read(struct source *s)
{
	s->line = 0;
	COMPLAIN(s, "cannot be read: %s", strerror(errno));
	return ERR_IO;
}

/* Its end would not come, or be waited for: a reload reads it, too. */
static const char *unfit(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return strerror(EISDIR);
	if (!S_ISREG(st.st_mode))
		return "it is no regular file";
	return st.st_size > CONFIG_FILE_MAX ? "it is larger than 1 MiB: is this a configuration?" : NULL;
}

static FILE *open_file(struct source *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *reason = fd < 0 ? strerror(errno) : unfit(fd);

	FILE *stream = reason ? NULL : fdopen(fd, "r");

	if (stream)
		return stream;
	if (!reason)
		reason = strerror(errno);
	if (fd >= 0)
		close(fd);
	s->line = 0;
	COMPLAIN(s, "cannot be read: %s", reason);
	return NULL;
}

enum err config_read_file(struct config_files *all, const char *path)
{
	struct source s = {.all = all, .file = arena_text(all->arena, path, strlen(path))};
	enum err e = ERR_OK;

	if (!s.file)
		return ERR_MEMORY;
	s.stream = open_file(&s, path);
	if (!s.stream)
		return ERR_IO;
	if (ini_parse_stream(next_line, &s, on_key, &s) == -2) /* its only other results are line numbers */
		e = ERR_MEMORY;
	if (ferror(s.stream))
		e = cannot_read(&s);
	fclose(s.stream);
	return s.memory_short ? ERR_MEMORY : e;
}
