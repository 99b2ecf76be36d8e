import socket

import pytest

from guestwire.errors import ConfigError
from guestwire.monitor.post import Answer, PostError, check_url, post


def test_a_post(sink):
    sink.status, sink.headers, sink.text = 429, {"Retry-After": "7"}, " busy " * 5000
    answer = post(sink.url + "/a?b=c", b"body", {"X-Mine": "1"})
    assert (answer.status, answer.retry_after, len(answer.text) <= 4096) == (429, 7.0, True)
    ((path, headers, body),) = sink.posts
    assert (path, body, headers["X-Mine"], headers["User-Agent"]) == ("/a?b=c", b"body", "1", "guestwire")


def test_nobody_there():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(PostError, match=r"^127\.0\.0\.1: "):
            post(url, b"", {})
        with pytest.raises(PostError):
            post(url.replace("http:", "https:"), b"", {})


@pytest.mark.parametrize(
    ("status", "ok", "retry"), [(204, 1, 0), (302, 0, 0), (400, 0, 0), (408, 0, 1), (503, 0, 1)]
)
def test_answers(status, ok, retry):
    answer = Answer(status, None, "")
    assert (answer.ok, answer.worth_retrying) == (bool(ok), bool(retry))


@pytest.mark.parametrize("url", ["", "ftp://x/", "http://", "http://x:99999/", "http://x/ y", "x:9090"])
def test_what_is_no_address(url):
    with pytest.raises(ConfigError, match="no address to send to"):
        check_url(url)
