"""What the office decides and remembers: no serial port, no camera, no web."""

import os

# Official builds of onnxruntime keep events about the machine and what it runs, and send them to
# their maker, from the moment they are loaded. Its "Privacy.md" names this switch; it is read when
# the library is loaded, so it stands here, before anything of ours can import it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
