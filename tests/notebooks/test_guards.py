"""Every guard of the nbval run rejects the notebook made for it, for the reason named; a healthy one passes."""

import pytest

from labs_lib.course.nb import guards
from tests.notebooks.fixtures.books import BOTH_RUNS, FALLBACK, HEALTHY, PRODUCED, STORED
from tests.notebooks.running import run_nbval

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def solutions_run(tmp_path_factory):
    broken = {name: row.text for name, row in (STORED | PRODUCED).items()}
    books = {"healthy": HEALTHY, "both_runs": BOTH_RUNS, **broken}
    return run_nbval(tmp_path_factory.mktemp("solutions"), books)


@pytest.fixture(scope="module")
def fallback_run(tmp_path_factory):
    books = {name: row.text for name, row in FALLBACK.items()}
    return run_nbval(tmp_path_factory.mktemp("fallback"), {"both_runs": BOTH_RUNS, **books}, LABS_NBVAL="fallback")


def items(run, notebook):
    return {item: result for (name, item), result in run.items() if name == notebook}


def assert_fails(run, name, row):
    outcomes = items(run, name)
    result = outcomes[row.item]
    assert result.outcome == "failure", outcomes
    assert row.reason in result.said
    order = list(outcomes)
    assert all(outcomes[item].outcome == "passed" for item in order[: order.index(row.item)])
    for item in order[order.index(row.item) + 1 :]:
        assert outcomes[item].outcome == "skipped"
        assert f"{row.item} failed, the rest of {name}.ipynb is not run" in outcomes[item].said


@pytest.mark.parametrize("name", ["healthy", "both_runs"])
def test_a_healthy_notebook_passes(solutions_run, name):
    outcomes = items(solutions_run, name)
    assert len(outcomes) > 4
    assert {result.outcome for result in outcomes.values()} == {"passed"}, outcomes


@pytest.mark.parametrize("name", STORED | PRODUCED)
def test_a_broken_notebook_fails_for_its_reason(solutions_run, name):
    assert_fails(solutions_run, name, (STORED | PRODUCED)[name])


def test_what_follows_a_failure_is_skipped(solutions_run):
    outcomes = [result.outcome for result in items(solutions_run, "raised").values()]
    assert outcomes == ["passed", "passed", "failure", "skipped", "skipped"]


def test_a_dead_kernel_is_noticed_in_seconds(solutions_run):
    assert solutions_run["kernel_dies", "cell 1"].seconds < 30  # the cell may take 120


def test_untouched_stubs_pass_the_fallback_run(fallback_run):
    outcomes = items(fallback_run, "both_runs")
    assert {result.outcome for result in outcomes.values()} == {"passed"}, outcomes


@pytest.mark.parametrize("name", FALLBACK)
def test_the_fallback_run_allows_nothing_else(fallback_run, name):
    assert_fails(fallback_run, name, FALLBACK[name])


@pytest.mark.parametrize("name", STORED)
def test_the_stored_form_alone_says_so_too(tmp_path, name):
    path = tmp_path / "book.ipynb"
    path.write_text(STORED[name].text, encoding="utf-8")
    assert any(STORED[name].reason in problem for problem in guards.stored_problems(path))


def test_the_stored_form_of_healthy_notebooks_has_no_problem(tmp_path):
    for name, text in {"healthy": HEALTHY, **{name: row.text for name, row in PRODUCED.items()}}.items():
        path = tmp_path / f"{name}.ipynb"
        path.write_text(text, encoding="utf-8")
        assert guards.stored_problems(path) == []
