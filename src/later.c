/* Wakes R's thread from other threads, through the event loop of the later package, which may not be installed. */

#include <stdint.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>

typedef void (*schedule_function)(void (*)(void *), void *, double, int);

static schedule_function schedule = NULL;

static void find(void *data) {
  (void) data;
  schedule = (schedule_function) R_GetCCallable("later", "execLaterNative2");
}

/* Call on R's thread, once later is loaded. Returns whether the event loop can be woken. */
int rekognition_find_later(void) {
  /* R_GetCCallable() raises an error if there is no such function: its long jump must not cross Rust frames. */
  return schedule != NULL || (R_ToplevelExec(find, NULL) && schedule != NULL);
}

/* Runs wake(id) on R's thread, in the event loop. Only a number crosses threads: R objects stay on R's thread. */
static void wake(void *data) {
  SEXP package = PROTECT(Rf_mkString("rekognition"));
  SEXP is_loaded = PROTECT(Rf_lang2(Rf_install("isNamespaceLoaded"), package));
  /* A late call must not load the package again after it was unloaded. */
  if (Rf_asLogical(Rf_eval(is_loaded, R_BaseEnv)) == TRUE) {
    SEXP space = PROTECT(R_FindNamespace(package));
    SEXP id = PROTECT(Rf_ScalarInteger((int) (intptr_t) data));
    SEXP call = PROTECT(Rf_lang2(Rf_install("wake"), id));
    Rf_eval(call, space);
    UNPROTECT(3);
  }
  UNPROTECT(2);
}

/* Can be called on any thread. */
void rekognition_wake(int id, int loop) {
  schedule(wake, (void *) (intptr_t) id, 0, loop);
}
