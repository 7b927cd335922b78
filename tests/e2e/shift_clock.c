/*
 * A wrong clock, for a real program: preloaded, it makes the time of day SHIFT_CLOCK seconds later than it is
 * (earlier, if that is below 0). Clocks that count from boot stay as they are.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t shift(void)
{
	const char *seconds = getenv("SHIFT_CLOCK");

	return seconds ? (time_t)strtoll(seconds, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	int rc = (int)syscall(SYS_clock_gettime, clock_id, tp);

	if (rc == 0 && (clock_id == CLOCK_REALTIME || clock_id == CLOCK_REALTIME_COARSE))
		tp->tv_sec += shift();
	return rc;
}

time_t time(time_t *timer)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_REALTIME, &now);
	if (timer)
		*timer = now.tv_sec;
	return now.tv_sec;
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	struct timespec now = {0};

	(void)tz;
	clock_gettime(CLOCK_REALTIME, &now);
	*tv = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return 0;
}
