"""The rules of the house that a machine can watch."""

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("bot", "handlers", "storage")
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core_utils"}
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MOST_LINES = 400


def test_there_is_something_to_watch() -> None:
    assert len(SOURCES) > 100


def test_every_file_says_why_it_exists() -> None:
    silent = [path for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_every_folder_with_code_is_a_package() -> None:
    assert [path.parent for path in SOURCES if not (path.parent / "__init__.py").exists()] == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [path for path in SOURCES if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_files_are_small() -> None:
    written = [path for path in SOURCES if path.parent.name != "versions"]  # those are generated, and as long as tables
    lengths = {path: len(path.read_text().splitlines()) for path in written}
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_nothing_catches_everything() -> None:
    broad = re.compile(r"^\s*except(\s+\(?(Base)?Exception\b.*)?:", re.MULTILINE)
    assert [path for path in SOURCES if broad.search(path.read_text())] == []


def test_imports_run_inward() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_generated_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    outdated = [path.name for path, text in generate.generated().items() if path.read_text() != text]
    assert outdated == [], "run `make docs`"


def test_the_readme_names_only_what_there_is() -> None:
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", readme, re.MULTILINE)) <= targets
    assert {"run", "test", "tour", "bench", "check", "lock"} <= targets
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", readme):
        assert (ROOT / link).exists(), link
    assert readme.index("make run") < readme.index("make test") < 400


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_every_decision_is_listed() -> None:
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text()
    pages = [page.name for page in (ROOT / "docs" / "decisions").glob("*.md") if page.name != "README.md"]
    assert [page for page in pages if f"({page})" not in listed] == []


def test_the_image_holds_the_program_and_nothing_else() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    allowed = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert sorted(copied) == sorted(allowed)
    assert set(PACKAGES) <= set(copied)


def test_the_dockerfile_is_clean() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_of_the_project_knows_the_machine_it_was_written_on() -> None:
    git = shutil.which("git")
    assert git is not None
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    foreign = re.compile(r"/(?:work|root)/|--extra-index-url|--find-links|--index-url")
    found = []
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix in {".ttf", ".otf", ".png"} or not path.is_file() or path == Path(__file__):
            continue
        if foreign.search(path.read_text(errors="replace")):
            found.append(name)
    assert found == []
