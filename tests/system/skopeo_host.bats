# skopeo on a Mac has no containers-storage: and no docker-daemon:. Here they are the images of the connected host.
bats_require_minimum_version 1.5.0
load common

setup_file() {
	mkdir -p "$BATS_FILE_TMPDIR/bin"
	ln -s "$PODMAN" "$BATS_FILE_TMPDIR/bin/skopeo"
	export SKOPEO=$BATS_FILE_TMPDIR/bin/skopeo
}

skopeo() {
	timeout --foreground 60 "$SKOPEO" "$@"
}

config_of() {
	skopeo inspect --raw --config "$1" | sha256sum
}

@test "an image of the host becomes a layout here, and comes back under another name" {
	run -0 skopeo copy "containers-storage:$IMAGE" oci:here:1
	output_has 'Writing manifest to image destination'
	run -0 skopeo copy -q oci:here:1 docker-daemon:skopeo/back:2
	run -0 podman image exists docker.io/skopeo/back:2
	[ "$(config_of oci:here:1)" = "$(config_of containers-storage:skopeo/back:2)" ]
	run -0 podman run --rm docker.io/skopeo/back:2 echo alive
	output_has alive
	podman rmi docker.io/skopeo/back:2
}

@test "inspect tells of the host's images, and of one that it has not it says so" {
	run -0 skopeo inspect --format '{{.Os}} {{len .Layers}}' "containers-storage:$IMAGE"
	[[ $output =~ ^linux\ [0-9]+$ ]]
	run -1 skopeo inspect containers-storage:skopeo/nothing:1
	output_has 'level=fatal'
	output_has 'skopeo/nothing'
}

@test "another host than the connection's has a flag for each side" {
	export CONTAINER_HOST=unix:///nonexistent/podman.sock
	run -0 skopeo copy -q --src-daemon-host "$HOST_URL" "docker-daemon:$IMAGE" dir:here
	[ -s here/manifest.json ]
	run -1 skopeo copy -q dir:here containers-storage:skopeo/x:1
	output_has /nonexistent/podman.sock
	run -0 podman --url "$HOST_URL" skopeo inspect --format '{{.Digest}}' "containers-storage:$IMAGE"
	[[ $output == sha256:* ]]
}
