/* The cache of layers: order of what it finds, its limits, two processes, files that are broken. */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "image/blobs.h"

static char home[] = "/tmp/farpod-test-XXXXXX";
static char file[64];

static const char *digest(char c)
{
	static char z[8][80];
	static size_t n;
	char *d = z[n++ % ARRAY_LEN(z)];

	snprintf(d, sizeof z[0], "sha256:");
	memset(d + 7, c, 64);
	d[71] = '\0';
	return d;
}

static struct blob_cache *cache_open(void)
{
	struct blob_cache *c = NULL;

	assert_int_equal(blobs_open(&c, NULL), 0);
	return c;
}

static void add(struct blob_cache *c, const char *registry, const char *repository, char content, char blob)
{
	blobs_add(c, &(struct cached_blob){ registry, repository, digest(content), digest(blob), "application/vnd.oci.image.layer.v1.tar+gzip", 7 });
}

/* The digests that are found for content '0' in a/x, as letters. */
static void found_is(struct blob_cache *c, size_t max, const char *expected)
{
	struct cached_blob found[8];
	char letters[9] = "";
	size_t n = blobs_find(c, "a", "x", digest('0'), found, max);

	for (size_t i = 0; i < n; i++)
		letters[i] = found[i].digest[7];
	assert_string_equal(letters, expected);
}

static void nearest_and_latest_first(void **state)
{
	CLEANUP(blobs_close_p) struct blob_cache *c = cache_open();

	(void)state;
	add(c, "b", "x", '0', 'e');
	add(c, "a", "y", '0', 'b');
	add(c, "a", "x", '0', 'a');
	add(c, "a", "z", '0', 'c');
	add(c, "a", "x", '1', 'd');
	found_is(c, 8, "acbe");
	found_is(c, 2, "ac");
	/* The same blob under another name counts once. */
	add(c, "b", "y", '0', 'a');
	found_is(c, 8, "acbe");
	/* What a repository has for a content is replaced. */
	add(c, "a", "x", '0', 'f');
	found_is(c, 8, "fcbae");
	blobs_forget(c, "a", "x", digest('f'));
	found_is(c, 8, "cbae");
}

static void what_is_saved_is_there_for_the_next_process_and_beside_it(void **state)
{
	CLEANUP(blobs_close_p) struct blob_cache *one = cache_open(), *two = cache_open(), *three = NULL;

	(void)state;
	add(one, "a", "x", '0', 'a');
	add(two, "a", "y", '0', 'b');
	blobs_save(one);
	blobs_save(two);
	three = cache_open();
	found_is(three, 8, "ab");
	blobs_forget(three, "a", "x", digest('a'));
	blobs_save(three);
	blobs_close_p(&three);
	three = cache_open();
	found_is(three, 8, "b");
}

static void a_broken_file_is_an_empty_cache(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "17", "{\"version\":1}", "{\"version\":2,\"blobs\":[]}", "{\"version\":1,\"blobs\":{}}", "{\"version\":1,\"blobs\":[null,17,{}]}",
		"{\"version\":1,\"blobs\":[{\"registry\":\"a\",\"repository\":\"x\",\"content\":\"sha256:0\",\"digest\":\"sha256:0\",\"size\":1,\"type\":\"\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(blobs_close_p) struct blob_cache *c = NULL, *again = NULL;

		assert_int_equal(path_write_atomic(file, str_from(texts[i]), 0600, NULL), 0);
		c = cache_open();
		found_is(c, 8, "");
		add(c, "a", "x", '0', 'a');
		blobs_save(c);
		again = cache_open();
		found_is(again, 8, "a");
	}
}

static void the_oldest_go_when_it_is_full(void **state)
{
	CLEANUP(blobs_close_p) struct blob_cache *c = cache_open();
	char name[32];

	(void)state;
	for (int i = 0; i < BLOBS_MAX + 1; i++) {
		snprintf(name, sizeof name, "r%d", i);
		blobs_add(c, &(struct cached_blob){ "a", name, digest('0'), digest(i == 0 ? 'a' : i == 1 ? 'b' : 'c'), "t", 1 });
	}
	found_is(c, 8, "cb");
}

static void no_place_to_write_is_no_failure(void **state)
{
	CLEANUP(blobs_close_p) struct blob_cache *c = NULL;

	(void)state;
	assert_int_equal(setenv("XDG_CACHE_HOME", "/dev/null/nowhere", 1), 0);
	c = cache_open();
	add(c, "a", "x", '0', 'a');
	blobs_save(c);
	found_is(c, 8, "a");
}

static int fresh(void **state)
{
	(void)state;
	unlink(file);
	return setenv("XDG_CACHE_HOME", home, 1);
}

static int make_home(void **state)
{
	(void)state;
	if (!mkdtemp(home))
		return -1;
	snprintf(file, sizeof file, "%s/farpod", home);
	if (mkdir(file, 0700) < 0)
		return -1;
	snprintf(file, sizeof file, "%s/farpod/blobs.json", home);
	return 0;
}

static int remove_home(void **state)
{
	char folder[64];

	(void)state;
	unlink(file);
	snprintf(folder, sizeof folder, "%s/farpod", home);
	rmdir(folder);
	return rmdir(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nearest_and_latest_first, fresh),
		cmocka_unit_test_setup(what_is_saved_is_there_for_the_next_process_and_beside_it, fresh),
		cmocka_unit_test_setup(a_broken_file_is_an_empty_cache, fresh),
		cmocka_unit_test_setup(the_oldest_go_when_it_is_full, fresh),
		cmocka_unit_test_setup(no_place_to_write_is_no_failure, fresh),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
