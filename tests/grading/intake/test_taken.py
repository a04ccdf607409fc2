"""What is taken: the learner's modules as text, wherever they lie, and nothing else."""

from __future__ import annotations

import pytest

from .made import OTHER, TEXT, take, taken, tarred, written, zipped


class TestWhatIsTaken:
    @pytest.mark.parametrize(
        "files",
        [
            {"labs_lib/affine.py": TEXT, "labs_lib/layers.py": OTHER},
            {"affine.py": TEXT, "layers.py": OTHER},
            {
                "course-main/labs_lib/affine.py": TEXT,
                "course-main/labs_lib/layers.py": OTHER,
                "course-main/README.md": "",
            },
            {"a/b/c/labs_lib/affine.py": TEXT, "a/b/c/labs_lib/layers.py": OTHER},
            {"labs_lib/affine.py": TEXT, "labs_lib/layers.py": OTHER, "old/labs_lib/affine.py": "old"},
            {"labs_lib/affine.py": TEXT, "labs_lib/layers.py": OTHER, "affine.py": "old", "backup/affine.py": "old"},
        ],
        ids=["the folder", "bare files", "a top folder", "deep", "the shallowest counts", "labs_lib counts"],
    )
    def test_modules_are_found(self, tmp_path, files):
        right = {"affine.py": TEXT, "layers.py": OTHER}
        assert taken(written(tmp_path / "folder", files)) == right
        assert taken(zipped(tmp_path / "a.zip", files)) == right
        members = [(name, text.encode()) for name, text in files.items()]
        for ending, mode in ((".tar", "w"), (".tar.gz", "w:gz"), (".tar.bz2", "w:bz2"), (".tar.xz", "w:xz")):
            assert taken(tarred(tmp_path / f"a{ending}", members, mode)) == right
        dotted = [(f"./{name}", text) for name, text in members]
        assert taken(tarred(tmp_path / "dotted.tgz", dotted, "w:gz")) == right

    def test_of_a_whole_clone_only_the_modules(self, tmp_path):
        machinery = {
            "labs_lib/affine.py": TEXT,
            "labs_lib/course/engine.py": "import os; os._exit(0)",
            "labs_lib/grading/worker.py": "print('passed')",
            "tests/laws/test_03_laws.py": "",
            "solutions/affine.py": "print('mine')",
            "conftest.py": "raise SystemExit",
            ".git/config": "[core]\n\tfsmonitor = touch /tmp/owned",
            ".venv/lib/affine.py": 2**12 * "x",
            "notebooks/03.ipynb": "{}",
        }
        assert taken(written(tmp_path / "clone", machinery)) == {"affine.py": TEXT}
        assert taken(zipped(tmp_path / "clone.zip", machinery)) == {"affine.py": TEXT}

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"a\r\nb\rc\n", "a\nb\nc\n"),
            (b"\xef\xbb\xbfa\n", "a\n"),
            (b"", ""),
            ("é = 1\n".encode("latin-1"), "\udce9 = 1\n"),
            ("a".encode("utf-16"), "\udcff\udcfea\0"),
        ],
        ids=["line endings", "a byte order mark", "empty", "not UTF-8", "UTF-16"],
    )
    def test_bytes_become_text_as_python_reads_them(self, tmp_path, data, text):
        assert taken(written(tmp_path, {"affine.py": data})) == {"affine.py": text}

    def test_what_is_graded_has_an_id(self, tmp_path):
        one, two = (written(tmp_path / name, {"affine.py": TEXT, "README": name}) for name in "ab")
        assert take(one).source_id == take(two).source_id
        written(two, {"affine.py": TEXT + "\n"})
        assert take(one).source_id != take(two).source_id
