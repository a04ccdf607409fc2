"""Named drivers: for exercises on layers and models, which are not data.

A driver runs beside the learner's code. It builds what the exercise needs from plain arguments (numbers, strings,
tensors), calls it, looks at the outcome, and answers with data. The laws that call it never touch the learner's
objects. ``drive`` in ``ex_10_2.py`` is what the laws of 10.2 call; its first argument names a scenario.
"""
