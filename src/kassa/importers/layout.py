"""How the cells of a file become the columns of a format, whoever wrote the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from kassa.core.search_text import fold
from kassa.importers.errors import CannotImport
from kassa.importers.foreign_values import rewrite_amount, rewrite_moment
from kassa.importers.old import Format
from kassa.importers.presets import PRESETS, Preset, Source, heading, is_in
from kassa.importers.rows import Row, Table, column_name


@dataclass(frozen=True, slots=True)
class Options:
    """What whoever imports a file says of it."""

    preset: Preset | None = None
    """Which system exported it. None: its headings are those of the format."""
    headings: Mapping[str, str] = field(default_factory=dict)
    """By column, the heading under which it stands in the file."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """By column, what all rows have there, whatever the file says."""
    words: Sequence[tuple[str, str, str]] = ()
    """Column, word of the file, and what that means here."""
    time_zone: ZoneInfo | None = None
    """The clock of moments that name none. None: UTC."""
    is_month_first: bool | None = None
    """Whether 05/06/2026 is in May. None: such dates are refused where they can be either."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a format stand in one file."""

    format: Format
    sources: Sequence[tuple[str, str, tuple[int, ...]]]
    """Column, what joins the cells, and their positions."""
    options: Options
    words: Mapping[tuple[str, str], str]
    """By column and folded word, what it means."""
    separator: str
    width: int

    def read(self, line: int, cells: Sequence[str]) -> Row:
        """Return a row in the format's own columns and spelling; what cannot be read stays as it is."""
        values = {column: self._join(joined_by, at, cells) for column, joined_by, at in self.sources}
        values |= self.options.constants
        for column, value in values.items():
            values[column] = self._rewrite(column, value)
        return Row(line, values)

    def _join(self, joined_by: str, positions: tuple[int, ...], cells: Sequence[str]) -> str:
        nothing = self.options.preset.nothing if self.options.preset else frozenset()
        texts = (cells[at].strip() for at in positions if at < len(cells))
        return joined_by.join(text for text in texts if text and text not in nothing)

    def _rewrite(self, column: str, value: str) -> str:
        value = self.words.get((column, fold(value)), value)
        if column in self.format.amounts:
            return rewrite_amount(value, has_decimal_commas=self.separator != ",")
        if column in self.format.moments:
            return rewrite_moment(value, self.options.time_zone, is_month_first=self.options.is_month_first)
        return value


def build_layout(
    form: Format, table: Table, options: Options, words: Mapping[tuple[str, str], str]
) -> Layout:
    """Return where the columns of a format stand in a file; ``words`` mean something beside the options' own.

    Raises:
        CannotImport: a column is missing, stands twice, or is not one of the format.
    """
    _check_names(form, options)
    sources = _match_sources(form, table.columns, options)
    missing = [
        column for column in form.required if column not in sources and column not in options.constants
    ]
    if missing:
        raise CannotImport(_missing(missing, form, table))
    meant = dict(words)
    if options.preset is not None:
        for column, theirs in options.preset.words.items():
            meant |= {(column, word): ours for word, ours in theirs.items()}
    for column, word, meaning in options.words:
        meant[column, fold(word)] = words.get((column, fold(meaning)), meaning)
    positions = [(column, joined_by, at) for column, (joined_by, at) in sources.items()]
    return Layout(form, positions, options, meant, table.separator, len(table.columns))


def _check_names(form: Format, options: Options) -> None:
    named = {*options.headings, *options.constants, *(column for column, _, _ in options.words)}
    unknown = sorted(named - set(form.columns))
    if unknown:
        raise CannotImport(
            f"'{unknown[0]}' is not a column of {form.name}, which are: {', '.join(form.columns)}."
        )


def _match_sources(
    form: Format, columns: Sequence[str], options: Options
) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return by column what joins its cells and where they stand."""
    folded = [fold(one) for one in columns]
    found: dict[str, tuple[str, tuple[int, ...]]] = {}
    if options.preset is None:
        names = [column_name(one, form.aliases) for one in columns]
        counts = Counter(names)
        twice = [name for name in form.columns if counts[name] > 1 and name not in options.headings]
        if twice:
            raise CannotImport(f"The file has the column {twice[0]} twice.")
        # Columns that the format does not know are read as well: a problem may be about one.
        found = {name: ("", (at,)) for at, name in reversed(list(enumerate(names)))}
    else:
        for column, sources in options.preset.columns.items():
            source = next((one for one in sources if is_in(one, frozenset(folded))), None)
            if source is not None:
                found[column] = _locate(source, folded)
    for column, wanted in options.headings.items():
        if fold(wanted) not in folded:
            raise CannotImport(f"The file has no column '{wanted}'. It has: {', '.join(columns)}.")
        found[column] = _locate(heading(wanted), folded)
    return found


def _locate(source: Source, folded: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    return source.joined_by, tuple(folded.index(fold(one)) for one in source.headings)


def _missing(missing: Sequence[str], form: Format, table: Table) -> str:
    sentences = [f"It lacks the columns {', '.join(missing)}. Its first line must name the columns."]
    folded = frozenset(fold(one) for one in table.columns)
    looks_like = [one for one in PRESETS.values() if form.name == "tickets" and one.fits(folded)]
    if looks_like:
        sentences.append(
            f"It looks like an export of {looks_like[0].label}: say --from {looks_like[0].name}."
        )
    elif len(table.columns) == 1:
        sentences.append("All of it stands in one column: part the cells by commas, semicolons or tabs.")
    else:
        sentences.append("A column that is called otherwise is named by --map, one that is missing by --set.")
    return " ".join(sentences)
