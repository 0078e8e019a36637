# shellcheck shell=sh disable=SC2034,SC2154
# tests/system/hosts.sh: throw-away hosts on loopback for the system tests and contrib/quickstart: a real sshd, the distribution's podman service
# behind it, and the stand-in io.podman host. Sourced; POSIX sh. Everything lives below $lab, which hosts_new makes and hosts_end removes.
#
#   hosts_new                 makes $lab with a home folder for the client (HOME is not touched)
#   sshd_start                sshd_port, sshd_config, $lab/ssh/id_ed25519, known_hosts
#   hosts_client_environment  the variables that keep the client away from the user's own settings
#   podman_start              rest_socket; fails with podman_why set where the machine cannot run containers
#   standin_start [VERSION [ARGS...]]  standin_socket
#   hosts_end                 ends every process that was started here, removes $lab

hosts_new() {
	lab=$(mktemp -d "${TMPDIR:-/tmp}/farpod.XXXXXX")
	chmod 0755 "$lab"
	mkdir -p "$lab/home/.config/containers" "$lab/run" "$lab/ssh"
	chmod 0700 "$lab/home" "$lab/ssh"
	lab_pids=
}

lab_as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Waits up to 15 s until the command succeeds.
lab_wait() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 150 ] || return 1
		sleep 0.1
	done
}

# A port that nothing uses, by the time of asking.
lab_free_port() {
	port=$((20000 + $$ * 7 % 20000))
	while grep -qsi "^ *[0-9]*: [0-9A-F]*:$(printf '%04X' "$port") " /proc/net/tcp /proc/net/tcp6; do port=$((port + 1)); done
	echo "$port"
}

hosts_client_environment() {
	for name in $(env | sed -nE 's/^((CONTAINER|CONTAINERS|PODMAN|DOCKER)_[A-Z_]*|SSH_AUTH_SOCK|FARPOD_SSH)=.*/\1/p'); do
		unset "$name"
	done
	export XDG_CONFIG_HOME="$lab/home/.config" XDG_CACHE_HOME="$lab/home/.cache" XDG_RUNTIME_DIR="$lab/run"
	export FARPOD_SSH_CONFIG="$lab/ssh/ssh_config" TMUX_TMPDIR="$lab/run"
}

# A locked password ("!") keeps sshd from letting the user in unless PAM decides.
lab_use_pam() {
	case $(lab_as_root getent shadow "$(id -un)" 2>/dev/null | cut -d: -f2) in
	'!'*) [ "$(id -u)" -eq 0 ] && echo yes || echo no ;;
	*) echo no ;;
	esac
}

sshd_write_config() {
	cat >"$lab/ssh/sshd_config" <<-EOT
		Port $sshd_port
		ListenAddress 127.0.0.1
		HostKey $lab/ssh/host_ed25519
		PidFile $lab/ssh/sshd.pid
		AuthorizedKeysFile $lab/ssh/authorized_keys
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		StrictModes no
		UsePAM $(lab_use_pam)
		PermitRootLogin yes
		AllowStreamLocalForwarding yes
		MaxStartups 100
		LogLevel ERROR
	EOT
	# OpenSSH 9.8 and later shut out who fails to log in a few times, as the tests do; earlier ones do not know the word.
	! /usr/sbin/sshd -t -f "$lab/ssh/sshd_config" -o PerSourcePenalties=no 2>/dev/null || echo "PerSourcePenalties no" >>"$lab/ssh/sshd_config"
}

# Only an sshd that root starts wants it.
sshd_folder() {
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
}

sshd_start() {
	sshd_port=$(lab_free_port)
	for key in host_ed25519 id_ed25519 other_ed25519; do
		[ -f "$lab/ssh/$key" ] || ssh-keygen -q -t ed25519 -N '' -C farpod-lab -f "$lab/ssh/$key"
	done
	cp "$lab/ssh/id_ed25519.pub" "$lab/ssh/authorized_keys"
	printf '[127.0.0.1]:%s %s\n' "$sshd_port" "$(cut -d' ' -f1,2 "$lab/ssh/host_ed25519.pub")" >"$lab/ssh/known_hosts"
	cat >"$lab/ssh/ssh_config" <<-EOT
		Host *
			UserKnownHostsFile $lab/ssh/known_hosts
			GlobalKnownHostsFile /dev/null
			IdentityFile $lab/ssh/id_ed25519
			IdentitiesOnly yes
	EOT
	sshd_folder
	sshd_write_config
	/usr/sbin/sshd -D -f "$lab/ssh/sshd_config" -E "$lab/ssh/sshd.log" </dev/null >/dev/null 2>&1 3>&- &
	lab_pids="$lab_pids $!"
	lab_wait test -s "$lab/ssh/sshd.pid"
}

# The settings that let containers run in most places, nested ones too: no systemd, no cgroup delegation, no bridge plugin needed.
podman_write_config() {
	cat >"$lab/podman/containers.conf" <<-EOT
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		log_driver = "k8s-file"
		netns = "host"
		[engine]
		runtime = "runc"
		cgroup_manager = "cgroupfs"
		events_logger = "file"
	EOT
}

# A root file system of BusyBox alone: images without a registry.
busybox_tar() {
	mkdir -p "$lab/busybox/bin" "$lab/busybox/tmp" "$lab/busybox/etc"
	cp /bin/busybox "$lab/busybox/bin/busybox"
	for applet in $(/bin/busybox --list); do
		[ "$applet" = busybox ] || ln -sf busybox "$lab/busybox/bin/$applet"
	done
	echo 'root:x:0:0:root:/:/bin/sh' >"$lab/busybox/etc/passwd"
	echo 'root:x:0:' >"$lab/busybox/etc/group"
	tar -C "$lab/busybox" -cf "$lab/busybox.tar" .
}

# Becomes podman: for ( ) and &, so that $! is podman's own.
podman_exec() {
	set -- env CONTAINERS_CONF="$lab/podman/containers.conf" TMPDIR="$lab/podman/tmp" \
		podman --root "$lab/podman/root" --runroot "$lab/podman/run" --tmpdir "$lab/podman/libpod" "$@"
	[ "$(id -u)" -eq 0 ] || exec sudo -n "$@"
	exec "$@"
}

podman_local() {
	(podman_exec "$@")
}

# Sets podman_why and fails where the machine cannot run containers.
podman_can_run() {
	podman_why=
	command -v podman >/dev/null || { podman_why="podman is not installed"; return 1; }
	if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
		podman_why="the podman service of the tests needs root, and sudo asks for a password here"
		return 1
	fi
	podman_import=$(podman_local import --change 'CMD ["sh"]' "$lab/busybox.tar" localhost/busybox:latest 2>&1) || {
		podman_why="podman cannot import an image here: $(printf '%s' "$podman_import" | tail -n 1)"
		return 1
	}
	podman_try=$(podman_local run --rm localhost/busybox:latest true 2>&1) || {
		podman_why="podman cannot run a container here: $(printf '%s' "$podman_try" | tail -n 1)"
		return 1
	}
}

podman_start() {
	mkdir -p "$lab/podman/tmp"
	rest_socket=$lab/run/podman.sock
	podman_write_config
	busybox_tar
	podman_can_run || return 1
	(podman_exec system service --time 0 "unix://$rest_socket") </dev/null >"$lab/podman/service.log" 2>&1 3>&- &
	lab_pids="$lab_pids $!"
	lab_wait test -S "$rest_socket" || { podman_why="the podman service did not start: $(tail -n 1 "$lab/podman/service.log")"; return 1; }
	lab_as_root chown "$(id -u)" "$rest_socket"
}

standin_start() {
	standin_version=${1:-1.9.3}
	[ $# -eq 0 ] || shift
	standin_socket=$lab/run/standin-$standin_version${standin_suffix:-}/io.podman
	mkdir -p "$(dirname "$standin_socket")" "$lab/standin-$standin_version${standin_suffix:-}"
	"$standin" --version "$standin_version" --state "$lab/standin-$standin_version${standin_suffix:-}" "$@" "unix:$standin_socket" \
		</dev/null >>"$lab/standin.log" 2>&1 3>&- &
	lab_pids="$lab_pids $!"
	standin_pid=$!
	lab_wait test -S "$standin_socket"
}

# The processes that have $1 in their arguments or environment.
lab_processes() {
	for file in $(printf '%s' "$1" | lab_as_root env -i "PATH=$PATH" grep -lasF -f - /proc/[0-9]*/cmdline /proc/[0-9]*/environ); do
		pid=${file#/proc/}
		pid=${pid%%/*}
		[ "$pid" = $$ ] || [ ! -d "/proc/$pid" ] || echo "$pid"
	done
}

# lab_kill SIGNAL PID...: the shell's own kill, because /bin/kill is not everywhere.
lab_kill() {
	# shellcheck disable=SC2016
	lab_as_root sh -c 'signal=$1; shift; for pid; do kill -s "$signal" "$pid"; done' sh "$@" 2>/dev/null || true
}

# Ends whatever still runs for the folder $1: asks, and after five seconds kills.
lab_end_processes() {
	tries=0
	signal=TERM
	while [ $tries -lt 60 ] && lab_left=$(lab_processes "$1") && [ -n "$lab_left" ]; do
		[ $tries -ne 50 ] || signal=KILL
		# shellcheck disable=SC2086
		[ $((tries % 10)) -ne 0 ] || lab_kill $signal $lab_left
		tries=$((tries + 1))
		sleep 0.1
	done
}

# Removes the folder $1 with what is mounted in it: the podman store's overlays go before its files.
lab_remove() {
	awk -v dir="$1/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mount; do
		lab_as_root umount -l "$mount" 2>/dev/null || true
	done
	rm -rf "$1" 2>/dev/null || lab_as_root rm -rf "$1"
}

hosts_end() {
	[ -n "${lab:-}" ] || return 0
	if [ -d "$lab/podman/root" ]; then
		podman_local rm -fa -t 0 >/dev/null 2>&1 || true
	fi
	# shellcheck disable=SC2086
	[ -z "$lab_pids" ] || lab_kill TERM $lab_pids
	lab_end_processes "$lab"
	lab_remove "$lab"
	lab=
}
