"""Lesson 10: a linear layer with 8-bit weights. The product, the layer made from a float one, and its forward."""

from __future__ import annotations

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

from . import oracle
from .expectations import SCALE_TOLERANCE, expect_codes

FLOATS = (torch.float32, torch.bfloat16, torch.float16, torch.float64)
ACTIVATIONS = (
    *inputs.ORDINARY,
    *inputs.ONE_SIDED,
    *inputs.DTYPES,
    *inputs.LAYOUTS,
    inputs.all_zero,
    inputs.one_element,
    inputs.tiny,
)
WEIGHTS = (*ACTIVATIONS, *inputs.CHANNELS[:2], inputs.constant, inputs.huge)
Q_WEIGHT = torch.tensor([[127, -3], [0, 100]], dtype=torch.int8)  # the docstring's
SCALES = torch.tensor([0.5, 0.25])
SIGNS = torch.tensor([[1.4, -0.3, 0.2], [-1.4, 0.3, 0.2]], dtype=torch.bfloat16)


def rows(x: Tensor) -> Tensor:
    """A case as a matrix: its last axis stays."""
    return x.reshape(-1, x.shape[-1]) if x.dim() else x.reshape(1, 1)


def layer_for(x: Tensor, outputs: int | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Codes (out, in), scales and bias for activations ``x``; rows whose scales are far apart."""
    g = inputs.generator(0, f"layer of {tuple(x.shape)} and {outputs}")
    features = x.shape[-1] if x.dim() else 1
    outputs = outputs or features + 2
    q_weight = torch.randint(-127, 128, (outputs, features), generator=g, dtype=torch.int8)
    q_weight[:, 0] = 127  # so that even a row of one code is not all zero
    scales = 0.013 * 3.0 ** torch.arange(-(outputs // 2), outputs - outputs // 2).clamp(-6, 6)
    return q_weight, scales, torch.randn(outputs, generator=g) * 0.4


def exact(x: Tensor, q_weight: Tensor, scales: Tensor, bias: Tensor | None = None) -> Tensor:
    """The outputs in float64, from the dequantized weights."""
    weight = oracle.array(scales)[:, None] * oracle.array(q_weight)
    y = oracle.array(x) @ weight.T
    return torch.as_tensor(y if bias is None else y + oracle.array(bias))


def arithmetic(x: Tensor, q_weight: Tensor, scales: Tensor, bias: Tensor | None = None) -> Tensor:
    """What sums in float32 may be off by, in any order of adding: 2**-24 of all magnitudes for each operation."""
    magnitudes = exact(x.detach().abs(), q_weight.abs(), scales, None if bias is None else bias.abs())
    return (q_weight.shape[1] + 4) * 2.0**-24 * magnitudes + 1e-37


def half_step(y: Tensor, dtype: torch.dtype) -> Tensor:
    """Half the distance of neighbouring numbers of a floating dtype, where ``y`` lies."""
    form = torch.finfo(dtype)
    octave = 2.0 ** (torch.frexp(y.abs().clamp(min=form.tiny)).exponent - 1)
    return form.eps / 2 * octave


def expect_output(
    got: object, x: Tensor, q_weight: Tensor, scales: Tensor, bias: Tensor | None = None, *, dtype: torch.dtype
) -> Tensor:
    """Float32 arithmetic, rounded once to ``dtype``."""
    wanted = exact(x, q_weight, scales, bias)
    y = expect_tensor(got, "y", shape=wanted.shape, dtype=dtype)
    allowed = arithmetic(x, q_weight, scales, bias) + half_step(wanted, dtype)
    expect_equal(y, torch.where((y.double() - wanted).abs() <= allowed, y, wanted.to(dtype)), "y")
    return y


@law("10.1", "each output is the sum of its products, times its own scale")
def test_worked_numbers(w8a16_forward):
    expect_close(w8a16_forward(torch.tensor([1.0, 10.0]), Q_WEIGHT, SCALES), torch.tensor([48.5, 250.0]), "y")


@law("10.1", "a square matrix is transposed and its rows are scaled, not its columns")
def test_square(w8a16_forward):
    x, q_weight = torch.tensor([[1.0, 2.0], [-4.0, 0.5]]), torch.tensor([[10, 20], [-30, 40]], dtype=torch.int8)
    wanted = torch.tensor([[5.0, 500.0], [-3.0, 1400.0]])
    expect_close(w8a16_forward(x, q_weight, torch.tensor([0.1, 10.0])), wanted, "y")


@law("10.1", "it is what a float layer with the dequantized weights answers, without a bias")
@cases(*ACTIVATIONS)
def test_without_bias(w8a16_forward, x):
    x = x if x.dim() else x.reshape(1)
    q_weight, scales, _ = layer_for(x)
    expect_output(w8a16_forward(x, q_weight, scales), x, q_weight, scales, dtype=x.dtype)


@law("10.1", "the bias is in real units and joins after the scaling")
@cases(*ACTIVATIONS)
def test_with_bias(w8a16_forward, x):
    layer = layer_for(x)
    expect_output(w8a16_forward(x, *layer), x, *layer, dtype=x.dtype)


@law("10.1", "the result has x's dtype, whatever the bias has")
def test_dtype(w8a16_forward):
    x = torch.tensor([[0.5, -2.0, 1.25]])
    q_weight, scales, bias = layer_for(x)
    for dtype in FLOATS:
        for bias_dtype in FLOATS:
            y = w8a16_forward(x.to(dtype), q_weight, scales, bias.to(bias_dtype))
            expect_tensor(y, "y", shape=(1, 5), dtype=dtype)


@law("10.1", "narrow activations are summed in float32 and rounded once, at the end")
@cases(inputs.bfloat16, inputs.float16)
def test_rounded_once(w8a16_forward, x):
    layer = layer_for(x, outputs=30)
    wanted = exact(x, *layer)
    y = expect_tensor(w8a16_forward(x, *layer), "y", shape=wanted.shape, dtype=x.dtype)
    expect_at_most((y.double() - wanted).abs() - arithmetic(x, *layer), half_step(wanted, x.dtype), "rounding error")


@law("10.1", "float16 outputs are finite where the float32 result fits in float16")
def test_float16_is_finite(w8a16_forward):
    x = torch.full((1, 700), 2.0, dtype=torch.float16)  # 127 * 1400 is far above 65504
    x[0, ::7] = 0.5
    q_weight = torch.full((3, 700), 127, dtype=torch.int8)
    q_weight[1] = -127
    scales, bias = torch.tensor([1e-3, 2e-3, 0.25]), torch.tensor([0.25, -1.0, 3.0], dtype=torch.float16)
    expect_output(w8a16_forward(x, q_weight, scales, bias), x, q_weight, scales, bias, dtype=torch.float16)


@law("10.1", "a scale too small for float16 still counts")
def test_tiny_scales(w8a16_forward):
    x = torch.full((2, 40), 1000.0, dtype=torch.float16)
    q_weight = torch.full((2, 40), 100, dtype=torch.int8)
    scales = torch.tensor([3e-9, 1e-8])
    expect_output(w8a16_forward(x, q_weight, scales), x, q_weight, scales, dtype=torch.float16)


@law("10.1", "the scale comes after the product: where sums are whole numbers, scaling is all that rounds")
def test_scale_after_the_product(w8a16_forward):
    g = inputs.generator(0, "whole numbers")
    x = torch.randint(-9, 10, (20, 60), generator=g).float()
    q_weight = torch.randint(-127, 128, (20, 60), generator=g, dtype=torch.int8)
    scales = torch.rand(20, generator=g) * 0.1 + 1e-3
    sums = x.long() @ q_weight.long().T
    expect_equal(w8a16_forward(x, q_weight, scales), (sums.double() * scales.double()).float(), "y")


@law("10.1", "x may have any number of leading dimensions, an empty one too")
def test_leading_dimensions(w8a16_forward):
    q_weight, scales, bias = layer_for(torch.zeros(5), outputs=5)
    for shape in ((5,), (1, 5), (3, 5), (5, 5), (2, 3, 5), (2, 1, 4, 5), (0, 5), (2, 0, 5)):
        x = torch.randn(shape, generator=inputs.generator(0, str(shape)))
        y = w8a16_forward(x, q_weight, scales, bias)
        expect_output(y, x, q_weight, scales, bias, dtype=torch.float32)


@law("10.1", "every code counts as the number that it is, -127 and 127 too")
def test_all_codes(w8a16_forward):
    q_weight = torch.arange(-127, 128, dtype=torch.int8).reshape(255, 1)
    y = w8a16_forward(torch.tensor([[2.0]]), q_weight, torch.ones(255))
    expect_equal(y, 2.0 * torch.arange(-127.0, 128.0).reshape(1, 255), "y")


@law("10.1", "NaN and infinity are not hidden, and spoil only their own row")
def test_not_finite(w8a16_forward):
    x = torch.tensor([[1.0, torch.nan], [1.0, 10.0], [torch.inf, 1.0]])
    y = w8a16_forward(x, torch.where(Q_WEIGHT == 0, 1, Q_WEIGHT), SCALES)
    expect_true(isinstance(y, Tensor) and y.shape == (3, 2), f"y = {y}", "a tensor of shape (3, 2)")
    expect_true(bool(y[0].isnan().all()), f"y of a row with NaN = {y[0].tolist()}", "NaN")
    expect_close(y[1], torch.tensor([48.5, 250.25]), "y of the row between")
    expect_true(bool((y[2] == torch.inf).all()), f"y of a row with infinity = {y[2].tolist()}", "infinity")


@law("10.1", "nothing that is handed in changes, in any layout")
@cases(*inputs.LAYOUTS, inputs.bfloat16, inputs.float64)
def test_nothing_changes(w8a16_forward, x):
    q_weight, scales, bias = layer_for(x)
    expect_clean(w8a16_forward.reply(x.detach(), q_weight, scales, bias))
    by_columns = q_weight.T.contiguous().T
    every_other = torch.stack([scales, torch.ones_like(scales)], dim=1)[:, 0]
    reply = w8a16_forward.reply(x.detach(), by_columns, every_other, bias)
    expect_clean(reply)
    expect_output(reply.value, x, q_weight, scales, bias, dtype=x.dtype)


@law("10.1", "the autograd graph of x goes on: layers in front can still be trained")
def test_graph(w8a16_forward):
    x = torch.tensor([1.0, 10.0])
    expect_true(not w8a16_forward.reply(x, Q_WEIGHT, SCALES).tracked, "a graph out of nothing", "no graph")
    for dtype in FLOATS:
        reply = w8a16_forward.reply(x.to(dtype).requires_grad_(), Q_WEIGHT, SCALES, torch.zeros(2))
        expect_true(reply.tracked or reply.raised is not None, "a result without a graph", "x's graph, continued")


@law("10.1", "the scales and the bias are constants: nothing flows back to them")
def test_constants(w8a16_forward):
    reply = w8a16_forward.reply(
        torch.tensor([1.0, 10.0]), Q_WEIGHT, SCALES.clone().requires_grad_(), torch.zeros(2, requires_grad=True)
    )
    expect_clean(reply)


@law("10.1", "what does not fit is refused, and so are integers for x and floats for codes")
def test_refuses(w8a16_forward):
    x = torch.tensor([1.0, 10.0])
    for wrong in (torch.ones(3), torch.ones(2, 3), torch.tensor(1.0)):
        expect_raises(w8a16_forward, ValueError, wrong, Q_WEIGHT, SCALES, naming="x")
    expect_raises(w8a16_forward, TypeError, torch.tensor([1, 10]), Q_WEIGHT, SCALES, naming="x")
    expect_raises(w8a16_forward, TypeError, x, Q_WEIGHT.float(), SCALES, naming="q_weight")
    expect_raises(w8a16_forward, ValueError, x, Q_WEIGHT[0], SCALES, naming="q_weight")
    for wrong in (SCALES.reshape(1, 2), SCALES.reshape(2, 1), SCALES[:1], torch.tensor(0.5)):
        expect_raises(w8a16_forward, ValueError, x, Q_WEIGHT, wrong, naming="scales")
    expect_raises(w8a16_forward, ValueError, x, Q_WEIGHT, SCALES, torch.zeros(1, 2), naming="bias")
    expect_raises(w8a16_forward, TypeError, x, Q_WEIGHT, SCALES, torch.tensor([1, 2]), naming="bias")


@law("10.1", "scales that were never filled are refused")
def test_unfilled_scales(w8a16_forward):
    for scales in (torch.zeros(2), torch.tensor([0.5, 0.0]), torch.tensor([0.5, torch.nan])):
        expect_raises(w8a16_forward, ValueError, torch.ones(2), Q_WEIGHT, scales, naming="scales")


def row_steps(weight: Tensor) -> Tensor:
    """The symmetric scale of each row, in float64."""
    return torch.tensor([oracle.symmetric_step(row) for row in weight], dtype=torch.float64)


def bias_for(weight: Tensor) -> Tensor:
    g = inputs.generator(0, f"bias of {len(weight)}")
    return torch.randn(len(weight), generator=g).to(weight.dtype)


def expect_quantized(got: object, weight: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor]:
    """Buffers of a layer that stands for these weights: scales of the rows, codes that belong to them, the bias."""
    q_weight, scales, own_bias = expect_results(got, "q_weight", "scales", "bias")
    scales = expect_tensor(scales, "scales", shape=(len(weight),), dtype=torch.float32)
    expect_close(scales, row_steps(weight).float(), "scales", relative=SCALE_TOLERANCE)
    q_weight = expect_codes(q_weight, weight, scales[:, None], restricted=True)
    if bias is None:
        expect_equal(own_bias, None, "bias")
    else:
        expect_equal(own_bias, bias.detach(), "bias")
    return q_weight, scales


@law("10.2", "the answer is a W8A16Linear of the linear layer's sizes and dtype")
def test_description(w8a16linear_from_linear):
    for dtype in FLOATS:
        for shape in ((3, 5), (5, 3), (4, 4), (1, 1)):
            kind = ("W8A16Linear", shape[1], shape[0], str(dtype))
            expect_equal(w8a16linear_from_linear("describe", torch.ones(shape, dtype=dtype)), kind, "the layer")


@law("10.2", "a bfloat16 row keeps its signs")
def test_signs(w8a16linear_from_linear):
    q_weight, _, _ = expect_results(w8a16linear_from_linear("convert", SIGNS), "q_weight", "scales", "bias")
    expect_equal(q_weight, torch.tensor([[127, -27, 18], [-127, 27, 18]], dtype=torch.int8), "q_weight")


@law("10.2", "each row has the scale max|w| / 127, in float32 whatever the weights' dtype")
@cases(*WEIGHTS)
def test_scales(w8a16linear_from_linear, x):
    weight = rows(x)
    _, scales, _ = expect_results(w8a16linear_from_linear("convert", weight), "q_weight", "scales", "bias")
    scales = expect_tensor(scales, "scales", shape=(len(weight),), dtype=torch.float32)
    expect_close(scales, row_steps(weight).float(), "scales", relative=SCALE_TOLERANCE)


@law("10.2", "each weight has the nearest code of its row, never -128")
@cases(*WEIGHTS)
def test_codes(w8a16linear_from_linear, x):
    weight = rows(x)
    expect_quantized(w8a16linear_from_linear("convert", weight), weight, None)


@law("10.2", "a row of zeros has a positive scale and codes of zero")
def test_zero_row(w8a16linear_from_linear):
    weight = torch.tensor([[0.0, 0.0], [1.27, -0.02], [0.0, -0.0]])
    q_weight, scales = expect_quantized(w8a16linear_from_linear("convert", weight), weight, None)
    expect_true(bool((scales > 0).all()), f"scales = {scales.tolist()}", "positive scales")
    expect_equal(q_weight[0], torch.zeros(2, dtype=torch.int8), "codes of the zero row")


@law("10.2", "the smallest numbers of float32 and of float16 have a scale too")
def test_tiny_rows(w8a16linear_from_linear):
    half = torch.tensor([[1e-6, -5e-7, 0.0], [1.0, 2.0, -3.0]], dtype=torch.float16)
    expect_quantized(w8a16linear_from_linear("convert", half), half, None)
    subnormal = torch.tensor([[2e-40, -1e-40]])
    _, scales, _ = expect_results(w8a16linear_from_linear("convert", subnormal), "q_weight", "scales", "bias")
    scales = expect_tensor(scales, "scales", shape=(1,), dtype=torch.float32)
    expect_true(bool((scales > 0).all()), f"scales = {scales.tolist()}", "positive scales")


@law("10.2", "the bias is copied as it is, and a layer without one gets none")
@cases(inputs.straddling, inputs.rows_apart, inputs.bfloat16, inputs.float16, inputs.float64, inputs.square_rows_apart)
def test_bias(w8a16linear_from_linear, x):
    for bias in (bias_for(x), None):
        expect_quantized(w8a16linear_from_linear("convert", x, bias), x, bias)


@law("10.2", "codes, scales and bias are saved, under these names and dtypes, and nothing else")
def test_state_dict(w8a16linear_from_linear):
    for dtype in FLOATS:
        weight = torch.ones(3, 5, dtype=dtype)
        codes, scales = ("q_weight", "torch.int8", (3, 5)), ("scales", "torch.float32", (3,))
        bias = ("bias", str(dtype), (3,))
        expect_equal(w8a16linear_from_linear("state dict", weight), (codes, scales), "state_dict")
        saved = w8a16linear_from_linear("state dict", weight, torch.ones(3, dtype=dtype))
        expect_equal(tuple(sorted(saved)), tuple(sorted((codes, scales, bias))), "state_dict")


@law("10.2", "nothing of the new layer can be trained")
def test_nothing_is_trainable(w8a16linear_from_linear):
    for bias in (None, torch.ones(3)):
        expect_equal(w8a16linear_from_linear("what can be trained", torch.ones(3, 5), bias), (), "can be trained")


@law("10.2", "no buffer carries an autograd graph")
@cases(inputs.straddling, inputs.bfloat16, inputs.float64)
def test_no_graph(w8a16linear_from_linear, x):
    expect_clean(w8a16linear_from_linear.reply("convert", x, bias_for(x)))


@law("10.2", "the old weights can be freed: whoever holds only the new layer holds nothing of the old one")
def test_old_weights_are_freed(w8a16linear_from_linear):
    for dtype in (torch.float32, torch.bfloat16, torch.float64):
        for bias in (None, torch.ones(3, dtype=dtype)):
            alive = w8a16linear_from_linear("delete the linear", torch.ones(3, 5, dtype=dtype), bias)
            expect_equal(alive, (), "still in memory")


@law("10.2", "a weight costs one byte: nothing else hangs on the new layer")
def test_bytes(w8a16linear_from_linear):
    weight = torch.randn(6, 50, generator=inputs.generator(0, "bytes"))
    expect_at_most(w8a16linear_from_linear("count the bytes", weight), 6 * 50 + 4 * 6, "bytes")
    half = weight.half()
    expect_at_most(w8a16linear_from_linear("count the bytes", half, half[:, 0]), 6 * 50 + 4 * 6 + 2 * 6, "bytes")


@law("10.2", "the new layer can be copied with deepcopy")
def test_deepcopy(w8a16linear_from_linear):
    weight, bias = torch.tensor([[1.27, -0.3], [0.02, -12.7]]), torch.tensor([0.5, -2.0])
    expect_quantized(w8a16linear_from_linear("deepcopy", weight, bias), weight, bias)


@law("10.2", "the linear layer is left as it was")
@cases(inputs.straddling, inputs.bfloat16, inputs.transposed)
def test_linear_is_untouched(w8a16linear_from_linear, x):
    got = w8a16linear_from_linear("look at the linear", x, bias_for(x))
    weight, bias, other = expect_results(got, "weight", "bias", "other")
    expect_equal(weight, x.detach(), "linear.weight afterwards")
    expect_equal(bias, bias_for(x), "linear.bias afterwards")
    expect_equal(other, (), "changed")


@law("10.2", "the new layer does not change when the old one does")
def test_independent(w8a16linear_from_linear):
    weight, bias = torch.tensor([[1.27, -0.3], [0.02, -12.7]]), torch.tensor([0.5, -2.0])
    expect_quantized(w8a16linear_from_linear("change the linear", weight, bias), weight, bias)


@law("10.2", "a layer in training stays in training, one in eval mode stays in eval mode")
def test_training(w8a16linear_from_linear):
    expect_equal(w8a16linear_from_linear("training", torch.ones(2, 3)), (True, False), "training")


@law("10.2", "the buffers are on the linear layer's device, whatever the default device is")
def test_device(w8a16linear_from_linear):
    weight, bias = torch.tensor([[1.27, -0.3], [0.02, -12.7]]), torch.tensor([0.5, -2.0])
    expect_quantized(w8a16linear_from_linear("default device meta", weight, bias), weight, bias)


@law("10.2", "a subclass makes layers of its own kind")
def test_subclass(w8a16linear_from_linear):
    expect_equal(w8a16linear_from_linear("subclass", torch.ones(2, 3)), "MyOwnLinear", "the layer")


@law("10.2", "the new layer answers as the old one does, up to half a step a weight")
@cases(inputs.straddling, inputs.rows_apart, inputs.square_rows_apart, inputs.zero_channels, inputs.float64)
def test_answers(w8a16linear_from_linear, x):
    activations = torch.randn(7, x.shape[1], generator=inputs.generator(0, "activations")).to(x.dtype)
    got = w8a16linear_from_linear("forward", x, bias_for(x), activations)
    wanted = activations.double() @ x.double().T + bias_for(x).double()
    y = expect_tensor(got, "y", shape=wanted.shape, dtype=x.dtype)
    reach = activations.double().abs().sum(1, keepdim=True)
    rounding = 1e-5 * (activations.double().abs() @ x.double().abs().T + 1)
    expect_at_most((y.double() - wanted).abs(), row_steps(x) / 2 * reach + rounding, "|y - y_float|")


@law("10.2", "what is not an nn.Linear is refused")
def test_refuses_other_layers(w8a16linear_from_linear):
    for scenario in ("a conv1d instead", "the weight instead"):
        expect_raises(w8a16linear_from_linear, TypeError, scenario, torch.ones(2, 3), naming="linear")


@law("10.2", "weights that have no range are refused")
@cases(*inputs.REFUSED)
def test_refuses_weights(w8a16linear_from_linear, x):
    expect_raises(w8a16linear_from_linear, ValueError, "convert", rows(x), naming="linear.weight")


@law("10.3", "the layer multiplies by its codes, its scales and its bias")
def test_forward_worked_numbers(w8a16linear_forward):
    x = torch.tensor([[1.0, 10.0], [0.0, 0.0]])
    y = w8a16linear_forward("forward", x, Q_WEIGHT, SCALES, torch.tensor([1.0, -2.0]))
    expect_close(y, torch.tensor([[49.5, 248.0], [1.0, -2.0]]), "y")


@law("10.3", "the answer is that of the float layer, up to half a step a weight")
@cases(*inputs.ORDINARY, *inputs.ONE_SIDED, inputs.float64, *inputs.LAYOUTS, inputs.all_zero)
def test_forward_bound(w8a16linear_forward, x):
    g = inputs.generator(0, f"weights for {tuple(x.shape)}")
    weight = torch.randn(4, x.shape[-1], generator=g) * torch.tensor([[0.01], [1.0], [0.1], [30.0]])
    steps, bias = row_steps(weight), torch.randn(4, generator=g)
    q_weight = oracle.codes(weight, steps[:, None])
    y = w8a16linear_forward("forward", x, q_weight, steps.float(), bias)
    wanted = x.detach().double() @ weight.double().T + bias.double()
    y = expect_tensor(y, "y", shape=wanted.shape, dtype=x.dtype)
    magnitudes = x.detach().double().abs()
    rounding = 1e-5 * (magnitudes @ weight.double().abs().T + bias.double().abs())
    expect_at_most((y - wanted).abs(), steps / 2 * magnitudes.sum(-1, keepdim=True) + rounding, "|y - y_float|")


@law("10.3", "it is the product with the dequantized weights, with a bias and without")
@cases(*ACTIVATIONS)
def test_forward(w8a16linear_forward, x):
    x = x if x.dim() else x.reshape(1)
    q_weight, scales, bias = layer_for(x)
    y = w8a16linear_forward("forward", x, q_weight, scales)
    expect_output(y, x, q_weight, scales, dtype=x.dtype)
    y = w8a16linear_forward("forward", x, q_weight, scales, bias)
    expect_output(y, x, q_weight, scales, bias, dtype=x.dtype)


@law("10.3", "the result has x's dtype, whatever dtype the layer has")
def test_forward_dtype(w8a16linear_forward):
    x = torch.tensor([[0.5, -2.0, 1.25]])
    q_weight, scales, bias = layer_for(x)
    for dtype in FLOATS:
        for layer_dtype in FLOATS:
            own = bias.to(layer_dtype)
            y = w8a16linear_forward("forward", x.to(dtype), q_weight, scales, own)
            expect_output(y, x.to(dtype), q_weight, scales, own, dtype=dtype)


@law("10.3", "float16 outputs are finite where the float32 result fits in float16")
def test_forward_float16(w8a16linear_forward):
    x = torch.full((1, 700), 2.0, dtype=torch.float16)
    q_weight = torch.full((2, 700), 127, dtype=torch.int8)
    scales = torch.tensor([1e-3, 0.25])
    y = w8a16linear_forward("forward", x, q_weight, scales)
    expect_output(y, x, q_weight, scales, dtype=torch.float16)


@law("10.3", "x may have any number of leading dimensions")
def test_forward_shapes(w8a16linear_forward):
    q_weight, scales, bias = layer_for(torch.zeros(5), outputs=5)
    for shape in ((5,), (5, 5), (2, 3, 5), (2, 1, 4, 5), (0, 5)):
        x = torch.randn(shape, generator=inputs.generator(0, str(shape)))
        y = w8a16linear_forward("forward", x, q_weight, scales, bias)
        expect_output(y, x, q_weight, scales, bias, dtype=torch.float32)


@law("10.3", "gradients flow back to x: each feature gets the sum of its dequantized weights")
def test_gradient(w8a16linear_forward):
    x = torch.tensor([[1.0, 10.0], [-3.0, 0.5]])
    wanted = torch.tensor([[63.5, 23.5], [63.5, 23.5]])
    expect_close(w8a16linear_forward("gradient of x", x, Q_WEIGHT, SCALES, torch.ones(2)), wanted, "gradient of x")


@law("10.3", "a call leaves the layer as it was, and keeps nothing: no float copy of the weights")
def test_forward_keeps_nothing(w8a16linear_forward):
    bias = torch.tensor([1.0, -2.0])
    got = w8a16linear_forward("look at the layer", torch.tensor([[1.0, 10.0]]), Q_WEIGHT, SCALES, bias)
    q_weight, scales, own_bias, gained = expect_results(got, "q_weight", "scales", "bias", "bytes gained")
    expect_equal(q_weight, Q_WEIGHT, "q_weight afterwards")
    expect_equal(scales, SCALES, "scales afterwards")
    expect_equal(own_bias, bias, "bias afterwards")
    expect_equal(gained, 0, "bytes gained")


@law("10.3", "the layer works with the codes that it has now, not with those of its first call")
def test_forward_again(w8a16linear_forward):
    x = torch.tensor([[1.0, 10.0]])
    expect_close(w8a16linear_forward("negate the codes", x, Q_WEIGHT, SCALES), torch.tensor([[-48.5, -250.0]]), "y")


@law("10.3", "a layer that was moved to bfloat16 still answers, by its rounded scales")
def test_forward_moved(w8a16linear_forward):
    x = torch.tensor([[1.0, 10.0]])
    scales = torch.tensor([0.3, 0.7])
    y = w8a16linear_forward("move to bfloat16", x, Q_WEIGHT, scales)
    expect_output(y, x, Q_WEIGHT, scales.bfloat16().float(), dtype=torch.float32)


@law("10.3", "x is left as it was")
@cases(*inputs.LAYOUTS, inputs.bfloat16)
def test_forward_is_clean(w8a16linear_forward, x):
    expect_clean(w8a16linear_forward.reply("forward", x.detach(), *layer_for(x)))


@law("10.3", "a layer that was never filled refuses to answer, and so does one of another width")
def test_forward_refuses(w8a16linear_forward):
    expect_raises(w8a16linear_forward, ValueError, "never filled", torch.ones(2), Q_WEIGHT, SCALES, naming="scales")
    expect_raises(w8a16linear_forward, ValueError, "forward", torch.ones(3), Q_WEIGHT, SCALES, naming="x")
    expect_raises(w8a16linear_forward, TypeError, "forward", torch.tensor([1, 2]), Q_WEIGHT, SCALES, naming="x")
