"""A script as a Jupyter notebook (nbformat 4.5)."""

import json

_START = "asyncio.run(main())"


def notebook_of(script: str, *, title: str) -> str:
    """The notebook as JSON; a notebook has an event loop already, so the script's last line becomes an `await`."""
    code = script.replace(f"\n{_START}", "\nawait main()")
    cells = [
        {"id": "about", "cell_type": "markdown", "metadata": {}, "source": title},
        {"id": "code", "cell_type": "code", "metadata": {}, "source": code, "execution_count": None, "outputs": []},
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}, indent=1)
