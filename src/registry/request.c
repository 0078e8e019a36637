#include "registry/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/wipe.h"
#include "registry/explain.h"
#include "registry/url.h"

#define POLL_MS 200 /* between looks at the user's interrupt */
#define STORING_TIMES 5

/* A request on its way. */
struct exchange {
	struct registry *r;
	const struct reg_request *q;
	struct reg_reply *reply;
	struct error *err;
	int failed;        /* what a callback of ours failed with; libcurl only learns that one did */
	uint64_t moved_ms; /* when bytes moved last; our own source and sink may take as long as they like */
	int64_t sent;
	bool all_sent;
	struct curl_slist *headers;
	char detail[CURL_ERROR_SIZE];
};

#define SET(x, option, value) (x)->r->lib->easy_setopt((x)->r->easy, (option), (value))

void reg_reply_done(struct reg_reply *reply)
{
	buf_done(&reply->head);
	buf_done(&reply->body);
	free(reply->url);
	reply->url = NULL;
}

bool reg_reply_header(const struct reg_reply *reply, const char *name, size_t nth, struct str *ret)
{
	struct str rest = buf_str(&reply->head), line, key, value;

	while (rest.n) {
		str_cut(rest, '\n', &line, &rest);
		if (!str_cut(line, ':', &key, &value) || key.n != strlen(name) || strncasecmp(key.p, name, key.n) != 0)
			continue;
		if (nth-- > 0)
			continue;
		*ret = str_trim(value);
		return true;
	}
	return false;
}

char *reg_reply_text(const struct reg_reply *reply, const char *name)
{
	struct str value;

	return reg_reply_header(reply, name, 0, &value) ? str_dup(value) : NULL;
}

static ssize_t text_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct str *left = ctx;

	(void)err;
	if (n > left->n)
		n = left->n;
	if (n)
		memcpy(p, left->p, n);
	left->p += n;
	left->n -= n;
	return (ssize_t)n;
}

struct byte_source reg_text_source(struct str *left)
{
	return (struct byte_source){ .read = text_read, .ctx = left, .length = (int64_t)left->n };
}

/* ---- what libcurl calls ------------------------------------------------------------------------------------------------ */

/* Each head begins with its status line: that of an interim reply is forgotten when the next one comes. */
static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;
	struct str line = str_trim((struct str){ p, size * n }), code;

	x->moved_ms = clock_ms();
	if (str_starts(line, STR("HTTP/"))) {
		buf_clear(&x->reply->head);
		str_cut(line, ' ', NULL, &code);
		x->reply->status = code.n ? atoi(code.p) : 0; /* libcurl has checked the line and ends it with CR LF */
	} else if (line.n && !memchr(line.p, '\0', line.n)) {
		buf_add(&x->reply->head, line);
		buf_add_char(&x->reply->head, '\n');
	}
	if (x->reply->head.failed)
		x->failed = buf_check(&x->reply->head, "the head of the reply", x->err);
	return x->failed ? 0 : size * n;
}

static int take_body(struct exchange *x, const char *p, size_t n)
{
	struct reg_reply *reply = x->reply;
	bool good = reply->status >= 200 && reply->status < 300;

	if (good && x->q->sink)
		return sink_write(x->q->sink, p, n, x->err);
	if (reply->status >= 300 && reply->status < 400)
		return 0;
	/* Of a refusal the begin is enough. */
	reply->body.max = good ? reply->max : REG_ERROR_BODY_MAX;
	if (!good && n > reply->body.max - reply->body.n)
		n = reply->body.max - reply->body.n;
	if (!buf_add_bytes(&reply->body, p, n))
		return error_set(x->err, ERR_PROTOCOL, "the reply of %s is over %zu bytes", x->r->shown, reply->body.max);
	return 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;

	x->failed = take_body(x, p, size * n);
	x->moved_ms = clock_ms();
	return x->failed < 0 ? 0 : size * n;
}

/* A body of known length is neither shorter nor longer: libcurl would send on, and the registry would see a second request in it. */
static ssize_t give_body(struct exchange *x, char *p, size_t max)
{
	const struct byte_source *body = x->q->body;
	int64_t left = body->length - x->sent;
	char more;
	ssize_t n;

	if (body->length >= 0 && left < (int64_t)max)
		max = (size_t)left;
	n = max ? source_read(body, p, max, x->err) : 0;
	if (n < 0 || body->length < 0)
		return n;
	if (n == 0 && left > 0)
		return error_set(x->err, ERR_PROTOCOL, "the content ends after %lld of %lld bytes", (long long)x->sent, (long long)body->length);
	if (n == left && n > 0 && source_read(body, &more, 1, x->err) != 0)
		return x->err && x->err->kind ? -(ssize_t)x->err->kind
					      : error_set(x->err, ERR_PROTOCOL, "the content is longer than %lld bytes", (long long)body->length);
	return n;
}

static size_t on_read(char *p, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;
	ssize_t got;

	if (!x->q->body)
		return 0;
	got = give_body(x, p, size * n);
	x->moved_ms = clock_ms();
	if (got < 0) {
		x->failed = (int)got;
		return CURL_READFUNC_ABORT;
	}
	x->sent += got;
	x->all_sent = got == 0 || x->sent == x->q->body->length;
	return (size_t)got;
}

/* A kept connection that turns out to be dead is replaced by libcurl itself as long as nothing was read of the body. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
	const struct exchange *x = ctx;

	return origin == SEEK_SET && offset == x->sent ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

/* ---- settings ---------------------------------------------------------------------------------------------------------- */

static void set_method(struct exchange *x)
{
	const char *method = x->q->method;

	if (strcmp(method, "GET") == 0)
		return;
	if (strcmp(method, "HEAD") == 0) {
		SET(x, CURLOPT_NOBODY, 1L);
		return;
	}
	if (strcmp(method, "DELETE") != 0) {
		SET(x, CURLOPT_UPLOAD, 1L);
		SET(x, CURLOPT_INFILESIZE_LARGE, (curl_off_t)(x->q->body ? x->q->body->length : 0));
		SET(x, CURLOPT_UPLOAD_BUFFERSIZE, (long)BYTES_PIECE);
	}
	SET(x, CURLOPT_CUSTOMREQUEST, method);
}

static int add_header(struct exchange *x, const char *line, struct error *err)
{
	struct curl_slist *more;

	if (strpbrk(line, "\r\n"))
		return error_set(err, ERR_USAGE, "a line break in the header %.40s", line);
	more = x->r->lib->slist_append(x->headers, line);
	if (!more)
		return error_set(err, ERR_SYSTEM, "header: out of memory");
	x->headers = more;
	return 0;
}

static int set_headers(struct exchange *x, struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf line = BUF_INIT(REG_HEAD_MAX);
	/* An empty Expect takes away the one that libcurl adds to large bodies, after which it would wait a second for an answer. */
	int r = add_header(x, "Expect:", err);

	if (r == 0)
		r = add_header(x, "Docker-Distribution-API-Version: registry/2.0", err);
	for (size_t i = 0; r == 0 && x->q->headers && x->q->headers[i]; i++)
		r = add_header(x, x->q->headers[i], err);
	if (r == 0 && x->q->authorization) {
		buf_addf(&line, "Authorization: %s", x->q->authorization);
		r = line.failed ? buf_check(&line, "credentials", err) : add_header(x, buf_z(&line), err);
	}
	SET(x, CURLOPT_HTTPHEADER, x->headers);
	return r;
}

/* Go's clients, and so all users of registries, never ask a proxy for this machine, and read HTTP_PROXY in capitals too. */
static void set_proxy(struct exchange *x)
{
	const char *upper = getenv("HTTP_PROXY");

	if (reg_url_is_loopback(x->q->url))
		SET(x, CURLOPT_NOPROXY, "*");
	else if (!reg_url_is_https(x->q->url) && !getenv("http_proxy") && upper && *upper && !getenv("REQUEST_METHOD"))
		SET(x, CURLOPT_PROXY, upper);
}

static int set_tls(struct exchange *x, struct error *err)
{
	if (x->r->insecure) {
		SET(x, CURLOPT_SSL_VERIFYPEER, 0L);
		SET(x, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	return reg_trust_apply(x->r->whole ? x->r->whole : &x->r->shared->trust, x->r->lib, x->r->easy, err);
}

static int set_up(struct exchange *x, struct error *err)
{
	int r;

	x->r->lib->easy_reset(x->r->easy);
	SET(x, CURLOPT_URL, x->q->url);
	SET(x, CURLOPT_USERAGENT, x->r->user_agent);
	SET(x, CURLOPT_NOSIGNAL, 1L);
	SET(x, CURLOPT_ERRORBUFFER, x->detail);
	SET(x, CURLOPT_CONNECTTIMEOUT_MS, (long)REGISTRY_CONNECT_MS);
	SET(x, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(x, CURLOPT_BUFFERSIZE, (long)BYTES_PIECE);
	SET(x, CURLOPT_HEADERFUNCTION, on_header);
	SET(x, CURLOPT_HEADERDATA, x);
	SET(x, CURLOPT_WRITEFUNCTION, on_body);
	SET(x, CURLOPT_WRITEDATA, x);
	SET(x, CURLOPT_READFUNCTION, on_read);
	SET(x, CURLOPT_READDATA, x);
	SET(x, CURLOPT_SEEKFUNCTION, on_seek);
	SET(x, CURLOPT_SEEKDATA, x);
	set_method(x);
	set_proxy(x);
	r = set_tls(x, err);
	return r < 0 ? r : set_headers(x, err);
}

/* ---- the exchange ------------------------------------------------------------------------------------------------------ */

/* After the last byte of an upload a registry moves it to its storage, which may take its time. */
static unsigned patience_ms(const struct exchange *x)
{
	bool storing = strcmp(x->q->method, "PUT") == 0 && (!x->q->body || x->all_sent);

	return storing ? STORING_TIMES * x->r->stall_ms : x->r->stall_ms;
}

/* Ended from here: the user does not want it any more, or nothing moves. */
static int given_up(struct exchange *x, CURLcode *ret_code)
{
	struct registry *r = x->r;

	if (r->interrupted && r->interrupted(r->ctx))
		return error_set(x->err, ERR_INTERRUPTED, "interrupted");
	if (clock_ms() - x->moved_ms > patience_ms(x)) {
		snprintf(x->detail, sizeof x->detail, "nothing moved for %u seconds", patience_ms(x) / 1000);
		*ret_code = CURLE_OPERATION_TIMEDOUT;
	}
	return 0;
}

static CURLcode result_of(struct registry *r)
{
	int left;

	for (CURLMsg *m; (m = r->lib->multi_info_read(r->multi, &left));)
		if (m->msg == CURLMSG_DONE && m->easy_handle == r->easy)
			return m->data.result;
	return CURLE_RECV_ERROR;
}

/* Moves bytes until the reply is there; then *ret_code is libcurl's result. */
static int drive(struct exchange *x, CURLcode *ret_code)
{
	struct registry *r = x->r;
	CURLMcode code = CURLM_OK;
	int running = 1, ret;

	*ret_code = CURLE_OK;
	for (;;) {
		code = r->lib->multi_perform(r->multi, &running);
		if (code != CURLM_OK)
			break;
		if (!running) {
			*ret_code = result_of(r);
			return 0;
		}
		ret = given_up(x, ret_code);
		if (ret < 0 || *ret_code != CURLE_OK)
			return ret;
		code = r->lib->multi_poll(r->multi, NULL, 0, POLL_MS, NULL);
		if (code != CURLM_OK)
			break;
	}
	return error_set(x->err, ERR_SYSTEM, "libcurl: %s", r->lib->multi_strerror(code));
}

static void forget_reply(struct reg_reply *reply, const char *url)
{
	reply->status = 0;
	reply->code = CURLE_OK;
	buf_clear(&reply->head);
	buf_clear(&reply->body);
	if (reply->url != url) {
		free(reply->url);
		reply->url = z_dup(url);
	}
}

static int perform(struct exchange *x)
{
	struct registry *r = x->r;
	CURLcode code = CURLE_OK;
	int ret;

	if (r->lib->multi_add_handle(r->multi, r->easy) != CURLM_OK)
		return error_set(x->err, ERR_SYSTEM, "libcurl takes no request");
	ret = drive(x, &code);
	if (x->failed < 0) {
		ret = x->failed;
	} else if (ret == 0 && code != CURLE_OK) {
		x->reply->code = code;
		ret = reg_explain(r, x->q, code, x->detail, x->err);
	}
	r->lib->multi_remove_handle(r->multi, r->easy);
	return ret;
}

/* The folder of hashed names has no CA for this certificate; the bundle may. True: nothing was sent yet, and another try may do. */
static bool widen_trust(struct registry *r, const struct reg_reply *reply)
{
	if (reply->code != CURLE_PEER_FAILED_VERIFICATION || r->whole || !r->shared->trust.folder)
		return false;
	r->whole = calloc(1, sizeof *r->whole);
	if (!r->whole)
		return false;
	*r->whole = REG_TRUST_INIT;
	return reg_trust_load_whole(r->whole, r->lib, r->shared->trust.cert_dir, NULL) == 0;
}

static int request(struct registry *r, const struct reg_request *q, struct reg_reply *reply, struct error *err)
{
	CLEANUP(error_done) struct error own = ERROR_INIT;
	struct exchange x = { .r = r, .q = q, .reply = reply, .err = &own, .moved_ms = clock_ms() };
	int ret;

	forget_reply(reply, q->url);
	ret = set_up(&x, &own);
	if (ret == 0)
		ret = perform(&x);
	r->lib->slist_free_all(x.headers);
	if (ret < 0 && err)
		error_move(err, &own);
	return ret;
}

int reg_request(struct registry *r, const struct reg_request *q, struct reg_reply *reply, struct error *err)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	int ret = request(r, q, reply, &why);

	if (ret < 0 && widen_trust(r, reply)) {
		error_clear(&why);
		ret = request(r, q, reply, &why);
	}
	if (ret < 0 && err)
		error_move(err, &why);
	return ret;
}
