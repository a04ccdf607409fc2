"""Submissions of every form, and what the intake says of them."""

from __future__ import annotations

import io
import tarfile
import zipfile

from labs_lib.grading import intake

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
