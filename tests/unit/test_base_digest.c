#include "unit.h"

#include "base/digest.h"

#define HEX64 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct {
	const char *text;
	bool valid;
} names[] = {
	{ "sha256:" HEX64, true },
	{ "sha512:" HEX64 HEX64, true },
	{ "sha256:" HEX64 "0", false },
	{ "sha512:" HEX64, false },
	{ "sha256:E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false },
	{ "sha256:g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false },
	{ "sha256:", false },
	{ "sha256", false },
	{ HEX64, false },
	{ "md5:d41d8cd98f00b204e9800998ecf8427e", false },
	{ "SHA256:" HEX64, false },
	{ ":" HEX64, false },
	{ "", false },
};

static void digests_are_told_from_other_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (digest_valid(str_from(names[i].text)) != names[i].valid)
			row_fail(names[i].text, "is%s valid", names[i].valid ? " not" : "");
	assert_false(digest_valid((struct str){ "sha256:" HEX64 "\0", 72 }));
	/* A NUL where a digit should be. */
	assert_false(digest_valid((struct str){ "sha256:\0" "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 71 }));
}

/* FIPS 180-4: the examples of NIST. */
static const struct {
	const char *algorithm, *content, *digest;
} known[] = {
	{ NULL, "", "sha256:" HEX64 },
	{ "sha256", "abc", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "sha256:" HEX64, "abc", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "sha512", "abc",
	  "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};

static void digests_are_those_of_nist(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		char whole[DIGEST_MAX], one[DIGEST_MAX];
		CLEANUP(digest_close_p) struct digest *d = NULL;

		assert_int_equal(digest_open(known[i].algorithm, &d, NULL), 0);
		for (const char *c = known[i].content; *c; c++)
			digest_add(d, c, 1);
		digest_end(d, whole);
		assert_string_equal(whole, known[i].digest);
		assert_true(digest_valid(str_from(whole)));
		if (strncmp(known[i].digest, "sha256:", 7) == 0) {
			digest_of(str_from(known[i].content), one);
			assert_string_equal(one, known[i].digest);
		}
	}
}

static void unknown_algorithms_are_refused(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct digest *d = NULL;

	(void)state;
	assert_int_equal(digest_open("md5:00", &d, &err), -ERR_UNSUPPORTED);
	assert_string_equal(err.text, "digests of the kind \"md5\" are not known here");
	assert_null(d);
	digest_close_p(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_told_from_other_text),
		cmocka_unit_test(digests_are_those_of_nist),
		cmocka_unit_test(unknown_algorithms_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
