# SPDX-License-Identifier: MIT
"""A recipe for Conan 2, which packs the tree that it stands in: conan create packaging/conan --build=missing"""
import re
from pathlib import Path

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir


class Cohort(ConanFile):
    name = "cohort"
    description = "Process-based parallelism with the names of Python's multiprocessing"
    license = "MIT"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False]}
    default_options = {"shared": False}

    def set_version(self):
        text = load(self, str(self.tree() / "CMakeLists.txt"))
        self.version = re.search(r"^project\(cohort VERSION ([\d.]+)", text, re.M)[1]

    def tree(self):
        return Path(self.recipe_folder).parents[1]

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "src/*"):
            copy(self, pattern, str(self.tree()), self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("cereal/1.3.2", transitive_headers=True)
        self.requires("openssl/[>=3 <4]")

    def validate(self):
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("cohort is for Linux only")
        check_min_cppstd(self, 20)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["COHORT_UNITY_BUILD"] = True
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, str(Path(self.package_folder) / "licenses"))
        CMake(self).install()
        for folder in ("lib/cmake", "lib/pkgconfig", "share"):  # those that Conan makes know its other packages
            rmdir(self, str(Path(self.package_folder) / folder))

    def package_info(self):
        self.cpp_info.set_property("cmake_target_name", "cohort::cohort")
        self.cpp_info.libs = ["cohort_entry", "cohort"]
        self.cpp_info.exelinkflags = ["-Wl,--wrap=main,--undefined=main"]
        self.cpp_info.system_libs = ["pthread"]
        self.cpp_info.requires = ["cereal::cereal", "openssl::ssl", "openssl::crypto"]
