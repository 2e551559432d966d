"""How a planned draw is told, so that a reader can draw the same texts again."""

from __future__ import annotations

from labeling.certificates.draw import Draw

RECIPE = """import hashlib

seed, region, size = {seed!r}, {region}, {size}
left = {left}


def key(position):
    return hashlib.sha256(f"{{seed}}:{{position}}".encode()).hexdigest()


drawn = sorted(range(1, region + 1), key=key)[:size]
print(sorted(set(drawn) - set(left)))
"""
"""What a reader runs to draw again; ``recipe_of`` fills it in."""


def recipe_of(draw: Draw) -> str:
    """Write the lines of Python that draw the audited positions again."""
    return RECIPE.format(seed=draw.seed, region=draw.region, size=draw.size, left=list(draw.left))


def describe_draw(draw: Draw) -> str:
    """Say what was frozen, what was drawn, and what left since."""
    taken = (
        f" {len(draw.left):,} of the {draw.region:,} texts left before the test, picked for review or set "
        "aside by the configuration, whether drawn or not: these are neither audited nor accepted."
        if draw.left
        else ""
    )
    return (
        f"The labels were frozen, and the {draw.region:,} texts with the safest of them put in order: table "
        f"{draw.order}. Then a seed was drawn at random, {draw.seed}. Position p of the order has the hash "
        f"SHA-256 of the text «SEED:p»; the {draw.size:,} positions of the smallest hashes were audited."
        f"{taken} These lines of Python give the positions:"
    )
