"""The test's hand inside the guest, independent of the agent: runs shell commands that come over a port of its own.

A request is a line of base64, the command; an answer is the exit status, a space, and the output in base64.
"""

import binascii
import os
import subprocess
import time

PORT = "/dev/virtio-ports/guestwire.hand"

while not os.path.exists(PORT):
    time.sleep(0.05)
port = os.open(PORT, os.O_RDWR)
held = b""
while True:
    while b"\n" not in held:
        data = os.read(port, 65536)
        if not data:
            time.sleep(0.02)  # no test is connected
        held += data
    line, _, held = held.partition(b"\n")
    command = binascii.a2b_base64(line).decode()
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    answer = b"%d %s\n" % (done.returncode, binascii.b2a_base64(done.stdout, newline=False))
    while answer:
        answer = answer[os.write(port, answer[:32768]) :]
