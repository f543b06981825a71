"""What OpenTelemetry exporters send over HTTP (OTLP): metrics and traces."""

from bot.adapters.signals.otlp.exported import Exported, Form, read_metrics, read_traces

__all__ = ["Exported", "Form", "read_metrics", "read_traces"]
