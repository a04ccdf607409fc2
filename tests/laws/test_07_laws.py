"""Lesson 7: one scale for each channel, along any dimension of any tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from labs_lib.course.laws import (
    cases,
    expect_at_most,
    expect_clean,
    expect_close,
    expect_equal,
    expect_raises,
    expect_results,
    expect_tensor,
    expect_true,
    inputs,
    law,
)
from labs_lib.course.laws.render import text_of

from . import oracle
from .expectations import SCALE_TOLERANCE, expect_codes
from .oracle import SLACK, SMALLEST_SCALE, T

BITS = (8, 4, 2, 16, 3)
FEW = (8, 4)  # where a law makes several calls for each width
RANGED = tuple(case for case in (*inputs.CHANNELS, *inputs.FINITE) if case is not inputs.zero_dim)
LAYOUTS = (*inputs.LAYOUTS, inputs.bfloat16, inputs.four_dim)
NEAR_THE_SMALLEST = 1e-37  # the smallest normal float32 is 1.18e-38; a scale may stop there, or be finer

ROW_SCALES = torch.tensor([[5.737007681], [2.326771654], [5.390551181]])
COLUMN_SCALES = torch.tensor([[1.508661417, 5.390551181, 5.737007681]])
ROW_CODES = torch.tensor([[33, -2, 127], [40, 127, -79], [0, 127, 46]], dtype=torch.int8)
COLUMN_CODES = torch.tensor([[127, -3, 127], [61, 55, -32], [0, 127, 43]], dtype=torch.int8)
# Mean squared errors of T by rows and by columns, at each bit width.
SYMMETRIC_MSE = {8: (1.808444, 1.078149), 4: (337.7826, 251.6506), 3: (368.8065, 998.1266), 2: (13120.57, 21124.28)}
ASYMMETRIC_MSE = {8: (0.4453462, 0.7363425), 4: (93.24594, 71.69812), 3: (506.6206, 718.1105), 2: (1058.239, 4161.054)}
PRINTED = 1e-5  # float32 and float64 arithmetic differ by a millionth or two


def channels(x: Tensor, dim: int) -> tuple[Tensor, ...]:
    """The slices of ``x``, each of which has parameters of its own."""
    return x.detach().unbind(dim)


def each(x: Tensor, dim: int, number: Callable[[Tensor], float]) -> Tensor:
    """One number for each channel, float64, of the shape that broadcasts over ``x``."""
    shape = [1] * x.dim()
    shape[dim] = -1
    return torch.tensor([number(part) for part in channels(x, dim)], dtype=torch.float64).reshape(shape)


def magnitudes(x: Tensor, dim: int) -> Tensor:
    return each(x, dim, lambda part: float(part.double().abs().max()))


def symmetric_steps(x: Tensor, dim: int, bits: int) -> Tensor:
    return each(x, dim, lambda part: oracle.symmetric_step(part, bits=bits))


def asymmetric_steps(x: Tensor, dim: int, bits: int) -> Tensor:
    return each(x, dim, lambda part: oracle.step(part, bits=bits))


def every_dim(x: Tensor) -> Iterator[int]:
    """Every dimension of ``x``, once from the front and once from the end."""
    yield from range(-x.dim(), x.dim())


def expect_steps(got: object, wanted: Tensor, largest: Tensor) -> Tensor:
    """These scales. Below the smallest normal float32 a scale may stop there or be finer; for zeros any will do."""
    scale = expect_tensor(got, "scale", shape=wanted.shape, dtype=torch.float32)
    good = (scale > 0) & scale.isfinite()
    expect_true(good.all(), f"scale = {text_of(scale)}", "positive, finite scales")
    normal = wanted > SMALLEST_SCALE
    expect_close(scale.where(normal, 1), wanted.float().where(normal, 1), "scale", relative=SCALE_TOLERANCE)
    faint = (largest > 0) & ~normal
    expect_at_most(scale[faint], NEAR_THE_SMALLEST, "scale of a channel of subnormal numbers")
    return scale


def expect_scales(got: object, x: Tensor, dim: int, bits: int = 8) -> Tensor:
    """One symmetric scale a channel."""
    return expect_steps(got, symmetric_steps(x, dim, bits), magnitudes(x, dim))


def expect_symmetric(got: object, x: Tensor, dim: int, bits: int = 8) -> tuple[Tensor, Tensor]:
    """Codes that belong to the scales beside them, none of them the most negative."""
    q, scale = expect_results(got, "q", "scale")
    scale = expect_scales(scale, x, dim, bits)
    return expect_codes(q, x, scale, bits=bits, restricted=True), scale


def expect_half_steps(x: Tensor, x_hat: Tensor, step: Tensor, width: Tensor) -> None:
    """No value moves by more than half a step of its own channel; the test computed the steps, not the learner."""
    error = (x.detach().double() - x_hat.double()).abs()
    expect_at_most(error, (step / 2 + SLACK * width).expand(x.shape), "|x - x_hat|")


def expect_parameters(got: object, x: Tensor, dim: int, bits: int = 8, signed: bool = True) -> tuple[Tensor, Tensor]:
    """One asymmetric scale and one zero point a channel; at a near-tie either neighbouring zero point is right."""
    scale, zero_point = expect_results(got, "scale", "zero_point")
    wanted = asymmetric_steps(x, dim, bits)
    scale = expect_steps(scale, wanted, magnitudes(x, dim))
    zero_point = expect_tensor(zero_point, "zero_point", shape=wanted.shape, dtype=torch.int32)
    low, high = oracle.code_range(bits, signed)
    is_code = (zero_point >= low) & (zero_point <= high)
    expect_true(is_code.all(), f"zero_point = {text_of(zero_point)}", f"codes from {low} to {high}")
    place = each(x, dim, lambda part: oracle.zero_position(part, bits=bits, signed=signed))
    near = (zero_point - place).abs() <= 0.5 + SLACK * 2**bits
    any_will_do = wanted <= SMALLEST_SCALE  # all values are less than a step from 0.0
    right = torch.where(near | any_will_do, zero_point, place.round().to(torch.int32))
    expect_equal(zero_point, right, "zero_point")
    return scale, zero_point


@law("07.1", "the rows of T have scales 5.7370, 2.3268 and 5.3906")
def test_rows_of_t(choose_scale_per_channel):
    got = expect_tensor(choose_scale_per_channel(T, 0), "scale", shape=(3, 1), dtype=torch.float32)
    expect_close(got, ROW_SCALES, "scale", relative=SCALE_TOLERANCE)


@law("07.1", "the columns of T have scales 1.5087, 5.3906 and 5.7370")
def test_columns_of_t(choose_scale_per_channel):
    got = expect_tensor(choose_scale_per_channel(T, 1), "scale", shape=(1, 3), dtype=torch.float32)
    expect_close(got, COLUMN_SCALES, "scale", relative=SCALE_TOLERANCE)


@law("07.1", "each channel has the scale that it would have alone, along any dimension")
@cases(*RANGED)
def test_channel_alone(choose_scale_per_channel, x):
    for dim in every_dim(x):
        expect_scales(choose_scale_per_channel(x, dim), x, dim)


@law("07.1", "the largest code depends on the bits: 127, 7, 1")
@cases(inputs.square_rows_apart, inputs.straddling, inputs.huge)
def test_bits(choose_scale_per_channel, x):
    for bits in BITS:
        expect_scales(choose_scale_per_channel(x, x.dim() - 1, bits=bits), x, x.dim() - 1, bits)


@law("07.1", "the result has as many dimensions as x, of size 1 except at dim, and broadcasts over x")
def test_shape(choose_scale_per_channel):
    for shape in ((3, 3), (2, 5), (5, 1), (4,), (2, 3, 4), (2, 2, 2, 2)):
        x = torch.linspace(-1, 2, 1 + torch.Size(shape).numel())[1:].reshape(shape)
        for dim in every_dim(x):
            wanted = [1] * len(shape)
            wanted[dim] = shape[dim]
            expect_tensor(choose_scale_per_channel(x, dim), "scale", shape=wanted, dtype=torch.float32)


@law("07.1", "of a tensor with one dimension every value is a channel")
@cases(inputs.largest_is_negative, inputs.offset, inputs.one_element)
def test_one_dimension(choose_scale_per_channel, x):
    expect_scales(choose_scale_per_channel(x), x, 0)


@law("07.1", "one scale a row unless dim says otherwise")
def test_default(choose_scale_per_channel):
    x = torch.tensor([[1.27, 0.0, -12.7], [-0.254, 0.127, 0.0]])
    expect_close(choose_scale_per_channel(x), torch.tensor([[0.1], [0.002]]), "scale", relative=SCALE_TOLERANCE)
    expect_close(choose_scale_per_channel(x, bits=2), torch.tensor([[12.7], [0.254]]), "scale")


@law("07.1", "a channel of zeros has a positive scale, and the others keep theirs")
@cases(inputs.zero_channels, inputs.all_zero)
def test_zero_channel(choose_scale_per_channel, x):
    for dim in every_dim(x):
        expect_scales(choose_scale_per_channel(x, dim), x, dim)


@law("07.1", "a small channel beside a large one keeps a small scale")
def test_small_channels(choose_scale_per_channel):
    x = torch.tensor([[1e4, -2e4], [3e-9, 1e-9], [-5e-20, 2e-20], [1e-36, 0.0]])
    for bits in (8, 16):
        expect_scales(choose_scale_per_channel(x, bits=bits), x, 0, bits)
        expect_scales(choose_scale_per_channel(x.T, 1, bits=bits), x.T, 1, bits)


@law("07.1", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*LAYOUTS)
def test_choose_is_clean(choose_scale_per_channel, x):
    for dim in range(x.dim()):
        reply = choose_scale_per_channel.reply(x, dim)
        expect_clean(reply)
        expect_scales(reply.value, x, dim)


@law("07.1", "an empty tensor, NaN and infinity have no range and are refused")
@cases(*inputs.REFUSED)
def test_choose_refuses_values(choose_scale_per_channel, x):
    expect_raises(choose_scale_per_channel, ValueError, x, naming="x")


@law("07.1", "integers, impossible widths, and dimensions that x does not have are refused")
def test_choose_refuses_types(choose_scale_per_channel):
    expect_raises(choose_scale_per_channel, TypeError, torch.tensor([[1, 2], [3, 4]]), naming="x")
    expect_raises(choose_scale_per_channel, ValueError, torch.tensor([[1e300]], dtype=torch.float64), naming="x")
    for dim in (2, -3, 5):
        expect_raises(choose_scale_per_channel, ValueError, T, dim, naming="dim")
    expect_raises(choose_scale_per_channel, ValueError, torch.tensor(3.0), naming="dim")
    for bits in (1, 17):
        expect_raises(choose_scale_per_channel, ValueError, T, bits=bits, naming="bits")


@law("07.2", "T by rows and by columns has the reference codes")
def test_reference_codes(quantize_per_channel):
    for dim, codes, scales in ((0, ROW_CODES, ROW_SCALES), (1, COLUMN_CODES, COLUMN_SCALES)):
        q, scale = expect_results(quantize_per_channel(T, dim), "q", "scale")
        expect_equal(q, codes, f"q along dim {dim}")
        expect_close(scale, scales, f"scale along dim {dim}", relative=SCALE_TOLERANCE)


@law("07.2", "T comes back with a mean squared error of 1.8084 by rows and 1.0781 by columns, and so on to 2 bits")
def test_reference_errors(quantize_per_channel):
    for bits, errors in SYMMETRIC_MSE.items():
        for dim, error in enumerate(errors):
            q, scale = expect_symmetric(quantize_per_channel(T, dim, bits=bits), T, dim, bits)
            what = f"mse, dim {dim}, {bits} bits"
            expect_close(oracle.mse(T, oracle.real(q, scale)), error, what, relative=PRINTED)


@law("07.2", "each channel is what quantize_symmetric would make of it alone")
@cases(*RANGED)
def test_channels_alone(quantize_per_channel, x):
    for dim in every_dim(x):
        expect_symmetric(quantize_per_channel(x, dim), x, dim)


@law("07.2", "every value comes back within half a step of its own channel, for all bits")
@cases(*RANGED)
def test_half_step(quantize_per_channel, x):
    for bits in BITS:
        dim = x.dim() - 1
        q, scale = expect_symmetric(quantize_per_channel(x, dim, bits=bits), x, dim, bits)
        expect_half_steps(x, oracle.real(q, scale), symmetric_steps(x, dim, bits), magnitudes(x, dim))


@law("07.2", "a channel does not see the others")
def test_channels_do_not_mix(quantize_per_channel):
    x = torch.tensor([[0.3, -1.2, 0.7], [2.0, 0.1, -0.4], [-0.6, 0.5, 0.9]])
    q, scale = expect_symmetric(quantize_per_channel(x), x, 0)
    louder = x.clone()
    louder[1] *= 4096
    q_after, scale_after = expect_symmetric(quantize_per_channel(louder), louder, 0)
    expect_equal(q_after, q, "q after row 1 became 4096 times as large")
    expect_equal(scale_after[::2], scale[::2], "scale of the other rows")


@law("07.2", "rows of x are columns of its transpose")
@cases(inputs.square_rows_apart, inputs.straddling, inputs.rows_apart, inputs.zero_channels)
def test_transpose(quantize_per_channel, x):
    x = x.reshape(-1, x.shape[-1])
    for bits in FEW:
        q, scale = expect_symmetric(quantize_per_channel(x, 0, bits=bits), x, 0, bits)
        q_t, scale_t = expect_symmetric(quantize_per_channel(x.T, 1, bits=bits), x.T, 1, bits)
        expect_equal(q_t, q.T, "q of the transpose along dim 1")
        expect_equal(scale_t, scale.T, "scale of the transpose along dim 1")


@law("07.2", "codes and scales are those of torch's own per-channel quantization, where it has no rounding of its own")
def test_torch_agrees(quantize_per_channel):
    x = torch.tensor([[127.0, 3.3, -90.7], [-254.0, 9.1, 77.7], [31.75, -0.4, 8.2]])  # steps 1, 2 and 1/4
    theirs = torch.fake_quantize_per_channel_affine(
        x, torch.tensor([1.0, 2.0, 0.25]), torch.zeros(3, dtype=torch.int32), 0, -127, 127
    )
    q, scale = expect_results(quantize_per_channel(x), "q", "scale")
    expect_equal(scale, torch.tensor([[1.0], [2.0], [0.25]]), "scale")
    expect_equal(oracle.real(q, scale).float(), theirs, "x_hat")


@law("07.2", "the most negative code is never produced")
@cases(*RANGED)
def test_restricted_range(quantize_per_channel, x):
    negative = -x.detach().abs()
    for bits in BITS:
        q, _ = expect_results(quantize_per_channel(negative, -1, bits=bits), "q", "scale")
        q = expect_tensor(q, "q", shape=x.shape, dtype=oracle.code_dtype(bits, True))
        expect_at_most(-q.double(), 2 ** (bits - 1) - 1, "-q")


@law("07.2", "half a step goes to the even integer")
def test_ties(quantize_per_channel):
    x = torch.tensor([[127.0, 0.5, 1.5, 2.5], [-254.0, -1.0, -3.0, -5.0]])  # the scales are 1 and 2
    expected = torch.tensor([[127, 0, 2, 2], [-127, 0, -2, -2]], dtype=torch.int8)
    expect_equal(expect_symmetric(quantize_per_channel(x), x, 0)[0], expected, "q")


@law("07.2", "a channel of zeros comes back as zeros, under a positive scale")
@cases(inputs.zero_channels, inputs.all_zero)
def test_zeros_stay(quantize_per_channel, x):
    for dim in every_dim(x):
        q, scale = expect_symmetric(quantize_per_channel(x, dim), x, dim)
        expect_equal(oracle.real(q, scale)[x == 0], x[x == 0].double(), "x_hat where x is 0.0")


@law("07.2", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*LAYOUTS)
def test_quantize_is_clean(quantize_per_channel, x):
    for dim in range(x.dim()):
        reply = quantize_per_channel.reply(x, dim)
        expect_clean(reply)
        expect_symmetric(reply.value, x, dim)


@law("07.2", "what has no range is refused, and so are integers, impossible widths and dimensions")
@cases(*inputs.REFUSED)
def test_quantize_refuses(quantize_per_channel, x):
    expect_raises(quantize_per_channel, ValueError, x, naming="x")
    expect_raises(quantize_per_channel, TypeError, torch.tensor([[1, 2]]), naming="x")
    expect_raises(quantize_per_channel, ValueError, T, 2, naming="dim")
    expect_raises(quantize_per_channel, ValueError, T, bits=1, naming="bits")


@law("07.3", "the rows of T have the reference scales and zero points")
def test_reference_parameters(choose_qparams_per_channel):
    got = expect_results(choose_qparams_per_channel(T, 0), "scale", "zero_point")
    expect_close(got[0], torch.tensor([[742.1], [479.5], [684.6]]) / 255, "scale", relative=1e-6)
    expect_equal(got[1], torch.tensor([[-123], [-30], [-128]], dtype=torch.int32), "zero_point")


@law("07.3", "T comes back with a mean squared error of 0.4453 by rows and 0.7363 by columns, and so on to 2 bits")
def test_asymmetric_errors(choose_qparams_per_channel):
    for bits, errors in ASYMMETRIC_MSE.items():
        for dim, error in enumerate(errors):
            scale, zero_point = expect_parameters(choose_qparams_per_channel(T, dim, bits=bits), T, dim, bits)
            q = oracle.codes(T, scale, zero_point, bits=bits)
            what = f"mse, dim {dim}, {bits} bits"
            expect_close(oracle.mse(T, oracle.real(q, scale, zero_point)), error, what, relative=PRINTED)


@law("07.3", "each channel has the parameters that choose_qparams would give it alone")
@cases(*RANGED)
def test_parameters_alone(choose_qparams_per_channel, x):
    for dim in every_dim(x):
        expect_parameters(choose_qparams_per_channel(x, dim), x, dim)


@law("07.3", "the codes may be signed or unsigned, and have any width")
@cases(inputs.square_rows_apart, inputs.all_positive, inputs.all_negative, inputs.huge, inputs.four_dim)
def test_widths(choose_qparams_per_channel, x):
    dim = x.dim() - 1
    for bits, signed in oracle.widths_for(x):
        expect_parameters(choose_qparams_per_channel(x, dim, bits=bits, signed=signed), x, dim, bits, signed)


@law("07.3", "each range is widened to contain 0 by itself")
def test_widened_one_by_one(choose_qparams_per_channel):
    x = torch.tensor([[10.0, 20.0, 15.0], [-6.0, -1.0, -2.0], [-3.0, 5.0, 1.0], [7.0, 7.0, 7.0]])
    for dim, values in ((0, x), (1, x.T)):
        scale, zero_point = expect_parameters(choose_qparams_per_channel(values, dim), values, dim)
        expect_close(scale.flatten(), torch.tensor([20.0, 6.0, 8.0, 7.0]) / 255, "scale", relative=1e-6)
        wanted = torch.tensor([-128, 127, -32, -128], dtype=torch.int32)
        expect_equal(zero_point.flatten(), wanted, "zero_point")


@law("07.3", "a range as wide as float32 itself has a scale too")
def test_wide_range(choose_qparams_per_channel):
    x = torch.tensor([[-3e38, 3e38], [3.0, -0.3], [1e38, 2e38]])
    for bits, signed in ((8, True), (4, False)):
        expect_parameters(choose_qparams_per_channel(x, bits=bits, signed=signed), x, 0, bits, signed)


@law("07.3", "every value comes back within half a step of its own channel")
@cases(*RANGED)
def test_asymmetric_half_step(choose_qparams_per_channel, x):
    for bits in (8, 4, 16):
        dim = x.dim() - 1
        scale, zero_point = expect_parameters(choose_qparams_per_channel(x, dim, bits=bits), x, dim, bits)
        x_hat = oracle.real(oracle.codes(x, scale, zero_point, bits=bits), scale, zero_point)
        expect_half_steps(x, x_hat, asymmetric_steps(x, dim, bits), magnitudes(x, dim))


@law("07.3", "both results have as many dimensions as x, of size 1 except at dim")
def test_parameter_shapes(choose_qparams_per_channel):
    for shape in ((3, 3), (2, 5), (4,), (2, 3, 4), (1, 1)):
        x = torch.linspace(-1, 2, 1 + torch.Size(shape).numel())[1:].reshape(shape)
        for dim in every_dim(x):
            expect_parameters(choose_qparams_per_channel(x, dim), x, dim)


@law("07.3", "one pair a row unless dim says otherwise, signed and of 8 bits unless bits and signed do")
def test_parameter_defaults(choose_qparams_per_channel):
    x = torch.tensor([[0.0, 51.0], [-2.55, 0.0]])
    scale, zero_point = expect_results(choose_qparams_per_channel(x), "scale", "zero_point")
    expect_close(scale, torch.tensor([[0.2], [0.01]]), "scale", relative=SCALE_TOLERANCE)
    expect_equal(zero_point, torch.tensor([[-128], [127]], dtype=torch.int32), "zero_point")


@law("07.3", "a channel of zeros has a positive scale, and the others keep theirs")
@cases(inputs.zero_channels, inputs.all_zero)
def test_zero_channels_have_parameters(choose_qparams_per_channel, x):
    for dim in every_dim(x):
        for bits, signed in ((8, True), (4, False)):
            expect_parameters(choose_qparams_per_channel(x, dim, bits=bits, signed=signed), x, dim, bits, signed)


@law("07.3", "any layout will do, nothing that is handed in changes, and no autograd graph comes out")
@cases(*LAYOUTS)
def test_parameters_are_clean(choose_qparams_per_channel, x):
    for dim in range(x.dim()):
        reply = choose_qparams_per_channel.reply(x, dim)
        expect_clean(reply)
        expect_parameters(reply.value, x, dim)


@law("07.3", "what has no range is refused, and so are integers, impossible widths and dimensions")
@cases(*inputs.REFUSED)
def test_parameters_refuse(choose_qparams_per_channel, x):
    expect_raises(choose_qparams_per_channel, ValueError, x, naming="x")
    expect_raises(choose_qparams_per_channel, TypeError, torch.tensor([[1, 2]]), naming="x")
    expect_raises(choose_qparams_per_channel, ValueError, T, -3, naming="dim")
    expect_raises(choose_qparams_per_channel, ValueError, torch.tensor(1.0), naming="dim")
    for bits, signed in ((1, True), (17, True), (9, False), (0, False)):
        expect_raises(choose_qparams_per_channel, ValueError, T, bits=bits, signed=signed, naming="bits")
