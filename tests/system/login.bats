# login and logout: against a real registry with HTTPS and passwords. No host takes part; credentials live on this machine.
NEEDS_NO_HOST=1
load common
bats_require_minimum_version 1.5.0

setup_file() {
	# shellcheck source=tests/system/hosts.sh
	. "$BATS_TEST_DIRNAME/hosts.sh"
	# shellcheck source=tests/system/registry.sh
	. "$BATS_TEST_DIRNAME/registry.sh"
	lab=$BATS_FILE_TMPDIR lab_pids=
	registry_can_run || { export REGISTRY_MISSING=$registry_why; return 0; }
	registry_start login tls
	export REGISTRY=$registry_host CERTS=$registry_certs REGISTRY_PIDS=$lab_pids WHO=$registry_user SECRET=$registry_password
}

teardown_file() {
	# shellcheck disable=SC2086
	[ -z "${REGISTRY_PIDS:-}" ] || kill $REGISTRY_PIDS
}

setup() {
	[ -z "${REGISTRY_MISSING:-}" ] || skip "$REGISTRY_MISSING"
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -m 0700 home run bin
	export HOME=$PWD/home XDG_CONFIG_HOME=$PWD/home/.config XDG_RUNTIME_DIR=$PWD/run
	export CONTAINER_HOST=unix:///nonexistent/podman.sock
	unset REGISTRY_AUTH_FILE DOCKER_CONFIG
	AUTH=$PWD/run/containers/auth.json
}

teardown() {
	[ -z "${SCREEN:-}" ] || tmux -L "$SCREEN" kill-server 2>/dev/null || true
}

# log_in ARGS...: with the right password.
log_in() {
	podman login --cert-dir "$CERTS" -u "$WHO" -p "$SECRET" "$@"
}

# the_ca_is_known: where this machine keeps it for the registry.
the_ca_is_known() {
	mkdir -p "home/.config/containers/certs.d/$REGISTRY"
	cp "$CERTS/ca.crt" "home/.config/containers/certs.d/$REGISTRY"
}

mode_is() {
	[ "$(stat -c %a "$2")" = "$1" ] || { stat -c '%a %n' "$2"; return 1; }
}

@test "login exists on the client (unrecognized command with the old client)" {
	run log_in "$REGISTRY"
	status_is 0
	output_is "Login Succeeded!"
	run podman login --get-login "$REGISTRY"
	status_is 0
	output_is "$WHO"
}

@test "login: the file is as podman writes it, and nobody else's" {
	log_in "$REGISTRY"
	run cat "$AUTH"
	output_is "$(printf '{\n\t"auths": {\n\t\t"%s": {\n\t\t\t"auth": "%s"\n\t\t}\n\t}\n}' "$REGISTRY" "$(printf %s "$WHO:$SECRET" | base64 -w0)")"
	mode_is 600 "$AUTH"
	mode_is 700 "${AUTH%/*}"
}

@test "login: containers/image reads what we wrote, and we read what it wrote" {
	other=$(type -P skopeo) || skip "skopeo is not installed"
	log_in --authfile shared.json "$REGISTRY"
	run "$other" login --authfile shared.json --get-login "$REGISTRY"
	output_is "$WHO"
	"$other" logout --authfile shared.json "$REGISTRY"
	"$other" login --authfile shared.json --cert-dir "$CERTS" -u "$WHO" -p "$SECRET" "$REGISTRY/some/where"
	run podman login --authfile shared.json --get-login "$REGISTRY/some/where"
	output_is "$WHO"
}

@test "login: a wrong password is refused by the registry and not stored" {
	run podman login --cert-dir "$CERTS" -u "$WHO" -p wrong "$REGISTRY"
	status_is 125
	output_is "Error: logging into \"$REGISTRY\": invalid username/password"
	[ ! -e "$AUTH" ]
}

@test "login: an unknown certificate ends it, and nothing is sent" {
	run podman login -u "$WHO" -p "$SECRET" "$REGISTRY"
	status_is 125
	output_has "authenticating creds for \"$REGISTRY\": pinging container registry $REGISTRY: Get \"https://$REGISTRY/v2/\": x509: certificate signed by unknown authority"
	[ ! -e "$AUTH" ]
}

@test "login: --tls-verify=false, certs.d and registries.conf each make it work" {
	run podman login --tls-verify=false -u "$WHO" -p "$SECRET" "$REGISTRY"
	output_is "Login Succeeded!"
	the_ca_is_known
	run podman login -u "$WHO" -p "$SECRET" "$REGISTRY"
	output_is "Login Succeeded!"
	rm -r home/.config/containers/certs.d
	printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$REGISTRY" >home/.config/containers/registries.conf
	run podman login -u "$WHO" -p "$SECRET" "$REGISTRY"
	output_is "Login Succeeded!"
	run podman login --tls-verify=true -u "$WHO" -p "$SECRET" "$REGISTRY"
	status_is 125
}

@test "login: a blocked registry gets no password" {
	mkdir -p home/.config/containers
	printf '[[registry]]\nlocation = "%s"\nblocked = true\n' "$REGISTRY" >home/.config/containers/registries.conf
	run log_in "$REGISTRY"
	status_is 125
	output_is "Error: authenticating creds for \"$REGISTRY\": registry $REGISTRY is blocked in $XDG_CONFIG_HOME/containers/registries.conf"
}

@test "login: --password-stdin, and what goes with it" {
	run podman login --cert-dir "$CERTS" -u "$WHO" --password-stdin "$REGISTRY" <<<"$SECRET"
	output_is "Login Succeeded!"
	run podman login -u "$WHO" -p x --password-stdin "$REGISTRY" <<<"$SECRET"
	status_is 125
	output_is "Error: Can't specify both --password-stdin and --password"
	run podman login --password-stdin "$REGISTRY" <<<"$SECRET"
	status_is 125
	output_is "Error: Must provide --username with --password-stdin"
}

@test "login: without a terminal nobody is asked" {
	run podman login -u "$WHO" "$REGISTRY" </dev/null
	status_is 125
	output_has "Error: getting username and password: reading password: inappropriate ioctl for device"
	run podman login "$REGISTRY" </dev/null
	status_is 125
	output_has "Error: getting username and password: reading username: EOF"
}

@test "login at a terminal asks, hides the password, and gives the terminal back after ^C" {
	command -v tmux >/dev/null || skip "tmux is not installed"
	SCREEN=farpod-login-$$
	tmux -L "$SCREEN" -f /dev/null new-session -d -x 120 -y 24 "env PS1='here$ ' PODMAN='$PODMAN' CERTS='$CERTS' HOME='$HOME' XDG_RUNTIME_DIR='$XDG_RUNTIME_DIR' sh"
	screen_shows 'here\$'
	keys "\$PODMAN login --cert-dir \$CERTS $REGISTRY" Enter
	screen_shows '^Username: '
	keys "$WHO" Enter
	screen_shows '^Password: '
	keys C-c
	screen_shows 'here\$ $'
	keys 'stty -a | tr ";" "\n" | grep -ow -- "-\?echo"' Enter
	screen_shows '^echo$'
	keys "\$PODMAN login --cert-dir \$CERTS -u $WHO $REGISTRY" Enter
	until_true 20 screen_ends_with 'Password:'
	keys -l "$SECRET"
	keys Enter
	screen_shows '^Login Succeeded!'
	! screen | grep -qF "$SECRET"
}

keys() {
	tmux -L "$SCREEN" send-keys "$@"
}

screen() {
	tmux -L "$SCREEN" capture-pane -p -J
}

screen_shows() {
	until_true 20 screen_has "$1" || { echo "expected on the screen: $1"; screen; return 1; }
}

screen_has() {
	screen | grep -qE -- "$1"
}

screen_ends_with() {
	[ "$(screen | sed '/^ *$/d' | tail -n 1 | sed 's/ *$//')" = "$1" ]
}

@test "login a second time: the kept credentials are tried" {
	log_in "$REGISTRY"
	run podman login --cert-dir "$CERTS" "$REGISTRY"
	status_is 0
	output_is "Authenticating with existing credentials for $REGISTRY
Existing credentials are valid. Already logged in to $REGISTRY"
	sed -i 's|"auth": ".*"|"auth": "'"$(printf %s "$WHO:old" | base64)"'"|' "$AUTH"
	run podman login --cert-dir "$CERTS" "$REGISTRY" </dev/null
	status_is 125
	output_has "Existing credentials are invalid, please enter valid username and password"
}

@test "login -v says where; a URL is a name, a namespace is a key of its own, a tag is none" {
	run log_in -v "https://$REGISTRY/v2/foo"
	output_is "Used:  $AUTH
Login Succeeded!"
	log_in "$REGISTRY/ns/repo"
	run podman login --get-login "$REGISTRY/ns/repo"
	output_is "$WHO"
	run log_in "$REGISTRY/ns/repo:tag"
	status_is 125
	output_is "Error: reference \"$REGISTRY/ns/repo:tag\" contains tag or digest"
}

@test "login without a name: the first registry of registries.conf" {
	mkdir -p home/.config/containers
	printf '' >home/.config/containers/registries.conf
	run podman login --get-login
	status_is 125
	output_is "Error: no registries found in registries.conf, a registry must be provided"
	printf 'unqualified-search-registries = ["%s", "other.example"]\n' "$REGISTRY" >home/.config/containers/registries.conf
	run log_in
	output_is "Login Succeeded!"
	run podman login --get-login "$REGISTRY"
	output_is "$WHO"
}

@test "login --authfile, REGISTRY_AUTH_FILE and --compat-auth-file name the file" {
	log_in --authfile mine.json "$REGISTRY"
	run podman login --get-login "$REGISTRY"
	status_is 125
	output_is "Error: not logged into $REGISTRY"
	REGISTRY_AUTH_FILE=mine.json run podman login --get-login "$REGISTRY"
	output_is "$WHO"
	log_in --compat-auth-file docker/config.json "$REGISTRY"
	mode_is 600 docker/config.json
	run podman login --compat-auth-file docker/config.json --get-login "$REGISTRY"
	output_is "$WHO"
	run log_in --compat-auth-file a --authfile b "$REGISTRY"
	status_is 125
	run log_in --compat-auth-file docker/config.json "$REGISTRY/ns"
	status_is 125
	output_is "Error: credentials cannot be recorded in Docker-compatible format with namespaced key \"$REGISTRY/ns\""
}

@test "login keeps what else is in docker's file" {
	mkdir docker
	echo '{"HttpHeaders":{"User-Agent":"x"},"auths":{"other.example":{"auth":"YTpi"}},"psFormat":"table"}' >docker/config.json
	DOCKER_CONFIG=$PWD/docker run log_in "$REGISTRY"
	status_is 0
	run jq -c '[keys_unsorted, (.auths | keys_unsorted), .HttpHeaders["User-Agent"]]' docker/config.json
	output_is "[[\"HttpHeaders\",\"auths\",\"psFormat\"],[\"other.example\",\"$REGISTRY\"],\"x\"]"
}

@test "login puts credentials into the helper that the file names, and asks no other" {
	for name in keeper other; do
		printf '#!/bin/sh\necho "%s $1" >>%s/calls\ncase $1 in store) cat >%s/kept ;; get) cat %s/kept ;; erase) rm %s/kept ;; esac\n' \
			$name "$PWD" "$PWD" "$PWD" "$PWD" >bin/docker-credential-$name
		chmod +x bin/docker-credential-$name
	done
	echo "{\"credHelpers\":{\"$REGISTRY\":\"keeper\",\"other.example\":\"other\"}}" >mine.json
	cp mine.json before.json
	export PATH=$PWD/bin:$PATH
	echo '{"Username":"","Secret":""}' >kept
	log_in --authfile mine.json "$REGISTRY"
	cmp mine.json before.json
	run jq -r '.Username + " " + .Secret' kept
	output_is "$WHO $SECRET"
	run podman login --authfile mine.json --get-login "$REGISTRY"
	output_is "$WHO"
	podman logout --authfile mine.json "$REGISTRY"
	run cat calls
	output_is $'keeper get\nkeeper store\nkeeper get\nkeeper erase'
	[ ! -e kept ]
}

@test "two logins at once lose nothing" {
	the_ca_is_known
	local n pids=
	for n in 1 2 3 4 5 6; do
		"$PODMAN" login -u "$WHO" -p "$SECRET" "$REGISTRY/ns$n" &
		pids="$pids $!"
	done
	for n in $pids; do wait "$n"; done
	run jq -r '.auths | length' "$AUTH"
	output_is 6
}

@test "login with a token service: its yes and its no count" {
	# shellcheck source=tests/system/hosts.sh
	. "$BATS_TEST_DIRNAME/hosts.sh"
	# shellcheck source=tests/system/registry.sh
	. "$BATS_TEST_DIRNAME/registry.sh"
	lab=$BATS_FILE_TMPDIR lab_pids=
	token_server=${TOKEN_SERVER:-${PODMAN%/*}/registry-token-server}
	[ -x "$token_server" ] || skip "there is no $token_server"
	registry_start tokens bearer
	run log_in "$registry_host"
	output_is "Login Succeeded!"
	run podman login --cert-dir "$CERTS" -u "$WHO" -p wrong "$registry_host"
	status_is 125
	output_is "Error: logging into \"$registry_host\": invalid username/password"
	registry_stop tokens
}

@test "logout removes one, or all" {
	log_in "$REGISTRY"
	log_in "$REGISTRY/ns"
	run podman logout "$REGISTRY"
	status_is 0
	output_is "Removed login credentials for $REGISTRY"
	run podman logout "$REGISTRY"
	status_is 125
	output_is "Error: not logged into $REGISTRY"
	run podman login --get-login "$REGISTRY/ns"
	output_is "$WHO"
	run podman logout --all "$REGISTRY"
	status_is 125
	output_is "Error: --all takes no arguments"
	run podman logout -a
	status_is 0
	output_is "Removed login credentials for all registries"
	run cat "$AUTH"
	output_is $'{\n\t"auths": {}\n}'
}

@test "logout: a file that is not there is named; docker's own login is docker's" {
	run podman logout --authfile nowhere.json "$REGISTRY"
	status_is 125
	output_is "Error: checking authfile: stat nowhere.json: no such file or directory"
	mkdir home/.docker
	echo "{\"auths\":{\"$REGISTRY\":{\"auth\":\"YTpi\"}}}" >home/.docker/config.json
	run podman logout "$REGISTRY"
	status_is 0
	output_is "Not logged into $REGISTRY with current tool. Existing credentials were established via docker login. Please use docker logout instead."
	run jq -r ".auths[\"$REGISTRY\"].auth" home/.docker/config.json
	output_is "YTpi"
}
