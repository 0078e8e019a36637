# shellcheck shell=sh
# tests/system/image.sh: small images to begin with. Sourced; POSIX sh.
#
#   image_archive FILE ARCH NAME [LAYERS]   a docker-archive as docker save wrote it before version 25, each layer with 20 kB of random bytes
#   image_list REGISTRY PATH TAG ARCH...    a list in a registry that takes everybody, of the images PATH:ARCH

image_sum() {
	sha256sum "$1" | cut -d' ' -f1
}

image_archive() {
	image_dir=$(mktemp -d) image_diffs='' image_layers='' image_steps=''
	for image_n in $(seq "${4:-2}"); do
		head -c 20000 /dev/urandom >"$image_dir/file$image_n"
		tar -C "$image_dir" -cf "$image_dir/layer" "file$image_n"
		image_hex=$(image_sum "$image_dir/layer")
		mv "$image_dir/layer" "$image_dir/$image_hex.tar"
		image_diffs="$image_diffs,\"sha256:$image_hex\"" image_layers="$image_layers,\"$image_hex.tar\""
		image_steps="$image_steps,{\"created\":\"2023-11-14T22:13:20Z\",\"created_by\":\"step $image_n\"}"
	done
	printf '{"created":"2023-11-14T22:13:20Z","author":"me","architecture":"%s","os":"linux","docker_version":"20.10.1","config":{"Env":["PATH=/bin","A=<b>&c"],"Cmd":["/bin/sh"],"Labels":{"zeta":"1","alpha":"<x>"}},"rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}' \
		"$2" "${image_diffs#,}" "${image_steps#,}" >"$image_dir/config"
	image_hex=$(image_sum "$image_dir/config")
	mv "$image_dir/config" "$image_dir/$image_hex.json"
	printf '[{"Config":"%s.json","RepoTags":["%s"],"Layers":[%s]}]' "$image_hex" "$3" "${image_layers#,}" >"$image_dir/manifest.json"
	rm -f "$image_dir"/file*
	(cd "$image_dir" && tar -cf - -- *) >"$1"
	rm -rf "$image_dir"
}

image_list() {
	image_at=http://$1/v2/$2/manifests image_tag=$3 image_entries=''
	image_kind=application/vnd.docker.distribution.manifest
	shift 3
	for image_arch; do
		image_file=$(mktemp)
		curl -sf --noproxy '*' -H "Accept: $image_kind.v2+json" -o "$image_file" "$image_at/$image_arch" || return 1
		image_entries="$image_entries,{\"mediaType\":\"$image_kind.v2+json\",\"size\":$(wc -c <"$image_file" | tr -d ' '),\"digest\":\"sha256:$(image_sum "$image_file")\",\"platform\":{\"architecture\":\"$image_arch\",\"os\":\"linux\"}}"
		rm -f "$image_file"
	done
	curl -sf --noproxy '*' -o /dev/null -X PUT -H "Content-Type: $image_kind.list.v2+json" "$image_at/$image_tag" \
		-d "{\"schemaVersion\":2,\"mediaType\":\"$image_kind.list.v2+json\",\"manifests\":[${image_entries#,}]}"
}
