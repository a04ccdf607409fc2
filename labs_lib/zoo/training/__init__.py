"""How the checkpoints of tiny-lm were made: ``python -m labs_lib.zoo.training FOLDER`` makes them again.

``recipe.py`` has all the numbers, ``run.py`` trains, ``checkpoints.py`` writes what ships, ``curves.py`` draws.
"""
