"""Archives that are more, or other, than they say."""

from __future__ import annotations

import gzip
import os
import struct
import tarfile
import zlib

import pytest

from labs_lib.grading.intake.limits import ARCHIVE_AT_MOST, MODULE_AT_MOST

from .made import TEXT, refused, take, taken, tarred, zipped


class TestBombs:
    @pytest.mark.slow
    def test_a_zip_of_zeros(self, tmp_path):
        path = zipped(tmp_path / "a.zip", {"affine.py": TEXT, "zeros": bytes(30 * 2**20)})
        assert path.stat().st_size < 2**16
        assert "more than 20 MB" in refused(path)

    @pytest.mark.slow
    def test_a_gzip_of_zeros(self, tmp_path):
        (tmp_path / "a.tar.gz").write_bytes(gzip.compress(bytes(2**25)))
        assert refused(tmp_path / "a.tar.gz")
        members = [("affine.py", TEXT.encode()), ("zeros", bytes(30 * 2**20))]
        assert "more than 20 MB" in refused(tarred(tmp_path / "b.tar.gz", members, "w:gz"))

    @pytest.mark.slow
    def test_a_gzip_that_goes_on_behind_the_archive(self, tmp_path):
        inner = tarred(tmp_path / "a.tar", [("affine.py", TEXT.encode())]).read_bytes()
        with gzip.open(tmp_path / "a.tar.gz", "wb") as file:
            file.write(inner)
            for _ in range(64):
                file.write(bytes(2**20))
        assert take(tmp_path / "a.tar.gz").refused or taken(tmp_path / "a.tar.gz") == {"affine.py": TEXT}

    def test_sizes_that_lie(self, tmp_path):
        """What is unpacked is cut at the size that was claimed, whatever is packed."""
        path = zipped(tmp_path / "a.zip", {"affine.py": MODULE_AT_MOST * 40 * "#"})
        data = path.read_bytes()
        true = struct.pack("<I", 40 * MODULE_AT_MOST)
        assert data.count(true) == 2
        path.write_bytes(data.replace(true, struct.pack("<I", 100)))
        assert refused(path)

    def test_entries_that_overlap(self, tmp_path):
        """Many names for the same packed bytes."""
        packed = zlib.compressobj(9, zlib.DEFLATED, -15)
        content = bytes(2**20)
        body = packed.compress(content) + packed.flush()
        fields = (20, 0, 8, 0, 0, zlib.crc32(content), len(body), len(content))
        name = b"affine.py"
        local = struct.pack("<4s5H3L2H", b"PK\3\4", *fields, len(name), 0) + name + body
        entries = b"".join(
            struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *fields, len(one), 0, 0, 0, 0, 0, 0) + one
            for one in [name, *(b"layer%02d.p" % number for number in range(30))]
        )
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 31, 31, len(entries), len(local), 0)
        (tmp_path / "a.zip").write_bytes(local + entries + end)
        assert "more than 20 MB" in refused(tmp_path / "a.zip")

    def test_an_archive_that_is_larger_than_what_it_may_hold(self, tmp_path):
        for name in ("a.zip", "a.tar"):
            (tmp_path / name).touch()
            os.truncate(tmp_path / name, ARCHIVE_AT_MOST + 1)
            assert "larger than 23 MB" in refused(tmp_path / name)

    def test_sizes_below_zero(self, tmp_path):
        info = tarfile.TarInfo("zeros")
        header = bytearray(info.tobuf())
        header[124:136] = b"\xff" * 12  # a size of -1, in base 256
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header[:512])
        path = tmp_path / "a.tar"
        path.write_bytes(bytes(header[:512]) + tarred(tmp_path / "b.tar", [("affine.py", TEXT.encode())]).read_bytes())
        assert refused(path)

    def test_encrypted(self, tmp_path):
        path = zipped(tmp_path / "a.zip", {"affine.py": TEXT})
        data = bytearray(path.read_bytes())
        data[6] |= 1
        data[data.index(b"PK\1\2") + 8] |= 1
        path.write_bytes(data)
        assert "encrypted" in refused(path)

    def test_an_unknown_compression(self, tmp_path):
        path = zipped(tmp_path / "a.zip", {"affine.py": TEXT})
        data = bytearray(path.read_bytes())
        data[8] = data[data.index(b"PK\1\2") + 10] = 99
        path.write_bytes(data)
        assert refused(path)

    @pytest.mark.slow
    def test_damaged_in_any_byte(self, tmp_path):
        """A class goes on, whatever a file holds."""
        whole = {
            "a.zip": zipped(tmp_path / "whole.zip", {"affine.py": TEXT, "b": "b"}).read_bytes(),
            "a.tgz": tarred(tmp_path / "whole.tgz", [("affine.py", TEXT.encode())], "w:gz").read_bytes(),
        }
        for name, data in whole.items():
            path = tmp_path / name
            for place in range(len(data)):
                path.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
                submission = take(path)
                assert bool(submission.refused) != bool(submission.texts)
