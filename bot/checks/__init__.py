"""Whether an installation can do its work: each check looks at one thing, and says what it saw and what to do."""
