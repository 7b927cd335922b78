/*
 * The state directory: there, the daemon's, shared with its group and with nobody else.
 */
#include <errno.h>
#include <string.h>

#include "doctor.h"

/* What a shell would say; -R is not needed, the databases have their own mode. */
static const char *make_it(struct doctor *d, const char *folder, const char *first)
{
	const char *user = d->who.uid == 0 ? "tilld" : d->who.name;

	return doctor_text(d, "%schown %s: %s && chmod 2775 %s", first, user, folder, folder);
}

void doctor_state(struct doctor *d)
{
	const char *folder = d->ctl->state_dir;
	unsigned mode;
	enum may may;
	char owner[33];
	struct stat st;

	if (stat(folder, &st) != 0) {
		doctor_fail(d, "", make_it(d, folder, doctor_text(d, "mkdir -p %s && ", folder)), "%s: %s",
			    folder, strerror(errno));
		return;
	}
	mode = st.st_mode & 07777;
	may = who_may_use(&d->who, folder, &st, 7);
	user_name(st.st_uid, owner);
	if (!S_ISDIR(st.st_mode))
		doctor_fail(d, "", "move it away, or set state_dir", "%s: is no folder", folder);
	else if (may == MAY_PERHAPS)
		doctor_perhaps(d, "", folder);
	else if (may == MAY_NOT && who_may(&d->who, &st, 7))
		doctor_fail(d, "", doctor_text(d, "namei -l %s; getfacl %s", folder, folder),
			    "%s: %s (%s) may not write it, though mode %04o of %s allows it: a folder above, "
			    "or an "
			    "access list",
			    folder, d->who.name, d->who.how, mode, owner);
	else if (may == MAY_NOT)
		doctor_fail(d, "", make_it(d, folder, ""), "%s: %s (%s) may not write it: mode %04o of %s",
			    folder, d->who.name, d->who.how, mode, owner);
	else if (mode & S_IWOTH)
		doctor_fail(d, "", doctor_text(d, "chmod o-w %s", folder),
			    "%s: everybody may write it: mode %04o", folder, mode);
	else if (!(mode & S_ISGID))
		doctor_warn(d, "", doctor_text(d, "chmod g+s %s", folder),
			    "%s: new files will not be its group's, which tillctl's users share: mode %04o",
			    folder, mode);
	else
		doctor_ok(d, "", "%s: mode %04o of %s", folder, mode, owner);
}
