/* host_files.h: files to and from a stand-in host, and small tar archives that owe nothing to a library. */
#ifndef HOST_FILES_H
#define HOST_FILES_H

#include "host_peer.h"

#include "base/strv.h"

enum { TAR_BLOCK = 512, ARCHIVE_MAX = 16 * 1024 * 1024 };

static inline void tar_add(struct buf *tar, const char *name, char type, unsigned mode, const char *link, struct str content)
{
	char h[TAR_BLOCK] = { 0 };
	unsigned sum = 0;

	snprintf(h, 100, "%s", name);
	snprintf(h + 100, 8, "%07o", mode);
	snprintf(h + 108, 8, "%07o", 1234);
	snprintf(h + 116, 8, "%07o", 1234);
	snprintf(h + 124, 12, "%011zo", content.n);
	snprintf(h + 136, 12, "%011o", 1600000000);
	memset(h + 148, ' ', 8);
	h[156] = type;
	snprintf(h + 157, 100, "%s", link);
	memcpy(h + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof h; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 7, "%06o", sum);
	buf_add_bytes(tar, h, sizeof h);
	buf_add(tar, content);
	while (tar->n % TAR_BLOCK)
		buf_add_char(tar, '\0');
}

static inline void tar_file(struct buf *tar, const char *name, const char *content)
{
	tar_add(tar, name, '0', 0644, "", str_from(content));
}

static inline void tar_end(struct buf *tar, size_t up_to)
{
	const char zeros[2 * TAR_BLOCK] = { 0 };

	buf_add_bytes(tar, zeros, sizeof zeros);
	while (tar->n < up_to)
		buf_add_bytes(tar, zeros, TAR_BLOCK);
	assert_false(tar->failed);
}

/* The content of an archive's file; p is NULL when it has none of that name. */
static inline struct str tar_find(struct str tar, const char *name)
{
	while (tar.n >= TAR_BLOCK && *tar.p) {
		size_t size = strtoul(tar.p + 124, NULL, 8), whole = TAR_BLOCK + (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;

		if (whole > tar.n)
			break;
		if (strcmp(tar.p, name) == 0)
			return (struct str){ tar.p + TAR_BLOCK, size };
		tar = (struct str){ tar.p + whole, tar.n - whole };
	}
	return (struct str){ 0 };
}

/* Reads n raw bytes. */
static inline void peer_take(struct peer *p, size_t n, struct buf *ret)
{
	uint64_t deadline_ms = clock_after_ms(ANSWER_MS);

	while (n) {
		size_t have = p->in.n < n ? p->in.n : n;

		buf_add_bytes(ret, p->in.p, have);
		buf_consume(&p->in, have);
		n -= have;
		if (n && !peer_read(p, deadline_ms))
			fail_msg("%zu bytes are missing", n);
	}
}

/* SendFile; the handle is owned by the caller. */
static inline char *peer_upload(struct peer *p, struct str content)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024), ack = BUF_INIT(1024);
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	const char *handle;

	buf_addf(&text, "{\"method\":\"io.podman.SendFile\",\"parameters\":{\"type\":\"\",\"length\":%zu},\"upgrade\":true}",
		 content.n);
	reply = peer_call(p, buf_z(&text));
	handle = js_get_str(js_get(reply, "parameters"), "file_handle", "");
	assert_int_equal(fd_write_all(p->fd, content.p, content.n, clock_after_ms(ANSWER_MS), NULL), 0);
	peer_take(p, strlen(handle) + 1, &ack);
	assert_memory_equal(ack.p, handle, strlen(handle));
	assert_int_equal(ack.p[ack.n - 1], ':');
	return z_dup(handle);
}

/* ReceiveFile, which removes it. */
static inline void peer_download(struct peer *p, const char *path, struct buf *ret)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	CLEANUP(js_put_p) struct json_object *reply = NULL;

	buf_addf(&text, "{\"method\":\"io.podman.ReceiveFile\",\"parameters\":{\"path\":\"%s\",\"delete\":true},\"upgrade\":true}",
		 path);
	reply = peer_call(p, buf_z(&text));
	if (js_get(reply, "error"))
		fail_msg("%s: %s", path, js_wire(reply));
	peer_take(p, (size_t)js_get_int(js_get(reply, "parameters"), "len", 0), ret);
}

#endif
