# skopeo: images in registries, layouts and archives, with no host, no root and no set-up. Real registries, and where it is installed the real skopeo as the judge. Named
# after what people wrote about skopeo on a Mac.
# shellcheck disable=SC2154
NEEDS_NO_HOST=1
bats_require_minimum_version 1.5.0
load common

setup_file() {
	# shellcheck source=tests/system/hosts.sh
	. "$BATS_TEST_DIRNAME/hosts.sh"
	# shellcheck source=tests/system/registry.sh
	. "$BATS_TEST_DIRNAME/registry.sh"
	# shellcheck source=tests/system/image.sh
	. "$BATS_TEST_DIRNAME/image.sh"
	lab=$BATS_FILE_TMPDIR lab_pids=
	registry_can_run || { export REGISTRY_MISSING=$registry_why; return 0; }
	export IMAGES=$BATS_FILE_TMPDIR/images
	mkdir -p "$BATS_FILE_TMPDIR/bin" "$IMAGES"
	ln -s "$PODMAN" "$BATS_FILE_TMPDIR/bin/skopeo"
	REAL_SKOPEO=$(command -v skopeo) || REAL_SKOPEO=
	export SKOPEO=$BATS_FILE_TMPDIR/bin/skopeo REAL_SKOPEO
	registry_start open plain
	export OPEN=$registry_host OPEN_LOG=$registry_dir/log
	registry_start closed tls
	export CLOSED=$registry_host CERTS=$registry_certs WHO=$registry_user SECRET=$registry_password REGISTRY_PIDS=$lab_pids
	for arch in amd64 arm64; do
		image_archive "$IMAGES/$arch.tar" $arch docker.io/t/small:1
		"$SKOPEO" copy -q --dest-tls-verify=false "docker-archive:$IMAGES/$arch.tar" "docker://$OPEN/t/small:$arch" || return 1
	done
	image_list "$OPEN" t/small list amd64 arm64
}

teardown_file() {
	# shellcheck disable=SC2086
	[ -z "${REGISTRY_PIDS:-}" ] || kill $REGISTRY_PIDS
}

setup() {
	[ -z "${REGISTRY_MISSING:-}" ] || skip "$REGISTRY_MISSING"
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -m 0700 home run
	export HOME=$PWD/home XDG_CONFIG_HOME=$PWD/home/.config XDG_RUNTIME_DIR=$PWD/run
	export CONTAINER_HOST=unix:///nonexistent/podman.sock
	unset REGISTRY_AUTH_FILE DOCKER_CONFIG
	# No option of a story is about the open registry's HTTP.
	mkdir -p home/.config/containers
	printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$OPEN" >home/.config/containers/registries.conf
	SMALL=docker://$OPEN/t/small
}

skopeo() {
	timeout --foreground 60 "$SKOPEO" "$@"
}

real() {
	timeout --foreground 60 "$REAL_SKOPEO" "$@"
}

needs_real() {
	[ -n "$REAL_SKOPEO" ] || skip "skopeo is not installed: nobody to compare with"
}

# without_layers_data: what inspect of 1.9.3 does not tell.
without_layers_data() {
	sed '/^    "LayersData": \[/,/^    \],/d'
}

digest_of() {
	skopeo inspect -n --format '{{.Digest}}' "$@"
}

# ---- the words -------------------------------------------------------------------------------------------------------

@test "skopeo alone says that a command is missing, and exits 1" {
	run --separate-stderr -1 skopeo
	[[ $stderr =~ ^time=\"[^\"]*\"\ level=fatal\ msg=\"Missing\ command\ \'skopeo\ COMMAND\' ]]
	[ -z "$output" ]
}

@test "a mistyped command: the nearest one, one line, exit 1" {
	run --separate-stderr -1 skopeo cop
	[[ $stderr == *'level=fatal msg="Unrecognized command `skopeo cop`\n\nDid you mean this?\n\tcopy\n\nTry '"'skopeo --help'"' for more information"' ]]
}

@test "wrong arguments printed the help and exited 0: they are an error" {
	while read -r words; do
		# shellcheck disable=SC2086
		run --separate-stderr -1 skopeo $words
		[ -z "$output" ]
		[[ $stderr == *level=fatal* ]]
	done <<-'EOT'
		copy
		copy dir:a
		copy dir:a dir:b dir:c
		sync dir:a
		list-tags
		inspect
		delete
		login
		logout
	EOT
}

@test "global options are taken behind the command, too" {
	run -0 skopeo inspect --no-tags --override-os linux "$SMALL:list" --override-arch arm64 --format '{{.Architecture}}'
	output_is arm64
	run -0 skopeo --override-arch=arm64 inspect --no-tags --format '{{.Architecture}}' "$SMALL:list"
	output_is arm64
	run -0 skopeo copy -v
	[[ $output =~ ^skopeo\ version\ [0-9] ]]
}

@test "podman skopeo is the same program" {
	run -0 podman skopeo inspect --no-tags --format '{{.Digest}}' "$SMALL:amd64"
	output_is "$(digest_of "$SMALL:amd64")"
	run -1 podman skopeo inspect
	output_has 'level=fatal msg="Exactly one argument expected"'
}

@test "errors are the real skopeo's, word for word" {
	needs_real
	while read -r words; do
		# shellcheck disable=SC2086
		run skopeo $words
		# What ours hints at is more than skopeo says.
		ours=$(printf '%s' "$output" | sed 's/^time="[^"]*"//; s/ hint=".*"$//') ours_status=$status
		# shellcheck disable=SC2086
		run real $words
		[ "$ours" = "$(printf '%s' "$output" | sed 's/^time="[^"]*"//')" ] || { printf '%s\nours: %s\nreal: %s\n' "$words" "$ours" "$output"; return 1; }
		[ "$ours_status" -eq "$status" ] || { printf '%s\n' "$words"; return 1; }
	done <<-EOT
		foo
		copy --nonsense a b
		copy a dir:x
		copy dir:x xyz:foo
		copy docker:foo dir:x
		--policy /nonexistent copy dir:x dir:y
		copy --format foo dir:x dir:y
		copy --multi-arch foo dir:x dir:y
		copy -a --multi-arch system dir:x dir:y
		copy --src-creds :x dir:x dir:y
		copy --src-creds a:x --src-no-creds dir:x dir:y
		copy --src-username a dir:x dir:y
		copy --dest-compress-format xz docker-archive:$IMAGES/amd64.tar dir:y
		copy docker://$OPEN/t/small:nope dir:y
		copy docker-archive:$IMAGES/amd64.tar docker-archive:$IMAGES/arm64.tar
		copy --all docker://$OPEN/t/small:list docker-archive:y.tar
		inspect
		inspect a
		inspect xyz:foo
		inspect --raw --format x dir:y
		inspect dir:/nonexistent
		inspect docker://$OPEN/t/small:nope
		inspect docker://$OPEN/t/nope
		inspect docker://$CLOSED/t/nope
		inspect --tls-verify=false docker://$CLOSED/t/nope
		inspect --tls-verify=false docker://127.0.0.1:1/t/nope
		inspect --format {{.Foo}} docker://$OPEN/t/small:amd64
		list-tags dir:x
		list-tags docker://$OPEN/t/small:amd64
		list-tags docker://$OPEN/t/nope
		delete dir:x
		delete docker://$OPEN/t/small:nope
		login
		logout
		logout registry.invalid
		sync --src foo --dest docker a b
		sync --src docker a b
		sync --src dir --dest dir a b
	EOT
}

# ---- inspect ---------------------------------------------------------------------------------------------------------

@test "inspect prints what skopeo prints, byte for byte, and LayersData" {
	needs_real
	skopeo copy -q --format oci "$SMALL:amd64" "$SMALL:oci"
	skopeo copy -q "$SMALL:amd64" dir:there
	for image in "$SMALL:amd64" "$SMALL:oci" "$SMALL:list" dir:there "docker-archive:$IMAGES/arm64.tar" "docker-archive:$IMAGES/arm64.tar:t/small:1"; do
		skopeo inspect "$image" >ours
		real inspect "$image" >theirs
		without_layers_data <ours | cmp - theirs || { echo "$image"; return 1; }
		grep -q '"MIMEType": "application/vnd' ours
		for flags in --raw --config '--raw --config' --no-tags; do
			# shellcheck disable=SC2086
			skopeo inspect $flags "$image" | without_layers_data >ours
			# shellcheck disable=SC2086
			real inspect $flags "$image" >theirs
			cmp ours theirs || { echo "$image $flags"; return 1; }
		done
	done
}

@test "inspect --format is Go's template" {
	run -0 skopeo inspect --format '{{.Os}}/{{.Architecture}} {{len .Layers}} {{.Labels.alpha}} {{.Labels}} {{.Env}} {{.Created}}' "$SMALL:amd64"
	output_is 'linux/amd64 2 <x> map[alpha:<x> zeta:1] [PATH=/bin A=<b>&c] 2023-11-14 22:13:20 +0000 UTC'
	run -0 skopeo inspect --format '{{json .Labels}}' "$SMALL:amd64"
	output_is '{"alpha":"<x>","zeta":"1"}'
	run -0 skopeo inspect --config --format '{{.OS}} {{.Config.Cmd}} {{(index .History 1).CreatedBy}} {{len .RootFS.DiffIDs}}' "$SMALL:amd64"
	output_is 'linux [/bin/sh] step 2 2'
}

@test "on a Mac: no image for OS darwin. It is linux that is looked for, and what a list has is told" {
	run -0 skopeo inspect --no-tags --override-arch arm64 --format '{{.Os}}/{{.Architecture}}' "$SMALL:list"
	output_is linux/arm64
	run -1 skopeo --override-os darwin --override-arch arm64 inspect "$SMALL:list"
	output_has 'no image found in manifest list for architecture arm64, variant \"\", OS darwin; it has linux/amd64, linux/arm64'
}

@test "a name with tag and digest, which skopeo refuses, is the image of the digest" {
	digest=$(digest_of "$SMALL:amd64")
	run -0 digest_of "$SMALL:arm64@$digest"
	output_is "$digest"
}

# ---- copy ------------------------------------------------------------------------------------------------------------

@test "copy prints skopeo's lines, and with -q nothing" {
	run -0 skopeo copy "$SMALL:amd64" dir:there
	[ "${lines[0]}" = "Getting image source signatures" ]
	[ "$(grep -c '^Copying blob sha256:[0-9a-f]\{64\}$' <<<"$output")" -eq 2 ]
	[[ ${lines[3]} =~ ^Copying\ config\ sha256:[0-9a-f]{64}$ ]]
	[ "${lines[4]}" = "Writing manifest to image destination" ]
	run -0 skopeo copy -q "$SMALL:amd64" dir:again
	output_is ''
}

@test "copy --all says which image of the list it is at" {
	run -0 skopeo copy --all "$SMALL:list" dir:all
	output_has 'Copying 2 of 2 images in list'
	output_has '(2/2)'
	output_has 'Writing manifest list to image destination'
	run -0 skopeo inspect --raw dir:all
	output_is "$(skopeo inspect --raw "$SMALL:list")"
}

@test "digests: --digestfile, --preserve-digests" {
	run -0 skopeo copy -q --digestfile digest --format oci "$SMALL:amd64" oci:layout:1
	[ "$(cat digest)" = "$(digest_of oci:layout:1)" ]
	run -1 skopeo copy --preserve-digests --format oci "$SMALL:amd64" oci:other:1
	[ ! -e other/index.json ]
}

@test "on a Mac there is no policy.json: images are accepted, and --debug says where one would lie" {
	[ -e /etc/containers/policy.json ] || { run -0 skopeo copy -q "$SMALL:amd64" dir:there; return; }
	unshare -rm true 2>/dev/null || skip "this machine has a policy.json that can't be hidden from a test"
	run -0 unshare -rm sh -c 'mount -t tmpfs none /etc/containers && exec "$@"' - "$SKOPEO" --debug copy "$SMALL:amd64" dir:there
	output_has "$HOME/.config/containers/policy.json"
	[ -s there/manifest.json ]
}

@test "a policy.json counts, and one with a mistake in it is no policy" {
	printf '{"default":[{"type":"reject"}]}' >home/.config/containers/policy.json
	run -1 skopeo copy "$SMALL:amd64" dir:there
	output_has 'Source image rejected: Running image'
	[ ! -e there/manifest.json ]
	run -0 skopeo --insecure-policy copy -q "$SMALL:amd64" dir:there
	printf '{"default":[{"type":"insecureAcceptAnything"}],"foo":1}' >policy
	run -1 skopeo --policy policy copy "$SMALL:amd64" dir:other
	output_has 'Error loading trust policy: invalid policy in \"policy\": Unknown key \"foo\"'
}

@test "an oci-archive needed sudo for /var/tmp: reading and writing one makes no temporary files elsewhere" {
	export TMPDIR=/nonexistent
	run -0 skopeo copy -q "$SMALL:amd64" oci-archive:there.tar:1
	run -0 digest_of oci-archive:there.tar:1
	skopeo copy -q oci-archive:there.tar:1 oci:layout:1
	run -0 digest_of oci:layout:1
	output_is "$(digest_of oci-archive:there.tar:1)"
	run -0 digest_of "docker-archive:$IMAGES/amd64.tar"
}

@test "a copy that breaks leaves what was there: no half archive, no half layout" {
	skopeo copy -q "$SMALL:amd64" dir:broken
	layer=$(skopeo inspect --format '{{index .Layers 1}}' dir:broken)
	printf x >>"broken/${layer#sha256:}"
	skopeo copy -q "$SMALL:arm64" oci:layout:1
	before=$(cat layout/index.json)
	run -1 skopeo copy dir:broken oci:layout:1
	[ "$(cat layout/index.json)" = "$before" ]
	run -1 skopeo copy dir:broken docker-archive:new.tar
	[ ! -e new.tar ]
	run -1 skopeo copy dir:broken "docker://$OPEN/t/broken:1"
	run -1 skopeo inspect "docker://$OPEN/t/broken:1"
	output_has 'manifest unknown'
}

@test "another repository of the same registry gets a mount for each layer and the configuration, and no bytes" {
	: >"$OPEN_LOG"
	run -0 skopeo copy -q "$SMALL:amd64" "docker://$OPEN/other/place:1"
	[ "$(grep -c 'POST /v2/other/place/blobs/uploads/?[^"]*mount=' "$OPEN_LOG")" -eq 3 ]
	run ! grep -E '(PATCH|PUT) /v2/other/place/blobs' "$OPEN_LOG"
}

@test "--command-timeout ends what hangs" {
	run -1 skopeo --command-timeout 1ms inspect "$SMALL:amd64"
	output_has 'context deadline exceeded'
}

@test "--retry-times tries again where nobody answers, and not where the answer is no" {
	run -1 skopeo copy --src-tls-verify=false --retry-times 1 --retry-delay 10ms docker://127.0.0.1:1/t/x dir:there
	output_has 'level=warning msg="Failed, retrying in 10ms ... (1/1). Error: '
	run -1 skopeo copy --retry-times 3 "$SMALL:nope" dir:there
	output_lacks retrying
}

@test "progress on a terminal: a bar for each blob, and the words for those who wait" {
	command -v script >/dev/null || skip "script is not installed"
	run -0 script -qec "'$SKOPEO' copy '$SMALL:amd64' dir:there" /dev/null
	output_has 'Copying blob '
	output_has ' done'
	[[ $output == *$'\033['*A$'\033[J'* ]]
}

# ---- tags, delete, credentials ---------------------------------------------------------------------------------------

@test "list-tags: of a repository and of an archive" {
	run -0 skopeo list-tags "docker://$OPEN/t/small"
	[ "${lines[1]}" = "    \"Repository\": \"$OPEN/t/small\"," ]
	output_has '        "arm64"'
	run -0 skopeo list-tags "docker-archive:$IMAGES/amd64.tar"
	output_is '{
    "Tags": [
        "docker.io/t/small:1"
    ]
}'
}

@test "delete takes the image with all tags of its digest" {
	skopeo copy -q "$SMALL:amd64" "docker://$OPEN/gone/x:1"
	skopeo copy -q "$SMALL:amd64" "docker://$OPEN/gone/x:2"
	run -0 skopeo delete "docker://$OPEN/gone/x:1"
	run -1 skopeo inspect "docker://$OPEN/gone/x:2"
	run -1 skopeo delete "docker://$OPEN/gone/x:1"
	output_has 'Image may not exist or is not stored with a v2 Schema in a v2 registry'
}

@test "login once, then copy and inspect without a word about credentials, then logout" {
	run -1 skopeo copy --dest-cert-dir "$CERTS" "$SMALL:amd64" "docker://$CLOSED/me/x:1"
	output_has 'unauthorized: authentication required'
	run -0 skopeo login --cert-dir "$CERTS" -u "$WHO" --password-stdin "$CLOSED" <<<"$SECRET"
	output_is 'Login Succeeded!'
	run -0 skopeo copy -q --dest-cert-dir "$CERTS" "$SMALL:amd64" "docker://$CLOSED/me/x:1"
	run -0 digest_of --cert-dir "$CERTS" "docker://$CLOSED/me/x:1"
	run -0 skopeo logout "$CLOSED"
	run -1 digest_of --cert-dir "$CERTS" "docker://$CLOSED/me/x:1"
	run -0 digest_of --cert-dir "$CERTS" --creds "$WHO:$SECRET" "docker://$CLOSED/me/x:1"
	run -0 digest_of --cert-dir "$CERTS" --username "$WHO" --password "$SECRET" "docker://$CLOSED/me/x:1"
}

@test "the certificate of a registry is checked unless the user says no" {
	run -1 skopeo inspect --creds "$WHO:$SECRET" "docker://$CLOSED/me/x:1"
	output_has 'x509: certificate signed by unknown authority'
	run skopeo list-tags --tls-verify=false --creds "$WHO:$SECRET" "docker://$CLOSED/me/x"
	output_lacks x509
}

# ---- sync ------------------------------------------------------------------------------------------------------------

@test "sync: a repository to a folder and from there to another registry, and the second time nothing moves" {
	skopeo copy -q "$SMALL:amd64" "docker://$OPEN/sync/a:1"
	skopeo copy -q "$SMALL:arm64" "docker://$OPEN/sync/a:2"
	run -0 --separate-stderr skopeo sync --src docker --dest dir "$OPEN/sync/a" usb
	[[ $stderr == *'msg="Synced 2 images from 1 sources"'* ]]
	[ -s usb/a:1/manifest.json ]
	[ -s usb/a:2/manifest.json ]
	run -0 --separate-stderr skopeo sync --src docker --dest dir "$OPEN/sync/a" usb
	[ "$(grep -c 'Skipping: image already present at destination' <<<"$output")" -eq 2 ]
	run -0 skopeo sync --src dir --dest docker usb "$OPEN/from-usb"
	[ "$(digest_of "docker://$OPEN/from-usb/a:2")" = "$(digest_of "$SMALL:arm64")" ]
}

@test "sync spends no pull of a registry on what is there: HEAD alone" {
	skopeo copy -q "$SMALL:amd64" "docker://$OPEN/limit/a:1"
	skopeo sync --src docker --dest docker "$OPEN/limit/a:1" "$OPEN/mirror"
	: >"$OPEN_LOG"
	run -0 skopeo sync --src docker --dest docker "$OPEN/limit/a:1" "$OPEN/mirror"
	output_has 'Skipping: image already present at destination'
	run -0 grep -c 'HEAD /v2/limit/a/manifests/1' "$OPEN_LOG"
	run ! grep 'GET /v2/limit/a/manifests' "$OPEN_LOG"
}

@test "sync --dry-run says what it would do and does nothing" {
	run -0 skopeo sync --src docker --dest dir --dry-run "$OPEN/t/small:amd64" usb
	output_has 'msg="Would have copied image ref 1/1"'
	output_has 'msg="Would have synced 1 images from 1 sources"'
	[ ! -e usb ]
}

@test "sync --scoped keeps the whole name, --append-suffix makes another tag" {
	run -0 skopeo sync --scoped --src docker --dest dir --append-suffix -old "$OPEN/t/small:amd64" usb
	[ -s "usb/$OPEN/t/small:amd64-old/manifest.json" ]
}

@test "sync from a file: tags, all tags, tags by a regular expression or a range of versions" {
	for tag in 1.9 v1.10.2 1.11-rc1 2.0 latest; do
		skopeo copy -q "$SMALL:amd64" "docker://$OPEN/versions/x:$tag"
	done
	cat >list.yml <<-EOT
		# what the laptop needs
		$OPEN:
		  tls-verify: false
		  images:
		    t/small:
		      - amd64
		      - "list"
		  images-by-tag-regex:
		    t/small: ^arm\d+\$
		  images-by-semver:
		    versions/x: ">= 1.10, < 2"
	EOT
	run -0 skopeo sync --src yaml --dest dir list.yml usb
	[ -s usb/small:amd64/manifest.json ]
	[ -s usb/small:arm64/manifest.json ]
	[ -s usb/small:list/manifest.json ]
	[ "$(cd usb && echo x:*)" = x:v1.10.2 ]
}

@test "sync --keep-going does the rest and still exits 1" {
	printf '%s: {images: {t/nope: ["1"], t/small: ["arm64"]}}\n' "$OPEN" >list.yml
	run -1 skopeo sync --src yaml --dest dir list.yml usb
	[ ! -e usb/small:arm64 ]
	run -1 skopeo sync --src yaml --dest dir --keep-going list.yml usb
	[ -s usb/small:arm64/manifest.json ]
	output_has 'Sync failed due to previous reported error(s) for one or more images'
}

@test "sync refuses to write over another image" {
	mkdir usb
	skopeo copy -q "$SMALL:arm64" dir:usb/small:amd64
	run -1 skopeo sync --src docker --dest dir "$OPEN/t/small:amd64" usb
	output_has 'Refusing to overwrite destination directory \"usb/small:amd64\"'
}

# ---- both ways, every pair -------------------------------------------------------------------------------------------

# place TRANSPORT NAME: where an image of that name lies.
place() {
	case $1 in
	docker) echo "docker://$OPEN/pairs/$2:1" ;;
	dir) echo "dir:$PWD/$2" ;;
	docker-archive) echo "docker-archive:$PWD/$2:pairs/x:1" ;;
	*) echo "$1:$PWD/$2:1" ;;
	esac
}

# same A B: their layers have the same content, whatever its compression.
same() {
	[ "$(real inspect --no-tags --config --format '{{.RootFS.DiffIDs}} {{.Config.Labels}}' "$1")" = \
		"$(real inspect --no-tags --config --format '{{.RootFS.DiffIDs}} {{.Config.Labels}}' "$2")" ]
}

@test "what ours wrote the real skopeo reads and copies, for every pair of transports" {
	needs_real
	n=0
	for from in docker dir oci oci-archive docker-archive; do
		real copy -q "$SMALL:amd64" "$(place $from "theirs-$from")"
		for to in docker dir oci oci-archive docker-archive; do
			n=$((n + 1))
			ours=$(place $to "ours$n")
			skopeo copy -q "$(place $from "theirs-$from")" "$ours" || { echo "$from -> $to"; return 1; }
			same "$SMALL:amd64" "$ours" || { echo "$from -> $to: other content"; return 1; }
			real copy -q "$ours" "dir:$PWD/back$n" || { echo "$from -> $to: can't be copied"; return 1; }
		done
	done
	[ $n -eq 25 ]
}

@test "what the real skopeo wrote ours reads and copies, for every pair of transports" {
	needs_real
	n=0
	for from in docker dir oci oci-archive docker-archive; do
		skopeo copy -q "$SMALL:amd64" "$(place $from "mine-$from")"
		for to in docker dir oci oci-archive docker-archive; do
			n=$((n + 1))
			theirs=$(place $to "theirs$n")
			real copy -q "$(place $from "mine-$from")" "$theirs" || { echo "$from -> $to"; return 1; }
			[ "$(skopeo inspect --no-tags "$theirs" | without_layers_data)" = "$(real inspect --no-tags "$theirs")" ] || { echo "$from -> $to: told otherwise"; return 1; }
			skopeo copy -q "$theirs" "dir:$PWD/back$n" || { echo "$from -> $to: can't be copied"; return 1; }
			same "$SMALL:amd64" "dir:$PWD/back$n" || { echo "$from -> $to: other content"; return 1; }
		done
	done
	[ $n -eq 25 ]
}

@test "lists keep their digest between the two, each way" {
	needs_real
	skopeo copy -q --all "$SMALL:list" dir:ours
	real copy -q --all dir:ours "docker://$OPEN/pairs/list:real"
	skopeo copy -q --all "docker://$OPEN/pairs/list:real" "docker://$OPEN/pairs/list:ours"
	run -0 digest_of "docker://$OPEN/pairs/list:ours"
	output_is "$(digest_of "$SMALL:list")"
}
