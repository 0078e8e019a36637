# Images between hosts and a private registry, with the credentials of this machine: a real docker-registry with HTTPS and htpasswd, whose certificate only this
# machine's certs.d knows. Named after what the old clients did. On varlink a host of 1.8.0 is asked, whose protocol has no place for credentials.
bats_require_minimum_version 1.5.0
load common

setup_file() {
	lab=$LAB lab_pids=
	# shellcheck source=tests/system/hosts.sh
	. "$BATS_TEST_DIRNAME/hosts.sh"
	# shellcheck source=tests/system/registry.sh
	. "$BATS_TEST_DIRNAME/registry.sh"
	if ! registry_can_run; then
		export REGISTRY_MISSING=$registry_why
		return 0
	fi
	registry_start private tls
	mkdir -p "$XDG_CONFIG_HOME/containers/certs.d/$registry_host"
	cp "$registry_certs/ca.crt" "$XDG_CONFIG_HOME/containers/certs.d/$registry_host/"
	export REGISTRY=$registry_host REGISTRY_LOG=$registry_dir/log CA=$registry_certs/ca.crt CREDS="$registry_user:$registry_password"
	printf '{"auths":{"%s":{"auth":"%s"}}}' "$REGISTRY" "$(printf %s "$CREDS" | base64 | tr -d '\n')" >"$LAB/authfile.json"
	export AUTHFILE=$LAB/authfile.json
	if [ "$HOST" = standin ]; then
		standin=$STANDIN standin_suffix=-registry
		standin_start 1.8.0
		export OLD_HOST=unix://$standin_socket
	fi
}

teardown_file() {
	[ -n "${REGISTRY_MISSING:-}" ] || rm -rf "$XDG_CONFIG_HOME/containers/certs.d"
}

setup() {
	[ -z "${REGISTRY_MISSING:-}" ] || skip "$REGISTRY_MISSING"
	[ -z "$HOST_MISSING" ] || skip "$HOST_MISSING"
	HERE=$BATS_TEST_TMPDIR
	cd "$HERE" || return 1
	export CONTAINER_HOST=${OLD_HOST:-$HOST_URL}
	NAME=$REGISTRY/me/story$BATS_TEST_NUMBER
	# A REST host asks the registry itself, and does not know the certificate.
	TLS=()
	on_varlink || TLS=(--tls-verify=false)
}

teardown() {
	rm -f "$XDG_CONFIG_HOME/containers/registries.conf"
}

# ask METHOD PATH: what the registry answers, headers included.
ask() {
	curl -s -i --cacert "$CA" -u "$CREDS" -H 'Accept: application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json' \
		-X "$1" "https://$REGISTRY/v2/me/story$BATS_TEST_NUMBER/$2"
}

pushed() {
	podman push -q "${TLS[@]}" --creds "$CREDS" "$IMAGE" "$NAME:${1:-1}"
}

id_of() {
	podman inspect --type image --format '{{.Id}}' "$1"
}

uploads() {
	grep -c '"POST /v2/.*/blobs/uploads/' "$REGISTRY_LOG" || true
}

@test "push of a private image ended in EOF: it arrives, and the digest is told" {
	run --separate-stderr podman push "${TLS[@]}" --creds "$CREDS" --digestfile digest "$IMAGE" "$NAME:1"
	status_is 0
	[ -z "$output" ]
	[[ $stderr == *"Copying blob sha256:"* && $stderr == *"Copying config sha256:"* && $stderr == *"Writing manifest to image destination"* ]]
	ask GET manifests/1 >answer
	grep -qi "^docker-content-digest: $(cat digest)" answer
	grep -q "$(id_of "$IMAGE")" answer
}

@test "pushing again sends no layer twice" {
	pushed 1
	before=$(uploads)
	pushed 1
	pushed 2
	[ "$(uploads)" -eq "$before" ]
	ask HEAD manifests/2 | head -n 1 | grep -q 200
}

@test "push -q says nothing; a wrong password is told and leaves neither digest file nor image" {
	run podman push -q "${TLS[@]}" --creds "$CREDS" "$IMAGE" "$NAME:1"
	status_is 0
	output_is ""
	run podman push "${TLS[@]}" --creds alice:wrong --digestfile digest "$IMAGE" "$NAME:2"
	status_is 125
	[[ ${lines[-1]} == "Error: "* ]]
	[[ $output == *"invalid username/password"* || $output == *"authentication required"* ]]
	[ ! -e digest ]
	ask HEAD manifests/2 | head -n 1 | grep -q 404
}

@test "pull --creds was ignored: they count, and without them the registry refuses" {
	pushed
	id=$(id_of "$IMAGE")
	run podman pull "${TLS[@]}" --creds alice:wrong "$NAME:1"
	status_is 125
	output_has "authentication required"
	run --separate-stderr podman pull "${TLS[@]}" --creds "$CREDS" "$NAME:1"
	status_is 0
	output_is "$id"
	[[ $stderr == *"Trying to pull $NAME:1..."* ]]
	podman image exists "$NAME:1"
}

@test "pull --authfile was an unknown flag: the file counts, and a missing one is told" {
	pushed
	run --separate-stderr podman pull -q "${TLS[@]}" --authfile "$AUTHFILE" "$NAME:1"
	status_is 0
	output_is "$(id_of "$IMAGE")"
	run podman pull "${TLS[@]}" --authfile nowhere.json "$NAME:1"
	status_is 125
	output_is "Error: checking authfile: stat nowhere.json: no such file or directory"
}

@test "pull of what a host does not have yet, by tag and by digest" {
	echo "made in $BATS_TEST_NAME" >file
	printf 'FROM %s\nCOPY file /made\n' "$IMAGE" >Containerfile
	podman build -q -t "localhost/made" . >/dev/null
	podman push -q "${TLS[@]}" --creds "$CREDS" --digestfile digest localhost/made "$NAME:1"
	id=$(id_of localhost/made)
	podman rmi -f localhost/made >/dev/null
	run --separate-stderr podman pull "${TLS[@]}" --creds "$CREDS" "$NAME:1"
	status_is 0
	output_is "$id"
	[[ $stderr == *"Copying blob sha256:"* ]]
	run --separate-stderr podman pull "${TLS[@]}" --creds "$CREDS" "$NAME@$(cat digest)"
	status_is 0
	output_is "$id"
	podman rmi -f "$id" >/dev/null
}

@test "pull -a takes all tags, several names go one after the other" {
	pushed one
	pushed two
	run podman pull -q -a "${TLS[@]}" --creds "$CREDS" "$NAME"
	status_is 0
	podman image exists "$NAME:one"
	podman image exists "$NAME:two"
	run podman pull -q "${TLS[@]}" --creds "$CREDS" "$NAME:one" "$NAME:none" "$NAME:two"
	status_is 125
	output_has "manifest unknown"
	[ "$(grep -c "^$(id_of "$IMAGE")" <<<"$output")" -eq 2 ]
}

@test "push without a destination goes to the image's own name" {
	podman tag "$IMAGE" "$NAME:own"
	run podman push -q "${TLS[@]}" --authfile "$AUTHFILE" "$NAME:own"
	status_is 0
	ask HEAD manifests/own | head -n 1 | grep -q 200
}

@test "run and create pull with --creds and --authfile" {
	pushed
	run podman create "${TLS[@]}" --pull always --creds "$CREDS" "$NAME:1" true
	status_is 0
	run podman create "${TLS[@]}" --pull always --authfile "$AUTHFILE" "$NAME:1" true
	status_is 0
	run podman create "${TLS[@]}" --pull always --creds alice:wrong "$NAME:1" true
	status_is 125
	output_has "authentication required"
	podman rm -fa -t 0 >/dev/null
}

@test "login, then push and pull without a word about credentials, logout" {
	login=(login -u "${CREDS%%:*}" --password-stdin "$REGISTRY")
	run podman "${login[@]}" <<<"${CREDS#*:}"
	status_is 0
	output_is "Login Succeeded!"
	run podman push -q "${TLS[@]}" "$IMAGE" "$NAME:1"
	status_is 0
	run podman pull -q "${TLS[@]}" "$NAME:1"
	status_is 0
	output_is "$(id_of "$IMAGE")"
	podman logout "$REGISTRY"
	run podman push -q "${TLS[@]}" "$IMAGE" "$NAME:2"
	status_is 125
	ask HEAD manifests/2 | head -n 1 | grep -q 404
}

@test "credentials never reach a host whose protocol has no place for them" {
	[ -n "${OLD_HOST:-}" ] || skip "REST has a header for them"
	command -v socat >/dev/null || skip "socat is not installed"
	pushed
	socat -r "$HERE/to-host" -R "$HERE/from-host" "UNIX-LISTEN:$HERE/relay.sock,fork" "UNIX-CONNECT:${OLD_HOST#unix://}" 3>&- &
	RELAY=$!
	until_true 5 test -S relay.sock
	run podman --url "unix://$HERE/relay.sock" pull --creds "$CREDS" "$NAME:1"
	kill "$RELAY"
	status_is 0
	# The relay saw the calls, and nothing of the password.
	grep -qa io.podman to-host
	run -1 grep -aF -e "${CREDS#*:}" -e "$(printf %s "$CREDS" | base64 | cut -c1-16)" to-host
	run -1 grep -raF "${CREDS#*:}" "$LAB/standin-1.8.0-registry"
}

@test "the certificate is checked where this machine asks the registry" {
	[ -n "${OLD_HOST:-}" ] || skip "a REST host checks it itself"
	mkdir empty
	run podman push -q --creds "$CREDS" --cert-dir empty --retry 0 "$IMAGE" "$NAME:1"
	status_is 125
	output_has "certificate"
	run podman push -q --creds "$CREDS" --cert-dir empty --tls-verify=false "$IMAGE" "$NAME:1"
	status_is 0
}

@test "a registry that registries.conf blocks is not asked, a mirror is asked first" {
	[ -n "${OLD_HOST:-}" ] || skip "a REST host has its own"
	pushed
	printf '[[registry]]\nlocation = "%s"\nblocked = true\n' "$REGISTRY" >"$XDG_CONFIG_HOME/containers/registries.conf"
	before=$(wc -l <"$REGISTRY_LOG")
	run podman push -q --creds "$CREDS" "$IMAGE" "$NAME:1"
	status_is 125
	output_has "blocked"
	[ "$(wc -l <"$REGISTRY_LOG")" -eq "$before" ]
	printf '[[registry]]\nlocation = "registry.invalid"\n[[registry.mirror]]\nlocation = "%s"\n' "$REGISTRY" >"$XDG_CONFIG_HOME/containers/registries.conf"
	sed "s/\"auths\":{/&\"registry.invalid\":{\"auth\":\"eDp5\"},/" "$AUTHFILE" >both.json
	run --separate-stderr podman pull -q --authfile both.json "registry.invalid/me/story$BATS_TEST_NUMBER:1"
	status_is 0
	podman image exists "registry.invalid/me/story$BATS_TEST_NUMBER:1"
}

@test "a host that breaks off is told with what was being done, and asked again" {
	[ -n "${OLD_HOST:-}" ] || skip "needs the stand-in"
	"$STANDIN" --version 1.8.0 --state "$HERE/state" --misbehave close-mid-reply:ReceiveFile "unix:$HERE/broken.sock" </dev/null >/dev/null 2>&1 3>&- &
	BROKEN=$!
	until_true 5 test -S broken.sock
	run podman --url "unix://$HERE/broken.sock" push --retry 1 --retry-delay 10ms --creds "$CREDS" --digestfile digest "$IMAGE" "$NAME:1"
	kill "$BROKEN"
	status_is 125
	output_has "Trying again"
	output_has "Error: pushing $IMAGE to $NAME:1: the image could not be read from the host: "
	[ ! -e digest ]
	ask HEAD manifests/1 | head -n 1 | grep -q 404
}
