"""The chat: updates become typed requests to use cases, and typed results become screens. Nothing is sent from here."""
