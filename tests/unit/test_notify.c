/*
 * Words to the service manager: over real datagram sockets, by path and by abstract name.
 */
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faulty_net.h"
#include "notify.h"

/* The manager's end. */
struct manager {
	char folder[32];
	char name[64]; /* as NOTIFY_SOCKET would have it */
	int fd;
	char heard[NOTIFY_MAX + 1];
};

static void manager_open(struct manager *m, bool abstract)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t n;

	*m = (struct manager){.folder = "/tmp/till-notify-XXXXXX"};
	assert_non_null(mkdtemp(m->folder));
	snprintf(m->name, sizeof(m->name), "%s%s/socket", abstract ? "@" : "", m->folder);
	n = strlen(m->name);
	memcpy(address.sun_path, m->name, n);
	if (abstract)
		address.sun_path[0] = '\0';
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(m->fd >= 0);
	n += offsetof(struct sockaddr_un, sun_path);
	assert_int_equal(bind(m->fd, (const struct sockaddr *)&address, (socklen_t)n), 0);
}

static void manager_close(struct manager *m)
{
	if (m->fd >= 0)
		close(m->fd);
	unlink(m->name);
	rmdir(m->folder);
}

static const char *hear(struct manager *m)
{
	ssize_t n = recv(m->fd, m->heard, sizeof(m->heard) - 1, MSG_DONTWAIT);

	m->heard[n > 0 ? n : 0] = '\0';
	return m->heard;
}

static void what_is_sent_arrives(void **state)
{
	(void)state;
	for (int abstract = 0; abstract < 2; abstract++) {
		struct manager m;
		struct notify n;

		manager_open(&m, abstract);
		assert_int_equal(notify_open(&n, &net_system, m.name, NULL), ERR_OK);
		assert_int_equal(notify_send(&n, "READY=1\nSTATUS=%d lanes", 2), ERR_OK);
		assert_string_equal(hear(&m), "READY=1\nSTATUS=2 lanes");
		notify_close(&n);
		manager_close(&m);
	}
}

static void without_a_manager_nothing_happens(void **state)
{
	static const char *const rows[] = {NULL, ""};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct notify n;

		assert_int_equal(notify_open(&n, &net_system, rows[i], NULL), ERR_OK);
		assert_int_equal(notify_send(&n, "READY=1"), ERR_OK);
		notify_close(&n);
	}
}

static void other_addresses_are_refused(void **state)
{
	static const char *const rows[] = {
		"relative/socket",
		"vsock:2:1234",
		"7",
		/* 108 bytes of path and no room for the NUL */
		"/2345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012"
		"3456789"
		"012345678",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct notify n;
		struct why why = {0};

		assert_int_equal(notify_open(&n, &net_system, rows[i], &why), ERR_INVALID);
		assert_non_null(strstr(why.text, "NOTIFY_SOCKET"));
		assert_int_equal(n.fd, -1);
	}
}

static void a_manager_that_does_not_read_or_is_gone_holds_nobody_up(void **state)
{
	struct manager m;
	struct notify n;
	int sent = 0;

	(void)state;
	manager_open(&m, false);
	assert_int_equal(notify_open(&n, &net_system, m.name, NULL), ERR_OK);
	while (sent < 100000 && notify_send(&n, "STATUS=%d", sent) == ERR_OK)
		sent++;
	assert_in_range(sent, 1, 99999);
	assert_int_equal(notify_send(&n, "STATUS=1"), ERR_BUSY);
	assert_string_equal(hear(&m), "STATUS=0");
	close(m.fd);
	m.fd = -1;
	assert_int_equal(notify_send(&n, "STATUS=1"), ERR_IO);
	notify_close(&n);
	manager_close(&m);
}

/* What a datagram may meet, and whether it is worth sending again. */
static void what_fails_is_told_apart(void **state)
{
	static const struct {
		int code;
		enum err e;
	} rows[] = {
		{EAGAIN, ERR_BUSY}, {ENOBUFS, ERR_BUSY}, {ECONNREFUSED, ERR_IO},
		{ENOENT, ERR_IO},   {EMSGSIZE, ERR_IO},
	};
	static struct faulty_net net; /* its address is in the notifier */
	struct manager m;
	struct notify n;

	(void)state;
	manager_open(&m, false);
	faulty_net_init(&net);
	assert_int_equal(notify_open(&n, &net.net, m.name, NULL), ERR_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		net.send = (struct faulty_call){.fail = 1, .code = rows[i].code};
		assert_int_equal(notify_send(&n, "READY=1"), rows[i].e);
		assert_int_equal(notify_send(&n, "READY=1"), ERR_OK);
		assert_string_equal(hear(&m), "READY=1");
	}
	notify_close(&n);
	net.socket = (struct faulty_call){.fail = 1, .code = EMFILE};
	assert_int_equal(notify_open(&n, &net.net, m.name, NULL), ERR_IO);
	assert_int_equal(notify_send(&n, "READY=1"), ERR_OK); /* nobody to tell */
	assert_int_equal(net.open, 0);
	manager_close(&m);
}

static void too_long_is_not_cut(void **state)
{
	struct manager m;
	struct notify n;

	(void)state;
	manager_open(&m, false);
	assert_int_equal(notify_open(&n, &net_system, m.name, NULL), ERR_OK);
	assert_int_equal(notify_send(&n, "%*d", NOTIFY_MAX - 1, 1), ERR_OK);
	assert_int_equal(strlen(hear(&m)), NOTIFY_MAX - 1);
	assert_int_equal(notify_send(&n, "%*d", NOTIFY_MAX, 1), ERR_LIMIT);
	assert_string_equal(hear(&m), "");
	notify_close(&n);
	manager_close(&m);
}

/* sd_watchdog_enabled(3): WATCHDOG_PID, if set, must be ours. */
static void the_watchdog_is_ours_or_nobodys(void **state)
{
	char ours[24];
	const struct {
		const char *usec, *pid;
		int64_t us;
	} rows[] = {
		{NULL, NULL, 0},
		{"", NULL, 0},
		{"30000000", NULL, 30000000},
		{"0", NULL, 0},
		{"-1", NULL, 0},
		{"30s", NULL, 0},
		{"30000000", ours, 30000000},
		{"30000000", "1", 0},
		{"30000000", "", 0},
		{"99999999999999999999", NULL, 0},
	};

	(void)state;
	snprintf(ours, sizeof(ours), "%ld", (long)getpid());
	for (size_t i = 0; i < COUNT(rows); i++)
		if (notify_watchdog_us(rows[i].usec, rows[i].pid) != rows[i].us)
			fail_msg("row %zu: %lld", i,
				 (long long)notify_watchdog_us(rows[i].usec, rows[i].pid));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_arrives),
		cmocka_unit_test(without_a_manager_nothing_happens),
		cmocka_unit_test(other_addresses_are_refused),
		cmocka_unit_test(a_manager_that_does_not_read_or_is_gone_holds_nobody_up),
		cmocka_unit_test(what_fails_is_told_apart),
		cmocka_unit_test(too_long_is_not_cut),
		cmocka_unit_test(the_watchdog_is_ours_or_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
