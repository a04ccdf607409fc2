"""Rendering stores what a fresh run shows, or nothing at all."""

import os
import signal
import subprocess
import sys

import pytest

from labs_lib.course.nb import files, guards, normalise, render
from labs_lib.course.root import ROOT
from tests.notebooks.fixtures.building import SHOW, book, code, error, outputs_of

pytestmark = pytest.mark.slow

WIDGET = "application/vnd.jupyter.widget-view+json"
RAISES = {"tags": ["raises-exception"], "raises": "ValueError"}

LIVELY = book(
    code(SHOW),
    code("import os\nprint(os.environ['LABS_MODE'], os.environ['MPLBACKEND'])"),
    code("print('a', flush=True)\nprint('b')\nshow()\nprint('c')"),
    code("from labs_lib.course.checked import bits\nbits(99)", error("TypeError", "old"), **RAISES),
    code(f"import ipywidgets\nshow(**{{'{WIDGET}': ipywidgets.IntSlider().get_view_spec()}})"),
    code(" "),
    counts=[None, 7, 7, 7, None, None],
)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    path = tmp_path_factory.mktemp("rendered") / "lively.ipynb"
    path.write_text(LIVELY, encoding="utf-8")
    texts = []
    for _ in range(2):
        render.render([path], progress=False)
        texts.append(path.read_text(encoding="utf-8"))
    return path, texts


def test_rendering_twice_gives_the_same_file(rendered):
    _, (first, second) = rendered
    assert first == second


def test_what_is_rendered_can_be_proven(rendered):
    path, _ = rendered
    assert guards.stored_problems(path) == []


def test_it_runs_as_the_reference_in_the_fixed_environment(rendered):
    path, _ = rendered
    assert outputs_of(path)[1][0].text == "solutions agg\n"


def test_outputs_keep_their_order_and_streams_are_whole(rendered):
    path, _ = rendered
    first, shown, last = outputs_of(path)[2]
    assert (first.text, list(shown.data), last.text) == ("a\nb\n", ["image/png", "text/plain"], "c\n")


def test_a_traceback_holds_no_folder_of_this_machine(rendered):
    path, _ = rendered
    (raised,) = outputs_of(path)[3]
    assert raised.ename == "ValueError"
    assert "labs_lib/course/checked/tensors.py" in "\n".join(raised.traceback)
    assert str(ROOT) not in path.read_text(encoding="utf-8")
    assert "\\u001b" not in path.read_text(encoding="utf-8")


def test_a_widget_leaves_its_picture_and_its_words(rendered):
    path, _ = rendered
    (shown,) = outputs_of(path)[4]
    assert sorted(shown.data) == ["image/png", "text/plain"]
    assert "widgets" not in normalise.load(path).metadata


WARN = "import warnings\nwarnings.warn('too wide')"

BAD = {
    "raises": (code("x = 1\n1 / 0"), r"[\s\S]*ZeroDivisionError: division by zero"),
    "warns": (code(WARN), r"wrote to stderr: .*UserWarning: too wide"),
    "raises_another": (code("{}[1]", **RAISES), "ValueError should come, and KeyError came"),
    "does_not_raise": (code("x = 1", **RAISES), "ValueError should come, and no exception came"),
    "names_a_folder": (code("import labs_lib\nprint(labs_lib.__file__)"), "an output names a folder of this machine"),
    "kills_its_kernel": (code("import os\nos._exit(0)"), "Kernel died"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_cell_is_named_and_the_file_stays(tmp_path, name):
    cell, message = BAD[name]
    path = tmp_path / "bad.ipynb"
    path.write_text(book(code("print('first')"), cell), encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(render.RenderError, match=rf"^bad\.ipynb, cell 2: {message}"):
        render.render([path], progress=False)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["bad.ipynb"]


def test_a_missing_notebook_is_named(tmp_path):
    with pytest.raises(render.RenderError, match=r"none\.ipynb: there is no such notebook"):
        render.render([tmp_path / "none.ipynb"])


def test_ctrl_c_leaves_the_file_whole(tmp_path):
    path = tmp_path / "long.ipynb"
    wait = "import os, signal, threading\nos.kill(os.getppid(), signal.SIGINT)\nthreading.Event().wait()"
    path.write_text(book(code(wait)), encoding="utf-8")
    before = path.read_bytes()
    program = "import sys, pathlib; from labs_lib.course.nb.render import render; render([pathlib.Path(sys.argv[1])])"
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode in (-signal.SIGINT, 130)
    assert "KeyboardInterrupt" in done.stderr
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["long.ipynb"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        files.write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]
