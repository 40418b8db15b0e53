/* Allocates large vectors in R: if memory runs out, the long jump of R's error must not cross Rust frames. */

#include <Rinternals.h>

/* Returns a raw vector, or NULL if it cannot be allocated. Call on R's thread. */
SEXP rekognition_new_raw(double length) {
  int failed = 0;
  SEXP size = PROTECT(Rf_ScalarReal(length));
  SEXP call = PROTECT(Rf_lang2(Rf_install("raw"), size));
  SEXP vector = R_tryEvalSilent(call, R_BaseEnv, &failed);
  UNPROTECT(2);
  return failed ? R_NilValue : vector;
}
