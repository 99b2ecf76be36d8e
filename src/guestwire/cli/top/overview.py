"""The first screen: one line a guest."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Input, Static

from guestwire.cli.top.cells import Column, arranged, columns_for, state_of

if TYPE_CHECKING:
    from rich.text import Text
    from textual.app import ComposeResult

    from guestwire.web.shapes import Row

_DESCENDING = ("cpu", "memory", "filesystem", "network", "alerts", "load", "uptime")


class Overview(Screen[None]):
    """`show(rows)` gives it all guests; it keeps order, filter, cursor and what was on the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "order('name')", "Name"),
        Binding("s", "order('state')", "State", show=False),
        Binding("c", "order('cpu')", "CPU"),
        Binding("m", "order('memory')", "Memory"),
        Binding("f", "order('filesystem')", "Fullest"),
        Binding("w", "order('network')", "Network", show=False),
        Binding("a", "order('alerts')", "Alerts"),
        Binding("r", "turn", "Reverse", show=False),
        Binding("slash", "search", "Search", key_display="/"),
        Binding("escape", "all", "All", show=False),
        Binding("q", "app.quit", "Quit"),
    ]
    CSS = """
    Overview { layout: vertical; }
    #said { height: 1; background: $panel; padding: 0 1; }
    #words { display: none; height: 1; border: none; padding: 0 1; }
    #words.open { display: block; }
    #guests { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._said = "asking the daemon …"
        self._order = "alerts"
        self._descending = True
        self._words = ""
        self._shown: list[str] = []
        self._columns: tuple[Column, ...] = ()

    def compose(self) -> ComposeResult:
        """A line of totals, the table, the line to search in, the keys."""
        yield Static(self._said, id="said", markup=False)
        yield DataTable(id="guests", cursor_type="row", cell_padding=0, zebra_stripes=True)
        yield Input(placeholder="name, state, system, address, label=value", id="words", compact=True)
        yield Footer()

    def on_mount(self) -> None:
        """The table gets the keys."""
        self.table.focus()
        self._draw()

    def on_resize(self) -> None:
        """Another width, other columns."""
        self._draw()

    @property
    def table(self) -> DataTable[Text]:
        """The table of guests."""
        return self.query_one("#guests", DataTable)

    def show(self, rows: list[Row]) -> None:
        """Take the guests as they are now."""
        self._rows = rows
        up = sum(row.up is True for row in rows)
        critical = sum(row.alerts.critical for row in rows)
        warning = sum(row.alerts.warning for row in rows)
        ill = sum(state_of(row) not in ("up", "off", "paused") for row in rows)
        self.say(
            f"{len(rows)} guests, {up} up, {ill} in trouble; alerts: {critical} critical, {warning} warning"
        )
        self._draw()

    def say(self, text: str) -> None:
        """Exchange the line at the top."""
        self._said = text
        if self.is_mounted:
            self.query_one("#said", Static).update(text)

    def action_order(self, key: str) -> None:
        """Sort by a column; again for the other way round."""
        if key == self._order:
            self._descending = not self._descending
        else:
            self._order, self._descending = key, key in _DESCENDING
        self._draw()

    def action_turn(self) -> None:
        """The other way round."""
        self.action_order(self._order)

    def action_search(self) -> None:
        """Open the line to search in."""
        words = self.query_one("#words", Input)
        words.add_class("open")
        words.focus()

    def action_all(self) -> None:
        """Show all guests again."""
        words = self.query_one("#words", Input)
        words.value = ""
        words.remove_class("open")
        self.table.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while it is typed."""
        self._words = event.value
        self._draw()

    def on_input_submitted(self) -> None:
        """Back to the table, which stays as it was searched."""
        self.table.focus()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter opens the guest's page."""
        identity = event.row_key.value
        row = next((row for row in self._rows if row.id == identity), None)
        if row is not None:
            self.app.open_guest(row)  # type: ignore[attr-defined]

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        columns = columns_for(self.app.size.width)
        if columns != self._columns:
            self._columns = columns
            self._shown = []
            self.table.clear(columns=True)
            for column in columns:
                self.table.add_column(column.title, width=column.width, key=column.key)
        order = next((column for column in columns if column.key == self._order), columns[0])
        rows = arranged(self._rows, order, self._descending, self._words)
        if [row.id for row in rows] == self._shown:
            self._renew(rows)
        else:
            self._fill(rows)

    def _renew(self, rows: list[Row]) -> None:
        """The same guests in the same order: only cells that differ are drawn."""
        for row in rows:
            for column in self._columns:
                cell = column.cell(row)
                if self.table.get_cell(row.id, column.key) != cell:
                    self.table.update_cell(row.id, column.key, cell)

    def _fill(self, rows: list[Row]) -> None:
        table, at = self.table, self.table.cursor_row
        chosen = self._shown[at] if at < len(self._shown) else None
        self._shown = [row.id for row in rows]
        place = table.scroll_y
        table.clear()
        for row in rows:
            table.add_row(*(column.cell(row) for column in self._columns), key=row.id)
        if chosen in self._shown:
            table.move_cursor(row=self._shown.index(chosen), animate=False, scroll=False)
        table.scroll_to(y=place, animate=False)
