"""PowerShell's own lexical rules, as far as they decide what is code and what is a value.

It is the judge of generated scripts, so it knows what a grammar made for editors does not: the
typographic quotes are quotes, and a comment can look like a signature, after which no code may be.

Sources: https://learn.microsoft.com/powershell/scripting/lang-spec/chapter-02 (2.2 lexical
analysis, 2.3 tokens), about_Quoting_Rules, about_Comments; and where they leave a question open,
CharTraits.cs and tokenizer.cs of https://github.com/PowerShell/PowerShell (which characters are
quotes, blanks and dashes, what begins a word, ``#requires``, signatures).

It splits a word of a command at a quote in it, where PowerShell goes on with the same argument:
each string is seen by itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

SINGLE = "'\u2018\u2019\u201a\u201b"
DOUBLE = '"\u201c\u201d\u201e'
DASHES = "-\u2013\u2014\u2015"
KEYWORDS = frozenset(
    {
        *("begin", "break", "catch", "class", "continue", "data", "default", "define", "do"),
        "dynamicparam",
        *("else", "elseif", "end", "exit", "filter", "finally", "for", "foreach", "from"),
        *("function", "if", "in", "inlinescript", "parallel", "param", "process", "return"),
        *("switch", "throw", "trap", "try", "until", "using", "var", "while", "workflow"),
    }
)
_SIGNATURE = "sig#beginsignatureblock\n"
_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
# What ends a word of a command (ForceStartNewToken), or begins a string or a variable in it.
_WORD_END = re.compile(f"[{{}}();,|&$`{SINGLE}{DOUBLE}\x00-\x20\x85\\s]")
_VERBATIM = re.compile(f"[{SINGLE}]((?:[^{SINGLE}]|[{SINGLE}]{{2}})*)[{SINGLE}]")
_PAIR = re.compile(f"([{SINGLE}])[{SINGLE}]")
_HERE = re.compile(f"@([{SINGLE}{DOUBLE}])[^\\S\r\n]*(\r\n|\r|\n)")
_NEW_LINE = re.compile("\r\n|\r|\n")
_LINE = re.compile("[^\r\n]*")
_BLOCK = re.compile("<#.*?#>", re.DOTALL)
_NAME = re.compile(r"(?:[^\W_]|[_?:])+")
_BRACED = re.compile(r"\{((?:[^}`]|`.)+)\}", re.DOTALL)
_PARAMETER = re.compile(f"[{DASHES}][A-Za-z_?][^{{}}();,|&.\\[:\\s{SINGLE}{DOUBLE}]*:?")
_TYPE = re.compile(r"\[[A-Za-z_][\w.+]*(?:\[[\w.,+\[\]]*\])?\]")
_NUMBER = re.compile(
    r"(?:0x[0-9a-f]+|[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)[dl]?(?:[kmgtp]b)?(?![\w#\\/])",
    re.ASCII | re.IGNORECASE,
)
_OPERATOR = re.compile(r"\+=|-=|::|\|\||&&|@\(|@\{|\$\(|[{}()\[\];,|&=+*/%!<>.-]")


class UnfinishedError(ValueError):
    """A string or a comment has no end: everything after it would be part of it."""


@dataclass(frozen=True)
class Token:
    """One token.

    Attributes:
        kind: ``string``, ``expandable``, ``variable``, ``comment``, ``command``, ``parameter``,
            ``keyword``, ``function``, ``key``, ``member``, ``type``, ``number``, ``word``,
            ``operator``, ``line`` (its end), ``signature`` or ``requires`` (comments that act).
        text: as it is written.
        value: of a string, what it means; of a variable, its name; else the text.
        inner: the tokens inside an expandable string.
    """

    kind: str
    text: str
    value: str
    inner: tuple[Token, ...] = ()


def tokens(text: str) -> list[Token]:
    """All tokens of a script, in order; blanks are left out.

    Raises:
        UnfinishedError: a string or a comment does not end.
    """
    return _Scanner(text).all()


def flat(found: list[Token]) -> list[Token]:
    """The tokens, with those inside expandable strings."""
    result = []
    for token in found:
        result += [token, *flat(list(token.inner))]
    return result


def values(found: list[Token], kind: str) -> list[str]:
    """The values of all tokens of a kind."""
    return [token.value for token in flat(found) if token.kind == kind]


@dataclass
class _Scanner:
    text: str
    position: int = 0
    found: list[Token] = field(default_factory=list)
    braces: list[str] = field(default_factory=list)
    glued: bool = False

    def all(self) -> list[Token]:
        while self.position < len(self.text):
            self._next()
        return self.found

    def until_closed(self) -> list[Token]:
        """The tokens up to the parenthesis that closes a sub-expression."""
        depth = 1
        while self.position < len(self.text):
            self._next()
            last = self.found[-1] if self.found else None
            if last and last.kind == "operator":
                depth += {"(": 1, "$(": 1, "@(": 1, ")": -1}.get(last.text, 0)
            if depth == 0:
                return self.found[:-1]
        raise UnfinishedError("a sub-expression does not end")

    def _next(self) -> None:
        character = self.text[self.position]
        if self._skip_blank(character):
            self.glued = False
            return
        before = len(self.found)
        for scan in (
            *(self._line_end, self._comment, self._here, self._single, self._double),
            *(self._variable, self._typed, self._parameter, self._number, self._operator),
        ):
            if scan(character):
                break
        else:
            self._word()
        self.glued = len(self.found) > before and self.found[-1].kind != "line"

    def _add(self, kind: str, end: int, value: str | None = None, inner: tuple = ()) -> bool:
        text = self.text[self.position : end]
        self.found.append(Token(kind, text, text if value is None else value, inner))
        self.position = end
        return True

    def _match(self, pattern: re.Pattern[str], at: int = 0) -> re.Match[str] | None:
        return pattern.match(self.text, self.position + at)

    def _skip_blank(self, character: str) -> bool:
        if character == "`":
            line = self._match(_NEW_LINE, 1)
            if line:
                self.position = line.end()
                return True
            return False
        blank = character in "\t\v\f \x85" or unicodedata.category(character)[0] == "Z"
        self.position += blank
        return blank

    def _line_end(self, _: str) -> bool:
        line = self._match(_NEW_LINE)
        return line is not None and self._add("line", line.end())

    def _comment(self, character: str) -> bool:
        if character == "#":
            line = self._match(_LINE)
            return self._add(_kind_of_comment(line[0]), line.end())
        if self.text.startswith("<#", self.position):
            block = self._match(_BLOCK)
            if block is None:
                raise UnfinishedError("a block comment does not end")
            return self._add("comment", block.end())
        return False

    def _here(self, character: str) -> bool:
        start = self._match(_HERE)
        if start is None:
            return False
        quotes = SINGLE if start[1] in SINGLE else DOUBLE
        body = self.position + len(start[0])
        # The line end before the closing quote is no part of it; an empty one has only the first.
        end = re.compile(f"(\r\n|\r|\n)[{quotes}]@").search(self.text, body - len(start[2]))
        if end is None:
            raise UnfinishedError("a here-string does not end")
        value = self.text[body : max(body, end.start())]
        if quotes == SINGLE:
            return self._add("string", end.end(), value)
        return self._add("expandable", end.end(), value, tuple(_expanded(value)))

    def _single(self, character: str) -> bool:
        if character not in SINGLE:
            return False
        whole = self._match(_VERBATIM)
        if whole is None:
            raise UnfinishedError(f"a string does not end: {self.text[self.position :][:60]!r}")
        return self._add("string", whole.end(), _PAIR.sub(r"\1", whole[1]))

    def _double(self, character: str) -> bool:
        if character not in DOUBLE:
            return False
        inner: list[Token] = []
        value = ""
        at = self.position + 1
        while at < len(self.text):
            character = self.text[at]
            if character in DOUBLE:
                if self.text[at + 1 : at + 2] in tuple(DOUBLE):
                    at += 1
                else:
                    return self._add("expandable", at + 1, value, tuple(inner))
            if character == "`":
                at += 1
                character = _ESCAPES.get(self.text[at : at + 1], self.text[at : at + 1])
            elif character == "$":
                end = _inside(self.text, at, inner)
                character = self.text[at:end]
                at = end - 1
            value += character
            at += 1
        raise UnfinishedError(f"a string does not end: {self.text[self.position :][:60]!r}")

    def _variable(self, character: str) -> bool:
        if character not in "$@":
            return False
        found = _variable_at(self.text, self.position)
        if found is None or (character == "@" and not found[1][:1].isalpha()):
            return False
        return self._add("variable", *found)

    def _typed(self, character: str) -> bool:
        found = self._match(_TYPE) if character == "[" and not self._follows_value() else None
        return found is not None and self._add("type", found.end())

    def _parameter(self, character: str) -> bool:
        found = self._match(_PARAMETER) if character in DASHES else None
        return found is not None and self._add("parameter", found.end())

    def _number(self, _: str) -> bool:
        found = self._match(_NUMBER)
        return found is not None and self._add("number", found.end())

    def _operator(self, character: str) -> bool:
        if character == "." and not self._follows_value() and self._is_word_after_dot():
            return False
        found = self._match(_OPERATOR)
        if found is None:
            return False
        if found[0] in {"{", "@{"}:
            self.braces.append(found[0])
        elif found[0] == "}" and self.braces:
            self.braces.pop()
        return self._add("operator", found.end())

    def _is_word_after_dot(self) -> bool:
        """``.\\script.ps1`` is a word, and ``. script`` calls one."""
        return self.text[self.position + 1 : self.position + 2] in {"\\", "/"}

    def _follows_value(self) -> bool:
        if not self.glued:
            return False
        last = self.found[-1]
        return last.kind in {"variable", "string", "expandable", "type", "member"} or (
            last.text in {")", "]", "}"}
        )

    def _word(self) -> None:
        last = self.found[-1] if self.found else None
        if self.glued and last and last.text in {".", "::"}:
            name = self._match(re.compile(r"\w+"))
            if name is not None:
                self._add("member", name.end())
                return
        end = self.position + 1
        stop = _WORD_END.search(self.text, end)
        end = stop.start() if stop else len(self.text)
        word = self.text[self.position : end]
        if word.startswith("`") and stop and stop.start() == end:
            end += 1
        self._add(self._kind_of_word(word, end), end)

    def _kind_of_word(self, word: str, end: int) -> str:
        last = next((t for t in reversed(self.found) if t.kind != "comment"), None)
        if last and last.kind == "keyword" and last.text.lower() in {"function", "filter"}:
            return "function"
        is_key = re.compile(r"\s*=(?!=)").match(self.text, end)
        if self.braces[-1:] == ["@{"] and self._begins() and is_key:
            return "key"
        if word.lower() in KEYWORDS and (self._begins() or word.lower() == "in"):
            return "keyword"
        return "command" if self._begins() else "word"

    def _begins(self) -> bool:
        """Whether a statement, and with it a command, can begin here."""
        last = next((t for t in reversed(self.found) if t.kind != "comment"), None)
        if last is None or last.kind in {"line", "keyword"}:
            return True
        calls = {"{", "@{", "(", "$(", "@(", "}", ";", "|", "||", "&&", "&", ".", "=", "+=", "-="}
        return last.kind == "operator" and last.text in calls


def _variable_at(text: str, start: int) -> tuple[int, str] | None:
    """The end and the name of the variable that begins at ``$`` or ``@``; None if none does."""
    braced = _BRACED.match(text, start + 1)
    if braced and text[start] == "$":
        return braced.end(), braced[1]
    if text[start] == "$" and text[start + 1 : start + 2] in {"$", "^", "?"}:
        return start + 2, text[start + 1]
    name = _NAME.match(text, start + 1)
    if name is None:
        return None
    # A colon that nothing follows, or a second one, is no part of the name.
    word = re.split("::", name[0])[0].rstrip(":")
    return (start + 1 + len(word), word) if word else None


def _inside(text: str, start: int, inner: list[Token]) -> int:
    """The end of what a ``$`` begins in an expandable string; its tokens go to ``inner``."""
    if text.startswith("$(", start):
        scanner = _Scanner(text, start + 2)
        inner.append(Token("operator", "$(", "$("))
        inner += scanner.until_closed()
        return scanner.position
    found = _variable_at(text, start)
    if found is None:
        return start + 1
    inner.append(Token("variable", text[start : found[0]], found[1]))
    return found[0]


def _expanded(body: str) -> list[Token]:
    inner: list[Token] = []
    at = 0
    while at < len(body):
        if body[at] == "`":
            at += 2
        elif body[at] == "$":
            at = _inside(body, at, inner)
        else:
            at += 1
    return inner


def _kind_of_comment(line: str) -> str:
    if re.match(r"#requires(?!\w)", line, re.IGNORECASE):
        return "requires"
    letters = "".join(line[1:].lower().split()) + "\n"
    return "signature" if edits(letters, _SIGNATURE) < 10 else "comment"


def edits(one: str, other: str) -> int:
    """Levenshtein's distance; from 11 on, it may be said to be less than it is."""
    if abs(len(one) - len(other)) > 10:
        return 11
    row = list(range(len(other) + 1))
    for number, left in enumerate(one, start=1):
        above, row = row, [number]
        for at, right in enumerate(other):
            row.append(min(above[at] + (left != right), above[at + 1] + 1, row[-1] + 1))
    return row[-1]
