"""Grading a class without trusting a line of what it wrote. Given code; ``labs grade`` is its door.

The grader never imports a submission. A *worker*, in a sandbox without network, solutions, laws or other submissions,
runs what was submitted and answers with data; the grader holds the laws and judges the answers. The parts, from the
submission to the grade:

- ``intake``: only the learner's modules are taken, as text; links, climbing paths and bombs are refused
- ``sandbox``: the three ways to start a worker, and what each one keeps out
- ``worker``: what runs in the sandbox: a process that has torch loaded and forks once an exercise
- ``limits``: what a fork may use
- ``protocol``: the one format of what crosses the wall
- ``remote``: the grader's end of the wall, with its deadlines
- ``judging``: one submission, from texts to verdicts, by the laws of ``tests/laws``
- ``results``: ``results.json``, written after every exercise
- ``batch``: a class: the pool, the progress, what a killed run had finished
"""
