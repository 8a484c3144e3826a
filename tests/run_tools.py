"""Tests of the scripts in tools/: the checks of `make lint`, the sum of `make test`, and what setup says is missing."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from testing import ROOT

TOP_FOLDERS = ("analyzer", "include/racelint", "rules", "tests", "tools")


class Tree(unittest.TestCase):
    """A test with a small tree of its own."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.tree = pathlib.Path(holder.name)
        for folder in TOP_FOLDERS:
            (self.tree / folder).mkdir(parents=True)

    def write(self, path, text, mode=0o644):
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def run_tool(self, *command, **environment):
        done = subprocess.run(command, cwd=self.tree, capture_output=True, text=True, check=False,
                              env={**os.environ, **environment})
        return done.returncode, done.stdout + done.stderr


class Layers(Tree):
    def check(self):
        return self.run_tool(sys.executable, str(ROOT / "tools/lint/layers.py"), str(self.tree))

    def test_includes_downwards_are_fine(self):
        self.write("analyzer/base/vec.h", "")
        self.write("include/racelint/ir.h", "")
        self.write("analyzer/program/locks.c", '#include "base/vec.h"\n#include "racelint/ir.h"\n#include <stdio.h>\n')
        self.assertEqual(self.check(), (0, "layers: 3 files in order\n"))

    def test_includes_upwards_are_named(self):
        self.write("analyzer/program/heap.h", "")
        self.write("analyzer/base/vec.c", '\n#include "program/heap.h"\n')
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("analyzer/base/vec.c:2: base must not include program (program/heap.h)", output)

    def test_layers_side_by_side_do_not_see_each_other(self):
        self.write("include/racelint/models.h", "")
        self.write("analyzer/frontend/python/lower.c", '#include "racelint/models.h"\n')
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("frontend must not include models", output)

    def test_report_does_not_see_the_ir(self):
        self.write("include/racelint/ir.h", "")
        self.write("analyzer/report/text.c", '#  include "racelint/ir.h"\n')
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("report must not see racelint/ir.h", output)

    def test_cjson_has_one_place(self):
        self.write("analyzer/base/json.c", "#include <cjson/cJSON.h>\n")
        self.write("analyzer/report/json.c", "#include <cjson/cJSON.h>\n")
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("analyzer/report/json.c:1: <cjson/cJSON.h> belongs to analyzer/base/json.c", output)
        self.assertNotIn("analyzer/base/json.c:1:", output)

    def test_a_new_folder_needs_a_layer(self):
        self.write("analyzer/misc/helpers.c", "")
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("'misc' is no layer", output)


class Symbols(Tree):
    def setUp(self):
        super().setUp()
        self.write("analyzer/base/x.h", "int x_one(void);\n")
        self.write("analyzer/base/x.c", "int x_one(void)\n{\n    return 1;\n}\n")

    def check(self):
        return self.run_tool(sys.executable, str(ROOT / "tools/lint/symbols.py"), str(self.tree))

    def test_what_another_file_calls_is_fine(self):
        self.write("analyzer/cli/y.c", "int main(void)\n{\n    return x_one();\n}\n")
        self.assertEqual(self.check(), (0, "symbols: 2 files with nothing unused\n"))

    def test_what_nobody_calls_is_named(self):
        self.write("analyzer/cli/y.c", "/* x_one */ static const char *y = \"x_one\";\n")
        self.assertEqual(self.check(), (1, "analyzer/base/x.c:1: x_one is used nowhere\n"))

    def test_what_only_its_own_file_calls_is_named(self):
        self.write("analyzer/base/x.c", "int x_one(void)\n{\n    return 1;\n}\nstatic int two(void)\n{\n"
                   "    return x_one();\n}\n")
        self.assertEqual(self.check(), (1, "analyzer/base/x.c:1: x_one is used in this file only: make it static\n"))

    def test_what_only_tests_call_is_named(self):
        self.write("tests/unit/test_x.c", "int y = x_one();\n")
        self.assertEqual(self.check(), (1, "analyzer/base/x.c:1: x_one is used by tests only\n"))

    def test_public_headers_macros_and_tables_are_uses(self):
        self.write("include/racelint/x.h", "int x_one(void);\n")
        self.write("analyzer/base/m.h", "#define BOTH(a) \\\n    (m_grow(a), 1)\nstatic inline int m(void)\n{\n"
                   "    return m_inner();\n}\n")
        self.write("analyzer/base/m.c", "int m_grow(int a)\n{\n    return a;\n}\nint m_inner(void)\n{\n"
                   "    return 2;\n}\nint command_list(void)\n{\n    return 3;\n}\n")
        self.write("analyzer/base/commands.def", "COMMAND(list)\n")
        self.assertEqual(self.check(), (0, "symbols: 2 files with nothing unused\n"))


class Sizes(Tree):
    def check(self):
        return self.run_tool(sys.executable, str(ROOT / "tools/lint/sizes.py"), str(self.tree))

    def function(self, lines):
        self.write("analyzer/base/x.c", "int f(int a)\n{\n" + "".join(lines) + "}\n")

    def test_the_limits_themselves_are_fine(self):
        self.function(["    a++;\n"] * 60)
        self.write("rules/long.c", "int a;\n" * 800)
        self.assertEqual(self.check(), (0, "sizes: 2 files within their limits\n"))

    def test_long_files(self):
        self.write("analyzer/base/long.h", "int a;\n" * 801)
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("analyzer/base/long.h: 801 lines, more than 800", output)

    def test_long_functions(self):
        self.function(["    a++;\n"] * 61)
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("analyzer/base/x.c:2: f has 61 lines, more than 60", output)

    def test_complex_functions(self):
        self.function(["    if (a && b || c) {}\n"] * 7 + ["    while (a) {}\n", "    a = a ? 1 : 2;\n"])
        self.assertEqual(self.check()[0], 0)
        self.function(["    if (a && b || c) {}\n"] * 7 + ["    while (a) {}\n", "    a = a ? 1 : 2;\n"] * 2)
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("f has a complexity of 26, more than 24", output)

    def test_comments_and_strings_do_not_count(self):
        self.function(['    g("if (a && b)"); /* if while */ // for\n'] * 30 + ["    g('?', \"\\\" ? \");\n"] * 5)
        self.assertEqual(self.check()[0], 0)

    def test_cases_do_not_count(self):
        self.function(["    switch (a) {\n"] + ["    case 1: break;\n"] * 40 + ["    }\n"])
        self.assertEqual(self.check()[0], 0)


class Sum(Tree):
    """tools/test.sh adds up what the runners say, and believes their exit status."""

    def setUp(self):
        super().setUp()
        shutil.copy(ROOT / "tools/test.sh", self.tree / "tools/test.sh")
        self.write("build/unit_tests", "#!/bin/sh\necho 3 passed, 0 failed\n", 0o755)

    def sum(self, **environment):
        status, output = self.run_tool("tools/test.sh", BUILD="build", ONLY=environment.pop("ONLY", ""), **environment)
        return status, output.splitlines()[-1], output

    def test_results_are_added(self):
        self.write("tests/run_a.sh", "echo noise; echo 2 passed, 0 failed\n")
        self.write("tests/run_b.py", "import os; print(os.environ['RACELINT']); print('4 passed, 0 failed')\n")
        status, last, output = self.sum()
        self.assertEqual((status, last), (0, "9 passed, 0 failed"))
        self.assertIn("build/racelint", output)

    def test_failures_fail(self):
        self.write("tests/run_a.sh", "echo 2 passed, 5 failed; exit 1\n")
        self.assertEqual(self.sum()[:2], (1, "5 passed, 5 failed"))

    def test_a_crash_after_the_result_fails(self):
        self.write("tests/run_a.sh", "echo 2 passed, 0 failed; exit 7\n")
        self.assertEqual(self.sum()[:2], (1, "5 passed, 1 failed"))

    def test_no_result_fails(self):
        self.write("tests/run_a.py", "print('all fine')\n")
        self.assertEqual(self.sum()[:2], (1, "3 passed, 1 failed"))

    def test_a_killed_runner_fails(self):
        self.write("tests/run_a.sh", "kill -9 $$\n")
        self.assertEqual(self.sum()[:2], (1, "3 passed, 1 failed"))

    def test_runners_at_a_time_are_told_one_after_the_other(self):
        self.write("tests/run_a.sh", "echo begin a; sleep 0.5; echo end a; echo 1 passed, 0 failed\n")
        self.write("tests/run_b.sh", "echo begin b; echo end b; echo 2 passed, 0 failed\n")
        status, last, output = self.sum(JOBS="3")
        self.assertEqual((status, last), (0, "6 passed, 0 failed"))
        told = [line for line in output.splitlines() if line.startswith(("==", "begin", "end"))]
        self.assertEqual(told, "== unit_tests,== run_a.sh,begin a,end a,== run_b.sh,begin b,end b".split(","))

    def test_one_runner_can_be_chosen(self):
        self.write("tests/run_a.sh", "echo 2 passed, 0 failed\n")
        self.assertEqual(self.sum(ONLY="run_a")[:2], (0, "2 passed, 0 failed"))
        self.assertEqual(self.sum(ONLY="none of them")[:2], (0, "0 passed, 0 failed"))


class Setup(Tree):
    def setUp(self):
        super().setUp()
        shutil.copy(ROOT / "tools/setup.sh", self.tree / "tools/setup.sh")
        self.write("package-lock.json", "{}\n")

    def check(self, *groups, **environment):
        return self.run_tool("tools/setup.sh", "--check", *groups, **environment)

    def test_what_is_missing_is_named(self):
        status, output = self.check("build", CC="no-such-compiler")
        self.assertEqual(status, 1)
        self.assertIn("a C compiler (no-such-compiler)", output)
        self.assertIn("the grammars in node_modules/", output)
        self.assertRegex(output, r"Debian, Ubuntu: +apt-get install gcc libc6-dev\b")
        self.assertRegex(output, r"Fedora: +dnf install gcc\b")
        self.assertRegex(output, r"macOS: +brew install llvm\b")
        self.assertIn("To install it: make setup", output)

    def test_headers_are_looked_for(self):
        status, output = self.check("build", "test", CC="cc -nostdinc")
        self.assertEqual(status, 1)
        self.assertRegex(output, r"apt-get install.* libcjson-dev libxxhash-dev libutf8proc-dev\b.* check libsubunit-dev")

    def test_grammars_must_match_the_lock(self):
        self.write("node_modules/.racelint-lock", '{"other": 1}\n')
        status, output = self.check("build")
        self.assertEqual(status, 1)
        self.assertIn("the grammars in node_modules/", output)
        self.write("node_modules/.racelint-lock", "{}\n")
        self.assertEqual(self.check("build"), (0, ""))

    def test_an_unknown_group_is_refused(self):
        status, output = self.check("everything")
        self.assertEqual(status, 2)
        self.assertIn("no group is called everything", output)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(verbosity=0).run(suite)
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
