"""What every process of the program does first, done once for all that are forked from one."""

from __future__ import annotations

import gc

from dashboard.__main__ import app, put_together
from dashboard.app import create_app
from tests.dashboard.fakes import make_office

put_together(app)
create_app(make_office().office)  # whose templates and catalogues are read once in a process
gc.freeze()
