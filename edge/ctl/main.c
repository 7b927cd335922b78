/*
 * tillctl: the way for people to ask and tell tilld.
 */
#include "ctl.h"

int main(int argc, char **argv)
{
	return ctl_main(argc, argv);
}
