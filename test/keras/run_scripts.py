"""Runs the scripts of tests one after another, since importing Keras takes longer than most of them.

    python run_scripts.py

Each line of the input is a script and its arguments, as a list in JSON; each line of the output is
{"printed": text} or {"error": text}.
"""

import contextlib
import io
import json
import runpy
import sys
import traceback

for line in sys.stdin:
    script, *arguments = json.loads(line)
    sys.argv = [script, *arguments]
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(script, run_name="__main__")
        answer = {"printed": printed.getvalue()}
    except BaseException:
        answer = {"error": traceback.format_exc()}
    # Layers of the next script have the names that they have in a new process.
    if "keras" in sys.modules:
        sys.modules["keras"].utils.clear_session()
    print(json.dumps(answer), flush=True)
