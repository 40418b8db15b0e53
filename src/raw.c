/* Allocates large vectors: the error that R raises without memory must not jump over Rust frames. */

#include <Rinternals.h>

/* A raw vector, or NULL. On R's thread. */
SEXP rekognition_new_raw(double length) {
  int failed = 0;
  SEXP size = PROTECT(Rf_ScalarReal(length));
  SEXP call = PROTECT(Rf_lang2(Rf_install("raw"), size));
  SEXP vector = R_tryEvalSilent(call, R_BaseEnv, &failed);
  UNPROTECT(2);
  return failed ? R_NilValue : vector;
}
