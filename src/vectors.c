/* Vectors of R for Rust. Call on R's thread. */

#include <Rinternals.h>

/* Returns a raw vector, or NULL if it cannot be allocated: the long jump of R's error must not cross Rust frames. */
SEXP rekognition_new_raw(double length) {
  int failed = 0;
  SEXP size = PROTECT(Rf_ScalarReal(length));
  SEXP call = PROTECT(Rf_lang2(Rf_install("raw"), size));
  SEXP vector = R_tryEvalSilent(call, R_BaseEnv, &failed);
  UNPROTECT(2);
  return failed ? R_NilValue : vector;
}

/* Returns a POSIXct in UTC, of length 0 without seconds. */
SEXP rekognition_new_time(const double *seconds) {
  SEXP time = PROTECT(seconds == NULL ? Rf_allocVector(REALSXP, 0) : Rf_ScalarReal(*seconds));
  SEXP class = PROTECT(Rf_allocVector(STRSXP, 2));
  SET_STRING_ELT(class, 0, Rf_mkChar("POSIXct"));
  SET_STRING_ELT(class, 1, Rf_mkChar("POSIXt"));
  Rf_setAttrib(time, R_ClassSymbol, class);
  SEXP zone = PROTECT(Rf_mkString("UTC"));
  Rf_setAttrib(time, Rf_install("tzone"), zone);
  UNPROTECT(3);
  return time;
}
