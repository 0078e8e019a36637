/* Archives to and from a scripted service: what is sent, what is told when it breaks, and that nothing stays on the host. */
#include "varlink_stream.h"

#include <sys/socket.h>

#include "archive/tar.h"
#include "base/js.h"
#include "varlink/merge.h"

static const struct step info[] = { GET_INFO("1.9.3"), AT_EOF, END };

struct pieces {
	const char *text;
	int fail;
};

static int produce(void *ctx, const struct byte_sink *to, struct error *err)
{
	const struct pieces *p = ctx;
	int r = sink_write(to, p->text, strlen(p->text), err);

	return r == 0 && p->fail ? error_set(err, ERR_NOT_FOUND, "the source broke") : r;
}

static struct byte_producer producer(struct pieces *p, int64_t length)
{
	return (struct byte_producer){ .produce = produce, .ctx = p, .length = length };
}

#define ANSWER_SEND_FILE(n)                                                                                                        \
	CALL("\"io.podman.SendFile\",\"parameters\":{\"type\":\"\",\"length\":" n "},\"upgrade\":true"),                           \
		REPLY("{\"parameters\":{\"file_handle\":\"/t/up\"}}")
#define DROPPED(bytes)                                                                                                             \
	{                                                                                                                          \
		CALL("ReceiveFile\",\"parameters\":{\"path\":\"/t/up\",\"delete\":true}"), REPLY("{\"parameters\":{\"len\":4}}"),  \
			SEND(bytes), AT_EOF, END                                                                                   \
	}

/* ---- load and import ------------------------------------------------------------------------------------------------- */

static void load_names_what_it_loaded(void **state)
{
	static const struct step load[] = {
		ANSWER_SEND_FILE("4"),
		RAW("arch"),
		SEND("/t/up:"),
		CALL("LoadImage\",\"parameters\":{\"name\":\"\",\"quiet\":true,\"deleteFile\":true,\"inputFile\":\"/t/up\"}}"),
		REPLY("{\"parameters\":{\"reply\":{\"logs\":null,\"id\":\"a:1, b:2\"}}}"),
		AT_EOF,
		END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ info, load, NULL });
	struct byte_producer archive = producer(&(struct pieces){ .text = "arch" }, -1);
	CLEANUP(strv_done) struct strv names = { 0 };

	(void)state;
	assert_int_equal(engine_image_load(e, &archive, &names, NULL), 0);
	assert_int_equal(names.n, 2);
	assert_string_equal(names.v[0], "a:1");
	assert_string_equal(names.v[1], "b:2");
	engine_close(e);
	peer_finish(&peer);
}

static void what_could_not_be_loaded_does_not_stay_on_the_host(void **state)
{
	static const struct step load[] = {
		ANSWER_SEND_FILE("4"),
		RAW("arch"),
		SEND("/t/up:"),
		CALL("LoadImage"),
		REPLY("{\"parameters\":{\"reason\":\"error pulling \\\"\\\": unable to pull dir:/t/up: not a directory\"},\"error\":\"io.podman.ErrorOccurred\"}"),
		AT_EOF,
		END
	};
	static const struct step dropped[] = DROPPED("arch");
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ info, load, dropped, NULL });
	struct byte_producer archive = producer(&(struct pieces){ .text = "arch" }, 4);
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(engine_image_load(e, &archive, &names, &err), -ERR_REMOTE);
	assert_non_null(strstr(err.text, "no archive of one image"));
	engine_close(e);
	peer_finish(&peer);
}

/* A source that breaks, is shorter or longer than it said: the connection is dropped before the call is made, and the file with it. */
static void a_broken_source_is_an_error(void **state)
{
	static const struct {
		struct pieces pieces;
		int64_t length;
		int expect;
		const char *text;
	} rows[] = {
		{ { "arch", 1 }, 8, -ERR_NOT_FOUND, "the source broke" },
		{ { "arch", 0 }, 8, -ERR_PROTOCOL, "4 of 8 bytes that were announced to the host are missing" },
		{ { "archive", 0 }, 4, -ERR_PROTOCOL, "more to send than was announced" },
	};
	static const struct step short_send[] = { ANSWER_SEND_FILE("8"), RAW("arch"), AT_EOF, END };
	static const struct step long_send[] = { ANSWER_SEND_FILE("4"), AT_EOF, END };
	static const struct step dropped[] = DROPPED("arch");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct peer peer;
		struct engine *e = engine_of(
			&peer, (const struct step *const[]){ info, rows[i].length == 8 ? short_send : long_send, dropped, NULL });
		struct pieces pieces = rows[i].pieces;
		struct byte_producer archive = producer(&pieces, rows[i].length);
		CLEANUP(strv_done) struct strv names = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int r = engine_image_load(e, &archive, &names, &err);

		engine_close(e);
		peer_finish(&peer);
		if (r != rows[i].expect || !strstr(err.text, rows[i].text))
			row_fail(rows[i].text, "%d %s", r, err.text);
	}
}

static void another_file_confirmed_is_a_protocol_error(void **state)
{
	static const struct step load[] = { ANSWER_SEND_FILE("4"), RAW("arch"), SEND("/t/other:"), AT_EOF, END };
	static const struct step dropped[] = DROPPED("arch");
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ info, load, dropped, NULL });
	struct byte_producer archive = producer(&(struct pieces){ .text = "arch" }, 4);
	CLEANUP(strv_done) struct strv names = { 0 };

	(void)state;
	assert_int_equal(engine_image_load(e, &archive, &names, NULL), -ERR_PROTOCOL);
	engine_close(e);
	peer_finish(&peer);
}

static void import_on_an_old_host_gets_its_changes_in_its_spelling(void **state)
{
	static const struct step old_info[] = { GET_INFO("1.6.2"), AT_EOF, END };
	static const struct step import[] = {
		ANSWER_SEND_FILE("3"),
		RAW("tar"),
		SEND("/t/up:"),
		CALL("\"message\":\"m\",\"changes\":[\"ENV=A=b\",\"cmd=[\\\"a\\\",\\\"b\\\"]\",\"USER=\"],\"delete\":true,\"source\":\"/t/up\"}}"),
		REPLY("{\"parameters\":{\"image\":\"abc\"}}"),
		AT_EOF,
		END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ old_info, import, NULL });
	struct byte_producer archive = producer(&(struct pieces){ .text = "tar" }, 3);
	CLEANUP(strv_done) struct strv changes = { 0 }, bad = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *id = NULL;
	struct import_req q = { .archive = &archive, .reference = "r:1", .message = "m", .changes = &changes };

	(void)state;
	strv_add(&changes, "ENV A=b");
	strv_add(&changes, "cmd=[\"a\",\"b\"]");
	strv_add(&changes, " USER ");
	assert_int_equal(engine_image_import(e, &q, &id, NULL), 0);
	assert_string_equal(id, "abc");
	strv_add(&bad, "BOGUS x");
	q.changes = &bad;
	assert_int_equal(engine_image_import(e, &q, &id, &err), -ERR_USAGE);
	assert_non_null(strstr(err.text, "invalid instruction BOGUS"));
	engine_close(e);
	peer_finish(&peer);
}

/* ---- save and export ------------------------------------------------------------------------------------------------- */

static int read_all(struct download *d, struct buf *to, struct error *err)
{
	struct byte_source source = download_source(d);
	struct byte_sink sink = bytes_to_buf(to);
	int r = bytes_copy(&source, &sink, NULL, err);

	d->close(d);
	return r;
}

#define IMAGE(id) REPLY("{\"parameters\":{\"image\":\"{\\\"Id\\\":\\\"" id "\\\"}\"}}")
#define SAVED(at) REPLY("{\"parameters\":{\"reply\":{\"logs\":null,\"id\":\"" at "\"}}}")
#define RECEIVE(at, len)                                                                                                           \
	CALL("ReceiveFile\",\"parameters\":{\"path\":\"" at "\",\"delete\":true},\"upgrade\":true"),                               \
		REPLY("{\"parameters\":{\"len\":" len "}}")

static void save_takes_all_names_of_an_image(void **state)
{
	static const struct step calls[] = {
		GET_INFO("1.9.3"),
		CALL("\"name\":\"a:1\""),
		IMAGE("abc123"),
		CALL("\"name\":\"b:1\""),
		IMAGE("abc123"),
		CALL("\"name\":\"abc\""),
		IMAGE("abc123"),
		CALL("\"options\":{\"name\":\"a:1\",\"format\":\"oci-archive\",\"output\":\"\",\"outputType\":\"\",\"moreTags\":[\"b:1\"],\"quiet\":true"),
		SAVED("/t/save"),
		AT_EOF,
		END
	};
	static const struct step receive[] = { RECEIVE("/t/save", "7"), SEND("archive"), AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, receive, NULL });
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(buf_done) struct buf got = BUF_INIT(4096);
	struct save_req q = { .names = &names, .format = "oci-dir" };
	struct download *d;

	(void)state;
	strv_add(&names, "a:1");
	strv_add(&names, "b:1");
	strv_add(&names, "abc");
	assert_int_equal(engine_image_save(e, &q, &d, NULL), 0);
	assert_int_equal(read_all(d, &got, NULL), 0);
	assert_string_equal(buf_z(&got), "archive");
	engine_close(e);
	peer_finish(&peer);
}

/* "save: file transfer failed: unexpected EOF": the service kept the end back. */
static void a_short_file_is_never_taken_for_a_whole_one(void **state)
{
	static const struct step calls[] = {
		GET_INFO("1.8.0"), CALL("InspectImage"), IMAGE("abc123"), CALL("ImageSave"), SAVED("/t/save"), AT_EOF, END
	};
	static const struct step receive[] = { RECEIVE("/t/save", "9"), SEND("archive"), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, receive, NULL });
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(buf_done) struct buf got = BUF_INIT(4096);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct save_req q = { .names = &names, .format = "docker-archive" };
	struct download *d;

	(void)state;
	strv_add(&names, "a:1");
	assert_int_equal(engine_image_save(e, &q, &d, NULL), 0);
	assert_int_equal(read_all(d, &got, &err), -ERR_CONNECT);
	assert_non_null(strstr(err.text, "after 7 of the 9 bytes of /t/save (it may not be able to remove that file)"));
	engine_close(e);
	peer_finish(&peer);
}

/* The rest is received so that the service removes the file. */
static void a_file_that_is_not_wanted_any_more_is_still_received(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"),
					     CALL("ExportContainer\",\"parameters\":{\"name\":\"c\",\"path\":\"\"}"),
					     REPLY("{\"parameters\":{\"tarfile\":\"/t/e\"}}"), AT_EOF, END };
	static const struct step receive[] = { RECEIVE("/t/e", "2000"), SEND("archive"), AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, receive, NULL });
	struct download *d;

	(void)state;
	assert_int_equal(engine_container_export(e, "c", &d, NULL), 0);
	/* The peer waits for the end: closing must not wait for what does not come. */
	shutdown(peer.conns[1].fd, SHUT_WR);
	d->close(d);
	engine_close(e);
	peer_finish(&peer);
}

static void an_export_of_nothing_is_asked_for_again(void **state)
{
	static const char zeros[1024] = { 0 };
	static const struct step calls[] = { GET_INFO("1.6.2"),
					     CALL("ExportContainer"),
					     REPLY("{\"parameters\":{\"tarfile\":\"/t/1\"}}"),
					     CALL("UnmountContainer\",\"parameters\":{\"name\":\"c\",\"force\":true}"),
					     REPLY("{}"),
					     CALL("ExportContainer"),
					     REPLY("{\"parameters\":{\"tarfile\":\"/t/2\"}}"),
					     AT_EOF,
					     END };
	static const struct step empty[] = { RECEIVE("/t/1", "1024"), { STEP_SEND, zeros, sizeof zeros }, AT_EOF, END };
	static const struct step full[] = { RECEIVE("/t/2", "2000"), SEND("data"), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, empty, full, NULL });
	char piece[4];
	struct download *d;

	(void)state;
	assert_int_equal(engine_container_export(e, "c", &d, NULL), 0);
	assert_int_equal(d->read(d, piece, 4, NULL), 4);
	assert_memory_equal(piece, "data", 4);
	d->close(d);
	engine_close(e);
	peer_finish(&peer);
}

/* ---- several images -------------------------------------------------------------------------------------------------- */

static void add_file(struct tar_writer *w, const char *name, const char *text)
{
	struct tar_entry e = { .name = name, .type = TAR_FILE, .mode = 0644, .size = (int64_t)strlen(text) };

	assert_int_equal(tar_write_entry(w, &e, NULL), 0);
	assert_int_equal(tar_write_data(w, text, strlen(text), NULL), 0);
}

struct memory_download {
	struct download download; /* first */
	struct buf bytes;
	size_t off;
};

static ssize_t memory_read(struct download *d, void *p, size_t n, struct error *err)
{
	struct memory_download *m = (struct memory_download *)d;

	(void)err;
	if (n > m->bytes.n - m->off)
		n = m->bytes.n - m->off;
	memcpy(p, m->bytes.p + m->off, n);
	m->off += n;
	return (ssize_t)n;
}

static void memory_close(struct download *d)
{
	buf_done(&((struct memory_download *)d)->bytes);
	free(d);
}

static int open_nth(void *ctx, size_t i, struct download **ret, struct error *err)
{
	struct memory_download *m = calloc(1, sizeof *m);
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	struct byte_sink sink = bytes_to_buf(&m->bytes);

	(void)ctx, (void)err;
	*m = (struct memory_download){ .download = { .read = memory_read, .close = memory_close }, .bytes = BUF_INIT(1 << 20) };
	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	add_file(w, "base.tar", "base");
	add_file(w, i ? "two.tar" : "one.tar", "top");
	add_file(w, "repositories", i ? "{\"r\":{\"2\":\"b\"},\"s\":{\"1\":\"b\"}}" : "{\"r\":{\"1\":\"a\"}}");
	add_file(w, "manifest.json", i ? "[{\"Config\":\"2\"}]" : "[{\"Config\":\"1\"}]");
	assert_int_equal(tar_writer_end(w, NULL), 0);
	*ret = &m->download;
	return 0;
}

static void nothing_to_free(void *ctx)
{
	(void)ctx;
}

static void archives_of_several_images_become_one(void **state)
{
	CLEANUP(buf_done) struct buf got = BUF_INIT(1 << 20), text = BUF_INIT(4096);
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	struct memory_download merged = { .download = { .read = memory_read } };
	struct byte_source source;
	struct tar_entry entry;
	struct download *d;
	char piece[256];
	ssize_t n;

	(void)state;
	assert_int_equal(merge_open(2, open_nth, NULL, nothing_to_free, &d, NULL), 0);
	assert_int_equal(read_all(d, &got, NULL), 0);
	merged.bytes = got;
	source = download_source(&merged.download);
	assert_int_equal(tar_reader_open(&source, &t, NULL), 0);
	while (tar_read_entry(t, &entry, NULL) > 0) {
		n = tar_read_data(t, piece, sizeof piece, NULL);
		buf_addf(&text, "%s=%.*s;", entry.name, (int)n, piece);
	}
	assert_string_equal(
		buf_z(&text),
		"base.tar=base;one.tar=top;two.tar=top;repositories={\"r\":{\"1\":\"a\",\"2\":\"b\"},\"s\":{\"1\":\"b\"}};"
		"manifest.json=[{\"Config\":\"1\"},{\"Config\":\"2\"}];");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_names_what_it_loaded),
		cmocka_unit_test(what_could_not_be_loaded_does_not_stay_on_the_host),
		cmocka_unit_test(a_broken_source_is_an_error),
		cmocka_unit_test(another_file_confirmed_is_a_protocol_error),
		cmocka_unit_test(import_on_an_old_host_gets_its_changes_in_its_spelling),
		cmocka_unit_test(save_takes_all_names_of_an_image),
		cmocka_unit_test(a_short_file_is_never_taken_for_a_whole_one),
		cmocka_unit_test(a_file_that_is_not_wanted_any_more_is_still_received),
		cmocka_unit_test(an_export_of_nothing_is_asked_for_again),
		cmocka_unit_test(archives_of_several_images_become_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
