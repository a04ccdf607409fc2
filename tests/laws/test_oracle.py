"""The oracle against exact arithmetic and against torch, so that the laws do not rest on one person's formula."""

from __future__ import annotations

import pytest
import torch

from labs_lib.course.laws import inputs

from . import oracle


@pytest.mark.parametrize("case", inputs.FINITE, ids=lambda case: case.__name__)
def test_codes_agree_with_exact_fractions(case):
    """Float64 division is exact enough for float32 numbers; ties come out as ties."""
    x = case(inputs.generator(5, case.__name__)).detach().flatten()[:40]
    scale, zero_point = oracle.some_parameters(x)
    exact = [oracle.exact_code(value, float(scale), int(zero_point)) for value in x.tolist()]
    assert oracle.codes(x, scale, zero_point).tolist() == exact


def test_ties_agree_with_exact_fractions():
    halves = torch.arange(-40, 40) + 0.5
    for zero_point in (0, 3, -8):
        exact = [oracle.exact_code(value, 1.0, zero_point) for value in halves.tolist()]
        assert oracle.codes(halves, 1.0, zero_point).tolist() == exact


@pytest.mark.parametrize(("bits", "signed"), oracle.WIDTHS)
def test_round_trips_agree_with_torch(bits, signed):
    """``fake_quantize`` multiplies by 1 / scale, so it is an oracle away from ties only, or for powers of two."""
    x = torch.randn(4000, generator=inputs.generator(0, "torch")) * 2.0**bits / 3
    low, high = oracle.code_range(bits, signed)
    for scale, zero_point in ((0.5, low), (1.0, high), (0.25, (low + high) // 2)):
        ours = oracle.real(oracle.codes(x, scale, zero_point, bits=bits, signed=signed), scale, zero_point)
        theirs = torch.fake_quantize_per_tensor_affine(x, scale, zero_point, low, high)
        assert torch.equal(ours.float(), theirs)


def test_the_numbers_of_the_video_course():
    assert oracle.step(oracle.T) == pytest.approx(3.578823433)
    assert round(oracle.zero_position(oracle.T)) == -77
    assert oracle.symmetric_step(oracle.T) == pytest.approx(5.737007681)
    for scale, zero_point, expected in ((3.5, -70, 170.8753), (3.578823433, -77, 1.5730), (5.737007681, 0, 2.5092)):
        q = oracle.codes(oracle.T, scale, zero_point)
        assert oracle.mse(oracle.T, oracle.real(q, scale, zero_point)) == pytest.approx(expected, abs=5e-5)


def test_all_codes_agree_with_the_dtypes():
    for bits, signed, dtype in ((8, True, torch.int8), (16, True, torch.int16), (8, False, torch.uint8)):
        assert oracle.code_range(bits, signed) == (torch.iinfo(dtype).min, torch.iinfo(dtype).max)
        assert oracle.code_dtype(bits, signed) == dtype
