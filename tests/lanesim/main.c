/*
 * lanesim: a simulated scanner. Drives a pty by a script of shoppers, at the pace of a serial line, and can
 * be the cashier too, on tilld's control socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "money.h"
#include "player.h"

enum exit_code { EXIT_DONE = 0, EXIT_MISSED = 1, EXIT_USAGE = 2 };

static const char help[] =
	"usage: lanesim [options] SCRIPT\n"
	"\n"
	"Drives a pty like a serial scanner, by a script ('-' is standard input).\n"
	"\n"
	"  --link PATH       publish the pty under this name, the device in tilld's configuration;\n"
	"                    without it the pty's own name is printed\n"
	"  --baud N          the line's pace, 300 to 921600 (9600)\n"
	"  --speed X         bytes and waits X times as fast, 0.001 to 1000 (1)\n"
	"  --loop N          play the script N times; 0: until stopped (1)\n"
	"  --hold            stay plugged in after the script, until stopped\n"
	"  --control SOCKET  tilld's control socket, for verb, refused, expect and --paced\n"
	"  --lane LANE       the lane that the scanner belongs to\n"
	"  --paced           after each scan wait for the lane's answer\n"
	"  --check           read the script and stop\n"
	"  --help, --version\n"
	"\n"
	"Script:\n"
	"  # comment                  suffix cr|lf|crlf|tab|etx|none\n"
	"  scan 4006381333931         a code and the suffix; \\xNN is a byte\n"
	"  raw 30 31 ff 0d            bytes as they are\n"
	"  wait 500ms                 shopper \"Ann\"\n"
	"  unplug                     plug\n"
	"  replug                     another device takes the name, the first goes away\n"
	"  drain                      wait until all that was sent was read\n"
	"  verb {\"verb\":\"tender\"}     must be answered ok; refused {...} must not\n"
	"  expect TEXT                a line with TEXT comes within 5 s\n"
	"  repeat 3 ... end\n"
	"\n"
	"Faults:\n"
	"  garbage 100 7              random bytes, how many and their seed\n"
	"  double 4006381333931       one scan twice, with nothing between\n"
	"  split 4006381333931 7 20ms its first 7 bytes, and when they were read (and the\n"
	"                             time, if one is given, has passed) the others\n"
	"  cut 4006381333931 7        its first 7 bytes, and when they were read, unplug\n"
	"  flood 1000 CODE [CODE...]  so many times these codes, as fast as they are taken\n"
	"\n"
	"Example:\n"
	"  printf 'scan 4006381333931\\nwait 1s\\n' | lanesim --link /tmp/scanner -\n"
	"\n"
	"Exit code: 0 done, 1 something expected did not come, 2 usage or script error.\n";

struct options {
	const char *link, *control, *lane, *file;
	int64_t baud, speed_milli, loop;
	bool hold, paced, check;
};

static int usage(const char *reason, const char *what)
{
	fprintf(stderr, "lanesim: %s%s; lanesim --help shows how\n", reason, what);
	return EXIT_USAGE;
}

static bool read_number(const char *text, unsigned exponent, int64_t min, int64_t max, int64_t *out)
{
	return decimal_parse(text, strlen(text), exponent, out) == ERR_OK && *out >= min && *out <= max;
}

static const struct option long_options[] = {
	{"link", required_argument, NULL, 'l'},	   {"baud", required_argument, NULL, 'b'},
	{"speed", required_argument, NULL, 's'},   {"loop", required_argument, NULL, 'n'},
	{"hold", no_argument, NULL, 'h'},	   {"control", required_argument, NULL, 'c'},
	{"lane", required_argument, NULL, 'a'},	   {"paced", no_argument, NULL, 'p'},
	{"check", no_argument, NULL, 'k'},	   {"help", no_argument, NULL, '?' + 128},
	{"version", no_argument, NULL, 'V' + 128}, {NULL, 0, NULL, 0},
};

/* One option into o; the exit code, or -1 to go on. */
static int take_option(struct options *o, int letter)
{
	switch (letter) {
	case 'l':
		o->link = optarg;
		return -1;
	case 'b':
		return read_number(optarg, 0, 300, 921600, &o->baud) ? -1 : usage("no baud rate: ", optarg);
	case 's':
		return read_number(optarg, 3, 1, 1000000, &o->speed_milli) ? -1 : usage("no speed: ", optarg);
	case 'n':
		return read_number(optarg, 0, 0, INT32_MAX, &o->loop) ? -1
								      : usage("no number of times: ", optarg);
	case 'h':
		o->hold = true;
		return -1;
	case 'c':
		o->control = optarg;
		return -1;
	case 'a':
		o->lane = optarg;
		return -1;
	case 'p':
		o->paced = true;
		return -1;
	case 'k':
		o->check = true;
		return -1;
	case '?' + 128:
		fputs(help, stdout);
		return EXIT_DONE;
	case 'V' + 128:
		puts("lanesim " TILL_VERSION);
		return EXIT_DONE;
	default:
		fputs("lanesim --help shows how\n", stderr);
		return EXIT_USAGE;
	}
}

static int take_options(struct options *o, int argc, char **argv)
{
	int letter, code;

	while ((letter = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		code = take_option(o, letter);
		if (code >= 0)
			return code;
	}
	if (optind + 1 != argc)
		return usage(optind == argc ? "no script" : "one script at a time, not also ",
			     optind == argc ? "" : argv[optind + 1]);
	o->file = argv[optind];
	if ((o->control == NULL) != (o->lane == NULL))
		return usage("--control and --lane go together", "");
	if (o->paced && !o->control)
		return usage("--paced needs --control and --lane", "");
	return -1;
}

static enum err feed_file(int fd, struct script_parser *parser, struct why *why)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		enum err e = script_feed(parser, bytes, (size_t)n, why);

		if (e)
			return e;
	}
	return n < 0 ? fail(why, ERR_IO, "%s: %s", parser->file, strerror(errno)) : script_end(parser, why);
}

static enum err read_script(const char *file, struct script *script, struct why *why)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	struct script_parser parser;
	enum err e;

	if (fd < 0)
		return fail(why, ERR_IO, "%s: %s", file, strerror(errno));
	script_begin(&parser, script, is_stdin ? "stdin" : file);
	e = feed_file(fd, &parser, why);
	if (!is_stdin)
		close(fd);
	return e;
}

/* Signals become a readable descriptor, so that the link is taken away on the way out. */
static int stop_descriptor(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static enum err play(struct player *p, const struct options *o, struct why *why)
{
	enum err e = player_subscribe(p, why);

	for (int64_t round = 0; !e && (o->loop == 0 || round < o->loop); round++)
		e = player_run(p, why);
	if (!e)
		e = player_drain(p);
	if (!e && port_unread(p->port) > 0)
		fprintf(stderr, "lanesim: nobody has read the last %d bytes from %s\n", port_unread(p->port),
			p->port->link ? p->port->link : p->port->name);
	while (!e && o->hold)
		e = control_pump(p->control, control_now_us() + 1000000);
	return e;
}

static int exit_code(enum err e)
{
	if (e == ERR_OK || e == ERR_STATE)
		return EXIT_DONE;
	return e == ERR_NOT_FOUND || e == ERR_CLOSED ? EXIT_MISSED : EXIT_USAGE;
}

static enum err simulate(const struct options *o, const struct script *script, struct why *why)
{
	struct port port;
	struct control control;
	struct player player = {.file = o->file,
				.script = script,
				.port = &port,
				.control = &control,
				.baud = o->baud,
				.speed_milli = o->speed_milli,
				.paced = o->paced};
	enum err e;

	port_init(&port, o->link);
	control_init(&control, stop_descriptor());
	e = port_plug(&port, why);
	if (!e && !o->link) {
		puts(port.name);
		fflush(stdout);
	}
	if (!e && o->control)
		e = control_open(&control, o->control, o->lane, why);
	if (!e)
		e = play(&player, o, why);
	port_unplug(&port);
	control_free(&control);
	return e;
}

int main(int argc, char **argv)
{
	struct options o = {.baud = 9600, .speed_milli = 1000, .loop = 1};
	struct script script = {0};
	struct why why = {0};
	int code = take_options(&o, argc, argv);
	enum err e;

	if (code >= 0)
		return code;
	e = read_script(o.file, &script, &why);
	if (!e && script.count == 0)
		e = fail(&why, ERR_INVALID, "%s: an empty script", o.file);
	if (e) {
		code = EXIT_USAGE;
	} else if (o.check) {
		code = EXIT_DONE;
	} else {
		e = simulate(&o, &script, &why);
		code = exit_code(e);
	}
	if (code != EXIT_DONE)
		fprintf(stderr, "lanesim: %s\n", why.text[0] ? why.text : err_name(e));
	script_free(&script);
	return code;
}
