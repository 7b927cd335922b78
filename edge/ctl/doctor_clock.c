/*
 * The clock: promotions begin and end by it. A box without a battery starts in 1970, or where its last file
 * was written; whether something sets it is the kernel's to tell (adjtimex(2)).
 */
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "civil.h"
#include "doctor.h"
#include "zone.h"

#define FIRST_YEAR 2025 /* this program was not there before */
#define LAST_YEAR  2099

static const char set_it[] =
	"timedatectl set-ntp true (package systemd-timesyncd, or chrony); without a network, "
	"timedatectl set-time, and look at the clock's battery";

static bool is_synchronised(void)
{
	struct timex t = {.modes = 0};
	int state = adjtimex(&t);

	return state >= 0 && state != TIME_ERROR && (t.status & STA_UNSYNC) == 0;
}

void doctor_clock(struct doctor *d)
{
	int64_t now = clock_utc_ms(d->clock) / 1000;
	const char *zone = d->configured ? d->config.daemon.zone : "UTC";
	int32_t offset = d->configured ? zone_offset_s(now) : 0;
	struct civil local = civil_from_seconds(now + offset);
	char text[CIVIL_TEXT_MAX];

	civil_format(now + offset, false, text);
	text[strlen("2026-11-21")] = ' ';
	if (local.year < FIRST_YEAR || local.year > LAST_YEAR)
		doctor_fail(d, "", set_it, "it is %s in %s: that cannot be", text, zone);
	else if (!is_synchronised())
		doctor_warn(d, "", set_it, "it is %s in %s, and nothing keeps the clock right", text, zone);
	else
		doctor_ok(d, "", "it is %s in %s, kept right by NTP", text, zone);
}
