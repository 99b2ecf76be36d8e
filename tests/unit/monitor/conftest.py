import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


class Sink:
    """An HTTP server that keeps what is posted and answers what it is told."""

    def __init__(self):
        self.posts = []
        self.status, self.headers, self.text = 200, {}, "ok"
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.posts.append((self.path, dict(self.headers), body))
                self.send_response(sink.status)
                for key, value in sink.headers.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(sink.text.encode())

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.close()
