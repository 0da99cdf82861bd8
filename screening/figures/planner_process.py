"""The planner as a process of its own, so that no gate waits for it.

``python -m screening.figures.planner_process`` reads a question as JSON from its standard input. It
writes a line for each step, ``{"done": 0.4}``, and the last one is ``{"plan": …}``. It has the
lowest claim on the processor, ends by itself when nobody reads any more, and in any case after
``MOST_S`` seconds of work.
"""

from __future__ import annotations

import json
import os
import resource
import sys

from pydantic import TypeAdapter

from screening.figures.planner import Plan, Question, plan

MOST_S = 60
LEAST_CLAIM = 19

QUESTION: TypeAdapter[Question] = TypeAdapter(Question)
PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)


def main() -> None:
    """Answer the question on standard input."""
    os.nice(LEAST_CLAIM)
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_S, MOST_S))
    question = QUESTION.validate_json(sys.stdin.buffer.read())
    try:
        found = plan(question, lambda done: _tell({"done": round(done, 3)}))
        _tell({"plan": PLAN.dump_python(found, mode="json")})
    except BrokenPipeError:
        # Nobody reads; what is still to be written would say so again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(line: object) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
