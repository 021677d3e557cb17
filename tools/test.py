#!/usr/bin/env python3
"""Runs every check of the project and ends with the line `N passed, N failed`; the exit code is 1 when anything failed.

Stages, in order: lint (each check counts once), build (debug, sanitized), optimized (part of the sources at -O2), unit and component
(each GoogleTest case counts), python (the pytest cases of tests/unit and tests/arch: the local stack and the checks of lint), e2e and
chaos (each pytest case counts). A skipped case, or a folder without a test, counts as failed: nothing is left out in silence.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ARCH = ROOT / "tests" / "arch"
STAGES = ["lint", "build", "optimized", "unit", "component", "python", "e2e", "chaos"]
LIMIT_S = 600  # of one GoogleTest binary that names no limit of its own


def say(*words):
    print(*words, flush=True)


def indent(text, lines=120):
    kept = text.rstrip().splitlines()[-lines:]
    return "\n".join("    " + line for line in kept)


class Tally:
    def __init__(self):
        self.passed = self.failed = 0
        self.names = []

    def add(self, name, good, output=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            self.names.append(name)
            say(f"  FAILED {name}")
            if output.strip():
                say(indent(output))


class Run:
    def __init__(self, options):
        self.options = options
        self.build = ROOT / "build" / "debug" if not options.build else Path(options.build).absolute()
        self.tally = Tally()
        self._python = None

    @property
    def python(self):
        """The tests' own Python, with pinned clients."""
        if self._python is None:
            self._python = subprocess.run([ROOT / "tools" / "venv.sh"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        return self._python

    def environment(self):
        # libprotobuf and librdkafka keep what they allocate once; a leak of ours still shows in the unit tests' exit code.
        return {**os.environ, "STEWARD_BUILD": str(self.build), "PYTHONDONTWRITEBYTECODE": "1",
                "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "detect_stack_use_after_return=0:abort_on_error=0"),
                "UBSAN_OPTIONS": "print_stacktrace=1", "STEWARD_KILLS": "20" if self.options.full else "5",
                "STEWARD_LEADS": "10000" if self.options.full else "2000"}

    # Stages.

    def lint(self):
        scripts = [str(p.relative_to(ROOT)) for p in sorted(ROOT.glob("**/*.sh")) if "build" not in p.parts and ".run" not in p.parts]
        checks = {
            "layout (clang-format)": [sys.executable, "tools/format.py"],
            "protos (buf lint)": ["tools/buf.sh", "lint"],
            "protos stay compatible (buf breaking)": ["tools/buf.sh", "breaking"],
            "layers": [sys.executable, "tests/arch/check_layers.py"],
            "metric names": [sys.executable, "tests/arch/check_metrics.py"],
            "topics": [self.python, "tests/arch/check_topics.py"],
            "nothing refers outside the tree": [sys.executable, "tests/arch/check_outside.py"],
            "migrations are listed": [sys.executable, "tests/arch/check_migrations.py"],
            "properties are asserted": [sys.executable, "tests/arch/check_properties.py"],
            "links of the pages": [sys.executable, "tests/arch/check_links.py"],
            "shell scripts (shellcheck)": ["shellcheck", *scripts, ".ci/run"],
        }
        for name, command in checks.items():
            done = self.command(command)
            self.tally.add(name, done.returncode == 0, done.stdout)
        sizes = self.command([sys.executable, "tests/arch/report_sizes.py"]).stdout
        if sizes.strip():
            say(f"  {len(sizes.splitlines())} files or functions above the size limits (tests/arch/report_sizes.py)")

    def command(self, command):
        try:
            return subprocess.run([str(c) for c in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  env=self.environment())
        except FileNotFoundError as missing:
            return subprocess.CompletedProcess(command, 127, f"missing tool: {missing.filename} (deploy/local/install.sh test)")

    def build_all(self):
        if not (self.build / "build.ninja").exists():
            configured = subprocess.run(["cmake", "--preset", "debug", "-B", self.build, "--log-level=NOTICE"], cwd=ROOT)
            if configured.returncode != 0:
                self.tally.add("configure", False)
                return False
        targets = ["all", "steward_tests"]
        if self.options.only and set(self.options.stages) <= {"build", "unit", "component"}:
            targets = [name for label in self.options.stages[1:] for name, _, _ in self.tests_of(label)]
        done = subprocess.run(["ninja", "-C", self.build, "-j", str(self.options.jobs), *targets], cwd=ROOT)
        self.tally.add("debug build", done.returncode == 0)
        return done.returncode == 0

    def optimized(self):
        done = self.command([sys.executable, "tools/optimized.py", "--build", self.build, "--jobs", self.options.jobs])
        self.tally.add("compiles at -O2", done.returncode == 0, done.stdout)
        say("  " + done.stdout.splitlines()[-1])

    def tests_of(self, label):
        """(name, command, limit) of the binaries that ctest knows under this label and --only picks."""
        listed = json.loads(subprocess.run(["ctest", "--show-only=json-v1", "-L", f"^{label}$"], cwd=self.build, check=True,
                                           stdout=subprocess.PIPE, text=True).stdout)
        tests = []
        for test in listed["tests"]:
            limits = [p["value"] for p in test["properties"] if p["name"] == "TIMEOUT"]
            if not self.options.only or any(word in test["name"] for word in self.options.only):
                tests.append((test["name"], test.get("command", []), limits[0] if limits else LIMIT_S))
        return tests

    def gtest(self, label):
        """One binary more at a time than there are cores: component tests mostly wait."""
        tests = self.tests_of(label)
        if not tests:
            self.tally.add(f"{label}: no test found", False)
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(self.options.jobs + 1) as pool:
            for result in pool.map(lambda test: self.gtest_binary(folder, *test), tests):
                self.gtest_result(*result)

    def gtest_binary(self, folder, name, command, limit):
        report, started = Path(folder) / f"{name}.json", time.monotonic()
        try:
            done = subprocess.run([*command, f"--gtest_output=json:{report}", "--gtest_brief=1"], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, env=self.environment(), cwd=self.build, timeout=limit, stdin=subprocess.DEVNULL)
            code, output = done.returncode, done.stdout.decode(errors="replace")
        except subprocess.TimeoutExpired as late:
            code, output = "timeout", (late.stdout or b"").decode(errors="replace")
        except OSError as missing:
            code, output = "not built", str(missing)
        cases = []
        if report.exists():
            for suite in json.loads(report.read_text())["testsuites"]:
                cases += [(f"{name}: {suite['name']}.{case['name']}", case) for case in suite["testsuite"]]
        return name, code, output, cases, time.monotonic() - started

    def gtest_result(self, name, code, output, cases, seconds):
        bad = 0
        for title, case in cases:
            texts = [failure["failure"] for failure in case.get("failures", [])]
            ran = case.get("status") == "RUN" and case.get("result") == "COMPLETED"
            if not ran:
                texts.append(f"not run: {case.get('status')} {case.get('result')}")
            bad += bool(texts)
            self.tally.add(title, not texts, "\n".join(texts))
        if code != 0 and (not bad or code == "timeout"):  # it crashed, leaked or hung outside a failed expectation
            bad += 1
            self.tally.add(f"{name}: ended with {code}", False, output)
        elif not cases:
            self.tally.add(f"{name}: ran no case", False, output)
        say(f"  {name:<32} {len(cases):4} cases {seconds:6.1f} s{'  FAILED' if bad else ''}")

    def pytest(self, *folders):
        for empty in [f for f in folders if not list((ROOT / f).rglob("test_*.py"))]:
            self.tally.add(f"{empty}: no test found", False)
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            select = ["-k", " or ".join(self.options.only)] if self.options.only else []
            done = subprocess.run([self.python, "-m", "pytest", "-q", "-ra", "--tb=short", "-p", "no:cacheprovider",
                                   f"--junitxml={report}", "--durations=5", *select, *folders], cwd=ROOT, env=self.environment())
            cases = list(xml.parse(report).getroot().iter("testcase")) if report.exists() else []
        failed = 0
        for case in cases:
            fault = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
            failed += bool(fault)
            self.tally.add(f"{case.get('classname')}.{case.get('name')}" + (f" ({fault[0]})" if fault else ""), not fault)
        if done.returncode != 0 and not failed:
            self.tally.add(f"pytest {' '.join(folders)} ended with {done.returncode}", False)

    def stage(self, name):
        if name == "lint":
            return self.lint()
        if name == "build":
            return self.build_all()
        if name == "optimized":
            return self.optimized()
        if name in ("unit", "component"):
            return self.gtest(name)
        if name == "python":
            return self.pytest("tests/unit", "tests/arch")
        return self.pytest(f"tests/{name}")

    def all(self):
        started = time.monotonic()
        times = []
        for name in self.options.stages:
            say(f"\n== {name}")
            began, before = time.monotonic(), (self.tally.passed, self.tally.failed)
            good = self.stage(name)
            times.append((name, self.tally.passed - before[0], self.tally.failed - before[1], time.monotonic() - began))
            if good is False:
                break
        say("\n== summary")
        for name, passed, failed, seconds in times:
            say(f"  {name:<10} {passed:5} passed {failed:4} failed {seconds:7.1f} s")
        say(f"  {'all':<10} {'':24} {time.monotonic() - started:7.1f} s")
        for name in self.tally.names:
            say(f"  FAILED {name}")
        say(f"{self.tally.passed} passed, {self.tally.failed} failed")
        return 1 if self.tally.failed or not self.tally.passed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=STAGES)
    parser.add_argument("--only", nargs="+", help="GoogleTest binaries whose name has one of these words; for pytest, -k")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--build", help="build folder (default: build/debug)")
    parser.add_argument("--full", action="store_true", help="20 kills per target instead of 5, 10,000 leads instead of 2,000")
    parser.add_argument("--no-build", action="store_true", help="test what is built")
    options = parser.parse_args()
    if options.no_build:
        options.stages = [stage for stage in options.stages if stage != "build"]
    elif options.stages != ["lint"] and options.stages != STAGES and not {"build", "lint"} & set(options.stages):
        options.stages = ["build", *options.stages]
    return Run(options).all()


if __name__ == "__main__":
    sys.exit(main())
