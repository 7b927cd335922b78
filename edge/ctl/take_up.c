/*
 * Waiting until the daemon has a catalog. See take_up.h.
 */
#include "take_up.h"

#include <time.h>

#define TAKE_UP_MS 10000 /* that it waits for the daemon to take the catalog up */
#define LOOK_MS	   20

/* The version that the daemon's new carts get; 0: none, or it does not answer. */
static uint64_t version_in_force(struct ctl *ctl)
{
	json_t *request = json_pack("{s:s}", "verb", "status"), *answer;
	const char *line = ctl_send(ctl, request) ? "" : NULL;
	uint64_t version = 0;
	size_t n;

	json_decref(request);
	line = line ? ctl_read_line(ctl, &n) : NULL;
	answer = line ? json_loadb(line, n, 0, NULL) : NULL;
	if (answer)
		version = (uint64_t)int_of(json_object_get(answer, "catalog"), "version");
	json_decref(answer);
	return version;
}

bool take_up(struct ctl *ctl, uint64_t version)
{
	json_t *request = json_pack("{s:s}", "verb", "refresh");
	bool sent = ctl_send(ctl, request);
	size_t n;

	json_decref(request);
	if (!sent || ctl_read_line(ctl, &n) == NULL)
		return false;
	for (int waited = 0; waited < TAKE_UP_MS; waited += LOOK_MS) {
		if (version_in_force(ctl) >= version)
			return true;
		nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
	}
	return false;
}
