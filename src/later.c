/* Wakes R from other threads, through the event loop of the package later, which may be absent. */

#include <stdint.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>

typedef void (*schedule_function)(void (*)(void *), void *, double, int);

static schedule_function schedule = NULL;

static void find(void *data) {
  (void) data;
  schedule = (schedule_function) R_GetCCallable("later", "execLaterNative2");
}

/* On R's thread, after later was loaded. Returns whether the loop can be woken. */
int rekognition_find_later(void) {
  /* R_GetCCallable() raises an error if there is no such function: it must not jump over Rust frames. */
  return schedule != NULL || (R_ToplevelExec(find, NULL) && schedule != NULL);
}

/* On R's thread, in the event loop: calls wake(id). Only a number crosses threads, no R object. */
static void wake(void *data) {
  SEXP package = PROTECT(Rf_mkString("rekognition"));
  SEXP is_loaded = PROTECT(Rf_lang2(Rf_install("isNamespaceLoaded"), package));
  /* A late call must not load the package again. */
  if (Rf_asLogical(Rf_eval(is_loaded, R_BaseEnv)) == TRUE) {
    SEXP space = PROTECT(R_FindNamespace(package));
    SEXP id = PROTECT(Rf_ScalarInteger((int) (intptr_t) data));
    SEXP call = PROTECT(Rf_lang2(Rf_install("wake"), id));
    Rf_eval(call, space);
    UNPROTECT(3);
  }
  UNPROTECT(2);
}

/* On any thread. */
void rekognition_wake(int id, int loop) {
  schedule(wake, (void *) (intptr_t) id, 0, loop);
}
