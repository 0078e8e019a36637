# build: what goes up, what comes out, how it ends. The image has BusyBox's tools.
load common
bats_require_minimum_version 1.5.0

# A folder with a Containerfile that takes all of it.
project() {
	mkdir -p app/src
	printf 'FROM %s\nCOPY . /ctx\nCMD ["cat", "/ctx/hello"]\n' "$IMAGE" >app/Containerfile
	echo hi >app/hello
	echo 'int main;' >app/src/main.c
}

# in_image NAME COMMAND...: in a container of it.
in_image() {
	podman run --rm "$@"
}

remove_image() {
	podman rmi -f "$@" >/dev/null 2>&1 || true
}

teardown() {
	remove_image localhost/built:1 localhost/built:2
	[ -n "$HOST_MISSING" ] || timeout 60 "$PODMAN" rm -fa -t 0 >/dev/null 2>&1 || true
	[ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
}

@test "build sends the folder of this machine to the host (sources from the Mac were not found by 1.8.0)" {
	project
	run podman build -t localhost/built:1 app
	status_is 0
	output_has "STEP"
	[[ ${lines[-1]} =~ ^[0-9a-f]{64}$ ]]
	run in_image localhost/built:1
	output_is "hi"
	run in_image localhost/built:1 cat /ctx/src/main.c
	output_is "int main;"
}

@test "build obeys podman-remote.conf (the old client wanted the host and user typed for each build)" {
	project
	case $HOST_URL in ssh://*) ;; *) skip "podman-remote.conf describes hosts over ssh" ;; esac
	local rest=${HOST_URL#ssh://} at
	at=${rest%%/*}
	mkdir -p "$HERE/config/containers"
	printf '[connections]\n[connections.lab]\ndestination = "%s"\nusername = "%s"\nport = %s\ndefault = true\nidentity_file = "%s"\n' \
		"127.0.0.1" "${at%%@*}" "${at##*:}" "$LAB/ssh/id_ed25519" >"$HERE/config/containers/podman-remote.conf"
	# The file has no place for the socket: a real host has it where the client looks.
	run env -u CONTAINER_HOST XDG_CONFIG_HOME="$HERE/config" XDG_CACHE_HOME="$HERE/cache" timeout 60 "$PODMAN" --log-level debug build -t localhost/built:1 app
	output_has "127.0.0.1:${at##*:}"
	output_lacks "unknown flag"
}

@test "build -q prints the ID and nothing else; --iidfile holds it" {
	project
	podman build -q -t localhost/built:1 --iidfile id app >out
	[[ $(cat out) =~ ^[0-9a-f]{64}$ ]]
	[ "$(cat id)" = "sha256:$(cat out)" ]
	run podman inspect --format '{{.Id}}' localhost/built:1
	output_is "$(cat out)"
}

@test "build without a name makes an image without one" {
	project
	run podman build -q app
	status_is 0
	id=$output
	run podman inspect --type image --format '{{.RepoTags}}' "$id"
	output_is "[]"
	remove_image "$id"
}

@test "a failing RUN ends build with its exit status; what it printed is there" {
	project
	printf 'FROM %s\nRUN echo before; exit 9\n' "$IMAGE" >app/Containerfile
	run podman build -t localhost/built:1 app
	status_is 9
	output_has "before"
	output_has "exit status 9"
	run podman image exists localhost/built:1
	status_is 1
}

@test ".containerignore goes before .dockerignore; the last matching line wins; the Containerfile always arrives" {
	project
	mkdir -p app/data/keep
	touch app/data/a app/data/keep/b app/x.log app/src/y.log
	echo '*' >app/.dockerignore
	printf '# comment\n**/*.log\ndata/*\n!data/keep\nContainerfile\n' >app/.containerignore
	podman build -q -t localhost/built:1 app
	run in_image localhost/built:1 sh -c 'cd /ctx; find . -type f | sort'
	output_has "./data/keep/b"
	output_has "./hello"
	output_lacks "./data/a"
	output_lacks ".log"
}

@test "a Containerfile from outside the folder, from another name and from standard input" {
	project
	mkdir other
	printf 'FROM %s\nCOPY hello /outside\n' "$IMAGE" >other/Outside
	podman build -q -t localhost/built:1 -f other/Outside app
	run in_image localhost/built:1 cat /outside
	output_is "hi"
	printf 'FROM %s\nCOPY hello /inner\n' "$IMAGE" >app/src/Inner
	podman build -q -t localhost/built:1 -f app/src/Inner app
	run in_image localhost/built:1 cat /inner
	output_is "hi"
	printf 'FROM %s\nCOPY hello /stdin\n' "$IMAGE" | podman build -q -t localhost/built:1 -f - app
	run in_image localhost/built:1 cat /stdin
	output_is "hi"
}

@test "build - takes a Containerfile or a compressed tar archive; nothing stays behind" {
	project
	mkdir tmp
	export TMPDIR=$HERE/tmp
	printf 'FROM %s\nRUN echo piped >/file\n' "$IMAGE" | podman build -q -t localhost/built:1 -
	run in_image localhost/built:1 cat /file
	output_is "piped"
	tar -C app -czf - . | podman build -q -t localhost/built:1 -
	run in_image localhost/built:1
	output_is "hi"
	run ls -A tmp
	output_is ""
}

@test "build of a git repository and of an archive behind a URL" {
	project
	command -v git >/dev/null || skip "git is not installed"
	mkdir -p www tmp
	export TMPDIR=$HERE/tmp
	git -C app init -q
	git -C app add .
	git -C app -c user.name=t -c user.email=t@localhost commit -qm one
	git -C app branch feature
	tar -C app -czf www/app.tar.gz Containerfile hello src
	port=$((21000 + BASHPID % 20000))
	/bin/busybox httpd -f -p "127.0.0.1:$port" -h www 3>&- &
	server=$!
	until_true 5 bash -c "exec 4<>/dev/tcp/127.0.0.1/$port" 2>/dev/null
	podman build -q -t localhost/built:1 "http://127.0.0.1:$port/app.tar.gz"
	run in_image localhost/built:1
	output_is "hi"
	run podman build -q -t localhost/built:1 "http://127.0.0.1:$port/nosuch.tar.gz"
	status_is 125
	output_has "404"
	kill "$server"
	git daemon --export-all --base-path="$HERE" --listen=127.0.0.1 --port=$((port + 1)) --reuseaddr 3>&- >/dev/null 2>&1 &
	server=$!
	until_true 5 bash -c "exec 4<>/dev/tcp/127.0.0.1/$((port + 1))" 2>/dev/null
	podman build -q -t localhost/built:2 "git://127.0.0.1:$((port + 1))/app#feature"
	run in_image localhost/built:2
	output_is "hi"
	run ls -A tmp
	output_is ""
}

@test "build arguments, labels, variables and a stage" {
	project
	printf 'FROM %s AS one\nARG A=none\nRUN echo "$A" >/a\nFROM one AS two\nRUN echo two >/two\n' "$IMAGE" >app/Containerfile
	export B=fromhere
	run podman build -q -t localhost/built:1 --build-arg A=typed --label x=y app
	status_is 0
	run in_image localhost/built:1 cat /a /two
	output_is "$(printf 'typed\ntwo')"
	run podman inspect --format '{{index .Config.Labels "x"}}' localhost/built:1
	output_is "y"
	run podman build -q -t localhost/built:2 --build-arg A=typed --target one app
	case $HOST in *1.8.0* | *1.6.2*) status_is 125; output_has "--target" ;; *) status_is 0 ;; esac
}

@test "a build argument without a value takes the one that it has here" {
	project
	printf 'FROM %s\nARG B\nRUN echo "$B" >/b\n' "$IMAGE" >app/Containerfile
	B=fromhere podman build -q -t localhost/built:1 --build-arg B app
	run in_image localhost/built:1 cat /b
	output_is "fromhere"
}

@test "secrets of this machine reach RUN and stay out of the image; a host that has no place for them says so" {
	project
	printf 'FROM %s\nRUN --mount=type=secret,id=s cat /run/secrets/s | rev >/seen\nCOPY . /ctx\n' "$IMAGE" >app/Containerfile
	echo -n hidden >secret
	run podman build -q -t localhost/built:1 --secret id=s,src=secret app
	if on_varlink; then
		status_is 125
		output_has "--secret"
	else
		status_is 0
		run in_image localhost/built:1 cat /seen
		output_is "neddih"
		run in_image localhost/built:1 sh -c 'grep -r hidden /ctx; ls -A /ctx'
		output_lacks "hidden"
		output_lacks "secret"
	fi
}

@test "links, modes, times, long and strange names arrive as they are" {
	project
	cd app
	ln -s hello link
	ln hello hard
	chmod 751 src/main.c
	touch -d '2001-02-03 04:05:06 UTC' src/main.c
	long=$(printf 'n%.0s' {1..200})
	echo long >"$long"
	mkdir -p "$long-d/$long"
	echo deep >"$long-d/$long/f"
	: >$'bytes\xff'
	mkdir empty
	mkfifo pipe
	cd ..
	podman build -q -t localhost/built:1 app
	run in_image localhost/built:1 sh -c "cd /ctx; readlink link; stat -c '%a %Y' src/main.c; cat $long $long-d/$long/f; ls -d empty; ls; printf %s bytes* | od -An -tx1"
	output_has "hello"
	output_has "751 981173106"
	output_has "long"
	output_has "deep"
	output_has "empty"
	output_has '62 79 74 65 73 ff'
	output_lacks "pipe"
}

@test "build says what is wrong before anything is sent" {
	project
	run podman build nosuchfolder
	status_is 125
	output_has "nosuchfolder"
	mkdir bare
	run podman build bare
	status_is 125
	output_has "no Containerfile or Dockerfile"
	run podman build -f app/nosuch app
	status_is 125
	output_has "app/nosuch"
	run podman build --secret id=x,src=nosuch app
	status_is 125
	output_has "nosuch"
	run podman build --pull=sometimes app
	status_is 125
	output_has "sometimes"
	run podman build
	status_is 125
	output_has "no context directory"
	chmod 0000 app/hello
	if [ "$(id -u)" -ne 0 ]; then
		run podman build -t localhost/built:1 app
		status_is 125
		output_has "hello"
	fi
}

@test "a large context names its largest entries" {
	project
	truncate -s 510M app/big
	printf 'FROM %s\nCOPY hell* /\n' "$IMAGE" >app/Containerfile
	run podman build -t localhost/built:1 app
	status_is 0
	output_has "build context"
	output_has "big"
	output_has ".containerignore"
}

@test "a Containerfile that names its files gets these and no others" {
	project
	truncate -s 600M app/big
	mkdir app/lib
	ln -s ../hello app/lib/link
	printf 'FROM %s\nCOPY src/main.c /\nCOPY lib /lib2\nADD hello /h\n' "$IMAGE" >app/Containerfile
	run podman build -t localhost/built:1 app
	status_is 0
	output_lacks "build context has"
	run in_image localhost/built:1 sh -c 'cat /h /main.c; readlink /lib2/link'
	output_is "$(printf 'hi\nint main;\n../hello')"
	rm app/big
	# The stand-in follows no links and knows no triggers.
	[ "$HOST" != standin ] || return 0
	# What a link points to is needed as well, and so is what the base image asks for.
	ln -s hello app/soft
	printf 'FROM %s\nCOPY soft /\n' "$IMAGE" >app/Containerfile
	podman build -q -t localhost/built:1 app
	run in_image localhost/built:1 cat /soft
	output_is "hi"
	printf 'FROM %s\nONBUILD COPY hello /triggered\n' "$IMAGE" >app/Base
	printf 'FROM localhost/built:2\nRUN cat /triggered\n' >app/Containerfile
	podman build -q --format docker -t localhost/built:2 -f app/Base app
	run podman build -t localhost/built:1 app
	status_is 0
	output_has "hi"
}
