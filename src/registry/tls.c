/* registry/tls.c
 *
 * More CAs are given to libcurl as one PEM text (CURLOPT_CAINFO_BLOB), the system's CAs included: what is given replaces libcurl's own list. The other way,
 * CURLOPT_SSL_CTX_FUNCTION, hands out the context of the TLS library that libcurl was built with, which on macOS is not the one that this program is
 * linked with. The text works with OpenSSL, LibreSSL and Secure Transport. */
#include "registry/tls.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/strv.h"

/* Where systems keep all their CAs in one file: Debian, Fedora and RHEL, openSUSE, Alpine and macOS. */
static const char *const system_bundles[] = { "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
					      "/etc/ssl/cert.pem" };

static void dir_close_p(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names in dir that end with suffix, sorted. A folder that is not there has none. */
static void names_with(const char *dir, const char *suffix, struct strv *ret)
{
	CLEANUP(dir_close_p) DIR *d = opendir(dir);

	for (struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.' && str_ends(str_from(e->d_name), str_from(suffix)))
			strv_add(ret, e->d_name);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof *ret->v, compare);
}

#define BEGIN STR("-----BEGIN CERTIFICATE-----")
#define END STR("-----END CERTIFICATE-----")

/* The first certificate of a PEM text, with its lines; *text goes on behind it. */
static bool take_certificate(struct str *text, struct str *ret)
{
	const char *begin = memmem(text->p, text->n, BEGIN.p, BEGIN.n), *end;

	if (!begin)
		return false;
	text->n -= (size_t)(begin - text->p);
	text->p = begin;
	end = memmem(text->p, text->n, END.p, END.n);
	if (!end)
		return false;
	*ret = (struct str){ begin, (size_t)(end - begin) + END.n };
	text->p += ret->n;
	text->n -= ret->n;
	return true;
}

/* Each certificate once: bundles and folders overlap, and libcurl reads them all for each connection. */
static bool add_certificates(struct buf *bundle, struct str text)
{
	struct str one;
	bool any = false;

	while (take_certificate(&text, &one)) {
		any = true;
		if (bundle->n && memmem(bundle->p, bundle->n, one.p, one.n))
			continue;
		buf_add(bundle, one);
		buf_add_char(bundle, '\n');
	}
	return any;
}

static int add_file(struct buf *bundle, const char *path, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(REG_TRUST_MAX);
	int r = path_read(path, &text, err);

	if (r < 0)
		return error_context(err, "read CA certificates");
	if (!add_certificates(bundle, buf_str(&text)))
		log_warn("%s has no CA certificate in PEM form", path);
	return 0;
}

/* "fd3003c5.0 -> some.pem": the names that OpenSSL finds a CA by point to a file that is read anyway. */
static bool is_link_to_neighbour(const char *path)
{
	char target[1024];
	ssize_t n = readlink(path, target, sizeof target);

	return n > 0 && !memchr(target, '/', (size_t)n);
}

/* Files of a folder of the environment may be anything. */
static void add_dir_of_environment(struct buf *bundle, const char *dir)
{
	CLEANUP(strv_done) struct strv names = { 0 };

	names_with(dir, "", &names);
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT(1024 * 1024);
		CLEANUP(free_p) char *path = path_join(dir, names.v[i]);

		if (path && !is_link_to_neighbour(path) && path_read(path, &text, NULL) == 0)
			add_certificates(bundle, buf_str(&text));
	}
}

/* "DIR:DIR", as OpenSSL and Go read it. */
static void add_dirs_of_environment(struct buf *bundle, const char *dirs)
{
	struct str rest = str_from(dirs), dir;

	for (bool more = true; more;) {
		CLEANUP(free_p) char *z = NULL;

		more = str_cut(rest, ':', &dir, &rest);
		z = str_dup(dir);
		if (z && *z)
			add_dir_of_environment(bundle, z);
	}
}

static void add_system(struct buf *bundle, const struct reg_lib *lib)
{
	const char *of_curl = NULL;
	CURL *easy = lib->easy_init();

#if LIBCURL_VERSION_NUM >= 0x075400
	if (easy)
		lib->easy_getinfo(easy, CURLINFO_CAINFO, &of_curl);
#endif
	if (!of_curl || add_file(bundle, of_curl, NULL) < 0)
		for (size_t i = 0; i < ARRAY_LEN(system_bundles); i++)
			if (add_file(bundle, system_bundles[i], NULL) == 0)
				break;
	if (easy)
		lib->easy_cleanup(easy);
}

/* "fd3003c5.0", as c_rehash names them. */
static bool is_hashed_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && strcmp(name + 8, ".0") == 0;
}

/* The folder that libcurl itself would look into, if it is one with hashed names. */
static char *hashed_folder(const struct reg_lib *lib)
{
	const char *path = NULL;
	char *found = NULL;
	CURL *easy = lib->easy_init();

#if LIBCURL_VERSION_NUM >= 0x075400
	if (easy)
		lib->easy_getinfo(easy, CURLINFO_CAPATH, &path);
#endif
	if (path) {
		CLEANUP(dir_close_p) DIR *d = opendir(path);

		for (struct dirent *e; d && !found && (e = readdir(d));)
			if (is_hashed_name(e->d_name))
				found = z_dup(path);
	}
	if (easy)
		lib->easy_cleanup(easy);
	return found;
}

/* The environment's CAs stand in the place of the system's, those of the folder come on top (containers-certs.d(5)). */
static int load_authorities(struct reg_trust *t, const struct reg_lib *lib, const char *cert_dir, bool whole, struct error *err)
{
	const char *file = getenv("SSL_CERT_FILE"), *dirs = getenv("SSL_CERT_DIR");
	CLEANUP(strv_done) struct strv names = { 0 };
	int r = 0;

	if (cert_dir)
		names_with(cert_dir, ".crt", &names);
	if (!(file && *file) && !(dirs && *dirs)) {
		t->folder = whole ? NULL : hashed_folder(lib);
		t->cert_dir = z_dup(cert_dir);
		if (!t->folder && !names.n)
			return 0;
	}
	if (file && *file)
		r = add_file(&t->bundle, file, err);
	else if (!t->folder)
		add_system(&t->bundle, lib);
	if (dirs && *dirs)
		add_dirs_of_environment(&t->bundle, dirs);
	for (size_t i = 0; i < names.n && r == 0; i++) {
		CLEANUP(free_p) char *path = path_join(cert_dir, names.v[i]);

		r = add_file(&t->bundle, path ? path : "", err);
	}
	return r < 0 ? r : buf_check(&t->bundle, "CA certificates", err);
}

/* "dir/NAME" + suffix, when name is NAME + ending. Owned by the caller. */
static char *with_suffix(const char *dir, const char *name, const char *ending, const char *suffix)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(4096);

	buf_addf(&path, "%s/%.*s%s", dir, (int)(strlen(name) - strlen(ending)), name, suffix);
	return buf_take(&path);
}

static int check_keys(const char *cert_dir, const struct strv *certs, struct error *err)
{
	CLEANUP(strv_done) struct strv keys = { 0 };

	names_with(cert_dir, ".key", &keys);
	for (size_t i = 0; i < keys.n; i++) {
		CLEANUP(buf_done) struct buf cert = BUF_INIT(4096);

		buf_addf(&cert, "%.*s.cert", (int)(strlen(keys.v[i]) - strlen(".key")), keys.v[i]);
		if (!strv_has(certs, buf_z(&cert)))
			return error_set(err, ERR_USAGE, "missing client certificate %s for key %s in %s", buf_z(&cert), keys.v[i], cert_dir);
	}
	return 0;
}

/* libcurl presents one certificate: the first by name. */
static int load_client(struct reg_trust *t, const char *cert_dir, struct error *err)
{
	CLEANUP(strv_done) struct strv certs = { 0 };

	names_with(cert_dir, ".cert", &certs);
	for (size_t i = 0; i < certs.n; i++) {
		CLEANUP(free_p) char *key = with_suffix(cert_dir, certs.v[i], ".cert", ".key");

		if (!key || access(key, R_OK) < 0)
			return error_set(err, ERR_USAGE,
					 "missing key %s for client certificate %s in %s. CA certificates should use the extension .crt", key ? key : "",
					 certs.v[i], cert_dir);
		if (i)
			continue;
		t->cert = path_join(cert_dir, certs.v[i]);
		t->key = ptr_take(&key);
	}
	return check_keys(cert_dir, &certs, err);
}

int reg_trust_load_client(struct reg_trust *t, const char *cert_dir, struct error *err)
{
	return cert_dir ? load_client(t, cert_dir, err) : 0;
}

int reg_trust_load(struct reg_trust *t, const struct reg_lib *lib, const char *cert_dir, struct error *err)
{
	int r = load_authorities(t, lib, cert_dir, false, err);

	return r < 0 ? r : reg_trust_load_client(t, cert_dir, err);
}

int reg_trust_load_whole(struct reg_trust *t, const struct reg_lib *lib, const char *cert_dir, struct error *err)
{
	int r = load_authorities(t, lib, cert_dir, true, err);

	return r < 0 ? r : reg_trust_load_client(t, cert_dir, err);
}

int reg_trust_apply(const struct reg_trust *t, const struct reg_lib *lib, CURL *easy, struct error *err)
{
	struct curl_blob pem = { .data = t->bundle.p, .len = t->bundle.n, .flags = CURL_BLOB_NOCOPY };

	if (t->bundle.n && lib->easy_setopt(easy, CURLOPT_CAINFO_BLOB, &pem) != CURLE_OK)
		return error_set(err, ERR_SYSTEM, "this libcurl takes no CA certificates from memory: install one that is built with OpenSSL, 7.77 or later");
	/* What is not asked for would count, too: the system's folder beside a bundle, its bundle beside the folder. */
	if (t->bundle.n || t->folder)
		lib->easy_setopt(easy, CURLOPT_CAPATH, t->folder);
	if (t->folder && !t->bundle.n)
		lib->easy_setopt(easy, CURLOPT_CAINFO, NULL);
	if (t->cert) {
		lib->easy_setopt(easy, CURLOPT_SSLCERT, t->cert);
		lib->easy_setopt(easy, CURLOPT_SSLKEY, t->key);
	}
	return 0;
}

void reg_trust_done(struct reg_trust *t)
{
	buf_done(&t->bundle);
	free(t->folder);
	free(t->cert_dir);
	free(t->cert);
	free(t->key);
	*t = REG_TRUST_INIT;
}
