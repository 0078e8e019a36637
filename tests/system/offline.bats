# What works without a host, a configuration and a network.
NEEDS_NO_HOST=1
load common

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export CONTAINER_HOST=unix:///nonexistent/podman.sock
}

@test "podman alone shows what it can do and exits 125, as podman does" {
	run podman
	output_has "Available Commands:"
	output_has "run "
}

@test "podman --version is one line" {
	run podman --version
	status_is 0
	[[ $output =~ ^podman\ version\ [0-9]+\.[0-9]+\.[0-9]+ ]]
}

@test "help works in its three spellings" {
	for words in "help run" "run --help" "container run --help"; do
		# shellcheck disable=SC2086
		run podman $words
		status_is 0
		output_has "Usage:"
		output_has "--publish-all"
	done
}

@test "a mistyped command: one line, the nearest name, exit 125" {
	run podman pss
	status_is 125
	output_has "unrecognized command"
	output_has "ps"
}

@test "a mistyped flag: one line, where help is, exit 125" {
	run podman ps --al
	status_is 125
	output_has "unknown flag: --al"
	output_has "See 'podman ps --help'"
}

@test "completion scripts are valid for their shells" {
	run podman completion bash
	status_is 0
	podman completion bash | bash -n
	podman completion zsh | grep -q compdef
	podman completion fish | grep -q complete
}

@test "completion knows commands, flags and values without a host" {
	run podman __complete ru
	output_has "run"
	run podman __complete run --rest
	output_has "--restart"
}

@test "version shows the client part and then says why there is no server" {
	run podman version
	status_is 125
	output_has "Client:"
	output_has "/nonexistent/podman.sock"
}
