# A person at a terminal: tmux is the terminal, a shell in it runs the client.
load common

setup_file() {
	command -v tmux >/dev/null || skip "tmux is not installed"
}

# screen_start: a terminal of 80x24 with a plain shell whose prompt is "here$ ".
screen_start() {
	SCREEN=farpod-$$-$BATS_TEST_NUMBER
	tmux -L "$SCREEN" -f /dev/null new-session -d -x 80 -y 24 "env PS1='here$ ' PODMAN='$PODMAN' sh"
	screen_shows 'here\$'
}

teardown() {
	tmux -L "$SCREEN" kill-server 2>/dev/null || true
	timeout 60 "$PODMAN" rm -fa -t 0 >/dev/null 2>&1 || true
}

type_keys() {
	tmux -L "$SCREEN" send-keys "$@"
}

screen() {
	tmux -L "$SCREEN" capture-pane -p -J
}

# screen_shows REGEX: within 20 seconds.
screen_shows() {
	until_true 20 screen_has "$1" || { echo "expected on the screen: $1"; screen; return 1; }
}

screen_has() {
	screen | grep -qE -- "$1"
}

@test "run -it sh: typing, the exit status, and a sane terminal afterwards" {
	screen_start
	type_keys "\$PODMAN run -it --rm $IMAGE sh" Enter
	screen_shows '[/~] # $'
	type_keys 'echo in-$((40+2))' Enter
	screen_shows '^in-42'
	type_keys 'exit 5' Enter
	sleep 1
	type_keys 'echo status $?; stty -a | tr ";" "\n" | grep -o -- "-\?icanon" ' Enter
	screen_shows '^status 5'
	screen_shows '^icanon'
}

@test "the container's terminal has this window's size, and follows it" {
	screen_start
	type_keys "\$PODMAN run -it --rm $IMAGE sh" Enter
	screen_shows '[/~] # $'
	sleep 1
	type_keys 'stty size' Enter
	screen_shows '^24 80'
	tmux -L "$SCREEN" resize-window -x 101 -y 33
	sleep 1
	type_keys 'stty size' Enter
	screen_shows '^33 101'
	type_keys 'exit' Enter
}

@test "Ctrl-C goes to the container's process, not to the client" {
	screen_start
	type_keys "\$PODMAN run -it --rm $IMAGE sh" Enter
	screen_shows '[/~] # $'
	type_keys 'sleep 500' Enter
	sleep 1
	type_keys C-c
	sleep 1
	type_keys 'echo still-$((1+1))' Enter
	screen_shows '^still-2'
	type_keys 'exit' Enter
}

@test "Ctrl-P Ctrl-Q detaches; attach comes back to the same shell" {
	screen_start
	type_keys "\$PODMAN run -it --name kept $IMAGE sh" Enter
	screen_shows '[/~] # $'
	type_keys 'MARK=here-it-is' Enter
	# BusyBox asks the terminal where its cursor is; the answer belongs to it.
	sleep 1
	type_keys C-p C-q
	sleep 1
	type_keys 'echo detached $?' Enter
	screen_shows '^detached 0'
	run podman inspect --format '{{.State.Running}}' kept
	output_is "true"
	type_keys "\$PODMAN attach kept" Enter
	sleep 2
	type_keys 'echo $MARK' Enter
	screen_shows '^here-it-is'
	type_keys 'exit 3' Enter
	sleep 1
	type_keys 'echo status $?' Enter
	screen_shows '^status 3'
}

@test "custom detach keys, and none" {
	screen_start
	type_keys "\$PODMAN run -it --name kept --detach-keys ctrl-x,x $IMAGE sh" Enter
	screen_shows '[/~] # $'
	type_keys C-x x
	sleep 1
	type_keys 'echo detached $?' Enter
	screen_shows '^detached 0'
}

@test "the terminal is sane after the client was ended by SIGTERM" {
	screen_start
	type_keys "\$PODMAN run -it --name killed $IMAGE sh" Enter
	screen_shows '[/~] # $'
	pkill -TERM -f -- "^$PODMAN run -it --name killed"
	sleep 1
	type_keys 'echo sane; stty -a | tr ";" "\n" | grep -o -- "-\?icanon"' Enter
	screen_shows '^sane'
	screen_shows '^icanon'
}

@test "exec -it in a running container" {
	podman run -d --name e "$IMAGE" sleep 100
	screen_start
	type_keys "\$PODMAN exec -it e sh" Enter
	screen_shows '[/~] # $'
	type_keys 'tty; exit 6' Enter
	screen_shows '/dev/'
	sleep 1
	type_keys 'echo status $?' Enter
	screen_shows '^status 6'
}

@test "Ctrl-C without -t ends the container's process as on Linux" {
	screen_start
	type_keys "\$PODMAN run --rm $IMAGE sh -c 'trap \"exit 4\" INT; echo up; while :; do sleep 0.1; done'" Enter
	screen_shows '^up'
	type_keys C-c
	sleep 1
	type_keys 'echo status $?' Enter
	screen_shows '^status 4'
}
