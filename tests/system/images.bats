# shellcheck shell=bash disable=SC1091,SC2154
# The life of an image: save, load, import, export, commit, history, tag, diff, tree, prune, search, scp, manifest lists.
load common
bats_require_minimum_version 1.5.0

teardown() {
	[ -z "$HOST_MISSING" ] || return 0
	timeout 60 "$PODMAN" rm -fa -t 0 >/dev/null 2>&1 || true
	[ ! -s "$BATS_TEST_TMPDIR/ids" ] || xargs -n 1 timeout 60 "$PODMAN" rmi -f <"$BATS_TEST_TMPDIR/ids" >/dev/null 2>&1 || true
	[ -z "${SECOND_PID:-}" ] || kill "$SECOND_PID" 2>/dev/null || true
	! mountpoint -q "$BATS_TEST_TMPDIR/small" || umount "$BATS_TEST_TMPDIR/small"
}

# new_image NAME [FLAGS...]: an image of its own with one file in it; ID is set.
new_image() {
	local name=$1
	shift
	mkdir -p tree/etc
	echo "$name $RANDOM $RANDOM" >tree/etc/motd
	head -c 100000 /dev/urandom >tree/blob
	tar -C tree -cf tree.tar .
	ID=$(podman import -q "$@" tree.tar "$name")
	ID=${ID#sha256:}
	echo "$ID" >>"$HERE/ids"
}

forget() {
	podman rmi -f "$ID" >/dev/null
	run podman image exists "$ID"
	status_is 1
}

# comes_back COMMAND...: after it the image is there again, the same.
comes_back() {
	forget
	run "$@"
	status_is 0
	output_has "Loaded image: "
	podman image exists "$ID"
}

on_rest() {
	! on_varlink || skip "hosts of Podman 1.x have none of this"
}

# A second host: a stand-in that has a socket here.
second_host() {
	"$STANDIN" --version "${1:-1.8.0}" --state "$PWD/second" "${@:2}" "unix:$PWD/second.sock" </dev/null >/dev/null 2>&1 3>&- &
	SECOND_PID=$!
	until_true 5 test -S second.sock
}

@test "save and load: the image comes back with its ID and its name, from a file and through pipes" {
	new_image localhost/t-save:1
	podman save -o image.tar localhost/t-save:1
	tar -tf image.tar >/dev/null
	comes_back podman load -i image.tar
	output_is "Loaded image: localhost/t-save:1"
	podman save localhost/t-save:1 >piped.tar
	comes_back bash -c "cat piped.tar | '$PODMAN' load"
	comes_back bash -c "'$PODMAN' load -q <piped.tar"
	run podman images --format '{{.Repository}}:{{.Tag}}'
	output_has "localhost/t-save:1"
}

@test "save --format oci-archive and load" {
	new_image localhost/t-oci:1
	podman image save --format oci-archive -o image.tar localhost/t-oci:1
	run tar -tf image.tar
	output_has "index.json"
	comes_back podman image load --input image.tar
}

@test "save --format docker-dir failed with a permission error in the old client: here the directory is the image" {
	new_image localhost/t-dir:1
	podman save --format docker-dir -o out localhost/t-dir:1
	run cat out/manifest.json
	output_has "$ID"
	[ -s "out/$ID" ] && [ -s out/version ]
	[ "$(stat -c %u out/manifest.json)" -eq "$(id -u)" ]
	comes_back podman load -i out t-dir:again
	output_is "Loaded image: localhost/t-dir:again"
	run podman save --format docker-dir localhost/t-dir:again
	status_is 125
	output_has "-o DIRECTORY"
}

@test "save --format oci-dir failed with a permission error in the old client: here the directory is an OCI layout" {
	new_image localhost/t-layout:1
	podman save --format oci-dir -o out localhost/t-layout:1
	run cat out/oci-layout
	output_has "imageLayoutVersion"
	[ -s "out/blobs/sha256/$ID" ]
	# Once more over it: the same files.
	podman save --format oci-dir -o out localhost/t-layout:1
	comes_back podman load -i out
}

@test "save --format docker-dir goes into a folder that has other files, and not onto a file" {
	new_image localhost/t-over:1
	mkdir out
	echo mine >out/notes
	podman save --format docker-dir -o out localhost/t-over:1
	[ "$(cat out/notes)" = mine ] && [ -s out/manifest.json ]
	run podman save --format docker-dir -o out/notes localhost/t-over:1
	status_is 125
	output_has "already exists as a regular file"
	[ "$(cat out/notes)" = mine ]
}

@test "load and import fetch a URL" {
	busybox httpd --help >/dev/null 2>&1 || skip "this busybox has no httpd"
	# shellcheck source=tests/system/hosts.sh
	. "$BATS_TEST_DIRNAME/hosts.sh"
	new_image localhost/t-url:1
	podman save -o image.tar localhost/t-url:1
	gzip image.tar
	port=$(lab_free_port)
	busybox httpd -f -p "127.0.0.1:$port" -h "$PWD" </dev/null >/dev/null 2>&1 3>&- &
	SECOND_PID=$!
	until_true 5 curl -sf --noproxy '*' -o /dev/null "http://127.0.0.1:$port/image.tar.gz"
	export no_proxy=127.0.0.1
	comes_back podman load -i "http://127.0.0.1:$port/image.tar.gz"
	run podman load -i "http://127.0.0.1:$port/no-such.tar"
	status_is 125
	output_has "404"
	run podman import "http://127.0.0.1:$port/tree.tar" t-url:imported
	status_is 0
	echo "${output#sha256:}" >>ids
	podman image exists localhost/t-url:imported
}

@test "load takes compressed archives" {
	new_image localhost/t-packed:1
	podman save -o image.tar localhost/t-packed:1
	for packer in gzip bzip2 xz zstd; do
		command -v $packer >/dev/null || continue
		$packer -c image.tar >"image.$packer"
		comes_back podman load -i "image.$packer"
	done
	comes_back bash -c "gzip -c image.tar | '$PODMAN' load"
}

@test "save of several images into one archive, or one sentence why not" {
	new_image localhost/t-many:1
	first=$ID
	new_image localhost/t-many:2
	run podman save -m -o both.tar localhost/t-many:1 localhost/t-many:2
	if [ "$status" -ne 0 ]; then
		status_is 125
		output_has "not supported by Podman"
		[ ! -e both.tar ]
		return
	fi
	status_is 0
	podman rmi "$first" >/dev/null
	# Podman 1.x writes such archives and does not read them: other hosts do.
	if on_varlink && ! podman load -q -i both.tar >why 2>&1; then
		grep -q "archive of one image" why
		return
	fi
	comes_back podman load -i both.tar
	output_has "Loaded image: localhost/t-many:1"
	output_has "Loaded image: localhost/t-many:2"
	podman image exists "$first"
}

@test "a save that fails leaves the archive that was there, and nothing else" {
	mkdir out
	echo old >out/image.tar
	run podman save -o out/image.tar localhost/no-such-image
	status_is 125
	output_has "no-such-image"
	[ "$(cat out/image.tar)" = old ]
	[ "$(ls -A out)" = image.tar ]
	run podman save -o out/no/such/folder/image.tar "$IMAGE"
	status_is 125
	run podman save -o out/a:b "$IMAGE"
	status_is 125
	output_has "invalid filename (should not contain ':')"
	run podman save --format tar -o out/x "$IMAGE"
	output_is "Error: format value must be one of oci-dir oci-archive docker-dir docker-archive"
	run podman save --compress -o out/x "$IMAGE"
	output_is "Error: --compress can only be set when --format is 'docker-dir'"
	[ "$(ls -A out)" = image.tar ]
}

@test "a save whose host dies in the middle leaves the archive that was there" {
	second_host 1.9.3 --misbehave close-mid-reply:ReceiveFile
	mkdir out
	echo old >out/image.tar
	run podman --url "unix://$PWD/second.sock" save -o out/image.tar "$IMAGE"
	status_is 125
	[ "$(cat out/image.tar)" = old ]
	run podman --url "unix://$PWD/second.sock" save --format oci-dir -o out/new "$IMAGE"
	status_is 125
	[ "$(ls -A out)" = image.tar ]
}

@test "save onto a full disk: one line, and what was there is still there" {
	new_image localhost/t-full:1
	mkdir small
	if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=64k farpod-test small; then
		echo old >small/image.tar
		run podman save -o small/image.tar localhost/t-full:1
		status_is 125
		output_has "No space left on device"
	else
		echo old >small/image.tar
		run bash -c "ulimit -f 64; trap '' XFSZ; '$PODMAN' save -o small/image.tar localhost/t-full:1"
		status_is 125
		output_has "File too large"
	fi
	[ "$(cat small/image.tar)" = old ]
	[ "$(ls -A small)" = image.tar ]
}

@test "save goes through a link, keeps permissions, and writes to devices" {
	new_image localhost/t-link:1
	echo old >target.tar
	chmod 0600 target.tar
	ln -s target.tar link.tar
	podman save -o link.tar localhost/t-link:1
	[ -L link.tar ]
	tar -tf target.tar >/dev/null
	[ "$(stat -c %a target.tar)" = 600 ]
	podman save -o /dev/null localhost/t-link:1
	[ -c /dev/null ]
	run podman save -o missing/image.tar localhost/t-link:1
	status_is 125
	output_has "missing/image.tar: write into the folder missing: No such file or directory"
}

@test "a truncated archive loads nothing" {
	new_image localhost/t-cut:1
	podman save -o image.tar localhost/t-cut:1
	gzip -k image.tar
	forget
	head -c 60000 image.tar >cut.tar
	run podman load -i cut.tar
	status_is 125
	head -c 60000 image.tar.gz >cut.tar.gz
	run podman load -i cut.tar.gz
	status_is 125
	output_has "cut.tar.gz"
	run podman load -i /dev/null
	status_is 125
	output_has "empty"
	run podman load -i no-such-file
	status_is 125
	output_has "no-such-file: No such file or directory"
	mkdir nothing
	run podman load -i nothing
	status_is 125
	output_has "neither index.json"
	run podman image exists localhost/t-cut:1
	status_is 1
}

@test "archives are neither read from a terminal nor written to one" {
	command -v script >/dev/null || skip "script is not installed"
	run script -qec "'$PODMAN' load" /dev/null
	output_has "cannot read from terminal, use command-line redirection or the --input flag"
	run script -qec "'$PODMAN' save $IMAGE" /dev/null
	output_has "refusing to save to terminal. Use -o flag or redirect"
	run script -qec "'$PODMAN' export nobody" /dev/null
	output_has "refusing to export to terminal. Use -o flag or redirect"
}

@test "import: file, pipe and compressed, with --change and a message" {
	new_image localhost/t-import:1 --message "made by a test" --change 'ENV COLOUR=green' --change 'LABEL who=me'
	run podman image inspect --format '{{.Comment}} {{.Config.Labels.who}} {{json .Config.Env}}' localhost/t-import:1
	output_has "made by a test me"
	output_has "COLOUR=green"
	run bash -c "gzip -c tree.tar | '$PODMAN' import - t-import:2"
	status_is 0
	[[ $output =~ ^sha256:[0-9a-f]{64}$ ]]
	echo "${output#sha256:}" >>ids
	podman image exists localhost/t-import:2
	run podman import tree
	status_is 125
	output_has "is a directory"
}

@test "export: the files of a container, to a file and through a pipe" {
	podman run --name files "$IMAGE" sh -c 'echo inside >/tmp/here' >/dev/null
	podman export -o files.tar files
	[ "$(tar -xOf files.tar tmp/here)" = inside ]
	[ "$(podman container export files | tar -xOf - tmp/here)" = inside ]
	run podman export -o other.tar nobody
	status_is 125
	[ ! -e other.tar ]
}

@test "commit: the changes of a container become an image" {
	podman run --name work "$IMAGE" sh -c 'echo kept >/tmp/kept' >/dev/null
	run podman commit -q --author "A. Tester" --change 'LABEL a=b' --iidfile iid work t-commit
	status_is 0
	[[ $output =~ ^[0-9a-f]{64}$ ]]
	[ "$(cat iid)" = "$output" ]
	echo "$output" >>ids
	run podman run --rm localhost/t-commit cat /tmp/kept
	output_is kept
	run podman image inspect --format '{{.Author}} {{.Config.Labels.a}}' localhost/t-commit:latest
	output_is "A. Tester b"
	run podman commit --format zip work
	status_is 125
	output_is 'Error: unrecognized image format "zip"'
	run podman commit nobody
	status_is 125
}

@test "history: podman's columns, -q, JSON and templates" {
	new_image localhost/t-history:1 --message "one layer"
	run podman history localhost/t-history:1
	[[ ${lines[0]} =~ ^ID\ +CREATED\ +CREATED\ BY\ +SIZE\ +COMMENT$ ]]
	[[ ${lines[1]} == "${ID:0:12}"* ]]
	output_has "one layer"
	run podman history -q --no-trunc localhost/t-history:1
	output_is "$ID"
	run bash -c "'$PODMAN' image history --format json localhost/t-history:1 | jq -r '.[0].id, .[0].comment'"
	output_is "$ID"$'\n'"one layer"
	run podman history --format '{{.ID}} {{.Comment}}' localhost/t-history:1
	output_is "${ID:0:12} one layer"
	run podman history -H=false --format '{{.Created}}' localhost/t-history:1
	[[ $output =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$ ]]
}

@test "rmi --force: an image that is not there is no error" {
	run podman rmi -f localhost/no-such-image:1
	status_is 0
	output_is ""
	run podman rmi localhost/no-such-image:1
	status_is 1
}

@test "tag and untag" {
	new_image localhost/t-tag:1
	podman tag localhost/t-tag:1 t-tag:two quay.io/me/t-tag
	run podman image inspect --format '{{range .RepoTags}}{{.}} {{end}}' "$ID"
	output_has "localhost/t-tag:two"
	output_has "quay.io/me/t-tag:latest"
	run podman tag localhost/no-such-image x
	status_is 125
	run podman tag localhost/t-tag:1 Upper:1
	status_is 125
	podman untag localhost/t-tag:1 t-tag:two
	run podman image exists localhost/t-tag:two
	status_is 1
	podman image untag "$ID"
	run podman image exists localhost/t-tag:1
	status_is 1
	podman image exists "$ID"
}

@test "diff: what a container changed" {
	podman run --name changed "$IMAGE" sh -c 'echo new >/tmp/added' >/dev/null
	run podman diff changed
	status_is 0
	output_has "A /tmp/added"
	run bash -c "'$PODMAN' container diff --format json changed | jq -r '.added[]'"
	output_has "/tmp/added"
	run podman diff --format '{{.}}' changed
	output_is "Error: only supported value for '--format' is 'json'"
	run podman diff no-such-thing
	status_is 125
	output_has "no-such-thing"
	run podman diff "$IMAGE"
	status_is 0
	output_has "A /bin"
}

@test "image tree draws the layers" {
	run podman image tree "$IMAGE"
	status_is 0
	[[ ${lines[0]} =~ ^Image\ ID:\ [0-9a-f]{12}$ ]]
	output_has "localhost/busybox:latest"
	output_has "Top Layer of:"
}

@test "image prune removes what has no name, after a question" {
	new_image localhost/t-prune:1
	old=$ID
	new_image localhost/t-prune:1
	run bash -c "echo n | '$PODMAN' image prune"
	status_is 0
	output_has "WARNING! This command removes all dangling images."
	podman image exists "$old"
	run podman image prune </dev/null
	status_is 125
	podman image exists "$old"
	run podman image prune -f
	status_is 0
	output_has "$old"
	run podman image exists "$old"
	status_is 1
	podman image exists "$ID"
}

@test "search: filters are checked before anybody is asked" {
	run podman search --filter colour=green busybox
	status_is 125
	output_is 'Error: invalid filter type "colour=green"'
	run podman search --list-tags --filter is-official busybox
	output_is "Error: filters are not applicable to list tags result"
}

@test "search: tags and names of a registry, also on a host without search" {
	# shellcheck source=tests/system/hosts.sh
	. "$BATS_TEST_DIRNAME/hosts.sh"
	# shellcheck source=tests/system/registry.sh
	. "$BATS_TEST_DIRNAME/registry.sh"
	# shellcheck disable=SC2034
	lab=$LAB lab_pids=
	registry_can_run || skip "$registry_why"
	registry_start search plain
	put_image "$registry_host" tools/hammer 1.0
	put_image "$registry_host" tools/hammer 2.0
	run podman search --tls-verify=false --list-tags "$registry_host/tools/hammer"
	status_is 0
	[[ ${lines[0]} =~ ^NAME\ +TAG$ ]]
	[ "${#lines[@]}" -eq 3 ]
	[[ $output =~ $registry_host/tools/hammer\ +1.0 ]]
	[[ $output =~ $registry_host/tools/hammer\ +2.0 ]]
	run bash -c "'$PODMAN' search --tls-verify=false --list-tags --format json '$registry_host/tools/hammer' | jq -r '.[0].Tags | sort[]'"
	output_is $'1.0\n2.0'
	run podman search --tls-verify=false --format '{{.Index}} {{.Name}}' "$registry_host/hammer"
	output_is "$registry_host $registry_host/tools/hammer"
	# This too is asked by the client, since no host takes --tls-verify here.
	run bash -c "'$PODMAN' manifest inspect --tls-verify=false '$registry_host/tools/hammer:1.0' | jq -r .mediaType"
	output_is "application/vnd.docker.distribution.manifest.v2+json"
	registry_stop search
}

# put_image REGISTRY REPOSITORY TAG: an image of no layers.
put_image() {
	local digest length
	printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >config.json
	digest=sha256:$(sha256sum config.json | cut -d' ' -f1)
	length=$(wc -c <config.json)
	curl -sf --noproxy '*' -X POST -D headers -o /dev/null "http://$1/v2/$2/blobs/uploads/"
	curl -sf --noproxy '*' -X PUT --data-binary @config.json -H 'Content-Type: application/octet-stream' \
		"$(tr -d '\r' <headers | sed -n 's/^[Ll]ocation: //p')&digest=$digest"
	printf '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%s,"digest":"%s"},"layers":[]}' \
		"$length" "$digest" >manifest.json
	curl -sf --noproxy '*' -X PUT --data-binary @manifest.json -H 'Content-Type: application/vnd.docker.distribution.manifest.v2+json' "http://$1/v2/$2/manifests/$3"
}

@test "image scp: from this host to another and back, with its ID and a new name" {
	second_host
	podman system connection add scp-first "$HOST_URL"
	podman system connection add scp-second "unix://$PWD/second.sock"
	new_image localhost/t-scp:1
	run podman image scp localhost/t-scp:1 scp-second::
	status_is 0
	output_is "Loaded image: localhost/t-scp:1"
	podman --connection scp-second image exists "$ID"
	forget
	run podman image scp -q scp-second::localhost/t-scp:1 scp-first::t-scp:renamed
	status_is 0
	output_is ""
	podman image exists "$ID"
	podman image exists localhost/t-scp:renamed
	forget
	run podman image scp scp-second::localhost/t-scp:1
	status_is 0
	podman image exists "$ID"
	podman system connection remove scp-first
	podman system connection remove scp-second
}

@test "image scp: what is missing is said in podman's words, and nothing is skipped" {
	second_host
	podman system connection add scp-second "unix://$PWD/second.sock"
	run podman image scp "$IMAGE"
	output_is "Error: must specify a destination: invalid argument"
	run podman image scp scp-second::
	output_is "Error: no source image specified: invalid argument"
	run podman image scp scp-second:: other::
	output_is "Error: a source image must be specified: invalid argument"
	run podman image scp localhost/no-such-image scp-second::
	status_is 125
	output_has "no-such-image"
	run podman image scp root@localhost::x scp-second::
	status_is 125
	output_has "cannot use the user transfer function on the remote client"
	podman system connection remove scp-second
}

@test "manifest lists: create, add, inspect, annotate, remove, rm" {
	on_rest
	new_image localhost/t-part:1
	run podman manifest create t-list:1
	status_is 0
	[[ $output =~ ^[0-9a-f]{64}$ ]]
	list=$output
	run podman manifest add --arch arm64 t-list:1 "containers-storage:localhost/t-part:1"
	status_is 0
	podman manifest exists t-list:1
	run bash -c "'$PODMAN' manifest inspect t-list:1 | jq -r '.manifests[0].platform.architecture'"
	output_is arm64
	digest=$(podman manifest inspect t-list:1 | jq -r '.manifests[0].digest')
	run podman manifest remove t-list:1 "$digest"
	status_is 0
	run bash -c "'$PODMAN' manifest inspect t-list:1 | jq '.manifests | length'"
	output_is 0
	run podman manifest rm t-list:1
	status_is 0
	output_has "Deleted: $list"
	run podman manifest exists t-list:1
	status_is 1
	run podman manifest rm t-list:1
	status_is 1
}

@test "manifest lists: hosts of Podman 1.x have none, which is said in one sentence" {
	on_varlink || skip "this host has them"
	run podman manifest create t-list:1
	status_is 125
	[ "${#lines[@]}" -eq 1 ]
	output_has "not supported by Podman"
}

@test "image sign and image trust belong to the host, as podman says" {
	run podman image sign --sign-by me x
	status_is 125
	output_has 'cannot use command "podman image sign" with the remote podman client'
	run podman image trust show
	status_is 125
	output_has 'cannot use command "podman image trust show" with the remote podman client'
}
