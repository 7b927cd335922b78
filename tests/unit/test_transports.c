/*
 * The tables of transports and profiles hold what their contracts ask for, refusals name device and fix, and
 * the transports that need no hardware carry bytes.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "scanner.h"
#include "transport.h"

static const struct line_settings usual = {.baud = 9600, .data_bits = 8, .stop_bits = 1};

static void transports_have_all_hooks(void **state)
{
	(void)state;
	assert_non_null(transports[0]);
	for (size_t i = 0; transports[i]; i++) {
		const struct transport *t = transports[i];

		assert_true(t->name && t->name[0] && t->text && t->text[0]);
		if (!t->open || !t->read || !t->write || !t->close)
			fail_msg("%s lacks a hook", t->name);
		assert_ptr_equal(transport_find(t->name), t); /* nobody before it has the name */
	}
	assert_null(transport_find("modem"));
}

static void profiles_hold_possible_values(void **state)
{
	(void)state;
	for (const struct scanner_profile *p = scanner_profiles; p->name; p++) {
		if (scanner_profile_find(p->name) != p)
			fail_msg("two profiles are called %s", p->name);
		assert_true(p->text && p->text[0]);
		assert_in_range(p->line.baud, 300, 921600);
		assert_in_range(p->line.data_bits, 7, 8);
		assert_in_range(p->line.stop_bits, 1, 2);
		assert_in_range(p->line.parity, PARITY_NONE, PARITY_ODD);
		assert_in_range(p->line.flow, FLOW_NONE, FLOW_RTSCTS);
		assert_in_range(p->framing.suffix, SUFFIX_NONE, SUFFIX_ETX);
		assert_in_range(p->framing.idle_ms, 10, 5000);
		if (p->framing.prefix >= 0x20)
			fail_msg("%s: a prefix that codes hold", p->name);
	}
	assert_null(scanner_profile_find("toaster"));
}

static void refusals_name_device_and_fix(void **state)
{
	static const struct {
		int number;
		enum err e;
		const char *fix;
	} rows[] = {
		{ENOENT, ERR_NOT_FOUND, "plug it in"}, {ENXIO, ERR_NOT_FOUND, "plug it in"},
		{EACCES, ERR_DENIED, "dialout"},       {EBUSY, ERR_BUSY, "fuser -v /dev/ttyACM0"},
		{EIO, ERR_IO, "Input/output error"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = {0};

		assert_int_equal(transport_refused(&why, "/dev/ttyACM0", rows[i].number), rows[i].e);
		assert_memory_equal(why.text, "/dev/ttyACM0: ", 14);
		if (!strstr(why.text, rows[i].fix))
			fail_msg("'%s' does not say '%s'", why.text, rows[i].fix);
	}
}

static enum err try_open(const char *transport, const char *device, const struct line_settings *line,
			 struct why *why)
{
	const struct transport *t = transport_find(transport);
	struct transport_port *p;
	int fd;
	enum err e;

	why->text[0] = '\0';
	e = t->open(device, line, &p, &fd, why);
	if (!e)
		t->close(p);
	return e;
}

static int new_pty(char *slave, size_t size)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	assert_int_equal(ptsname_r(master, slave, size), 0);
	return master;
}

static void wrong_devices_are_refused(void **state)
{
	const struct line_settings odd_rate = {.baud = 12345, .data_bits = 8, .stop_bits = 1};
	char slave[64];
	int master = new_pty(slave, sizeof(slave));
	struct why why;

	(void)state;
	for (size_t i = 0; transports[i]; i++) {
		assert_int_equal(try_open(transports[i]->name, "/dev/not-there", &usual, &why),
				 ERR_NOT_FOUND);
		assert_non_null(strstr(why.text, "/dev/not-there"));
	}
	assert_int_equal(try_open("tty", "/dev/null", &usual, &why), ERR_INVALID);
	assert_string_equal(why.text, "/dev/null: not a terminal device");
	assert_int_equal(try_open("pipe", "/dev/null", &usual, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "mkfifo"));
	assert_int_equal(try_open("tty", slave, &odd_rate, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "12345 baud"));
	assert_int_equal(try_open("serial", slave, &usual, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "transport = tty"));
	close(master);
}

/* Bytes both ways, as they are: CR stays CR, nothing is echoed, XOFF stops nobody. */
static void a_tty_is_raw(void **state)
{
	const struct transport *t = transport_find("tty");
	char slave[64], got[32];
	int master = new_pty(slave, sizeof(slave)), fd;
	struct transport_port *p;
	struct termios now;

	(void)state;
	assert_int_equal(t->open(slave, &usual, &p, &fd, NULL), ERR_OK);
	assert_int_equal(t->read(p, got, sizeof(got)), 0);
	assert_int_equal(write(master,
			       "\x13"
			       "4\r\n\x04\x03",
			       6),
			 6);
	assert_int_equal(t->read(p, got, sizeof(got)), 6);
	assert_memory_equal(got,
			    "\x13"
			    "4\r\n\x04\x03",
			    6);
	assert_int_equal(t->write(p, "ok\n", 3), 3);
	assert_int_equal(read(master, got, sizeof(got)), 3);
	assert_memory_equal(got, "ok\n", 3);
	assert_int_equal(tcgetattr(fd, &now), 0);
	assert_int_equal(cfgetispeed(&now), B9600);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(master);
	assert_int_equal(t->read(p, got, sizeof(got)), TRANSPORT_GONE);
	t->close(p);
}

/* Two programs on one port would each get half of the scans. */
static void a_port_has_one_owner(void **state)
{
	const struct transport *t = transport_find("tty");
	char slave[64];
	int master = new_pty(slave, sizeof(slave)), fd;
	struct transport_port *p;
	struct why why;

	(void)state;
	assert_int_equal(t->open(slave, &usual, &p, &fd, NULL), ERR_OK);
	assert_int_equal(try_open("tty", slave, &usual, &why), ERR_BUSY);
	assert_non_null(strstr(why.text, "another program has it"));
	t->close(p);
	assert_int_equal(try_open("tty", slave, &usual, &why), ERR_OK);
	close(master);
}

static void a_pipe_carries_bytes(void **state)
{
	const struct transport *t = transport_find("pipe");
	char folder[] = "/tmp/till-pipe-XXXXXX", path[64], got[32];
	struct transport_port *p;
	int fd, writer;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/scanner", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(t->open(path, &usual, &p, &fd, NULL), ERR_OK);
	for (int round = 0; round < 2; round++) { /* a writer may come and go */
		writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		assert_true(writer >= 0);
		assert_int_equal(write(writer, "40063\r", 6), 6);
		close(writer);
		assert_int_equal(t->read(p, got, sizeof(got)), 6);
		assert_memory_equal(got, "40063\r", 6);
		assert_int_equal(t->read(p, got, sizeof(got)), 0);
	}
	t->close(p);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transports_have_all_hooks),
		cmocka_unit_test(profiles_hold_possible_values),
		cmocka_unit_test(refusals_name_device_and_fix),
		cmocka_unit_test(wrong_devices_are_refused),
		cmocka_unit_test(a_tty_is_raw),
		cmocka_unit_test(a_port_has_one_owner),
		cmocka_unit_test(a_pipe_carries_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
