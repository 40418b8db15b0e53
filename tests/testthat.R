library(testthat)
library(rekognition)

test_check("rekognition")
