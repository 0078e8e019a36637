/* rest/spec_network.c: --network in all its forms, addresses, aliases, DNS and hosts.
 *
 * From 4.0 on a container's networks are a map with addresses and names for each; before, they are a list of names with one address for
 * all. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/spec.h"

static bool is_ip(struct str text, int family)
{
	unsigned char bytes[16];
	char z[INET6_ADDRSTRLEN];

	if (text.n >= sizeof z)
		return false;
	snprintf(z, sizeof z, "%.*s", STR_ARG(text));
	return inet_pton(family, z, bytes) == 1;
}

static bool is_any_ip(struct str text)
{
	return is_ip(text, AF_INET) || is_ip(text, AF_INET6);
}

/* aa:bb:cc:dd:ee:ff or with dashes. */
static bool parse_mac(struct str text, unsigned char ret[6])
{
	char z[18];
	int end = 0;

	if (text.n != 17)
		return false;
	memcpy(z, text.p, 17);
	z[17] = '\0';
	for (size_t i = 2; i < 17; i += 3) {
		if (z[i] != text.p[2] || (z[i] != ':' && z[i] != '-'))
			return false;
		z[i] = ':';
	}
	return strspn(z, "0123456789abcdefABCDEF:") == 17 &&
	       sscanf(z, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &ret[0], &ret[1], &ret[2], &ret[3], &ret[4], &ret[5], &end) ==
		       6 &&
	       end == 17;
}

static int bad_mac(struct str text, struct error *err)
{
	return error_set(err, ERR_USAGE, "address %.*s: invalid MAC address", STR_ARG(text));
}

/* Hosts and DNS. */

int spec_put_hosts(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	for (size_t i = 0; i < values->n; i++) {
		struct str host, ip;

		if (!str_cut(str_from(values->v[i]), ':', &host, &ip) || host.n == 0)
			return error_set(err, ERR_USAGE, "bad format for add-host: \"%s\"", values->v[i]);
		if (!str_eq(ip, STR("host-gateway")) && !is_any_ip(ip))
			return error_set(err, ERR_USAGE, "invalid IP address in add-host: \"%.*s\"", STR_ARG(ip));
	}
	return spec_put_list(s, row, values, err);
}

int spec_put_dns(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	if (strv_has(values, "none")) {
		if (values->n > 1)
			return error_set(err, ERR_USAGE, "none is not allowed to be specified with other DNS ip addresses");
		js_set_bool(s->o, "use_image_resolv_conf", true);
		return 0;
	}
	for (size_t i = 0; i < values->n; i++)
		if (!is_any_ip(str_from(values->v[i])))
			return error_set(err, ERR_USAGE, "%s is not an ip address", values->v[i]);
	return spec_put_list(s, row, values, err);
}

/* Options of one network, as 4.0 has them. */

static struct json_object *list_in(struct json_object *o, const char *key)
{
	struct json_object *list = js_get(o, key);

	if (!list) {
		list = json_object_new_array();
		js_set(o, key, list);
	}
	return list;
}

static int put_network_option(struct spec *s, struct json_object *net, struct str word, struct error *err)
{
	unsigned char mac[6];
	struct str key, value;

	str_cut(word, '=', &key, &value);
	if (str_eq(key, STR("ip")) || str_eq(key, STR("ip6"))) {
		if (!is_any_ip(value))
			return error_set(err, ERR_USAGE, "invalid ip address \"%.*s\"", STR_ARG(value));
		json_object_array_add(list_in(net, "static_ips"), js_strn(value));
	} else if (str_eq(key, STR("mac"))) {
		if (!parse_mac(value, mac))
			return bad_mac(value, err);
		js_set(net, "static_mac", js_strn(value));
	} else if (str_eq(key, STR("alias")) || str_eq(key, STR("interface_name"))) {
		if (value.n == 0)
			return error_set(err, ERR_USAGE, "%.*s cannot be empty", STR_ARG(key));
		if (str_eq(key, STR("alias")))
			json_object_array_add(list_in(net, "aliases"), js_strn(value));
		else
			js_set(net, "interface_name", js_strn(value));
	} else {
		CLEANUP(free_p) char *k = str_dup(key);
		struct json_object *options = js_get(net, "options");

		if (!spec_at_least(s, V(5, 4)))
			return error_set(err, ERR_USAGE, "unknown bridge network option: %.*s", STR_ARG(key));
		if (!options) {
			options = json_object_new_object();
			js_set(net, "options", options);
		}
		js_set(options, k ? k : "", js_strn(value));
	}
	return 0;
}

static int add_network(struct spec *s, struct json_object *nets, struct str name, struct str options, struct error *err)
{
	CLEANUP(free_p) char *key = str_dup(name);
	struct json_object *net = json_object_new_object();
	struct str word;

	if (name.n == 0 || !key) {
		json_object_put(net);
		return error_set(err, ERR_USAGE, "network name cannot be empty");
	}
	js_set(nets, key, net);
	for (bool more = options.n > 0; more;) {
		int r;

		more = str_cut(options, ',', &word, &options);
		r = put_network_option(s, net, word, err);
		if (r < 0)
			return error_context(err, "invalid option for network %s", key);
	}
	return 0;
}

/* Modes. */

static void set_mode(struct spec *s, const char *mode, struct str value)
{
	spec_set_namespace(s, "netns", mode, value);
}

/* slirp4netns[:options], pasta[:options] */
static int set_user_mode(struct spec *s, const char *mode, struct str options, struct error *err)
{
	if (strcmp(mode, "pasta") == 0 && !spec_at_least(s, V(4, 4)))
		return spec_unsupported(s, err, "network pasta");
	set_mode(s, mode, STR(""));
	if (options.n)
		js_set(spec_map(s, "network_options"), mode, spec_split(options, ','));
	return 0;
}

/* a,b: the older spelling of two networks. */
static int add_network_list(struct spec *s, struct json_object *nets, struct str list, struct error *err)
{
	struct str name;

	for (bool more = true; more;) {
		int r;

		more = str_cut(list, ',', &name, &list);
		r = add_network(s, nets, name, STR(""), err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* 1: a bridge, to which further networks may be added; 0: another mode. */
static int put_first(struct spec *s, struct json_object *nets, const char *text, struct error *err)
{
	struct str mode, rest;
	bool has_rest = str_cut(str_from(text), ':', &mode, &rest);
	int r;

	if (!*text || strcmp(text, "default") == 0 || strcmp(text, "private") == 0)
		set_mode(s, "private", STR(""));
	else if (strcmp(text, "none") == 0 || strcmp(text, "host") == 0 || strcmp(text, "pod") == 0)
		set_mode(s, text, STR(""));
	else if (has_rest && str_eq(mode, STR("ns")))
		set_mode(s, "path", rest);
	else if (has_rest && str_eq(mode, STR("container")))
		set_mode(s, "container", rest);
	else if (str_eq(mode, STR("slirp4netns")))
		return set_user_mode(s, "slirp4netns", rest, err);
	else if (str_eq(mode, STR("pasta")))
		return set_user_mode(s, "pasta", rest, err);
	else {
		set_mode(s, "bridge", STR(""));
		if (str_eq(mode, STR("bridge")))
			r = add_network(s, nets, STR("default"), rest, err);
		else if (has_rest)
			r = add_network(s, nets, mode, rest, err);
		else
			r = add_network_list(s, nets, mode, err);
		return r < 0 ? r : 1;
	}
	return 0;
}

static int put_further(struct spec *s, struct json_object *nets, const char *text, struct error *err)
{
	static const char *const modes[] = { "bridge",  "slirp4netns", "pasta", "pod",       "none",
					     "default", "private",     "ns",    "container", "host" };
	struct str name, rest;

	str_cut(str_from(text), ':', &name, &rest);
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (str_eq_z(name, modes[i]))
			return error_set(
				err, ERR_USAGE,
				"can only set extra network names, selected mode %s conflicts with bridge: invalid argument",
				modes[i]);
	return add_network(s, nets, name, rest, err);
}

static int put_networks(struct spec *s, struct json_object *nets, struct error *err)
{
	const struct flag *f = flags_find(s->flags, "network");
	int bridge;

	f = f ? f : flags_find(s->flags, "net");
	if (!f || !f->values.n)
		return 0;
	bridge = put_first(s, nets, f->values.v[0], err);
	if (bridge < 0)
		return bridge;
	for (size_t i = 1; i < f->values.n; i++) {
		int r;

		if (!bridge)
			return error_set(
				err, ERR_USAGE,
				"cannot set multiple networks without bridge network mode, selected mode %s: invalid argument",
				f->values.v[0]);
		r = put_further(s, nets, f->values.v[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Flags that give the one network an address or a name. */

static const struct {
	const char *flag, *option;
} address_flags[] = { { "ip", "ip" }, { "ip6", "ip6" }, { "mac-address", "mac" }, { "network-alias", "alias" } };

static int check_address(const char *flag, const char *text, struct error *err)
{
	if (strcmp(flag, "ip") == 0 && !is_ip(str_from(text), AF_INET))
		return error_set(err, ERR_USAGE,
				 is_any_ip(str_from(text)) ? "%s is not an IPv4 address: invalid argument"
							   : "%s is not an ip address",
				 text);
	if (strcmp(flag, "ip6") == 0 && !is_ip(str_from(text), AF_INET6))
		return error_set(err, ERR_USAGE,
				 is_any_ip(str_from(text)) ? "%s is not an IPv6 address: invalid argument"
							   : "%s is not an ip address",
				 text);
	return 0;
}

/* The network that the flag is about. Aliases count for all. */
static int only_network(struct spec *s, struct json_object *nets, const char *flag, struct json_object **ret, struct error *err)
{
	const char *mode = js_get_str(js_get(s->o, "netns"), "nsmode", "bridge");

	if (strcmp(mode, "bridge") != 0 && strcmp(mode, "private") != 0)
		return error_set(err, ERR_USAGE, "--%s can only be set when the network mode is bridge, it is %s: invalid argument",
				 flag, mode);
	if (json_object_object_length(nets) > 1)
		return error_set(err, ERR_USAGE, "--%s can only be set for a single network", flag);
	if (json_object_object_length(nets) == 0) {
		set_mode(s, "bridge", STR(""));
		js_set(nets, "default", json_object_new_object());
	}
	json_object_object_foreach(nets, name, net)
	{
		(void)name;
		*ret = net;
	}
	return 0;
}

static int put_address(struct spec *s, struct json_object *nets, const char *flag, const char *option, const char *text,
		       struct error *err)
{
	CLEANUP(buf_done) struct buf word = BUF_INIT(4096);
	struct json_object *net = NULL;
	int r = check_address(flag, text, err);

	buf_addf(&word, "%s=%s", option, text);
	if (r == 0)
		r = buf_check(&word, flag, err);
	if (r < 0)
		return r;
	if (strcmp(flag, "network-alias") == 0 && json_object_object_length(nets) > 1) {
		json_object_object_foreach(nets, name, each)
		{
			(void)name;
			json_object_array_add(list_in(each, "aliases"), js_str(text));
		}
		return 0;
	}
	r = only_network(s, nets, flag, &net, err);
	return r < 0 ? r : put_network_option(s, net, buf_str(&word), err);
}

static int put_addresses(struct spec *s, struct json_object *nets, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(address_flags); i++) {
		const struct flag *f = flags_find(s->flags, address_flags[i].flag);

		for (size_t k = 0; f && k < f->values.n; k++) {
			int r = *f->values.v[k] ? put_address(s, nets, f->name, address_flags[i].option, f->values.v[k], err) : 0;

			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* 2.x and 3.x. */

/* Six bytes in base64, which is how Go writes a list of bytes: what these versions read. */
static struct json_object *mac_base64(const unsigned char b[6])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char out[9] = "";

	for (size_t i = 0; i < 2; i++) {
		unsigned v = (unsigned)b[3 * i] << 16 | (unsigned)b[3 * i + 1] << 8 | b[3 * i + 2];

		for (size_t k = 0; k < 4; k++)
			out[4 * i + k] = digits[v >> (18 - 6 * k) & 63];
	}
	return js_str(out);
}

static int put_old_address(struct spec *s, const char *name, struct json_object *net, struct error *err)
{
	struct json_object *ips = js_get(net, "static_ips"), *mac = js_get(net, "static_mac"), *aliases = js_get(net, "aliases");
	unsigned char bytes[6] = { 0 };

	if (js_get(net, "interface_name"))
		return spec_unsupported(s, err, "network NAME:interface_name");
	for (size_t i = 0; i < js_len(ips); i++) {
		struct json_object *ip = js_at(ips, i);

		js_set(s->o, is_ip(js_text(ip), AF_INET) ? "static_ip" : "static_ipv6", json_object_get(ip));
	}
	if (mac && parse_mac(js_text(mac), bytes))
		js_set(s->o, "static_mac", spec_at_least(s, V(3, 4)) ? json_object_get(mac) : mac_base64(bytes));
	if (aliases)
		js_set(spec_map(s, "aliases"), name, json_object_get(aliases));
	return 0;
}

static int put_old_networks(struct spec *s, struct json_object *nets, struct error *err)
{
	json_object_object_foreach(nets, name, net)
	{
		bool is_default = strcmp(name, "default") == 0;
		const char *cni_name = is_default ? "podman" : name;
		int r;

		if (json_object_object_length(nets) > 1 && (js_get(net, "static_ips") || js_get(net, "static_mac")))
			return spec_unsupported(s, err, "network with an address for each of several networks");
		if (!is_default || js_get(net, "aliases")) /* aliases are refused for a network that is not listed */
			json_object_array_add(spec_list(s, "cni_networks"), js_str(cni_name));
		r = put_old_address(s, cni_name, net, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int spec_group_network(struct spec *s, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *nets = json_object_new_object();
	int r = put_networks(s, nets, err);

	if (r == 0)
		r = put_addresses(s, nets, err);
	if (r < 0 || json_object_object_length(nets) == 0)
		return r;
	if (!spec_at_least(s, V(4, 0)))
		return put_old_networks(s, nets, err);
	js_set(s->o, "Networks", ptr_take(&nets));
	return 0;
}
