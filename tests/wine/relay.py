r"""Stands in for the vioserial driver; runs in Python for Windows: `relay.py TCP-PORT`.

Makes `\\.\Global\org.qemu.guest_agent.0` a named pipe, and hands on what goes through it from and to 127.0.0.1. Prints
`ready` when the port is there. It is not the driver: it knows no state "no host is connected".
"""

import _winapi
import ctypes
import socket
import sys
import threading

PIPE = r"\\.\pipe\org.qemu.guest_agent.0"
LINK = r"\??\org.qemu.guest_agent.0"
TARGET = r"\Device\NamedPipe\org.qemu.guest_agent.0"
DUPLEX, OVERLAPPED = 3, 0x40000000
ALL_ACCESS, PERMANENT_CASELESS = 0xF0001, 0x40
BUFFER = 64 * 1024


class UNICODE_STRING(ctypes.Structure):
    _fields_ = (("Length", ctypes.c_uint16), ("MaximumLength", ctypes.c_uint16), ("Buffer", ctypes.c_wchar_p))


class OBJECT_ATTRIBUTES(ctypes.Structure):
    _fields_ = (
        ("Length", ctypes.c_uint32),
        ("RootDirectory", ctypes.c_void_p),
        ("ObjectName", ctypes.POINTER(UNICODE_STRING)),
        ("Attributes", ctypes.c_uint32),
        ("SecurityDescriptor", ctypes.c_void_p),
        ("SecurityQualityOfService", ctypes.c_void_p),
    )


def unicode_string(text):
    size = len(text) * 2
    return UNICODE_STRING(size, size + 2, text)


def link(name, target):
    attributes = OBJECT_ATTRIBUTES(
        ObjectName=ctypes.pointer(unicode_string(name)), Attributes=PERMANENT_CASELESS
    )
    attributes.Length = ctypes.sizeof(attributes)
    handle = ctypes.c_void_p()
    places = ctypes.byref(handle), ALL_ACCESS, ctypes.byref(attributes), ctypes.byref(unicode_string(target))
    status = ctypes.WinDLL("ntdll").NtCreateSymbolicLinkObject(*places)
    if status:
        raise OSError(f"NtCreateSymbolicLinkObject failed with 0x{status & 0xFFFFFFFF:08x}")


def to_guest(host, pipe):
    while data := host.recv(BUFFER):
        while data:
            writing, _ = _winapi.WriteFile(pipe, data, overlapped=True)
            size, _ = writing.GetOverlappedResult(True)
            data = data[size:]


def to_host(host, pipe):
    while True:
        reading, _ = _winapi.ReadFile(pipe, BUFFER, overlapped=True)
        size, _ = reading.GetOverlappedResult(True)
        host.sendall(reading.getbuffer()[:size])


def main():
    host = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    pipe = _winapi.CreateNamedPipe(PIPE, DUPLEX | OVERLAPPED, 0, 1, BUFFER, BUFFER, 0, 0)
    link(LINK, TARGET)
    print("ready", flush=True)
    _winapi.ConnectNamedPipe(pipe, overlapped=True).GetOverlappedResult(True)
    threading.Thread(target=to_guest, args=(host, pipe), daemon=True).start()
    try:
        to_host(host, pipe)
    except OSError:
        pass  # the agent has ended


if __name__ == "__main__":
    main()
