"""The Telegram transport: receiving updates through the inbox, sending notices from the outbox, and nothing of the product."""
