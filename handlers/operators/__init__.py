"""The desk of the operators: their commands, the buttons of their cards, and the words that they are asked for."""
