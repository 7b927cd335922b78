/*
 * Who does something that not everybody may do, and in which roles. Whoever speaks for a person (the control
 * socket) finds out who it is; what a role may is said where it is done.
 */
#ifndef TILL_PERSON_H
#define TILL_PERSON_H

enum role {
	ROLE_SUPERVISOR = 1, /* sets prices on the spot */
	ROLE_TECHNICIAN = 2,
	ROLE_MANAGER = 4, /* pricing manager: approves what others set, down to the margin floor */
	ROLE_CFO = 8,	  /* approves what is below it */
};

#define PERSON_NAME_MAX 64 /* bytes */

struct person {
	const char *name; /* up to PERSON_NAME_MAX */
	unsigned roles;	  /* of enum role */
};

/* The highest role among these that the person has, "supervisor" to "cfo"; NULL: none. */
const char *person_role(const struct person *p, unsigned among);

#endif
