"""What is refused with a reason: links, climbing paths, devices, too much of anything, no archive at all."""

from __future__ import annotations

import os
import socket
import stat
import tarfile
import zipfile

import pytest

from labs_lib.grading.intake.limits import BYTES_AT_MOST, FILES_AT_MOST, MODULE_AT_MOST

from .made import OTHER, TEXT, refused, special, taken, tarred, written, zipped


class TestWhatIsRefused:
    def test_nothing_to_grade(self, tmp_path):
        assert "none of the modules" in refused(written(tmp_path / "a", {"readme.txt": "hello"}))
        assert "none of the modules" in refused(zipped(tmp_path / "a.zip", {}))
        assert "none of the modules" in refused(
            zipped(tmp_path / "b.zip", {"Affine.py": TEXT, "labs_lib/affine.PY": TEXT})
        )
        assert "there is no" in refused(tmp_path / "nowhere")

    def test_links(self, tmp_path):
        secret = written(tmp_path / "secret", {"affine.py": TEXT})
        (tmp_path / "whole").symlink_to(secret)
        assert "link" in refused(tmp_path / "whole")
        folder = written(tmp_path / "a", {"labs_lib/layers.py": OTHER})
        (folder / "labs_lib" / "affine.py").symlink_to(secret / "affine.py")
        assert "link" in refused(folder)
        folder = written(tmp_path / "b", {"layers.py": OTHER})
        (folder / "labs_lib").symlink_to(secret)
        assert "link" in refused(folder)
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            for target in ("/etc/passwd", "layers.py", "../../x"):
                link = special("labs_lib/affine.py", kind, target)
                assert "link" in refused(tarred(tmp_path / "a.tar", [(link, None), ("layers.py", b"")]))
        info = zipfile.ZipInfo("labs_lib/affine.py")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        assert "link" in refused(zipped(tmp_path / "a.zip", {info: "/etc/passwd", "layers.py": OTHER}))

    @pytest.mark.parametrize(
        "name",
        [
            "/labs_lib/affine.py",
            "../affine.py",
            "a/../../affine.py",
            "..\\affine.py",
            "C:\\labs_lib\\affine.py",
            "\\\\host\\affine.py",
        ],
    )
    def test_paths_that_lead_out(self, tmp_path, name):
        assert "leads out of it" in refused(zipped(tmp_path / "a.zip", {name: TEXT, "layers.py": OTHER}))
        assert "leads out of it" in refused(tarred(tmp_path / "a.tar", [(name, b""), ("layers.py", b"")]))

    def test_devices_and_pipes(self, tmp_path):
        for kind in (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
            assert "no file" in refused(tarred(tmp_path / "a.tar", [(special("affine.py", kind), None)]))
        folder = written(tmp_path / "a", {"layers.py": OTHER})
        os.mkfifo(folder / "affine.py")
        assert "no file" in refused(folder)
        folder = written(tmp_path / "b", {"layers.py": OTHER})
        with socket.socket(socket.AF_UNIX) as listener, pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            listener.bind("s")
            assert "no file" in refused(folder)
        info = zipfile.ZipInfo("affine.py")
        info.external_attr = (stat.S_IFCHR | 0o666) << 16
        assert "no file" in refused(zipped(tmp_path / "a.zip", {info: "", "layers.py": OTHER}))

    @pytest.mark.slow
    def test_a_thousand_files_and_no_more(self, tmp_path):
        files = {f"notes/{number}.txt": "" for number in range(FILES_AT_MOST - 2)}
        assert taken(zipped(tmp_path / "a.zip", {**files, "affine.py": TEXT})) == {"affine.py": TEXT}
        more = {**files, "affine.py": TEXT, "b": "", "c": ""}
        assert "more than 1,000 files" in refused(zipped(tmp_path / "b.zip", more))
        assert "more than 1,000 files" in refused(tarred(tmp_path / "b.tar", [(name, b"") for name in more]))
        assert "more than 1,000 files" in refused(written(tmp_path / "b", more))

    @pytest.mark.slow
    def test_twenty_megabytes_and_no_more(self, tmp_path):
        for extra, fits in ((-100, True), (1, False)):
            files = {"affine.py": TEXT, "weights.bin": bytes(BYTES_AT_MOST + extra)}
            path = zipped(tmp_path / "a.zip", files)
            assert taken(path) if fits else "more than 20 MB" in refused(path)
        folder = written(tmp_path / "a", {"affine.py": TEXT, "large.py": b"", "weights.bin": b""})
        os.truncate(folder / "weights.bin", BYTES_AT_MOST + 1)
        assert taken(folder) == {"affine.py": TEXT}  # a clone brings its models along
        os.truncate(folder / "large.py", BYTES_AT_MOST + 1)
        assert "more than 20 MB" in refused(folder)
        info = tarfile.TarInfo("weights.bin")
        info.size = BYTES_AT_MOST + 1
        path = tarred(tmp_path / "b.tar", [("affine.py", b"")])
        path.write_bytes(path.read_bytes()[:512] + info.tobuf())
        assert "more than 20 MB" in refused(path)

    def test_modules_that_are_too_long(self, tmp_path):
        long = MODULE_AT_MOST * "#" + "\n"
        for path in (written(tmp_path / "a", {"affine.py": long}), zipped(tmp_path / "a.zip", {"affine.py": long})):
            assert "affine.py is larger than 128 kB" in refused(path)
        assert "larger than 128 kB" in refused(tarred(tmp_path / "a.tar", [("affine.py", long.encode())]))

    def test_folders_without_end(self, tmp_path):
        assert "nested" in refused(zipped(tmp_path / "a.zip", {40 * "a/" + "b": "", "affine.py": TEXT}))

    @pytest.mark.parametrize(
        "data", [b"", b"PK", b"PK\x05\x06" + bytes(18), b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00", b"hello", 600 * b"x"]
    )
    def test_what_is_no_archive(self, tmp_path, data):
        for name in ("a.zip", "a.tar", "a.tar.gz"):
            (tmp_path / name).write_bytes(data)
            assert refused(tmp_path / name)
