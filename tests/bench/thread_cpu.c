/*
 * See thread_cpu.h.
 */
#include "thread_cpu.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * proc_pid_stat(5): the name is in the first and last brackets, one letter follows, then numbers: user and
 * system time are fields 14 and 15.
 */
static void read_thread(const char *path, struct thread_cpu *out)
{
	enum { FIRST = 4, USER = 14, SYSTEM = 15 };
	char line[1024], *name, *rest, *at;
	unsigned long ticks = 0;
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		return; /* it has ended */
	n = fread(line, 1, sizeof(line) - 1, f);
	line[n] = '\0';
	fclose(f);
	name = strchr(line, '(');
	rest = strrchr(line, ')');
	if (!name || !rest || strlen(rest) < 4)
		return;
	at = rest + 3;
	for (int field = FIRST; field <= SYSTEM; field++) {
		unsigned long value = strtoul(at, &at, 10);

		if (field >= USER)
			ticks += value;
	}
	*rest = '\0';
	snprintf(out->at[out->count].name, sizeof(out->at[0].name), "%.15s", name + 1);
	out->at[out->count++].seconds = (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

void thread_cpu_read(pid_t pid, struct thread_cpu *out)
{
	char path[300];
	struct dirent *entry;
	DIR *tasks;

	*out = (struct thread_cpu){.count = 0};
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks && out->count < THREADS_MAX && (entry = readdir(tasks)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/stat", (int)pid, entry->d_name);
		read_thread(path, out);
	}
	if (tasks)
		closedir(tasks);
}

const char *thread_cpu_words(const struct thread_cpu *before, const struct thread_cpu *now, double things,
			     char out[256])
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < now->count && n < 200; i++) {
		double spent = now->at[i].seconds;

		if (i < before->count && strcmp(before->at[i].name, now->at[i].name) == 0)
			spent -= before->at[i].seconds;
		n += (size_t)snprintf(out + n, 256 - n, "%s%s %.1f", n ? ", " : "", now->at[i].name,
				      spent * 1e6 / things);
	}
	return out;
}
