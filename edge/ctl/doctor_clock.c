/*
 * The clock: promotions begin and end by it. A box without a battery starts in 1970, or where its last file
 * was written. What the daemon and till-sync noted of the time says how early it cannot be, and whether
 * headquarters agrees; the kernel, whether something keeps the clock right.
 */
#include <stdio.h>
#include <string.h>

#include "civil.h"
#include "doctor.h"
#include "time_mark.h"
#include "time_trust.h"
#include "zone.h"

#define LAST_YEAR 2099

/* No note: nothing was known yet. One that says something else is told. */
static void read_note(struct doctor *d, const char *file, struct time_mark *out)
{
	char path[TIME_PATH_MAX];
	struct why why;
	enum err e = ERR_NOT_FOUND;

	*out = (struct time_mark){0};
	if (d->configured &&
	    (size_t)snprintf(path, sizeof(path), "%s/%s", d->config.daemon.state_dir, file) < sizeof(path))
		e = time_mark_read(path, out, &why);
	if (e == ERR_INVALID)
		doctor_warn(d, file, "remove it", "%s", why.text);
}

static void judge(const struct doctor *d, const struct time_mark *own, const struct time_mark *hq,
		  struct time_state *out)
{
	char boot[TIME_BOOT_MAX];
	struct time_facts facts;

	time_boot(boot);
	time_facts_of(d->clock, boot, own, hq, &facts);
	time_judge(&facts, out);
}

void doctor_clock(struct doctor *d)
{
	int64_t now = clock_utc_ms(d->clock) / 1000;
	const char *zone = d->configured ? d->config.daemon.zone : "UTC", *fix;
	int32_t offset = d->configured ? zone_offset_s(now) : 0;
	char local[CIVIL_TEXT_MAX], text[TIME_TEXT_MAX];
	struct time_mark own, hq;
	struct time_state state;

	read_note(d, "clock", &own);
	read_note(d, "hqtime", &hq);
	judge(d, &own, &hq, &state);
	time_words(&state, text, &fix);
	civil_format(now + offset, false, local);
	local[strlen("2026-11-21")] = ' ';
	if (civil_from_seconds(now + offset).year > LAST_YEAR)
		doctor_fail(d, "", time_fix(), "it is %s in %s: that cannot be", local, zone);
	else if (state.clock_wrong || state.doubt == TIME_AHEAD)
		doctor_fail(d, "", fix, "it is %s in %s: that cannot be; %s", local, zone, text);
	else if (state.uncertain)
		doctor_warn(d, "", fix, "it is %s in %s, and nobody vouches for that: %s", local, zone, text);
	else
		doctor_ok(d, "", "it is %s in %s, kept right by %s", local, zone,
			  state.source == TIME_NTP ? "NTP" : "headquarters");
}
