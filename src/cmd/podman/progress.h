/* cmd/podman/progress.h: what a pull says while it runs. */
#ifndef CMD_PODMAN_PROGRESS_H
#define CMD_PODMAN_PROGRESS_H

/* A progress_fn whose ctx is the session: one line on stderr. */
void progress_line(void *session, const char *line);

#endif
