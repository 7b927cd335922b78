/*
 * Certificates for tests: a CA and what it issues, P-256, as PEM files in a folder.
 */
#ifndef TILL_CERTS_H
#define TILL_CERTS_H

#include <stdbool.h>

enum { CERT_SERVER = 1, CERT_CLIENT = 2, CERT_CA = 4, CERT_P384 = 8 };

struct cert_wish {
	const char *file;   /* DIR/file.pem and DIR/file.key */
	const char *name;   /* common name */
	const char *issuer; /* file of the CA; NULL: signs itself */
	unsigned use;
	const char *from, *to; /* "20200101000000"; NULL: 2020 and 2049 */
	const char *key;       /* a file of the folder that holds the key; NULL: a new one is made */
};

void cert_make(const char *dir, const struct cert_wish *w);

#endif
