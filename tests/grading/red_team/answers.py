"""Attacks on the judgement: answers that lie, machinery that is patched, references that are searched for."""

from __future__ import annotations

from . import Hostile

CASES = (
    # --- exits -------------------------------------------------------------------------------------------------------
    Hostile(
        "exit status 0 in a call",
        "error",
        "SystemExit is an exception like any other",
        "import sys",
        body="sys.exit(0)",
    ),
    Hostile("exit status 0 at import", "error", "the file cannot be run", "raise SystemExit(0)"),
    Hostile("os._exit(0) in a call", "crashed", "no answer is no pass", "import os", body="os._exit(0)"),
    Hostile("os._exit(0) at import", "crashed", "no answer is no pass", "import os; os._exit(0)"),
    Hostile(
        "Ctrl-C in a call",
        "error",
        "the laws stop, and none of them is passed over",
        "",
        body="raise KeyboardInterrupt",
    ),
    Hostile("Ctrl-C at import", "crashed", "no answer is no pass", "raise KeyboardInterrupt"),
    Hostile("not implemented", "not_started", "no points for that", "", body="raise NotImplementedError"),
    Hostile(
        "an exception that suits every law",
        "error",
        "refusals alone are not enough: most laws want an answer",
        "",
        body='raise type("ValueError", (TypeError, ValueError), {})("x scale zero_point q bits signed")',
        exercise="03.2",
    ),
    Hostile("no Python", "error", "the grader reads the text and does not stumble", "def (:"),
    Hostile("nested too deeply", "error", "the parser gives up in good time", "x = " + 50_000 * "("),
    Hostile("a mountain of decorators", "error", "reading takes linear time", 6_000 * '@exercise("03.1")\n' + "("),
    # --- answers that lie --------------------------------------------------------------------------------------------
    Hostile(
        "a tensor that equals everything",
        "failed",
        "only its numbers cross the wall",
        """
        class Liar(Tensor):
            def __eq__(self, other):
                return torch.ones(())

            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                return torch.ones((), dtype=torch.bool)
        """,
        exercise="03.3",
        body="return torch.Tensor._make_subclass(Liar, torch.zeros(q.shape))",
    ),
    Hostile(
        "an int that equals everything",
        "failed",
        "an int of another class is no int",
        """
        class Liar(int):
            __eq__ = lambda self, other: True
            __hash__ = int.__hash__
        """,
        body="return Liar(0), Liar(0)",
    ),
    Hostile("truth", "failed", "True is not an int", "", body="return True, True"),
    Hostile("the word passed", "failed", "words are no codes", "", body='return "passed"'),
    Hostile(
        "a JSON of the result", "failed", "a dict is no answer", "", body='return {"state": "passed", "points": 5}'
    ),
    Hostile(
        "not a number",
        "failed",
        "NaN equals nothing",
        "",
        exercise="03.3",
        body="return torch.full(q.shape, torch.nan)",
    ),
    Hostile(
        "infinities",
        "failed",
        "infinity is not close",
        "",
        exercise="03.3",
        body="return torch.full(q.shape, torch.inf)",
    ),
    Hostile(
        "a tensor of a tebibyte",
        "failed",
        "it is never set aside, and named in place of itself",
        "",
        exercise="03.3",
        body="return torch.zeros(1).expand(2**40)",
    ),
    Hostile(
        "2 MB in an answer",
        "failed",
        "an answer has 1 MB at most",
        "",
        exercise="03.3",
        body="return torch.zeros(2**19)",
    ),
    Hostile("an int of 100,000 digits", "failed", "too long to be sent", "", body="return 0, 10**100_000"),
    Hostile("a list that holds itself", "failed", "20 lists deep is enough", "", body="x = [0]; x.append(x); return x"),
    Hostile("400,000 letters", "failed", "messages are cut", "", body='return 400_000 * "a"'),
    Hostile("a raised megabyte", "error", "messages are cut", "", body='raise ValueError(2**20 * "a")'),
    # --- machinery that is patched ------------------------------------------------------------------------------------
    Hostile(
        "patched torch",
        "failed",
        "the grader compares with a torch of its own",
        """
        for owner in (torch, torch.Tensor):
            for name in ("equal", "allclose", "eq", "all", "__eq__", "isclose"):
                if hasattr(owner, name):
                    setattr(owner, name, lambda *args, **kwargs: True)
        """,
    ),
    Hostile(
        "patched pytest",
        "failed",
        "pytest runs on the other side",
        """
        import sys, types
        fake = types.ModuleType("pytest")
        fake.main = lambda *args, **kwargs: 0
        fake.fail = fake.skip = lambda *args, **kwargs: None
        sys.modules["pytest"] = sys.modules["_pytest"] = fake
        """,
    ),
    Hostile(
        "patched json",
        "crashed",
        "what it sends instead is no answer",
        """
        import json
        json.dumps = lambda *args, **kwargs: '{"state": "passed", "points": 5}'
        """,
    ),
    Hostile(
        "patched socket",
        "crashed",
        "an answer that is not sent is no answer",
        """
        import struct
        from labs_lib.grading import protocol
        protocol.encode = lambda *args, **kwargs: b"all of it has passed"
        """,
    ),
    Hostile(
        "patched builtins",
        "failed",
        "the laws use other builtins",
        """
        import builtins
        def attack():
            builtins.isinstance = builtins.all = builtins.any = lambda *args: True
            builtins.abs = builtins.max = lambda *args, **kwargs: 0
        """,
    ),
    Hostile(
        "patched laws",
        "failed",
        "the laws that count are not here",
        """
        from labs_lib.course.laws import expect
        for name in dir(expect):
            if name.startswith("expect_"):
                setattr(expect, name, lambda *args, **kwargs: None)
        """,
    ),
    Hostile(
        "patched driver",
        "failed",
        "whatever answers, values are judged",
        """
        import sys
        from labs_lib.course.laws import driver
        def call(*args):
            return driver.Reply(value=(0, 0))
        driver.call = call
        frame = sys._getframe()
        while frame:
            if "call" in frame.f_locals and callable(frame.f_locals["call"]):
                frame.f_locals["call"] = call
            frame = frame.f_back
        """,
    ),
    Hostile(
        "patched checks",
        "failed",
        "a law asks for the refusal itself",
        """
        import types
        for name in dir(checked):
            if isinstance(getattr(checked, name), types.FunctionType):
                setattr(checked, name, lambda *args, **kwargs: args[-1] if args else None)
        """,
        body="return _right(8, signed)",
    ),
    Hostile(
        "the reference in its own place",
        "not_started",
        "the reference of its own exercise is a stub here",
        """
        import sys
        registry = sys.modules["labs_lib.course.exercise"]
        registry._written["03.1"] = lambda *args, **kwargs: registry.reference("03.1")(*args, **kwargs)
        """,
    ),
    Hostile(
        "the mode of solutions",
        "not_started",
        "there is no solution to go to",
        """
        import os
        from labs_lib.course import modes
        os.environ["LABS_MODE"] = "solutions"
        modes.current = lambda: modes.Mode("solutions")
        """,
    ),
    # --- references that are searched for -----------------------------------------------------------------------------
    Hostile(
        "searching frames",
        "failed",
        "no frame holds what a law expects",
        """
        import sys
        def attack():
            frame = sys._getframe()
            while frame:
                for values in (frame.f_locals, frame.f_globals):
                    if any(name in values for name in ("expected", "seed", "outcomes", "session", "law")):
                        return True
                frame = frame.f_back
        """,
    ),
    Hostile(
        "searching the garbage collector",
        "failed",
        "no module of laws, mutants or judging, and no body of this exercise but its own and the stub",
        """
        import gc, sys, types
        def attack():
            modules = [name for name in sys.modules if name.startswith(("tests", "labs_lib.grading.judging"))]
            functions = [one for one in gc.get_objects() if isinstance(one, types.FunctionType)]
            found = [one for one in functions if one.__name__ == "q_range" and one.__module__ != "labs_lib.affine"]
            bodies = [one for one in found if 2 in one.__code__.co_consts]
            return modules or bodies
        """,
    ),
    Hostile(
        "searching memory",
        "failed",
        "the worker never reads a text: a fork has no more than its own",
        """
        import ctypes, os
        def attack():
            ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # one's own memory may be read again
            start_of, backwards = (half.encode() for half in PLACES["earlier"])  # halves: not to find itself
            memory = os.open("/proc/self/mem", os.O_RDONLY)
            for line in open("/proc/self/maps"):
                start, end = (int(place, 16) for place in line.split()[0].split("-"))
                if "rw" in line.split()[1] and end - start < 2**28:
                    try:
                        pieces = os.pread(memory, end - start, start).split(start_of)[1:]
                    except OSError:
                        continue
                    if any(piece[: len(backwards)][::-1] == backwards for piece in pieces):
                        return True
        """,
    ),
    # --- recursion and the interpreter -------------------------------------------------------------------------------
    Hostile("endless recursion", "error", "Python stops it", "", body="return q_range(bits, signed)"),
    Hostile("a null pointer", "crashed", "a process of its own", "import ctypes", body="return ctypes.string_at(0)"),
    Hostile("abort", "crashed", "a process of its own", "import os", body="os.abort()"),
)
