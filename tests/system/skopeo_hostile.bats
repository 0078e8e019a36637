# skopeo: archives, auth files and policies that lie or are broken: one clear error, exit 1, nothing kept at the destination.
NEEDS_NO_HOST=1
bats_require_minimum_version 1.5.0
load common

setup() {
	ln -sf "$PODMAN" "$BATS_TEST_TMPDIR/skopeo"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# refused TEXT ARGUMENT...: one line that has TEXT, exit 1, and no image in out.
refused() {
	local text=$1
	shift
	run timeout 20 ./skopeo "$@"
	[ "$status" -eq 1 ] && [ "${#lines[@]}" -eq 1 ] && [[ $output == *"$text"* ]] && [ -z "$(ls out 2>/dev/null)" ]
}

@test "an archive whose paths lead outside, loop or end too early" {
	printf '[{"Config":"../../../../etc/passwd","RepoTags":["a:b"],"Layers":["../x"]}]' >manifest.json
	tar cf outside.tar manifest.json
	refused 'file \"../../../../etc/passwd\" not found in tar' --insecure-policy copy docker-archive:outside.tar dir:out
	head -c 530 outside.tar >short.tar
	refused 'it is cut off' --insecure-policy copy docker-archive:short.tar dir:out
	ln -sf other manifest.json
	ln -s manifest.json other
	tar cf loop.tar manifest.json other
	refused 'is no plain file in the tar' --insecure-policy copy docker-archive:loop.tar dir:out
}

@test "a policy that is broken, of an unknown type or a folder" {
	mkdir folder
	printf '{"default":' >cut.json
	printf '{"default":[{"type":"zzz"}]}' >unknown.json
	refused 'unexpected end of data' --policy cut.json copy docker-archive:none.tar dir:out
	refused 'Unknown policy requirement type' --policy unknown.json copy docker-archive:none.tar dir:out
	refused 'Is a directory' --policy folder copy docker-archive:none.tar dir:out
}
