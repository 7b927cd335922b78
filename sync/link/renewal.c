#include "renewal.h"

#include <sys/stat.h>

#include "hqtime.h"
#include "log.h"

#define DAY_MS	  INT64_C(86400000)
#define WARN_DAYS 14
#define AGAIN_MS  3600000
#define SOON_US	  INT64_C(60000000)

static void renewed(const struct coaps_answer *a, void *arg)
{
	struct uplink *u = arg;
	struct arena arena = ARENA_EMPTY;
	struct wire_enrolled given = {0};
	struct why why = uplink_answer_words(a);
	enum err e = ERR_DENIED;

	if (a->code == COAPS_CREATED)
		e = wire_decode(&wire_enrolled_schema, a->body, a->length, &arena, &given, &why);
	if (!e)
		e = papers_take(&u->papers, given.certificate, (struct bytes){0}, &why);
	arena_free(&arena);
	if (e) {
		log_warnx("no new certificate: %s", why.text);
		return;
	}
	log_info("a new certificate is here, for %lld days",
		 (long long)((u->papers.to_ms - hqtime_now_ms(u)) / DAY_MS));
	uplink_reload(u);
}

static void ask(struct uplink *u)
{
	struct coaps_call call = {.method = COAPS_POST, .timeout_ms = ANSWER_MS, .done = renewed, .arg = u};
	struct wire_renew renew;
	struct buf request, message;
	char path[UPLINK_PATH_MAX];
	struct why why;
	enum err e;

	buf_init(&request, PAPERS_DER_MAX);
	buf_init(&message, PAPERS_DER_MAX + 1024);
	wire_init(&wire_renew_schema, &renew);
	e = papers_request(&u->papers, u->papers.name, &request, &why);
	renew.request = (struct bytes){buf_front(&request), buf_length(&request)};
	if (!e)
		e = wire_encode(&wire_renew_schema, &renew, &message, &why);
	call.path = uplink_box_path(u, "renew", path);
	call.body = buf_front(&message);
	call.length = buf_length(&message);
	if (!e && uplink_send(u, &call) != ERR_OK)
		e = fail(&why, ERR_CLOSED, "the connection has gone");
	if (e)
		log_warnx("no new certificate is asked for: %s", why.text);
	buf_free(&request);
	buf_free(&message);
}

/* Asked for at most once an hour. */
void renewal_look(struct uplink *u)
{
	int64_t now_us = clock_monotonic_us(loop_clock(u->loop));
	int64_t third = (u->papers.to_ms - u->papers.from_ms) / 3;

	if (!u->greeted || hqtime_now_ms(u) < u->papers.to_ms - third ||
	    (u->renewal_us && now_us - u->renewal_us < AGAIN_MS * INT64_C(1000)))
		return;
	u->renewal_us = now_us;
	ask(u);
}

void renewal_now(struct uplink *u)
{
	int64_t now_us = clock_monotonic_us(loop_clock(u->loop));

	if (!u->greeted || (u->renewal_us && now_us - u->renewal_us < SOON_US))
		return;
	u->renewal_us = now_us;
	ask(u);
}

static void warn(struct uplink *u)
{
	int64_t days = (u->papers.to_ms - hqtime_now_ms(u)) / DAY_MS;

	if (days >= WARN_DAYS || days == u->warned_days)
		return;
	u->warned_days = days;
	if (u->papers.to_ms <= hqtime_now_ms(u))
		log_error("this box's certificate has expired: 'tillctl enrol' with a new claim code gets "
			  "another");
	else
		log_warnx("this box's certificate expires in %lld days, and headquarters has given no new "
			  "one yet",
			  (long long)days);
}

static void take_changed_files(struct uplink *u)
{
	struct stat st;
	int64_t stamp;

	if (stat(u->papers.cert, &st) != 0)
		return;
	stamp = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (u->papers_stamp && u->papers_stamp != stamp)
		uplink_reload(u);
	u->papers_stamp = stamp;
}

void renewal_tend(struct uplink *u)
{
	take_changed_files(u);
	renewal_look(u);
	warn(u);
}
