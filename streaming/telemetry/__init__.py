"""What operators see: one log line a run, traces and metrics. Nothing of it holds a prompt, an answer or a key."""

from streaming.telemetry.hub import Telemetry, observe, telemetry

__all__ = ["Telemetry", "observe", "telemetry"]
