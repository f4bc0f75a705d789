"""What surrounds every page, as a script: login and navigation."""

from streamlit.testing.v1 import AppTest

from tests.support.app_test import APP, opened
from tests.support.services import Configure


def test_with_login_no_page_is_shown_before_it(configure: Configure) -> None:
    configure(login="true")
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert [button.label for button in app.button] == ["Log in"]
    assert not app.page_link
    page = opened("messages", autorun="1")
    assert [button.label for button in page.button] == ["Log in"], "nor does a page that is opened past the door"
    assert "run" not in page.query_params
