/*
 * Feeds a fuzzer the inputs that were kept, without libFuzzer: replay FOLDER. A plain test of any build.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static void replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc(INPUT_MAX), *exact;
	size_t n;

	assert(f && bytes);
	n = fread(bytes, 1, INPUT_MAX, f);
	assert(!ferror(f) && n < INPUT_MAX);
	fclose(f);
	exact = realloc(bytes, n + 1); /* no more than it is: a read behind its end is seen */
	assert(exact);
	fprintf(stderr, "%s\n", path); /* the last one named is the one that failed */
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

static int is_input(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **names;
	char path[4096];
	int n;

	if (argc != 2) {
		fputs("usage: replay FOLDER\n", stderr);
		return 2;
	}
	n = scandir(argv[1], &names, is_input, alphasort);
	if (n <= 0) {
		fprintf(stderr, "%s: %s\n", argv[1], n < 0 ? strerror(errno) : "no inputs in it");
		return 1;
	}
	LLVMFuzzerTestOneInput(NULL, 0);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", argv[1], names[i]->d_name);
		free(names[i]);
		replay(path);
	}
	free(names);
	return 0;
}
