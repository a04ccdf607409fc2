"""A class: folders, archives and lists, each submission with a name of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs_lib.grading import intake

from .made import TEXT, tarred, written, zipped


class TestAClass:
    def test_folders_and_archives_by_name(self, tmp_path):
        written(tmp_path, {"bob/affine.py": TEXT, ".hidden/affine.py": TEXT, "notes.txt": "", "zoe/README": ""})
        zipped(tmp_path / "ada.zip", {"affine.py": TEXT})
        tarred(tmp_path / "cyd.tar.gz", [("affine.py", TEXT.encode())], "w:gz")
        (tmp_path / "dan").symlink_to(tmp_path / "bob")
        found = {one.name: one.refused for one in intake.submissions(tmp_path)}
        assert list(found) == ["ada", "bob", "cyd", "dan", "zoe"]
        assert [name for name, reason in found.items() if reason] == ["dan", "zoe"]

    @pytest.mark.parametrize(
        "name", ["a b", "ä", "..", "a/b", "con:1", "%2E", "\udcff", "<script>", "a\nb", "x" * 300, "ü" * 120, "a'b\"c"]
    )
    def test_a_name_is_a_folder_that_no_file_system_minds(self, tmp_path, name):
        folder = intake.Submission(name).folder_name
        assert folder.isascii()
        assert not folder.startswith(".")
        assert not set(folder) & set('/\\:*?"<>|\n')
        (tmp_path / folder).mkdir()
        assert len(folder) < 200

    def test_names_that_differ_have_folders_that_differ(self):
        names = ["a", "a%", "a%25", ".a", "%2Ea", "x" * 300, "x" * 301, "a b", "a+b", "\udcff", "%FF"]
        assert len({intake.Submission(name).folder_name for name in names}) == len(names)

    def test_names_that_are_the_same_are_refused(self, tmp_path):
        written(tmp_path, {"ada/affine.py": TEXT})
        zipped(tmp_path / "ada.zip", {"affine.py": TEXT})
        with pytest.raises(ValueError, match="names that differ, got 'ada'"):
            intake.places(tmp_path)
        (tmp_path / "ada.zip").rename(tmp_path / "Ada.zip")
        with pytest.raises(ValueError, match="names that differ"):
            intake.places(tmp_path)

    def test_a_list_of_places(self, tmp_path):
        written(tmp_path, {"x/affine.py": TEXT})
        zipped(tmp_path / "y.zip", {"affine.py": TEXT})
        place = tmp_path / "class.csv"
        place.write_text(f"\ufeffsubmission,url\nada,x\nbob,file://{tmp_path}/y.zip\ncyd,nowhere\n", encoding="utf-8")
        found = {one.name: one.refused for one in intake.submissions(place)}
        assert found == {"ada": "", "bob": "", "cyd": "there is no nowhere"}

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("name,place\na,b\n", "must have the columns submission and url, got name, place"),
            ("submission,url\na,https://example.com/a\n", "url must be a local path, got 'https://example.com/a'"),
            ("submission,url\na,x\na,y\n", "names that differ, got 'a'"),
            ("submission,url\n,x\n", "names that differ, got ''"),
        ],
    )
    def test_a_list_that_cannot_be_used(self, tmp_path, text, says):
        (tmp_path / "class.csv").write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=says):
            intake.places(tmp_path / "class.csv")

    def test_no_such_class(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="SUBMISSIONS must be a folder or a CSV file"):
            intake.places(Path(tmp_path, "nowhere"))
