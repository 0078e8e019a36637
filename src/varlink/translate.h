/* varlink/translate.h: replies of io.podman in the shape of Podman 4's libpod REST API. Pure: JSON in, JSON out; what is new is
 * owned by the caller. Fields that the old interface does not carry get the value that libpod gives when there is nothing. */
#ifndef VARLINK_TRANSLATE_H
#define VARLINK_TRANSLATE_H

#include "base/js.h"

/* PsContainer to an element of containers/json. */
struct json_object *translate_container(struct json_object *in, bool size, bool namespaces);

/* "0.0.0.0:8080->80/tcp, 1000-1002->1000-1002/udp" to [{host_ip, container_port, host_port, range, protocol}]. */
struct json_object *translate_ports(struct str text);

/* "Exited (3) 2 minutes ago" to 3; 0 for other texts. */
int64_t translate_exit_code(struct str status);

/* Image to an element of images/json. */
struct json_object *translate_image(struct json_object *in);

/* The lines of Top to {Titles, Processes}. */
struct json_object *translate_top(struct json_object *lines);

/* PodmanInfo to info; version: of the same host, or NULL, taken. */
struct json_object *translate_info(struct json_object *in, struct json_object *version);

/* The reply of GetVersion to version. */
struct json_object *translate_version(struct json_object *in);

/* Adds to what ContainerInspectData says the members that 4.x has under other names: State.Health, and NetworkSettings.Ports as a
 * map. */
void translate_inspected_container(struct json_object *o);

/* ImageHistory to an element of history. Every layer comes with the names of the image, which only its top has. */
struct json_object *translate_history(struct json_object *in, bool top);

/* DiffInfo to {Path, Kind}. */
struct json_object *translate_change(struct json_object *in);

/* ImageSearchResult to an element of search. */
struct json_object *translate_found_image(struct json_object *in);

/* Volume to an element of volumes/json. */
struct json_object *translate_volume(struct json_object *in);

#endif
