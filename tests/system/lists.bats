# ps, images, inspect, logs, port, version: what people and scripts read.
load common

@test "ps has podman's columns, also when it is empty" {
	run podman ps
	status_is 0
	[[ $output =~ ^CONTAINER\ ID\ +IMAGE\ +COMMAND\ +CREATED\ +STATUS\ +PORTS\ +NAMES$ ]]
}

@test "ps -a, -q, filters, templates" {
	podman run -d --name up "$IMAGE" sleep 100
	run podman run --name down "$IMAGE" sh -c 'exit 3'
	status_is 3
	run podman ps --format '{{.Names}}'
	output_is "up"
	run podman ps -a --filter status=exited --format '{{.Names}} {{.State}}'
	output_has "down"
	output_lacks "up "
	run podman ps -aq
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} =~ ^[0-9a-f]{12}$ ]]
	run podman ps -a --filter name=down --format '{{.Status}}'
	[[ $output =~ ^Exited\ \(3\) ]]
}

@test "ps --format json is an array that jq reads" {
	podman create --name j --label a=b "$IMAGE" true
	run bash -c "'$PODMAN' ps -a --format json | jq -r '.[0].Names[0], .[0].Labels.a'"
	output_is $'j\nb'
}

@test "ps --format 'table ...' prints a header" {
	podman create --name t "$IMAGE" true
	run podman ps -a --format 'table {{.Names}}\t{{.Image}}'
	[[ ${lines[0]} =~ ^NAMES\ +IMAGE$ ]]
	[[ ${lines[1]} =~ ^t\ +localhost/busybox:latest$ ]]
}

@test "a bad template is refused in Go's words" {
	run podman ps --format '{{.Names'
	status_is 125
	output_has "template:"
}

@test "ps --last and --latest" {
	podman create --name first "$IMAGE" true
	sleep 1
	podman create --name second "$IMAGE" true
	run podman ps --latest --format '{{.Names}}'
	output_is "second"
	run podman ps --last 1 --format '{{.Names}}'
	output_is "second"
}

@test "images lists the image; --format and -q" {
	run podman images
	status_is 0
	output_has "REPOSITORY"
	output_has "localhost/busybox"
	run podman images --format '{{.Repository}}:{{.Tag}}'
	output_has "localhost/busybox:latest"
	run podman images -q localhost/busybox
	[[ ${lines[0]} =~ ^[0-9a-f]{12}$ ]]
}

@test "inspect prints an array; --format reads it; --type and missing names" {
	podman create --name i "$IMAGE" echo hi
	run bash -c "'$PODMAN' inspect i | jq -r '.[0].Name'"
	output_is "i"
	run podman inspect --format '{{.Name}} {{.Config.Image}}' i
	output_has "i "
	run podman inspect --type image i
	status_is 125
	run podman inspect --format '{{.Id}}' "$IMAGE"
	[[ $output =~ ^[0-9a-f]{64}$ ]]
	run podman inspect nosuch
	status_is 125
	output_has "nosuch"
}

@test "container exists and image exists answer by exit status alone" {
	podman create --name x "$IMAGE" true
	run podman container exists x
	status_is 0
	output_is ""
	run podman container exists nosuch
	status_is 1
	output_is ""
	run podman image exists "$IMAGE"
	status_is 0
	run podman image exists localhost/nosuch
	status_is 1
}

@test "logs: all, the tail, since the beginning, several containers" {
	podman run --name a "$IMAGE" sh -c 'for i in 1 2 3 4 5; do echo line $i; done'
	podman run --name b "$IMAGE" echo other
	run podman logs a
	output_is $'line 1\nline 2\nline 3\nline 4\nline 5'
	run podman logs --tail 2 a
	output_is $'line 4\nline 5'
	run podman logs --tail 0 a
	output_is ""
	run podman logs -t --tail 1 a
	[[ $output =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T.*\ line\ 5$ ]]
	run podman logs a b
	output_has "line 5"
	output_has "other"
}

@test "logs -f follows and ends with the container" {
	podman run -d --name f "$IMAGE" sh -c 'for i in 1 2 3; do echo tick $i; sleep 0.5; done'
	run podman logs -f f
	status_is 0
	output_is $'tick 1\ntick 2\ntick 3'
}

@test "version shows both sides; its templates work" {
	run podman version
	status_is 0
	output_has "Client:"
	output_has "Server:"
	run podman version --format '{{.Client.Version}}'
	[[ $output =~ ^[0-9]+\.[0-9]+ ]]
	run podman version --format '{{.Server.Version}}'
	[[ $output =~ ^[0-9]+\.[0-9]+ ]]
}

@test "info names the host" {
	run podman info
	status_is 0
	output_has "host:"
	output_has "store:"
	run podman info --format '{{.Host.Os}}'
	output_is "linux"
}

@test "rmi: untags, deletes; 1 for a missing image" {
	run podman rmi localhost/nosuch:1
	status_is 1
	output_has "nosuch"
}

@test "ps --sort command compares all words; equal keys keep the host's order" {
	podman create --name w1 "$IMAGE" sh -c 'exit 3'
	podman create --name w2 "$IMAGE" sh -c 'echo x'
	run podman ps -a --sort command --format '{{.Names}}'
	output_is $'w2\nw1'
}

@test "ps --filter takes a comma for a part of the value" {
	podman create --name comma --label 'k=a,b' "$IMAGE" true
	run podman ps -a --filter 'label=k=a,b' --format '{{.Names}}'
	output_is comma
}
