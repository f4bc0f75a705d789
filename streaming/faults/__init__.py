"""A provider that breaks on purpose: a real OpenAI-compatible server, and the list of what it can do wrong."""

from streaming.faults.catalogue import FAULTS, RESULTS, Fault, Result, When
from streaming.faults.plan import Plan
from streaming.faults.server import Deed, Endpoint, FaultServer, fault_server

__all__ = [
    "FAULTS",
    "RESULTS",
    "Deed",
    "Endpoint",
    "Fault",
    "FaultServer",
    "Plan",
    "Result",
    "When",
    "fault_server",
]
