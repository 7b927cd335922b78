/*
 * The CA's files: each is written whole and takes its place at once. See authority_parts.h.
 */
#include "authority_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <mbedtls/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum err ca_path(const char *dir, const char *name, char out[CA_PATH_MAX], struct why *why)
{
	if (snprintf(out, CA_PATH_MAX, "%s/%s", dir, name) >= CA_PATH_MAX)
		return fail(why, ERR_LIMIT, "%s: the path is too long", dir);
	return ERR_OK;
}

/* Writes a new file whole; one that is there is replaced at once. */
enum err ca_write_file(const char *dir, const char *name, const char *text, mode_t mode, struct why *why)
{
	char path[CA_PATH_MAX], temporary[CA_PATH_MAX + 8];
	size_t n = strlen(text);
	bool good;
	int fd;
	enum err e = ca_path(dir, name, path, why);

	if (e)
		return e;
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return fail(why, ERR_IO, "%s: %s", temporary, strerror(errno));
	good = fchmod(fd, mode) == 0 && write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	good = close(fd) == 0 && good && rename(temporary, path) == 0;
	return good ? ERR_OK : fail(why, ERR_IO, "%s: %s", path, strerror(errno));
}

enum err ca_read_file(const char *dir, const char *name, struct buf *out, struct why *why)
{
	char path[CA_PATH_MAX];
	uint8_t *room;
	ssize_t n;
	int fd;
	enum err e = ca_path(dir, name, path, why);

	if (e)
		return e;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path, strerror(errno));
	room = buf_room(out, PEM_MAX + 1);
	n = room ? read(fd, room, PEM_MAX) : -1;
	close(fd);
	if (n <= 0)
		return fail(why, ERR_IO, "%s: cannot be read", path);
	room[n] = '\0'; /* as mbedTLS wants PEM */
	buf_grow(out, (size_t)n + 1);
	return ERR_OK;
}

enum err ca_rename(const char *dir, const char *from, const char *to, struct why *why)
{
	char a[CA_PATH_MAX], b[CA_PATH_MAX];
	enum err e = ca_path(dir, from, a, why);

	if (!e)
		e = ca_path(dir, to, b, why);
	if (!e && rename(a, b) != 0)
		e = fail(why, ERR_IO, "%s: %s", b, strerror(errno));
	return e;
}

enum err ca_remove(const char *dir, const char *name, struct why *why)
{
	char path[CA_PATH_MAX];
	enum err e = ca_path(dir, name, path, why);

	if (!e && unlink(path) != 0 && errno != ENOENT)
		e = fail(why, ERR_IO, "%s: %s", path, strerror(errno));
	return e;
}

enum err ca_write_key(const char *dir, const char *name, mbedtls_pk_context *key, struct why *why)
{
	unsigned char pem[PEM_MAX];
	int rc = mbedtls_pk_write_key_pem(key, pem, sizeof(pem));
	enum err e = rc ? ca_failed(ERR_IO, rc, "cannot write a key", why)
			: ca_write_file(dir, name, (const char *)pem, 0600, why);

	memset(pem, 0, sizeof(pem));
	return e;
}

enum err ca_write_certificate(const char *dir, const char *name, const struct buf *der, struct why *why)
{
	unsigned char pem[PEM_MAX];
	size_t n;
	int rc = mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n",
					  buf_front(der), buf_length(der), pem, sizeof(pem), &n);

	return rc ? ca_failed(ERR_IO, rc, "cannot write a certificate", why)
		  : ca_write_file(dir, name, (const char *)pem, 0644, why);
}

enum err authority_write_trusted(const char *dir, struct why *why)
{
	static const char *const names[] = {"ca.pem", "ca-next.pem", "ca-old.pem"};
	char text[3 * PEM_MAX + 1];
	size_t used = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; i < 3 && !e; i++) {
		struct buf one;

		buf_init(&one, PEM_MAX + 1);
		e = ca_read_file(dir, names[i], &one, why);
		if (!e)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s",
						 (const char *)buf_front(&one));
		if (i > 0 && e == ERR_NOT_FOUND)
			e = ERR_OK;
		buf_free(&one);
	}
	return e ? e : ca_write_file(dir, "trusted.pem", text, 0644, why);
}
