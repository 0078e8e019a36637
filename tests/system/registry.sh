# shellcheck shell=sh disable=SC2034,SC2154
# tests/system/registry.sh: throw-away registries on loopback: the distribution's docker-registry with its files below $lab. Sourced after hosts.sh;
# POSIX sh. hosts_end ends them all.
#
#   registry_can_run              fails with registry_why set where something is missing
#   registry_start NAME VARIANT   starts $lab/registry-NAME; sets registry_host (127.0.0.1:PORT)
#                                   plain    HTTP, everybody may do everything
#                                   tls      HTTPS and htpasswd
#                                   bearer   HTTPS and a token service (registry-token-server, $token_server), whose log is token.log
#   registry_stop NAME            ends it; what it stores stays, and registry_start takes it up again, on the same port
#   registry_has NAME DIGEST      its storage has the blob
#
# User and password: $registry_user, $registry_password; identity token of bearer: $registry_identity. The CA: $registry_certs/ca.crt.

registry_user=alice
registry_password='correct:horse battery'
registry_identity=identity-of-alice

registry_can_run() {
	registry_why=
	for program in docker-registry htpasswd openssl curl; do
		command -v "$program" >/dev/null || { registry_why="$program is not installed"; return 1; }
	done
}

# A CA, and one certificate for all registries of this run.
registry_make_certs() {
	registry_certs=$lab/registry-certs
	registry_tls=$lab/registry-tls
	[ ! -s "$registry_tls/cert.pem" ] || return 0
	mkdir -p "$registry_certs" "$registry_tls"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=farpod test CA" -keyout "$registry_tls/ca.key" -out "$registry_certs/ca.crt" \
		-addext "basicConstraints=critical,CA:true" -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null &&
		openssl req -newkey rsa:2048 -nodes -subj "/CN=127.0.0.1" -keyout "$registry_tls/key.pem" -out "$registry_tls/cert.csr" 2>/dev/null || return 1
	printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n' >"$registry_tls/cert.ext"
	openssl x509 -req -days 2 -in "$registry_tls/cert.csr" -CA "$registry_certs/ca.crt" -CAkey "$registry_tls/ca.key" -CAcreateserial \
		-extfile "$registry_tls/cert.ext" -out "$registry_tls/cert.pem" 2>/dev/null
}

registry_write_config() {
	cat <<-EOT
		version: 0.1
		log: { level: info }
		storage:
		  filesystem: { rootdirectory: $registry_dir/data }
		  delete: { enabled: true }
		http:
		  addr: $registry_host
	EOT
	[ "$1" = plain ] || printf '  tls: { certificate: %s, key: %s }\n' "$registry_tls/cert.pem" "$registry_tls/key.pem"
	case $1 in
	tls) printf 'auth:\n  htpasswd: { realm: farpod, path: %s }\n' "$registry_dir/htpasswd" ;;
	bearer) printf 'auth:\n  token: { realm: "https://127.0.0.1:%s/token", service: farpod-tests, issuer: farpod, rootcertbundle: %s }\n' \
		"$registry_token_port" "$registry_certs/ca.crt" ;;
	esac
}

# The port of the registry that was there before, or a free one.
registry_port() {
	[ -s "$1" ] || lab_free_port >"$1"
	cat "$1"
}

registry_start_tokens() {
	registry_token_port=$(registry_port "$registry_dir/token-port")
	"$token_server" "$registry_token_port" "$registry_tls/cert.pem" "$registry_tls/key.pem" farpod farpod-tests "$registry_user" "$registry_password" \
		"$registry_identity" </dev/null >>"$registry_dir/token.log" 2>&1 3>&- &
	lab_pids="$lab_pids $!"
	echo $! >>"$registry_dir/pids"
	lab_wait curl -sf --noproxy '*' --cacert "$registry_certs/ca.crt" "https://127.0.0.1:$registry_token_port/token"
}

registry_answers() {
	curl -s -o /dev/null --noproxy '*' --cacert "$registry_certs/ca.crt" "$registry_scheme://$registry_host/v2/"
}

registry_is_gone() {
	! curl -s -o /dev/null --noproxy '*' "http://$registry_host/v2/"
}

registry_start() {
	registry_make_certs || return 1
	registry_dir=$lab/registry-$1
	mkdir -p "$registry_dir/data"
	: >"$registry_dir/pids"
	[ "$2" != bearer ] || registry_start_tokens || return 1
	registry_host=127.0.0.1:$(registry_port "$registry_dir/port")
	registry_scheme=https
	[ "$2" != plain ] || registry_scheme=http
	htpasswd -Bbn "$registry_user" "$registry_password" >"$registry_dir/htpasswd" 2>/dev/null || return 1
	registry_write_config "$2" >"$registry_dir/config.yml"
	# REGISTRY_* variables would change the file's settings.
	env -i "PATH=$PATH" docker-registry serve "$registry_dir/config.yml" </dev/null >>"$registry_dir/log" 2>&1 3>&- &
	lab_pids="$lab_pids $!"
	echo $! >>"$registry_dir/pids"
	lab_wait registry_answers
}

registry_stop() {
	while read -r pid; do
		lab_kill TERM "$pid"
	done <"$lab/registry-$1/pids"
	registry_host=127.0.0.1:$(cat "$lab/registry-$1/port")
	lab_wait registry_is_gone
}

registry_has() {
	[ -s "$lab/registry-$1/data/docker/registry/v2/blobs/sha256/$(printf %.2s "${2#sha256:}")/${2#sha256:}/data" ]
}
