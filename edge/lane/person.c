/*
 * Roles by name. See person.h.
 */
#include "person.h"

#include <stddef.h>

const char *person_role(const struct person *p, unsigned among)
{
	static const struct {
		enum role role;
		const char *name;
	} roles[] = {
		{ROLE_CFO, "cfo"},
		{ROLE_MANAGER, "pricing-manager"},
		{ROLE_SUPERVISOR, "supervisor"},
		{ROLE_TECHNICIAN, "technician"},
	};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (p->roles & among & roles[i].role)
			return roles[i].name;
	return NULL;
}
