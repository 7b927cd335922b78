/*
 * The box's key, request and certificate: made, taken, refused, mended after a power cut.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>

#include "certs.h"
#include "papers.h"
#include "scratch.h"

static struct scratch scratch;
static struct papers papers;

static int set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	papers_place(scratch.dir, &papers);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

/* DER of a certificate in the scratch folder. */
static struct bytes der_of(const char *name, uint8_t room[PAPERS_DER_MAX])
{
	mbedtls_x509_crt crt;
	struct bytes der;
	char file[64];

	snprintf(file, sizeof(file), "%s.pem", name);
	mbedtls_x509_crt_init(&crt);
	assert_int_equal(mbedtls_x509_crt_parse_file(&crt, scratch_path(&scratch, file)), 0);
	memcpy(room, crt.raw.p, crt.raw.len);
	der = (struct bytes){room, crt.raw.len};
	mbedtls_x509_crt_free(&crt);
	return der;
}

/* What headquarters would make of the request: a certificate of that very key. */
static void issue_for_next_key(const char *file, const char *name, const char *issuer)
{
	const struct cert_wish wish = {file, name, issuer, CERT_CLIENT, NULL, NULL, "link/box.key.next"};

	cert_make(scratch.dir, &wish);
}

static void make_ca(const char *file)
{
	const struct cert_wish wish = {.file = file, .name = "tilld CA", .use = CERT_CA};

	cert_make(scratch.dir, &wish);
}

static void ask(struct buf *request)
{
	struct why why;

	buf_init(request, PAPERS_DER_MAX);
	if (papers_request(&papers, "box-7", request, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static void a_first_certificate(void **state)
{
	uint8_t ca[PAPERS_DER_MAX], cert[PAPERS_DER_MAX];
	mbedtls_x509_csr csr;
	struct buf request, again;
	struct stat st;
	struct why why;

	(void)state;
	assert_int_equal(papers_load(&papers, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "tillctl enrol"));
	make_ca("ca");
	ask(&request);
	mbedtls_x509_csr_init(&csr);
	assert_int_equal(mbedtls_x509_csr_parse_der(&csr, buf_front(&request), buf_length(&request)), 0);
	mbedtls_x509_csr_free(&csr);
	assert_int_equal(stat(scratch_path(&scratch, "link/box.key.next"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640); /* nobody else's */
	ask(&again); /* of the same key: the subject's public key, 65 bytes of point, stands in both */
	assert_int_equal(buf_length(&request) > 100 && buf_length(&again) > 100, 1);
	issue_for_next_key("box", "box-7", "ca");
	assert_int_equal(papers_take(&papers, der_of("box", cert), der_of("ca", ca), &why), ERR_OK);
	assert_string_equal(papers.name, "box-7");
	assert_true(papers_is_ca(papers.ca, der_of("ca", ca)));
	assert_int_equal(access(scratch_path(&scratch, "link/box.key.next"), F_OK), -1);
	assert_int_equal(papers.to_ms, INT64_C(2524607999) * 1000); /* 2049-12-31 23:59:59 */
	buf_free(&request);
	buf_free(&again);
}

static void what_is_refused(void **state)
{
	uint8_t ca[PAPERS_DER_MAX], cert[PAPERS_DER_MAX];
	struct buf request;
	struct why why;

	(void)state;
	make_ca("ca");
	make_ca("ca2");
	ask(&request);
	issue_for_next_key("foreign", "box-7", "ca2");
	assert_int_equal(papers_take(&papers, der_of("foreign", cert), der_of("ca", ca), &why), ERR_DENIED);
	assert_non_null(strstr(why.text, "not of the pinned CA"));
	cert_make(scratch.dir, &(const struct cert_wish){
				       .file = "other", .name = "box-7", .issuer = "ca", .use = CERT_CLIENT});
	assert_int_equal(papers_take(&papers, der_of("other", cert), der_of("ca", ca), &why), ERR_DENIED);
	assert_non_null(strstr(why.text, "not of the key"));
	assert_int_equal(
		papers_take(&papers, (struct bytes){(const uint8_t *)"x", 1}, der_of("ca", ca), &why),
		ERR_DENIED);
	assert_int_equal(papers_load(&papers, &why), ERR_NOT_FOUND); /* nothing was taken */
	buf_free(&request);
}

/* The power went between the certificate and its key. */
static void half_a_change(void **state)
{
	uint8_t ca[PAPERS_DER_MAX], cert[PAPERS_DER_MAX];
	char next[SCRATCH_PATH_MAX];
	struct buf request;
	struct why why;

	(void)state;
	make_ca("ca");
	ask(&request);
	issue_for_next_key("box", "box-7", "ca");
	assert_int_equal(papers_take(&papers, der_of("box", cert), der_of("ca", ca), &why), ERR_OK);
	memcpy(next, scratch_path(&scratch, "link/box.key.next"), sizeof(next));
	assert_int_equal(rename(papers.key, next), 0);
	assert_int_equal(papers_load(&papers, &why), ERR_OK);
	assert_int_equal(access(papers.key, F_OK), 0);
	assert_int_equal(access(next, F_OK), -1);
	buf_free(&request);
}

static struct bytes behind(struct bytes a, struct bytes b, uint8_t room[2 * PAPERS_DER_MAX])
{
	memcpy(room, a.at, a.length);
	memcpy(room + a.length, b.at, b.length);
	return (struct bytes){room, a.length + b.length};
}

/* Both CAs of the same name, in either order; then one; never such that our own certificate is of none. */
static void another_ca(void **state)
{
	uint8_t one[PAPERS_DER_MAX], two[PAPERS_DER_MAX], cert[PAPERS_DER_MAX], room[2 * PAPERS_DER_MAX];
	uint8_t hashes[PAPERS_CAS_MAX * DIGEST_SIZE];
	struct bytes a, b, both, bad[4];
	struct digest d;
	struct buf request;
	struct why why;
	bool changed;

	(void)state;
	make_ca("one");
	make_ca("two");
	ask(&request);
	buf_free(&request);
	issue_for_next_key("mine", "box-7", "one");
	a = der_of("one", one);
	b = der_of("two", two);
	assert_int_equal(papers_take(&papers, der_of("mine", cert), a, &why), ERR_OK);
	assert_int_equal(papers_pinned(&papers, hashes), 1);
	assert_int_equal(papers_pin(&papers, a, &changed, &why), ERR_OK);
	assert_false(changed);
	both = behind(a, b, room);
	bad[0] = b;
	bad[1] = (struct bytes){both.at, both.length - 1};
	bad[2] = (struct bytes){(const uint8_t *)"no", 2};
	bad[3] = (struct bytes){NULL, 0};
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(papers_pin(&papers, bad[i], &changed, &why), ERR_DENIED);
		assert_false(changed);
		assert_int_equal(papers_pinned(&papers, hashes), 1);
	}
	assert_int_equal(papers_pin(&papers, both, &changed, &why), ERR_OK);
	assert_true(changed);
	assert_int_equal(papers_pinned(&papers, hashes), 2);
	digest_of(b.at, b.length, &d);
	assert_memory_equal(hashes + DIGEST_SIZE, d.bytes, DIGEST_SIZE);
	assert_int_equal(papers_load(&papers, &why), ERR_OK); /* from the file */
	assert_int_equal(papers_pinned(&papers, hashes), 2);
	ask(&request); /* a certificate of the second CA is taken by both */
	buf_free(&request);
	issue_for_next_key("next", "box-7", "two");
	assert_int_equal(papers_take(&papers, der_of("next", cert), (struct bytes){0}, &why), ERR_OK);
	assert_int_equal(papers_pin(&papers, b, &changed, &why), ERR_OK);
	assert_true(changed);
	assert_int_equal(papers_pin(&papers, a, &changed, &why), ERR_DENIED);
	assert_int_equal(papers_pinned(&papers, hashes), 1);
	assert_memory_equal(hashes, d.bytes, DIGEST_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_first_certificate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(half_a_change, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_ca, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
