#include "time_trust.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>

#include "civil.h"
#include "clock.h"
#include "time_mark.h"

#define DRIFT 10000 /* a clock loses or gains a ten-thousandth of what passes, at most */

static const char set_it[] =
	"timedatectl set-ntp true (package systemd-timesyncd, or chrony); without a network, "
	"timedatectl set-time, and look at the clock's battery";

const char *time_fix(void)
{
	return set_it;
}

const char *time_source_name(enum time_source s)
{
	static const char *const names[] = {"nobody", "ntp", "headquarters"};

	return names[s];
}

const char *time_doubt_name(enum time_doubt d)
{
	static const char *const names[] = {"sure", "behind", "ahead", "unkept"};

	return names[d];
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Headquarters' word counts before the kernel's: it is signed. */
static enum time_doubt doubt(const struct time_facts *f, int64_t now_ms)
{
	if (f->told_ms != TIME_UNKNOWN && f->uncertain_ms <= TIME_TOLERANCE_MS)
		return now_ms > f->told_ms + f->uncertain_ms + TIME_TOLERANCE_MS ? TIME_AHEAD : TIME_SURE;
	if (f->clock_ms < f->floor_ms - TIME_TOLERANCE_MS)
		return TIME_BEHIND;
	return f->kept ? TIME_SURE : TIME_UNKEPT;
}

void time_judge(const struct time_facts *f, struct time_state *out)
{
	bool told = f->told_ms != TIME_UNKNOWN && f->uncertain_ms <= TIME_TOLERANCE_MS;

	*out = (struct time_state){
		.facts = *f,
		.now_ms = later(f->clock_ms, f->floor_ms),
		.clock_wrong = f->clock_ms < f->floor_ms - TIME_TOLERANCE_MS,
	};
	out->doubt = doubt(f, out->now_ms);
	out->uncertain = out->doubt != TIME_SURE;
	if (!out->uncertain)
		out->source = told ? TIME_HEADQUARTERS : TIME_NTP;
}

bool time_is_kept(void)
{
	struct timex t = {.modes = 0};
	int state = adjtimex(&t);

	return state >= 0 && state != TIME_ERROR && (t.status & STA_UNSYNC) == 0;
}

static const char *day(int64_t ms, char out[CIVIL_TEXT_MAX])
{
	civil_format(ms / 1000, true, out);
	return out;
}

void time_words(const struct time_state *s, char text[TIME_TEXT_MAX], const char **fix)
{
	const struct time_facts *f = &s->facts;
	char clock[CIVIL_TEXT_MAX], now[CIVIL_TEXT_MAX];

	day(f->clock_ms, clock);
	day(s->now_ms, now);
	*fix = set_it;
	switch (s->doubt) {
	case TIME_SURE:
		*fix = s->clock_wrong ? set_it : "";
		if (s->clock_wrong)
			snprintf(text, TIME_TEXT_MAX,
				 "it is %s by headquarters; the box's own clock says %s, which is wrong", now,
				 clock);
		else
			snprintf(text, TIME_TEXT_MAX, "it is %s, as %s", now,
				 s->source == TIME_NTP ? "NTP keeps it" : "headquarters says too");
		return;
	case TIME_BEHIND:
		snprintf(text, TIME_TEXT_MAX,
			 "the clock says %s, but %s has passed for certain: prices go by that, and it may be "
			 "later",
			 clock, now);
		return;
	case TIME_AHEAD:
		snprintf(text, TIME_TEXT_MAX, "the clock says %s, and headquarters that it is %s", clock,
			 day(f->told_ms, now));
		return;
	case TIME_UNKEPT:
		snprintf(text, TIME_TEXT_MAX,
			 "the clock says %s; nothing keeps it right, and headquarters has not told the time "
			 "since the box was started",
			 clock);
		return;
	}
}

void time_facts_of(const struct clock *clock, const char *boot, const struct time_mark *own,
		   const struct time_mark *hq, struct time_facts *out)
{
	*out = (struct time_facts){
		.clock_ms = clock_utc_ms(clock),
		.floor_ms = later(TILL_BUILT_S * INT64_C(1000), later(own->floor_ms, hq->floor_ms)),
		.told_ms = TIME_UNKNOWN,
		.uncertain_ms = TIME_UNKNOWN,
	};
	if (*boot && strcmp(hq->boot, boot) == 0) {
		int64_t since_ms = (clock_monotonic_us(clock) - hq->at_us) / 1000;

		out->told_ms = hq->told_ms + since_ms;
		out->uncertain_ms = hq->uncertain_ms + later(since_ms, 0) / DRIFT;
		out->floor_ms = later(out->floor_ms, out->told_ms - out->uncertain_ms);
	}
	out->kept = time_is_kept();
}
