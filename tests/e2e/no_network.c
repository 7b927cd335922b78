/*
 * Runs a command in which any socket but a Unix one is fatal: socket(2) and socketpair(2) of another family
 * kill the process with SIGSYS, and so do the calls that could reach a network through an inherited one.
 *	no_network COMMAND [ARGUMENT...]
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int forbid(scmp_filter_ctx filter)
{
	static const char *const families[] = {"socket", "socketpair"};

	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		int number = seccomp_syscall_resolve_name(families[i]);
		int rc = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, number, 1,
					  SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)AF_UNIX, 0));

		if (rc != 0)
			return rc;
	}
	return seccomp_load(filter);
}

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc;

	if (argc < 2) {
		fprintf(stderr, "usage: no_network COMMAND [ARGUMENT...]\n");
		return 2;
	}
	rc = filter ? forbid(filter) : -ENOMEM;
	if (rc != 0) {
		fprintf(stderr, "no_network: no filter: %s\n", strerror(-rc));
		return 2;
	}
	seccomp_release(filter);
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 2;
}
