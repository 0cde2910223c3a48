# SPDX-License-Identifier: MIT
"""tools/check_layers finds each kind of violation and nothing else."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_layers"
SPDX = "// SPDX-License-Identifier: MIT\n"


class CheckLayers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def add(self, path, text, first_line=SPDX):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(first_line + text)

    def errors(self):
        run = subprocess.run([sys.executable, TOOL, self.root], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1 if run.stderr else 0)
        return run.stderr

    def assert_error(self, text):
        found = self.errors()
        self.assertIn(text, found)
        self.assertEqual(found.count("\n"), 1, found)

    def test_a_lower_layer_may_be_included(self):
        self.add("include/cohort/base/errors.hpp", "#include <string>\n")
        self.add("src/base/log.hpp", "")
        self.add("src/shm/ring.cpp", '#include <cohort/base/errors.hpp>\n#include "base/log.hpp"\n')
        self.assertEqual(self.errors(), "")

    def test_a_higher_layer_may_not(self):
        self.add("include/cohort/pool/pool.hpp", "")
        self.add("src/os/fork.cpp", "#include <cohort/pool/pool.hpp>\n")
        self.assert_error("src/os/fork.cpp:2: os may not see pool")

    def test_a_neighbour_that_is_not_listed_may_not(self):
        self.add("include/cohort/shm/ring.hpp", "")
        self.add("include/cohort/subprocess/popen.hpp", "#include <cohort/shm/ring.hpp>\n")
        self.assert_error("subprocess may not see shm")

    def test_the_detail_of_another_layer_is_private(self):
        self.add("include/cohort/base/detail/call.hpp", "")
        self.add("src/base/call.cpp", "#include <cohort/base/detail/call.hpp>\n")
        self.add("src/os/call.cpp", "#include <cohort/base/detail/call.hpp>\n")
        self.assert_error("src/os/call.cpp:2: include/cohort/base/detail/call.hpp is for base only")

    def test_a_public_header_may_not_include_a_private_one(self):
        self.add("src/base/log.hpp", "")
        self.add("include/cohort/base/errors.hpp", '#include "base/log.hpp"\n')
        self.assert_error("a public header includes the private src/base/log.hpp")

    def test_a_public_header_needs_no_third_party_library(self):
        self.add("include/cohort/serial/codec.hpp", "#include <boost/pfr.hpp>\n")
        self.assert_error("<boost/pfr.hpp>")

    def test_the_umbrella_header_is_for_users(self):
        self.add("include/cohort/base/errors.hpp", "")
        self.add("include/cohort/cohort.hpp", "#include <cohort/base/errors.hpp>\n")
        self.add("src/base/errors.cpp", "#include <cohort/cohort.hpp>\n")
        self.assert_error("src/base/errors.cpp:2: <cohort/cohort.hpp> is for users")

    def test_includes_that_go_round(self):
        self.add("include/cohort/base/a.hpp", "#include <cohort/base/b.hpp>\n")
        self.add("include/cohort/base/b.hpp", "#include <cohort/base/a.hpp>\n")
        self.assert_error("includes go round")

    def test_system_headers_stand_in_os(self):
        self.add("src/os/fork.cpp", "#include <unistd.h>\n")
        self.add("src/base/log.cpp", "#include <sys/types.h>\n#include <sys/mman.h>\n")
        self.assert_error("src/base/log.cpp:3: <sys/mman.h> offers system calls")

    def test_system_calls_stand_in_os(self):
        for call in ("::close(fd);", "int n = kill(pid, 9);", "return fork();", "if (getpid() == 3) {}",
                     "f(mmap(nullptr, g(a, b), 3, 4, 5, 0));", "return ::wait(nullptr);"):
            with self.subTest(call):
                self.add("src/shm/ring.cpp", f"void f() {{ {call} }}\n")
                self.assert_error("is a system call")

    def test_other_functions_of_the_same_name_are_no_system_calls(self):
        self.add("src/process/process.cpp", """
            // kill(pid, 9) in a comment, and "open(a, b)" in a text, are no calls
            void kill();
            bool wait(Timeout timeout);
            pid_t getpid() const noexcept;
            void f() {
                file.open(name, mode); p->kill(1, 2); os::close(3); Process::kill(1, 2);
                kill(); wait(timeout); write(sink, value); const char* text = "kill(1, 2)";
            }
            """)
        self.assertEqual(self.errors(), "")

    def test_the_licence_line(self):
        self.add("src/base/a.cpp", "int a;\n", first_line="")
        self.add("tools/run", "# SPDX-License-Identifier: MIT\n", first_line="#!/bin/sh\n")
        self.add("README.md", "text\n", first_line="")
        self.assert_error("src/base/a.cpp:1: the first line must be")

    def test_paths_of_one_machine(self):
        self.add("docs/a.md", "see ../" + "shared/notes\n", first_line="")
        self.assert_error("docs/a.md:1:")
        self.add("docs/a.md", "cd /" + "home/me/x\n", first_line="")
        self.assert_error("docs/a.md:1:")
        self.add("docs/a.md", "https://example.org/home/me and build/work/x and $HOME/work/x\n", first_line="")
        self.assertEqual(self.errors(), "")

    def test_a_file_says_one_thing(self):
        self.add("src/base/long.cpp", "\n" * 600)
        self.assertEqual(self.errors(), "")
        self.add("src/base/long.cpp", "\n" * 900)
        self.assert_error("more than 800 lines")


if __name__ == "__main__":
    unittest.main()
