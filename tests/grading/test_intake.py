"""From what was handed in to the learner's modules: taken as text, refused with a reason, never unpacked or run."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import socket
import stat
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from labs_lib.grading import intake
from labs_lib.grading.intake.limits import ARCHIVE_AT_MOST, BYTES_AT_MOST, FILES_AT_MOST, MODULE_AT_MOST

TEXT = "print('affine')\n"
OTHER = "print('layers')\n"


def take(path):
    return intake.take("ada", path)


def taken(path):
    submission = take(path)
    assert not submission.refused
    return dict(submission.texts)


def refused(path):
    submission = take(path)
    assert not submission.texts
    assert submission.refused
    return submission.refused


def written(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def zipped(path, files, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as file:
        for name, text in files.items():
            file.writestr(name, text)
    return path


def tarred(path, members, mode="w"):
    """Members are names with bytes, or TarInfo objects."""
    with tarfile.open(path, mode) as file:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if data is not None:
                info.size = len(data)
            file.addfile(info, None if data is None else io.BytesIO(data))
    return path


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


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


class TestRepositories:
    @pytest.fixture
    def git(self, tmp_path):
        if shutil.which("git") is None:
            pytest.skip("git is not installed")
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
        environment |= {
            f"GIT_{who}_{what}": "ada@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }

        def run(*arguments, **options):
            command = ["git", "-c", "init.defaultBranch=main", *map(str, arguments)]
            return subprocess.run(command, env=environment, check=True, capture_output=True, **options).stdout

        return run

    @pytest.fixture
    def bare(self, git, tmp_path):
        """A bare repository with one commit."""
        work = written(tmp_path / "work", {"labs_lib/affine.py": TEXT, "README.md": ""})
        git("init", "-q", work)
        git("-C", work, "add", "-A")
        git("-C", work, "commit", "-qm", "done")
        git("clone", "-q", "--bare", work, tmp_path / "bare.git")
        return tmp_path / "bare.git"

    def test_the_head_of_a_bare_one(self, git, bare):
        assert taken(bare) == {"affine.py": TEXT}
        git("-C", bare, "pack-refs", "--all")
        git("-C", bare, "gc", "-q")
        assert taken(bare) == {"affine.py": TEXT}
        commit = git("-C", bare, "rev-parse", "HEAD").decode()
        (bare / "HEAD").write_text(commit)
        assert taken(bare) == {"affine.py": TEXT}

    @pytest.mark.parametrize(
        "head", ["", "ref: ../../secret", "ref: refs/heads/none", "ref: refs/heads/../../config", "--help", "HEAD~1"]
    )
    def test_a_head_that_leads_nowhere(self, bare, head):
        (bare / "HEAD").write_text(head)
        assert "HEAD" in refused(bare)

    def test_settings_start_no_program(self, bare, tmp_path):
        """A blob that is missing would be fetched, by a program that the repository's own settings name."""
        owned = tmp_path / "owned"
        blob = next(
            path
            for path in (bare / "objects").glob("??/*")
            if zlib.decompress(path.read_bytes()).startswith(b"blob 16")
        )
        blob.unlink()
        (bare / "config").write_text(
            f"""[core]
            repositoryformatversion = 1
            bare = true
            fsmonitor = touch {owned}
            sshCommand = touch {owned}
            pager = touch {owned}
            hooksPath = {tmp_path}
            [extensions]
            partialClone = origin
            [remote "origin"]
            url = {tmp_path}/work
            promisor = true
            uploadpack = touch {owned};
            """
        )
        assert "git cannot read 'labs_lib/affine.py'" in refused(bare)
        assert not owned.exists()

    def test_objects_of_somebody_else(self, bare, tmp_path):
        (bare / "objects" / "info" / "alternates").write_text(str(tmp_path / "work" / ".git" / "objects"))
        assert "borrows" in refused(bare)
        (bare / "objects" / "info" / "alternates").unlink()
        (bare / "objects" / "aa").symlink_to(tmp_path / "work" / ".git" / "objects")
        assert "borrows" in refused(bare)

    def test_links_and_other_repositories_inside(self, git, bare, tmp_path):
        work = tmp_path / "work"
        (work / "labs_lib" / "layers.py").symlink_to("/etc/passwd")
        git("-C", work, "add", "-A")
        git("-C", work, "commit", "-qm", "link")
        git("-C", work, "push", "-q", bare, "HEAD:main")
        assert "link" in refused(bare)
        git("-C", work, "rm", "-qf", "labs_lib/layers.py")
        commit = git("-C", work, "rev-parse", "HEAD").decode().strip()
        git("-C", work, "update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
        git("-C", work, "commit", "-qm", "sub")
        git("-C", work, "push", "-q", bare, "HEAD:main")
        assert "another repository" in refused(bare)

    @pytest.mark.slow
    def test_a_tree_bomb(self, git, bare):
        """Ten folders that are one, seven deep: ten million names in a few hundred bytes."""
        blob = git("-C", bare, "hash-object", "-w", "--stdin", input=b"x").decode().strip()
        tree = git("-C", bare, "mktree", input=f"100644 blob {blob}\tf\n".encode()).decode().strip()
        for _ in range(7):
            lines = "".join(f"040000 tree {tree}\t{number}\n" for number in range(10))
            tree = git("-C", bare, "mktree", input=lines.encode()).decode().strip()
        commit = git("-C", bare, "commit-tree", tree, "-m", "bomb").decode()
        (bare / "HEAD").write_text(commit)
        assert "more than 1,000 files" in refused(bare)


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
