"""The report on a replacement: what it counts, and what it prints."""

from __future__ import annotations

import pytest
from torch import nn
from torch.nn.utils import parametrizations

from labs_lib.replacement import ReplacementReport, names_of, naming, shared_weights


class Twice(nn.Module):
    """One block in two places."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 4))
        self.again = self.block


def tied() -> nn.Sequential:
    model = nn.Sequential(nn.Embedding(7, 4), nn.Linear(4, 4), nn.Linear(4, 7, bias=False))
    model[2].weight = model[0].weight
    return model


def test_an_empty_report_is_all_zeros() -> None:
    report = ReplacementReport()
    assert report.share == 0.0
    assert str(report).splitlines() == [
        "replaced         0 names             0 weights",
        "excluded         0 names             0 weights",
        "tied             0 names             0 weights",
        "unsupported      0 names             0 weights",
        "the rest                             0 weights, in none of these lists",
        "0.0 % of 0 parameters quantized",
    ]


def test_each_line_counts_names_and_weights() -> None:
    report = ReplacementReport(["a", "b"], ["c"], [], ["d"], {"a": 12_000, "c": 500, "d": 40}, 20_000)
    lines = str(report).splitlines()
    assert lines[0] == "replaced         2 names        12,000 weights"
    assert lines[1] == "excluded         1 names           500 weights"
    assert lines[3] == "unsupported      1 names            40 weights"
    assert lines[4].split()[:4] == ["the", "rest", "7,460", "weights,"]
    assert lines[5] == "60.0 % of 20,000 parameters quantized"
    assert report.share == 0.6


def test_the_lines_are_one_table() -> None:
    """The numbers stand under each other whatever their length."""
    small = ReplacementReport(["a"], sizes={"a": 1}, total=1)
    large = ReplacementReport([f"layer.{n}" for n in range(1234)], sizes={"layer.0": 123_456_789}, total=987_654_321)
    for report in (small, large):
        ends = {line.index(" weights") for line in str(report).splitlines()[:5]}
        assert len(ends) == 1


def test_sizes_and_total_of_a_model() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.Sequential(nn.Linear(3, 2, bias=False)))
    report = ReplacementReport.of(model)
    assert report.sizes == {"0": 12, "2.0": 6}
    assert report.total == 12 + 3 + 6 + 6
    assert (report.replaced, report.excluded, report.tied, report.unsupported) == ([], [], [], [])


def test_a_shared_layer_counts_at_its_first_name() -> None:
    report = ReplacementReport.of(Twice())
    assert report.sizes == {"block.0": 20, "block.1": 20}
    assert report.total == 20 + 5 + 20 + 4
    report.replaced += ["block.0", "block.1", "again.0", "again.1"]
    assert report.share == 40 / 49
    assert "4 names" in str(report) and "the rest                             9 weights" in str(report)


def test_a_tied_weight_counts_once() -> None:
    report = ReplacementReport.of(tied())
    report.tied.append("2")
    assert report.sizes == {"1": 16, "2": 28}
    assert report.total == 28 + 16 + 4  # the head's weight is the embedding's
    assert "the rest                            20 weights" in str(report)


def test_a_weight_of_two_linear_layers_counts_at_the_first() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2, bias=False))
    model[1].weight = model[0].weight
    report = ReplacementReport.of(model)
    assert report.sizes == {"0": 16, "1": 0, "2": 8}
    report.replaced, report.tied = ["2"], ["0", "1"]
    assert "the rest                             8 weights" in str(report)  # two biases


def test_computed_weights_are_counted_one_by_one() -> None:
    """Each of them is a new tensor whenever it is read, perhaps with the id of the one before."""
    model = nn.Sequential(*(parametrizations.weight_norm(nn.Linear(4, 4)) for _ in range(20)))
    assert set(ReplacementReport.of(model).sizes.values()) == {16}


def test_names_of_a_shared_module_stand_together() -> None:
    model = Twice()
    assert names_of(nn.Linear, model) == [["block.0", "again.0"], ["block.1", "again.1"]]
    assert names_of(nn.Sequential, model) == [["block", "again"]]
    assert names_of(nn.Conv2d, model) == []


def test_names_of_a_bare_layer() -> None:
    assert names_of(nn.Linear, nn.Linear(2, 2)) == [[""]]


def test_a_shared_module_has_no_shared_weight() -> None:
    model = tied()
    assert shared_weights(model) == {id(model[0].weight)}
    assert shared_weights(Twice()) == set()


def test_a_parameter_that_stands_in_the_model_itself_can_be_shared() -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    model.register_parameter("own", model[0].weight)
    assert shared_weights(model) == {id(model[0].weight)}


def test_naming_adds_the_name_to_an_error_and_nothing_else() -> None:
    with pytest.raises(ValueError, match="not finite") as caught, naming("encoder.3"):
        raise ValueError("not finite")
    assert caught.value.__notes__ == ["This happened while the layer 'encoder.3' was being replaced."]
    with naming("encoder.3"):
        pass
