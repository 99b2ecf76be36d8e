from guestwire.monitor.notify.message import Notification, stamp
from guestwire.monitor.rules.state import State


def test_a_notification(make_alert):
    notification = Notification(
        (("guest", "web"),),
        (make_alert(), make_alert("Hot", severity="critical")),
        (make_alert(state=State.RESOLVED),),
    )
    assert notification.title() == "[critical] web: Full, Hot (2)"
    assert notification.text() == "- / of web is full\n- / of web is full\n- over: / of web is full"
    data = notification.data()
    assert (data["status"], data["severity"], data["group"]) == ("firing", "critical", {"guest": "web"})
    assert data["alerts"][0]["labels"] == {
        "alertname": "Full", "guest": "web", "severity": "warning", "team": "ops", "mountpoint": "/",
    }  # fmt: skip


def test_all_over(make_alert):
    notification = Notification((), (), (make_alert(state=State.RESOLVED),))
    assert notification.title() == "[resolved] guestwire: Full"
    assert notification.data()["status"] == "resolved"


def test_a_long_list_is_cut(make_alert):
    alerts = tuple(make_alert(f"R{n}") for n in range(50))
    text = Notification((), alerts, ()).text()
    assert text.count("\n") == 20
    assert text.endswith("- and 30 more")
    assert Notification((), alerts, ()).title().endswith("R3, … (50)")


def test_stamp():
    assert stamp(1_700_006_400.5) == "2023-11-15T00:00:00.500Z"
