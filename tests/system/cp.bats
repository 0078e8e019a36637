# cp: the rules of podman-cp(1), seen from a user's shell.
load common
bats_require_minimum_version 1.5.0

setup() {
	[ -z "$HOST_MISSING" ] || skip "$HOST_MISSING"
	export CONTAINER_HOST=$HOST_URL
	HERE=$BATS_TEST_TMPDIR
	cd "$HERE" || return 1
	podman run -d --name box "$IMAGE" sleep 1000 >/dev/null
	mkdir -p dir/sub
	echo one >file
	echo two >dir/sub/two
}

in_box() {
	podman exec box "$@"
}

# 1.6.2 has no standard input for exec, and so no way in.
needs_way_in() {
	case $HOST in *1.6.2*) skip "Podman 1.6.2 has no way into a container" ;; esac
}

@test "cp: a file into a folder keeps its name, onto a name gets that name" {
	needs_way_in
	podman cp file box:/tmp
	podman cp file box:/tmp/renamed
	run in_box cat /tmp/file /tmp/renamed
	output_is "$(printf 'one\none')"
}

@test "cp: a folder goes into a folder that is there and becomes one that is not; /. copies what is in it" {
	needs_way_in
	podman cp dir box:/tmp
	podman cp dir box:/tmp/new
	in_box mkdir /tmp/there
	podman cp dir/. box:/tmp/there
	podman cp dir/. box:/tmp/fresh
	run in_box cat /tmp/dir/sub/two /tmp/new/sub/two /tmp/there/sub/two /tmp/fresh/sub/two
	output_is "$(printf 'two\ntwo\ntwo\ntwo')"
}

@test "cp: out of a container, the same rules" {
	in_box sh -c 'mkdir -p /data/sub; echo deep >/data/sub/f; echo flat >/data/g'
	podman cp box:/data/g .
	podman cp box:/data/g h
	podman cp box:/data .
	podman cp box:/data copy
	mkdir into
	podman cp box:/data/. into
	[ "$(cat g h data/sub/f copy/sub/f into/sub/f)" = "$(printf 'flat\nflat\ndeep\ndeep\ndeep')" ]
}

@test "cp: a symlink in the container is followed; modes are kept" {
	in_box sh -c 'echo real >/real; ln -s /real /link; chmod 750 /real'
	podman cp box:/link out
	[ "$(cat out)" = real ]
	[ "$(stat -c %a out)" = 750 ]
	[ ! -L out ]
}

@test "cp: a symlink of this machine is followed, and the copy has the name of the link" {
	needs_way_in
	ln -s file link
	ln -s dir/sub folder
	podman cp link box:/tmp
	podman cp folder box:/tmp
	run in_box sh -c 'cat /tmp/link /tmp/folder/two; ls /tmp/file /tmp/sub 2>/dev/null; test -h /tmp/link || echo no link'
	output_is "$(printf 'one\ntwo\nno link')"
	cd dir/sub
	podman cp .. box:/tmp
	run in_box cat /tmp/dir/sub/two
	output_is "two"
}

@test "cp: a fifo in a folder goes along" {
	needs_way_in
	mkfifo dir/pipe
	podman cp dir box:/tmp
	run in_box sh -c 'test -p /tmp/dir/pipe && echo a fifo'
	output_is "a fifo"
}

@test "cp: - is a tar archive" {
	in_box sh -c 'mkdir /d; echo x >/d/f'
	podman cp box:/d - >d.tar
	run tar -tf d.tar
	output_has "d/f"
	needs_way_in
	tar -cf - file | podman cp - box:/tmp
	run in_box cat /tmp/file
	output_is "one"
	run podman cp - box:/tmp </dev/null
	status_is 125
	output_has "must be a (compressed) tar archive"
	run podman cp - box:/tmp <file
	status_is 125
}

@test "cp: from one container to another" {
	needs_way_in
	podman run -d --name other "$IMAGE" sleep 1000 >/dev/null
	in_box sh -c 'mkdir /d; echo x >/d/f'
	podman cp box:/d other:/tmp
	podman cp box:/d/f other:/tmp/g
	run podman exec other cat /tmp/d/f /tmp/g
	output_is "$(printf 'x\nx')"
}

@test "cp: a large file arrives byte for byte, in and out" {
	needs_way_in
	head -c 20000000 /dev/urandom >big
	podman cp big box:/tmp
	podman cp box:/tmp/big back
	cmp big back
}

@test "cp: out of a stopped container" {
	in_box sh -c 'echo kept >/kept'
	podman stop -t 0 box
	podman cp box:/kept .
	[ "$(cat kept)" = kept ]
}

@test "cp: what is not there is named, and nothing is made" {
	run podman cp box:/nosuch here
	status_is 125
	output_has '"/nosuch" could not be found on container box'
	[ ! -e here ]
	run podman cp nosuchfile box:/tmp
	status_is 125
	output_has "nosuchfile"
	run podman cp nosuchbox:/x .
	status_is 125
	output_has "nosuchbox"
	run podman cp a b
	status_is 125
	output_has "exactly 1 container expected"
	run podman cp file box:/nosuch/deeper/name
	status_is 125
	output_has "could not be found on container box"
	run podman cp dir box:/etc/passwd
	status_is 125
	output_has "must be a directory"
}

@test "cp: a folder does not take the place of a file unless --overwrite says so" {
	in_box sh -c 'mkdir -p /t/x; echo f >/t/x/f'
	mkdir target
	echo precious >target/x
	run podman cp box:/t/x target
	status_is 125
	[ "$(cat target/x)" = precious ]
	podman cp --overwrite box:/t/x target
	[ "$(cat target/x/f)" = f ]
}
