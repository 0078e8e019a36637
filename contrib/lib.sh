# shellcheck shell=sh disable=SC2034,SC2154
# contrib/lib.sh: what quickstart and check share. Sourced; POSIX sh.

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

packages_build="cmake ninja-build gcc libc6-dev pkg-config libssh2-1-dev libjson-c-dev libssl-dev libcurl4-openssl-dev libarchive-dev"
packages_host="openssh-server openssh-client podman runc conmon busybox-static"
packages_test="libcmocka-dev bats tmux shellcheck jq npm curl docker-registry apache2-utils procps"

# Installs those of the named packages that are missing.
install_packages() {
	command -v dpkg-query >/dev/null || die "this script knows Debian and Ubuntu; elsewhere install: $*"
	missing=
	for package in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | cut -c1-2)" = ii ] || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	say "installing:$missing"
	as_root apt-get -qq update
	# shellcheck disable=SC2086
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null
}

# build PRESET: configures and builds build/PRESET.
build() {
	say "building ($1)"
	(cd "$top" && cmake --preset "$1" "-DFARPOD_WERROR=${FARPOD_WERROR:-OFF}" >/dev/null && cmake --build --preset "$1" -j "$(nproc)" >"$top/build/$1.log" 2>&1) || {
		tail -n 40 "$top/build/$1.log" >&2
		die "the build failed; the whole log is build/$1.log"
	}
}
