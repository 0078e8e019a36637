/* rest/spec_port.c: --publish [[IP:][HOST]:]CONTAINER[/PROTOCOL] and --expose, with ranges. */
#include <arpa/inet.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/spec.h"

static int parse_port(struct str text, int64_t *ret, struct error *err)
{
	if (!int_parse(text, ret))
		return error_set(err, ERR_USAGE, "invalid port number: \"%.*s\"", STR_ARG(text));
	if (*ret < 1 || *ret > 65535)
		return error_set(err, ERR_USAGE, "port numbers must be between 1 and 65535 (inclusive), got %lld", (long long)*ret);
	return 0;
}

/* N or N-M */
static int parse_range(struct str text, int64_t *ret_start, int64_t *ret_n, struct error *err)
{
	struct str first, rest;
	bool is_range = str_cut(text, '-', &first, &rest);
	int64_t end;
	int r;

	if (is_range && memchr(rest.p, '-', rest.n))
		return error_set(err, ERR_USAGE, "invalid port format - port ranges are formatted as startPort-stopPort: %.*s",
				 STR_ARG(text));
	if (first.n == 0)
		return error_set(err, ERR_USAGE, "port numbers cannot be negative: %.*s", STR_ARG(text));
	if (is_range && rest.n == 0)
		return error_set(err, ERR_USAGE, "must provide ending number for port range: %.*s", STR_ARG(text));
	*ret_n = 1;
	r = parse_port(first, ret_start, err);
	if (r < 0 || !is_range)
		return r;
	r = parse_port(rest, &end, err);
	if (r < 0)
		return r;
	if (end <= *ret_start)
		return error_set(err, ERR_USAGE,
				 "the end port of a range must be higher than the start port - %lld is not higher than %lld",
				 (long long)end, (long long)*ret_start);
	*ret_n = end - *ret_start + 1;
	return 0;
}

struct port {
	struct str ip, host, container, protocol;
	bool has_ip, has_host, has_protocol;
};

/* [IPv6]:HOST:CONTAINER */
static int split_v6(struct str text, struct port *p, struct error *err)
{
	const char *end = memchr(text.p, ']', text.n);
	struct str rest = { end + 1, text.n - (size_t)(end + 1 - text.p) };

	if (text.p[0] != '[')
		return error_set(err, ERR_USAGE, "invalid port format - IPv6 addresses must be enclosed by []: %.*s",
				 STR_ARG(text));
	if (rest.n == 0 || rest.p[0] != ':')
		return error_set(err, ERR_USAGE, "invalid port format - IPv6 address must be followed by a colon (':'): %.*s",
				 STR_ARG(text));
	p->has_ip = p->has_host = true;
	p->ip = (struct str){ text.p + 1, (size_t)(end - text.p) - 1 };
	if (!str_cut((struct str){ rest.p + 1, rest.n - 1 }, ':', &p->host, &p->container))
		return error_set(err, ERR_USAGE,
				 "invalid port format - must provide host and destination port if specifying an IP: %.*s",
				 STR_ARG(text));
	return 0;
}

static int split_ports(struct str text, struct port *p, struct error *err)
{
	struct str parts[3];
	size_t n = 0;

	if (memchr(text.p, ']', text.n))
		return split_v6(text, p, err);
	for (bool more = true; more; n++) {
		if (n == ARRAY_LEN(parts))
			return error_set(err, ERR_USAGE, "invalid port format - format is [[hostIP:]hostPort:]containerPort: %.*s",
					 STR_ARG(text));
		more = str_cut(text, ':', &parts[n], &text);
	}
	p->container = parts[n - 1];
	p->has_host = n > 1;
	p->has_ip = n > 2;
	if (n > 1)
		p->host = parts[n - 2];
	if (n > 2)
		p->ip = parts[0];
	return 0;
}

static int split_publish(const char *text, struct port *p, struct error *err)
{
	struct str ports;

	*p = (struct port){ .ip = STR("") };
	p->has_protocol = str_cut(str_from(text), '/', &ports, &p->protocol);
	if (p->has_protocol && memchr(p->protocol.p, '/', p->protocol.n))
		return error_set(err, ERR_USAGE, "invalid port format - protocol can only be specified once: %s", text);
	if (p->has_protocol && p->protocol.n == 0)
		return error_set(err, ERR_USAGE, "must provide a non-empty protocol to publish: %s", text);
	return split_ports(ports, p, err);
}

/* The address as the API wants it: none for all of IPv4. */
static int host_ip(const struct port *p, char *ret, size_t size, struct error *err)
{
	unsigned char bytes[16];
	char text[INET6_ADDRSTRLEN + 1];

	*ret = '\0';
	if (!p->has_ip || str_eq(p->ip, STR("0.0.0.0")))
		return 0;
	if (p->ip.n == 0)
		return error_set(err, ERR_USAGE, "must provide a non-empty container host IP to publish");
	snprintf(text, sizeof text, "%.*s", STR_ARG(p->ip));
	for (int i = 0; i < 2 && p->ip.n < sizeof text; i++) {
		int family = i ? AF_INET6 : AF_INET;

		if (inet_pton(family, text, bytes) == 1 && inet_ntop(family, bytes, ret, (socklen_t)size))
			return 0;
	}
	return error_set(err, ERR_USAGE, "cannot parse \"%.*s\" as an IP address", STR_ARG(p->ip));
}

static int add_port(struct spec *s, const struct spec_row *row, const char *text, struct error *err)
{
	char ip[INET6_ADDRSTRLEN];
	int64_t container, n, host = 0, host_n;
	struct json_object *o;
	struct port p;
	int r = split_publish(text, &p, err);

	if (r == 0 && p.container.n == 0)
		r = error_set(err, ERR_USAGE, "must provide a non-empty container port to publish: %s", text);
	if (r == 0)
		r = host_ip(&p, ip, sizeof ip, err);
	if (r < 0)
		return r;
	if ((r = parse_range(p.container, &container, &n, err)) < 0)
		return error_context(err, "parsing container port");
	if (p.has_host && p.host.n) { /* an empty one lets the service choose */
		if ((r = parse_range(p.host, &host, &host_n, err)) < 0)
			return error_context(err, "parsing host port");
		if (host_n != n)
			return error_set(err, ERR_USAGE, "host and container port ranges have different lengths: %lld vs %lld",
					 (long long)host_n, (long long)n);
	}
	o = json_object_new_object();
	js_set_str(o, "host_ip", ip);
	js_set_int(o, "container_port", container);
	js_set_int(o, "host_port", host);
	js_set_int(o, "range", n);
	js_set(o, "protocol", js_strn(p.protocol));
	json_object_array_add(spec_list(s, row->field), o);
	return 0;
}

int spec_put_ports(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	for (size_t i = 0; i < values->n; i++) {
		int r = add_port(s, row, values->v[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* {"81":"tcp"}; more protocols of one port are joined with commas. */
static void expose(struct json_object *map, int64_t port, struct str protocol)
{
	CLEANUP(buf_done) struct buf joined = BUF_INIT(4096);
	char key[8];
	const char *have;

	snprintf(key, sizeof key, "%d", (int)port);
	have = js_get_str(map, key, NULL);
	buf_addf(&joined, "%s%s", have ? have : "", have ? "," : "");
	buf_add(&joined, protocol);
	js_set(map, key, js_strn(buf_str(&joined)));
}

int spec_put_expose(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	for (size_t i = 0; i < values->n; i++) {
		struct str ports, protocol;
		int64_t start, n;
		int r;

		if (!str_cut(str_from(values->v[i]), '/', &ports, &protocol))
			protocol = STR("tcp");
		if (memchr(protocol.p, '/', protocol.n))
			return error_set(err, ERR_USAGE, "invalid expose format - protocol can only be specified once: %s",
					 values->v[i]);
		r = parse_range(ports, &start, &n, err);
		if (r < 0)
			return r;
		for (int64_t k = 0; k < n; k++)
			expose(spec_map(s, row->field), start + k, protocol);
	}
	return 0;
}
