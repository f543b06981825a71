"""Texts: joining, splitting, letters of other alphabets, patterns."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
        "a row of a table is joined at once",
        """
        def row(values):
            line = ""
            for place, value in enumerate(values):
                if place > 0:
                    line = line + ";"
                line = line + str(value)
            return line
        """,
        """
        def row(values):
            return ";".join([str(value) for value in values])
        """,
        "row([1, 'a', None]) == '1;a;None'",
        "row([]) == ''",
        function="row",
        shows="row(['', '', 1.0])",
    ),
    pair(
        "words the other way round",
        """
        def f(text: str) -> str:
            out = ""
            for word in text.split():
                out = word + " " + out
            return out.strip()
        """,
        """
        def f(text: str) -> str:
            return " ".join(text.split()[::-1])
        """,
        "f('a b  c') == 'c b a'",
        shows="f('  x\\u2003y\\n') + f('')",
    ),
    pair(
        "vowels are counted by the text itself",
        """
        def vowels(text: str) -> int:
            count = 0
            for c in text:
                if c in "aeiouAEIOU":
                    count += 1
            return count
        """,
        """
        def vowels(text: str) -> int:
            return sum([text.count(vowel) for vowel in "aeiouAEIOU"])
        """,
        "vowels('Banana') == 3",
        function="vowels",
        shows="vowels('\\u0130IÉe')",
    ),
    pair(
        "letters are shifted by a table",
        """
        def shift(text: str) -> str:
            out = ""
            for c in text:
                if "a" <= c <= "z":
                    out += chr((ord(c) - 97 + 13) % 26 + 97)
                elif "A" <= c <= "Z":
                    out += chr((ord(c) - 65 + 13) % 26 + 65)
                else:
                    out += c
            return out
        """,
        """
        _SMALL = "abcdefghijklmnopqrstuvwxyz"
        _LARGE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        _TABLE = str.maketrans(
            _SMALL + _LARGE, _SMALL[13:] + _SMALL[:13] + _LARGE[13:] + _LARGE[:13]
        )


        def shift(text: str) -> str:
            return text.translate(_TABLE)
        """,
        "shift('Hello') == 'Uryyb'",
        function="shift",
        shows="shift('aZ\\u00e9\\ud800 1')",
    ),
    pair(
        "runs are written with their lengths",
        """
        def encode(text: str) -> str:
            out = ""
            i = 0
            while i < len(text):
                n = 1
                while i + n < len(text) and text[i + n] == text[i]:
                    n += 1
                out += f"{n}{text[i]}"
                i += n
            return out
        """,
        """
        from itertools import groupby


        def encode(text: str) -> str:
            parts = []
            for c, run in groupby(text):
                parts.append(f"{len(list(run))}{c}")
            return "".join(parts)
        """,
        "encode('aab') == '2a1b'",
        function="encode",
        shows="encode('aaabccd') + encode('')",
    ),
    pair(
        "a pattern is compiled once",
        """
        import re


        def numbers(lines: list[str]) -> list[int]:
            found = []
            for line in lines:
                pattern = re.compile(r"-?[0-9]+")
                for match in pattern.finditer(line):
                    found.append(int(match.group(0)))
            return found
        """,
        """
        import re

        _NUMBER = re.compile(r"-?[0-9]+")


        def numbers(lines: list[str]) -> list[int]:
            return [int(text) for line in lines for text in _NUMBER.findall(line)]
        """,
        "numbers(['a 1 b -2', '']) == [1, -2]",
        function="numbers",
        shows="numbers(['1-2--3', '\\u0661'])",
    ),
    pair(
        "a setting is split at its first sign",
        """
        def setting(line: str) -> tuple[str, str]:
            if "=" in line:
                parts = line.split("=", 1)
                return parts[0].strip(), parts[1].strip()
            return line.strip(), ""
        """,
        """
        def setting(line: str) -> tuple[str, str]:
            name, _, value = line.partition("=")
            return name.strip(), value.strip()
        """,
        "setting('a = b = c') == ('a', 'b = c')",
        "setting('a') == ('a', '')",
        function="setting",
        shows="setting('=') + setting('') + setting('a==')",
    ),
    pair(
        "what all begin with, from the smallest and the largest",
        """
        def common(words: list[str]) -> str:
            if not words:
                return ""
            prefix = ""
            for place in range(len(words[0])):
                for word in words:
                    if place >= len(word) or word[place] != words[0][place]:
                        return prefix
                prefix += words[0][place]
            return prefix
        """,
        """
        def common(words: list[str]) -> str:
            if not words:
                return ""
            first, last = min(words), max(words)
            for place, c in enumerate(first):
                if c != last[place]:
                    return first[:place]
            return first
        """,
        "common(['abc', 'abd']) == 'ab'",
        "common([]) == ''",
        function="common",
        shows="common(['ab', 'abc', 'ab']) + common(['', 'a']) + common(['x'])",
    ),
    pair(
        "every place of a word, also where they overlap",
        """
        def places(text: str, word: str) -> list[int]:
            if not word:
                return []
            found = []
            for i in range(len(text)):
                if text[i : i + len(word)] == word:
                    found.append(i)
            return found
        """,
        """
        def places(text: str, word: str) -> list[int]:
            if not word:
                return []
            found = []
            place = text.find(word)
            while place >= 0:
                found.append(place)
                place = text.find(word, place + 1)
            return found
        """,
        "places('abcab', 'ab') == [0, 3]",
        function="places",
        shows="places('aaaa', 'aa') + places('', 'a')",
    ),
    pair(
        "bytes in hexadecimal",
        """
        def shown(data: bytes) -> str:
            out = ""
            for byte in data:
                out += "%02x" % byte
            return out
        """,
        """
        def shown(data: bytes) -> str:
            return data.hex()
        """,
        "shown(b'\\x00\\xff') == '00ff'",
        function="shown",
        shows="shown(bytes(range(256)))",
    ),
    pair(
        "names with underscores",
        """
        def snake(name):
            out = ""
            for place, c in enumerate(name):
                if c.isupper() and place > 0:
                    out = out + "_"
                out = out + c.lower()
            return out
        """,
        """
        def snake(name):
            parts = []
            for place, c in enumerate(name):
                if place and c.isupper():
                    parts.append("_")
                parts.append(c.lower())
            return "".join(parts)
        """,
        "snake('HelloWorld') == 'hello_world'",
        function="snake",
        shows="snake('\\u0130AB\\u00df') + snake('')",
    ),
]

WRONG = [
    pair(
        "a letter whose small form has two",
        """
        def vowels(text: str) -> int:
            count = 0
            for c in text:
                if c.lower() in ("a", "e", "i", "o", "u"):
                    count += 1
            return count
        """,
        """
        def vowels(text: str) -> int:
            lowered = text.lower()
            return sum([lowered.count(vowel) for vowel in "aeiou"])
        """,
        "vowels('Banana') == 3",
        function="vowels",
        shows="vowels('\\u0130')",
    ),
    pair(
        "lines end in other ways too",
        """
        def lines(text: str) -> list[str]:
            out = []
            for line in text.split("\\n"):
                if line:
                    out.append(line)
            return out
        """,
        """
        def lines(text: str) -> list[str]:
            return [line for line in text.splitlines() if line]
        """,
        "lines('a\\nb\\n') == ['a', 'b']",
        "lines('') == []",
        function="lines",
        shows="lines('a\\rb')",
    ),
    pair(
        "a large letter after an apostrophe",
        """
        def heading(text: str) -> str:
            return " ".join([word[:1].upper() + word[1:].lower() for word in text.split(" ")])
        """,
        """
        def heading(text: str) -> str:
            return text.title()
        """,
        "heading('hello world') == 'Hello World'",
        function="heading",
        shows="heading('it\\'s')",
    ),
    pair(
        "blanks are not all that is stripped",
        """
        def cells(line: str) -> list[str]:
            out = []
            for cell in line.split(","):
                while cell.startswith(" "):
                    cell = cell[1:]
                while cell.endswith(" "):
                    cell = cell[:-1]
                out.append(cell)
            return out
        """,
        """
        def cells(line: str) -> list[str]:
            return [cell.strip() for cell in line.split(",")]
        """,
        "cells('a, b ,c') == ['a', 'b', 'c']",
        function="cells",
        shows="cells('a\\t,b')",
    ),
    pair(
        "a point in a pattern is no line end",
        """
        def without_comments(text: str) -> str:
            out = ""
            while "<!--" in text and "-->" in text.split("<!--", 1)[1]:
                before, _, rest = text.partition("<!--")
                out += before
                text = rest.partition("-->")[2]
            return out + text
        """,
        """
        import re

        _COMMENT = re.compile(r"<!--.*?-->")


        def without_comments(text: str) -> str:
            return _COMMENT.sub("", text)
        """,
        "without_comments('a<!--x-->b') == 'ab'",
        function="without_comments",
        shows="without_comments('<!--\\n-->')",
    ),
    pair(
        "what was put in is replaced again",
        """
        def swap(text: str) -> str:
            out = []
            for c in text:
                if c == "(":
                    out.append("[")
                elif c == "[":
                    out.append("(")
                else:
                    out.append(c)
            return "".join(out)
        """,
        """
        def swap(text: str) -> str:
            return text.replace("[", "(").replace("(", "[")
        """,
        "swap('a(b') == 'a[b'",
        function="swap",
        shows="swap('[')",
    ),
    pair(
        "half a letter has no bytes",
        """
        def size(text: str) -> int:
            total = 0
            for c in text:
                code = ord(c)
                if code < 0x80:
                    total += 1
                elif code < 0x800:
                    total += 2
                elif code < 0x10000:
                    total += 3
                else:
                    total += 4
            return total
        """,
        """
        def size(text: str) -> int:
            return len(text.encode())
        """,
        "size('aé') == 3",
        function="size",
        shows="size('\\ud800')",
    ),
    pair(
        "the second part is not the last",
        """
        def extension(name: str) -> str:
            if "." in name:
                return name.rsplit(".", 1)[1].lower()
            return ""
        """,
        """
        def extension(name: str) -> str:
            if "." in name:
                return name.split(".")[1].lower()
            return ""
        """,
        "extension('a.TXT') == 'txt'",
        "extension('a') == ''",
        function="extension",
        shows="extension('a.tar.gz')",
    ),
    pair(
        "blanks at the ends are lost",
        """
        import re


        def narrow(text: str) -> str:
            return re.sub(r"\\s+", " ", text)
        """,
        """
        def narrow(text: str) -> str:
            return " ".join(text.split())
        """,
        "narrow('a  b') == 'a b'",
        function="narrow",
        shows="narrow(' a')",
    ),
    pair(
        "more is a number than digits",
        """
        def number(text: str) -> int:
            if not text:
                raise ValueError("no number")
            value = 0
            for c in text:
                if c not in "0123456789":
                    raise ValueError("no number")
                value = value * 10 + "0123456789".index(c)
            return value
        """,
        """
        def number(text: str) -> int:
            try:
                value = int(text)
            except ValueError:
                raise ValueError("no number") from None
            if value < 0:
                raise ValueError("no number")
            return value
        """,
        "number('42') == 42",
        function="number",
        shows="number('1_0')",
    ),
    pair(
        "names that only begin alike",
        """
        def is_inside(path: str, folder: str) -> bool:
            return path.split("/")[: len(folder.split("/"))] == folder.split("/")
        """,
        """
        def is_inside(path: str, folder: str) -> bool:
            return path.startswith(folder)
        """,
        "is_inside('a/b/c', 'a/b') is True",
        "is_inside('x/b', 'a') is False",
        function="is_inside",
        shows="is_inside('ab/c', 'a')",
    ),
    pair(
        "the longest begin, without the empty word",
        """
        def initials(words: list[str]) -> str:
            out = ""
            for word in words:
                out += word[:1].upper()
            return out
        """,
        """
        def initials(words: list[str]) -> str:
            return "".join([word[0].upper() for word in words])
        """,
        "initials(['ann', 'bob']) == 'AB'",
        function="initials",
        shows="initials([''])",
    ),
    pair(
        "greedy where it was not",
        """
        import re


        def tags(text: str) -> list[str]:
            return re.findall(r"<([^>]+)>", text)
        """,
        """
        import re

        _TAG = re.compile(r"<(.+)>")


        def tags(text: str) -> list[str]:
            return _TAG.findall(text)
        """,
        "tags('a <b> c') == ['b']",
        function="tags",
        shows="tags('<a><b>')",
    ),
    pair(
        "the sign of the end is added once too often",
        """
        def listing(names: list[str]) -> str:
            out = ""
            for name in names:
                out += name + "\\n"
            return out
        """,
        """
        def listing(names: list[str]) -> str:
            return "\\n".join(names) + "\\n"
        """,
        "listing(['a', 'b']) == 'a\\nb\\n'",
        function="listing",
        shows="listing([])",
    ),
]
