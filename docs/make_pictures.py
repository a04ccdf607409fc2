"""Draw the README's picture with the course's own code: ``LABS_MODE=solutions python docs/make_pictures.py``."""

from pathlib import Path

import torch

from labs_lib import show

values = torch.tensor([-3.1, -1.37, -0.2, 0.9, 2.24, 4.6])  # those of lesson 3
figure = show.number_line_figure(show.number_line(values, scale=0.5, zero_point=0, bits=4))
figure.savefig(Path(__file__).with_name("number_line.png"), dpi=110, metadata={"Software": None})
