/* Strings of R for Rust. */

#include <stddef.h>
#include <Rinternals.h>

/* Whether a string is NA (0), UTF-8 (1), or must be translated first (2); the bytes of UTF-8 and their number. */
int rekognition_utf8(SEXP strings, double place, const char **bytes, size_t *length) {
  SEXP string = STRING_ELT(strings, (R_xlen_t) place);
  if (string == NA_STRING) return 0;
  *bytes = R_CHAR(string);
  *length = (size_t) Rf_xlength(string);
  if (Rf_getCharCE(string) == CE_UTF8) return 1;
  for (size_t i = 0; i < *length; i++) {
    if ((unsigned char) (*bytes)[i] > 127) return 2;
  }
  return 1;
}
