# shellcheck shell=bash disable=SC2154,SC2034
# What the user stories share. `podman ARGS` talks to the host of this run; `run podman ...` and the checks below read as sentences.

setup() {
	[ -z "$HOST_MISSING" ] || [ -n "${NEEDS_NO_HOST:-}" ] || skip "$HOST_MISSING"
	export CONTAINER_HOST=$HOST_URL
	HERE=$BATS_TEST_TMPDIR
	cd "$HERE" || return 1
}

teardown() {
	[ -n "$HOST_MISSING" ] || [ -n "${NEEDS_NO_HOST:-}" ] || timeout 60 "$PODMAN" rm -fa -t 0 >/dev/null 2>&1 || true
}

# Every call has an end.
podman() {
	timeout --foreground 60 "$PODMAN" "$@"
}

# output_is TEXT: stdout (and stderr, where run was not told apart) is exactly this.
output_is() {
	[ "$output" = "$1" ] || { printf 'expected: %s\ngot:      %s\n' "$1" "$output"; return 1; }
}

output_has() {
	case $output in *"$1"*) ;; *) printf 'expected to find: %s\nin: %s\n' "$1" "$output"; return 1 ;; esac
}

output_lacks() {
	case $output in *"$1"*) printf 'did not expect: %s\nin: %s\n' "$1" "$output"; return 1 ;; esac
}

status_is() {
	[ "$status" -eq "$1" ] || { printf 'expected exit status %s, got %s: %s\n' "$1" "$status" "$output"; return 1; }
}

# until_true SECONDS COMMAND...
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# True for hosts that speak varlink.
on_varlink() {
	case $HOST in standin | *io.podman) ;; *) return 1 ;; esac
}
