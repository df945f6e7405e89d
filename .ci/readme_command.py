"""Prints one of the README's two set-up commands: the fenced block after `<!-- command: NAME -->`."""

import re
import sys
from pathlib import Path

readme, wanted = sys.argv[1:]
blocks = dict(
    re.findall(
        r"<!-- command: (\w+) -->\n+```sh\n(.*?)```", Path(readme).read_text(encoding="utf-8"), re.DOTALL
    )
)
if sorted(blocks) != ["soak", "tests"]:
    sys.exit(f"README must have exactly the commands soak and tests, found {sorted(blocks)}")
print(blocks[wanted], end="")
