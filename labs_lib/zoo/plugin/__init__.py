"""A quantizer that plugs into transformers: it quantizes while a model loads, and loads what was saved.

    from transformers import AutoModelForCausalLM
    from labs_lib.zoo.plugin import LabsConfig

    model = AutoModelForCausalLM.from_pretrained(name, quantization_config=LabsConfig(bits=4, group_size=32))
    print(model.hf_quantizer.report)                       # which layers were quantized, and which not, and why
    model.save_pretrained("small")                         # or model.push_to_hub("you/small")
    model = AutoModelForCausalLM.from_pretrained("small")  # no argument, the same logits

The arithmetic is yours: layers are made by ``W8A16Linear.from_linear`` (lesson 10) or ``PackedLinear.from_linear``
(lesson 16), and chosen by ``quantize_model`` (lesson 12). The files are those of lesson 13: ``load_quantized`` reads
what ``save_pretrained`` wrote, and ``from_pretrained`` reads what ``save_quantized`` wrote.

**Import this package before you load a quantized model**, in every program and notebook: transformers knows no method
called ``labs``. Without the import, what ``save_pretrained`` wrote is refused with an error that says what to import.
What ``save_quantized`` wrote is not: there transformers only warns, fills every quantized layer with random numbers,
and goes on. ``load_quantized`` needs no import.

The parts, in the order in which a model passes them:

- ``asking``: ``LabsConfig``, what is asked for, and the recipe that is stored in ``config.json``
- ``quantizer``: what transformers calls while it loads and saves
- ``choosing``: which layers, on a model that has no weights yet
- ``converting``: from a float weight that has just been read to a quantized layer
- ``finishing``: nothing is missing, and scales keep their precision
- ``guarding``: a stored model that cannot be loaded without the import
- ``dequantizing``: back to a float model
- ``registering``: the names under which transformers finds all this
"""

from __future__ import annotations

from .asking import LabsConfig
from .quantizer import LabsQuantizer
from .registering import register

__all__ = ["LabsConfig", "LabsQuantizer"]

register(LabsConfig, LabsQuantizer)
