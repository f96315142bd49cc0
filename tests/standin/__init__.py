"""A stand-in for a language model: an OpenAI-compatible loopback server, and a mind that knows only its prompt."""

from .chat import Call, ChatReply, ChatRequest, count_tokens
from .server import StandInServer
from .weather import NO_FAULTS, NO_LATENCY, Allowance, Fault, Faults, Latency

__all__ = [
    "NO_FAULTS",
    "NO_LATENCY",
    "Allowance",
    "Call",
    "ChatReply",
    "ChatRequest",
    "Fault",
    "Faults",
    "Latency",
    "StandInServer",
    "count_tokens",
]
