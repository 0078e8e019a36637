#include "image/manifest.h"

#include <stdio.h>
#include <strings.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/js.h"

#define DOCKER "application/vnd.docker."
#define OCI    "application/vnd.oci.image."

/* ---- media types ----------------------------------------------------------------------------------------------------- */

static const char *const kinds[] = {
	[MANIFEST_DOCKER] = DOCKER "distribution.manifest.v2+json",
	[MANIFEST_OCI] = OCI "manifest.v1+json",
	[MANIFEST_DOCKER_LIST] = DOCKER "distribution.manifest.list.v2+json",
	[MANIFEST_OCI_INDEX] = OCI "index.v1+json",
	[MANIFEST_SCHEMA1] = DOCKER "distribution.manifest.v1+json",
	[MANIFEST_SCHEMA1_SIGNED] = DOCKER "distribution.manifest.v1+prettyjws",
};

const char *manifest_type(enum manifest_kind kind)
{
	return kinds[kind];
}

enum manifest_kind manifest_kind_of(const char *type)
{
	struct str name;

	str_cut(str_from(type), ';', &name, NULL);
	name = str_trim(name);
	for (size_t i = 1; i < ARRAY_LEN(kinds); i++)
		if (name.n == strlen(kinds[i]) && strncasecmp(name.p, kinds[i], name.n) == 0)
			return (enum manifest_kind)i;
	return MANIFEST_UNKNOWN;
}

enum manifest_format transfer_format(const char *media_type)
{
	return manifest_kind_of(media_type) == MANIFEST_OCI ? MANIFEST_FORMAT_OCI : MANIFEST_FORMAT_DOCKER;
}

static const struct {
	enum manifest_format format;
	enum compression compression;
	const char *type;
} layers[] = {
	{ MANIFEST_FORMAT_DOCKER, COMPRESSION_NONE, DOCKER "image.rootfs.diff.tar" },
	{ MANIFEST_FORMAT_DOCKER, COMPRESSION_GZIP, DOCKER "image.rootfs.diff.tar.gzip" },
	{ MANIFEST_FORMAT_OCI, COMPRESSION_NONE, OCI "layer.v1.tar" },
	{ MANIFEST_FORMAT_OCI, COMPRESSION_GZIP, OCI "layer.v1.tar+gzip" },
	{ MANIFEST_FORMAT_OCI, COMPRESSION_ZSTD, OCI "layer.v1.tar+zstd" },
};

const char *manifest_layer_type(enum manifest_format format, enum compression c)
{
	for (size_t i = 0; i < ARRAY_LEN(layers); i++)
		if (layers[i].format == format && layers[i].compression == c)
			return layers[i].type;
	return NULL;
}

enum compression manifest_layer_compression(const char *type)
{
	for (size_t i = 0; type && i < ARRAY_LEN(layers); i++)
		if (strcmp(layers[i].type, type) == 0)
			return layers[i].compression;
	return COMPRESSION_NONE;
}

const char *manifest_config_type(enum manifest_format format)
{
	return format == MANIFEST_FORMAT_OCI ? OCI "config.v1+json" : DOCKER "container.image.v1+json";
}

/* ---- documents ------------------------------------------------------------------------------------------------------- */

/* What a document is when nobody says so: by its own mediaType, then by its shape (containers/image, manifest.GuessMIMEType). */
static enum manifest_kind guess(struct json_object *doc)
{
	enum manifest_kind named = manifest_kind_of(js_get_str(doc, "mediaType", ""));
	const char *config = js_get_str(js_get(doc, "config"), "mediaType", "");

	if (named != MANIFEST_UNKNOWN)
		return named;
	switch (js_get_int(doc, "schemaVersion", 0)) {
	case 1:
		return js_get(doc, "signatures") ? MANIFEST_SCHEMA1_SIGNED : MANIFEST_SCHEMA1;
	case 2:
		if (strcmp(config, DOCKER "container.image.v1+json") == 0)
			return MANIFEST_DOCKER;
		return js_get(doc, "manifests") && !js_get(doc, "config") ? MANIFEST_OCI_INDEX : MANIFEST_OCI;
	default:
		return MANIFEST_UNKNOWN;
	}
}

/* A member that is there counts, whatever is in it: another reader may take an empty one for what decides. */
static bool has(struct json_object *doc, const char *key)
{
	return json_object_object_get_ex(doc, key, NULL);
}

static bool is_both(struct json_object *doc)
{
	return has(doc, "manifests") && (has(doc, "layers") || has(doc, "fsLayers") || has(doc, "config"));
}

int manifest_read(struct str bytes, const char *type, struct json_object **ret, enum manifest_kind *ret_kind, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	enum manifest_kind kind = manifest_kind_of(type);
	int r = js_parse(bytes, "manifest", &doc, err);

	if (r < 0)
		return r;
	if (!json_object_is_type(doc, json_type_object))
		return error_set(err, ERR_PROTOCOL, "manifest: it is no JSON object");
	if (is_both(doc))
		return error_set(err, ERR_PROTOCOL, "manifest: it is a list and an image at once, which is refused (CVE-2021-41190)");
	if (kind == MANIFEST_UNKNOWN)
		kind = guess(doc);
	if (kind == MANIFEST_UNKNOWN)
		return error_set(err, ERR_PROTOCOL, "manifest: neither an image nor a list of images%s%s", type && *type ? ": " : "", type ? type : "");
	*ret = ptr_take(&doc);
	*ret_kind = kind;
	return 0;
}

int manifest_blob_read(struct json_object *descriptor, struct manifest_blob *ret, struct error *err)
{
	struct manifest_blob b = { .digest = js_get_str(descriptor, "digest", ""),
				   .type = js_get_str(descriptor, "mediaType", ""),
				   .size = js_get_int(descriptor, "size", -1) };

	if (!digest_valid(js_text(js_get(descriptor, "digest"))))
		return error_set(err, ERR_PROTOCOL, "manifest: \"%.200s\" is no digest", b.digest);
	if (b.size < 0 || b.size > MANIFEST_MAX_BLOB)
		return error_set(err, ERR_PROTOCOL, "manifest: %s has an impossible size", b.digest);
	*ret = b;
	return 0;
}

/* ---- platforms ------------------------------------------------------------------------------------------------------- */

/* Go's names. */
static const char *machine_arch(const struct utsname *u)
{
	static const char *const names[][2] = {
		{ "x86_64", "amd64" },	{ "aarch64", "arm64" }, { "armv7l", "arm" },	 { "armv6l", "arm" },	 { "armv5tel", "arm" },
		{ "i686", "386" },	{ "i586", "386" },	{ "i386", "386" },	 { "loongarch64", "loong64" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(u->machine, names[i][0]) == 0)
			return names[i][1];
	return u->machine;
}

/* The variants that run where the wanted one does, best first. */
#define MAX_VARIANTS 6
static size_t variants(const char *arch, const char *wanted, const char *ret[MAX_VARIANTS])
{
	static const char *const arm[] = { "v8", "v7", "v6", "v5" }, *const arm64[] = { "v8" };
	const char *const *row = strcmp(arch, "arm") == 0 ? arm : arm64;
	size_t len = strcmp(arch, "arm") == 0 ? ARRAY_LEN(arm) : strcmp(arch, "arm64") == 0 ? ARRAY_LEN(arm64) : 0, n = 0, from = 0;

	if (!wanted || !*wanted)
		ret[n++] = "";
	while (wanted && *wanted && from < len && strcmp(row[from], wanted) != 0)
		from++;
	if (wanted && *wanted && from == len)
		ret[n++] = wanted;
	for (size_t i = from; i < len; i++)
		ret[n++] = row[i];
	if (wanted && *wanted)
		ret[n++] = "";
	return n;
}

static bool fits(struct json_object *entry, const char *os, const char *arch, const char *variant)
{
	struct json_object *p = js_get(entry, "platform");

	return strcmp(js_get_str(p, "os", ""), os) == 0 && strcmp(js_get_str(p, "architecture", ""), arch) == 0 &&
	       strcmp(js_get_str(p, "variant", ""), variant) == 0;
}

static int none_fits(struct json_object *list, const char *os, const char *arch, const char *variant, struct error *err)
{
	CLEANUP(buf_done) struct buf offer = BUF_INIT(2048);
	struct json_object *entries = js_get(list, "manifests");

	for (size_t i = 0; i < js_len(entries) && i < 32; i++) {
		struct json_object *p = js_get(js_at(entries, i), "platform");
		const char *v = js_get_str(p, "variant", "");

		/* Attestations of BuildKit call themselves unknown/unknown. */
		if (p && strcmp(js_get_str(p, "os", "unknown"), "unknown") != 0)
			buf_addf(&offer, "%s%s/%s%s%s", offer.n ? ", " : "", js_get_str(p, "os", ""), js_get_str(p, "architecture", ""), *v ? "/" : "", v);
	}
	return error_set(err, ERR_NOT_FOUND, "no image found in %s for architecture %s, variant \"%s\", OS %s; it has %s",
			 manifest_kind_of(js_get_str(list, "mediaType", "")) == MANIFEST_DOCKER_LIST ? "manifest list" : "image index", arch,
			 variant ? variant : "", os, offer.n ? buf_z(&offer) : "none");
}

int manifest_choose(struct json_object *list, const char *os, const char *arch, const char *variant, struct manifest_blob *ret, struct error *err)
{
	struct json_object *entries = js_get(list, "manifests");
	const char *wanted[MAX_VARIANTS];
	struct utsname here;
	size_t n;

	if (uname(&here) < 0)
		return error_set_errno(err, "ask for this machine's architecture");
	if (!os)
		os = "linux";
	if (!arch)
		arch = machine_arch(&here);
	n = variants(arch, variant, wanted);
	for (size_t v = 0; v < n; v++)
		for (size_t i = 0; i < js_len(entries); i++)
			if (fits(js_at(entries, i), os, arch, wanted[v]))
				return manifest_blob_read(js_at(entries, i), ret, err);
	/* An index may leave the platform out; then it has one image for all. */
	for (size_t i = 0; i < js_len(entries); i++)
		if (!js_get(js_at(entries, i), "platform"))
			return manifest_blob_read(js_at(entries, i), ret, err);
	return none_fits(list, os, arch, variant, err);
}
