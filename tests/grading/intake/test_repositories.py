"""Bare git repositories, of which no setting, link or borrowed object comes to life."""

from __future__ import annotations

import os
import shutil
import subprocess
import zlib

import pytest

from .made import TEXT, refused, taken, written


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
