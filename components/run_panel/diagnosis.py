"""Why a run streamed as it did, beside the run."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from components.shell.most_shown import at_most
from components.shell.navigation import page_path
from streaming.analysis.diagnosis.finding import Finding
from streaming.rendering.markdown_safety import safe_markdown

PITFALL_PARAM = "pitfall"
_MOST_FINDINGS = 20


def show_findings(findings: Sequence[Finding]) -> None:
    """Each cause with its place in the code, its cure, and a link to the page that shows it; nothing without one."""
    if not findings:
        return
    with st.container(key="diagnosis"):
        st.subheader("Why it streamed like this", anchor=False)
        for number, finding in enumerate(at_most(st.container(), findings, "causes", most=_MOST_FINDINGS)):
            with st.container(border=True, gap="small", key=f"finding_{number}_{finding.cause}"):
                st.markdown(f":material/troubleshoot: {safe_markdown(finding.sentence)}")
                if finding.file is not None:
                    st.code(_place(finding), language=None, wrap_lines=True)
                st.caption(safe_markdown(finding.cure))
                st.page_link(
                    page_path("pitfalls"),
                    label="Broken and mended",
                    icon=":material/compare_arrows:",
                    query_params={PITFALL_PARAM: finding.cause},
                )


def _place(finding: Finding) -> str:
    """File and line; a file below the working directory by its path from there."""
    file = Path(finding.file or "")
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    return f"{shown}" if finding.line is None else f"{shown}:{finding.line}"
