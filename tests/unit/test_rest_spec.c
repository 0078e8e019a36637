#include "unit.h"

#include "base/path.h"
#include "rest/spec.h"

static const struct engine_ops rest = { .protocol = "rest" };

/* "name=value|name=value"; a name alone is true. Owned by the caller, as are the names in names. */
static struct flags flags_of(const char *text, struct strv *names)
{
	struct flags f = { 0 };
	struct str rest_text = str_from(text), word, name, value;

	for (bool more = *text; more;) {
		more = str_cut(rest_text, '|', &word, &rest_text);
		if (!str_cut(word, '=', &name, &value))
			value = STR("true");
		assert_true(strv_add_str(names, name));
	}
	rest_text = str_from(text);
	for (size_t i = 0; i < names->n; i++) {
		str_cut(rest_text, '|', &word, &rest_text);
		if (!str_cut(word, '=', &name, &value))
			value = STR("true");
		assert_true(flags_add(&f, names->v[i], value));
	}
	return f;
}

struct built {
	int r;
	struct json_object *o;
	struct error err;
};

static struct built build(const char *version, const char *flags_text, const char *image, char *const *command, size_t n)
{
	struct strv names = { 0 }, words = { (char **)command, n, 0 };
	struct flags flags = flags_of(flags_text, &names);
	struct engine e = { .ops = &rest };
	struct create_req q = { .flags = &flags, .image = image, .image_as_typed = image, .command = &words };
	struct built b = { .err = ERROR_INIT };

	strncpy(e.version, version, sizeof e.version - 1);
	b.r = spec_build(&e, &q, &b.o, &b.err);
	flags_done(&flags);
	strv_done(&names);
	return b;
}

static void built_done(struct built *b)
{
	json_object_put(b->o);
	error_done(&b->err);
}

static struct json_object *parse(const char *text)
{
	struct json_object *o = NULL;

	if (js_parse(str_from(text), "row", &o, NULL) < 0)
		row_fail(text, "is no JSON");
	return o;
}

static const struct {
	const char *version, *flags, *body; /* without image and httpproxy */
} good[] = {
	{ "4.3.1", "", "{}" },
	{ "4.3.1", "name=web", "{\"name\":\"web\"}" },
	{ "4.3.1", "interactive", "{\"stdin\":true}" },
	{ "4.3.1", "interactive=false", "{}" },
	{ "4.3.1", "tty", "{\"terminal\":true,\"annotations\":{\"io.kubernetes.cri-o.TTY\":\"true\"}}" },
	{ "4.3.1", "rm", "{\"remove\":true,\"volatile\":true}" },
	{ "4.3.1", "rm=false", "{}" },
	{ "4.3.1", "attach=stdout|detach-keys=ctrl-x|disable-content-trust|retry=3|retry-delay=2s", "{}" },
	/* Process. */
	{ "4.3.1", "env=A=b|env=C=d=e|env=E", "{\"env\":{\"A\":\"b\",\"C\":\"d=e\",\"E\":\"\"}}" },
	{ "4.3.1", "label=k=v|label=x", "{\"labels\":{\"k\":\"v\",\"x\":\"\"}}" },
	{ "4.3.1", "annotation=a=b=c", "{\"annotations\":{\"a\":\"b=c\"}}" },
	{ "4.3.1", "entrypoint=sh", "{\"entrypoint\":[\"sh\"]}" },
	{ "4.3.1", "entrypoint=", "{\"entrypoint\":[\"\"]}" },
	{ "4.3.1", "entrypoint=[\"sh\",\"-c\"]", "{\"entrypoint\":[\"sh\",\"-c\"]}" },
	{ "4.3.1", "entrypoint=[1]", "{\"entrypoint\":[\"[1]\"]}" },
	{ "4.3.1", "entrypoint=sh -c x", "{\"entrypoint\":[\"sh -c x\"]}" },
	{ "4.3.1", "env-host", "{\"env_host\":true}" },
	{ "4.2.0", "env-merge=A=${A}x", "{\"envmerge\":[\"A=${A}x\"]}" },
	{ "4.2.0", "unsetenv=A|unsetenv=B", "{\"unsetenv\":[\"A\",\"B\"]}" },
	{ "4.3.1", "unsetenv-all", "{\"unsetenvall\":true}" },
	{ "4.3.1", "user=1:1", "{\"user\":\"1:1\"}" },
	{ "4.3.1", "workdir=/tmp", "{\"work_dir\":\"/tmp\"}" },
	{ "4.3.1", "hostname=h", "{\"hostname\":\"h\"}" },
	{ "4.3.1", "group-add=5|group-add=wheel", "{\"groups\":[\"5\",\"wheel\"]}" },
	{ "4.6.0", "group-entry=g:x:1:", "{\"group_entry\":\"g:x:1:\"}" },
	{ "4.3.1", "hostuser=a", "{\"hostusers\":[\"a\"]}" },
	{ "4.3.1", "passwd=false", "{\"manage_password\":false}" },
	{ "4.3.1", "passwd-entry=$USERNAME:x", "{\"passwd_entry\":\"$USERNAME:x\"}" },
	{ "4.3.1", "stop-signal=INT", "{\"stop_signal\":2}" },
	{ "4.3.1", "stop-signal=sigterm", "{\"stop_signal\":15}" },
	{ "4.3.1", "stop-signal=9", "{\"stop_signal\":9}" },
	{ "4.3.1", "stop-signal=SIGRTMIN+3", "{\"stop_signal\":37}" },
	{ "4.3.1", "stop-signal=RTMAX-1", "{\"stop_signal\":63}" },
	{ "4.3.1", "stop-timeout=3", "{\"stop_timeout\":3}" },
	{ "4.3.1", "stop-timeout=0", "{\"stop_timeout\":0}" },
	{ "4.3.1", "timeout=60", "{\"timeout\":60}" },
	{ "4.3.1", "restart=always", "{\"restart_policy\":\"always\"}" },
	{ "4.3.1", "restart=no", "{}" },
	{ "4.3.1", "restart=on-failure:3", "{\"restart_policy\":\"on-failure\",\"restart_tries\":3}" },
	{ "4.3.1", "restart=on-failure", "{\"restart_policy\":\"on-failure\"}" },
	{ "4.3.1", "restart=unless-stopped", "{\"restart_policy\":\"unless-stopped\"}" },
	{ "4.3.1", "init|init-path=/x", "{\"init\":true,\"init_path\":\"/x\"}" },
	{ "4.3.1", "init=false", "{}" },
	{ "4.3.1", "init-ctr=once", "{\"init_container_type\":\"once\"}" },
	{ "4.3.1", "systemd=Always", "{\"systemd\":\"always\"}" },
	{ "4.3.1", "sdnotify=conmon", "{\"sdnotifyMode\":\"conmon\"}" },
	{ "4.3.1", "tz=UTC", "{\"timezone\":\"UTC\"}" },
	{ "4.3.1", "umask=0027", "{\"umask\":\"0027\"}" },
	{ "4.3.1", "personality=LINUX32", "{\"personality\":{\"domain\":\"LINUX32\"}}" },
	{ "4.3.1", "requires=a|requires=b", "{\"dependencyContainers\":[\"a\",\"b\"]}" },
	{ "4.3.1", "pod=p1", "{\"pod\":\"p1\"}" },
	{ "4.3.1", "conmon-pidfile=/x", "{\"conmon_pid_file\":\"/x\"}" },
	{ "4.3.1", "chrootdirs=/a", "{\"chroot_directories\":[\"/a\"]}" },
	{ "4.3.1", "arch=arm64|os=linux|variant=v8", "{\"image_arch\":\"arm64\",\"image_os\":\"linux\",\"image_variant\":\"v8\"}" },
	{ "4.3.1", "platform=linux/arm64/v8", "{\"image_os\":\"linux\",\"image_arch\":\"arm64\",\"image_variant\":\"v8\"}" },
	{ "4.3.1", "override-arch=arm|override-os=linux", "{\"image_arch\":\"arm\",\"image_os\":\"linux\"}" },
	{ "4.3.1", "storage-opt=size=10G", "{\"storage_opts\":{\"size\":\"10G\"}}" },
	/* Logs. */
	{ "4.3.1", "log-driver=k8s-file|log-opt=max-size=10k|log-opt=tag=t1|log-opt=path=/x",
	  "{\"log_configuration\":{\"driver\":\"k8s-file\",\"size\":10000,\"options\":{\"tag\":\"t1\"},\"path\":\"/x\"}}" },
	{ "4.3.1", "log-opt=Max-Size=1MB|log-opt=driver=none", "{\"log_configuration\":{\"size\":1000000,\"driver\":\"none\"}}" },
	/* Secrets. */
	{ "4.3.1", "secret=s", "{\"secrets\":[{\"Source\":\"s\",\"Target\":\"\",\"UID\":0,\"GID\":0,\"Mode\":292}]}" },
	{ "4.3.1", "secret=s,uid=1,gid=2,mode=0400,target=/x",
	  "{\"secrets\":[{\"Source\":\"s\",\"Target\":\"/x\",\"UID\":1,\"GID\":2,\"Mode\":256}]}" },
	{ "4.3.1", "secret=source=s,UID=7", "{\"secrets\":[{\"Source\":\"s\",\"Target\":\"\",\"UID\":7,\"GID\":0,\"Mode\":292}]}" },
	{ "4.3.1", "secret=s,type=env,target=V|secret=t,type=env", "{\"secret_env\":{\"V\":\"s\",\"t\":\"t\"}}" },
	/* Health. */
	{ "4.3.1", "health-cmd=true",
	  "{\"healthconfig\":{\"Test\":[\"CMD-SHELL\",\"true\"],\"Interval\":30000000000,\"Timeout\":30000000000,\"StartPeriod\":0,\"Retries\":3}}" },
	{ "4.3.1", "health-cmd=[\"a\",\"b c\"]",
	  "{\"healthconfig\":{\"Test\":[\"CMD\",\"a\",\"b c\"],\"Interval\":30000000000,\"Timeout\":30000000000,\"StartPeriod\":0,\"Retries\":3}}" },
	{ "4.3.1", "health-cmd=[\"a b\"]",
	  "{\"healthconfig\":{\"Test\":[\"CMD-SHELL\",\"a b\"],\"Interval\":30000000000,\"Timeout\":30000000000,\"StartPeriod\":0,\"Retries\":3}}" },
	{ "4.3.1", "health-cmd=[\"CMD\",\"a\"]",
	  "{\"healthconfig\":{\"Test\":[\"CMD\",\"a\"],\"Interval\":30000000000,\"Timeout\":30000000000,\"StartPeriod\":0,\"Retries\":3}}" },
	{ "4.3.1", "health-cmd=CMD a  b",
	  "{\"healthconfig\":{\"Test\":[\"CMD\",\"a\",\"b\"],\"Interval\":30000000000,\"Timeout\":30000000000,\"StartPeriod\":0,\"Retries\":3}}" },
	{ "4.3.1", "health-cmd=none|health-interval=10s|health-timeout=1s",
	  "{\"healthconfig\":{\"Test\":[\"NONE\"],\"Interval\":10000000000,\"Timeout\":1000000000,\"StartPeriod\":0,\"Retries\":3}}" },
	{ "4.3.1", "no-healthcheck", "{\"healthconfig\":{\"Test\":[\"NONE\"]}}" },
	{ "4.3.1", "health-on-failure=kill", "{\"health_check_on_failure_action\":2}" },
	{ "4.3.1", "health-on-failure=none", "{\"health_check_on_failure_action\":0}" },
	{ "4.3.1", "health-on-failure=stop", "{\"health_check_on_failure_action\":4}" },
	{ "4.3.1", "health-interval=10s", "{}" },
	{ "4.4.0", "health-startup-cmd=true|health-startup-success=2",
	  "{\"startupHealthConfig\":{\"Test\":[\"CMD-SHELL\",\"true\"],\"Interval\":30000000000,\"Timeout\":30000000000,\"Retries\":0,\"Successes\":2}}" },
	{ "5.4.0", "health-log-destination=/l|health-max-log-count=5|health-max-log-size=0",
	  "{\"healthLogDestination\":\"/l\",\"healthMaxLogCount\":5,\"healthMaxLogSize\":0}" },
	/* Resources. */
	{ "4.3.1", "memory=64m", "{\"resource_limits\":{\"memory\":{\"limit\":67108864,\"swap\":134217728}}}" },
	{ "4.3.1", "memory=64m|memory-swap=128m", "{\"resource_limits\":{\"memory\":{\"limit\":67108864,\"swap\":134217728}}}" },
	{ "4.3.1", "memory=1g|memory-swap=-1", "{\"resource_limits\":{\"memory\":{\"limit\":1073741824}}}" },
	{ "4.3.1", "memory=0", "{}" },
	{ "4.3.1", "memory-reservation=32MB|memory-swappiness=60",
	  "{\"resource_limits\":{\"memory\":{\"reservation\":33554432,\"swappiness\":60}}}" },
	{ "4.3.1", "memory-swappiness=-1", "{}" },
	{ "4.3.1", "memory-swappiness=0", "{\"resource_limits\":{\"memory\":{\"swappiness\":0}}}" },
	{ "4.3.1", "kernel-memory=4m", "{\"resource_limits\":{\"memory\":{\"kernel\":4194304}}}" },
	{ "4.3.1", "oom-kill-disable", "{\"resource_limits\":{\"memory\":{\"disableOOMKiller\":true}}}" },
	{ "4.3.1", "oom-score-adj=-500", "{\"oom_score_adj\":-500}" },
	{ "4.3.1", "cpus=0.5", "{\"resource_limits\":{\"cpu\":{\"period\":100000,\"quota\":50000}}}" },
	{ "4.3.1", "cpus=2", "{\"resource_limits\":{\"cpu\":{\"period\":100000,\"quota\":200000}}}" },
	{ "4.3.1", "cpus=0", "{}" },
	{ "4.3.1", "cpu-shares=512|cpuset-cpus=0-1|cpuset-mems=0",
	  "{\"resource_limits\":{\"cpu\":{\"shares\":512,\"cpus\":\"0-1\",\"mems\":\"0\"}}}" },
	{ "4.3.1", "cpu-period=1000|cpu-quota=500|cpu-rt-period=9|cpu-rt-runtime=8",
	  "{\"resource_limits\":{\"cpu\":{\"period\":1000,\"quota\":500,\"realtimePeriod\":9,\"realtimeRuntime\":8}}}" },
	{ "4.3.1", "cpu-quota=-1", "{}" },
	{ "4.3.1", "pids-limit=50", "{\"resource_limits\":{\"pids\":{\"limit\":50}}}" },
	{ "4.3.1", "pids-limit=-1", "{\"resource_limits\":{\"pids\":{\"limit\":-1}}}" },
	{ "4.3.1", "blkio-weight=300", "{\"resource_limits\":{\"blockIO\":{\"weight\":300}}}" },
	{ "4.3.1", "blkio-weight-device=/dev/sda:200", "{\"weightDevice\":{\"/dev/sda\":{\"weight\":200}}}" },
	{ "4.3.1", "device-read-bps=/dev/sda:1mb", "{\"throttleReadBpsDevice\":{\"/dev/sda\":{\"rate\":1048576}}}" },
	{ "4.3.1", "device-write-bps=/dev/sda:1kb|device-write-iops=/dev/sdb:10|device-read-iops=/dev/sdc:9",
	  "{\"throttleWriteBpsDevice\":{\"/dev/sda\":{\"rate\":1024}},\"throttleWriteIOPSDevice\":{\"/dev/sdb\":{\"rate\":10}},\"throttleReadIOPSDevice\":{\"/dev/sdc\":{\"rate\":9}}}" },
	{ "4.3.1", "cgroup-conf=memory.high=1", "{\"resource_limits\":{\"unified\":{\"memory.high\":\"1\"}}}" },
	{ "3.4.4", "cgroup-conf=memory.high=1", "{\"unified\":{\"memory.high\":\"1\"}}" },
	{ "4.3.1", "cgroup-parent=/x|cgroups=disabled", "{\"cgroup_parent\":\"/x\",\"cgroups_mode\":\"disabled\"}" },
	{ "4.3.1", "shm-size=32m", "{\"shm_size\":33554432}" },
	{ "4.7.0", "shm-size-systemd=1m", "{\"shm_size_systemd\":1048576}" },
	{ "4.3.1", "ulimit=core=0:0", "{\"r_limits\":[{\"type\":\"core\",\"soft\":0,\"hard\":0}]}" },
	{ "4.3.1", "ulimit=nofile=1024", "{\"r_limits\":[{\"type\":\"nofile\",\"soft\":1024,\"hard\":1024}]}" },
	{ "4.3.1", "ulimit=nproc=1:2|ulimit=nofile=5:-1",
	  "{\"r_limits\":[{\"type\":\"nproc\",\"soft\":1,\"hard\":2},{\"type\":\"nofile\",\"soft\":5,\"hard\":18446744073709551615}]}" },
	{ "4.3.1", "ulimit=nofile=-1:-1",
	  "{\"r_limits\":[{\"type\":\"nofile\",\"soft\":18446744073709551615,\"hard\":18446744073709551615}]}" },
	{ "4.3.1", "ulimit=host", "{}" },
	{ "4.5.0", "rdt-class=c", "{\"intelRdt\":{\"closID\":\"c\"}}" },
	/* Devices. */
	{ "4.3.1", "device=/dev/null:/dev/nul2:r",
	  "{\"devices\":[{\"path\":\"/dev/null:/dev/nul2:r\",\"type\":\"\",\"major\":0,\"minor\":0}]}" },
	{ "5.0.0", "gpus=all", "{\"devices\":[{\"path\":\"nvidia.com/gpu=all\",\"type\":\"\",\"major\":0,\"minor\":0}]}" },
	{ "4.3.1", "device-cgroup-rule=c 42:* rwm",
	  "{\"device_cgroup_rule\":[{\"allow\":true,\"type\":\"c\",\"major\":42,\"access\":\"rwm\"}]}" },
	{ "4.3.1", "device-cgroup-rule=b 1:2 r",
	  "{\"device_cgroup_rule\":[{\"allow\":true,\"type\":\"b\",\"major\":1,\"minor\":2,\"access\":\"r\"}]}" },
	/* Security. */
	{ "4.3.1", "cap-add=NET_ADMIN|cap-add=all|cap-drop=MKNOD",
	  "{\"cap_add\":[\"NET_ADMIN\",\"all\"],\"cap_drop\":[\"MKNOD\"]}" },
	{ "4.3.1", "privileged", "{\"privileged\":true}" },
	{ "4.3.1", "seccomp-policy=image", "{\"seccomp_policy\":\"image\"}" },
	{ "4.3.1", "security-opt=no-new-privileges", "{\"no_new_privileges\":true}" },
	{ "4.3.1", "security-opt=no-new-privileges:false", "{\"no_new_privileges\":false}" },
	{ "4.3.1", "security-opt=seccomp=unconfined",
	  "{\"seccomp_profile_path\":\"unconfined\",\"annotations\":{\"io.podman.annotations.seccomp\":\"unconfined\"}}" },
	{ "4.3.1", "security-opt=apparmor:p",
	  "{\"apparmor_profile\":\"p\",\"annotations\":{\"io.podman.annotations.apparmor\":\"p\"}}" },
	{ "4.3.1", "security-opt=label=disable",
	  "{\"selinux_opts\":[\"disable\"],\"annotations\":{\"io.podman.annotations.label\":\"disable\"}}" },
	{ "4.3.1", "security-opt=label=type:a|security-opt=label=level:b",
	  "{\"selinux_opts\":[\"type:a\",\"level:b\"],\"annotations\":{\"io.podman.annotations.label\":\"type:a,label=level:b\"}}" },
	{ "4.5.0", "security-opt=label=nested", "{\"label_nested\":true}" },
	{ "4.3.1", "security-opt=mask=/a:/b|security-opt=unmask=ALL", "{\"mask\":[\"/a\",\"/b\"],\"unmask\":[\"ALL\"]}" },
	{ "4.3.1", "security-opt=systempaths=unconfined", "{\"unmask\":[\"ALL\"]}" },
	{ "4.3.1", "security-opt=proc-opts=hidepid=2,x", "{\"procfs_opts\":[\"hidepid=2\",\"x\"]}" },
	{ "4.3.1", "sysctl=net.ipv4.ip_forward=1", "{\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"}}" },
	/* Namespaces. */
	{ "4.3.1", "pid=host|uts=private|cgroupns=ns:/x",
	  "{\"pidns\":{\"nsmode\":\"host\"},\"utsns\":{\"nsmode\":\"private\"},\"cgroupns\":{\"nsmode\":\"path\",\"value\":\"/x\"}}" },
	{ "4.3.1", "ipc=shareable", "{\"ipcns\":{\"nsmode\":\"shareable\"}}" },
	{ "4.3.1", "ipc=container:c1", "{\"ipcns\":{\"nsmode\":\"container\",\"value\":\"c1\"}}" },
	{ "4.3.1", "pid=pod", "{\"pidns\":{\"nsmode\":\"pod\"}}" },
	{ "4.3.1", "userns=host", "{\"userns\":{\"nsmode\":\"host\"}}" },
	{ "4.3.1", "userns=keep-id:uid=1",
	  "{\"userns\":{\"nsmode\":\"keep-id\",\"value\":\"uid=1\"},\"idmappings\":{\"HostUIDMapping\":false,\"HostGIDMapping\":false}}" },
	{ "4.3.1", "userns=nomap",
	  "{\"userns\":{\"nsmode\":\"no-map\"},\"idmappings\":{\"HostUIDMapping\":false,\"HostGIDMapping\":false}}" },
	{ "4.3.1", "userns=auto",
	  "{\"userns\":{\"nsmode\":\"auto\"},\"idmappings\":{\"HostUIDMapping\":false,\"HostGIDMapping\":false,\"AutoUserNs\":true,\"AutoUserNsOpts\":{}}}" },
	{ "4.3.1", "userns=auto:size=9,uidmapping=0:1:2",
	  "{\"userns\":{\"nsmode\":\"auto\",\"value\":\"size=9,uidmapping=0:1:2\"},\"idmappings\":{\"HostUIDMapping\":false,\"HostGIDMapping\":false,\"AutoUserNs\":true,"
	  "\"AutoUserNsOpts\":{\"Size\":9,\"AdditionalUIDMappings\":[{\"container_id\":0,\"host_id\":1,\"size\":2}]}}}" },
	{ "4.3.1", "uidmap=0:1000:10",
	  "{\"userns\":{\"nsmode\":\"private\"},\"idmappings\":{\"HostUIDMapping\":false,\"HostGIDMapping\":false,\"UIDMap\":[{\"container_id\":0,\"host_id\":1000,\"size\":10}],"
	  "\"GIDMap\":[{\"container_id\":0,\"host_id\":1000,\"size\":10}]}}" },
	{ "4.3.1", "uidmap=0:1:1|gidmap=0:2:3|gidmap=5:6",
	  "{\"userns\":{\"nsmode\":\"private\"},\"idmappings\":{\"HostUIDMapping\":false,\"HostGIDMapping\":false,\"UIDMap\":[{\"container_id\":0,\"host_id\":1,\"size\":1}],"
	  "\"GIDMap\":[{\"container_id\":0,\"host_id\":2,\"size\":3},{\"container_id\":5,\"host_id\":6,\"size\":1}]}}" },
	/* Ports. */
	{ "4.3.1", "publish=18080:80",
	  "{\"portmappings\":[{\"host_ip\":\"\",\"container_port\":80,\"host_port\":18080,\"range\":1,\"protocol\":\"\"}]}" },
	{ "4.3.1", "publish=80",
	  "{\"portmappings\":[{\"host_ip\":\"\",\"container_port\":80,\"host_port\":0,\"range\":1,\"protocol\":\"\"}]}" },
	{ "4.3.1", "publish=127.0.0.1::80/udp",
	  "{\"portmappings\":[{\"host_ip\":\"127.0.0.1\",\"container_port\":80,\"host_port\":0,\"range\":1,\"protocol\":\"udp\"}]}" },
	{ "4.3.1", "publish=0.0.0.0:1:2",
	  "{\"portmappings\":[{\"host_ip\":\"\",\"container_port\":2,\"host_port\":1,\"range\":1,\"protocol\":\"\"}]}" },
	{ "4.3.1", "publish=[::1]:8080:80/tcp",
	  "{\"portmappings\":[{\"host_ip\":\"::1\",\"container_port\":80,\"host_port\":8080,\"range\":1,\"protocol\":\"tcp\"}]}" },
	{ "4.3.1", "publish=8080-8082:80-82/sctp",
	  "{\"portmappings\":[{\"host_ip\":\"\",\"container_port\":80,\"host_port\":8080,\"range\":3,\"protocol\":\"sctp\"}]}" },
	{ "4.3.1", "publish-all|expose=81|expose=90-91/udp|expose=81/udp",
	  "{\"publish_image_ports\":true,\"expose\":{\"81\":\"tcp,udp\",\"90\":\"udp\",\"91\":\"udp\"}}" },
	/* Networks. */
	{ "4.3.1", "network=host", "{\"netns\":{\"nsmode\":\"host\"}}" },
	{ "4.3.1", "network=none", "{\"netns\":{\"nsmode\":\"none\"}}" },
	{ "4.3.1", "network=private", "{\"netns\":{\"nsmode\":\"private\"}}" },
	{ "4.3.1", "network=container:c", "{\"netns\":{\"nsmode\":\"container\",\"value\":\"c\"}}" },
	{ "4.3.1", "network=ns:/p", "{\"netns\":{\"nsmode\":\"path\",\"value\":\"/p\"}}" },
	{ "4.3.1", "network=pod", "{\"netns\":{\"nsmode\":\"pod\"}}" },
	{ "4.3.1", "network=bridge", "{\"netns\":{\"nsmode\":\"bridge\"},\"Networks\":{\"default\":{}}}" },
	{ "4.3.1", "net=host", "{\"netns\":{\"nsmode\":\"host\"}}" },
	{ "4.3.1", "network=slirp4netns:mtu=1500,cidr=10.0.2.0/24",
	  "{\"netns\":{\"nsmode\":\"slirp4netns\"},\"network_options\":{\"slirp4netns\":[\"mtu=1500\",\"cidr=10.0.2.0/24\"]}}" },
	{ "5.0.0", "network=pasta:-t,80", "{\"netns\":{\"nsmode\":\"pasta\"},\"network_options\":{\"pasta\":[\"-t\",\"80\"]}}" },
	{ "4.3.1", "network=n1", "{\"netns\":{\"nsmode\":\"bridge\"},\"Networks\":{\"n1\":{}}}" },
	{ "4.3.1", "network=n1,n2", "{\"netns\":{\"nsmode\":\"bridge\"},\"Networks\":{\"n1\":{},\"n2\":{}}}" },
	{ "4.3.1", "network=n1:ip=10.0.0.7,ip6=fd::7,mac=02:00:00:00:00:07,alias=a,alias=b,interface_name=e0|network=n2",
	  "{\"netns\":{\"nsmode\":\"bridge\"},\"Networks\":{\"n1\":{\"static_ips\":[\"10.0.0.7\",\"fd::7\"],\"static_mac\":\"02:00:00:00:00:07\",\"aliases\":[\"a\",\"b\"],"
	  "\"interface_name\":\"e0\"},\"n2\":{}}}" },
	{ "5.4.0", "network=n1:host_interface_name=v0",
	  "{\"netns\":{\"nsmode\":\"bridge\"},\"Networks\":{\"n1\":{\"options\":{\"host_interface_name\":\"v0\"}}}}" },
	{ "4.3.1", "ip=10.88.0.9|mac-address=02:00:00:00:00:01|network-alias=x|ip6=fd::1",
	  "{\"netns\":{\"nsmode\":\"bridge\"},\"Networks\":{\"default\":{\"static_ips\":[\"10.88.0.9\",\"fd::1\"],\"static_mac\":\"02:00:00:00:00:01\",\"aliases\":[\"x\"]}}}" },
	{ "4.3.1", "network=n1|network-alias=x|network=n2",
	  "{\"netns\":{\"nsmode\":\"bridge\"},\"Networks\":{\"n1\":{\"aliases\":[\"x\"]},\"n2\":{\"aliases\":[\"x\"]}}}" },
	{ "3.0.1", "network=n1,n2", "{\"netns\":{\"nsmode\":\"bridge\"},\"cni_networks\":[\"n1\",\"n2\"]}" },
	{ "3.0.1", "network=n1:alias=a|ip=10.0.0.7|mac-address=02-00-00-00-00-FF",
	  "{\"netns\":{\"nsmode\":\"bridge\"},\"cni_networks\":[\"n1\"],\"static_ip\":\"10.0.0.7\",\"static_mac\":\"AgAAAAD/\",\"aliases\":{\"n1\":[\"a\"]}}" },
	{ "3.4.4", "network=n1|mac-address=02:00:00:00:00:ff",
	  "{\"netns\":{\"nsmode\":\"bridge\"},\"cni_networks\":[\"n1\"],\"static_mac\":\"02:00:00:00:00:ff\"}" },
	{ "3.0.1", "network-alias=a",
	  "{\"netns\":{\"nsmode\":\"bridge\"},\"cni_networks\":[\"podman\"],\"aliases\":{\"podman\":[\"a\"]}}" },
	{ "3.0.1", "ipc=shareable|pid=container:c",
	  "{\"ipcns\":{\"nsmode\":\"private\"},\"pidns\":{\"nsmode\":\"container\",\"value\":\"c\",\"string\":\"c\"}}" },
	{ "2.2.1", "ip=10.0.0.7", "{\"netns\":{\"nsmode\":\"bridge\"},\"static_ip\":\"10.0.0.7\"}" },
	{ "4.3.1", "dns=9.9.9.9|dns=fd::1|dns-search=ex.org|dns-option=ndots:1",
	  "{\"dns_server\":[\"9.9.9.9\",\"fd::1\"],\"dns_search\":[\"ex.org\"],\"dns_option\":[\"ndots:1\"]}" },
	{ "4.3.1", "dns=none|dns-opt=a", "{\"use_image_resolv_conf\":true,\"dns_option\":[\"a\"]}" },
	{ "4.3.1", "add-host=foo:1.2.3.4|add-host=bar:fd::1|add-host=gw:host-gateway",
	  "{\"hostadd\":[\"foo:1.2.3.4\",\"bar:fd::1\",\"gw:host-gateway\"]}" },
	{ "4.3.1", "no-hosts", "{\"use_image_hosts\":true}" },
	{ "5.4.0", "no-hostname|hosts-file=/h", "{\"use_image_hostname\":true,\"base_hosts_file\":\"/h\"}" },
	/* Mounts. */
	{ "4.3.1", "volume=/demo:/host:ro",
	  "{\"mounts\":[{\"destination\":\"/host\",\"type\":\"bind\",\"source\":\"/demo\",\"options\":[\"ro\"]}]}" },
	{ "4.3.1", "volume=/a:/b", "{\"mounts\":[{\"destination\":\"/b\",\"type\":\"bind\",\"source\":\"/a\"}]}" },
	{ "4.3.1", "volume=/a:/b:Z,U,cached",
	  "{\"mounts\":[{\"destination\":\"/b\",\"type\":\"bind\",\"source\":\"/a\",\"options\":[\"Z\",\"U\"]}]}" },
	{ "4.3.1", "volume=/a:/b|volume=/a:/b", "{\"mounts\":[{\"destination\":\"/b\",\"type\":\"bind\",\"source\":\"/a\"}]}" },
	{ "4.3.1", "volume=v1:/data:nocopy",
	  "{\"volumes\":[{\"Name\":\"v1\",\"Dest\":\"/data\",\"Options\":[\"nocopy\"],\"IsAnonymous\":false}]}" },
	{ "4.3.1", "volume=/data", "{\"volumes\":[{\"Name\":\"\",\"Dest\":\"/data\",\"Options\":null,\"IsAnonymous\":true}]}" },
	{ "4.3.1", "volume=/a:/b:O", "{\"overlay_volumes\":[{\"destination\":\"/b\",\"source\":\"/a\",\"options\":[\"O\"]}]}" },
	{ "4.3.1", "tmpfs=/t:size=1m,mode=700",
	  "{\"mounts\":[{\"destination\":\"/t\",\"type\":\"tmpfs\",\"source\":\"tmpfs\",\"options\":[\"size=1m\",\"mode=700\"]}]}" },
	{ "4.3.1", "tmpfs=/t/../u/", "{\"mounts\":[{\"destination\":\"/u\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}]}" },
	{ "4.3.1", "mount=type=tmpfs,destination=/t2,tmpfs-size=1m,tmpfs-mode=1777,notmpcopyup",
	  "{\"mounts\":[{\"destination\":\"/t2\",\"type\":\"tmpfs\",\"source\":\"tmpfs\",\"options\":[\"size=1m\",\"mode=1777\",\"notmpcopyup\"]}]}" },
	{ "4.3.1", "mount=type=bind,src=/a,dst=/b/,ro,bind-propagation=rslave,relabel=private,U=true,consistency=x",
	  "{\"mounts\":[{\"destination\":\"/b\",\"type\":\"bind\",\"source\":\"/a\",\"options\":[\"ro\",\"rslave\",\"Z\",\"U\"]}]}" },
	{ "4.3.1", "mount=type=bind,source=/a,target=/b,readonly=false,bind-nonrecursive",
	  "{\"mounts\":[{\"destination\":\"/b\",\"type\":\"bind\",\"source\":\"/a\",\"options\":[\"bind\"]}]}" },
	{ "4.3.1", "mount=type=bind,target=/b,rw=false",
	  "{\"mounts\":[{\"destination\":\"/b\",\"type\":\"bind\",\"source\":\"/b\",\"options\":[\"ro\"]}]}" },
	{ "4.3.1", "mount=type=volume,source=v,destination=/d,ro=true",
	  "{\"volumes\":[{\"Name\":\"v\",\"Dest\":\"/d\",\"Options\":[\"ro\"],\"IsAnonymous\":false}]}" },
	{ "4.3.1", "mount=destination=/d",
	  "{\"volumes\":[{\"Name\":\"\",\"Dest\":\"/d\",\"Options\":null,\"IsAnonymous\":true}]}" },
	{ "4.8.0", "mount=type=volume,src=v,dst=/d,subpath=/s",
	  "{\"volumes\":[{\"Name\":\"v\",\"Dest\":\"/d\",\"Options\":null,\"IsAnonymous\":false,\"SubPath\":\"/s\"}]}" },
	{ "4.3.1", "mount=type=devpts,destination=/dev/pts,uid=5",
	  "{\"mounts\":[{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\",\"options\":[\"uid=5\"]}]}" },
	{ "4.3.1", "mount=type=image,source=i,destination=/i,rw=true",
	  "{\"image_volumes\":[{\"ReadWrite\":true,\"Source\":\"i\",\"Destination\":\"/i\"}]}" },
	{ "5.6.0", "mount=type=artifact,src=a,dst=/a,title=t",
	  "{\"artifact_volumes\":[{\"Source\":\"a\",\"Destination\":\"/a\",\"Title\":\"t\"}]}" },
	{ "4.3.1", "volumes-from=c1:ro", "{\"volumes_from\":[\"c1:ro\"]}" },
	{ "4.3.1", "image-volume=bind", "{\"image_volume_mode\":\"anonymous\"}" },
	{ "4.3.1", "image-volume=tmpfs", "{\"image_volume_mode\":\"tmpfs\"}" },
	{ "4.3.1", "read-only|read-only-tmpfs=false", "{\"read_only_filesystem\":true}" },
	{ "4.3.1", "read-only|tmpfs=/run|volume=/a:/tmp|volume=/b:/var/tmp",
	  "{\"read_only_filesystem\":true,\"mounts\":[{\"destination\":\"/tmp\",\"type\":\"bind\",\"source\":\"/a\"},{\"destination\":\"/var/tmp\",\"type\":\"bind\",\"source\":\"/b\"},"
	  "{\"destination\":\"/run\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}]}" },
	{ "4.9.5", "read-only", "{\"read_only_filesystem\":true,\"read_write_tmpfs\":true}" },
};

static void drop(struct json_object *o, const char *key)
{
	json_object_object_del(o, key);
}

static void flags_become_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct built b = build(good[i].version, good[i].flags, "img", NULL, 0);
		struct json_object *want = parse(good[i].body);

		if (b.r < 0)
			row_fail(good[i].flags, "%s", b.err.text);
		assert_string_equal(js_get_str(b.o, "image", ""), "img");
		assert_string_equal(js_get_str(b.o, "raw_image_name", ""), "img");
		assert_true(js_get_bool(b.o, "httpproxy", false));
		drop(b.o, "image");
		drop(b.o, "raw_image_name");
		drop(b.o, "httpproxy");
		if (!json_object_equal(b.o, want))
			row_fail(good[i].flags, "%s", js_wire(b.o));
		json_object_put(want);
		built_done(&b);
	}
}

static const struct {
	const char *version, *flags;
	enum err_kind kind;
	const char *text; /* a part of the message */
} bad[] = {
	{ "4.3.1", "memory=1x", ERR_USAGE, "invalid value for memory: invalid size: '1x'" },
	{ "4.3.1", "memory-swap=x", ERR_USAGE, "invalid size: 'x'" },
	{ "4.3.1", "memory-swappiness=101", ERR_USAGE, "101" },
	{ "4.3.1", "shm-size=1x", ERR_USAGE, "unable to translate --shm-size: invalid size: '1x'" },
	{ "4.3.1", "cpus=x", ERR_USAGE, "\"x\"" },
	{ "4.3.1", "cpus=1|cpu-quota=5", ERR_USAGE, "--cpu-quota and --cpus cannot be set together" },
	{ "4.3.1", "blkio-weight=70000", ERR_USAGE, "70000" },
	{ "4.3.1", "blkio-weight-device=/dev/sda:5", ERR_USAGE, "invalid weight for device: /dev/sda:5" },
	{ "4.3.1", "device-read-bps=sda:1", ERR_USAGE, "bad format for device path: sda:1" },
	{ "4.3.1", "device-read-bps=/dev/sda", ERR_USAGE, "bad format: /dev/sda" },
	{ "4.3.1", "device-read-bps=/dev/sda:x", ERR_USAGE, "invalid rate for device: /dev/sda:x" },
	{ "4.3.1", "device-cgroup-rule=c 1", ERR_USAGE, "c 1" },
	{ "4.3.1", "device-cgroup-rule=x 1:1 r", ERR_USAGE, "invalid device type in device-access-add: x" },
	{ "4.3.1", "device-cgroup-rule=c 1:1 x", ERR_USAGE, "invalid device access in device-access-add: x" },
	{ "4.3.1", "ulimit=core", ERR_USAGE,
	  "ulimit option \"core\" requires name=SOFT:HARD, failed to be parsed: invalid ulimit argument: core" },
	{ "4.3.1", "ulimit=x=1", ERR_USAGE, "invalid ulimit type: x" },
	{ "4.3.1", "ulimit=core=2:1", ERR_USAGE, "soft limit must be less than or equal to hard limit: 2 > 1" },
	{ "4.3.1", "annotation=x", ERR_USAGE, "annotations must be formatted KEY=VALUE: \"x\"" },
	{ "4.3.1", "sysctl=x", ERR_USAGE, "invalid sysctl value: \"x\"" },
	{ "4.3.1", "log-opt=x", ERR_USAGE, "invalid log option \"x\"" },
	{ "4.3.1", "log-opt=max-size=x", ERR_USAGE, "invalid size: 'x'" },
	{ "4.3.1", "restart=always:3", ERR_USAGE, "restart policy retries can only be specified with on-failure restart policy" },
	{ "4.3.1", "restart=on-failure:x", ERR_USAGE, "parsing restart policy retry count" },
	{ "4.3.1", "restart=on-failure:1:2", ERR_USAGE, "may specify retries at most once" },
	{ "4.3.1", "stop-signal=NOPE", ERR_USAGE, "invalid signal: NOPE" },
	{ "4.3.1", "stop-signal=65", ERR_USAGE, "invalid signal: 65" },
	{ "4.3.1", "stop-signal=RTMIN+99", ERR_USAGE, "invalid signal: RTMIN+99" },
	{ "4.3.1", "secret=s,x=1", ERR_USAGE, "option x=1 invalid: parsing secret" },
	{ "4.3.1", "secret=s,uid=x", ERR_USAGE, "UID x invalid" },
	{ "4.3.1", "secret=s,mode=9", ERR_USAGE, "mode 9 invalid" },
	{ "4.3.1", "secret=s,type=x", ERR_USAGE, "type x is invalid" },
	{ "4.3.1", "secret=s,type=env,uid=1", ERR_USAGE, "UID, GID, Mode options cannot be set" },
	{ "4.3.1", "secret=type=env", ERR_USAGE, "no source found type=env" },
	{ "4.3.1", "health-cmd=a|no-healthcheck", ERR_USAGE, "cannot specify both --no-healthcheck and --health-cmd" },
	{ "4.3.1", "health-cmd=a|health-interval=x", ERR_USAGE, "invalid health-interval: time: invalid duration \"x\"" },
	{ "4.3.1", "health-cmd=a|health-retries=0", ERR_USAGE, "health-retries must be greater than 0" },
	{ "4.3.1", "health-on-failure=x", ERR_USAGE, "invalid on-failure action \"x\"" },
	{ "4.3.1", "security-opt=x", ERR_USAGE, "invalid --security-opt 1: \"x\"" },
	{ "4.3.1", "security-opt=x=y", ERR_USAGE, "invalid --security-opt 2: \"x=y\"" },
	{ "4.3.1", "security-opt=systempaths=x", ERR_USAGE, "invalid systempaths option \"x\"" },
	{ "4.3.1", "pid=x", ERR_USAGE, "unrecognized namespace mode x passed" },
	{ "4.3.1", "userns=x", ERR_USAGE, "unrecognized namespace mode x passed" },
	{ "4.3.1", "uidmap=x", ERR_USAGE, "\"x\"" },
	{ "4.3.1", "userns=auto:x=1", ERR_USAGE, "unknown option specified: \"x\"" },
	{ "4.3.1", "group-add=keep-groups", ERR_USAGE, "not supported in remote mode" },
	{ "4.3.1", "pod=a|pod-id-file=b", ERR_USAGE, "cannot specify both --pod and --pod-id-file" },
	{ "4.3.1", "publish=x", ERR_USAGE, "parsing container port: invalid port number: \"x\"" },
	{ "4.3.1", "publish=0:80", ERR_USAGE, "parsing host port: port numbers must be between 1 and 65535 (inclusive), got 0" },
	{ "4.3.1", "publish=1-3:1-2", ERR_USAGE, "host and container port ranges have different lengths: 3 vs 2" },
	{ "4.3.1", "publish=3-1:1", ERR_USAGE, "1 is not higher than 3" },
	{ "4.3.1", "publish=1:2:3:4", ERR_USAGE, "format is [[hostIP:]hostPort:]containerPort" },
	{ "4.3.1", "publish=x:1:2", ERR_USAGE, "cannot parse \"x\" as an IP address" },
	{ "4.3.1", "publish=1:2/tcp/udp", ERR_USAGE, "protocol can only be specified once" },
	{ "4.3.1", "publish=1:2/", ERR_USAGE, "must provide a non-empty protocol to publish" },
	{ "4.3.1", "publish=1:", ERR_USAGE, "must provide a non-empty container port to publish" },
	{ "4.3.1", "publish=[::1]80", ERR_USAGE, "must be followed by a colon" },
	{ "4.3.1", "publish=[::1]:80", ERR_USAGE, "must provide host and destination port" },
	{ "4.3.1", "expose=70000", ERR_USAGE, "got 70000" },
	{ "4.3.1", "network=n1:x=1", ERR_USAGE, "invalid option for network n1: unknown bridge network option: x" },
	{ "4.3.1", "network=n1:ip=x", ERR_USAGE, "invalid ip address \"x\"" },
	{ "4.3.1", "network=n1:mac=x", ERR_USAGE, "address x: invalid MAC address" },
	{ "4.3.1", "network=:ip=1.2.3.4", ERR_USAGE, "network name cannot be empty" },
	{ "4.3.1", "network=host|network=n1", ERR_USAGE,
	  "cannot set multiple networks without bridge network mode, selected mode host" },
	{ "4.3.1", "network=n1|network=host", ERR_USAGE,
	  "can only set extra network names, selected mode host conflicts with bridge" },
	{ "4.3.1", "network=host|ip=1.2.3.4", ERR_USAGE, "--ip can only be set when the network mode is bridge" },
	{ "4.3.1", "network=a,b|ip=1.2.3.4", ERR_USAGE, "--ip can only be set for a single network" },
	{ "4.3.1", "ip=x", ERR_USAGE, "x is not an ip address" },
	{ "4.3.1", "ip=fd::1", ERR_USAGE, "fd::1 is not an IPv4 address" },
	{ "4.3.1", "mac-address=02:00:00:00:00", ERR_USAGE, "02:00:00:00:00" },
	{ "4.3.1", "dns=x", ERR_USAGE, "x is not an ip address" },
	{ "4.3.1", "dns=none|dns=1.1.1.1", ERR_USAGE, "none is not allowed" },
	{ "4.3.1", "add-host=x", ERR_USAGE, "bad format for add-host: \"x\"" },
	{ "4.3.1", "add-host=x:y", ERR_USAGE, "invalid IP address in add-host: \"y\"" },
	{ "4.3.1", "volume=a:b:c:d", ERR_USAGE, "incorrect volume format" },
	{ "4.3.1", "volume=:/x", ERR_USAGE, "host directory cannot be empty" },
	{ "4.3.1", "volume=/a:b", ERR_USAGE, "invalid container path \"b\", must be an absolute path" },
	{ "4.3.1", "volume=/a:/b:bogus", ERR_USAGE, "invalid option type \"bogus\"" },
	{ "4.3.1", "volume=/a:/b|volume=/c:/b", ERR_USAGE, "/b: duplicate mount destination" },
	{ "4.3.1", "volume=v:/b|tmpfs=/b", ERR_USAGE, "/b: duplicate mount destination" },
	{ "4.3.1", "tmpfs=t", ERR_USAGE, "invalid container path \"t\"" },
	{ "4.3.1", "mount=type=x,dst=/a", ERR_USAGE, "invalid filesystem type \"x\"" },
	{ "4.3.1", "mount=type=bind,src=/a", ERR_USAGE, "must set volume destination" },
	{ "4.3.1", "mount=type=bind,dst=/a,bogus", ERR_USAGE, "bogus: invalid mount option" },
	{ "4.3.1", "mount=type=bind,dst", ERR_USAGE, "dst: must provide an argument for option" },
	{ "4.3.1", "mount=type=bind,dst=/a,tmpfs-size=1", ERR_USAGE,
	  "\"tmpfs-size\" option not supported for \"bind\" mount types" },
	{ "4.3.1", "mount=type=bind,dst=/a,ro,rw", ERR_USAGE, "more than once" },
	{ "4.3.1", "mount=type=image,dst=/a", ERR_USAGE, "must set source and destination for image volume" },
	{ "4.3.1", "image-volume=x", ERR_USAGE, "invalid --image-volume type \"x\"" },
	/* What a host can't take is named, whatever else is wrong. */
	{ "4.3.1", "shm-size-systemd=1x|memory=1x", ERR_UNSUPPORTED, "--shm-size-systemd is not supported by Podman 4.3.1 (rest)" },
	{ "4.3.1", "no-such-flag", ERR_UNSUPPORTED, "--no-such-flag is not supported by" },
	{ "4.3.1", "subuidname=x", ERR_UNSUPPORTED, "--subuidname is not supported by" },
	{ "4.3.1", "health-startup-cmd=x", ERR_UNSUPPORTED, "--health-startup-cmd" },
	{ "4.3.1", "gpus=all", ERR_UNSUPPORTED, "--gpus" },
	{ "4.3.1", "network=pasta", ERR_UNSUPPORTED, "--network pasta" },
	{ "4.3.1", "security-opt=label=nested", ERR_UNSUPPORTED, "--security-opt label=nested" },
	{ "4.3.1", "mount=type=glob,src=/a*", ERR_UNSUPPORTED, "--mount type=glob" },
	{ "4.3.1", "mount=type=artifact,src=a,dst=/a", ERR_UNSUPPORTED, "--mount type=artifact" },
	{ "4.3.1", "mount=type=volume,src=a,dst=/a,subpath=/x", ERR_UNSUPPORTED, "--mount type=volume,subpath" },
	{ "3.0.1", "secret=s", ERR_UNSUPPORTED, "--secret is not supported by Podman 3.0.1 (rest)" },
	{ "3.0.1", "ipc=none", ERR_UNSUPPORTED, "--ipc=none" },
	{ "3.0.1", "timeout=1", ERR_UNSUPPORTED, "--timeout" },
	{ "3.0.1", "unsetenv=A", ERR_UNSUPPORTED, "--unsetenv" },
	{ "3.0.1", "userns=keep-id:uid=1", ERR_UNSUPPORTED, "--userns=keep-id with options" },
	{ "3.0.1", "network=a:ip=1.2.3.4|network=b", ERR_UNSUPPORTED, "--network with an address" },
	{ "3.0.1", "network=a:interface_name=x", ERR_UNSUPPORTED, "interface_name" },
	{ "2.2.1", "requires=a", ERR_UNSUPPORTED, "--requires" },
	{ "2.2.1", "security-opt=unmask=ALL", ERR_UNSUPPORTED, "--security-opt unmask" },
};

static void bad_values_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct built b = build(bad[i].version, bad[i].flags, "img", NULL, 0);

		if (b.r != -(int)bad[i].kind || !b.err.text || !strstr(b.err.text, bad[i].text))
			row_fail(bad[i].flags, "r %d \"%s\"", b.r, b.err.text ? b.err.text : js_wire(b.o));
		built_done(&b);
	}
}

/* Bodies that Podman's own 4.3.1 client sent. */

static const struct {
	const char *key, *json;
} client_defaults[] = {
	{ "stop_timeout", "10" },
	{ "log_configuration", "{}" },
	{ "systemd", "\"true\"" },
	{ "sdnotifyMode", "\"container\"" },
	{ "pidns", "{}" },
	{ "utsns", "{}" },
	{ "ipcns", "{}" },
	{ "userns", "{}" },
	{ "cgroupns", "{}" },
	{ "netns", "{}" },
	{ "init_container_type", "\"\"" },
	{ "manage_password", "true" },
	{ "image_volume_mode", "\"anonymous\"" },
	{ "seccomp_policy", "\"default\"" },
	{ "umask", "\"0022\"" },
	{ "cgroups_mode", "\"enabled\"" },
	{ "Networks", "null" },
	{ "use_image_hosts", "false" },
	{ "idmappings",
	  "{\"HostUIDMapping\":true,\"HostGIDMapping\":true,\"UIDMap\":null,\"GIDMap\":null,\"AutoUserNs\":false,\"AutoUserNsOpts\":{\"Size\":0,"
	  "\"InitialSize\":0,\"PasswdFile\":\"\",\"GroupFile\":\"\",\"AdditionalUIDMappings\":null,\"AdditionalGIDMappings\":null}}" },
	{ "annotations", "{}" },
};

static void drop_defaults(struct json_object *o)
{
	struct json_object *annotations = js_get(o, "annotations");
	struct json_object *nets = js_get(o, "Networks");

	if (strcmp(js_get_str(annotations, "io.kubernetes.cri-o.TTY", ""), "false") == 0)
		drop(annotations, "io.kubernetes.cri-o.TTY");
	for (size_t i = 0; i < ARRAY_LEN(client_defaults); i++) {
		struct json_object *dflt = parse(client_defaults[i].json), *v = NULL;

		if (json_object_object_get_ex(o, client_defaults[i].key, &v) && json_object_equal(v, dflt))
			drop(o, client_defaults[i].key);
		json_object_put(dflt);
	}
	if (nets) {
		json_object_object_foreach(nets, name, net)
		{
			(void)name;
			if (strcmp(js_get_str(net, "interface_name", "x"), "") == 0)
				drop(net, "interface_name");
		}
	}
	drop(o, "containerCreateCommand");
}

/* The body of containers/create in a recording; owned by the caller. */
static struct json_object *recorded_body(const char *name)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(4096), text = BUF_INIT(1024 * 1024);
	struct str rest_text, line;

	buf_addf(&path, TEST_DATA "/recordings/rest-4.3.1/%s.jsonl", name);
	assert_int_equal(path_read(buf_z(&path), &text, NULL), 0);
	rest_text = buf_str(&text);
	for (bool more = true; more;) {
		CLEANUP(js_put_p) struct json_object *o = NULL;
		const char *sent, *body;

		more = str_cut(rest_text, '\n', &line, &rest_text);
		if (line.n == 0 || js_parse(line, name, &o, NULL) < 0)
			continue;
		sent = js_get_str(o, "text", "");
		body = strstr(sent, "\r\n\r\n");
		if (strcmp(js_get_str(o, "dir", ""), "c2s") == 0 && strstr(sent, "/containers/create HTTP") && body)
			return parse(body + 4);
	}
	row_fail(name, "has no create");
	return NULL;
}

#define BB "localhost/busybox:latest"

static void bodies_are_those_of_podmans_own_client(void **state)
{
	static const struct {
		const char *recording, *flags, *image;
		const char *command[5];
	} cases[] = {
		{ "run-foreground", "rm|name=r1", BB, { "sh", "-c", "echo out; echo err >&2; exit 3" } },
		{ "run-stdin", "rm|interactive|name=r2", BB, { "cat" } },
		{ "run-tty", "interactive|tty|name=r3", BB, { "sh" } },
		{ "run-detached",
		  "name=web|publish=18080:80|env=A=b|label=k=v|memory=64m|cpus=0.5",
		  BB,
		  { "httpd", "-f", "-p", "80" } },
		{ "network-run",
		  "rm|network=n1:ip=10.99.0.7,mac=02:00:00:00:00:07,alias=zz",
		  BB,
		  { "sh", "-c", "cat /etc/hosts" } },
		{ "run-secret",
		  "rm|secret=sec1|secret=sec1,type=env,target=SENV|secret=sec1,uid=1,gid=1,mode=0400,target=/s2",
		  BB,
		  { "sh", "-c", "cat /run/secrets/sec1; echo $SENV; ls -ln /s2" } },
		{ "run-many-flags",
		  "name=many|hostname=h1|user=1:1|workdir=/tmp|volume=vol1:/data|volume=/demo:/host:ro|tmpfs=/t:size=1m|mount=type=tmpfs,destination=/t2|"
		  "cap-add=NET_ADMIN|cap-drop=MKNOD|security-opt=no-new-privileges|security-opt=seccomp=unconfined|add-host=foo:1.2.3.4|dns=9.9.9.9|"
		  "dns-search=ex.org|dns-opt=ndots:1|ulimit=core=0:0|device=/dev/null:/dev/nul2:r|sysctl=net.ipv4.ip_forward=1|shm-size=32m|pids-limit=50|"
		  "cpu-shares=512|cpuset-cpus=0|memory=64m|memory-swap=128m|memory-reservation=32m|restart=on-failure:3|stop-signal=INT|stop-timeout=3|"
		  "log-driver=k8s-file|log-opt=max-size=10k|log-opt=tag=t1|annotation=a=b|health-cmd=true|health-interval=30s|health-retries=2|"
		  "health-timeout=5s|health-start-period=1s|read-only|init=false|ipc=private|pid=private|uts=private|cgroupns=private|oom-score-adj=100|"
		  "group-add=5|expose=81|blkio-weight=300|tz=UTC|umask=0027|label=L1=v1|env=E1=v1",
		  BB,
		  { "httpd", "-f" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct json_object *want = recorded_body(cases[i].recording);
		size_t n = 0;
		struct built b;

		while (cases[i].command[n])
			n++;
		b = build("4.3.1", cases[i].flags, cases[i].image, (char *const *)cases[i].command, n);
		assert_int_equal(b.r, 0);
		drop_defaults(want);
		if (!json_object_equal(b.o, want)) {
			print_error("want %s\n", js_wire(want));
			row_fail(cases[i].recording, "%s", js_wire(b.o));
		}
		json_object_put(want);
		built_done(&b);
	}
}

static void a_command_for_the_shell_stays_one_word(void **state)
{
	struct flags f = { 0 };
	struct engine e = { .ops = &rest, .version = "4.3.1" };
	struct json_object *o = NULL;

	(void)state;
	flags_add(&f, "health-cmd", STR("curl -f x || exit 1"));
	flags_add(&f, "health-interval", STR("disable"));
	assert_int_equal(spec_build(&e, &(struct create_req){ .flags = &f, .image = "i" }, &o, NULL), 0);
	assert_string_equal(js_wire(js_get(js_get(o, "healthconfig"), "Test")), "[\"CMD-SHELL\",\"curl -f x || exit 1\"]");
	assert_int_equal(js_get_int(js_get(o, "healthconfig"), "Interval", -1), 0);
	json_object_put(o);
	flags_done(&f);
}

static void a_root_file_system_takes_the_place_of_the_image(void **state)
{
	static const char *const words[] = { "/srv/root:O", "sh", "-c" };
	struct built b = build("4.3.1", "rootfs", "", (char *const *)words, 3);

	(void)state;
	assert_int_equal(b.r, 0);
	assert_string_equal(js_wire(b.o),
			    "{\"rootfs\":\"/srv/root\",\"rootfs_overlay\":true,\"command\":[\"sh\",\"-c\"],\"httpproxy\":true}");
	built_done(&b);
	b = build("4.3.1", "rootfs", "", NULL, 0);
	assert_int_equal(b.r, -ERR_USAGE);
	built_done(&b);
}

static void a_new_pod_takes_over_the_network(void **state)
{
	struct built b = build("4.3.1", "pod=new:p2|publish=1:2|hostname=h|no-hosts|expose=3|name=c", "i", NULL, 0);
	struct create_req q = { 0 };
	struct json_object *pod = NULL;

	(void)state;
	assert_int_equal(b.r, 0);
	assert_int_equal(spec_take_pod(b.o, &q, &pod, NULL), 0);
	assert_string_equal(
		js_wire(pod),
		"{\"name\":\"p2\",\"hostname\":\"h\",\"portmappings\":[{\"host_ip\":\"\",\"container_port\":2,\"host_port\":1,"
		"\"range\":1,\"protocol\":\"\"}],\"no_manage_hosts\":true}");
	json_object_put(pod);
	pod = NULL;
	drop(b.o, "httpproxy");
	assert_string_equal(js_wire(b.o), "{\"image\":\"i\",\"raw_image_name\":\"i\",\"pod\":\"p2\",\"name\":\"c\"}");
	assert_int_equal(spec_take_pod(b.o, &q, &pod, NULL), 0);
	assert_null(pod);
	built_done(&b);
	b = build("4.3.1", "pod=new:", "i", NULL, 0);
	assert_int_equal(spec_take_pod(b.o, &q, &pod, NULL), -ERR_USAGE);
	built_done(&b);
}

/* Flags that the command itself deals with; all others need a row. */
static bool is_the_commands(const char *flag)
{
	static const char *const flags[] = { "env-file",  "label-file", "cidfile",    "replace", "detach",   "rmi",
					     "sig-proxy", "pull",       "tls-verify", "creds",   "authfile", "quiet" };

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (strcmp(flags[i], flag) == 0)
			return true;
	return false;
}

static bool has_row(const char *flag)
{
	for (size_t i = 0; i < spec_n_rows; i++)
		if (strcmp(spec_rows[i].flag, flag) == 0)
			return true;
	return false;
}

/* The list has a line for each flag of all versions: name, short name, type, commands, versions. */
static void every_flag_of_podman_has_a_row(void **state)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024 * 1024);
	struct str rest_text, line, word;
	size_t seen = 0;

	(void)state;
	assert_int_equal(path_read(TEST_DATA "/flags-run.txt", &text, NULL), 0);
	rest_text = buf_str(&text);
	for (bool more = true; more;) {
		CLEANUP(free_p) char *name = NULL;

		more = str_cut(rest_text, '\n', &line, &rest_text);
		if (line.n == 0 || *line.p == '#' || str_ends(line, STR(" docker")))
			continue;
		str_cut(line, ' ', &word, NULL);
		name = str_dup(word);
		seen++;
		if (!is_the_commands(name) && !has_row(name))
			row_fail(name, "has no row");
		if (is_the_commands(name) && has_row(name))
			row_fail(name, "has a row, but never comes");
	}
	assert_true(seen > 140);
}

static void rows_stand_in_order(void **state)
{
	(void)state;
	for (size_t i = 1; i < spec_n_rows; i++)
		if (strcmp(spec_rows[i - 1].flag, spec_rows[i].flag) >= 0)
			row_fail(spec_rows[i].flag, "comes after %s", spec_rows[i - 1].flag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_become_fields),
		cmocka_unit_test(bad_values_are_named),
		cmocka_unit_test(bodies_are_those_of_podmans_own_client),
		cmocka_unit_test(a_command_for_the_shell_stays_one_word),
		cmocka_unit_test(a_root_file_system_takes_the_place_of_the_image),
		cmocka_unit_test(a_new_pod_takes_over_the_network),
		cmocka_unit_test(every_flag_of_podman_has_a_row),
		cmocka_unit_test(rows_stand_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
