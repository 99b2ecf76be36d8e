from guestwire.daemon import __main__ as entry
from guestwire.errors import StartError


def test_check_says_what_is_wrong_in_a_line(tmp_path, capsys):
    file = tmp_path / "g.toml"
    file.write_text("intervall = 5\n")
    assert entry.main(["--config", str(file), "--check"]) == 2
    assert "did you mean 'interval'?" in capsys.readouterr().err
    file.write_text("interval = 5\n")
    assert entry.main(["--config", str(file), "--check"]) == 0


def test_what_is_said_reaches_the_daemon(monkeypatch, capsys):
    served = []
    monkeypatch.setattr(entry, "serve", served.append)
    assert entry.main(["--guest", "a=unix:/a", "--no-discover", "--interval", "2"]) == 0
    assert (served[0].guests, served[0].discover, served[0].interval) == (("a=unix:/a",), False, 2.0)

    def taken(choices):
        raise StartError("the port is taken")

    monkeypatch.setattr(entry, "serve", taken)
    assert entry.main([]) == 1
    assert capsys.readouterr().err == "guestwire: the port is taken\n"
