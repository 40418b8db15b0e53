# What a developer types. `make` alone lists it. CONTRIBUTING.md says more.

LIBRARY = $(CURDIR)/.build/library
CACHE = $${XDG_CACHE_HOME:-$$HOME/.cache}/rekognition
# Compiled crates outlive a clean checkout. An installation without this variable cleans up behind itself.
WITH_CACHE = CARGO_TARGET_DIR="$${CARGO_TARGET_DIR:-$(CACHE)/target}"
WITH_LIBRARY = R_LIBS="$(LIBRARY)"

.PHONY: help deps system venv install demo test soak fuzz bench screenshots dist check check-all windows coverage sbom release \
  lint format docs readme site clean

help:
	@echo "make demo      from nothing to a checked face: installs what is missing, writes demo.png"
	@echo "make test      all tests, Rust and R"
	@echo "make soak      the long forms: 100,000 calls, gctorture, valgrind, AddressSanitizer (half an hour)"
	@echo "make fuzz      fuzzes the readers of answers and errors (an hour; SECONDS_EACH sets another time)"
	@echo "make bench     measures against boto3, the bare SDK and others (ten minutes, Linux)"
	@echo "make screenshots  takes the README's pictures of the console and the report"
	@echo "make dist      the source package with all crates in it, in .build/dist; it installs without a network"
	@echo "make check     installs that package without a network, and R CMD check --as-cran"
	@echo "make check-all the same and all tests, with the R and Rust of Ubuntu 24.04, Debian 13 and Debian unstable (an hour, as root)"
	@echo "make windows   compiles, links and tests for Windows, with Wine in a chroot (as root)"
	@echo "make coverage  what the tests reach, of R and of Rust (a quarter of an hour)"
	@echo "make sbom      the bill of materials, in CycloneDX"
	@echo "make release   all checks, and then package, checksums, bill of materials and website, in .build/release"
	@echo "make install   build and install the package into .build/library"
	@echo "make deps      install what is needed to build and test (Debian, Ubuntu)"
	@echo "make docs      man pages and NAMESPACE from R/"
	@echo "make readme    README.md from README.Rmd"
	@echo "make site      the website, in .build/site; it works without a network (npm is needed to build it)"
	@echo "make lint      rustfmt, clippy, air, the lock that ships, versions, licences, the index of the website"
	@echo "make format    rustfmt and air"
	@echo "make clean     remove .build"

deps: system venv

system:
	@sh dev/deps.sh

venv: system
	@sh dev/deps.sh venv

install: system
	@mkdir -p "$(LIBRARY)"
	$(WITH_CACHE) R CMD INSTALL --clean --library="$(LIBRARY)" .

demo: install
	$(WITH_LIBRARY) Rscript --vanilla dev/demo.R demo.png

test: install venv
	$(WITH_CACHE) $(WITH_LIBRARY) sh dev/test.sh

soak: install venv
	$(WITH_CACHE) $(WITH_LIBRARY) sh dev/test.sh --long

fuzz:
	$(WITH_CACHE) sh dev/fuzz.sh

bench: install venv
	$(WITH_CACHE) $(WITH_LIBRARY) sh dev/bench.sh

screenshots: install
	$(WITH_LIBRARY) Rscript --vanilla dev/screenshots.R

dist: system
	$(WITH_CACHE) sh dev/dist.sh

check: dist
	sh dev/check.sh

check-all: dist
	sh dev/check.sh --all

coverage: system venv
	sh dev/coverage.sh

sbom:
	sh dev/sbom.sh .build/sbom/rekognition.cdx.json

release: lint check test coverage check-all sbom site
	sh dev/release.sh

# dev/chroot.sh makes the chroot.
windows:
	$(WITH_CACHE) sh dev/windows.sh "$${CHROOT:-$(CACHE)/chroots/sid}"

lint: venv
	cargo fmt --all --check
	.build/venv/bin/air format --check R tests tools dev inst
	$(WITH_CACHE) cargo clippy --workspace --all-targets --locked -- -D warnings
	sh dev/lock.sh --check
	Rscript --vanilla dev/versions.R
	Rscript --vanilla dev/licences.R --check
	"$$(sh dev/deps.sh cargo-deny)" --locked --manifest-path src/rust/Cargo.toml check licenses bans sources
	@# Each help page and each article has its place on the website.
	Rscript --vanilla dev/site-index.R

format: venv
	cargo fmt --all
	.build/venv/bin/air format R tests tools dev inst

docs: install
	$(WITH_LIBRARY) Rscript --vanilla -e 'roxygen2::roxygenise(load_code = roxygen2::load_installed)'

readme: install
	$(WITH_LIBRARY) Rscript --vanilla -e 'knitr::knit("README.Rmd", "README.md")'

site: install
	$(WITH_LIBRARY) Rscript --vanilla dev/site.R

clean:
	rm -rf .build
