"""Letters, booking, hours and what to bring of each service, as JSON; letters for those there are.

Nothing else is decided: a service that is there already goes on without booking, as it did.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import chain, product
from string import ascii_uppercase

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OF_THE_FIRST_OFFICE = {
    "KTP": "K",
    "KK": "F",
    "AKTA": "A",
    "PINDAH": "P",
    "LEGALISIR": "L",
    "DARURAT": "D",
    "REKAM": "R",
}
WITHOUT_SERVICE = "U"


def upgrade() -> None:
    op.add_column("services", sa.Column("rules", sa.Text(), nullable=True))
    rows = op.get_bind().execute(
        sa.text("SELECT site, code FROM services ORDER BY site, position, code")
    )
    codes = defaultdict(list)
    for site, code in rows:
        codes[site].append(code)
    services = sa.table("services", sa.column("site"), sa.column("code"), sa.column("rules"))
    for site, offered in codes.items():
        for code, letter in _letters(offered).items():
            is_it = sa.and_(services.c.site == site, services.c.code == code)
            rules = json.dumps({"letter": letter})
            op.execute(services.update().where(is_it).values(rules=rules))


def _letters(codes: list[str]) -> dict[str, str]:
    given = {code: OF_THE_FIRST_OFFICE[code] for code in codes if code in OF_THE_FIRST_OFFICE}
    for code in codes:
        taken = {*given.values(), WITHOUT_SERVICE}
        own = (letter for letter in code if letter in ascii_uppercase)
        pairs = (first + second for first, second in product(ascii_uppercase, repeat=2))
        free = (one for one in chain(own, ascii_uppercase, pairs) if one not in taken)
        given.setdefault(code, next(free))
    return given
