"""The frame of every page: navigation, login, session, URL, formats."""
