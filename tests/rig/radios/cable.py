"""A cable between a served controller and a host, in a process of its own: killing it unplugs the adapter.

python cable.py CONTROLLER_PORT tcp PORT     the host's end is a TCP port
python cable.py CONTROLLER_PORT pty PATH     the host's end is a serial line, as of a USB dongle
"""

import os
import pty
import selectors
import socket
import sys
import tty
from pathlib import Path


def main(controller_port, kind, end):
    controller = socket.create_connection(("127.0.0.1", int(controller_port)), timeout=10)
    controller.settimeout(None)
    if kind == "tcp":
        listener = socket.create_server(("127.0.0.1", int(end)))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        host = listener.accept()[0].detach()
    else:
        host, line = pty.openpty()
        tty.setraw(host)
        tty.setraw(line)
        Path(end).symlink_to(os.ttyname(line))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
    ways = {host: controller.fileno(), controller.fileno(): host}
    with selectors.DefaultSelector() as selector:
        for readable in ways:
            selector.register(readable, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                data = os.read(key.fd, 65536)
                if not data:
                    return
                left = data
                while left:
                    left = left[os.write(ways[key.fd], left) :]


main(*sys.argv[1:])
