"""Other right answers to 12.1."""

from __future__ import annotations

import itertools

from labs_lib.course import checked
from labs_lib.course.standins import equivalent


@equivalent("12.1")
def never_more_than_the_storage_holds(model):
    """Counts each tensor at its own bytes, and a storage that several share at its own at most."""
    model = checked.model(model)
    shown, room = {}, {}
    for tensor in itertools.chain(model.parameters(), model.buffers()):
        storage = tensor.untyped_storage()
        place = ("meta", id(tensor)) if tensor.is_meta else (str(tensor.device), storage.data_ptr())
        room[place] = storage.nbytes()
        sizes = shown.setdefault(place, {})
        sizes[tensor.data_ptr()] = max(tensor.nbytes, sizes.get(tensor.data_ptr(), 0))
    return sum(min(room[place], sum(sizes.values())) for place, sizes in shown.items())


@equivalent("12.1")
def as_stretches_of_memory(model):
    """From each tensor's first to its last byte; stretches that overlap are joined."""
    model = checked.model(model)
    tensors = [tensor for tensor in (*model.parameters(), *model.buffers()) if tensor.numel()]
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors if tensor.is_meta)
    stretches = []
    for tensor in tensors:
        if not tensor.is_meta:
            steps = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
            first = tensor.data_ptr()
            stretches.append((first, first + (steps + 1) * tensor.element_size()))
    reached = 0
    for first, end in sorted(stretches):
        total += max(0, end - max(first, reached))
        reached = max(reached, end)
    return total


@equivalent("12.1")
def module_by_module(model):
    """Walks through the modules and remembers which storages it has met."""
    model = checked.model(model)
    met, total = set(), 0
    for module in model.modules():
        own = [*module._parameters.values(), *module._buffers.values()]
        for tensor in (tensor for tensor in own if tensor is not None):
            storage = tensor.untyped_storage()
            place = storage._cdata
            if place not in met:
                met.add(place)
                total += storage.size()
    return total
