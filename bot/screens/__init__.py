"""Cards: what a use case returned becomes text, buttons and pictures. Pure: no bot, no database, no clock of its own."""
