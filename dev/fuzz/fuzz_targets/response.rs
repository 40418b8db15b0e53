#![no_main]
libfuzzer_sys::fuzz_target!(|body: &[u8]| rekognition_fuzz::response(body));
