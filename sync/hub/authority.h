/*
 * Headquarters' certificate authority: an ECDSA key on P-256 and what it issues. Boxes' certificates are for
 * clients alone, the hub's for servers alone, the signer's for signing alone (docs/protocol.md, "Who is
 * who").
 *
 * Files in one folder, PEM, keys 0600: ca.key, ca.pem; hub.key, hub.pem; signer.key, signer.pem.
 */
#ifndef TILL_AUTHORITY_H
#define TILL_AUTHORITY_H

#include "digest.h"
#include "record.h"

#define AUTHORITY_FILES	    6
#define AUTHORITY_HOSTS_MAX 16
#define AUTHORITY_HUB_NAME  "tilld hub"

struct authority;

struct authority_options {
	const char *dir;
	const char *const *hosts; /* names of the hub's certificate; IPv4 addresses as such */
	size_t host_count;
	int64_t now_ms; /* UTC */
};

/*
 * Makes what is not there: the CA for 20 years, the signer's certificate for 20, the hub's for 2. ERR_EXISTS:
 * there is a CA already, and nothing changed.
 */
enum err authority_create(const struct authority_options *o, struct why *why) MUST_CHECK;

/* The hub's key and certificate anew, by the CA that is there. */
enum err authority_renew_hub(const struct authority_options *o, struct why *why) MUST_CHECK;

/*
 * Another CA while everything runs (docs/operations.md, "Another CA"). next makes it beside the one there is,
 * as ca-next.key and ca-next.pem. change has it issue: from the serial number `since` on certificates are
 * its, the hub's and the signer's are made anew; the one before stays, as ca-old.pem, without its key. retire
 * takes that away. Whether it is their turn is the caller's to know (desk_authority.c).
 */
enum err authority_next(const struct authority_options *o, struct why *why) MUST_CHECK;
enum err authority_change(const struct authority_options *o, int64_t since, struct why *why) MUST_CHECK;
enum err authority_retire(const char *dir, struct why *why) MUST_CHECK;

/* trusted.pem: all CAs whose certificates are taken, made of the others. */
enum err authority_write_trusted(const char *dir, struct why *why) MUST_CHECK;

enum err authority_open(const char *dir, struct authority **out, struct why *why) MUST_CHECK;
void authority_close(struct authority *a); /* NULL is fine */

/* What there is besides the CA that issues. */
enum authority_phase { AUTHORITY_ONE, AUTHORITY_NEXT, AUTHORITY_OLD };
enum authority_phase authority_phase(const struct authority *a);
bool authority_other(const struct authority *a, struct digest *out); /* SHA-256 of that; false: none */

/* Certificates of boxes with a serial number below are of the CA before; 0: there was none. */
int64_t authority_since(const struct authority *a);

/* All that are to be trusted, DER, one behind the other, the issuing one first. */
enum err authority_trusted(const struct authority *a, struct buf *out) MUST_CHECK;

/* The CA's certificate, DER; lives as long as the authority. */
struct bytes authority_certificate(const struct authority *a);

/*
 * A box's certificate for the key of a PKCS #10 request, whose subject is not looked at. ERR_INVALID: it is
 * no request, is not signed by its key, or its key is not on P-256. Valid from an hour before now_ms on.
 */
struct authority_box {
	const char *name;
	int64_t serial; /* 1 and up */
	int64_t now_ms, until_ms;
};
enum err authority_issue(struct authority *a, const struct authority_box *box, struct bytes request,
			 struct buf *out, struct why *why) MUST_CHECK;

#endif
