/*
 * Who changes the catalog. See ctl_note.h.
 */
#include "ctl_note.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

#define WORDS_MAX 200

const char *ctl_login(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *entry = name ? NULL : getpwuid(getuid());

	return name ? name : entry ? entry->pw_name : "unknown";
}

static bool fits(const char *option, const char *text)
{
	size_t n = strlen(text);

	if (n >= 1 && n <= WORDS_MAX && text_is_utf8(text, n))
		return true;
	ctl_fail(CTL_USAGE, "--%s: 1 to %d bytes of UTF-8", option, WORDS_MAX);
	return false;
}

bool ctl_note(const struct ctl *ctl, const char *reason, struct catalog_note *out)
{
	const char *by = ctl_option(ctl, "by"), *why = ctl_option(ctl, "reason");

	*out = (struct catalog_note){.user = by ? by : ctl_login(), .reason = why ? why : reason};
	return (!by || fits("by", by)) && (!why || fits("reason", why));
}
