# shellcheck shell=bash disable=SC2034,SC2154
# contrib/lib.sh: what quickstart and check share. Sourced by bash; top is the source folder.

say() { printf '==> %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Runs as root: directly, or by sudo.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		command -v sudo >/dev/null || die "this needs root: run it as root, or install sudo"
		sudo "$@"
	fi
}

packages_build="cmake ninja-build gcc libc6-dev pkg-config libssh2-1-dev libjson-c-dev libssl-dev libcurl4-openssl-dev libarchive-dev zlib1g-dev"
packages_host="openssh-server openssh-client podman runc conmon busybox-static mount tar"
packages_test="libcmocka-dev bats tmux shellcheck jq netcat-openbsd procps docker-registry skopeo socat apache2-utils openssl curl gnupg"
# A Node.js from elsewhere brings an npm of its own, which Debian's package would be in conflict with.
command -v npm >/dev/null || packages_test="$packages_test npm"

# Installs those of the named packages that are missing. The log is build/packages.log.
install_packages() {
	local missing=() package
	command -v dpkg-query >/dev/null || die "this script knows Debian and Ubuntu; elsewhere install: $*"
	for package in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | cut -c1-2)" = ii ] || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing: ${missing[*]}"
	mkdir -p "$top/build"
	{
		as_root apt-get -qq update &&
			as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" </dev/null
	} >"$top/build/packages.log" 2>&1 || {
		tail -n 20 "$top/build/packages.log" >&2
		die "the packages could not be installed; the whole log is build/packages.log"
	}
	# The sshd of this machine is its owner's business; ours is started by hand on loopback.
	case " ${missing[*]} " in
	*" openssh-server "*) [ ! -d /run/systemd/system ] || as_root systemctl -q disable --now ssh.socket ssh.service 2>/dev/null || true ;;
	esac
}

# build PRESET: configures and builds build/PRESET.
build() {
	local dir=$top/build/$1 log=$top/build/$1.log configure=(cmake --preset "$1")
	say "building ($1)"
	mkdir -p "$top/build"
	# A folder that was never configured to the end may remember what was missing then.
	[ -e "$dir/build.ninja" ] || [ -e "$dir/Makefile" ] || { rm -f "$dir/CMakeCache.txt"; configure+=(-G Ninja); }
	[ -z "${FARPOD_WERROR:-}" ] || configure+=("-DFARPOD_WERROR=$FARPOD_WERROR")
	(cd "$top" && "${configure[@]}" && cmake --build --preset "$1" -j "$(nproc)") >"$log" 2>&1 || {
		tail -n 40 "$log" >&2
		die "the build failed; the whole log is build/$1.log"
	}
}

# supervise COMMAND...: runs it as a job, so that a signal ends the whole job at once, and waits until its EXIT trap has cleaned up.
supervise() {
	local signal
	set -m
	"$@" </dev/null &
	set +m
	job=$!
	for signal in HUP:129 INT:130 TERM:143; do
		# shellcheck disable=SC2064
		trap "supervise_end ${signal#*:}" "${signal%:*}"
	done
	wait "$job"
}

supervise_end() {
	trap '' HUP INT TERM
	kill -TERM -- "-$job" 2>/dev/null || true
	wait "$job" || true
	exit "$1"
}
