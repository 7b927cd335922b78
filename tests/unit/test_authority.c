/*
 * The CA: what it makes, what it issues for which use, and what is refused; and what it signs, refused if
 * anything is wrong with it.
 */
#include "unit.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "authority.h"
#include "scratch.h"
#include "signed.h"

#define NOW_MS INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */
#define DAY_MS INT64_C(86400000)

static struct scratch scratch;
static struct authority *authority;
static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context drbg;

static int set_up(void **state)
{
	static const char *const hosts[] = {"hq.example", "127.0.0.1"};
	struct authority_options o = {.hosts = hosts, .host_count = 2, .now_ms = NOW_MS};
	struct why why = {""};

	(void)state;
	mbedtls_entropy_init(&entropy);
	mbedtls_ctr_drbg_init(&drbg);
	assert_int_equal(mbedtls_ctr_drbg_seed(&drbg, mbedtls_entropy_func, &entropy, NULL, 0), 0);
	scratch_new(&scratch);
	o.dir = scratch.dir;
	if (authority_create(&o, &why) || authority_open(scratch.dir, &authority, &why))
		fail_msg("%s", why.text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	authority_close(authority);
	scratch_free(&scratch);
	mbedtls_ctr_drbg_free(&drbg);
	mbedtls_entropy_free(&entropy);
	return 0;
}

static size_t read_text(const char *name, char *out, size_t room)
{
	FILE *f = fopen(scratch_path(&scratch, name), "re");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, room - 1, f);
	out[n] = '\0';
	fclose(f);
	return n + 1;
}

static void load(const char *name, mbedtls_x509_crt *crt)
{
	char pem[8192];
	size_t n = read_text(name, pem, sizeof(pem));

	mbedtls_x509_crt_init(crt);
	assert_int_equal(mbedtls_x509_crt_parse(crt, (unsigned char *)pem, n), 0);
}

/* As a box makes it; returns DER at the end of the room. */
static struct bytes request(mbedtls_ecp_group_id curve, uint8_t *room, size_t size)
{
	mbedtls_x509write_csr w;
	mbedtls_pk_context key;
	int n;

	mbedtls_pk_init(&key);
	assert_int_equal(mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), 0);
	assert_int_equal(mbedtls_ecp_gen_key(curve, mbedtls_pk_ec(key), mbedtls_ctr_drbg_random, &drbg), 0);
	mbedtls_x509write_csr_init(&w);
	mbedtls_x509write_csr_set_md_alg(&w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_csr_set_key(&w, &key);
	assert_int_equal(mbedtls_x509write_csr_set_subject_name(&w, "CN=whoever"), 0);
	n = mbedtls_x509write_csr_der(&w, room, size, mbedtls_ctr_drbg_random, &drbg);
	assert_true(n > 0);
	mbedtls_x509write_csr_free(&w);
	mbedtls_pk_free(&key);
	return (struct bytes){room + size - (size_t)n, (size_t)n};
}

static struct buf issue(const char *name)
{
	const struct authority_box box = {
		.name = name, .serial = 0x1234, .now_ms = NOW_MS, .until_ms = NOW_MS + 365 * DAY_MS};
	uint8_t room[4096];
	struct why why = {""};
	struct buf der;

	buf_init(&der, 8192);
	if (authority_issue(authority, &box, request(MBEDTLS_ECP_DP_SECP256R1, room, sizeof(room)), &der,
			    &why))
		fail_msg("%s", why.text);
	return der;
}

/* Its only extended use is this one. */
static bool is_for(const mbedtls_x509_crt *crt, const char *oid, size_t n)
{
	const mbedtls_x509_sequence *uses = &crt->ext_key_usage;

	return uses->buf.p && !uses->next && uses->buf.len == n && memcmp(uses->buf.p, oid, n) == 0;
}
#define IS_FOR(crt, oid) is_for(crt, oid, MBEDTLS_OID_SIZE(oid))

static void certificates_are_for_one_use(void **state)
{
	mbedtls_x509_crt ca, hub, signer, box;
	struct buf der = issue("box-1");
	uint32_t flags;

	(void)state;
	load("ca.pem", &ca);
	load("hub.pem", &hub);
	load("signer.pem", &signer);
	mbedtls_x509_crt_init(&box);
	assert_int_equal(mbedtls_x509_crt_parse_der(&box, buf_front(&der), buf_length(&der)), 0);
	assert_true(IS_FOR(&hub, MBEDTLS_OID_SERVER_AUTH));
	assert_true(IS_FOR(&signer, MBEDTLS_OID_CODE_SIGNING));
	assert_true(IS_FOR(&box, MBEDTLS_OID_CLIENT_AUTH));
	assert_int_equal(mbedtls_x509_crt_verify(&hub, &ca, NULL, "hq.example", &flags, NULL, NULL), 0);
	assert_int_not_equal(mbedtls_x509_crt_verify(&hub, &ca, NULL, "box-1", &flags, NULL, NULL), 0);
	assert_int_equal(flags, MBEDTLS_X509_BADCERT_CN_MISMATCH);
	assert_int_equal(box.valid_to.year, 2027);
	assert_int_equal(box.valid_to.mon, 11);
	assert_int_equal(box.serial.len, 2);
	assert_int_equal(box.serial.p[0] << 8 | box.serial.p[1], 0x1234);
	mbedtls_x509_crt_free(&ca);
	mbedtls_x509_crt_free(&hub);
	mbedtls_x509_crt_free(&signer);
	mbedtls_x509_crt_free(&box);
	buf_free(&der);
}

static void keys_are_their_owners(void **state)
{
	static const char *const keys[] = {"ca.key", "hub.key", "signer.key"};
	struct stat st;

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		assert_int_equal(stat(scratch_path(&scratch, keys[i]), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void a_ca_is_not_replaced(void **state)
{
	struct authority_options o = {.dir = scratch.dir, .now_ms = NOW_MS};
	char before[8192], after[8192];
	struct why why = {""};

	(void)state;
	read_text("ca.pem", before, sizeof(before));
	assert_int_equal(authority_create(&o, &why), ERR_EXISTS);
	assert_int_equal(authority_renew_hub(&o, &why), ERR_OK);
	read_text("ca.pem", after, sizeof(after));
	assert_string_equal(before, after);
}

static void requests_that_are_refused(void **state)
{
	const struct authority_box box = {
		.name = "box-1", .serial = 9, .now_ms = NOW_MS, .until_ms = NOW_MS + DAY_MS};
	uint8_t room[4096];
	struct bytes r = request(MBEDTLS_ECP_DP_SECP384R1, room, sizeof(room));
	struct why why = {""};
	struct buf out;

	(void)state;
	buf_init(&out, 8192);
	assert_int_equal(authority_issue(authority, &box, r, &out, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "P-256"));
	r = request(MBEDTLS_ECP_DP_SECP256R1, room, sizeof(room));
	room[sizeof(room) - 1] ^= 1; /* the signature's last byte */
	assert_int_equal(authority_issue(authority, &box, r, &out, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "not signed by its own key"));
	r.length -= 10;
	assert_int_equal(authority_issue(authority, &box, r, &out, &why), ERR_INVALID);
	assert_int_equal(buf_length(&out), 0);
	buf_free(&out);
}

static struct signer *open_signer(const char *key_name, const char *certificate_name)
{
	char key[8192], certificate[8192];
	size_t k = read_text(key_name, key, sizeof(key)),
	       c = read_text(certificate_name, certificate, sizeof(certificate));
	struct signer *s;
	struct why why = {""};

	if (signer_new(key, k, certificate, c, &s, &why))
		fail_msg("%s", why.text);
	return s;
}

/* A beacon, decoded from its encoded form; its bytes are in `out`. */
static struct wire_signed beacon(struct signer *s, struct buf *out, struct arena *a)
{
	static const uint8_t payload[] = {0xa2, 1, 1, 2, 5};
	struct wire_signed m = {0};
	struct why why = {""};

	if (signer_sign(s, WIRE_TIME, (struct bytes){payload, sizeof(payload)}, out, &why) ||
	    wire_decode(&wire_signed_schema, buf_front(out), buf_length(out), a, &m, &why))
		fail_msg("%s", why.text);
	return m;
}

static void signatures(void **state)
{
	struct signer *s = open_signer("signer.key", "signer.pem");
	struct bytes ca = authority_certificate(authority);
	struct arena a = ARENA_EMPTY;
	uint8_t other[] = {0xa2, 1, 1, 2, 6};
	struct why why = {""};
	struct wire_signed m;
	struct trust *t;
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	assert_int_equal(trust_new(ca.at, ca.length, &t, &why), ERR_OK);
	m = beacon(s, &out, &a);
	assert_int_equal(wire_signed_check(t, &m, WIRE_TIME, &why), ERR_OK);
	assert_int_equal(wire_signed_check(t, &m, WIRE_MANIFEST, &why), ERR_DENIED);
	m.kind = WIRE_MANIFEST; /* a beacon that poses as a manifest */
	assert_int_equal(wire_signed_check(t, &m, WIRE_MANIFEST, &why), ERR_DENIED);
	assert_non_null(strstr(why.text, "signature does not match"));
	m.kind = WIRE_TIME;
	m.payload.at = other;
	assert_int_equal(wire_signed_check(t, &m, WIRE_TIME, &why), ERR_DENIED);
	trust_free(t);
	signer_free(s);
	arena_free(&a);
	buf_free(&out);
}

/* The hub's own certificate, though of the same CA, signs nothing; nor does another CA's. */
static void signers_that_are_refused(void **state)
{
	struct signer *hub = open_signer("hub.key", "hub.pem");
	struct bytes ca = authority_certificate(authority);
	struct arena a = ARENA_EMPTY;
	struct authority_options o = {.now_ms = NOW_MS};
	struct authority *other;
	struct scratch elsewhere;
	struct why why = {""};
	struct wire_signed m;
	struct trust *t;
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	assert_int_equal(trust_new(ca.at, ca.length, &t, &why), ERR_OK);
	m = beacon(hub, &out, &a);
	assert_int_equal(wire_signed_check(t, &m, WIRE_TIME, &why), ERR_DENIED);
	assert_non_null(strstr(why.text, "not for signing"));
	trust_free(t);

	scratch_new(&elsewhere);
	o.dir = elsewhere.dir;
	assert_int_equal(authority_create(&o, &why), ERR_OK);
	assert_int_equal(authority_open(elsewhere.dir, &other, &why), ERR_OK);
	ca = authority_certificate(other);
	assert_int_equal(trust_new(ca.at, ca.length, &t, &why), ERR_OK);
	assert_int_equal(wire_signed_check(t, &m, WIRE_TIME, &why), ERR_DENIED);
	assert_non_null(strstr(why.text, "not of the pinned CA"));
	trust_free(t);
	authority_close(other);
	scratch_free(&elsewhere);
	signer_free(hub);
	arena_free(&a);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(certificates_are_for_one_use, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keys_are_their_owners, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_ca_is_not_replaced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(requests_that_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(signatures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(signers_that_are_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
