# skopeo: who may say what an image is: policy.json, signatures by GnuPG beside a registry, sigstore ones in it. The real skopeo is asked the same and must decide the
# same, where it is installed.
# shellcheck disable=SC2154
NEEDS_NO_HOST=1
bats_require_minimum_version 1.5.0
load common

# make_key NAME: a key of GnuPG in the keyring of this file; its fingerprint is in NAME.fingerprint, its public part in NAME.asc.
make_key() {
	gpg --batch --quiet --passphrase '' --quick-gen-key "$1@test" ed25519 sign never 2>/dev/null &&
		gpg --batch --with-colons --list-keys "$1@test" 2>/dev/null | sed -n '/^fpr/ { s/[fpr:]//gp; q; }' >"$KEYS/$1.fingerprint" &&
		gpg --batch --armor --export "$1@test" >"$KEYS/$1.asc"
}

# attach IMAGE DIGEST REFERENCE PRIVATE_KEY: a sigstore signature as cosign stores it, made by openssl alone.
attach() {
	local dir=$BATS_FILE_TMPDIR/attach-$1 payload config
	mkdir "$dir"
	printf '{"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"%s"},"type":"cosign container image signature"},"optional":null}' \
		"$3" "$2" >"$dir/payload"
	openssl dgst -sha256 -sign "$4" -out "$dir/raw" "$dir/payload" || return 1
	payload=$(sha256sum <"$dir/payload" | cut -c1-64) config=$(printf '{}' | sha256sum | cut -c1-64)
	printf '{}' >"$dir/$config"
	cp "$dir/payload" "$dir/$payload"
	printf 'Directory Transport Version: 1.1\n' >"$dir/version"
	cat >"$dir/manifest.json" <<-EOT
		{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
		"config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":2,"digest":"sha256:$config"},
		"layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","size":$(wc -c <"$dir/payload"),"digest":"sha256:$payload",
		"annotations":{"dev.cosignproject.cosign/signature":"$(base64 <"$dir/raw" | tr -d '\n')"}}]}
	EOT
	"$SKOPEO" --insecure-policy copy -q --preserve-digests --dest-tls-verify=false "dir:$dir" "docker://$OPEN/t/$1:${2/:/-}.sig"
}

# image NAME [--sign-by ...]: each in a repository of its own, with the name as its configuration's author, so that no two have one digest.
image() {
	local name=$1
	shift
	image_archive "$BATS_FILE_TMPDIR/$name.tar" amd64 "docker.io/t/$name:1" || return 1
	"$SKOPEO" --registries.d "$LOOKASIDE" --insecure-policy copy -q --dest-tls-verify=false "$@" "docker-archive:$BATS_FILE_TMPDIR/$name.tar" "docker://$OPEN/t/$name:1"
}

setup_file() {
	# shellcheck source=tests/system/hosts.sh
	. "$BATS_TEST_DIRNAME/hosts.sh"
	# shellcheck source=tests/system/registry.sh
	. "$BATS_TEST_DIRNAME/registry.sh"
	# shellcheck source=tests/system/image.sh
	. "$BATS_TEST_DIRNAME/image.sh"
	lab=$BATS_FILE_TMPDIR lab_pids=
	registry_can_run || { export MISSING=$registry_why; return 0; }
	command -v gpg >/dev/null || { export MISSING="gpg is not installed"; return 0; }
	REAL_SKOPEO=$(command -v skopeo) || REAL_SKOPEO=
	export SKOPEO=$BATS_FILE_TMPDIR/bin/skopeo REAL_SKOPEO KEYS=$BATS_FILE_TMPDIR LOOKASIDE=$BATS_FILE_TMPDIR/registries.d
	# The agent of a keyring listens in it, and the paths of sockets are short.
	GNUPGHOME=$(mktemp -d /tmp/gpg.XXXXXX)
	export GNUPGHOME
	mkdir -p "$BATS_FILE_TMPDIR/bin" "$LOOKASIDE"
	ln -s "$PODMAN" "$SKOPEO"
	registry_start open plain
	export OPEN=$registry_host REGISTRY_PIDS=$lab_pids
	printf 'default-docker:\n  lookaside: file://%s/lookaside\n  use-sigstore-attachments: true\n' "$BATS_FILE_TMPDIR" >"$LOOKASIDE/default.yaml"
	make_key ours && make_key others || return 1
	for key in cosign other-cosign; do
		openssl ecparam -name prime256v1 -genkey -noout -out "$KEYS/$key.key" && openssl ec -in "$KEYS/$key.key" -pubout -out "$KEYS/$key.pub" 2>/dev/null || return 1
	done
	local ours others digest
	ours=$(cat "$KEYS/ours.fingerprint") others=$(cat "$KEYS/others.fingerprint")
	image unsigned && image signed --sign-by "$ours" && image strange --sign-by "$others" && image renamed --sign-by "$ours" --sign-identity q.io/n:1 || return 1
	for name in cosigned cosigned-strange cosigned-renamed; do
		image "$name" || return 1
		digest=$("$SKOPEO" inspect --tls-verify=false -n --format '{{.Digest}}' "docker://$OPEN/t/$name:1")
		case $name in
		cosigned) attach "$name" "$digest" "$OPEN/t/$name:1" "$KEYS/cosign.key" ;;
		cosigned-strange) attach "$name" "$digest" "$OPEN/t/$name:1" "$KEYS/other-cosign.key" ;;
		cosigned-renamed) attach "$name" "$digest" "q.io/n:1" "$KEYS/cosign.key" ;;
		esac || return 1
	done
}

teardown_file() {
	# shellcheck disable=SC2086
	[ -z "${REGISTRY_PIDS:-}" ] || kill $REGISTRY_PIDS
	[ -z "${GNUPGHOME:-}" ] || { gpgconf --kill all; rm -rf "$GNUPGHOME"; }
}

setup() {
	[ -z "${MISSING:-}" ] || skip "$MISSING"
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -m 0700 home
	export HOME=$PWD/home XDG_CONFIG_HOME=$PWD/home/.config
	export CONTAINER_HOST=unix:///nonexistent/podman.sock
	unset REGISTRY_AUTH_FILE DOCKER_CONFIG
}

# ask PROGRAM IMAGE: a copy under policy.json; status is its exit status, output the reason.
ask() {
	rm -rf copied
	run timeout --foreground 60 "$1" --policy policy.json --registries.d "$LOOKASIDE" copy -q --remove-signatures --src-tls-verify=false "docker://$OPEN/t/$2" dir:copied
	output=${output##*level=fatal msg=\"}
	output=${output%\"}
}

# decides WANT IMAGE...: accepted, or a part of the reason; the real one says no other.
decides() {
	local want=$1 image ours
	shift
	for image; do
		ask "$SKOPEO" "$image"
		case $want in
		accepted) status_is 0 || return 1 ;;
		*) status_is 1 && output_has "Source image rejected: $want" || return 1 ;;
		esac
		[ -n "$REAL_SKOPEO" ] || continue
		ours=$output
		ask "$REAL_SKOPEO" "$image"
		[ "$want" = accepted ] && { status_is 0 || return 1; continue; }
		status_is 1 && output_is "$ours" || return 1
	done
}

policy() {
	printf '%s' "$1" >policy.json
}

signed_by() {
	policy '{"default":[{"type":"reject"}],"transports":{"docker":{"'"$OPEN"'":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$KEYS/$1.asc"'"'"${2:-}"'}]}}}'
}

sigstore_signed() {
	policy '{"default":[{"type":"sigstoreSigned","keyPath":"'"$KEYS/$1.pub"'"'"${2:-}"'}]}'
}

@test "policy: a signature by the key and for the name that are asked for" {
	signed_by ours
	decides accepted signed:1
	decides "A signature was required, but no signature exists" unsigned:1
	decides "Signature for identity q.io/n:1 is not accepted" renamed:1
}

@test "policy: a signature by somebody else" {
	signed_by ours
	for program in "$SKOPEO" $REAL_SKOPEO; do
		ask "$program" strange:1
		status_is 1
		output_has "Source image rejected: Invalid GPG signature"
	done
	signed_by others
	decides accepted strange:1
}

@test "policy: signedIdentity" {
	signed_by ours ',"signedIdentity":{"type":"exactReference","dockerReference":"q.io/n:1"}'
	decides accepted renamed:1
	decides "Signature for identity $OPEN/t/signed:1 is not accepted" signed:1
	signed_by ours ',"signedIdentity":{"type":"exactRepository","dockerRepository":"q.io/n"}'
	decides accepted renamed:1
	signed_by ours ',"signedIdentity":{"type":"remapIdentity","prefix":"'"$OPEN"'/t/renamed","signedPrefix":"q.io/n"}'
	decides accepted renamed:1
	signed_by ours ',"signedIdentity":{"type":"matchRepository"}'
	decides accepted signed:1
	decides "Signature for identity q.io/n:1 is not accepted" renamed:1
}

@test "policy: an image by digest may be signed under any tag" {
	local digest
	digest=$("$SKOPEO" inspect --tls-verify=false -n --format '{{.Digest}}' "docker://$OPEN/t/signed:1")
	signed_by ours
	decides accepted "signed@$digest"
	signed_by ours ',"signedIdentity":{"type":"matchExact"}'
	decides "Signature for identity $OPEN/t/signed:1 is not accepted" "signed@$digest"
}

@test "policy: the most specific scope decides" {
	policy '{"default":[{"type":"reject"}],"transports":{"docker":{"'"$OPEN"'/t":[{"type":"insecureAcceptAnything"}],"'"$OPEN"'/t/signed":[{"type":"reject"}],
		"'"$OPEN"'/t/signed:1":[{"type":"insecureAcceptAnything"},{"type":"insecureAcceptAnything"}],"":[{"type":"reject"}]}}}'
	decides accepted unsigned:1 signed:1
	policy '{"default":[{"type":"insecureAcceptAnything"}],"transports":{"docker":{"'"$OPEN"'/t/signed":[{"type":"reject"}]},"dir":{"":[{"type":"reject"}]}}}'
	decides accepted unsigned:1
	decides "Running image docker://$OPEN/t/signed:1 is rejected by policy." signed:1
}

# Debian's skopeo has no sigstore in it, so openssl, which made the signatures, is the only other voice here.
@test "policy: sigstore signatures in the registry" {
	local REAL_SKOPEO=
	sigstore_signed cosign
	decides accepted cosigned:1
	decides "A signature was required, but no signature exists" unsigned:1
	decides "Signature for identity q.io/n:1 is not accepted" cosigned-renamed:1
	sigstore_signed cosign ',"signedIdentity":{"type":"exactRepository","dockerRepository":"q.io/n"}'
	decides accepted cosigned-renamed:1
	decides "Signature for identity $OPEN/t/cosigned:1 is not accepted" cosigned:1
	sigstore_signed other-cosign
	decides accepted cosigned-strange:1
	decides "cryptographic signature verification failed" cosigned:1
}

@test "signatures: copy signs with a sigstore key, a second time beside the first" {
	local REAL_SKOPEO= digest attached
	echo geheim >passphrase
	timeout 60 "$SKOPEO" generate-sigstore-key --output-prefix "$PWD/key" --passphrase-file passphrase
	for name in q.io/n:1 "$OPEN/t/sealed:1"; do
		timeout 60 "$SKOPEO" --insecure-policy copy -q --src-tls-verify=false --dest-tls-verify=false --sign-by-sigstore-private-key key.private \
			--sign-passphrase-file passphrase --sign-identity "$name" "docker://$OPEN/t/unsigned:1" "docker://$OPEN/t/sealed:1"
		policy '{"default":[{"type":"sigstoreSigned","keyPath":"'"$PWD"'/key.pub"}]}'
		ask "$SKOPEO" sealed:1
		[ "$name" != q.io/n:1 ] || output_has "Source image rejected: Signature for identity q.io/n:1 is not accepted"
	done
	status_is 0
	digest=$("$SKOPEO" inspect --tls-verify=false -n --format '{{.Digest}}' "docker://$OPEN/t/sealed:1")
	attached=$("$SKOPEO" inspect --tls-verify=false --raw "docker://$OPEN/t/sealed:${digest/:/-}.sig")
	[ "$(jq '.layers | length' <<<"$attached")" = 2 ]
	# openssl says so, too.
	"$SKOPEO" --insecure-policy copy -q --src-tls-verify=false "docker://$OPEN/t/sealed:${digest/:/-}.sig" dir:signatures
	jq -r '.layers[1].annotations["dev.cosignproject.cosign/signature"]' <<<"$attached" | base64 -d >raw
	openssl dgst -sha256 -verify key.pub -signature raw "signatures/$(jq -r '.layers[1].digest[7:]' <<<"$attached")"
	run timeout 60 "$SKOPEO" --insecure-policy copy -q --src-tls-verify=false --sign-by-sigstore-private-key key.private --sign-passphrase-file passphrase \
		--sign-identity q.io/n:1 "docker://$OPEN/t/unsigned:1" dir:unsealed
	status_is 1
	output_has "has no place for sigstore signatures"
}

@test "signatures: sigstore ones in the registry go along where registries.d counts them" {
	local tag
	printf geheim >passphrase
	timeout 60 "$SKOPEO" generate-sigstore-key --output-prefix "$PWD/carry" --passphrase-file passphrase
	timeout 60 "$SKOPEO" --insecure-policy copy -q --src-tls-verify=false --dest-tls-verify=false --sign-by-sigstore-private-key carry.private \
		--sign-passphrase-file passphrase "docker://$OPEN/t/unsigned:1" "docker://$OPEN/c/one:1"
	tag=$("$SKOPEO" inspect --tls-verify=false --format '{{.Digest}}' "docker://$OPEN/c/one:1")
	tag=${tag/:/-}.sig
	timeout 60 "$SKOPEO" --insecure-policy --registries.d "$LOOKASIDE" copy -q --src-tls-verify=false --dest-tls-verify=false "docker://$OPEN/c/one:1" "docker://$OPEN/c/two:1"
	timeout 60 "$SKOPEO" --insecure-policy --registries.d "$LOOKASIDE" copy -q --remove-signatures --src-tls-verify=false --dest-tls-verify=false \
		"docker://$OPEN/c/one:1" "docker://$OPEN/c/bare:1"
	run timeout 60 "$SKOPEO" list-tags --tls-verify=false "docker://$OPEN/c/two"
	output_has "$tag"
	run timeout 60 "$SKOPEO" list-tags --tls-verify=false "docker://$OPEN/c/bare"
	output_lacks "$tag"
}

@test "policy: one that can't be read stops everything" {
	policy '{"default":[{"type":"insecureAcceptAnything"}],"foo":1}'
	ask "$SKOPEO" unsigned:1
	status_is 1
	output_has 'Error loading trust policy: invalid policy in \"policy.json\": Unknown key \"foo\"'
	[ ! -e copied ]
	policy '{"default":[{"type":"insecureAcceptAnything"}],"default":[{"type":"insecureAcceptAnything"}]}'
	ask "$SKOPEO" unsigned:1
	status_is 1
	output_has 'Duplicate key \"default\"'
}

@test "signatures: what one signs, the other verifies" {
	local ours digest
	ours=$(cat "$KEYS/ours.fingerprint")
	timeout 60 "$SKOPEO" inspect --tls-verify=false --raw "docker://$OPEN/t/unsigned:1" >manifest.json
	digest=$("$SKOPEO" manifest-digest manifest.json)
	for signer in "$SKOPEO" $REAL_SKOPEO; do
		rm -f signature
		timeout 60 "$signer" standalone-sign manifest.json q.io/n:1 "$ours" -o signature
		for judge in "$SKOPEO" $REAL_SKOPEO; do
			run timeout 60 "$judge" standalone-verify manifest.json q.io/n:1 "$ours" signature
			status_is 0
			output_is "Signature verified, digest $digest"
			run timeout 60 "$judge" standalone-verify manifest.json q.io/n:2 "$ours" signature
			status_is 1
			output_has "Docker reference q.io/n:1 does not match q.io/n:2"
		done
	done
	run timeout 60 "$SKOPEO" standalone-verify --public-key-file "$KEYS/ours.asc" manifest.json q.io/n:1 any signature
	status_is 0
	run timeout 60 "$SKOPEO" standalone-verify --public-key-file "$KEYS/others.asc" manifest.json q.io/n:1 any signature
	status_is 1
}

@test "signatures: a passphrase in a file, for GnuPG's keys and for new sigstore keys" {
	echo geheim >passphrase
	gpg --batch --quiet --pinentry-mode loopback --passphrase geheim --quick-gen-key locked@test ed25519 sign never
	gpg --batch --with-colons --list-keys locked@test | sed -n '/^fpr/ { s/[fpr:]//gp; q; }' >fingerprint
	gpgconf --kill gpg-agent
	echo '{}' >manifest.json
	timeout 60 "$SKOPEO" standalone-sign manifest.json q.io/n:1 "$(cat fingerprint)" --passphrase-file passphrase -o signature
	timeout 60 "$SKOPEO" standalone-verify manifest.json q.io/n:1 "$(cat fingerprint)" signature
	run timeout 60 "$SKOPEO" generate-sigstore-key --output-prefix key --passphrase-file passphrase
	status_is 0
	output_is 'Key written to "key.private" and "key.pub"'
	[ "$(stat -c %a key.private)" = 600 ]
	openssl pkey -pubin -in key.pub -noout
	run timeout 60 "$SKOPEO" generate-sigstore-key --output-prefix key --passphrase-file passphrase
	status_is 1
	output_has 'Refusing to overwrite existing \"key.private\"'
}
