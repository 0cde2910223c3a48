# SPDX-License-Identifier: MIT
# The short words over CMake: `make help` lists them.

JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
DIR ?= /usr/include
export CMAKE_BUILD_PARALLEL_LEVEL = $(JOBS)

.DEFAULT_GOAL := help
.PHONY: help deps deps-check deps-bench deps-docs demo test check check-all bench docs install uninstall package format clean

help: ## lists these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' Makefile
	@echo "Variables: JOBS=$(JOBS)  PREFIX=$(PREFIX) (install)  DIR=$(DIR) (demo)  ROUNDS= (bench)"

deps: ## installs the Debian packages that a build needs (root or sudo; nothing if they are there)
	@tools/install_dependencies build

deps-check: deps
	@tools/install_dependencies check

deps-bench: deps ## ... what the benchmarks compare with
	@tools/install_dependencies bench

deps-docs: ## ... what the reference manual needs
	@tools/install_dependencies docs

demo: deps ## analyses the source tree DIR: serially, with a pool, with a pool whose workers are killed
	cmake --preset release
	cmake --build --preset release --target census
	tools/demo build/release/examples/census/census $(DIR)

test: deps ## builds everything and runs the tests
	@tools/install_dependencies test
	cmake --preset dev
	cmake --build --preset dev
	ctest --preset dev --parallel $$(($(JOBS) + 1)) --label-exclude long

check: deps-check ## what else must hold for every change; one job alone: tools/check/run JOB
	tools/check/run

check-all: deps-check ## the same with the full counts: takes hours
	tools/check/run --all

bench: deps-bench ## runs the benchmarks; JSON in build/bench, the page of them in build/bench/page
	cmake --preset release
	cmake --build --preset release
	ROUNDS=$(ROUNDS) tools/bench build/release build/bench
	tools/bench_page build/bench build/bench/page

docs: deps-docs ## builds the reference manual in build/docs; an undocumented public item is an error
	tools/docs build/docs

install: deps ## builds and installs the library below PREFIX
	cmake -S . -B build/install -G Ninja -DCMAKE_BUILD_TYPE=Release -DCOHORT_UNITY_BUILD=ON -DCMAKE_INSTALL_PREFIX=$(PREFIX) \
	    -DBUILD_SHARED_LIBS=$(or $(SHARED),OFF)
	cmake --build build/install
	cmake --install build/install

uninstall: ## removes what `make install` installed
	tools/uninstall build/install/install_manifest.txt

package: deps ## makes Debian packages and an archive of the shared library in build/package/packages
	@tools/install_dependencies package
	cmake -S . -B build/package -G Ninja -DCMAKE_BUILD_TYPE=Release -DCOHORT_UNITY_BUILD=ON -DCMAKE_INSTALL_PREFIX=/usr \
	    -DBUILD_SHARED_LIBS=ON -DCMAKE_CXX_FLAGS=-g
	cmake --build build/package
	rm -rf build/package/packages
	cpack --config build/package/CPackConfig.cmake -B build/package/packages

format: deps-check ## rewrites the sources as .clang-format says
	tools/format

clean: ## removes what was built
	rm -rf build
