"""The stored form of a notebook: the same content gives the same bytes, and nothing of a session stays in it."""

import base64
import io
import json

import pytest
from matplotlib.figure import Figure

from labs_lib.course.nb import normalise
from tests.notebooks.fixtures.books import HEALTHY
from tests.notebooks.fixtures.building import book, code, figure, printed, value


def changed(text, change):
    raw = json.loads(text)
    change(raw)
    return json.dumps(raw)


def without_ids(raw):
    raw["nbformat_minor"] = 4
    for cell in raw["cells"]:
        del cell["id"]


def add_a_session(raw):
    raw["metadata"] = {
        "kernelspec": {"name": "conda-env-mine-py", "display_name": "mine", "language": "python"},
        "language_info": {"name": "python", "version": "3.11.9"},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
    }
    for cell in raw["cells"]:
        cell["metadata"] |= {"execution": {"iopub.status.busy": "2026-01-01"}, "scrolled": True, "trusted": True}
        if not cell["metadata"].get("tags"):
            cell["metadata"]["tags"] = []


def test_normalising_is_idempotent():
    assert normalise.normalised(HEALTHY) == HEALTHY


def test_what_a_session_leaves_is_taken_out():
    assert normalise.normalised(changed(HEALTHY, add_a_session)) == HEALTHY


def test_layout_is_fixed():
    assert HEALTHY.startswith('{\n "cells": [\n  {\n   "cell_type": "code",')
    assert HEALTHY.endswith("}\n")
    assert not HEALTHY.endswith("\n\n")
    assert "\r" not in HEALTHY


def test_ids_are_kept():
    ids = [cell.id for cell in normalise.loads(HEALTHY).cells]
    assert ids == [f"cell-{number}" for number in range(1, len(ids) + 1)]


def test_missing_ids_are_made_the_same_way_each_time():
    text = changed(book(code("x = 1"), code("x = 1"), code("y = 2")), without_ids)
    first, second = normalise.normalised(text), normalise.normalised(text)
    ids = [cell.id for cell in normalise.loads(first).cells]
    assert first == second
    assert len(set(ids)) == 3


def test_an_id_made_from_a_source_survives_a_new_cell_above():
    before = changed(book(code("x = 1")), without_ids)
    after = changed(book(code("new = 0"), code("x = 1")), without_ids)
    assert normalise.loads(after).cells[1].id == normalise.loads(before).cells[0].id


def test_an_id_that_is_taken_is_replaced():
    def copy_a_cell(raw):
        raw["cells"][1]["id"] = raw["cells"][0]["id"]

    cells = normalise.loads(changed(HEALTHY, copy_a_cell)).cells
    assert cells[0].id == "cell-1"
    assert len({cell.id for cell in cells}) == len(cells)


def test_live_widgets_go_and_their_picture_stays():
    live = figure(**{"application/vnd.jupyter.widget-view+json": '{"model_id": "1"}'})
    assert book(code("x", live)) == book(code("x", figure()))


def test_pieces_of_one_stream_are_joined():
    pieces = book(code("x", printed("a\n"), printed("b\n"), value("7"), printed("c\n")))
    assert pieces == book(code("x", printed("a\nb\n"), value("7"), printed("c\n")))
    assert pieces != book(code("x", printed("a\nb\nc\n"), value("7")))


def test_streams_of_two_kinds_are_not_joined():
    outputs = normalise.loads(book(code("x", printed("a"), printed("b", "stderr")))).cells[0].outputs
    assert [output.text for output in outputs] == ["a", "b"]


def png(**metadata):
    file = io.BytesIO()
    drawing = Figure(figsize=(1, 1))
    drawing.add_subplot().plot([1, 2])
    drawing.savefig(file, format="png", metadata=metadata)
    return base64.b64encode(file.getvalue()).decode()


def test_a_picture_says_nothing_of_who_made_it_when():
    one = png(Software="Matplotlib 3.1", **{"Creation Time": "today"})
    two = png(Software="Matplotlib 4.2")
    assert one != two
    stored = [normalise.loads(book(code("x", figure(**{"image/png": each})))) for each in (one, two)]
    assert stored[0] == stored[1]
    data = base64.b64decode(stored[0].cells[0].outputs[0].data["image/png"])
    assert b"Matplotlib" not in data
    assert data.endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize("text", ["[]", '{"cells": []}', '{"nbformat": 3, "cells": []}', '{"nbformat": 4}'])
def test_what_is_no_notebook_is_refused(text):
    with pytest.raises(ValueError, match="not a notebook of format 4"):
        normalise.loads(text)
