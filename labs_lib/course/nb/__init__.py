"""Notebooks as things to run, store, compare and copy. Given code: nothing to write here.

render      run notebooks anew in solutions mode and store their outputs
verify      prove that a fresh run gives what is stored (pytest with nbval)
workspace   the learner's copies
"""
