from dataclasses import replace

from guestwire.monitor.targets import GuestState, Target, Targets


def test_guests_come_change_and_go():
    web, db = Target("u1", "web", "unix:/a"), Target("u2", "db", "unix:/b")
    targets = Targets()
    change = targets.update([web, db])
    assert (change.added, change.changed, change.removed) == ((web, db), (), ())
    renamed = replace(web, name="www")
    change = targets.update([renamed])
    assert (change.added, change.changed, change.removed) == ((), (renamed,), (db,))
    paused = replace(renamed, state=GuestState.PAUSED)
    assert targets.update([paused, web]).changed == (paused,)
    assert targets.known == {"u1": paused}
    assert targets.update([paused]).changed == ()
