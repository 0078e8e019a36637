/* config/destination.h: making destinations from parts. Private to the room. */
#ifndef CONFIG_DESTINATION_H
#define CONFIG_DESTINATION_H

#include "config/config.h"

/* The longest URL, path or command that is taken. */
#define DESTINATION_MAX 4096

/* What can stand as a host or a user without being taken for an option of ssh or for something else in a URL. what names the place. */
int destination_check_host(const char *host, const char *what, struct error *err);
int destination_check_user(const char *user, const char *what, struct error *err);

/* A port number 1 to 65535 from text. */
int destination_port(struct str text, const char *what, int *ret, struct error *err);

/* The URL as it can be shown; owned by the caller, NULL without memory. */
char *destination_without_password(const char *uri);

/* *field = a copy of value; frees what was there. */
int destination_set(char **field, const char *value, struct error *err);

#endif
