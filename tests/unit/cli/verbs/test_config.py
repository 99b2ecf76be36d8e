import json


def test_a_good_file(run, tmp_path):
    file = tmp_path / "g.toml"
    file.write_text('interval = 5\n[guests]\nweb = "unix:/run/web"\n')
    result = run("config", "check", "--config", str(file))
    assert result.status == 0
    assert "all is well: 1 guests listed" in result.out


def test_a_mistake_is_status_2_and_one_line(run, tmp_path):
    file = tmp_path / "g.toml"
    for text, says in (
        ("intervall = 5\n", "did you mean 'interval'?"),
        ('listen = "0.0.0.0:1"\n', "set a token"),
        ('rules = ["/no/such.toml"]\n', "cannot read the rules"),
        ('[notify]\nwebhooks = ["ftp://x"]\n', "no address to send to"),
    ):
        file.write_text(text)
        result = run("config", "check", "--config", str(file))
        assert result.status == 2
        assert says in result.err
        assert result.err.count("\n") == 1


def test_for_programs(run, tmp_path):
    file = tmp_path / "g.toml"
    file.write_text('[guests]\nweb = "unix:/run/web"\n')
    told = json.loads(run("config", "check", "--config", str(file), "--json").out)
    assert (told["file"], told["guests"], told["listen"]) == (str(file), 1, "127.0.0.1:8790")
