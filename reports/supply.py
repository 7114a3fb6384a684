"""The supplier's declaration in words: where the heat came from, emissions, taxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from correspondence.phrases import cut, translated

if TYPE_CHECKING:
    from correspondence.catalogue import Catalogue
    from estate.model import Supply


def supply_words(
    supply: Supply | None, words: Catalogue, written_in: str | None = None
) -> list[str]:
    """
    Return what the supplier declares of a year, in sentences; none if nothing is declared.

    Parameters
    ----------
    supply : Supply or None
    words : Catalogue
    written_in : str, optional
        Language in which the building wrote it down; a source that cannot be put into the reader's
        is named as it stands, and taxes in words of another language are left out.
    """
    if supply is None:
        return []
    lines = []
    if supply.mix:
        parts = ", ".join(
            words.say(
                "supply.part",
                source=cut(translated(each.source, written_in, words.language) or each.source),
                share=words.percent(round(100 * each.fraction)),
            )
            for each in supply.mix
        )
        lines.append(words.say("supply.mix", parts=parts, year=supply.year))
    if supply.co2_kg_per_mwh is not None:
        number = words.plain_number(supply.co2_kg_per_mwh)
        lines.append(words.say("supply.co2", number=number))
    if supply.taxes and written_in in (None, words.language):
        lines.append(words.say("supply.taxes", taxes=cut(supply.taxes)))
    return lines
