"""What arrives over HTTP: callbacks, webhooks, health. Everything is limited, and nothing is trusted."""
