#include "image/store_pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "config/auth.h"
#include "config/registries.h"
#include "image/reference.h"
#include "image/store_own.h"

struct store_pool {
	char *host, *path, *cert_dir;
	struct credentials credentials; /* that were looked up */
	struct registry_options options;
	const struct store_options *wanted;
	pthread_mutex_t lock;
	struct registry *idle[POOL_KEPT];
	size_t n;
	struct registry *pattern; /* of the others: it knows what the first one learned, and is never used itself */
	bool has_tokens;          /* the pattern was made after a first call */
	size_t opened;            /* without a pattern */
};

/* People read one line at a time, whoever writes it. */
static void tell_retry(void *ctx, const char *why, unsigned delay_ms)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	const struct store_pool *p = ctx;

	pthread_mutex_lock(&lock);
	p->wanted->retrying(p->wanted->ctx, why, delay_ms);
	pthread_mutex_unlock(&lock);
}

static bool ask_interrupted(void *ctx)
{
	const struct store_pool *p = ctx;

	return p->wanted->interrupted(p->wanted->ctx);
}

static int find_credentials(struct store_pool *p, const struct pool_req *q, struct error *err)
{
	const struct store_options *o = p->wanted;
	bool own = strcmp(p->host, q->user_host) == 0;
	int r;

	if (own && o->registry_token) {
		p->options.bearer_token = o->registry_token;
		return 0;
	}
	if (o->no_creds)
		return 0;
	if (own && o->credentials) {
		p->options.credentials = o->credentials;
		return 0;
	}
	r = auth_lookup(o->authfile, q->repository, &p->credentials, err);
	p->options.credentials = &p->credentials;
	return r;
}

static int find_trust(struct store_pool *p, const struct pool_req *q, struct error *err)
{
	const struct store_options *o = p->wanted;
	int r = 0;

	p->options.insecure = o->tls_verify < 0 ? q->insecure : o->tls_verify == 0;
	if (o->cert_dir)
		p->cert_dir = z_dup(o->cert_dir);
	else
		r = registries_cert_dir(p->host, &p->cert_dir, err);
	p->options.cert_dir = p->cert_dir;
	return r;
}

static int set_up(struct store_pool *p, const struct pool_req *q, struct error *err)
{
	struct str host, path;
	int r;

	if (!str_cut(str_from(q->repository), '/', &host, &path))
		return error_set(err, ERR_USAGE, "invalid repository name \"%s\"", q->repository);
	p->host = str_dup(host);
	p->path = str_dup(path);
	if (!p->host || !p->path)
		return store_no_memory(err);
	r = find_credentials(p, q, err);
	if (r == 0)
		r = find_trust(p, q, err);
	p->options.user_agent = p->wanted->user_agent;
	p->options.interrupted = p->wanted->interrupted ? ask_interrupted : NULL;
	p->options.retrying = p->wanted->retrying ? tell_retry : NULL;
	p->options.hasty = true;
	p->options.ctx = p;
	return r;
}

int store_pool_open(const struct pool_req *q, const struct store_options *o, struct store_pool **ret, struct error *err)
{
	CLEANUP(store_pool_close_p) struct store_pool *p = calloc(1, sizeof *p);
	int r;

	if (!p)
		return store_no_memory(err);
	pthread_mutex_init(&p->lock, NULL);
	p->wanted = o;
	r = set_up(p, q, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&p);
	return 0;
}

/* Under the lock: when several threads come at once, one of them finds out for all. The first of all just speaks. */
static int open_client(struct store_pool *p, struct registry **ret, struct error *err)
{
	CLEANUP(registry_close_p) struct registry *r = NULL;
	int code;

	if (p->pattern)
		return registry_open_beside(p->pattern, ret, err);
	code = registry_open(p->host, &p->options, &r, err);
	if (code == 0 && p->opened++ > 0 && (code = registry_contact(r, err)) == 0)
		code = registry_open_beside(r, &p->pattern, err);
	if (code < 0)
		return code;
	*ret = ptr_take(&r);
	return 0;
}

int store_pool_take(struct store_pool *p, struct registry **ret, struct error *err)
{
	int r = 0;

	pthread_mutex_lock(&p->lock);
	if (p->n)
		*ret = p->idle[--p->n];
	else
		r = open_client(p, ret, err);
	pthread_mutex_unlock(&p->lock);
	return r;
}

/* The token of the first call is good for most others. */
static void teach(struct store_pool *p, const struct registry *r)
{
	struct registry *better = NULL;

	if (p->has_tokens || registry_open_beside(r, &better, NULL) < 0)
		return;
	registry_close_p(&p->pattern);
	p->pattern = better;
	p->has_tokens = true;
}

void store_pool_give(struct store_pool *p, struct registry *r)
{
	pthread_mutex_lock(&p->lock);
	if (r)
		teach(p, r);
	if (r && p->n < ARRAY_LEN(p->idle)) {
		p->idle[p->n++] = r;
		r = NULL;
	}
	pthread_mutex_unlock(&p->lock);
	registry_close_p(&r);
}

const char *store_pool_path(const struct store_pool *p)
{
	return p->path;
}

void store_pool_close_p(struct store_pool **pp)
{
	struct store_pool *p = ptr_take(pp);

	if (!p)
		return;
	while (p->n)
		registry_close_p(&p->idle[--p->n]);
	registry_close_p(&p->pattern);
	pthread_mutex_destroy(&p->lock);
	credentials_done(&p->credentials);
	free(p->cert_dir);
	free(p->host);
	free(p->path);
	free(p);
}
