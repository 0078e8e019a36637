/* methods.h: the methods of io.podman that are implemented, by subject. The table is in methods.c. */
#ifndef HOST_METHODS_H
#define HOST_METHODS_H

#include "call.h"

/* info.c */
void podman_get_version(struct call *c);
void podman_get_info(struct call *c);

/* container_list.c */
void podman_ps(struct call *c);
void podman_list_containers(struct call *c);
void podman_get_container(struct call *c);
void podman_get_containers_by_context(struct call *c);
void podman_get_containers_by_status(struct call *c);
void podman_container_exists(struct call *c);

/* container_config.c */
void podman_spec(struct call *c);
void podman_container_config(struct call *c);
void podman_container_state_data(struct call *c);

/* container_inspect.c */
void podman_container_inspect_data(struct call *c);
void podman_inspect_container(struct call *c);

/* lifecycle.c */
void podman_create_container(struct call *c);
void podman_init_container(struct call *c);
void podman_start_container(struct call *c);
void podman_stop_container(struct call *c);
void podman_restart_container(struct call *c);
void podman_kill_container(struct call *c);
void podman_pause_container(struct call *c);
void podman_unpause_container(struct call *c);
void podman_wait_container(struct call *c);
void podman_remove_container(struct call *c);
void podman_evict_container(struct call *c);
void podman_delete_stopped_containers(struct call *c);

/* container_more.c */
void podman_top(struct call *c);
void podman_health_check_run(struct call *c);
void podman_get_attach_sockets(struct call *c);
void podman_container_artifacts(struct call *c);
void podman_diff(struct call *c);
void podman_list_container_changes(struct call *c);

/* attach.c */
void podman_attach(struct call *c);
void podman_exec_container(struct call *c);

/* logs.c */
void podman_get_containers_logs(struct call *c);
void podman_get_container_logs(struct call *c);

/* build_call.c */
void podman_build_image(struct call *c);

/* save.c */
void podman_image_save(struct call *c);

/* load.c */
void podman_load_image(struct call *c);

/* commit.c */
void podman_commit(struct call *c);
void podman_import_image(struct call *c);
void podman_export_container(struct call *c);

/* push.c */
void podman_push_image(struct call *c);

/* image_tree.c */
void podman_get_layers_map(struct call *c);
void podman_build_hierarchy_map(struct call *c);
void podman_image_tree(struct call *c);

/* mount.c */
void podman_mount_container(struct call *c);
void podman_unmount_container(struct call *c);
void podman_list_container_mounts(struct call *c);

/* image_inspect.c */
void podman_inspect_image(struct call *c);
void podman_history_image(struct call *c);

/* image_list.c */
void podman_list_images(struct call *c);
void podman_list_images_with_filters(struct call *c);
void podman_get_image(struct call *c);
void podman_image_exists(struct call *c);

/* image_change.c */
void podman_tag_image(struct call *c);
void podman_untag_image(struct call *c);
void podman_remove_image(struct call *c);
void podman_remove_image_with_response(struct call *c);
void podman_images_prune(struct call *c);
void podman_delete_unused_images(struct call *c);

/* registry.c */
void podman_pull_image(struct call *c);
void podman_search_images(struct call *c);

/* event.c */
void podman_get_events(struct call *c);

/* volume.c */
void podman_volume_create(struct call *c);
void podman_volume_remove(struct call *c);
void podman_get_volumes(struct call *c);
void podman_inspect_volume(struct call *c);
void podman_volumes_prune(struct call *c);

/* transfer.c */
void podman_send_file(struct call *c);
void podman_receive_file(struct call *c);

#endif
