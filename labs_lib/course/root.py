"""Where the course lives. Every path is found from this package's own place, so a copy is a whole course."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "labs_lib"
SOLUTIONS = ROOT / "solutions"
NOTEBOOKS = ROOT / "notebooks"
LAWS = ROOT / "tests" / "laws"
WORKSPACE = ROOT / "workspace"
STATE = ROOT / ".labs"


def load_module(dotted_name: str) -> ModuleType | None:
    """Import a module that lies beside ``labs_lib``, such as ``solutions.affine``; None where it is withheld.

    The top package is taken from ``ROOT`` and nowhere else: another installed course, or some other
    package called ``tests``, must never answer.
    """
    top = dotted_name.partition(".")[0]
    folder = ROOT / top
    if not ROOT.joinpath(*dotted_name.split(".")).with_suffix(".py").is_file():
        return None
    loaded = sys.modules.get(top)
    if loaded is None or folder not in [Path(path).resolve() for path in getattr(loaded, "__path__", [])]:
        for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
            del sys.modules[name]
        spec = importlib.util.spec_from_file_location(
            top, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None and spec.loader is not None
        sys.modules[top] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[top])
    return importlib.import_module(dotted_name)
