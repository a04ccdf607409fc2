"""Wrong answers to 12.1, and what to say about each."""

from __future__ import annotations

import itertools

from labs_lib.course import checked
from labs_lib.course.standins import mutant

LINEAR = "a linear layer of float32 takes 4 bytes for each weight and each bias"
QUANTIZED = "buffers count too: that is where int8 weights live"
DTYPES = "each dtype takes its own number of bytes"
UNSAVED = "buffers that are never saved take memory all the same"
TIED = "a head tied to the embedding counts once"
TWICE = "a layer that stands in two places counts once"
VIEWS = "a view of a tensor takes no memory of its own"
HALVES = "two halves of one tensor count both"
REPEATED = "one row that is shown a thousand times is one row"
TRAINABLE = "frozen weights count, and gradients are no part of the model"
META = "on the meta device it says what the model would need"


def tensors_of(model):
    return itertools.chain(model.parameters(), model.buffers())


@mutant(
    "repeated",
    "12.1",
    law=REPEATED,
    says="This matches the bytes that a tensor shows. One row expanded to a thousand is still one row in memory: "
    "take the storage's nbytes().",
    line=r"nbytes",
)
def takes_the_shown_size(model):
    model = checked.model(model)
    ends = {}
    for tensor in tensors_of(model):
        place = id(tensor) if tensor.is_meta else tensor.untyped_storage().data_ptr()
        end = tensor.storage_offset() * tensor.element_size() + tensor.nbytes
        ends[place] = max(end, ends.get(place, 0))
    return sum(ends.values())


@mutant(
    "by_tensor_address",
    "12.1",
    law=VIEWS,
    says="This matches telling tensors apart by their own data_ptr(). A view that begins at the second row has "
    "another: use that of the untyped_storage().",
    line=r"data_ptr",
)
def tells_apart_by_tensor_address(model):
    model = checked.model(model)
    sizes = {}
    for tensor in tensors_of(model):
        place = id(tensor) if tensor.is_meta else tensor.data_ptr()
        sizes[place] = max(tensor.nbytes, sizes.get(place, 0))
    return sum(sizes.values())


@mutant(
    "views_twice",
    "12.1",
    law=VIEWS,
    says="This matches adding up all tensors. A transposed copy of the handle is the same memory: count storages.",
    line=r"nbytes|element_size",
)
def counts_views_twice(model):
    model = checked.model(model)
    return sum(tensor.nbytes for tensor in tensors_of(model))


@mutant(
    "saved_only",
    "12.1",
    law=UNSAVED,
    says="This matches the state_dict with shared memory once. Buffers that are not saved take memory too: "
    "go through parameters() and buffers().",
    line=r"state_dict",
)
def counts_what_is_saved(model):
    model = checked.model(model)
    storages = {}
    for tensor in model.state_dict(keep_vars=True).values():
        storage = tensor.untyped_storage()
        storages[id(tensor) if tensor.is_meta else storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


@mutant(
    "four_bytes_float",
    "12.1",
    law=DTYPES,
    says="This matches 4 bytes for every float and 1 for every integer. float16 takes 2 and int64 takes 8: use nbytes.",
    line=r"is_floating_point|4 if",
)
def takes_four_bytes_for_floats(model):
    model = checked.model(model)
    return sum(tensor.numel() * (4 if tensor.is_floating_point() else 1) for tensor in tensors_of(model))


@mutant(
    "H10",
    "12.1",
    law=QUANTIZED,
    says="This matches counting parameters only. int8 weights live in buffers: go through model.buffers() too.",
    line=r"parameters\(\)",
)
def counts_parameters_only(model):
    model = checked.model(model)
    storages = {}
    for tensor in model.parameters():
        storage = tensor.untyped_storage()
        storages[id(tensor) if tensor.is_meta else storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


@mutant(
    "H11",
    "12.1",
    law=QUANTIZED,
    says="This matches 4 bytes for every value. An int8 takes 1 and a bfloat16 takes 2: ask the tensor or its storage.",
    line=r"\* 4|4 \*",
)
def takes_four_bytes_for_all(model):
    model = checked.model(model)
    return sum(tensor.numel() * 4 for tensor in tensors_of(model))


@mutant(
    "values",
    "12.1",
    law=LINEAR,
    says="This matches the number of values. Multiply by the bytes of each: element_size(), or nbytes for both.",
    line=r"numel",
)
def counts_values(model):
    model = checked.model(model)
    return sum(tensor.numel() for tensor in tensors_of(model))


@mutant(
    "tied_twice",
    "12.1",
    law=TIED,
    says="This matches adding up the modules one by one, which counts a tied weight at each of its users.",
    line=r"modules\(\)|recurse",
)
def counts_tied_weights_twice(model):
    model = checked.model(model)
    return sum(
        tensor.nbytes
        for module in model.modules()
        for tensor in itertools.chain(module.parameters(recurse=False), module.buffers(recurse=False))
    )


@mutant(
    "state_dict",
    "12.1",
    law=UNSAVED,
    says="This matches the state_dict: a tied weight stands in it twice, and buffers that are not saved are missing.",
    line=r"state_dict",
)
def counts_the_state_dict(model):
    model = checked.model(model)
    return sum(tensor.nbytes for tensor in model.state_dict().values())


@mutant(
    "first_tensor_of_storage",
    "12.1",
    law=HALVES,
    says="This matches the size of one tensor for each storage. Two halves of one tensor share a storage and are both "
    "there: take the storage's nbytes().",
    line=r"nbytes",
)
def takes_one_tensor_of_a_storage(model):
    model = checked.model(model)
    sizes = {}
    for tensor in tensors_of(model):
        storage = tensor.untyped_storage()
        sizes.setdefault(id(tensor) if tensor.is_meta else storage.data_ptr(), tensor.nbytes)
    return sum(sizes.values())


@mutant(
    "meta",
    "12.1",
    law=META,
    says="This matches addresses on the meta device. They are all 0 there, so that all tensors look like one: "
    "take the tensor's id instead.",
    line=r"data_ptr",
)
def has_one_place_on_meta(model):
    model = checked.model(model)
    storages = {}
    for tensor in tensors_of(model):
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


@mutant(
    "meta_is_nothing",
    "12.1",
    law=META,
    says="This matches 0 bytes on the meta device. There the question is what the model would need.",
    line=r"meta",
)
def calls_meta_nothing(model):
    model = checked.model(model)
    storages = {}
    for tensor in tensors_of(model):
        if not tensor.is_meta:
            storages[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
    return sum(storages.values())


@mutant(
    "trainable",
    "12.1",
    law=QUANTIZED,
    says="This matches counting what can be trained. Frozen weights and buffers take memory all the same.",
    line=r"requires_grad",
)
def counts_trainable_tensors(model):
    model = checked.model(model)
    return sum(tensor.nbytes for tensor in tensors_of(model) if tensor.requires_grad)


@mutant(
    "gradients",
    "12.1",
    law=TRAINABLE,
    says="This matches counting gradients as well. They are no parameters and no buffers: a model that runs has none.",
    line=r"grad",
)
def counts_gradients(model):
    model = checked.model(model)
    storages = {}
    for tensor in tensors_of(model):
        for held in (tensor, tensor.grad):
            if held is not None:
                storage = held.untyped_storage()
                storages[id(held) if held.is_meta else storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


@mutant(
    "megabytes",
    "12.1",
    law=LINEAR,
    says="This matches megabytes. The answer is in bytes, a whole number.",
    line=r"1e6|1e-6|2\*\*20|1024",
)
def answers_in_megabytes(model):
    model = checked.model(model)
    return sum(tensor.nbytes for tensor in tensors_of(model)) / 1e6


@mutant(
    "equal_values",
    "12.1",
    law="two layers with equal values count twice",
    says="This matches taking equal values for one tensor. Two layers that happen to be equal are two in memory.",
    line=r"equal|tolist|hash",
)
def merges_equal_values(model):
    model = checked.model(model)
    kept = []
    for tensor in tensors_of(model):
        storage = tensor.detach() if tensor.is_meta else tensor.detach().contiguous().view(-1)
        if not any(storage.shape == other.shape and not other.is_meta and storage.equal(other) for other in kept):
            kept.append(storage)
    return sum(tensor.untyped_storage().nbytes() for tensor in kept)
