"""Runs the emulator until standard input closes, so that it never outlives the test that started
it, however that test ended. Usage: serve.py EMULATOR_COMMAND
"""

import os
import signal
import subprocess
import sys

emulator = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
# A terminal's interrupt reaches this process too; the end of standard input follows it anyway.
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.stdin.read()
# Asked first: it ends the functions that it runs. Then its group, with whatever is left.
emulator.terminate()
try:
    emulator.wait(timeout=5)
except subprocess.TimeoutExpired:
    pass
try:
    os.killpg(emulator.pid, signal.SIGKILL)
except ProcessLookupError:
    pass
