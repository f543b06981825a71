"""What OpenTelemetry exporters send over HTTP (OTLP): metrics and traces."""

from bot.adapters.signals.otlp.exported import Exported, read_metrics, read_traces
from bot.adapters.signals.otlp.pieces import Form

__all__ = ["Exported", "Form", "read_metrics", "read_traces"]
