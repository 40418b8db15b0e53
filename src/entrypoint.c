/* The one object that R compiles itself: it keeps the Rust library in the link and starts it. */

void R_init_rekognition_extendr(void *dll);
void register_extendr_panic_hook(void);

void R_init_rekognition(void *dll) {
    register_extendr_panic_hook();
    R_init_rekognition_extendr(dll);
}
