# The buckets of an emulator.

put_bucket <- function(server, bucket, region, versioning, call) {
  if (missing(bucket)) {
    stop_missing("bucket", call)
  }
  bucket <- check_bucket(bucket, call)
  if (!is.null(region)) {
    region <- check_emulated_region(region, call)
  }
  check_flag(versioning, "versioning", call)
  emulator_value(emulator_put_bucket(server, bucket, region, versioning), call)
  invisible()
}
