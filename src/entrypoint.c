/* The only object that R compiles: it links the Rust library and initializes it. */

void R_init_rekognition_extendr(void *dll);
void register_extendr_panic_hook(void);

void R_init_rekognition(void *dll) {
    register_extendr_panic_hook();
    R_init_rekognition_extendr(dll);
}
