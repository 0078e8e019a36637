# Running containers: output, exit status, input, what is left behind.
load common
bats_require_minimum_version 1.5.0

@test "run prints what the container prints and exits with its status" {
	run podman run --rm "$IMAGE" sh -c 'echo out; exit 3'
	status_is 3
	output_is "out"
}

@test "run keeps stdout and stderr apart where the protocol does" {
	on_varlink && skip "io.podman merges the two on the wire"
	podman run --rm "$IMAGE" sh -c 'echo out; echo err >&2' >out 2>err
	[ "$(cat out)" = out ]
	[ "$(cat err)" = err ]
}

@test "run of a command that does not exist exits 127 and says so" {
	run -127 podman run --rm "$IMAGE" nosuchcommand
	status_is 127
	output_has "nosuchcommand"
}

@test "run of a file that cannot be executed exits 126" {
	run podman run --rm "$IMAGE" /etc/passwd
	status_is 126
}

@test "run of a missing image exits 125 and names it" {
	run podman run --rm --pull never localhost/nosuch:1
	status_is 125
	output_has "nosuch"
}

@test "run -d prints the full ID; the container is there" {
	run podman run -d --name web "$IMAGE" sleep 100
	status_is 0
	[[ $output =~ ^[0-9a-f]{64}$ ]]
	id=$output
	run podman inspect --format '{{.Id}} {{.State.Running}}' web
	output_is "$id true"
}

@test "run --rm leaves nothing behind" {
	podman run --rm --name gone "$IMAGE" true
	run podman ps -aq
	output_is ""
}

@test "run -i gets stdin to its end and not one byte more or less" {
	head -c 300000 /dev/urandom >data
	podman run -i --rm "$IMAGE" cat <data >back
	cmp data back
}

@test "run -i with empty input ends" {
	run podman run -i --rm "$IMAGE" wc -c </dev/null
	status_is 0
	[ "${output// /}" = 0 ]
}

@test "run without -i does not eat the caller's stdin" {
	printf 'a\nb\nc\n' | { read -r _; podman run --rm "$IMAGE" true; cat; } >rest
	[ "$(cat rest)" = $'b\nc' ]
}

@test "a signal to the client reaches the container; the exit status is the container's" {
	timeout --foreground 60 "$PODMAN" run --name trap "$IMAGE" sh -c 'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done' >out &
	client=$!
	until_true 20 grep -q ready out
	pkill -TERM -P "$client" || kill -TERM "$client"
	status=0
	wait "$client" || status=$?
	status_is 9
}

@test "environment: values, the client's own, files" {
	printf '# comment\nFROM_FILE=yes\nTAKEN\n' >env
	TAKEN=mine run podman run --rm -e A=1 -e TAKEN --env-file env "$IMAGE" sh -c 'echo $A $TAKEN $FROM_FILE'
	output_is "1 mine yes"
}

@test "labels from a file of this machine" {
	printf 'tier=front\n' >labels
	podman create --name l --label-file labels --label x=y "$IMAGE" true
	run podman inspect --format '{{index .Config.Labels "tier"}} {{.Config.Labels.x}}' l
	output_is "front y"
}

@test "cidfile: written here, and refused when it is there already" {
	podman run --cidfile cid --name c "$IMAGE" true
	run podman ps -a --no-trunc -q
	output_is "$(cat cid)"
	run podman run --cidfile cid "$IMAGE" true
	status_is 125
	output_has "cid"
}

@test "a name in use is refused, and --replace takes it" {
	podman create --name twice "$IMAGE" true
	run podman create --name twice "$IMAGE" true
	status_is 125
	output_has "already in use"
	run podman create --replace --name twice "$IMAGE" true
	status_is 0
}

@test "a volume source that is only on this machine: the error says where it is looked up" {
	on_here=$HERE/only-here
	mkdir "$on_here"
	[ "$HOST" = standin ] || mv "$on_here" "$on_here.moved"
	run podman run --rm -v "$on_here-nosuch:/data" "$IMAGE" true
	status_is 125
	output_has "$on_here-nosuch"
}

@test "a flag that the host cannot take is refused by name" {
	on_varlink || skip "this host takes all"
	run podman run --rm --timeout 5 "$IMAGE" true
	status_is 125
	output_has "--timeout"
	output_has "Podman 1."
	run podman ps -aq
	output_is ""
}

@test "entrypoint, user, workdir, hostname reach the container" {
	run podman run --rm --entrypoint sh -w /tmp -e X=1 "$IMAGE" -c 'pwd; echo $X'
	status_is 0
	output_has "/tmp"
}
