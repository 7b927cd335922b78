/*
 * Dates by arithmetic. Days are counted in years that begin in March, so that the leap day is the last of
 * its year and months follow one linear formula, within eras of 400 years (146,097 days).
 */
#include "civil.h"

#define DAY_S	   86400
#define ERA_DAYS   146097
#define ERA_YEARS  400
#define EPOCH_DAYS 719468		   /* 0000-03-01 to 1970-01-01 */
#define FIRST_S	   (INT64_C(-62135596800)) /* 0001-01-01T00:00:00 */
#define LAST_S	   (INT64_C(253402300799)) /* 9999-12-31T23:59:59 */

static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t months = month > 2 ? month - 3 : month + 9; /* since March */
	int64_t era = y / ERA_YEARS;			    /* years are 1 and more: no negative era */
	int64_t in_era = y % ERA_YEARS;
	int64_t in_year = (153 * months + 2) / 5 + day - 1;

	return era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 + in_year - EPOCH_DAYS;
}

int64_t civil_to_seconds(const struct civil *c)
{
	return days_from_date(c->year, c->month, c->day) * DAY_S + c->hour * INT64_C(3600) +
	       c->minute * INT64_C(60) + c->second;
}

static void date_from_days(int64_t days, struct civil *out)
{
	int64_t n = days + EPOCH_DAYS; /* never negative within years 1 to 9999 */
	int64_t era = n / ERA_DAYS, day = n % ERA_DAYS;
	int64_t in_era = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t in_year = day - (365 * in_era + in_era / 4 - in_era / 100);
	int64_t months = (5 * in_year + 2) / 153;

	out->day = (uint8_t)(in_year - (153 * months + 2) / 5 + 1);
	out->month = (uint8_t)(months < 10 ? months + 3 : months - 9);
	out->year = (int32_t)(era * ERA_YEARS + in_era + (out->month <= 2));
	out->weekday = (uint8_t)((n + 2) % 7 + 1); /* 0000-03-01 was a Wednesday */
}

struct civil civil_from_seconds(int64_t seconds)
{
	struct civil c;
	int64_t days, rest;

	if (seconds < FIRST_S)
		seconds = FIRST_S;
	if (seconds > LAST_S)
		seconds = LAST_S;
	days = seconds / DAY_S;
	rest = seconds % DAY_S;
	if (rest < 0) {
		rest += DAY_S;
		days--;
	}
	date_from_days(days, &c);
	c.hour = (uint8_t)(rest / 3600);
	c.minute = (uint8_t)(rest / 60 % 60);
	c.second = (uint8_t)(rest % 60);
	return c;
}

static int days_in_month(int year, int month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

struct cursor {
	const char *at, *end;
};

static bool take(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

/* n digits with a value from min to max. */
static bool number(struct cursor *c, int n, int min, int max, int *out)
{
	*out = 0;
	for (; n > 0; n--, c->at++) {
		if (c->at == c->end || *c->at < '0' || *c->at > '9')
			return false;
		*out = *out * 10 + (*c->at - '0');
	}
	return *out >= min && *out <= max;
}

static bool parse_date(struct cursor *c, struct civil *out)
{
	int year, month, day;

	if (!number(c, 4, 1, 9999, &year) || !take(c, '-') || !number(c, 2, 1, 12, &month) || !take(c, '-') ||
	    !number(c, 2, 1, days_in_month(year, month), &day))
		return false;
	*out = (struct civil){.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
	return true;
}

/* "10:00" or "10:00:30"; *seconds tells which. */
static bool parse_time(struct cursor *c, struct civil *out, bool *seconds)
{
	int hour, minute, second = 0;

	if (!number(c, 2, 0, 23, &hour) || !take(c, ':') || !number(c, 2, 0, 59, &minute))
		return false;
	*seconds = take(c, ':');
	if (*seconds && !number(c, 2, 0, 59, &second))
		return false;
	out->hour = (uint8_t)hour;
	out->minute = (uint8_t)minute;
	out->second = (uint8_t)second;
	return true;
}

/* ".123", passed over. */
static bool skip_fraction(struct cursor *c)
{
	int digit;

	if (!take(c, '.'))
		return true;
	if (!number(c, 1, 0, 9, &digit))
		return false;
	while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
		c->at++;
	return true;
}

/* "Z" or "+01:00", to the end of the text: seconds east of UTC. */
static bool parse_zone(struct cursor *c, int *east_s)
{
	int hours, minutes, sign = 1;

	*east_s = 0;
	if (take(c, 'Z') || take(c, 'z'))
		return c->at == c->end;
	if (take(c, '-'))
		sign = -1;
	else if (!take(c, '+'))
		return false;
	if (!number(c, 2, 0, 23, &hours) || !take(c, ':') || !number(c, 2, 0, 59, &minutes))
		return false;
	*east_s = sign * (hours * 3600 + minutes * 60);
	return c->at == c->end;
}

enum err civil_parse(const char *text, size_t n, int64_t *seconds, bool *is_local)
{
	struct cursor c = {text, text + n};
	struct civil parsed;
	bool with_seconds = false;
	int64_t at;
	int east_s = 0;
	bool local;

	if (!parse_date(&c, &parsed))
		return ERR_INVALID;
	if (c.at < c.end && ((!take(&c, 'T') && !take(&c, 't')) || !parse_time(&c, &parsed, &with_seconds)))
		return ERR_INVALID;
	local = c.at == c.end;
	if (!local && (!with_seconds || !skip_fraction(&c) || !parse_zone(&c, &east_s)))
		return ERR_INVALID;
	at = civil_to_seconds(&parsed) - east_s;
	if (at < FIRST_S || at > LAST_S)
		return ERR_INVALID;
	*seconds = at;
	*is_local = local;
	return ERR_OK;
}

/* Writes value as n digits, returns where the next byte goes. */
static char *put(char *at, int value, int n)
{
	for (int i = n - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + n;
}

size_t civil_format(int64_t seconds, bool utc, char out[CIVIL_TEXT_MAX])
{
	struct civil c = civil_from_seconds(seconds);
	char *at = put(out, c.year, 4);

	*at++ = '-';
	at = put(at, c.month, 2);
	*at++ = '-';
	at = put(at, c.day, 2);
	*at++ = 'T';
	at = put(at, c.hour, 2);
	*at++ = ':';
	at = put(at, c.minute, 2);
	*at++ = ':';
	at = put(at, c.second, 2);
	if (utc)
		*at++ = 'Z';
	*at = '\0';
	return (size_t)(at - out);
}
