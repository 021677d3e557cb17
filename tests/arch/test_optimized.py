"""Part of the sources is compiled at -O2: a fault that shows there alone is found, and the part is what changed last."""

import importlib.util
import json
import subprocess
from pathlib import Path

import pytest

SPEC = importlib.util.spec_from_file_location("optimized", Path(__file__).resolve().parents[2] / "tools" / "optimized.py")
optimized = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(optimized)

SOUND = "int Twice(int number) { return 2 * number; }\n"
# Whether the value is set is asked only of optimized code.
FAULTY = "int Get(int a, int b) { int value; if (a > b) { value = a; } if (b > 0) { return value; } return 0; }"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.setattr(optimized, "ROOT", tmp_path)

    def git(*words):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words], cwd=tmp_path, check=True)

    def make(sources):
        preset = {"name": "release", "cacheVariables": {"CMAKE_CXX_FLAGS": "-O2 -g1"}}
        (tmp_path / "CMakePresets.json").write_text(json.dumps({"configurePresets": [preset]}))
        git("init", "-q")
        for name, text in sources.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
            git("add", ".")
            git("commit", "-qm", name)
        entries = [{"file": str(tmp_path / name), "command": f"g++ -O0 -g1 -fsanitize=address -Wall -Werror -o a.o -c {tmp_path / name}"}
                   for name in sources]
        (tmp_path / "compile_commands.json").write_text(json.dumps(entries))
        return tmp_path
    return make


def run(monkeypatch, build, *words):
    monkeypatch.setattr("sys.argv", ["optimized.py", "--build", str(build), *words])
    return optimized.main()


def test_a_fault_of_o2_is_found(tree, monkeypatch, capsys):
    build = tree({"libs/a.cpp": SOUND, "services/b.cpp": FAULTY})
    subprocess.run(["g++", "-O0", "-Wall", "-Werror", "-o", build / "a.o", "-c", build / "services/b.cpp"], check=True)
    assert run(monkeypatch, build) == 1
    assert "services/b.cpp: does not compile at -O2" in capsys.readouterr().out


def test_what_changed_last_comes_first(tree, monkeypatch, capsys):
    build = tree({"libs/a.cpp": FAULTY, "services/b.cpp": SOUND, "tests/c.cpp": FAULTY})
    assert run(monkeypatch, build, "--newest", "1", "--others", "0") == 0
    assert "1 of 2 sources compiled at -O2, 0 faults" in capsys.readouterr().out
    assert run(monkeypatch, build, "--newest", "1", "--others", "1") == 1
