"""Why a run streamed as it did, beside the run."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.shell.format import count
from components.shell.most_shown import at_most
from components.shell.navigation import page_path
from streaming.analysis.diagnosis.finding import Finding
from streaming.rendering.markdown_safety import safe_markdown

PITFALL_PARAM = "pitfall"
_MOST_FINDINGS = 20
_TITLE, _ANCHOR = "Why it streamed like this", "why-it-streamed-like-this"


def point_to_findings(slot: DeltaGenerator, findings: Sequence[Finding]) -> None:
    """One line that leads to the causes, which are far below what the run streamed; nothing without one."""
    if findings:
        with slot.container(key="findings_link"):
            st.markdown(f":material/troubleshoot: [{_TITLE}: {count(len(findings), 'cause')} ↓](#{_ANCHOR})")


def show_findings(findings: Sequence[Finding]) -> None:
    """Each cause with its place in the code, its cure, and a link to the page that shows it; nothing without one."""
    if not findings:
        return
    with st.container(key="diagnosis"):
        st.subheader(_TITLE, anchor=_ANCHOR)
        for number, finding in enumerate(at_most(st.container(), findings, "causes", most=_MOST_FINDINGS)):
            with st.container(border=True, gap="small", key=f"finding_{number}_{finding.cause}"):
                st.markdown(f":material/troubleshoot: {safe_markdown(finding.sentence)}")
                if finding.file is not None:
                    st.code(_place(finding), language=None, wrap_lines=True)
                st.caption(safe_markdown(finding.cure))
                st.page_link(
                    page_path("pitfalls"),
                    label="See it broken and fixed",
                    icon=":material/compare_arrows:",
                    query_params={PITFALL_PARAM: finding.cause},
                )


def _place(finding: Finding) -> str:
    """File and line; a file below the working directory by its path from there."""
    file = Path(finding.file or "")
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    return f"{shown}" if finding.line is None else f"{shown}:{finding.line}"
