/* GLib's main loop. */
#include "loop.h"

#include <glib-unix.h>

static GMainLoop *loop;

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data) {
    (void)fd, (void)condition, (void)data;
    if (!take_all())
        return G_SOURCE_CONTINUE;
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

static gboolean on_timer(gpointer data) {
    (void)data;
    disturb();
    return G_SOURCE_REMOVE;
}

int main(void) {
    /* GLib keeps what it has opened for its default context. */
    g_main_context_wakeup(g_main_context_default());
    begin();
    loop = g_main_loop_new(NULL, FALSE);
    g_unix_fd_add(pictory_watcher_fd(watcher), G_IO_IN, on_readable, NULL);
    g_timeout_add(DISTURB_AFTER_MS, on_timer, NULL);
    g_main_loop_run(loop);
    g_main_loop_unref(loop);
    end();
    return 0;
}
