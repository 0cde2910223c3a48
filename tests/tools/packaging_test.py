# SPDX-License-Identifier: MIT
"""The recipes for vcpkg and Conan say what CMakeLists.txt, cmake/ and tools/packages say."""
import json
import re
import sys
import tempfile
import types
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CMAKE = (ROOT / "CMakeLists.txt").read_text()
VERSION = re.search(r"^project\(cohort VERSION ([\d.]+)", CMAKE, re.M)[1]
DESCRIPTION = re.search(r'^project\(.* DESCRIPTION "(.*?)"', CMAKE, re.M)[1]
OPTIONS = set(re.findall(r"^option\((\w+)", CMAKE, re.M))
# What find_package is asked for outside of developer mode, but for what comes with the compiler.
DEPENDENCIES = {name.lower() for name in re.findall(r"^find_package\((\w+)", CMAKE, re.M)} - {"threads"}
DEBIAN = {"cereal": "libcereal-dev", "openssl": "libssl-dev"}


class Recorder:
    """Stands for Conan's objects: remembers what was set."""

    def __init__(self, *arguments):
        self.cache_variables = {}
        self.properties = {}

    def set_property(self, name, value):
        self.properties[name] = value

    def generate(self):
        pass


class FakeConanFile:
    recipe_folder = str(ROOT / "packaging" / "conan")

    def __init__(self):
        self.required = {}
        self.cpp_info = Recorder()

    def requires(self, reference, **traits):
        self.required[reference.partition("/")[0]] = traits


def load_conanfile():
    """The recipe, with just as much of Conan as it asks for."""
    import shutil

    def copy(_, pattern, source, target):
        found = [path for path in Path(source).glob(pattern)]
        for path in found:
            if path.is_dir():
                shutil.copytree(path, Path(target) / path.relative_to(source), dirs_exist_ok=True)
            else:
                (Path(target) / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, Path(target) / path.relative_to(source))
        return found

    toolchains = []

    class Toolchain(Recorder):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            toolchains.append(self)

    parts = {
        "conan": {"ConanFile": FakeConanFile},
        "conan.errors": {"ConanInvalidConfiguration": ValueError},
        "conan.tools": {},
        "conan.tools.build": {"check_min_cppstd": None},
        "conan.tools.cmake": {"CMake": Recorder, "CMakeDeps": Recorder, "CMakeToolchain": Toolchain, "cmake_layout": None},
        "conan.tools.files": {"copy": copy, "load": lambda _, path: Path(path).read_text(), "rmdir": None},
    }
    for name, members in parts.items():
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__.update(members)
    path = ROOT / "packaging" / "conan" / "conanfile.py"
    scope = {"__name__": "conanfile"}
    exec(compile(path.read_text(), path, "exec"), scope)
    return scope["Cohort"](), toolchains


class Conan(unittest.TestCase):
    def setUp(self):
        self.recipe, self.toolchains = load_conanfile()

    def test_version_and_description(self):
        self.recipe.set_version()
        self.assertEqual((self.recipe.version, self.recipe.description), (VERSION, DESCRIPTION))

    def test_dependencies(self):
        self.recipe.requirements()
        self.recipe.package_info()
        self.assertEqual(set(self.recipe.required), DEPENDENCIES)
        self.assertEqual({name.partition("::")[0] for name in self.recipe.cpp_info.requires}, DEPENDENCIES)
        self.assertTrue(self.recipe.required["cereal"]["transitive_headers"])

    def test_options_exist(self):
        self.recipe.generate()
        self.assertLessEqual(set(self.toolchains[0].cache_variables), OPTIONS)

    def test_links_as_the_installed_package(self):
        self.recipe.package_info()
        install = (ROOT / "cmake" / "install.cmake").read_text()
        for flag in self.recipe.cpp_info.exelinkflags + [f"-l{name}" for name in self.recipe.cpp_info.libs]:
            self.assertIn(flag, install)

    def test_the_sources_are_enough(self):
        with tempfile.TemporaryDirectory() as folder:
            self.recipe.export_sources_folder = folder
            self.recipe.export_sources()
            exported = Path(folder)
            for name in re.findall(r"\binclude\((cmake/[\w.]+)\)", CMAKE):
                self.assertTrue((exported / name).is_file(), name)
            for part in ("include", "src"):
                there = {path.relative_to(ROOT) for path in (ROOT / part).rglob("*") if path.is_file()}
                self.assertEqual({path.relative_to(exported) for path in (exported / part).rglob("*") if path.is_file()},
                                 there)


class Vcpkg(unittest.TestCase):
    PORT = ROOT / "packaging" / "vcpkg" / "cohort"

    def setUp(self):
        self.manifest = json.loads((self.PORT / "vcpkg.json").read_text())

    def test_version_and_description(self):
        said = self.manifest["name"], self.manifest["version"], self.manifest["description"]
        self.assertEqual(said, ("cohort", VERSION, DESCRIPTION))

    def test_dependencies(self):
        self.assertEqual({name for name in self.manifest["dependencies"] if isinstance(name, str)}, DEPENDENCIES)

    def test_options_exist(self):
        used = re.findall(r"-D(COHORT_\w+)", (self.PORT / "portfile.cmake").read_text())
        self.assertTrue(used)
        self.assertLessEqual(set(used), OPTIONS)


class Debian(unittest.TestCase):
    def test_dependencies(self):
        build = (ROOT / "tools" / "packages" / "build.txt").read_text().split()
        packages = (ROOT / "cmake" / "packages.cmake").read_text()
        for name in DEPENDENCIES:
            self.assertIn(DEBIAN[name], build)
            self.assertIn(DEBIAN[name], packages)


if __name__ == "__main__":
    unittest.main()
