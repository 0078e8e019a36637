# start, stop, kill, wait, rm, attach, exec.
load common
bats_require_minimum_version 1.5.0

@test "start, stop and rm print the name as typed" {
	podman create --name one "$IMAGE" sleep 100
	run podman start one
	output_is "one"
	run podman stop -t 0 one
	output_is "one"
	run podman rm one
	output_is "one"
}

@test "stopping twice and starting twice are no errors" {
	podman run -d --name one "$IMAGE" sleep 100
	run podman start one
	status_is 0
	podman stop -t 0 one
	run podman stop one
	status_is 0
}

@test "rm: 1 for a missing container, 2 for a running one" {
	run podman rm nosuch
	status_is 1
	output_has "nosuch"
	podman run -d --name busy "$IMAGE" sleep 100
	run podman rm busy
	status_is 2
	run podman rm -f -t 0 busy
	status_is 0
}

@test "rm of a known and an unknown name removes the known one" {
	podman create --name known "$IMAGE" true
	run podman rm unknown known
	status_is 1
	run podman container exists known
	status_is 1
}

@test "unknown names: start, stop, kill, wait, logs, inspect, top exit 125 and name them" {
	for command in start stop kill wait logs inspect top; do
		run podman $command nosuch
		status_is 125
		output_has "nosuch"
	done
}

@test "wait prints the exit code and exits 0" {
	podman run -d --name w "$IMAGE" sh -c 'sleep 1; exit 4'
	run podman wait w
	status_is 0
	output_is "4"
}

@test "kill -s reaches the process" {
	podman run -d --name k "$IMAGE" sh -c 'trap "exit 7" USR1; while :; do sleep 0.1; done'
	sleep 1
	podman kill -s USR1 k
	run podman wait k
	output_is "7"
}

@test "start -a shows the output and exits with the status" {
	podman create --name a "$IMAGE" sh -c 'echo again; exit 5'
	run podman start -a a
	status_is 5
	output_is "again"
	run podman start -a a
	status_is 5
}

@test "attach: output of a running container, its exit status at the end" {
	podman run -d --name t "$IMAGE" sh -c 'sleep 2; echo late; exit 6'
	run podman attach t
	status_is 6
	output_has "late"
}

@test "attach to a stopped container is refused" {
	podman run --name stopped "$IMAGE" true
	run podman attach stopped
	status_is 125
	output_has "you can only attach to running containers"
}

@test "exec: output, exit status, 126 and 127" {
	podman run -d --name e "$IMAGE" sleep 100
	run podman exec e sh -c 'echo in; exit 8'
	status_is 8
	output_is "in"
	run -127 podman exec e nosuchcommand
	status_is 127
	run podman exec e /etc/passwd
	status_is 126
	run podman exec nosuch true
	status_is 125
}

@test "exec: environment, working directory, input" {
	podman run -d --name e "$IMAGE" sleep 100
	run podman exec -e A=b -w /tmp e sh -c 'echo $A; pwd'
	output_is $'b\n/tmp'
	printf 'seven!\n' | podman exec -i e wc -c >count
	[ "$(tr -d ' ' <count)" = 7 ]
}

@test "exec finds its container by --cidfile and --latest" {
	podman run -d --cidfile cid "$IMAGE" sleep 100
	run podman exec --cidfile cid echo by-file
	output_is "by-file"
	run podman exec --latest echo by-latest
	output_is "by-latest"
}

@test "pull: credentials that are not there or incomplete are named" {
	run podman pull --authfile nosuch "$IMAGE"
	status_is 125
	output_has "checking authfile: stat nosuch"
	run podman pull --creds nocolon "$IMAGE"
	status_is 125
	output_has "USERNAME:PASSWORD"
}

@test "exec in a stopped container exits 125" {
	podman run --name s "$IMAGE" true
	run podman exec s true
	status_is 125
}

@test "top lists the processes" {
	podman run -d --name p "$IMAGE" sleep 100
	run podman top p
	status_is 0
	output_has "COMMAND"
	output_has "sleep"
	run podman top p pid
	output_has "PID"
}

@test "docker's flags that podman has nothing for are refused by name" {
	podman create --name d "$IMAGE" true
	run podman stop --signal INT d
	status_is 125
	output_has "--signal"
	run podman logs --details d
	status_is 125
	output_has "--details"
	run podman rm --link d
	status_is 125
	output_has "--link"
	run podman start --checkpoint c d
	status_is 125
	output_has "--checkpoint"
}

@test "stop -t -1 waits for as long as the container takes" {
	podman run -d --name slow "$IMAGE" sh -c 'trap "sleep 11; exit 4" TERM; echo ready; while :; do sleep 0.1; done'
	until_true 10 sh -c "'$PODMAN' logs slow | grep -q ready"
	run podman stop -t -1 slow
	output_is slow
	run podman inspect --format '{{.State.ExitCode}}' slow
	output_is 4
}

@test "rm --ignore of a missing container prints nothing" {
	run podman rm --ignore nosuch
	status_is 0
	output_is ""
}
