#include "interface.h"

#include "host.h"

/* From the services' own interface descriptions. A type that changed has a row for each form. */
const struct idl_row idl_types[] = {
	{ VALL, "Volume", "(name: string, labels: [string]string, mountPoint: string, driver: string, options: [string]string)" },
	{ VALL, "NotImplemented", "(comment: string)" },
	{ VALL, "StringResponse", "(message: string)" },
	{ VALL, "LogLine", "(device: string, parseLogType: string, time: string, msg: string, cid: string)" },
	{ VALL, "ContainerChanges", "(changed: []string, added: []string, deleted: []string)" },
	{ VALL, "ImageSaveOptions",
	  "(name: string, format: string, output: string, outputType: string, moreTags: []string, quiet: bool, "
	  "compress: bool)" },
	{ VALL, "VolumeCreateOpts", "(volumeName: string, driver: string, labels: [string]string, options: [string]string)" },
	{ VALL, "VolumeRemoveOpts", "(volumes: []string, all: bool, force: bool)" },
	{ V162, "Image",
	  "(id: string, digest: string, parentId: string, repoTags: []string, repoDigests: []string, created: string, "
	  "size: int, virtualSize: int, containers: int, labels: [string]string, isParent: bool, topLayer: string, "
	  "readOnly: bool)" },
	{ VNEW, "Image",
	  "(id: string, digest: string, digests: []string, parentId: string, repoTags: []string, repoDigests: []string, "
	  "created: string, size: int, virtualSize: int, containers: int, labels: [string]string, isParent: bool, "
	  "topLayer: string, readOnly: bool, history: []string)" },
	{ VALL, "ImageHistory", "(id: string, created: string, createdBy: string, tags: []string, size: int, comment: string)" },
	{ VALL, "ImageSearchResult",
	  "(description: string, is_official: bool, is_automated: bool, registry: string, name: string, star_count: int)" },
	{ VALL, "ImageSearchFilter", "(is_official: ?bool, is_automated: ?bool, star_count: int)" },
	{ VALL, "KubePodService", "(pod: string, service: string)" },
	{ VALL, "Container",
	  "(id: string, image: string, imageid: string, command: []string, createdat: string, runningfor: string, "
	  "status: string, ports: []ContainerPortMappings, rootfssize: int, rwsize: int, names: string, "
	  "labels: [string]string, mounts: []ContainerMount, containerrunning: bool, namespaces: ContainerNameSpace)" },
	{ VALL, "ContainerStats",
	  "(id: string, name: string, cpu: float, cpu_nano: int, system_nano: int, mem_usage: int, mem_limit: int, "
	  "mem_perc: float, net_input: int, net_output: int, block_output: int, block_input: int, pids: int)" },
	{ VALL, "PsOpts",
	  "(all: bool, filters: ?[]string, last: ?int, latest: ?bool, noTrunc: ?bool, pod: ?bool, quiet: ?bool, size: ?bool, "
	  "sort: ?string, sync: ?bool)" },
	{ VALL, "PsContainer",
	  "(id: string, image: string, command: string, created: string, ports: string, names: string, isInfra: bool, "
	  "status: string, state: string, pidNum: int, rootFsSize: int, rwSize: int, pod: string, createdAt: string, "
	  "exitedAt: string, startedAt: string, labels: [string]string, nsPid: string, cgroup: string, ipc: string, "
	  "mnt: string, net: string, pidNs: string, user: string, uts: string, mounts: string)" },
	{ VALL, "ContainerMount", "(destination: string, type: string, source: string, options: []string)" },
	{ VALL, "ContainerPortMappings", "(host_port: string, host_ip: string, protocol: string, container_port: string)" },
	{ VALL, "ContainerNameSpace",
	  "(user: string, uts: string, pidns: string, pid: string, cgroup: string, net: string, mnt: string, ipc: string)" },
	{ VALL, "InfoDistribution", "(distribution: string, version: string)" },
	{ VALL, "InfoHost",
	  "(buildah_version: string, distribution: InfoDistribution, mem_free: int, mem_total: int, swap_free: int, "
	  "swap_total: int, arch: string, cpus: int, hostname: string, kernel: string, os: string, uptime: string, "
	  "eventlogger: string)" },
	{ VALL, "InfoGraphStatus", "(backing_filesystem: string, native_overlay_diff: string, supports_d_type: string)" },
	{ VALL, "InfoStore",
	  "(containers: int, images: int, graph_driver_name: string, graph_driver_options: string, graph_root: string, "
	  "graph_status: InfoGraphStatus, run_root: string)" },
	{ VALL, "InfoPodmanBinary", "(compiler: string, go_version: string, podman_version: string, git_commit: string)" },
	{ V162, "PodmanInfo",
	  "(host: InfoHost, registries: []string, insecure_registries: []string, store: InfoStore, podman: InfoPodmanBinary)" },
	{ VNEW, "PodmanInfo", "(host: InfoHost, registries: InfoRegistry, store: InfoStore, podman: InfoPodmanBinary)" },
	{ VALL, "Sockets", "(container_id: string, io_socket: string, control_socket: string)" },
	{ V162, "Create",
	  "(args: []string, addHost: ?[]string, annotation: ?[]string, attach: ?[]string, blkioWeight: ?string, "
	  "blkioWeightDevice: ?[]string, capAdd: ?[]string, capDrop: ?[]string, cgroupParent: ?string, cidFile: ?string, "
	  "conmonPidfile: ?string, command: ?[]string, cpuPeriod: ?int, cpuQuota: ?int, cpuRtPeriod: ?int, "
	  "cpuRtRuntime: ?int, cpuShares: ?int, cpus: ?float, cpuSetCpus: ?string, cpuSetMems: ?string, detach: ?bool, "
	  "detachKeys: ?string, device: ?[]string, deviceReadBps: ?[]string, deviceReadIops: ?[]string, "
	  "deviceWriteBps: ?[]string, deviceWriteIops: ?[]string, dns: ?[]string, dnsOpt: ?[]string, dnsSearch: ?[]string, "
	  "dnsServers: ?[]string, entrypoint: ?string, env: ?[]string, envFile: ?[]string, expose: ?[]string, "
	  "gidmap: ?[]string, groupadd: ?[]string, healthcheckCommand: ?string, healthcheckInterval: ?string, "
	  "healthcheckRetries: ?int, healthcheckStartPeriod: ?string, healthcheckTimeout: ?string, hostname: ?string, "
	  "imageVolume: ?string, init: ?bool, initPath: ?string, interactive: ?bool, ip: ?string, ipc: ?string, "
	  "kernelMemory: ?string, label: ?[]string, labelFile: ?[]string, logDriver: ?string, logOpt: ?[]string, "
	  "macAddress: ?string, memory: ?string, memoryReservation: ?string, memorySwap: ?string, memorySwappiness: ?int, "
	  "name: ?string, net: ?string, network: ?string, noHosts: ?bool, oomKillDisable: ?bool, oomScoreAdj: ?int, "
	  "pid: ?string, pidsLimit: ?int, pod: ?string, privileged: ?bool, publish: ?[]string, publishAll: ?bool, "
	  "pull: ?string, quiet: ?bool, readonly: ?bool, readonlytmpfs: ?bool, restart: ?string, rm: ?bool, rootfs: ?bool, "
	  "securityOpt: ?[]string, shmSize: ?string, stopSignal: ?string, stopTimeout: ?int, storageOpt: ?[]string, "
	  "subuidname: ?string, subgidname: ?string, sysctl: ?[]string, systemd: ?string, tmpfs: ?[]string, tty: ?bool, "
	  "uidmap: ?[]string, ulimit: ?[]string, user: ?string, userns: ?string, uts: ?string, mount: ?[]string, "
	  "volume: ?[]string, volumesFrom: ?[]string, workDir: ?string)" },
	{ VNEW, "Create",
	  "(args: []string, addHost: ?[]string, annotation: ?[]string, attach: ?[]string, blkioWeight: ?string, "
	  "blkioWeightDevice: ?[]string, capAdd: ?[]string, capDrop: ?[]string, cgroupParent: ?string, cidFile: ?string, "
	  "conmonPidfile: ?string, command: ?[]string, cpuPeriod: ?int, cpuQuota: ?int, cpuRtPeriod: ?int, "
	  "cpuRtRuntime: ?int, cpuShares: ?int, cpus: ?float, cpuSetCpus: ?string, cpuSetMems: ?string, detach: ?bool, "
	  "detachKeys: ?string, device: ?[]string, deviceReadBps: ?[]string, deviceReadIops: ?[]string, "
	  "deviceWriteBps: ?[]string, deviceWriteIops: ?[]string, dns: ?[]string, dnsOpt: ?[]string, dnsSearch: ?[]string, "
	  "dnsServers: ?[]string, entrypoint: ?string, env: ?[]string, envFile: ?[]string, expose: ?[]string, "
	  "gidmap: ?[]string, groupadd: ?[]string, healthcheckCommand: ?string, healthcheckInterval: ?string, "
	  "healthcheckRetries: ?int, healthcheckStartPeriod: ?string, healthcheckTimeout: ?string, hostname: ?string, "
	  "imageVolume: ?string, init: ?bool, initPath: ?string, interactive: ?bool, ip: ?string, ipc: ?string, "
	  "kernelMemory: ?string, label: ?[]string, labelFile: ?[]string, logDriver: ?string, logOpt: ?[]string, "
	  "macAddress: ?string, memory: ?string, memoryReservation: ?string, memorySwap: ?string, memorySwappiness: ?int, "
	  "name: ?string, network: ?string, noHosts: ?bool, oomKillDisable: ?bool, oomScoreAdj: ?int, overrideArch: ?string, "
	  "overrideOS: ?string, pid: ?string, pidsLimit: ?int, pod: ?string, privileged: ?bool, publish: ?[]string, "
	  "publishAll: ?bool, pull: ?string, quiet: ?bool, readonly: ?bool, readonlytmpfs: ?bool, restart: ?string, "
	  "rm: ?bool, rootfs: ?bool, securityOpt: ?[]string, shmSize: ?string, stopSignal: ?string, stopTimeout: ?int, "
	  "storageOpt: ?[]string, subuidname: ?string, subgidname: ?string, sysctl: ?[]string, systemd: ?string, "
	  "tmpfs: ?[]string, tty: ?bool, uidmap: ?[]string, ulimit: ?[]string, user: ?string, userns: ?string, uts: ?string, "
	  "mount: ?[]string, volume: ?[]string, volumesFrom: ?[]string, workDir: ?string)" },
	{ VALL, "BuildOptions",
	  "(addHosts: []string, cgroupParent: string, cpuPeriod: int, cpuQuota: int, cpuShares: int, cpusetCpus: string, "
	  "cpusetMems: string, memory: int, memorySwap: int, shmSize: string, ulimit: []string, volume: []string)" },
	{ V162 | V180, "BuildInfo",
	  "(additionalTags: []string, annotations: []string, buildArgs: [string]string, buildOptions: BuildOptions, "
	  "cniConfigDir: string, cniPluginDir: string, compression: string, contextDir: string, "
	  "defaultsMountFilePath: string, dockerfiles: []string, err: string, forceRmIntermediateCtrs: bool, "
	  "iidfile: string, label: []string, layers: bool, nocache: bool, out: string, output: string, outputFormat: string, "
	  "pullPolicy: string, quiet: bool, remoteIntermediateCtrs: bool, reportWriter: string, runtimeArgs: []string, "
	  "squash: bool)" },
	{ V193, "BuildInfo",
	  "(architecture: string, addCapabilities: []string, additionalTags: []string, annotations: []string, "
	  "buildArgs: [string]string, buildOptions: BuildOptions, cniConfigDir: string, cniPluginDir: string, "
	  "compression: string, contextDir: string, defaultsMountFilePath: string, devices: []string, dockerfiles: []string, "
	  "dropCapabilities: []string, err: string, forceRmIntermediateCtrs: bool, iidfile: string, label: []string, "
	  "layers: bool, nocache: bool, os: string, out: string, output: string, outputFormat: string, pullPolicy: string, "
	  "quiet: bool, remoteIntermediateCtrs: bool, reportWriter: string, runtimeArgs: []string, signBy: string, "
	  "squash: bool, target: string, transientMounts: []string)" },
	{ VALL, "MoreResponse", "(logs: []string, id: string)" },
	{ VALL, "ListPodContainerInfo", "(name: string, id: string, status: string)" },
	{ VALL, "PodCreate",
	  "(name: string, cgroupParent: string, labels: [string]string, share: []string, infra: bool, infraCommand: string, "
	  "infraImage: string, publish: []string)" },
	{ VALL, "ListPodData",
	  "(id: string, name: string, createdat: string, cgroup: string, status: string, labels: [string]string, "
	  "numberofcontainers: string, containersinfo: []ListPodContainerInfo)" },
	{ VALL, "PodContainerErrorData", "(containerid: string, reason: string)" },
	{ VALL, "Runlabel",
	  "(image: string, authfile: string, display: bool, name: string, pull: bool, label: string, extraArgs: []string, "
	  "opts: [string]string)" },
	{ VALL, "Event", "(id: string, image: string, name: string, status: string, time: string, type: string)" },
	{ VALL, "DiffInfo", "(path: string, changeType: string)" },
	{ VALL, "ExecOpts",
	  "(name: string, tty: bool, privileged: bool, cmd: []string, user: ?string, workdir: ?string, env: ?[]string, "
	  "detachKeys: ?string)" },
	{ VNEW, "RemoveImageResponse", "(untagged: []string, deleted: string)" },
	{ VNEW, "InfoRegistry", "(search: []string, insecure: []string, blocked: []string)" },
	{ V193, "AuthConfig", "(username: string, password: string)" },
	{ 0 },
};

const struct idl_row idl_errors[] = {
	{ VALL, "ImageNotFound", "(id: string, reason: string)" },
	{ VALL, "ContainerNotFound", "(id: string, reason: string)" },
	{ VALL, "NoContainerRunning", "()" },
	{ VALL, "PodNotFound", "(name: string, reason: string)" },
	{ VALL, "VolumeNotFound", "(id: string, reason: string)" },
	{ VALL, "PodContainerError", "(podname: string, errors: []PodContainerErrorData)" },
	{ VALL, "NoContainersInPod", "(name: string)" },
	{ VALL, "InvalidState", "(id: string, reason: string)" },
	{ VALL, "ErrorOccurred", "(reason: string)" },
	{ VALL, "RuntimeError", "(reason: string)" },
	{ VALL, "WantsMoreRequired", "(reason: string)" },
	{ VALL, "ErrCtrStopped", "(id: string)" },
	{ VALL, "ErrRequiresCgroupsV2ForRootless", "(reason: string)" },
	{ 0 },
};
