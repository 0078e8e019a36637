/* registry-token-server: a token service for the tests' docker-registry (docs.docker.com, "Token authentication specification"; "OAuth2 token
 * authentication" for the refresh grant). Signs RS256 tokens that carry their certificate. One request a connection.
 *
 *   registry-token-server PORT CERT.pem KEY.pem ISSUER SERVICE USER PASSWORD IDENTITY-TOKEN [LIFE-SECONDS]
 *
 * The user, by password or identity token, gets all that is asked for; others get "pull" of repositories below public/. With wrong credentials: 401.
 * Each request is told on stdout: "GET user=NAME scope=SCOPE". The certificate serves TLS, too. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/js.h"

#define REQUEST_MAX (64 * 1024)
#define SCOPES_MAX 8

struct server {
	const char *issuer, *service, *user, *password, *identity;
	long life_s;
	EVP_PKEY *key;
	X509 *cert;
	SSL_CTX *tls;
};

struct request {
	bool post, bad;
	char user[128]; /* who proved to be it; "": nobody */
	char scopes[SCOPES_MAX][256];
	size_t n;
};

/* ---- texts ------------------------------------------------------------------------------------------------------------- */

/* JWS wants no padding (RFC 7515, section 2). */
static void add_base64url(struct buf *out, struct str s)
{
	base64_add_url(out, s);
	while (out->n && out->p[out->n - 1] == '=')
		out->p[--out->n] = '\0';
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The value of a query's or a form's field, decoded. */
static void unescape(struct str s, char *ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n + 1 < max; i++) {
		char c = s.p[i];

		if (c == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 && hex_digit(s.p[i + 2]) >= 0) {
			c = (char)(hex_digit(s.p[i + 1]) << 4 | hex_digit(s.p[i + 2]));
			i += 2;
		}
		ret[n++] = c == '+' && s.p[i] == '+' ? ' ' : c;
	}
	ret[n] = '\0';
}

/* ---- requests ---------------------------------------------------------------------------------------------------------- */

static void take_field(const struct server *s, struct request *q, struct str name, struct str value)
{
	char text[256];

	unescape(value, text, sizeof text);
	if (str_eq(name, STR("scope")) && q->n < SCOPES_MAX)
		snprintf(q->scopes[q->n++], sizeof q->scopes[0], "%s", text);
	else if (str_eq(name, STR("service")) && strcmp(text, s->service) != 0)
		q->bad = true;
	else if (str_eq(name, STR("refresh_token")) && strcmp(text, s->identity) == 0)
		snprintf(q->user, sizeof q->user, "%s", s->user);
	else if (str_eq(name, STR("refresh_token")))
		q->bad = true;
}

static void take_fields(const struct server *s, struct request *q, struct str fields)
{
	struct str one, name, value;

	for (bool more = fields.n > 0; more;) {
		more = str_cut(fields, '&', &one, &fields);
		if (str_cut(one, '=', &name, &value))
			take_field(s, q, name, value);
	}
}

static void take_basic(const struct server *s, struct request *q, struct str value)
{
	CLEANUP(buf_done) struct buf pair = BUF_INIT(1024), want = BUF_INIT(1024);

	buf_addf(&pair, "%s:%s", s->user, s->password);
	buf_add_z(&want, "Basic ");
	base64_add(&want, buf_str(&pair));
	if (str_eq(value, buf_str(&want)))
		snprintf(q->user, sizeof q->user, "%s", s->user);
	else
		q->bad = true;
}

static void parse(const struct server *s, struct str text, struct request *q)
{
	struct str line, rest, name, value, target, query;

	str_cut(text, '\n', &line, &rest);
	q->post = str_starts(line, STR("POST "));
	str_cut(line, ' ', NULL, &target);
	str_cut(target, ' ', &target, NULL);
	if (str_cut(target, '?', NULL, &query))
		take_fields(s, q, query);
	while (str_cut(rest, '\n', &line, &rest) && str_trim(line).n)
		if (str_cut(line, ':', &name, &value) && name.n == 13 && strncasecmp(name.p, "Authorization", 13) == 0)
			take_basic(s, q, str_trim(value));
	if (q->post)
		take_fields(s, q, str_trim(rest));
}

/* ---- tokens ------------------------------------------------------------------------------------------------------------ */

/* "repository:a/b:pull,push" as far as it is granted. */
static void grant(struct json_object *access, const char *user, const char *scope)
{
	struct str kind, name, actions, one;
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	const char *last = strrchr(scope, ':');

	str_cut(str_from(scope), ':', &kind, &name);
	/* A name may have a colon of its own: the actions stand behind the last one. */
	actions = str_from(last ? last + 1 : "");
	name.n = name.n > actions.n ? name.n - actions.n - 1 : 0;
	js_set(o, "type", js_strn(kind));
	js_set(o, "name", js_strn(name));
	for (bool more = actions.n > 0; more;) {
		more = str_cut(actions, ',', &one, &actions);
		if (*user || (str_eq(one, STR("pull")) && str_starts(name, STR("public/"))))
			json_object_array_add(list, js_strn(one));
	}
	js_set(o, "actions", list);
	json_object_array_add(access, o);
}

static struct json_object *claims_of(const struct server *s, const struct request *q)
{
	struct json_object *claims = json_object_new_object(), *access = json_object_new_array();
	int64_t now = (int64_t)time(NULL);

	js_set_str(claims, "iss", s->issuer);
	js_set_str(claims, "sub", q->user);
	js_set_str(claims, "aud", s->service);
	js_set_int(claims, "exp", now + s->life_s);
	js_set_int(claims, "nbf", now - 10);
	js_set_int(claims, "iat", now);
	js_set_str(claims, "jti", "one");
	for (size_t i = 0; i < q->n; i++)
		grant(access, q->user, q->scopes[i]);
	js_set(claims, "access", access);
	return claims;
}

static struct json_object *header_of(const struct server *s)
{
	CLEANUP(buf_done) struct buf cert = BUF_INIT(16 * 1024);
	struct json_object *header = json_object_new_object(), *chain = json_object_new_array();
	unsigned char *der = NULL;
	int n = i2d_X509(s->cert, &der);

	base64_add(&cert, (struct str){ (char *)der, n > 0 ? (size_t)n : 0 });
	OPENSSL_free(der);
	json_object_array_add(chain, js_str(buf_z(&cert)));
	js_set_str(header, "typ", "JWT");
	js_set_str(header, "alg", "RS256");
	js_set(header, "x5c", chain);
	return header;
}

static void add_part(struct buf *out, struct json_object *o)
{
	const char *text = js_wire(o);

	add_base64url(out, str_from(text));
	json_object_put(o);
}

static bool add_signature(const struct server *s, struct buf *token)
{
	unsigned char raw[1024];
	size_t n = sizeof raw;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool good = md && EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, s->key) > 0 &&
		    EVP_DigestSign(md, raw, &n, (const unsigned char *)token->p, token->n) > 0;

	EVP_MD_CTX_free(md);
	buf_add_char(token, '.');
	if (good)
		add_base64url(token, (struct str){ (char *)raw, n });
	return good;
}

static void add_reply(struct buf *out, const char *status, const char *text)
{
	buf_addf(out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n%s", status, strlen(text), text);
}

static void answer(const struct server *s, const struct request *q, struct buf *out)
{
	CLEANUP(js_put_p) struct json_object *body = json_object_new_object();
	CLEANUP(buf_done) struct buf token = BUF_INIT(REQUEST_MAX);

	if (q->bad) {
		add_reply(out, "401 Unauthorized", "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"wrong credentials\"}]}");
		return;
	}
	add_part(&token, header_of(s));
	buf_add_char(&token, '.');
	add_part(&token, claims_of(s, q));
	if (!add_signature(s, &token)) {
		add_reply(out, "500 Internal Server Error", "{}");
		return;
	}
	js_set_str(body, q->post ? "access_token" : "token", buf_z(&token));
	js_set_int(body, "expires_in", s->life_s);
	add_reply(out, "200 OK", js_wire(body));
}

/* ---- connections ------------------------------------------------------------------------------------------------------- */

static bool is_whole(struct str in)
{
	CLEANUP(free_p) char *z = str_dup(in);
	const char *end = z ? strstr(z, "\r\n\r\n") : NULL, *length = z ? strcasestr(z, "\r\nContent-Length:") : NULL;

	return end && (!length || strlen(end + 4) >= strtoul(length + 17, NULL, 10));
}

static void serve(const struct server *s, SSL *ssl)
{
	CLEANUP(buf_done) struct buf in = BUF_INIT(REQUEST_MAX), out = BUF_INIT(REQUEST_MAX);
	struct request q = { 0 };
	char piece[4096];

	while (!is_whole(buf_str(&in))) {
		int n = SSL_read(ssl, piece, sizeof piece);

		if (n <= 0 || !buf_add_bytes(&in, piece, (size_t)n))
			return;
	}
	parse(s, buf_str(&in), &q);
	printf("%s user=%s%s", q.post ? "POST" : "GET", q.user, q.bad ? " refused" : "");
	for (size_t i = 0; i < q.n; i++)
		printf(" scope=%s", q.scopes[i]);
	puts("");
	fflush(stdout);
	answer(s, &q, &out);
	SSL_write(ssl, out.p, (int)out.n);
	SSL_shutdown(ssl);
}

static void serve_fd(const struct server *s, int fd)
{
	struct timeval limit = { .tv_sec = 10 };
	SSL *ssl = SSL_new(s->tls);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		serve(s, ssl);
	SSL_free(ssl);
	close(fd);
}

static int listen_on(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 16) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool load(struct server *s, const char *cert, const char *key)
{
	CLEANUP(file_close_p) FILE *c = fopen(cert, "r");
	CLEANUP(file_close_p) FILE *k = fopen(key, "r");

	s->cert = c ? PEM_read_X509(c, NULL, NULL, NULL) : NULL;
	s->key = k ? PEM_read_PrivateKey(k, NULL, NULL, NULL) : NULL;
	s->tls = SSL_CTX_new(TLS_server_method());
	return s->cert && s->key && s->tls && SSL_CTX_use_certificate_chain_file(s->tls, cert) == 1 && SSL_CTX_use_PrivateKey(s->tls, s->key) == 1;
}

int main(int argc, char **argv)
{
	struct server s;
	int fd;

	if (argc < 9) {
		fprintf(stderr, "usage: registry-token-server PORT CERT KEY ISSUER SERVICE USER PASSWORD IDENTITY-TOKEN [LIFE-SECONDS]\n");
		return 2;
	}
	s = (struct server){ .issuer = argv[4], .service = argv[5], .user = argv[6], .password = argv[7], .identity = argv[8] };
	s.life_s = argc > 9 ? atol(argv[9]) : 300;
	signal(SIGPIPE, SIG_IGN);
	fd = listen_on(atoi(argv[1]));
	if (!load(&s, argv[2], argv[3]) || fd < 0) {
		perror("registry-token-server");
		return 1;
	}
	for (;;) {
		int peer = accept(fd, NULL, NULL);

		if (peer >= 0)
			serve_fd(&s, peer);
	}
}
