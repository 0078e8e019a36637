#include "registry/explain.h"

#include <ctype.h>
#include <errno.h>

#include "base/cleanup.h"

/* X509_V_ERR_* of OpenSSL and LibreSSL, <openssl/x509_vfy.h>, as CURLINFO_SSL_VERIFYRESULT hands them on. */
enum { CERT_NOT_YET_VALID = 9, CERT_HAS_EXPIRED = 10, SELF_SIGNED = 18, SELF_SIGNED_IN_CHAIN = 19, NO_ISSUER = 20, NO_ISSUER_OF_LEAF = 21 };

#define UNKNOWN_AUTHORITY "x509: certificate signed by unknown authority"

/* "Get" of "GET", as Go's client writes it. */
static const char *verb(const char *method, char ret[16])
{
	size_t i = 0;

	for (; i < 15 && method[i]; i++)
		ret[i] = (char)(i ? tolower((unsigned char)method[i]) : method[i]);
	ret[i] = '\0';
	return ret;
}

/* "HOST:PORT" of an address. */
static struct str authority(const char *url)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	return (struct str){ host, strcspn(host, "/?#") };
}

static struct str host_of(const char *url)
{
	struct str s = authority(url), host;

	if (s.n && s.p[0] == '[')
		return (struct str){ s.p + 1, strcspn(s.p + 1, "]") };
	str_cut(s, ':', &host, NULL);
	return host;
}

/* libcurl names the host that it failed to connect to: it is the proxy, when it is not the one of the address. */
static bool is_about_proxy(const char *url, const char *detail)
{
	struct str host = host_of(url);

	return *detail && host.n && !memmem(detail, strlen(detail), host.p, host.n);
}

static void explain_connect(struct registry *r, const char *url, const char *detail, struct buf *out)
{
	struct str to = authority(url);
	long sys = 0;

	r->lib->easy_getinfo(r->easy, CURLINFO_OS_ERRNO, &sys);
	if (is_about_proxy(url, detail))
		buf_addf(out, "proxyconnect tcp: %s", detail);
	else if (!sys)
		buf_addf(out, "dial tcp %.*s: %s", STR_ARG(to), *detail ? detail : "connection refused");
	else
		buf_addf(out, "dial tcp %.*s: connect: %s", STR_ARG(to), sys == ECONNREFUSED ? "connection refused" : strerror((int)sys));
}

static void explain_certificate(struct registry *r, const char *url, const char *detail, struct buf *out)
{
	long result = 0;

	r->lib->easy_getinfo(r->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	if (result == SELF_SIGNED || result == SELF_SIGNED_IN_CHAIN || result == NO_ISSUER || result == NO_ISSUER_OF_LEAF)
		buf_add_z(out, UNKNOWN_AUTHORITY);
	else if (result == CERT_HAS_EXPIRED || result == CERT_NOT_YET_VALID)
		buf_add_z(out, "x509: certificate has expired or is not yet valid");
	else if (strstr(detail, "subject name"))
		buf_addf(out, "x509: certificate is not valid for %.*s", STR_ARG(host_of(url)));
	else
		buf_addf(out, "x509: %s", *detail ? detail : "the certificate could not be verified");
}

/* OpenSSL 3, OpenSSL 1.1 and LibreSSL, GnuTLS, Secure Transport: what each says when the first bytes are no TLS. */
static bool is_plain_http(const char *detail)
{
	static const char *const words[] = { "wrong version number", "packet length too long", "unexpected TLS packet", "-9806", "record layer failure" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strstr(detail, words[i]))
			return true;
	return false;
}

static void explain_code(struct registry *r, const struct reg_request *q, CURLcode code, const char *detail, struct buf *out)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		buf_addf(out, "dial tcp: lookup %.*s: no such host", STR_ARG(host_of(q->url)));
		break;
	case CURLE_COULDNT_RESOLVE_PROXY:
		buf_addf(out, "proxyconnect tcp: %s", *detail ? detail : "the proxy's name is not known");
		break;
	case CURLE_COULDNT_CONNECT:
		explain_connect(r, q->url, detail, out);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		buf_addf(out, "context deadline exceeded (%s)", *detail ? detail : "no answer");
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
		explain_certificate(r, q->url, detail, out);
		break;
	case CURLE_GOT_NOTHING:
		buf_add_z(out, "EOF");
		break;
	case CURLE_PARTIAL_FILE:
		buf_add_z(out, "unexpected EOF");
		break;
	default:
		if (code == CURLE_SSL_CONNECT_ERROR && is_plain_http(detail))
			buf_add_z(out, "http: server gave HTTP response to HTTPS client");
		else
			buf_addf(out, "%s (libcurl error %d)", *detail ? detail : r->lib->easy_strerror(code), (int)code);
	}
}

int reg_explain(struct registry *r, const struct reg_request *q, CURLcode code, const char *detail, struct error *err)
{
	CLEANUP(buf_done) struct buf why = BUF_INIT(8 * 1024);
	char method[16];
	int ret;

	explain_code(r, q, code, detail, &why);
	/* A query may be the signature of a storage service: it is a secret, and long. */
	ret = error_set(err, ERR_CONNECT, "%s \"%.*s\": %s", verb(q->method, method), (int)strcspn(q->url, "?"), q->url, buf_z(&why));
	if (strstr(buf_z(&why), UNKNOWN_AUTHORITY))
		error_hint(err, "a CA of your own goes to /etc/containers/certs.d/%.*s/ca.crt or into the folder that --cert-dir names; --tls-verify=false checks nothing",
			   STR_ARG(authority(q->url)));
	return ret;
}

bool reg_code_passes(CURLcode code)
{
	switch (code) {
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_FAIL_REWIND:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return true;
	default:
		return false;
	}
}
