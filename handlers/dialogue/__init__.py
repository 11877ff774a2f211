"""The dialogue engine: forms made of questions, pure and small. What a conversation has come to is data, not code."""
