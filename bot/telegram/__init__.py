"""The Telegram transport: receiving through the inbox, sending from the outbox, and nothing of the product."""
