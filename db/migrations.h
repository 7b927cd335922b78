/*
 * The migrations, embedded at build from schema/ in the order that CMakeLists.txt lists them.
 */
#ifndef TILL_MIGRATIONS_H
#define TILL_MIGRATIONS_H

#include "db.h"

extern const struct db_migration catalog_migrations[], carts_migrations[], ledger_migrations[],
	link_migrations[];

#endif
