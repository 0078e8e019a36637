# shellcheck shell=bash disable=SC2154,SC2034
# Starts the host that this run of the suite is for, once: HOST=standin (io.podman over ssh), rest (the distribution's podman over ssh), unix (the
# same podman on its socket), or a URL of any other host, which needs the image localhost/busybox:latest. PODMAN and STANDIN name the programs.

setup_suite() {
	local top
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export PODMAN=${PODMAN:-$top/build/dev/podman} STANDIN=${STANDIN:-$top/build/dev/io-podman-host} HOST=${HOST:-standin}
	standin=$STANDIN
	# shellcheck source=tests/system/hosts.sh
	. "$top/tests/system/hosts.sh"
	hosts_new
	sshd_start
	export LAB=$lab SSHD_PORT=$sshd_port SSHD_CONFIG=$lab/ssh/sshd_config
	hosts_client_environment
	export IMAGE=localhost/busybox:latest
	start_host
	export LAB_PIDS=$lab_pids HOST_URL HOST_MISSING REST_SOCKET=${rest_socket:-} STANDIN_SOCKET=${standin_socket:-}
}

start_host() {
	local user
	user=$(id -un)
	HOST_MISSING=
	case $HOST in
	standin)
		standin_start "${STANDIN_VERSION:-1.9.3}"
		HOST_URL=ssh://$user@127.0.0.1:$sshd_port$standin_socket
		;;
	rest | unix)
		HOST_URL=unix://$lab/run/podman.sock
		podman_start || HOST_MISSING="$podman_why"
		[ "$HOST" = unix ] || HOST_URL=ssh://$user@127.0.0.1:$sshd_port$lab/run/podman.sock
		;;
	*) HOST_URL=$HOST ;;
	esac
}

teardown_suite() {
	lab=$LAB lab_pids=$LAB_PIDS rest_socket=$REST_SOCKET
	. "$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/tests/system/hosts.sh"
	hosts_end
}
