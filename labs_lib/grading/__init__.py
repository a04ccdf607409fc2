"""Grading a class without trusting a line of what it wrote. Given code; ``labs grade`` is its door.

The grader never imports a submission. A *worker*, in a sandbox without network, solutions, laws or other submissions,
runs what was submitted and answers with data; the grader holds the laws and judges the answers. The parts, from the
submission to the grade:

- ``intake``: only the learner's modules are taken, as text; links, climbing paths and bombs are refused
- ``sandbox``: the three ways to start a worker, and what each one keeps out
- ``worker``: what runs in the sandbox: a process that has torch loaded and forks once an exercise
- ``limits``: what a fork may use, and ``syscalls``: what it may ask of the kernel
- ``protocol``: the one format of what crosses the wall
- ``remote``: the grader's end of the wall, with its deadlines
- ``judging``: one submission, from texts to verdicts, by the laws of ``tests/laws``
- ``results``: ``results.json``, written after every exercise
- ``settings``: what holds for a whole run, and the fingerprint of it that a resumed run must share
- ``batch``: a class: the pool, and what a killed run had finished; ``preloaded``: what all of the pool has in memory
- ``cluster``: the same on Dask
- ``run``: what ``labs grade`` does with all of these
- ``export``: other programs' formats, made from ``results.json``
- ``similarity``: which submissions are alike
- ``release``, ``leaks``, ``autograder``: what a class and Gradescope are given

What a worker says is not to be trusted, and need not be: a value earns its points by being right on hidden cases, from
whomever it comes. Facts about a call (it changed an argument, it printed, a layer is still in memory) are the worker's
word: a submission that patches the driver can hide such a fault, and gains the law that asks for it, no other.

``tests/grading/red_team`` attacks all of this, and says of each attack how it must end.
"""
