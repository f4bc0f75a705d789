"""What every page has around its content: navigation, login, session, URL, formats."""
