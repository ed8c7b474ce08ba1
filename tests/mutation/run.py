"""Whether the tests would notice: ``python tests/mutation/run.py [MODULE…]``.

Changes one place of a module after another (cosmic-ray makes the changes, which it calls mutants)
and runs the tests on each: a mutant is killed where a test fails or the time is up, and survives
where all pass. It works on copies of this checkout, one for each worker, and leaves it alone.

What cannot be seen from outside is in ``equivalents.toml``, each with the reason. The status is 1
where fewer than nine of ten others are killed, or where that list is no longer true.

It takes an environment that runs the tests, and ``pip install "cosmic-ray>=8.4"`` in it.
"""

from __future__ import annotations

import argparse
import difflib
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

try:
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names
except ImportError:
    sys.exit('Mutation testing takes cosmic-ray: pip install "cosmic-ray>=8.4"')

ROOT: Final = Path(__file__).resolve().parent.parent.parent
EQUIVALENTS: Final = "tests/mutation/equivalents.toml"
COPIED: Final = ("auditor", "policies", "examples", "tests", "pyproject.toml")
ENOUGH: Final = 90
"""The least score of each line of the table, in percent."""

_CASES: Final = "tests/test_cases.py"
_POLICY: Final = "tests/unit/test_policy.py"
_INVALID: Final = "tests/unit/test_invalid_policies.py"
_ROUTE: Final = "tests/unit/test_route_command.py"
_EXEMPTIONS: Final = "tests/unit/test_exemptions.py"

MODULES: Final = {
    "auditor/policy/matchers/*.py": ("tests/unit/test_matchers.py", _POLICY, _INVALID),
    "auditor/policy/exemptions.py": (_EXEMPTIONS, _POLICY, _INVALID),
    "auditor/evaluate/exempting.py": (_EXEMPTIONS,),
    "auditor/evaluate/compare.py": ("tests/unit/test_compare.py",),
    "auditor/evaluate/property_control.py": (_CASES,),
    "auditor/evaluate/bypass_routes.py": (_CASES,),
    "auditor/evaluate/allowed.py": (_CASES,),
    "auditor/routing/*.py": ("tests/routing/test_rules.py", _ROUTE, "tests/routing"),
    "auditor/normalise/*.py": ("tests/unit/test_normalise.py",),
    "auditor/kinds/*.py": ("tests/unit/test_kinds.py", "tests/unit/test_normalisation.py"),
}
"""Modules that are scored together → the tests that must notice, the quickest first.

More tests would kill no fewer, but each survivor takes all of them.
"""

Key: TypeAlias = tuple[str, str, str, int]
"""A mutant's module, its lines before and after, and which of several such lines it is."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module.

    Attributes:
        module: its path in the checkout.
        line: where it begins, counted from 1.
        nth: which of the module's lines with the same text, counted from 1.
        before: the changed lines, without what indents them.
        after: the same lines of the mutant.
        code: the whole mutant.
    """

    module: str
    line: int
    nth: int
    before: str
    after: str
    code: str

    @property
    def key(self) -> Key:
        """What the list of equivalents knows it by, wherever its line may move."""
        return self.module, _squeezed(self.before), _squeezed(self.after), self.nth

    def __str__(self) -> str:
        where = f"{self.module}:{self.line}"
        nth = f" (nth = {self.nth})" if self.nth > 1 else ""
        minus, plus = self.before.replace("\n", "\n  - "), self.after.replace("\n", "\n  + ")
        return f"{where}{nth}\n  - {minus}\n  + {plus}"


class Score(NamedTuple):
    """What became of the mutants of one module, or of several."""

    name: str
    mutants: int
    killed: int
    survived: int
    listed: int

    @property
    def percent(self) -> float:
        """The killed ones of those that are not listed as equivalent."""
        counted = self.killed + self.survived
        return 100 * self.killed / counted if counted else 100.0


def mutants_of(module: str, source: str) -> list[Mutant]:
    """All different mutants of a module that Python accepts and that could matter."""
    found: dict[str, Mutant] = {}
    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments():
            continue
        places = (node for node in nodes for _ in operator().mutation_positions(node))
        for occurrence, node in enumerate(places):
            if is_never_run(node) or is_caching(node) or is_between_parameters(node):
                continue
            try:
                code = mutate_code(source, operator(), occurrence)
            except AttributeError:
                continue  # cosmic-ray cannot change ``except a.b:``
            if code and code not in found and _compiles(code):
                found[code] = _mutant(module, source, code)
    return sorted(found.values(), key=lambda mutant: (mutant.line, mutant.after))


def is_never_run(node: Any) -> bool:
    """Whether a node of cosmic-ray's tree stands in an annotation or an ``if TYPE_CHECKING:``.

    All modules have ``from __future__ import annotations``: annotations are kept as text, and
    nothing here looks at them.
    """
    return any(
        outer.type == "tfpdef"
        or (outer.type == "annassign" and inner is outer.children[1])
        or (outer.type == "funcdef" and inner is outer.annotation)
        or (outer.type == "if_stmt" and outer.children[1].get_code().strip() == "TYPE_CHECKING")
        for inner, outer in _upwards(node)
    )


def is_caching(node: Any) -> bool:
    """Whether a node belongs to a decorator that only keeps results: without it all are alike."""
    return any(
        outer.type == "decorator" and outer.get_code().strip().startswith(("@cache", "@lru_cache"))
        for _, outer in _upwards(node)
    )


def is_between_parameters(node: Any) -> bool:
    """Whether a node is the star or the slash between parameters, which is no operator."""
    return node.type == "operator" and node.parent.type in {"parameters", "lambdef"}


def _upwards(node: Any) -> Iterator[tuple[Any, Any]]:
    """A node and each one around it, with the one of its children that leads there."""
    inner = None
    while node is not None:
        yield inner, node
        inner, node = node, node.parent


def _compiles(code: str) -> bool:
    # A warning (``x is "text"``) stops the tests before any has run, and so proves nothing.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(code, "mutant", "exec")
        except (SyntaxError, Warning):
            return False
    return True


def _mutant(module: str, source: str, code: str) -> Mutant:
    old, new = source.splitlines(), code.splitlines()
    changes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = [change for change in changes if change[0] != "equal"]
    (_, start, _, new_start, _), (_, _, end, _, new_end) = changed[0], changed[-1]
    before, after = (
        "\n".join(line.strip() for line in lines)
        for lines in (old[start:end], new[new_start:new_end])
    )
    same = [line.strip() == old[start].strip() for line in old[: start + 1]]
    return Mutant(module, start + 1, sum(same), before, after, code)


def run_tests(
    tree: Path, tests: Sequence[str], limit: float | None, **variables: str
) -> bool | None:
    """Whether the tests pass in a copy of the checkout; None if the time is up."""
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    words += ["-p", "no:pytest_cov", "-p", "quick", "--hypothesis-profile=mutation"]
    words += [f"--basetemp={tree / 'basetemp'}", "--no-header", "--tb=short", *tests]
    path = os.pathsep.join((str(tree), str(tree / "tests" / "mutation")))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0", **variables}
    try:
        done = subprocess.run(
            words, cwd=tree, env=environment, timeout=limit, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    if limit is None and done.returncode:
        print(done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    return done.returncode == 0


class Workers:
    """Copies of a tree, and as many threads that run tests in them."""

    def __init__(self, clean: Path, count: int) -> None:
        self._pool = ThreadPoolExecutor(count)
        self._trees = [clean.with_name(f"worker-{number}") for number in range(count)]
        self._free: SimpleQueue[Path] = SimpleQueue()
        for tree in self._trees:
            shutil.copytree(clean, tree)
            self._free.put(tree)

    def close(self) -> None:
        """Begins nothing more, and waits for what runs."""
        self._pool.shutdown(cancel_futures=True)

    def limit(self, tests: Sequence[str]) -> float:
        """The seconds after which a mutant is killed: far more than clean runs take.

        Were it less, a machine that others use as well would kill what no test notices.
        """
        begun = time.monotonic()
        if not all(self._pool.map(lambda tree: run_tests(tree, tests, None), self._trees)):
            sys.exit("The tests fail without any mutant.")
        return 60 + 3 * (time.monotonic() - begun)

    def survivors(
        self, mutants: Sequence[Mutant], tests: Sequence[str], limit: float
    ) -> Iterator[Mutant]:
        """The mutants that no test notices, each as soon as it is known."""

        def survives(mutant: Mutant) -> bool | None:
            tree = self._free.get()
            module = tree / mutant.module
            clean = module.read_bytes()
            # What was compiled before could be taken for the mutant's, and the mutant's for it.
            Path(importlib.util.cache_from_source(module)).unlink(missing_ok=True)
            try:
                module.write_bytes(mutant.code.encode())
                return run_tests(tree, tests, limit, PYTHONDONTWRITEBYTECODE="1")
            finally:
                module.write_bytes(clean)
                self._free.put(tree)

        for mutant, survived in zip(mutants, self._pool.map(survives, mutants), strict=True):
            if survived:
                yield mutant
            elif survived is None:
                print(f"killed, for its time was up: {mutant}", flush=True)


def copy_checkout(target: Path) -> None:
    """What is tested and the tests, as they are now: nobody need stop working on them."""
    target.mkdir()
    for source in (ROOT / name for name in COPIED):
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(source, target / source.name, ignore=ignored)
        elif source.is_file():
            shutil.copy2(source, target)


def _squeezed(code: str) -> str:
    """Code without blanks: cosmic-ray leaves some, and none of them makes another mutant."""
    return "".join(code.split())


def read_equivalents(tree: Path) -> dict[Key, str]:
    """All mutants that are listed, each with a reason: their keys, and what to call them."""
    found = {}
    for entry in tomllib.loads((tree / EQUIVALENTS).read_text("utf-8")).get("equivalent", []):
        module, before, nth = entry["module"], entry["before"], entry.get("nth", 1)
        if not entry["because"].strip():
            sys.exit(f"{EQUIVALENTS}: {before!r} has no reason")
        for after in entry["after"]:
            key = (module, _squeezed(before), _squeezed(after), nth)
            found[key] = f"{module}: {before!r} → {after!r}"
    return found


def chosen(tree: Path, words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each line of the table with its modules that are there and are asked for."""
    asked = [word.replace("\\", "/") for word in words]
    for pattern in MODULES:
        modules = sorted(path.relative_to(tree).as_posix() for path in tree.glob(pattern))
        if not modules:
            print(f"{pattern}: not there, skipped")
        modules = [module for module in modules if not asked or any(w in module for w in asked)]
        if modules:
            yield pattern, modules


def score(
    tree: Path, pattern: str, modules: list[str], workers: Workers, equivalents: dict[Key, str]
) -> tuple[list[Score], list[str]]:
    """The scores of a line of the table, the whole line last; and which equivalents are wrong."""
    tests = [test for test in MODULES[pattern] if (tree / test).is_file()] or [_CASES]
    limit = workers.limit(tests)
    scores: list[Score] = []
    wrong: list[str] = []
    for module in modules:
        mutants = mutants_of(module, (tree / module).read_bytes().decode())
        print(f"{module}: {len(mutants)} mutants, {limit:.0f} s for each", flush=True)
        listed = {mutant.key for mutant in mutants} & equivalents.keys()
        survived = set()
        for mutant in workers.survivors(mutants, tests, limit):
            survived.add(mutant.key)
            if mutant.key not in listed:
                print(f"survived: {mutant}", flush=True)
        wrong += [
            f"{'killed' if key in listed else 'not there'}: {said}"
            for key, said in equivalents.items()
            if key[0] == module and key not in survived
        ]
        left = len(survived - listed)
        counted = len(mutants) - len(listed)
        scores.append(Score(module, len(mutants), counted - left, left, len(listed)))
    if len(scores) > 1:
        sums = [sum(column) for column in zip(*(entry[1:] for entry in scores), strict=True)]
        scores.append(Score(pattern, *sums))
    return scores, wrong


def report(scores: list[Score]) -> None:
    """The table."""
    print(f"\n{'module':40}{'mutants':>9}{'killed':>9}{'survived':>9}{'listed':>9}{'score':>9}")
    for entry in scores:
        counts = "".join(f"{count:9}" for count in entry[1:])
        print(f"{entry.name:40}{counts}{entry.percent:8.1f}%")


def main(words: Sequence[str]) -> int:
    """All modules, or those whose path holds one of the words; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="a path, or a part of one")
    parser.add_argument("--workers", type=int, default=max(2, os.cpu_count() or 2))
    options = parser.parse_args(words)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every console has all signs of the code
    table: list[Score] = []
    enough = True
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder, "clean")
        copy_checkout(tree)
        lines = list(chosen(tree, options.modules))
        if not lines:
            parser.error("no module of the table has such a path")
        equivalents = read_equivalents(tree)
        gone = [key for key in equivalents if not (tree / key[0]).is_file()]
        wrong = [f"not there: {equivalents[key]}" for key in gone]
        with closing(Workers(tree, options.workers)) as workers:
            for pattern, modules in lines:
                scores, stale = score(tree, pattern, modules, workers, equivalents)
                table += scores
                wrong += stale
                enough = enough and scores[-1].percent >= ENOUGH
    report(table)
    for line in wrong:
        print(f"{EQUIVALENTS} is wrong: {line}")
    if not enough:
        print(f"Less than {ENOUGH} % are killed.")
    return 0 if enough and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
