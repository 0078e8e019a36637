/* cmd/podman/scp.c: image scp: an image from one host to another, through this machine and never onto it. */
#include "base/cleanup.h"
#include "base/log.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/loaded.h"
#include "cmd/session.h"
#include "connection/connection.h"

struct scp_args {
	bool quiet;
	const char *format;
};

static const struct opt scp_opts[] = {
	{ .type = OPT_T_STR, .long_name = "format", .metavar = "string", .dflt = "\"docker-archive\"", .help = "Form in which it travels: docker-archive or oci-archive",
	  .offset = OPT_FIELD(struct scp_args, format, const char *), .complete = "docker-archive|oci-archive" },
	OPT_BOOL('q', "quiet", struct scp_args, quiet, "Print nothing but errors"),
	OPT_END
};

/* One argument: "HOST::IMAGE", "HOST::", or an image of the host that all commands go to. */
struct place {
	char *host;  /* a connection's name or what stands in ssh://HOST; NULL: the session's host */
	char *image; /* "" when not given */
	struct destination destination;
	struct connection *connection;
};

static void place_done(struct place *p)
{
	connection_close(p->connection);
	destination_done(&p->destination);
	free(p->host);
	free(p->image);
}

static int parse_place(const char *typed, struct place *ret, struct error *err)
{
	const char *sep = strstr(typed, "::");

	if (sep)
		ret->host = str_dup((struct str){ typed, (size_t)(sep - typed) });
	ret->image = z_dup(sep ? sep + 2 : typed);
	if (!ret->image || (sep && !ret->host))
		return error_set(err, ERR_SYSTEM, "out of memory");
	return 0;
}

/* ret_name: what the image is called at its destination; NULL: as before. */
static int parse_places(const struct strv *names, struct place *from, struct place *to, const char **ret_name, struct error *err)
{
	int r = parse_place(names->v[0], from, err);

	*ret_name = NULL;
	if (r < 0 || (names->n > 1 && (r = parse_place(names->v[1], to, err)) < 0))
		return r;
	if (names->n > 1 && !*from->image && !*to->image)
		return error_set(err, ERR_USAGE, "a source image must be specified: invalid argument");
	if (!*from->image)
		return error_set(err, ERR_USAGE, "no source image specified: invalid argument");
	if (names->n == 1 && !from->host)
		return error_set(err, ERR_USAGE, "must specify a destination: invalid argument");
	if (names->n > 1 && *to->image)
		*ret_name = to->image;
	return 0;
}

/* A connection of that name, else the word as an ssh destination. */
static int choose_host(struct session *s, struct place *p, struct error *err)
{
	struct config_flags flags = *session_config_flags(s);
	CLEANUP(buf_done) struct buf url = BUF_INIT(4096);
	int r;

	flags.url = flags.remote_host = NULL;
	flags.connection = p->host;
	r = config_choose(&flags, &p->destination, err);
	if (r != -ERR_NOT_FOUND)
		return r;
	if (str_ends(str_from(p->host), STR("@localhost")))
		return error_set(err, ERR_UNSUPPORTED, "cannot use the user transfer function on the remote client: invalid argument");
	error_clear(err);
	log_warn("Unknown connection name given. Please use system connection add to specify the default remote socket location");
	buf_addf(&url, "ssh://%s", p->host);
	if ((r = buf_check(&url, "name of a host", err)) < 0)
		return r;
	flags.connection = NULL;
	flags.url = buf_z(&url);
	return config_choose(&flags, &p->destination, err);
}

static int open_place(struct session *s, struct place *p, struct engine **ret, struct error *err)
{
	int r;

	session_expect_bulk(s);
	if (!p->host)
		return session_engine(s, ret, err);
	r = choose_host(s, p, err);
	p->destination.bulk = true;
	if (r < 0 || (r = connection_open(&p->destination, &p->connection, err)) < 0)
		return r;
	*ret = connection_engine(p->connection);
	return 0;
}

/* The save of one host is the load of the other. */
static int transfer(struct engine *from, struct engine *to, const char *image, const char *format, struct strv *ret_loaded, struct error *err)
{
	CLEANUP(download_close_p) struct download *d = NULL;
	CLEANUP(strv_done) struct strv names = { 0 };
	struct byte_producer archive;
	struct byte_source source;
	int r;

	if (!strv_add(&names, image))
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = engine_image_save(from, &(struct save_req){ .names = &names, .format = format }, &d, err);
	if (r < 0)
		return error_context(err, "source");
	source = download_source(d);
	archive = bytes_producer(&source);
	r = engine_image_load(to, &archive, ret_loaded, err);
	return r < 0 ? error_context(err, "destination") : 0;
}

static int scp_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct scp_args *a = args;
	CLEANUP(place_done) struct place from = { 0 }, to = { 0 };
	CLEANUP(strv_done) struct strv loaded = { 0 };
	struct engine *source, *target;
	const char *name;
	int r;

	if (strcmp(a->format, "docker-archive") != 0 && strcmp(a->format, "oci-archive") != 0)
		return error_set(err, ERR_USAGE, "\"%s\" is not a valid value.  Choose from: \"docker-archive\", \"oci-archive\"", a->format);
	if ((r = parse_places(names, &from, &to, &name, err)) < 0 || (r = open_place(s, &from, &source, err)) < 0 ||
	    (r = open_place(s, &to, &target, err)) < 0 || (r = transfer(source, target, from.image, a->format, &loaded, err)) < 0 ||
	    (name && (r = loaded_rename(target, &loaded, name, err)) < 0))
		return r;
	if (!a->quiet)
		loaded_print(s, &loaded);
	return 0;
}

const struct cmd cmd_image_scp = {
	.names = (const char *const[]){ "image scp", NULL },
	.synopsis = "[options] [HOST::]IMAGE [HOST::[NAME]]",
	.brief = "Securely copy images",
	.about = "Copies an image from one host to another. HOST is the name of a connection, or USER@HOST[:PORT][/SOCKET] for ssh; without it the host is the one that "
		 "other commands go to. The image streams through this machine and is not stored here. With NAME it gets that name too.",
	.examples = "podman image scp myimage:latest otherhost::\npodman image scp build1::myimage build2::\npodman image scp build1::myimage",
	.opts = scp_opts,
	.args_size = sizeof(struct scp_args),
	.args_default = &(struct scp_args){ .format = "docker-archive" },
	.min_names = 1,
	.max_names = 2,
	.complete = "@image",
	.run = scp_run,
};
