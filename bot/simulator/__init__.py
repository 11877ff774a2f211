"""The world outside, on loopback: what the assistant talks to in the demo and in tests, never part of the product."""
