"""The one way in which a notebook shows a figure: a picture with a text that says the same."""

from __future__ import annotations

import base64
import html
import io

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure

from .style import DPI


def publish(figure: Figure, alt: str) -> None:
    """Display a figure with its alternative text, and close it.

    JupyterLab 4.6 and nbconvert 7.17 give an image/png no alt attribute (of nbconvert's templates only ``classic``
    reads it from the metadata), so the text follows as a paragraph: JupyterLab keeps it for screen readers, other
    front ends show it as a caption.

    Args:
        figure: any matplotlib figure.
        alt: what the figure shows, the finding first. The same at every run: nbval compares it.

    Raises:
        ValueError: ``alt`` is empty.
    """
    bundle = picture(figure, alt)
    display(bundle, metadata={"image/png": {"alt": alt}}, raw=True)
    display({"text/html": f'<p class="jp-sr-only">{html.escape(bundle["text/plain"])}</p>'}, raw=True)
    plt.close(figure)


def picture(figure: Figure, alt: str) -> dict[str, str]:
    """The figure as a mimebundle: ``image/png`` in base64, and ``text/plain``."""
    if not alt.strip():
        raise ValueError(f"alt must say what the figure shows, got {alt!r}")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI)
    return {"image/png": base64.b64encode(file.getvalue()).decode("ascii"), "text/plain": f"Figure: {alt}"}
