"""The archive of a version of the suite."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from validation.cli import main
from validation.suite import archive, cases, tables

SUITE = Path(cases.__file__).parents[1]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive.write(tmp_path_factory.mktemp("dist") / "new")


def content(path: Path) -> dict[str, bytes]:
    """The files by name, without the folder that they are all in."""
    with tarfile.open(path) as opened:
        files = {m.name: opened.extractfile(m) for m in opened.getmembers()}
        texts = {name: file.read() for name, file in files.items() if file}
    assert {name.split("/")[0] for name in texts} == {f"refmixed-suite-{cases.SUITE}"}
    return {name.split("/", 1)[1]: text for name, text in texts.items()}


def test_it_has_all_that_the_suite_is_made_of(written: Path) -> None:
    files = content(written)
    assert {"SPEC.md", "CHANGELOG.md", "LICENSE", "schema/message.json"} <= files.keys()
    assert {path.stem for path in (SUITE / "cases").glob("*.json")} == {
        Path(name).stem for name in files if name.startswith("cases/")
    }
    assert files["SPEC.md"] == (SUITE / "SPEC.md").read_bytes()
    for name in tables.sums():
        assert name in {Path(file).name for file in files}
    assert not any("__pycache__" in name or name.startswith("examples/course") for name in files)


def test_every_file_has_its_digest(written: Path) -> None:
    files = content(written)
    lines = files.pop("SHA256SUMS").decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sums == {name: hashlib.sha256(file).hexdigest() for name, file in files.items()}


def test_the_same_files_are_the_same_bytes(written: Path, tmp_path: Path) -> None:
    again = archive.write(tmp_path)
    assert again.read_bytes() == written.read_bytes()
    with tarfile.open(again) as opened:
        facts = {(m.mtime, m.uid, m.uname, m.mode) for m in opened.getmembers()}
    assert facts == {(0, 0, "", 0o644)}


def test_the_command_prints_the_digests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "--out", str(tmp_path)]) == 0
    path = tmp_path / f"refmixed-suite-{cases.SUITE}.tar.gz"
    assert capsys.readouterr().out.splitlines() == [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}",
        f"{cases.digest()}  its cases",
    ]


def test_outside_a_clone_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(archive, "ROOT", tmp_path)
    assert main(["archive", "--out", str(tmp_path / "dist")]) == 2
    captured = capsys.readouterr()
    assert "is made in a clone of refmixed" in captured.err
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "dist").exists()
