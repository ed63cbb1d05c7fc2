"""A name server for one name, whose address changes: as Docker's, when a container is
created anew."""

import socket
import struct
import threading

A_RECORD, INTERNET = 1, 1
#: Docker says that an address holds for ten minutes, also when it does not
TTL = 600


class NameServer:
    """Answers every question with ``address``; a context manager."""

    def __init__(self, address):
        self.address = address
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        # wakes the thread, with what is no question
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            question, sender = self._socket.recvfrom(512)
            if not question:
                return
            self._socket.sendto(self._answer(question), sender)

    def _answer(self, question):
        # id, "an answer, no error", one question, one answer; the question; the answer
        # names it by its place (12)
        head = question[:2] + struct.pack(">5H", 0x8180, 1, 1, 0, 0)
        record = struct.pack(">3HIH", 0xC00C, A_RECORD, INTERNET, TTL, 4)
        return head + question[12:] + record + socket.inet_aton(self.address)
