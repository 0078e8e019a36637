# Every way in which a host can be out of reach: one line that names the cause, exit 125, in time.
NEEDS_NO_HOST=1
load common

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ME=$(id -un)
	export FARPOD_REPLY_TIMEOUT=3
}

# fails_in SECONDS URL TEXT: podman ps on URL ends in time with 125 and one line with TEXT.
fails_in() {
	local limit=$1 url=$2 start=$SECONDS
	run timeout "$((limit + 5))" "$PODMAN" --url "$url" ps
	status_is 125
	[ $((SECONDS - start)) -le "$limit" ] || { echo "took $((SECONDS - start)) s"; return 1; }
	[[ ${lines[0]} == "Error: "* ]]
	output_has "$3"
}

# A second sshd with other settings: other_sshd "AllowStreamLocalForwarding no"
other_sshd() {
	OTHER_PORT=$((SSHD_PORT + 17 + BATS_TEST_NUMBER))
	# The first mention of a keyword counts.
	printf '%s\n' "$@" >config
	sed "s/^Port .*/Port $OTHER_PORT/; s|^PidFile .*|PidFile $PWD/pid|" "$SSHD_CONFIG" >>config
	printf '[127.0.0.1]:%s %s\n' "$OTHER_PORT" "$(cut -d' ' -f1,2 "$LAB/ssh/host_ed25519.pub")" >>"$LAB/ssh/known_hosts"
	/usr/sbin/sshd -f "$PWD/config" -E "$PWD/log"
	until_true 5 test -s pid
}

teardown() {
	[ ! -s pid ] || kill "$(cat pid)" || true
	[ -z "${PEER:-}" ] || kill "$PEER" 2>/dev/null || true
}

# A service that misbehaves: peer KIND, on $PWD/peer.sock.
peer() {
	"$STANDIN" --version 1.9.3 --state "$PWD/state" --misbehave "$1" "unix:$PWD/peer.sock" </dev/null >/dev/null 2>&1 3>&- &
	PEER=$!
	until_true 5 test -S peer.sock
}

@test "a host name that does not exist" {
	fails_in 15 ssh://root@no-such-host.invalid/run/podman/podman.sock no-such-host.invalid
}

@test "a refused port" {
	fails_in 5 ssh://root@127.0.0.1:1/run/podman/podman.sock refused
}

@test "a port that accepts and says nothing" {
	command -v nc >/dev/null || skip "nc is not installed"
	nc -l 127.0.0.1 $((SSHD_PORT + 5)) >/dev/null 2>&1 3>&- &
	PEER=$!
	sleep 0.5
	kill -0 "$PEER"
	fails_in 15 "ssh://root@127.0.0.1:$((SSHD_PORT + 5))/run/podman/podman.sock" "127.0.0.1"
	output_lacks refused
}

@test "an unknown host key: refused without a terminal, with the way to accept it" {
	other_sshd
	grep -v ":$OTHER_PORT" "$LAB/ssh/known_hosts" >kept || true
	cp kept "$LAB/ssh/known_hosts"
	fails_in 10 "ssh://$ME@127.0.0.1:$OTHER_PORT/run/podman/podman.sock" "host key"
	output_has "Hint:"
}

@test "a changed host key: refused, with file and line" {
	other_sshd
	grep -v ":$OTHER_PORT" "$LAB/ssh/known_hosts" >kept || true
	printf '[127.0.0.1]:%s %s\n' "$OTHER_PORT" "$(cut -d' ' -f1,2 "$LAB/ssh/other_ed25519.pub")" >>kept
	cp kept "$LAB/ssh/known_hosts"
	fails_in 10 "ssh://$ME@127.0.0.1:$OTHER_PORT/run/podman/podman.sock" "known_hosts"
	output_has "changed"
}

@test "no accepted key: names the keys that were tried" {
	other_sshd "AuthorizedKeysFile /dev/null"
	fails_in 10 "ssh://$ME@127.0.0.1:$OTHER_PORT/run/podman/podman.sock" "id_ed25519"
}

@test "an sshd that forwards no streams" {
	other_sshd "AllowStreamLocalForwarding no"
	fails_in 15 "ssh://$ME@127.0.0.1:$OTHER_PORT$STANDIN_SOCKET" "forward"
}

@test "a socket that is not there: the command that makes it" {
	fails_in 15 "ssh://$ME@127.0.0.1:$SSHD_PORT$LAB/run/none.sock" "$LAB/run/none.sock"
	output_has "podman.socket"
	fails_in 5 "unix://$LAB/run/none.sock" "$LAB/run/none.sock"
}

@test "a service that sends garbage" {
	peer garbage
	fails_in 10 "unix://$PWD/peer.sock" "peer.sock"
}

@test "a service that closes in the middle of a reply" {
	peer close-mid-reply
	fails_in 10 "unix://$PWD/peer.sock" "peer.sock"
}

@test "a service that stalls" {
	peer stall
	fails_in 12 "unix://$PWD/peer.sock" "peer.sock"
}

@test "a service that sends an endless line" {
	peer endless-line
	fails_in 20 "unix://$PWD/peer.sock" "peer.sock"
}

@test "a service that splits every frame is understood" {
	peer split-frames
	run podman --url "unix://$PWD/peer.sock" ps
	status_is 0
}

@test "a wrong value names itself and the way out" {
	run podman --url nonsense://x ps
	status_is 125
	output_has "nonsense"
	run podman --connection nosuch ps
	status_is 125
	output_has "nosuch"
}
