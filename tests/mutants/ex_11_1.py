"""Wrong answers to 11.1, and what to say about each."""

from __future__ import annotations

import fnmatch
import re

from labs_lib.course import checked
from labs_lib.course.standins import mutant

FULL = "a full name matches itself"
LAST = "a plain pattern also matches a last component"
PIECES = "a plain pattern never matches a piece of a component"
MIDDLE = "a plain pattern never matches a component before the last"
DOTTED = "a pattern with a dot is a full name, not the end of one"
STAR = "a star stands for any letters, dots among them"
WILDCARDS = "a question mark stands for one letter, and brackets for one of several"
NOT_LAST = "a pattern with a wildcard is held against the full name only"
CASE = "upper and lower case differ"
LITERAL = "a dot is a dot, and letters that mean something elsewhere are letters"
SEVERAL = "one pattern of several is enough, whichever it is, and no pattern names nothing"
ONE_STRING = "one string instead of a list is refused: its letters would be the patterns"


def is_plain(pattern):
    return not any(letter in pattern for letter in ".*?[")


def last_of(name):
    return name.rpartition(".")[2]


@mutant(
    "one_string",
    "11.1",
    law=ONE_STRING,
    says="This matches going through the letters of one string. Leave the given check at the top of the body: it "
    "refuses a string.",
    line=r"for pattern",
)
def takes_a_string_for_a_list(name, patterns):
    return any(
        fnmatch.fnmatchcase(name, pattern) or (is_plain(pattern) and last_of(name) == pattern) for pattern in patterns
    )


@mutant(
    "case",
    "11.1",
    law=CASE,
    says="This matches whatever the case of the letters. LM_head and lm_head are two names in Python.",
    line=r"lower|casefold|upper",
)
def ignores_case(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    name = name.lower()
    for pattern in (pattern.lower() for pattern in patterns):
        if fnmatch.fnmatchcase(name, pattern) or (is_plain(pattern) and last_of(name) == pattern):
            return True
    return False


@mutant(
    "first_decides",
    "11.1",
    law=SEVERAL,
    says="This matches letting the first pattern decide. Answer False after the loop, when all have been tried.",
    line=r"return|else",
)
def lets_the_first_decide(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    for pattern in patterns:
        return fnmatch.fnmatchcase(name, pattern) or (is_plain(pattern) and last_of(name) == pattern)
    return False


@mutant(
    "all_of_them",
    "11.1",
    law=SEVERAL,
    says="This matches asking that every pattern fits. One is enough: any, not all.",
    line=r"all\(",
)
def asks_for_all(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return bool(patterns) and all(
        fnmatch.fnmatchcase(name, pattern) or (is_plain(pattern) and last_of(name) == pattern) for pattern in patterns
    )


@mutant(
    "stars_only",
    "11.1",
    law=WILDCARDS,
    says="This matches stars and no other wildcard. fnmatch.fnmatchcase knows ? and [...] as well.",
    line=r"\*",
)
def knows_stars_only(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    for pattern in patterns:
        expression = ".*".join(map(re.escape, pattern.split("*")))
        if re.fullmatch(expression, name) or (is_plain(pattern) and last_of(name) == pattern):
            return True
    return False


@mutant(
    "one_level",
    "11.1",
    law=STAR,
    says="This matches a star within one component, as in file paths. Here it stands for dots too.",
    line=r"split|zip",
)
def stars_stop_at_dots(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    for pattern in patterns:
        parts, wanted = name.split("."), pattern.split(".")
        same = len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))
        if same or (is_plain(pattern) and last_of(name) == pattern):
            return True
    return False


@mutant(
    "last_too",
    "11.1",
    law=NOT_LAST,
    says="This matches patterns with wildcards against the last component too. Those are for full names: write "
    "'*.q_*' for all q_ layers.",
    line=r"last|split|rpartition",
)
def globs_on_last_components_too(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return any(
        fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(last_of(name), pattern) for pattern in patterns
    )


@mutant(
    "dotted_ends",
    "11.1",
    law=DOTTED,
    says="This matches the last components of a name: 'enc.proj' names model.enc.proj. A pattern with a dot is a full "
    "name.",
    line=r"endswith|\"\.\" \+",
)
def matches_dotted_ends(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return any(fnmatch.fnmatchcase(name, pattern) or ("." + name).endswith("." + pattern) for pattern in patterns)


@mutant(
    "any_component",
    "11.1",
    law=MIDDLE,
    says="This matches any component of the name. A plain pattern stands for the last one only.",
    line=r"split",
)
def matches_any_component(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return any(fnmatch.fnmatchcase(name, pattern) or pattern in name.split(".") for pattern in patterns)


@mutant(
    "full_prefix",
    "11.1",
    law=MIDDLE,
    says="This matches everything below the pattern: 'lm_head' names lm_head.dense. For that a learner of your library "
    "writes 'lm_head.*'.",
    line=r"startswith|\+ \"\.",
)
def matches_everything_below(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    for pattern in patterns:
        below = name.startswith(pattern + ".")
        if below or fnmatch.fnmatchcase(name, pattern) or (is_plain(pattern) and last_of(name) == pattern):
            return True
    return False


@mutant(
    "regex",
    "11.1",
    law=LITERAL,
    says="This matches regular expressions, in which a dot is any letter. The patterns are globs: use fnmatch.",
    line=r"re\.",
)
def uses_regular_expressions(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    for pattern in patterns:
        expression = pattern if is_plain(pattern) or "*" not in pattern else pattern.replace("*", ".*")
        if re.fullmatch(expression, name) or (is_plain(pattern) and last_of(name) == pattern):
            return True
    return False


@mutant(
    "equal_only",
    "11.1",
    law=STAR,
    says="This matches comparing letter by letter. fnmatch.fnmatchcase knows about wildcards; the name comes first.",
    line=r"==|in patterns",
)
def knows_no_wildcards(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return name in patterns or last_of(name) in patterns


@mutant(
    "H03",
    "11.1",
    law=PIECES,
    says="This matches names that begin with the pattern: lm_head_norm is left alone as well. Compare whole "
    "components.",
    line=r"startswith",
)
def matches_prefixes(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    globbed = any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    return globbed or any(last_of(name).startswith(pattern) for pattern in patterns if is_plain(pattern) and pattern)


@mutant(
    "ends",
    "11.1",
    law=PIECES,
    says="This matches names that end with the pattern: 'gate' names navigate. Cut off the last component, and compare "
    "all of it.",
    line=r"endswith",
)
def matches_ends(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return any(fnmatch.fnmatchcase(name, pattern) or name.endswith(pattern) for pattern in patterns if pattern)


@mutant(
    "pieces",
    "11.1",
    law=PIECES,
    says="This matches the pattern anywhere inside the name. A component counts whole or not at all.",
    line=r"in name|find",
)
def matches_pieces(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return any(fnmatch.fnmatchcase(name, pattern) or pattern in name for pattern in patterns if pattern)


@mutant(
    "full_only",
    "11.1",
    law=LAST,
    says="This matches full names only. A pattern without dot and wildcard, such as lm_head, also stands for a last "
    "component.",
    line=r"fnmatch",
)
def matches_full_names_only(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


@mutant(
    "leaf_globs",
    "11.1",
    law=FULL,
    says="This matches globs on the last component alone. Compare them with the full name.",
    line=r"last|split|rpartition",
)
def globs_on_leaf_names(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return any(fnmatch.fnmatchcase(last_of(name), pattern) for pattern in patterns)


@mutant(
    "leaf_names",
    "11.1",
    law=FULL,
    says="This matches looking at the last component alone, so that 'enc.proj' names nothing. Compare with the full "
    "name first.",
    line=r"last|split|rpartition",
)
def looks_at_leaf_names(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return last_of(name) in patterns


@mutant(
    "inverted",
    "11.1",
    law=FULL,
    says="This matches the opposite: whether a layer is to be replaced. Answer True for a layer that a pattern names.",
    line=r"not ",
)
def answers_the_opposite(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    return not any(
        fnmatch.fnmatchcase(name, pattern) or (is_plain(pattern) and last_of(name) == pattern) for pattern in patterns
    )


@mutant(
    "which",
    "11.1",
    law=FULL,
    says="This matches the pattern that fits instead of True. Answer whether there is one: True or False.",
    line=r"return|next|\[",
)
def answers_with_the_pattern(name, patterns):
    patterns = checked.patterns("patterns", patterns)
    for pattern in patterns:
        if fnmatch.fnmatchcase(name, pattern) or (is_plain(pattern) and last_of(name) == pattern):
            return pattern
    return None
