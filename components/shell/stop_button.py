"""A button that stops something, however early it is clicked."""

from collections.abc import Callable

from streamlit.delta_generator import DeltaGenerator


def offer_stop(slot: DeltaGenerator, label: str, *, key: str, stop: Callable[[], None]) -> None:
    """Draw the button; a click calls `stop`, which may be called twice.

    Streamlit calls a callback before the script runs again, but forgets it if the click interrupts a script run that
    has not drawn the button yet; then only the button's value tells of the click.
    """
    if slot.button(label, icon=":material/stop:", key=key, on_click=stop):
        stop()
