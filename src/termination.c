/* SIGTERM, which ends an emulator that a shell or a container has started. Call on R's thread. */

#include <signal.h>

static volatile sig_atomic_t is_terminated = 0;

int rekognition_is_terminated(void) {
  return is_terminated;
}

#ifdef _WIN32

/* There is no SIGTERM. */
void rekognition_watch_termination(int watch) {
  (void) watch;
}

#else

#include <stddef.h>

static struct sigaction before;

static void terminate(int signal) {
  (void) signal;
  is_terminated = 1;
}

/* Records SIGTERM instead of ending the process: as the first process of a container, R would ignore it. */
void rekognition_watch_termination(int watch) {
  if (watch) {
    struct sigaction action = { .sa_handler = terminate };
    sigemptyset(&action.sa_mask);
    is_terminated = 0;
    sigaction(SIGTERM, &action, &before);
  } else {
    sigaction(SIGTERM, &before, NULL);
  }
}

#endif
