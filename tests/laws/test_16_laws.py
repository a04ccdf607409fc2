"""Lesson 16: codes out of their bytes, the sign back, and a linear layer that lives on bytes."""

from __future__ import annotations

import itertools
import math

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

from . import digits, oracle
from .digits import SIGNED, WIDTHS
from .groups import expect_group_scales, expect_groups, group_steps, spread

FLOATS = (torch.float32, torch.bfloat16, torch.float16, torch.float64)
BUFFERS = ("packed_weight", "scales", "bias")
LAYERS = (4, 2, 8)  # widths that a layer can have
FORMS = tuple({"bits": bits, "group_size": size} for bits, size in ((4, 4), (2, 3), (8, 5), (4, 64)))
WEIGHTS = (
    *inputs.ORDINARY,
    *inputs.ONE_SIDED,
    *inputs.DTYPES,
    *inputs.LAYOUTS,
    *inputs.CHANNELS[:2],
    inputs.all_zero,
    inputs.constant,
    inputs.one_element,
    inputs.tiny,
    inputs.huge,
)
SIGNS = torch.tensor([[1.4, -0.3, 0.2], [-1.4, 0.3, 0.2]], dtype=torch.bfloat16)
EIGHT = torch.tensor([[0.7, -0.7, 0.0, 0.1], [-0.03, 0.01, 0.07, 0.02]])  # scales of 4 bits: 0.1 and 0.01
EIGHT_BYTES = torch.tensor([[0x1F, 0x98], [0x95, 0xAF]], dtype=torch.uint8)
BIAS = torch.tensor([0.5, -2.0])


def of_bytes(*values: int) -> Tensor:
    return torch.tensor(values, dtype=torch.uint8)


@law("16.1", "the byte 177 holds the 2-bit codes 1, 0, 3, 2")
def test_the_byte_177(unpack):
    expect_equal(unpack(of_bytes(177), 2, 4), of_bytes(1, 0, 3, 2), "codes")


@law("16.1", "the bytes 177 and 255 hold eight codes of 2 bits")
def test_two_bytes(unpack):
    expect_equal(unpack(of_bytes(177, 255), 2, 8), of_bytes(1, 0, 3, 2, 3, 3, 3, 3), "codes")


@law("16.1", "a byte holds two codes of 4 bits, eight of 1 bit, or one of 8 bits")
def test_other_widths(unpack):
    expect_equal(unpack(of_bytes(0xF1, 0x98), 4, 4), of_bytes(1, 15, 8, 9), "codes of 4 bits")
    expect_equal(unpack(of_bytes(0b11000001), 1, 8), of_bytes(1, 0, 0, 0, 0, 0, 1, 1), "codes of 1 bit")
    expect_equal(unpack(of_bytes(200, 0, 255), 8, 3), of_bytes(200, 0, 255), "codes of 8 bits")


@law("16.1", "all 256 bytes come apart into their digits in base 2**bits, the lowest first")
def test_every_byte(unpack):
    packed = torch.arange(256).to(torch.uint8)
    for bits in WIDTHS:
        length = 256 * 8 // bits
        expect_equal(unpack(packed, bits, length), digits.codes_of(packed, bits, length), f"codes of {bits} bits")


@law("16.1", "a row ends after `length` codes: what is left of its last byte is no code")
def test_length(unpack):
    for bits in (2, 4, 1):
        per_byte = 8 // bits
        for columns, missing in itertools.product((1, 3), range(per_byte)):
            packed = torch.full((columns,), 255, dtype=torch.uint8)
            length = columns * per_byte - missing
            wanted = torch.full((length,), 2**bits - 1).to(torch.uint8)
            expect_equal(unpack(packed, bits, length), wanted, f"codes of {bits} bits")
    expect_equal(unpack(of_bytes(0xC5, 0x72), 4, 3), of_bytes(5, 12, 2), "codes of 4 bits")


@law("16.1", "every row begins with its own first byte, and ends with its own last")
def test_rows_are_apart(unpack):
    packed = of_bytes(57, 19, 42, 52).reshape(4, 1)
    wanted = torch.tensor([[1, 2, 3], [3, 0, 1], [2, 2, 2], [0, 1, 3]]).to(torch.uint8)
    expect_equal(unpack(packed, 2, 3), wanted, "codes of 2 bits")
    expect_equal(unpack(packed.T, 2, 15), of_bytes(1, 2, 3, 0, 3, 0, 1, 0, 2, 2, 2, 0, 0, 1, 3)[None], "codes")


@law("16.1", "the codes come in the order of the digits, in any number of dimensions")
@cases(*digits.ROWS)
def test_digits(unpack, x):
    for bits in WIDTHS:
        most = x.shape[-1] * 8 // bits
        for length in {most, most - 8 // bits + 1}:
            expect_equal(unpack(x, bits, length), digits.codes_of(x, bits, length), f"codes of {bits} bits")


@law("16.1", "codes that were packed come back")
def test_inverse(unpack):
    g = inputs.generator(0, "inverse")
    for bits in WIDTHS:
        for shape in ((1,), (7,), (3, 5), (8, 8), (2, 3, 9), (0, 3), (3, 0)):
            codes = torch.randint(2**bits, shape, generator=g, dtype=torch.uint8)
            expect_equal(unpack(digits.packed_bytes(codes, bits), bits, shape[-1]), codes, f"codes of {bits} bits")


@law("16.1", "a long row is unpacked to its end")
def test_long_row(unpack):
    packed = torch.randint(256, (2, 376), generator=inputs.generator(0, "long row"), dtype=torch.uint8)
    expect_equal(unpack(packed, 2, 1501), digits.codes_of(packed, 2, 1501), "codes of 2 bits")


@law("16.1", "any layout will do: columns, every other byte, a row from the middle of another; nothing changes")
def test_unpack_is_clean(unpack):
    for layout, packed in digits.layouts(256):
        for bits in WIDTHS:
            length = packed.shape[-1] * 8 // bits
            reply = unpack.reply(packed, bits, length)
            expect_clean(reply)
            expect_equal(reply.value, digits.codes_of(packed, bits, length), f"codes of {bits} bits ({layout})")


@law("16.1", "a length that the bytes cannot have is refused, too long or a whole byte too short")
def test_unpack_refuses_lengths(unpack):
    for bits in WIDTHS:
        per_byte = 8 // bits
        for length in (2 * per_byte + 1, per_byte, 0, -1, 1000):
            expect_raises(unpack, ValueError, of_bytes(177, 255), bits, length, naming="length")
    for length in (7.5, True):
        expect_raises(unpack, ValueError, of_bytes(177, 255), 2, length, naming="length")


@law("16.1", "what is not uint8 is refused, and so are bytes without an axis and widths that do not divide a byte")
def test_unpack_refuses(unpack):
    for dtype in (torch.int8, torch.int64, torch.float32, torch.bool):
        expect_raises(unpack, TypeError, torch.ones(2, dtype=dtype), 2, 8, naming="packed")
    expect_raises(unpack, ValueError, torch.tensor(177, dtype=torch.uint8), 2, 4, naming="packed")
    for bits in (3, 5, 6, 7, 0, 16):
        expect_raises(unpack, ValueError, of_bytes(177, 255), bits, 5, naming="bits")


@law("16.2", "the 2-bit codes 0, 1, 2, 3 become -2, -1, 0, 1")
def test_two_bits(to_signed):
    expect_equal(to_signed(of_bytes(0, 1, 2, 3), 2), torch.tensor([-2, -1, 0, 1], dtype=torch.int8), "q")


@law("16.2", "the code 2**(bits-1) stands for 0, and 0 for the most negative one")
def test_where_zero_is(to_signed):
    for bits in SIGNED:
        half = 2 ** (bits - 1)
        expect_equal(
            to_signed(of_bytes(half, 0), bits), torch.tensor([0, -half], dtype=torch.int8), f"q of {bits} bits"
        )


@law("16.2", "every code of every width is shifted by 2**(bits-1), whatever else is in the tensor")
def test_offset(to_signed):
    for bits in SIGNED:
        codes, q = torch.arange(2**bits).to(torch.uint8), torch.arange(-(2 ** (bits - 1)), 2 ** (bits - 1))
        expect_equal(to_signed(codes, bits), q.to(torch.int8), f"q of {bits} bits")
        expect_equal(to_signed(codes[1:].flip(0), bits), q[1:].flip(0).to(torch.int8), f"q of {bits} bits")
        expect_equal(to_signed(codes[-1:], bits), q[-1:].to(torch.int8), f"q of {bits} bits")


@law("16.2", "codes of any integer dtype become int8, in their shape")
@cases(*inputs.CODES, *inputs.CODE_LAYOUTS)
def test_signed_dtypes(to_signed, x):
    for bits in (4, 8, 2, 5):
        top = min(2**bits - 1, torch.iinfo(x.dtype).max)
        codes = x.long().clamp(0, top).to(x.dtype)
        expect_equal(to_signed(codes, bits), (codes.long() - 2 ** (bits - 1)).to(torch.int8), f"q of {bits} bits")


@law("16.2", "any layout will do, and nothing that is handed in changes")
def test_signed_is_clean(to_signed):
    for bits in (4, 8):
        for dtype in (torch.uint8, torch.int16):
            for layout, codes in digits.layouts(2**bits, dtype=dtype):
                reply = to_signed.reply(codes, bits)
                expect_clean(reply)
                expect_equal(reply.value, (codes.long() - 2 ** (bits - 1)).to(torch.int8), f"q ({layout})")


@law("16.2", "a code that does not fit its bits is refused")
def test_signed_refuses_codes(to_signed):
    for bits in SIGNED:
        for code in (2**bits, -1, 1000, -1000):
            expect_raises(to_signed, ValueError, torch.tensor([0, code], dtype=torch.int16), bits, naming="codes")


@law("16.2", "what holds no integers is refused, and so are widths beyond 8 bits")
def test_signed_refuses(to_signed):
    expect_raises(to_signed, TypeError, torch.tensor([1.0, 0.0]), 4, naming="codes")
    expect_raises(to_signed, TypeError, torch.tensor([True, False]), 4, naming="codes")
    for bits in (0, 9, 16):
        expect_raises(to_signed, ValueError, torch.zeros(2, dtype=torch.uint8), bits, naming="bits")


def rows(x: Tensor) -> Tensor:
    """A case as a matrix: its last axis stays."""
    return x.reshape(-1, x.shape[-1]) if x.dim() else x.reshape(1, 1)


def bias_for(weight: Tensor) -> Tensor:
    g = inputs.generator(0, f"bias of {len(weight)}")
    return torch.randn(len(weight), generator=g).to(weight.dtype)


def signed_codes(packed_weight: Tensor, bits: int, in_features: int) -> Tensor:
    """What offset-binary bytes stand for."""
    return (digits.codes_of(packed_weight, bits, in_features).long() - 2 ** (bits - 1)).to(torch.int8)


def expect_packed(
    got: object, weight: Tensor, bias: Tensor | None = None, *, bits: int = 4, group_size: int = 32
) -> tuple[Tensor, Tensor]:
    """Buffers of a layer that stands for these weights: scales of the groups, bytes of their codes, the bias."""
    packed_weight, scales, own_bias = expect_results(got, *BUFFERS)
    out_features, in_features = weight.shape
    expect_group_scales(scales, weight, group_size, bits=bits)
    columns = math.ceil(in_features * bits / 8)
    packed_weight = expect_tensor(packed_weight, "packed_weight", shape=(out_features, columns), dtype=torch.uint8)
    q = signed_codes(packed_weight, bits, in_features)
    expect_groups((q, scales), weight, group_size, bits=bits)
    rest = digits.packed_bytes(digits.codes_of(packed_weight, bits, in_features), bits)
    expect_equal(packed_weight, rest, "packed_weight")  # what is left of a last byte is zeros
    if bias is None:
        expect_equal(own_bias, None, "bias")
    else:
        expect_equal(own_bias, bias.detach(), "bias")
    return packed_weight, scales


@law("16.3", "codes of 4 bits: 0.7, -0.7, 0, 0.1 with the scale 0.1 are 15, 1, 8, 9, the bytes 0x1F and 0x98")
def test_the_worked_example(packedlinear_from_linear):
    got = packedlinear_from_linear("convert", EIGHT, BIAS, bits=4, group_size=4)
    packed_weight, scales, bias = expect_results(got, *BUFFERS)
    expect_close(scales, torch.tensor([[0.1], [0.01]]), "scales")
    expect_equal(packed_weight, EIGHT_BYTES, "packed_weight")
    expect_equal(bias, BIAS, "bias")


@law(
    "16.3", "the answer is a PackedLinear of the linear layer's sizes and dtype, with the bits and group size asked for"
)
def test_description(packedlinear_from_linear):
    for dtype, form, shape in itertools.product(FLOATS, FORMS, ((3, 5), (5, 3), (4, 4), (1, 1))):
        wanted = ("PackedLinear", shape[1], shape[0], form["bits"], form["group_size"], str(dtype))
        expect_equal(packedlinear_from_linear("describe", torch.ones(shape, dtype=dtype), **form), wanted, "the layer")


@law("16.3", "where nothing is asked for it is 4 bits in groups of 32")
def test_defaults(packedlinear_from_linear):
    weight = torch.randn(3, 70, generator=inputs.generator(0, "defaults"))
    wanted = ("PackedLinear", 70, 3, 4, 32, "torch.float32")
    expect_equal(packedlinear_from_linear("describe", weight), wanted, "the layer")
    expect_packed(packedlinear_from_linear("convert", weight), weight)


@law("16.3", "every group of a row has the float32 scale max|w| / (2**(bits-1) - 1), whatever the weights' dtype")
@cases(*WEIGHTS)
def test_scales(packedlinear_from_linear, x):
    weight = rows(x)
    for form in FORMS:
        _, scales, _ = expect_results(packedlinear_from_linear("convert", weight, **form), *BUFFERS)
        expect_group_scales(scales, weight, form["group_size"], bits=form["bits"])


@law("16.3", "the bytes hold, for every weight, the nearest code of its group plus 2**(bits-1)")
@cases(*WEIGHTS)
def test_codes(packedlinear_from_linear, x):
    weight = rows(x)
    for form in FORMS:
        expect_packed(packedlinear_from_linear("convert", weight, **form), weight, **form)


@law("16.3", "in_features need not divide: neither the bytes nor the last group is full then")
def test_short_rows(packedlinear_from_linear):
    for out_features, in_features in ((2, 1), (3, 5), (1, 9), (4, 13), (13, 4)):
        g = inputs.generator(0, f"{out_features} rows of {in_features}")
        weight = torch.randn(out_features, in_features, generator=g)
        for bits, group_size in itertools.product(LAYERS, (1, 2, 4, 7, 100)):
            got = packedlinear_from_linear("convert", weight, bits=bits, group_size=group_size)
            expect_packed(got, weight, bits=bits, group_size=group_size)


@law("16.3", "groups run along the rows, in a square matrix too")
def test_along_the_rows(packedlinear_from_linear):
    columns = torch.tensor([1.0, 2.0, 40.0, 80.0])
    weight = columns * torch.tensor([[1.27], [2.54], [-5.08], [12.7]])
    for matrix in (weight, weight.T):
        expect_packed(packedlinear_from_linear("convert", matrix, bits=8, group_size=2), matrix, bits=8, group_size=2)


@law("16.3", "a bfloat16 row keeps its signs")
def test_signs(packedlinear_from_linear):
    for bits in LAYERS:
        packed_weight, _ = expect_packed(packedlinear_from_linear("convert", SIGNS, bits=bits), SIGNS, bits=bits)
        q = signed_codes(packed_weight, bits, 3)
        expect_at_most(-(q.sign() * SIGNS.sign()).double(), 0.0, "weights with another sign")


@law("16.3", "weights of zero have the code 2**(bits-1), and a scale that is positive")
def test_zeros(packedlinear_from_linear):
    weight = torch.tensor([[0.0, -0.0, 0.0, 0.0], [1.27, -0.02, 0.0, 0.0]])
    for bits, byte in ((4, 0x88), (2, 0b10101010), (8, 128)):
        packed_weight, scales = expect_packed(
            packedlinear_from_linear("convert", weight, bits=bits, group_size=2), weight, bits=bits, group_size=2
        )
        expect_equal(packed_weight[0], torch.full_like(packed_weight[0], byte), "bytes of the row of zeros")
        expect_true(bool((scales > 0).all()), f"scales = {scales.tolist()}", "positive scales")


@law("16.3", "the smallest numbers of float32 and of float16 have a scale too")
def test_tiny_rows(packedlinear_from_linear):
    half = torch.tensor([[1e-6, -5e-7, 0.0], [1.0, 2.0, -3.0]], dtype=torch.float16)
    expect_packed(packedlinear_from_linear("convert", half), half)
    _, scales, _ = expect_results(packedlinear_from_linear("convert", torch.tensor([[2e-40, -1e-40]])), *BUFFERS)
    scales = expect_tensor(scales, "scales", shape=(1, 1), dtype=torch.float32)
    expect_true(bool((scales > 0).all()), f"scales = {scales.tolist()}", "positive scales")


@law("16.3", "the bias is copied as it is, and a layer without one gets none")
@cases(inputs.straddling, inputs.rows_apart, inputs.bfloat16, inputs.float16, inputs.float64, inputs.square_rows_apart)
def test_bias(packedlinear_from_linear, x):
    for bias in (bias_for(x), None):
        expect_packed(packedlinear_from_linear("convert", x, bias), x, bias)


@law("16.3", "bytes, scales and bias are saved, under these names and dtypes, and nothing else")
def test_state_dict(packedlinear_from_linear):
    for dtype in FLOATS:
        weight = torch.ones(3, 5, dtype=dtype)
        packed_weight, scales = ("packed_weight", "torch.uint8", (3, 3)), ("scales", "torch.float32", (3, 2))
        saved = packedlinear_from_linear("state dict", weight, group_size=4)
        expect_equal(tuple(sorted(saved)), (packed_weight, scales), "state_dict")
        saved = packedlinear_from_linear("state dict", weight, torch.ones(3, dtype=dtype), group_size=4)
        expect_equal(tuple(sorted(saved)), (("bias", str(dtype), (3,)), packed_weight, scales), "state_dict")


@law("16.3", "a layer that was saved comes back: into a skeleton on the meta device, and into a new layer")
def test_saved_and_loaded(packedlinear_from_linear):
    weight = torch.randn(3, 7, generator=inputs.generator(0, "saved"))
    for form, scenario in itertools.product(FORMS, ("load into a skeleton", "load into a new layer")):
        expect_packed(packedlinear_from_linear(scenario, weight, **form), weight, **form)
        got = packedlinear_from_linear(scenario, weight, torch.ones(3), **form)
        expect_packed(got, weight, torch.ones(3), **form)


@law("16.3", "its memory is ceil(in * bits / 8) bytes a row, 4 bytes a scale, and the bias: nothing else hangs on it")
def test_bytes(packedlinear_from_linear):
    for out_features, in_features in ((6, 64), (5, 50), (3, 7)):
        weight = torch.ones(out_features, in_features)
        for bits, group_size in itertools.product(LAYERS, (32, 3)):
            row = math.ceil(in_features * bits / 8) + 4 * math.ceil(in_features / group_size)
            form = {"bits": bits, "group_size": group_size}
            expect_equal(packedlinear_from_linear("count the bytes", weight, **form), out_features * row, "bytes")
            half = weight.half()
            got = packedlinear_from_linear("count the bytes", half, half[:, 0], **form)
            expect_equal(got, out_features * (row + 2), "bytes")


@law("16.3", "nothing of the new layer can be trained")
def test_nothing_is_trainable(packedlinear_from_linear):
    for bias in (None, torch.ones(3)):
        expect_equal(packedlinear_from_linear("what can be trained", torch.ones(3, 5), bias), (), "can be trained")


@law("16.3", "no buffer carries an autograd graph")
@cases(inputs.straddling, inputs.bfloat16, inputs.float64)
def test_no_graph(packedlinear_from_linear, x):
    expect_clean(packedlinear_from_linear.reply("convert", x, bias_for(x)))


@law("16.3", "the old weights can be freed: whoever holds only the new layer holds nothing of the old one")
def test_old_weights_are_freed(packedlinear_from_linear):
    for dtype in (torch.float32, torch.bfloat16, torch.float64):
        for bias in (None, torch.ones(3, dtype=dtype)):
            alive = packedlinear_from_linear("delete the linear", torch.ones(3, 5, dtype=dtype), bias)
            expect_equal(alive, (), "still in memory")


@law("16.3", "the new layer can be copied with deepcopy")
def test_deepcopy(packedlinear_from_linear):
    buffers, kind = expect_results(packedlinear_from_linear("deepcopy", EIGHT, BIAS, bits=2), "buffers", "the layer")
    expect_packed(buffers, EIGHT, BIAS, bits=2)
    expect_equal(kind, ("PackedLinear", 4, 2, 2, 32, "torch.float32"), "the copy")


@law("16.3", "the linear layer is left as it was")
@cases(inputs.straddling, inputs.bfloat16, inputs.transposed)
def test_linear_is_untouched(packedlinear_from_linear, x):
    got = packedlinear_from_linear("look at the linear", x, bias_for(x))
    weight, bias, other = expect_results(got, "weight", "bias", "other")
    expect_equal(weight, x.detach(), "linear.weight afterwards")
    expect_equal(bias, bias_for(x), "linear.bias afterwards")
    expect_equal(other, (), "changed")


@law("16.3", "the new layer does not change when the old one does")
def test_independent(packedlinear_from_linear):
    expect_packed(packedlinear_from_linear("change the linear", EIGHT, BIAS), EIGHT, BIAS)


@law("16.3", "a layer in training stays in training, one in eval mode stays in eval mode")
def test_training(packedlinear_from_linear):
    expect_equal(packedlinear_from_linear("training", torch.ones(2, 3)), (True, False), "training")


@law("16.3", "the buffers are on the linear layer's device, whatever the default device is")
def test_device(packedlinear_from_linear):
    expect_packed(packedlinear_from_linear("default device meta", EIGHT, BIAS), EIGHT, BIAS)


@law("16.3", "a subclass makes layers of its own kind")
def test_subclass(packedlinear_from_linear):
    expect_equal(packedlinear_from_linear("subclass", torch.ones(2, 3)), "MyOwnLinear", "the layer")


@law("16.3", "the new layer answers as the old one does, up to half a step a weight")
@cases(inputs.straddling, inputs.rows_apart, inputs.square_rows_apart, inputs.zero_channels, inputs.float64)
def test_answers(packedlinear_from_linear, x):
    activations = torch.randn(7, x.shape[1], generator=inputs.generator(0, "activations")).to(x.dtype)
    wanted = activations.double() @ x.double().T + bias_for(x).double()
    magnitudes = activations.double().abs()
    rounding = 1e-5 * (magnitudes @ x.double().abs().T + 1)
    for form in FORMS:
        got = packedlinear_from_linear("forward", x, bias_for(x), activations, **form)
        y = expect_tensor(got, "y", shape=wanted.shape, dtype=x.dtype)
        steps = spread(group_steps(x, form["group_size"], bits=form["bits"]), form["group_size"], x.shape[1])
        expect_at_most((y.double() - wanted).abs(), magnitudes @ steps.T / 2 + rounding, "|y - y_float|")


@law("16.3", "what is not an nn.Linear is refused")
def test_refuses_other_layers(packedlinear_from_linear):
    for scenario in ("a conv1d instead", "the weight instead"):
        expect_raises(packedlinear_from_linear, TypeError, scenario, torch.ones(2, 3), naming="linear")


@law("16.3", "weights that have no range are refused")
@cases(*inputs.REFUSED)
def test_refuses_weights(packedlinear_from_linear, x):
    expect_raises(packedlinear_from_linear, ValueError, "convert", rows(x), naming="linear.weight")


@law("16.3", "widths that a layer cannot have are refused, and so are groups of none")
def test_refuses_forms(packedlinear_from_linear):
    for bits in (1, 3, 5, 6, 7, 0, 16):
        expect_raises(packedlinear_from_linear, ValueError, "convert", EIGHT, bits=bits, naming="bits")
    for group_size in (0, -4):
        expect_raises(
            packedlinear_from_linear, ValueError, "convert", EIGHT, group_size=group_size, naming="group_size"
        )


def scales_for(packed_weight: Tensor, in_features: int, group_size: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """A different scale for every group of every row, not one of them a power of two."""
    shape = (len(packed_weight), math.ceil(in_features / group_size))
    return (0.3 + 0.0371 * torch.arange(math.prod(shape), dtype=torch.float32)).reshape(shape).to(dtype)


def real_weights(packed_weight: Tensor, scales: Tensor, *, in_features: int, bits: int, group_size: int) -> Tensor:
    """The dense weights in float64: every code minus 2**(bits-1), times the scale of its group."""
    wide = spread(scales, group_size, in_features)
    return oracle.real(signed_codes(packed_weight, bits, in_features), wide)


def expect_weights(got: object, packed_weight: Tensor, scales: Tensor, **form: int) -> Tensor:
    """The dense weights in float32, up to the rounding of float32 arithmetic."""
    wanted = real_weights(packed_weight, scales, **form)
    weights = expect_tensor(got, "weights", shape=wanted.shape, dtype=torch.float32)
    largest = 2 ** (form["bits"] - 1) * spread(scales, form["group_size"], form["in_features"]).double()
    near = (weights.double() - wanted).abs() <= oracle.SLACK * largest
    expect_equal(weights, torch.where(near, weights, wanted.float()), "weights")
    return weights


def forms_of(packed_weight: Tensor) -> list[dict[str, int]]:
    """Sizes that bytes can belong to: rows that fill their last byte and rows that do not, groups of all kinds."""
    forms = []
    for bits, group_size in itertools.product(LAYERS, (3, 4, 64)):
        most = packed_weight.shape[1] * 8 // bits
        lengths = {most, most - 8 // bits + 1}
        forms += [{"in_features": length, "bits": bits, "group_size": group_size} for length in sorted(lengths)]
    return forms


FOUR = {"in_features": 4, "bits": 4, "group_size": 2}
FOUR_BYTES, FOUR_SCALES = of_bytes(31, 152, 0xF8, 0x20).reshape(2, 2), torch.tensor([[0.5, 2.0], [1.0, 0.25]])
FOUR_WEIGHTS = torch.tensor([[3.5, -3.5, 0.0, 2.0], [0.0, 7.0, -2.0, -1.5]])


@law("16.4", "the bytes 31 and 152 with the scales 0.5 and 2 are the weights 3.5, -3.5, 0 and 2")
def test_dequantized_example(packedlinear_dequantize):
    expect_equal(packedlinear_dequantize("dequantize", FOUR_BYTES, FOUR_SCALES, **FOUR), FOUR_WEIGHTS, "weights")


@law("16.4", "every weight is its code minus 2**(bits-1), times the scale of its group, in float32")
@cases(*digits.ROWS)
def test_dequantized(packedlinear_dequantize, x):
    packed_weight = rows(x)
    for form in forms_of(packed_weight):
        scales = scales_for(packed_weight, form["in_features"], form["group_size"])
        got = packedlinear_dequantize("dequantize", packed_weight, scales, **form)
        expect_weights(got, packed_weight, scales, **form)


@law("16.4", "all 256 bytes have their weights, at every width")
def test_every_dequantized_byte(packedlinear_dequantize):
    packed_weight = torch.arange(256).to(torch.uint8).reshape(8, 32)
    for bits in LAYERS:
        form = {"in_features": 32 * 8 // bits, "bits": bits, "group_size": 5}
        scales = scales_for(packed_weight, form["in_features"], 5)
        got = packedlinear_dequantize("dequantize", packed_weight, scales, **form)
        expect_weights(got, packed_weight, scales, **form)


@law("16.4", "zero is exact: the code 2**(bits-1) is the weight 0")
def test_zero_is_exact(packedlinear_dequantize):
    for bits, byte in ((4, 0x88), (2, 0b10101010), (8, 128)):
        packed_weight = torch.full((3, 3), byte, dtype=torch.uint8)
        form = {"in_features": 24 // bits, "bits": bits, "group_size": 2}
        scales = scales_for(packed_weight, form["in_features"], 2)
        got = packedlinear_dequantize("dequantize", packed_weight, scales, **form)
        expect_equal(got, torch.zeros(3, 24 // bits), "weights")


@law("16.4", "a row has in_features weights: what is left of its last byte is none")
def test_rest_of_the_byte(packedlinear_dequantize):
    packed_weight = torch.full((2, 2), 255, dtype=torch.uint8)
    for bits, in_features in ((2, 5), (2, 6), (2, 7), (4, 3)):
        form = {"in_features": in_features, "bits": bits, "group_size": 4}
        scales = scales_for(packed_weight, in_features, 4)
        got = packedlinear_dequantize("dequantize", packed_weight, scales, **form)
        expect_weights(got, packed_weight, scales, **form)


@law("16.4", "the group size says where a group ends; the shapes do not: two scales for ten codes can be 5 or 9")
def test_group_size_decides(packedlinear_dequantize):
    packed_weight = torch.arange(10).to(torch.uint8).reshape(2, 5) * 25
    scales = torch.tensor([[1.0, 64.0], [0.5, 16.0]])
    for group_size in (5, 6, 7, 8, 9):
        form = {"in_features": 10, "bits": 4, "group_size": group_size}
        got = packedlinear_dequantize("dequantize", packed_weight, scales, **form)
        expect_weights(got, packed_weight, scales, **form)


@law("16.4", "float16 scales are taken as they are, and the arithmetic is float32 all the same")
def test_float16_scales(packedlinear_dequantize):
    packed_weight = torch.arange(40).to(torch.uint8).reshape(4, 10) * 6
    for bits in LAYERS:
        form = {"in_features": 80 // bits, "bits": bits, "group_size": 3}
        for factor in (1.0, 1e-5, 500.0):  # the second is subnormal in float16; of the third, products overflow it
            scales = (scales_for(packed_weight, form["in_features"], 3) * factor).half()
            got = packedlinear_dequantize("dequantize", packed_weight, scales, **form)
            expect_weights(got, packed_weight, scales, **form)


@law("16.4", "the weights are float32, whatever dtype the layer has; its weight attribute has the layer's")
def test_dtypes(packedlinear_dequantize):
    for dtype in FLOATS:
        bias = torch.ones(2, dtype=dtype)
        got = packedlinear_dequantize("dequantize", FOUR_BYTES, FOUR_SCALES, bias, **FOUR, dtype=dtype)
        expect_equal(got, FOUR_WEIGHTS, "weights")
        got = packedlinear_dequantize("weight", FOUR_BYTES, FOUR_SCALES, bias, **FOUR, dtype=dtype)
        expect_equal(got, FOUR_WEIGHTS.to(dtype), "layer.weight")


@law("16.4", "no autograd graph comes out")
def test_dequantized_is_clean(packedlinear_dequantize):
    expect_clean(packedlinear_dequantize.reply("dequantize", FOUR_BYTES, FOUR_SCALES, **FOUR))


@law("16.4", "a call leaves the layer as it was, and keeps nothing: no float copy of the weights")
def test_keeps_nothing(packedlinear_dequantize):
    got = packedlinear_dequantize("look at the layer", FOUR_BYTES, FOUR_SCALES, BIAS, **FOUR)
    packed_weight, scales, bias, gained = expect_results(got, *BUFFERS, "bytes gained")
    expect_equal(packed_weight, FOUR_BYTES, "packed_weight afterwards")
    expect_equal(scales, FOUR_SCALES, "scales afterwards")
    expect_equal(bias, BIAS, "bias afterwards")
    expect_equal(gained, 0, "bytes gained")


@law("16.4", "the answer is new memory, of the bytes that the layer has now")
def test_again(packedlinear_dequantize):
    got = packedlinear_dequantize("change the answer", FOUR_BYTES, FOUR_SCALES, **FOUR)
    expect_equal(got, FOUR_WEIGHTS, "weights, asked for again")
    got = packedlinear_dequantize("invert the bytes", FOUR_BYTES, FOUR_SCALES, **FOUR)
    expect_weights(got, 255 - FOUR_BYTES, FOUR_SCALES, **FOUR)


@law("16.4", "a layer that was moved to bfloat16 has the weights of its rounded scales")
def test_moved(packedlinear_dequantize):
    scales = torch.tensor([[0.3, 0.7], [0.1, 1.3]])
    got = packedlinear_dequantize("move to bfloat16", FOUR_BYTES, scales, **FOUR)
    expect_weights(got, FOUR_BYTES, scales.bfloat16().float(), **FOUR)


@law("16.4", "a copy of the layer has the same weights")
def test_copied(packedlinear_dequantize):
    expect_equal(packedlinear_dequantize("deepcopy", FOUR_BYTES, FOUR_SCALES, **FOUR), FOUR_WEIGHTS, "weights")


@law("16.4", "scales that were never filled are refused")
def test_never_filled(packedlinear_dequantize):
    expect_raises(packedlinear_dequantize, ValueError, "never filled", FOUR_BYTES, FOUR_SCALES, **FOUR, naming="scale")


def expect_output(
    got: object, x: Tensor, weight: Tensor, bias: Tensor | None = None, *, dtype: torch.dtype | None = None
) -> None:
    """A product with these float64 weights: float32 sums in any order, rounded once to x's dtype."""
    real = torch.zeros(len(weight), dtype=torch.float64) if bias is None else bias.double()
    values = x.detach().double()
    wanted = values @ weight.T + real
    y = expect_tensor(got, "y", shape=wanted.shape, dtype=x.dtype)
    magnitudes = values.abs() @ weight.abs().T + real.abs()
    rounding = (weight.shape[1] + 4) * 2.0**-24 * magnitudes + wanted.abs() * torch.finfo(x.dtype).eps + 1e-37
    smallest = torch.finfo(x.dtype).smallest_normal * torch.finfo(x.dtype).eps
    near = (y.double() - wanted).abs() <= rounding + smallest
    expect_equal(y, torch.where(near, y, wanted.to(x.dtype)), "y")


@law("16.4", "the layer answers as the dense layer with these weights, in x's dtype")
@cases(*inputs.ORDINARY, *inputs.DTYPES, *inputs.LAYOUTS, inputs.all_zero)
def test_forward(packedlinear_dequantize, x):
    length = x.size(-1)
    for bits in LAYERS:
        g = inputs.generator(0, f"bytes for {length} features")
        packed_weight = digits.random_bytes(g, 5, math.ceil(length * bits / 8))
        form = {"in_features": length, "bits": bits, "group_size": 3}
        scales, bias = scales_for(packed_weight, length, 3), torch.randn(5, generator=g)
        weight = real_weights(packed_weight, scales, **form)
        got = packedlinear_dequantize("forward", packed_weight, scales, bias, x.detach(), **form)
        expect_output(got, x, weight, bias)
        got = packedlinear_dequantize("forward", packed_weight, scales, None, x.detach(), **form)
        expect_output(got, x, weight)


@law("16.4", "float16 outputs are finite where the float32 result fits in float16")
def test_forward_float16(packedlinear_dequantize):
    x = torch.full((1, 700), 2.0, dtype=torch.float16)
    x[:, ::2] = -2.0
    packed_weight = torch.full((1, 700), 255, dtype=torch.uint8)
    form = {"in_features": 700, "bits": 8, "group_size": 700}
    got = packedlinear_dequantize("forward", packed_weight, torch.tensor([[1000.0]]), BIAS[:1], x, **form)
    expect_equal(got, torch.tensor([[0.5]], dtype=torch.float16), "y")


@law("16.4", "gradients flow back to x: each feature gets the sum of its weights")
def test_gradient(packedlinear_dequantize):
    x = torch.tensor([[1.0, 10.0, -3.0, 0.5], [2.0, 0.0, 0.0, 1.0]])
    wanted = FOUR_WEIGHTS.sum(0).expand(2, 4)
    got = packedlinear_dequantize("gradient of x", FOUR_BYTES, FOUR_SCALES, BIAS, x, **FOUR)
    expect_close(got, wanted.contiguous(), "gradient of x")


@law("16.4", "x may have any number of leading dimensions, but must end in in_features")
def test_forward_shapes(packedlinear_dequantize):
    for shape in ((4,), (4, 4), (2, 3, 4), (0, 4)):
        x = torch.randn(shape, generator=inputs.generator(0, str(shape)))
        got = packedlinear_dequantize("forward", FOUR_BYTES, FOUR_SCALES, BIAS, x, **FOUR)
        expect_output(got, x, FOUR_WEIGHTS.double(), BIAS)
    for wrong in (torch.ones(3), torch.ones(4, 5), torch.tensor(1.0)):
        args = ("forward", FOUR_BYTES, FOUR_SCALES, BIAS, wrong)
        expect_raises(packedlinear_dequantize, ValueError, *args, **FOUR, naming="x")
    args = ("forward", FOUR_BYTES, FOUR_SCALES, BIAS, torch.tensor([1, 2, 3, 4]))
    expect_raises(packedlinear_dequantize, TypeError, *args, **FOUR, naming="x")
